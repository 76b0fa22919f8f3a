// An app client with a secret, from sign-up to sign-out: the service refuses each of these calls without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { createPool, openAccount, wrong } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const password = "Correct-horse-7";
const stage = setStage();

/** Operations since the last look, with what each came to. */
async function asked() {
  const requests = await stage.emulator.requests();
  await stage.emulator.clearRequests();
  return requests.map(({ operation, outcome }) => [operation, outcome]);
}

test("with the client's secret a user signs up, answers a challenge, gets new tokens, and has the old ones revoked", async () => {
  const { userPoolId: PoolId, secretClientId: AppClientId, clientSecret: AppClientSecret } = DEFAULT_POOL;
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["EMAIL_OTP"] });
  const account = await openAccount(stage, { userPool: { PoolId, AppClientId, AppClientSecret } });
  const carol = { username: "carol", password };
  await account.ok("signUp", { ...carol, userAttributes: { email: "carol@example.com" } });
  await account.ok("resendSignUpCode", { username: "carol" });
  await account.ok("confirmSignUp", { username: "carol", confirmationCode: await stage.emulator.code("carol") });
  await account.signIn(carol);
  await account.ok("updateMFAPreference", { email: "enabled" });
  await stage.emulator.clearRequests();
  await account.ok("signOut");
  assert.deepEqual(await asked(), [["RevokeToken", "ok"]]);

  assert.equal((await account.ok("signIn", carol)).signInState, "emailOTP");
  const code = await stage.emulator.code("carol");
  assert.equal(await account.code("confirmSignIn", { challengeResponse: wrong(code) }), "codeMismatch");
  assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: code }), { signInState: "signedIn" });
  await stage.emulator.clearRequests();
  await account.ok("getTokens", { forceRefresh: true });
  await account.ok("signOut");
  assert.deepEqual(await asked(), [["GetTokensFromRefreshToken", "ok"], ["RevokeToken", "ok"]]);
});

test("who typed an alias answers under the name that the pool knows, and the hash is of that", async () => {
  const userPool = await createPool(stage, { AliasAttributes: ["email"] }, { GenerateSecret: true });
  const UserAttributes = [
    { Name: "email", Value: "bob@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  const bob = { UserPoolId: userPool.PoolId, Username: "bob", TemporaryPassword: password, MessageAction: "SUPPRESS", UserAttributes };
  await stage.emulator.admin("AdminCreateUser", bob);
  const account = await openAccount(stage, { userPool });
  assert.equal((await account.ok("signIn", { username: "bob@example.com", password })).signInState, "newPasswordRequired");
  assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: "Better-horse-8" }), { signInState: "signedIn" });
  assert.equal(await account.claim("cognito:username"), "bob");
});
