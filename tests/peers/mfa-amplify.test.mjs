// The second factor by aws-amplify: an authenticator app, codes by SMS and email, a choice, and setting one up within the
// sign-in.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  confirmSignIn,
  fetchMFAPreference,
  setUpTOTP,
  signIn,
  signOut,
  updateMFAPreference,
  verifyTOTPSetup,
} from "aws-amplify/auth";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { useAmplify } from "./amplify.mjs";
import { confirmedUser, invitedUser, PASSWORD, refused, setStage, someone } from "./people.mjs";

const UserPoolId = DEFAULT_POOL.userPoolId;
const PHONE_NUMBER = "+12065551212";

const stage = setStage();

beforeEach(async () => {
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] });
  useAmplify(stage.emulator.url);
});

test("a signed-in user sets up an authenticator app, and is asked for its code from then on", async () => {
  const { username } = await confirmedUser(stage.sdk);
  assert.equal((await enter(username)).signInStep, "DONE");
  const { sharedSecret } = await setUpTOTP();
  assert.match(sharedSecret, /^[A-Z2-7]{16,}$/);
  await refused(verifyTOTPSetup({ code: wrong(await stage.emulator.totp(username)) }), {
    name: "EnableSoftwareTokenMFAException",
  });
  await verifyTOTPSetup({ code: await stage.emulator.totp(username) });
  await updateMFAPreference({ totp: "PREFERRED" });
  assert.deepEqual(await fetchMFAPreference(), { preferred: "TOTP", enabled: ["TOTP"] });

  await signOut();
  assert.equal((await enter(username)).signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
  const code = await stage.emulator.totp(username);
  await refused(confirmSignIn({ challengeResponse: wrong(code) }), { name: "CodeMismatchException" });
  assert.equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);

  await signOut();
  await enter(username);
  await refused(confirmSignIn({ challengeResponse: code }), {
    name: "ExpiredCodeException",
    message: "Your software token has already been used once.",
  });
  assert.equal((await confirmSignIn({ challengeResponse: await stage.emulator.totp(username) })).isSignedIn, true);
});

test("a code by SMS completes the sign-in", async () => {
  const { username } = await userWithPhone();
  await switchOn(username, { SMSMfaSettings: { Enabled: true } });
  const step = await enter(username);
  assert.equal(step.signInStep, "CONFIRM_SIGN_IN_WITH_SMS_CODE");
  assert.deepEqual(step.codeDeliveryDetails, { deliveryMedium: "SMS", destination: "+*******1212" });
  const [message] = (await stage.emulator.outbox(username)).slice(-1);
  assert.deepEqual([message.trigger, message.medium, message.destination], ["SMS_MFA", "SMS", PHONE_NUMBER]);
  await refused(confirmSignIn({ challengeResponse: wrong(message.code) }), { name: "CodeMismatchException" });
  assert.equal((await confirmSignIn({ challengeResponse: message.code })).isSignedIn, true);
});

test("a code by email completes the sign-in", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await switchOn(username, { EmailMfaSettings: { Enabled: true } });
  assert.equal((await enter(username)).signInStep, "CONFIRM_SIGN_IN_WITH_EMAIL_CODE");
  const challengeResponse = await stage.emulator.code(username);
  assert.equal((await confirmSignIn({ challengeResponse })).isSignedIn, true);
});

test("with several factors and no preference the user chooses", async () => {
  const { username } = await userWithPhone();
  await switchOn(username, { SMSMfaSettings: { Enabled: true }, EmailMfaSettings: { Enabled: true } });
  const step = await enter(username);
  assert.equal(step.signInStep, "CONTINUE_SIGN_IN_WITH_MFA_SELECTION");
  assert.deepEqual(step.allowedMFATypes, ["SMS", "EMAIL"]);
  const chosen = await confirmSignIn({ challengeResponse: "EMAIL" });
  assert.equal(chosen.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_EMAIL_CODE");
  const challengeResponse = await stage.emulator.code(username);
  assert.equal((await confirmSignIn({ challengeResponse })).isSignedIn, true);
});

test("where a second factor is required, an authenticator app is set up within the sign-in", async () => {
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  const { username } = await confirmedUser(stage.sdk);
  const step = await enter(username);
  assert.equal(step.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
  assert.match(step.totpSetupDetails.sharedSecret, /^[A-Z2-7]{16,}$/);
  const code = await stage.emulator.totp(username);
  await refused(confirmSignIn({ challengeResponse: wrong(code) }), { name: "EnableSoftwareTokenMFAException" });
  assert.equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
  assert.deepEqual(await fetchMFAPreference(), { preferred: "TOTP", enabled: ["TOTP"] });
});

test("an invited user chooses a password, then an email address for the second factor", async () => {
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] });
  const temporary = "Temporary-1!";
  const { username } = await invitedUser(stage.sdk, temporary);
  const unverified = [{ Name: "email_verified", Value: "false" }];
  await stage.emulator.admin("AdminUpdateUserAttributes", {
    UserPoolId,
    Username: username,
    UserAttributes: unverified,
  });
  const first = await signIn({ username, password: temporary });
  assert.equal(first.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
  const setup = await confirmSignIn({ challengeResponse: PASSWORD });
  assert.equal(setup.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION");
  assert.deepEqual(setup.nextStep.allowedMFATypes, ["TOTP", "EMAIL"]);
  const email = await confirmSignIn({ challengeResponse: "EMAIL" });
  assert.equal(email.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_EMAIL_SETUP");
  const address = someone().email;
  const sent = await confirmSignIn({ challengeResponse: address });
  assert.equal(sent.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_EMAIL_CODE");
  assert.equal((await confirmSignIn({ challengeResponse: await stage.emulator.code(address) })).isSignedIn, true);
  assert.deepEqual(await fetchMFAPreference(), { preferred: "EMAIL", enabled: ["EMAIL"] });
});

async function enter(username) {
  return (await signIn({ username, password: PASSWORD })).nextStep;
}

function wrong(code) {
  return code === "000000" ? "000001" : "000000";
}

async function userWithPhone() {
  const person = await confirmedUser(stage.sdk);
  const UserAttributes = Object.entries({ phone_number: PHONE_NUMBER, phone_number_verified: "true" }).map(
    ([Name, Value]) => ({ Name, Value }),
  );
  await stage.emulator.admin("AdminUpdateUserAttributes", { UserPoolId, Username: person.username, UserAttributes });
  return person;
}

function switchOn(Username, settings) {
  return stage.emulator.admin("AdminSetUserMFAPreference", { UserPoolId, Username, ...settings });
}
