// Second factors, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, openAccount, wrong } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

const signIn = () => account.ok("signIn", { username, password });
const answer = (challengeResponse, more) => account.ok("confirmSignIn", { challengeResponse, ...more });
const refused = (challengeResponse) => account.code("confirmSignIn", { challengeResponse });

async function addPhone() {
  const UserAttributes = [
    { Name: "phone_number", Value: "+12065551212" },
    { Name: "phone_number_verified", Value: "true" },
  ];
  await stage.emulator.admin("AdminUpdateUserAttributes", {
    UserPoolId: DEFAULT_POOL.userPoolId,
    Username: username,
    UserAttributes,
  });
}

/** A pool that wants a second factor, and alice with one of each of these kinds. */
async function want(...mfaFactors) {
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors });
  if (mfaFactors.includes("SMS_MFA")) await addPhone();
  await signIn();
  const preference = {};
  if (mfaFactors.includes("SMS_MFA")) preference.sms = "enabled";
  if (mfaFactors.includes("EMAIL_OTP")) preference.email = "enabled";
  await account.ok("updateMFAPreference", preference);
  await account.ok("signOut");
}

for (const [factor, signInState, deliveryMedium] of [
  ["SMS_MFA", "smsMFA", "sms"],
  ["EMAIL_OTP", "emailOTP", "email"],
]) {
  test(`${factor}: a wrong code leaves the question open, and the right one signs in`, async () => {
    await want(factor);
    const asked = await signIn();
    assert.equal(asked.signInState, signInState);
    assert.equal(asked.codeDeliveryDetails.deliveryMedium, deliveryMedium);
    const code = await stage.emulator.code(username);
    assert.equal(await refused(wrong(code)), "codeMismatch");
    assert.deepEqual(await answer(code), { signInState: "signedIn" });
    assert.equal(await refused(code), "invalidState");
  });
}

test("a user with two second factors chooses", async () => {
  await want("SMS_MFA", "EMAIL_OTP");
  const asked = await signIn();
  assert.equal(asked.signInState, "selectMFAType");
  assert.deepEqual([...asked.mfaTypes].sort(), ["EMAIL_OTP", "SMS_MFA"]);
  assert.equal(await refused("SOFTWARE_TOKEN_MFA"), "mfaMethodNotFound");
  assert.equal((await answer("EMAIL_OTP")).signInState, "emailOTP");
  assert.deepEqual(await answer(await stage.emulator.code(username)), { signInState: "signedIn" });
});

test("who has none sets up an authenticator app on the way", async () => {
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  const asked = await signIn();
  assert.deepEqual([asked.signInState, asked.setup], ["mfaSetup", "softwareToken"]);
  assert.equal(asked.secretCode, await stage.emulator.secretCode(username));
  assert.equal(asked.setupUri, `otpauth://totp/localhost:alice?secret=${asked.secretCode}&issuer=localhost`);
  const code = await stage.emulator.totp(username);
  assert.equal(await refused(wrong(code)), "codeMismatch");
  assert.deepEqual(await answer(code, { friendlyDeviceName: "phone" }), { signInState: "signedIn" });

  await account.ok("signOut");
  assert.deepEqual(await signIn(), { signInState: "softwareTokenMFA", friendlyDeviceName: "phone" });
  assert.equal(await refused(code), "expiredCode", "a code serves once");
  assert.deepEqual(await answer(await stage.emulator.totp(username)), { signInState: "signedIn" });
});

test("who has none chooses what to set up where there is a choice", async () => {
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] });
  // Without an address, no code could be mailed.
  const UserPoolId = DEFAULT_POOL.userPoolId;
  await stage.emulator.admin("AdminCreateUser", { UserPoolId, Username: "bob", MessageAction: "SUPPRESS" });
  await stage.emulator.admin("AdminSetUserPassword", {
    UserPoolId,
    Username: "bob",
    Password: password,
    Permanent: true,
  });
  const asked = await account.ok("signIn", { username: "bob", password });
  assert.deepEqual([asked.signInState, asked.setup], ["mfaSetup", "select"]);
  assert.deepEqual(asked.mfaTypes, ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"]);
  assert.equal(await refused("SMS_MFA"), "invalidParameter");
  assert.deepEqual(await answer("EMAIL_OTP"), { signInState: "mfaSetup", setup: "email" });
  assert.equal((await answer("bob@example.com")).signInState, "emailOTP");
  assert.deepEqual(await answer(await stage.emulator.code("bob")), { signInState: "signedIn" });
});
