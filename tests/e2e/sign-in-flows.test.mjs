// How a sign-in begins: each flow, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, createPool, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const { userPoolId: UserPoolId } = DEFAULT_POOL;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

/** What was sent since the last look: `[operation, flow or challenge, outcome]`. */
async function sent() {
  const requests = await stage.emulator.requests();
  await stage.emulator.clearRequests();
  return requests
    .filter(({ operation }) => /^(InitiateAuth|RespondToAuthChallenge)$/.test(operation))
    .map(({ authFlow, challengeName }) => authFlow ?? challengeName);
}

const signIn = (options) => account.ok("signIn", { username, ...options });
const answer = (challengeResponse, more) => account.ok("confirmSignIn", { challengeResponse, ...more });

test("by SRP, unless the call says otherwise", async () => {
  await stage.emulator.clearRequests();
  assert.deepEqual(await signIn({ password }), { signInState: "signedIn" });
  assert.deepEqual(await sent(), ["USER_SRP_AUTH", "PASSWORD_VERIFIER"]);
});

test("with the password in the clear, for pools that import users", async () => {
  await stage.emulator.clearRequests();
  assert.deepEqual(await signIn({ password, authFlow: "USER_PASSWORD_AUTH" }), { signInState: "signedIn" });
  assert.deepEqual(await sent(), ["USER_PASSWORD_AUTH"]);
});

for (const [how, more, flows] of [
  ["without a password", {}, ["CUSTOM_AUTH"]],
  ["after the proof of a password", { password }, ["CUSTOM_AUTH", "PASSWORD_VERIFIER"]],
]) {
  test(`by the pool's own challenges, ${how}`, async () => {
    await stage.emulator.setPool({
      customAuth: [
        { parameters: { question: "2+2" }, answer: "4" },
        { parameters: { question: "sky" }, answer: "blue" },
      ],
    });
    await stage.emulator.clearRequests();
    const first = await signIn({ authFlow: "CUSTOM_AUTH", ...more });
    assert.equal(first.signInState, "customChallenge");
    assert.deepEqual(first.parameters, { question: "2+2", USERNAME: username });
    assert.deepEqual(await sent(), flows);
    assert.equal((await answer("5")).parameters.question, "2+2", "a wrong answer is asked for again");
    assert.equal((await answer("4")).parameters.question, "sky");
    assert.deepEqual(await answer("blue"), { signInState: "signedIn" });
  });
}

test("too many wrong answers to the pool's own challenge end the sign-in", async () => {
  await stage.emulator.setPool({ customAuth: [{ parameters: {}, answer: "4" }] });
  await signIn({ authFlow: "CUSTOM_AUTH" });
  await answer("1");
  await answer("2");
  assert.equal(await account.code("confirmSignIn", { challengeResponse: "3" }), "notAuthorized");
  assert.equal(await account.code("confirmSignIn", { challengeResponse: "4" }), "invalidState");
});

test("by a factor that the user chooses", async () => {
  const asked = await signIn({ authFlow: "USER_AUTH" });
  assert.equal(asked.signInState, "selectChallenge");
  assert.deepEqual(asked.availableChallenges, ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"]);
  assert.deepEqual(await answer("PASSWORD"), { signInState: "password" });
  assert.equal(await account.code("confirmSignIn", { challengeResponse: "Wrong-horse-7" }), "notAuthorized");
  assert.deepEqual(await answer(password), { signInState: "signedIn" });
});

test("by the proof of a password that the user chooses", async () => {
  await signIn({ authFlow: "USER_AUTH" });
  await stage.emulator.clearRequests();
  assert.deepEqual(await answer("PASSWORD_SRP"), { signInState: "password" });
  assert.deepEqual(await sent(), [], "the password is asked for before anything is sent");
  assert.deepEqual(await answer(password), { signInState: "signedIn" });
  assert.deepEqual(await sent(), ["SELECT_CHALLENGE", "PASSWORD_VERIFIER"]);
});

for (const preferredChallenge of ["PASSWORD", "PASSWORD_SRP"]) {
  test(`by the preferred ${preferredChallenge}, given at once or asked for`, async () => {
    assert.deepEqual(await signIn({ preferredChallenge, password }), { signInState: "signedIn" });
    await account.ok("signOut");
    assert.deepEqual(await signIn({ preferredChallenge }), { signInState: "password" });
    assert.deepEqual(await answer(password), { signInState: "signedIn" });
  });
}

test("by a mailed code alone", async () => {
  const asked = await signIn({ preferredChallenge: "EMAIL_OTP" });
  assert.equal(asked.signInState, "emailOTP");
  assert.equal(asked.codeDeliveryDetails.deliveryMedium, "email");
  assert.match(asked.codeDeliveryDetails.destination, /^a\*+@e\*+/);
  assert.deepEqual(await answer(await stage.emulator.code(username)), { signInState: "signedIn" });
});

test("by a code on the phone alone", async () => {
  const UserAttributes = [
    { Name: "phone_number", Value: "+12065551212" },
    { Name: "phone_number_verified", Value: "true" },
  ];
  await stage.emulator.admin("AdminUpdateUserAttributes", { UserPoolId, Username: username, UserAttributes });
  const asked = await signIn({ preferredChallenge: "SMS_OTP" });
  assert.equal(asked.signInState, "smsOTP");
  assert.equal(asked.codeDeliveryDetails.deliveryMedium, "sms");
  assert.deepEqual(await answer(await stage.emulator.code(username)), { signInState: "signedIn" });
});

test("with a temporary password, which the user replaces", async () => {
  const TemporaryPassword = "Temporary-horse-7";
  await stage.emulator.admin("AdminCreateUser", {
    UserPoolId,
    Username: "bob",
    TemporaryPassword,
    MessageAction: "SUPPRESS",
  });
  const asked = await account.ok("signIn", { username: "bob", password: TemporaryPassword });
  assert.equal(asked.signInState, "newPasswordRequired");
  assert.ok(Array.isArray(asked.requiredAttributes));
  assert.equal(await account.code("confirmSignIn", { challengeResponse: "weak" }), "invalidPassword");
  assert.deepEqual(await answer("Better-horse-8"), { signInState: "signedIn" });
});

test("with a temporary password and without an attribute that the pool requires, and then a second factor", async () => {
  const userPool = await createPool(stage, { Schema: [{ Name: "given_name", Required: true }] });
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["EMAIL_OTP"] }, userPool.PoolId);
  const UserAttributes = [
    { Name: "email", Value: "bob@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  const bob = { UserPoolId: userPool.PoolId, Username: "bob", TemporaryPassword: password, MessageAction: "SUPPRESS" };
  await stage.emulator.admin("AdminCreateUser", { ...bob, UserAttributes });
  account = await openAccount(stage, { userPool });
  const asked = await account.ok("signIn", { username: "bob", password });
  assert.equal(asked.signInState, "newPasswordRequired");
  assert.deepEqual(asked.requiredAttributes, ["given_name"]);
  assert.equal(asked.userAttributes.email, "bob@example.com");
  assert.equal(await account.code("confirmSignIn", { challengeResponse: "Better-horse-8" }), "invalidParameter");
  assert.equal((await answer("Better-horse-8", { userAttributes: { given_name: "Bob" } })).signInState, "emailOTP");
  assert.deepEqual(await answer(await stage.emulator.code("bob")), { signInState: "signedIn" });
  assert.equal(await account.claim("given_name"), "Bob");
});

test("a user who has not confirmed yet is led to the code", async () => {
  await account.ok("signUp", { username: "carol", password, userAttributes: { email: "carol@example.com" } });
  assert.deepEqual(await account.ok("signIn", { username: "carol", password }), { signInState: "confirmSignUp" });
});

test("a user whose password was reset is led to a new one", async () => {
  await stage.emulator.admin("AdminResetUserPassword", { UserPoolId, Username: username });
  assert.deepEqual(await signIn({ password }), { signInState: "resetPassword" });
});

test("a flow that needs a password says so, and sends nothing", async () => {
  await stage.emulator.clearRequests();
  assert.equal(await account.code("signIn", { username }), "invalidParameter");
  assert.deepEqual(await sent(), []);
});
