// What the service is sent beside names and passwords. Most of it is read from the requests; that a client's secret goes along
// is seen by the service not refusing.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, createPool, openAccount, wrong } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

test("a step-up tells the service how strong and how recent the sign-in must be", async () => {
  const sent = await account.listen();
  const targetAcrValues = ["urn:cognito:loa:4", "urn:cognito:loa:3"];
  const asked = await account.ok("signIn", {
    username,
    password,
    preferredChallenge: "PASSWORD_SRP",
    targetAcrValues,
    maxAge: 300,
  });
  assert.deepEqual(asked, { signInState: "signedIn" });
  const [{ operation, body }] = await sent();
  assert.deepEqual([operation, body.AuthFlow], ["InitiateAuth", "USER_AUTH"]);
  assert.equal(body.AuthParameters.TARGET_ACR_VALUES, "urn:cognito:loa:4 urn:cognito:loa:3");
  assert.equal(body.AuthParameters.MAX_AGE, "300");
});

/** Every call about a user by name, and those that follow from it. */
async function visit() {
  const carol = { username: "carol", password };
  await account.ok("signUp", { ...carol, userAttributes: { email: "carol@example.com" } });
  await account.ok("resendSignUpCode", { username: "carol" });
  await account.ok("confirmSignUp", { username: "carol", confirmationCode: await stage.emulator.code("carol") });
  await account.ok("forgotPassword", { username: "carol" });
  const confirmationCode = await stage.emulator.code("carol");
  await account.ok("confirmForgotPassword", { username: "carol", newPassword: "Better-horse-8", confirmationCode });
  await account.signIn(alice);
}

const ABOUT_USERS = [
  "SignUp",
  "ResendConfirmationCode",
  "ConfirmSignUp",
  "ForgotPassword",
  "ConfirmForgotPassword",
  "InitiateAuth",
  "RespondToAuthChallenge",
];

test("where the page has the script for threat protection its data go with every call about a user by name", async () => {
  await stage.browser.execute(() => {
    window.AmazonCognitoAdvancedSecurityData = { getData: (...about) => `data about ${about.join(", ")}` };
  });
  const sent = await account.listen();
  await visit();
  const { userPoolId, clientId } = DEFAULT_POOL;
  const data = (await sent()).map(({ operation, body }) => [operation, body.UserContextData?.EncodedData]);
  const about = (name) => `data about ${name}, ${userPoolId}, ${clientId}`;
  assert.deepEqual(
    data,
    ABOUT_USERS.map((operation) => [operation, about(/Auth/.test(operation) ? "alice" : "carol")]),
  );
});

test("where it has not, no call says anything of the browser", async () => {
  const sent = await account.listen();
  await visit();
  const all = await sent();
  assert.deepEqual(
    all.map(({ operation }) => operation),
    ABOUT_USERS,
  );
  for (const { operation, body } of all) assert.equal("UserContextData" in body, false, operation);
});

/** Operations since the last look, with what each came to. */
async function asked() {
  const requests = await stage.emulator.requests();
  await stage.emulator.clearRequests();
  return requests.map(({ operation, outcome }) => [operation, outcome]);
}

test("with the client's secret a user signs up, answers a challenge, gets new tokens, and has the old ones revoked", async () => {
  const { userPoolId: PoolId, secretClientId: AppClientId, clientSecret: AppClientSecret } = DEFAULT_POOL;
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["EMAIL_OTP"] });
  account = await openAccount(stage, { userPool: { PoolId, AppClientId, AppClientSecret } });
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
  assert.deepEqual(await asked(), [
    ["GetTokensFromRefreshToken", "ok"],
    ["RevokeToken", "ok"],
  ]);
});

test("who typed an alias answers under the name that the pool knows, and the hash is of that", async () => {
  const userPool = await createPool(stage, { AliasAttributes: ["email"] }, { GenerateSecret: true });
  const UserAttributes = [
    { Name: "email", Value: "bob@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  const bob = {
    UserPoolId: userPool.PoolId,
    Username: "bob",
    TemporaryPassword: password,
    MessageAction: "SUPPRESS",
    UserAttributes,
  };
  await stage.emulator.admin("AdminCreateUser", bob);
  account = await openAccount(stage, { userPool });
  assert.equal(
    (await account.ok("signIn", { username: "bob@example.com", password })).signInState,
    "newPasswordRequired",
  );
  assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: "Better-horse-8" }), {
    signInState: "signedIn",
  });
  assert.equal(await account.claim("cognito:username"), "bob");
});
