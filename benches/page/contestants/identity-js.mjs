// amazon-cognito-identity-js: the calls CognitoUser.authenticateUser makes, without its requests.

import { Sha256 } from "@aws-crypto/sha256-js";
import AuthenticationHelper from "amazon-cognito-identity-js/es/AuthenticationHelper.js";
import BigInteger from "amazon-cognito-identity-js/es/BigInteger.js";
import { Buffer } from "buffer";

export async function begin(poolName) {
  const helper = new AuthenticationHelper(poolName);
  const srpA = await new Promise((resolve, reject) =>
    helper.getLargeAValue((error, A) => (error ? reject(error) : resolve(A.toString(16)))),
  );
  return {
    srpA,
    async prove({ userId, password, salt, srpB, secretBlock, timestamp }) {
      const key = await new Promise((resolve, reject) =>
        helper.getPasswordAuthenticationKey(
          userId,
          password,
          new BigInteger(srpB, 16),
          new BigInteger(salt, 16),
          (error, result) => (error ? reject(error) : resolve(result)),
        ),
      );
      const hmac = new Sha256(key);
      hmac.update(
        Buffer.concat([
          Buffer.from(poolName, "utf8"),
          Buffer.from(userId, "utf8"),
          Buffer.from(secretBlock, "base64"),
          Buffer.from(timestamp, "utf8"),
        ]),
      );
      return Buffer.from(hmac.digestSync()).toString("base64");
    },
  };
}
