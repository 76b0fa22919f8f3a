// The emulator, users, clients and one assertion that several of the peer tests need.

import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { after, before } from "node:test";

import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from "@aws-sdk/client-cognito-identity-provider";

import { DEFAULT_POOL, start } from "../support/emulator.mjs";

// It warns that a later version of it will not run on Node.js 20; this one is pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Meets the default policy: eight characters, upper, lower, number, symbol. */
export const PASSWORD = "Correct-Horse-1";

/** Declares the hooks of a test file: one emulator, and an AWS SDK on it. The returned object is filled before the first test. */
export function setStage() {
  const stage = {};
  before(async () => {
    stage.emulator = await start();
    stage.sdk = awsSdk(stage.emulator.url);
  });
  after(async () => {
    stage.sdk?.destroy();
    await stage.emulator?.close();
  });
  return stage;
}

/** A name that no other test uses, so that the tests of one file can share an emulator. */
export function someone() {
  const id = randomUUID().slice(0, 8);
  return { username: `user-${id}`, email: `user-${id}@example.com` };
}

/** The AWS SDK, pointed at the emulator. Its signature is made with keys that mean nothing. */
export function awsSdk(url) {
  return new CognitoIdentityProviderClient({
    endpoint: url,
    region: DEFAULT_POOL.region,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "not-a-secret" },
  });
}

/** A confirmed user with a verified address and PASSWORD, made by an administrator. */
export async function confirmedUser(sdk, userPoolId = DEFAULT_POOL.userPoolId) {
  const person = someone();
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: person.username,
      MessageAction: "SUPPRESS",
      UserAttributes: [
        { Name: "email", Value: person.email },
        { Name: "email_verified", Value: "true" },
      ],
    }),
  );
  await sdk.send(
    new AdminSetUserPasswordCommand({
      UserPoolId: userPoolId,
      Username: person.username,
      Password: PASSWORD,
      Permanent: true,
    }),
  );
  return person;
}

/** A user whom an administrator invited: signs in once with a temporary password, then must choose one. */
export async function invitedUser(sdk, temporaryPassword, userPoolId = DEFAULT_POOL.userPoolId) {
  const person = someone();
  await sdk.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: person.username,
      TemporaryPassword: temporaryPassword,
      DesiredDeliveryMediums: ["EMAIL"],
      UserAttributes: [
        { Name: "email", Value: person.email },
        { Name: "email_verified", Value: "true" },
      ],
    }),
  );
  return person;
}

/** SECRET_HASH: which client is asking, for which user, provably. */
export function secretHash(username, clientId, clientSecret) {
  return createHmac("sha256", clientSecret)
    .update(username + clientId)
    .digest("base64");
}

/** The promise rejects with an error that has these properties. */
export async function refused(promise, expected) {
  await assert.rejects(promise, (error) => {
    for (const [key, value] of Object.entries(expected)) assert.equal(error[key], value, `${key} of ${error}`);
    return true;
  });
}
