// The beginning of an account, passwords, attributes, sessions and its end, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, createPool, openAccount, wrong } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

/** Another device of alice's. */
async function signInElsewhere(password = alice.password) {
  const AuthParameters = { USERNAME: alice.username, PASSWORD: password };
  const request = { ClientId: DEFAULT_POOL.clientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters };
  return (await stage.emulator.admin("InitiateAuth", request)).AuthenticationResult;
}

/** A sign-up and the answer that confirms it. */
async function signUp(username, attributes = {}) {
  await account.ok("signUp", {
    username,
    password: alice.password,
    userAttributes: { email: "shared@example.com", ...attributes },
  });
  return { username, confirmationCode: await stage.emulator.code(username) };
}

test("attributes of the pool's own making are those that the user has from then on", async () => {
  const Schema = [{ Name: "plan", AttributeDataType: "String", Mutable: true }];
  account = await openAccount(stage, {
    userPool: await createPool(stage, { AutoVerifiedAttributes: ["email"], Schema }),
  });
  await account.ok("confirmSignUp", await signUp("carol", { "custom:plan": "gold" }));
  await account.signIn({ username: "carol", password: alice.password });
  assert.equal((await account.ok("getUserAttributes"))["custom:plan"], "gold");
  assert.equal(await account.claim("custom:plan"), "gold");
});

test("an alias that another user has is refused, unless it is to move to the new one", async () => {
  const userPool = await createPool(stage, { AutoVerifiedAttributes: ["email"], AliasAttributes: ["email"] });
  account = await openAccount(stage, { userPool });
  await account.ok("confirmSignUp", await signUp("carol"));
  const dave = await signUp("dave");
  assert.equal(await account.code("confirmSignUp", dave), "aliasExists");
  await account.ok("confirmSignUp", { ...dave, forceAliasCreation: true });
  await account.signIn({ username: "shared@example.com", password: alice.password });
  assert.equal(await account.claim("cognito:username"), "dave");
});

test("a forgotten password is set anew by the code that was sent", async () => {
  const { emulator } = stage;
  const { forgotPasswordState, codeDeliveryDetails } = await account.ok("forgotPassword", { username: "alice" });
  assert.equal(forgotPasswordState, "confirmationCodeSent");
  assert.equal(codeDeliveryDetails.deliveryMedium, "email");
  assert.match(codeDeliveryDetails.destination, /^a\*+@e\*+/);
  const confirmationCode = await emulator.code("alice");
  const answer = { username: "alice", newPassword: "Better-horse-8", confirmationCode };
  assert.equal(
    await account.code("confirmForgotPassword", { ...answer, confirmationCode: wrong(confirmationCode) }),
    "codeMismatch",
  );
  assert.equal(await account.code("confirmForgotPassword", { ...answer, newPassword: "weak" }), "invalidPassword");
  assert.deepEqual(await account.ok("confirmForgotPassword", answer), { forgotPasswordState: "done" });
  assert.equal(await account.code("signIn", { username: "alice", password: alice.password }), "notAuthorized");
  await account.signIn({ ...alice, password: "Better-horse-8" });
});

test("a code that is too old is refused as such", async () => {
  const { emulator } = stage;
  await account.ok("forgotPassword", { username: "alice" });
  const confirmationCode = await emulator.code("alice");
  await emulator.advance(25 * 3600);
  const answer = { username: "alice", newPassword: "Better-horse-8", confirmationCode };
  assert.equal(await account.code("confirmForgotPassword", answer), "expiredCode");
});

test("a password is changed with the current one", async () => {
  await account.signIn(alice);
  const change = { currentPassword: alice.password, proposedPassword: "Better-horse-8" };
  assert.equal(await account.code("changePassword", { ...change, currentPassword: "Wrong-horse-7" }), "notAuthorized");
  assert.equal(await account.code("changePassword", { ...change, proposedPassword: "weak" }), "invalidPassword");
  assert.equal(await account.ok("changePassword", change), null);
  await account.ok("signOut");
  await account.signIn({ ...alice, password: "Better-horse-8" });
});

test("attributes are read, changed and removed, and the tokens say so at once", async () => {
  await account.signIn(alice);
  assert.equal((await account.ok("getUserAttributes")).email, alice.email);
  assert.deepEqual(await account.ok("updateUserAttributes", { userAttributes: { nickname: "Al" } }), []);
  assert.equal((await account.ok("getUserAttributes")).nickname, "Al");
  assert.equal(await account.claim("nickname"), "Al");
  assert.equal(await account.ok("deleteUserAttributes", { userAttributeNames: ["nickname"] }), null);
  assert.equal((await account.ok("getUserAttributes")).nickname, undefined);
  assert.equal(await account.claim("nickname"), undefined);
});

test("a new address is verified by the code that was sent to it", async () => {
  const { emulator } = stage;
  await account.signIn(alice);
  const [details] = await account.ok("updateUserAttributes", { userAttributes: { email: "al@example.org" } });
  assert.equal(details.attributeName, "email");
  const { deliveryMedium } = await account.ok("verifyUserAttribute", { attributeName: "email" });
  assert.equal(deliveryMedium, "email");
  const confirmationCode = await emulator.code("alice");
  const answer = { attributeName: "email", confirmationCode };
  assert.equal(
    await account.code("confirmVerifyUserAttribute", { ...answer, confirmationCode: wrong(confirmationCode) }),
    "codeMismatch",
  );
  assert.equal(await account.ok("confirmVerifyUserAttribute", answer), null);
  const { email, email_verified } = await account.ok("getUserAttributes");
  assert.deepEqual({ email, email_verified }, { email: "al@example.org", email_verified: "true" });
  assert.equal(await account.claim("email_verified"), true);
});

test("where the service does not say where a code went, neither does the client", async () => {
  await account.signIn(alice);
  await stage.emulator.fault({ operation: "GetUserAttributeVerificationCode", fault: { status: 200, body: {} } });
  assert.equal(await account.ok("verifyUserAttribute", { attributeName: "email" }), null);
});

test("other sessions of the user are listed and can be ended", async () => {
  await account.signIn(alice);
  await signInElsewhere();
  const sessions = await account.ok("listUserSessions");
  assert.equal(sessions.length, 2);
  assert.equal(sessions.filter(({ isCurrentSession }) => isCurrentSession).length, 1);
  const other = sessions.find(({ isCurrentSession }) => !isCurrentSession);
  assert.match(other.createDate, /^\d{4}-\d\d-\d\dT/, "a Date");
  assert.equal(await account.ok("revokeUserSession", { sessionId: other.sessionId }), null);
  assert.equal((await account.ok("listUserSessions")).length, 1);
});

test("what the user can sign in with is told", async () => {
  await account.signIn(alice);
  const { username, configuredUserAuthFactors } = await account.ok("getUserAuthFactors");
  assert.equal(username, "alice");
  assert.ok(configuredUserAuthFactors.includes("PASSWORD"), configuredUserAuthFactors.join());
});

test("an access token that the service no longer takes is renewed, and the call goes on", async () => {
  const { emulator } = stage;
  await account.signIn(alice);
  await emulator.clearRequests();
  await emulator.advance(3600 + 60);
  assert.equal((await account.ok("getUserAttributes")).email, alice.email);
  const names = (await emulator.requests()).map(({ operation }) => operation);
  assert.deepEqual(names, ["GetUser", "GetTokensFromRefreshToken", "GetUser"]);
});

test("after a sign-out everywhere operations are refused with notAuthorized, not with notSignedIn", async () => {
  await account.signIn(alice);
  await stage.emulator.revokeTokensOf("alice");
  assert.equal(await account.code("getUserAttributes"), "notAuthorized");
});

test("a deleted account takes its session with it, and the listeners hear why", async () => {
  await account.signIn(alice);
  assert.equal(await account.ok("deleteUser"), null);
  assert.deepEqual(await account.states(), [
    ["signedIn", "userAction"],
    ["signedOut", "accountDeleted"],
  ]);
  assert.equal(await account.code("getTokens"), "notSignedIn");
  assert.notEqual((await account.call("signIn", { username: "alice", password: alice.password })).failure, undefined);
  const operations = (await stage.emulator.requests()).map(({ operation }) => operation);
  assert.ok(!operations.includes("RevokeToken"), operations.join());
});

test("without a user every one of them says that no user is signed in", async () => {
  for (const [path, options] of [
    ["getUserAttributes"],
    ["changePassword", { proposedPassword: "Better-horse-8" }],
    ["setUpTOTP"],
    ["listUserSessions"],
    ["getUserAuthFactors"],
    ["deviceOperations.list"],
    ["passkeyOperations.list"],
    ["passkeyOperations.register"],
    ["deleteUser"],
  ]) {
    assert.equal(await account.code(path, options), "notSignedIn", path);
  }
});
