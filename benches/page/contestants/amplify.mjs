// @aws-amplify/auth: the internal helpers its signIn() is made of. The package does not export them, hence the paths.

import BigInteger from "../../../node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp/BigInteger/BigInteger.mjs";
import { getAuthenticationHelper } from "../../../node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp/getAuthenticationHelper.mjs";
import { getSignatureString } from "../../../node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp/getSignatureString.mjs";

export async function begin(poolName) {
  const helper = await getAuthenticationHelper(poolName);
  return {
    srpA: helper.A.toString(16),
    async prove({ userId, password, salt, srpB, secretBlock, timestamp }) {
      const hkdf = await helper.getPasswordAuthenticationKey({
        username: userId,
        password,
        serverBValue: new BigInteger(srpB, 16),
        salt: new BigInteger(salt, 16),
      });
      return getSignatureString({
        username: userId,
        userPoolName: poolName,
        challengeParameters: { SECRET_BLOCK: secretBlock },
        dateNow: timestamp,
        hkdf,
      });
    },
  };
}
