// An app client with a secret, driven by the AWS SDK: no browser library may hold one.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import {
  ConfirmSignUpCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  NotAuthorizedException,
  RespondToAuthChallengeCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { AuthenticationHelper, DateHelper } from "amazon-cognito-identity-js";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { call } from "./identity-js.mjs";
import { confirmedUser, PASSWORD, refused, secretHash, setStage, someone } from "./people.mjs";

const { userPoolId: UserPoolId, secretClientId, clientSecret } = DEFAULT_POOL;

const stage = setStage();

test("a client with a secret wants SECRET_HASH on every operation, and the right one", async () => {
  const { username, email } = someone();
  const SecretHash = secretHash(username, secretClientId, clientSecret);
  const signUpInput = {
    ClientId: secretClientId,
    Username: username,
    Password: PASSWORD,
    UserAttributes: [{ Name: "email", Value: email }],
  };
  await assert.rejects(stage.sdk.send(new SignUpCommand(signUpInput)), NotAuthorizedException);
  await refused(
    stage.sdk.send(new SignUpCommand({ ...signUpInput, SecretHash: secretHash(username, secretClientId, "no") })),
    {
      name: "NotAuthorizedException",
      message: `Unable to verify secret hash for client ${secretClientId}`,
    },
  );
  await stage.sdk.send(new SignUpCommand({ ...signUpInput, SecretHash }));
  const ConfirmationCode = await stage.emulator.code(username);
  await stage.sdk.send(
    new ConfirmSignUpCommand({ ClientId: secretClientId, Username: username, ConfirmationCode, SecretHash }),
  );

  const signInWith = (parameters) =>
    stage.sdk.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: secretClientId,
        AuthParameters: { USERNAME: username, PASSWORD, ...parameters },
      }),
    );
  await refused(signInWith({}), {
    name: "NotAuthorizedException",
    message: `Client ${secretClientId} is configured with secret but SECRET_HASH was not received`,
  });
  const { AuthenticationResult } = await signInWith({ SECRET_HASH: SecretHash });

  const { AuthenticationResult: refreshed } = await stage.sdk.send(
    new GetTokensFromRefreshTokenCommand({
      ClientId: secretClientId,
      ClientSecret: clientSecret,
      RefreshToken: AuthenticationResult.RefreshToken,
    }),
  );
  assert.ok(refreshed.AccessToken);
  await stage.sdk.send(
    new RevokeTokenCommand({
      ClientId: secretClientId,
      ClientSecret: clientSecret,
      Token: AuthenticationResult.RefreshToken,
    }),
  );
});

test("SECRET_HASH is over the user's name, in SRP too", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const SECRET_HASH = secretHash(username, secretClientId, clientSecret);
  const srp = new AuthenticationHelper(UserPoolId.split("_")[1]);
  const A = await call(srp, "getLargeAValue");
  const challenge = await stage.sdk.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_SRP_AUTH",
      ClientId: secretClientId,
      AuthParameters: { USERNAME: username, SRP_A: A.toString(16), SECRET_HASH },
    }),
  );
  assert.equal(challenge.ChallengeName, "PASSWORD_VERIFIER");
  const { USER_ID_FOR_SRP, SRP_B, SALT, SECRET_BLOCK } = challenge.ChallengeParameters;
  const BigInteger = A.constructor;
  const key = await call(
    srp,
    "getPasswordAuthenticationKey",
    USER_ID_FOR_SRP,
    PASSWORD,
    new BigInteger(SRP_B, 16),
    new BigInteger(SALT, 16),
  );
  const TIMESTAMP = new DateHelper().getNowString();
  const PASSWORD_CLAIM_SIGNATURE = createHmac("sha256", key)
    .update(UserPoolId.split("_")[1] + USER_ID_FOR_SRP)
    .update(Buffer.from(SECRET_BLOCK, "base64"))
    .update(TIMESTAMP)
    .digest("base64");
  const answer = (extra) =>
    stage.sdk.send(
      new RespondToAuthChallengeCommand({
        ChallengeName: "PASSWORD_VERIFIER",
        ClientId: secretClientId,
        ChallengeResponses: {
          USERNAME: USER_ID_FOR_SRP,
          PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
          TIMESTAMP,
          PASSWORD_CLAIM_SIGNATURE,
          ...extra,
        },
      }),
    );
  await assert.rejects(answer({}), NotAuthorizedException);
  const { AuthenticationResult } = await answer({
    SECRET_HASH: secretHash(USER_ID_FOR_SRP, secretClientId, clientSecret),
  });
  assert.ok(AuthenticationResult.AccessToken);
});
