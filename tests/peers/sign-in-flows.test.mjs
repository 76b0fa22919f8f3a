// Flows that begin with something else than a password: custom challenges, USER_AUTH, and a sign-up that leads straight
// into the sign-in. By aws-amplify, and by amazon-cognito-identity-js where it has them.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { AuthenticationDetails } from "amazon-cognito-identity-js";
import {
  autoSignIn,
  confirmResetPassword,
  confirmSignIn,
  confirmSignUp,
  confirmUserAttribute,
  fetchUserAttributes,
  getCurrentUser,
  resetPassword,
  sendUserAttributeVerificationCode,
  signIn,
  signUp,
  updateUserAttributes,
} from "aws-amplify/auth";

import { useAmplify, withUnheldTimers } from "./amplify.mjs";
import { userAt } from "./identity-js.mjs";
import { confirmedUser, PASSWORD, refused, setStage, someone } from "./people.mjs";

const stage = setStage();

beforeEach(async () => {
  await stage.emulator.setPool({
    firstFactors: ["PASSWORD", "EMAIL_OTP"],
    customAuth: [{ parameters: { question: "2+2" }, answer: "4" }],
  });
  useAmplify(stage.emulator.url);
});

test("Amplify answers a custom challenge, after a wrong answer too", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const options = { authFlowType: "CUSTOM_WITHOUT_SRP", clientMetadata: { hint: "please" } };
  const { nextStep } = await signIn({ username, options });
  assert.equal(nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE");
  assert.equal(nextStep.additionalInfo.question, "2+2");
  const again = await confirmSignIn({ challengeResponse: "5" });
  assert.equal(again.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE");
  assert.equal((await confirmSignIn({ challengeResponse: "4" })).isSignedIn, true);
});

test("Amplify proves the password before a custom challenge", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const options = { authFlowType: "CUSTOM_WITH_SRP" };
  await refused(signIn({ username, password: "Wrong-Horse-1", options }), { name: "NotAuthorizedException" });
  const { nextStep } = await signIn({ username, password: PASSWORD, options });
  assert.equal(nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE");
  assert.equal((await confirmSignIn({ challengeResponse: "4" })).isSignedIn, true);
});

test("identity-js answers a custom challenge, and gives up after three wrong answers", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  user.setAuthenticationFlowType("CUSTOM_AUTH");
  const begin = () =>
    custom((callbacks) => user.initiateAuth(new AuthenticationDetails({ Username: username }), callbacks));
  const answer = (text) => custom((callbacks) => user.sendCustomChallengeAnswer(text, callbacks));
  assert.equal((await begin()).question, "2+2");
  assert.ok((await answer("4")).isValid());
  await begin();
  for (const guess of ["5", "6"]) assert.equal((await answer(guess)).question, "2+2");
  await refused(answer("7"), { code: "NotAuthorizedException", message: "Incorrect username or password." });
});

test("identity-js proves the password before a custom challenge", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  user.setAuthenticationFlowType("CUSTOM_AUTH");
  const details = new AuthenticationDetails({ Username: username, Password: PASSWORD });
  assert.equal((await custom((callbacks) => user.authenticateUser(details, callbacks))).question, "2+2");
  assert.ok((await custom((callbacks) => user.sendCustomChallengeAnswer("4", callbacks))).isValid());
});

test("USER_AUTH signs in with an emailed code that was preferred", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const options = { authFlowType: "USER_AUTH", preferredChallenge: "EMAIL_OTP" };
  const { nextStep } = await signIn({ username, options });
  assert.equal(nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_EMAIL_CODE");
  const code = await stage.emulator.code(username);
  await refused(confirmSignIn({ challengeResponse: code === "000000" ? "000001" : "000000" }), {
    name: "CodeMismatchException",
    message: "Invalid code received for user",
  });
  assert.equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
  assert.equal((await getCurrentUser()).username, username);
});

for (const [choice, wanted] of [
  ["EMAIL_OTP", "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"],
  ["PASSWORD", "CONFIRM_SIGN_IN_WITH_PASSWORD"],
  ["PASSWORD_SRP", "CONFIRM_SIGN_IN_WITH_PASSWORD"],
]) {
  test(`USER_AUTH lets the user choose, and ${choice} signs in`, async () => {
    const { username } = await confirmedUser(stage.sdk);
    const { nextStep } = await signIn({ username, options: { authFlowType: "USER_AUTH" } });
    assert.equal(nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION");
    assert.deepEqual([...nextStep.availableChallenges].sort(), ["EMAIL_OTP", "PASSWORD", "PASSWORD_SRP"]);
    assert.equal((await confirmSignIn({ challengeResponse: choice })).nextStep.signInStep, wanted);
    const challengeResponse = choice === "EMAIL_OTP" ? await stage.emulator.code(username) : PASSWORD;
    assert.equal((await confirmSignIn({ challengeResponse })).isSignedIn, true);
  });
}

test("USER_AUTH takes a preferred password with the first request", async () => {
  for (const preferredChallenge of ["PASSWORD", "PASSWORD_SRP"]) {
    useAmplify(stage.emulator.url);
    const { username } = await confirmedUser(stage.sdk);
    const options = { authFlowType: "USER_AUTH", preferredChallenge };
    assert.equal((await signIn({ username, password: PASSWORD, options })).isSignedIn, true);
  }
});

test("a sign-up without a password is confirmed and signed in with one code", async () => {
  const { username, email } = someone();
  const options = { userAttributes: { email }, autoSignIn: { authFlowType: "USER_AUTH" } };
  assert.equal((await withUnheldTimers(() => signUp({ username, options }))).nextStep.signUpStep, "CONFIRM_SIGN_UP");
  const confirmed = await confirmSignUp({ username, confirmationCode: await stage.emulator.code(username) });
  assert.equal(confirmed.nextStep.signUpStep, "COMPLETE_AUTO_SIGN_IN");
  assert.equal((await autoSignIn()).isSignedIn, true);
  assert.equal((await stage.emulator.outbox(username)).length, 1);
});

test("a changed address is verified by code, and a forgotten password is reset by one", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const { email } = someone();
  const updated = await updateUserAttributes({ userAttributes: { email } });
  assert.equal(updated.email.nextStep.updateAttributeStep, "CONFIRM_ATTRIBUTE_WITH_CODE");
  await sendUserAttributeVerificationCode({ userAttributeKey: "email" });
  await confirmUserAttribute({ userAttributeKey: "email", confirmationCode: await stage.emulator.code(email) });
  assert.equal((await fetchUserAttributes()).email_verified, "true");

  useAmplify(stage.emulator.url);
  const reset = await resetPassword({ username });
  assert.equal(reset.nextStep.resetPasswordStep, "CONFIRM_RESET_PASSWORD_WITH_CODE");
  const newPassword = "Another-Horse-2";
  await confirmResetPassword({ username, newPassword, confirmationCode: await stage.emulator.code(username) });
  assert.equal((await signIn({ username, password: newPassword })).isSignedIn, true);
});

/** Resolves with the parameters of a custom challenge, or with the session. */
function custom(run) {
  return new Promise((resolve, reject) => run({ onSuccess: resolve, onFailure: reject, customChallenge: resolve }));
}
