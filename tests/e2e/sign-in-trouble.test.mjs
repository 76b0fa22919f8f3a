// What can go wrong with each question of a sign-in: a wrong answer, a service that is busy, too long a wait, too many tries.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, openAccount, wrong } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const { userPoolId: UserPoolId } = DEFAULT_POOL;
const LOCKED = /^Too many invalid credentials attempts\. User temporarily locked\./;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  const UserAttributes = [
    { Name: "phone_number", Value: "+12065551212" },
    { Name: "phone_number_verified", Value: "true" },
  ];
  await stage.emulator.admin("AdminUpdateUserAttributes", { UserPoolId, Username: username, UserAttributes });
  account = await openAccount(stage);
});

const signIn = (options) => account.ok("signIn", { username, ...options });
const answer = (challengeResponse) => account.ok("confirmSignIn", { challengeResponse });
const refusal = async (challengeResponse) => (await account.call("confirmSignIn", { challengeResponse })).failure ?? {};
const mailed = () => stage.emulator.code(username);

/** Alice switches second factors on. */
const want = (preference, mfaFactors) => async () => {
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors });
  await signIn({ password });
  if (preference.softwareToken) {
    await account.ok("setUpTOTP");
    await account.ok("verifyTOTPSetup", { code: await stage.emulator.totp(username) });
  }
  await account.ok("updateMFAPreference", preference);
  await account.ok("signOut");
};

const code = { wrong: async () => wrong(await mailed()), right: mailed, mismatch: "codeMismatch", locked: LOCKED };

/**
 * The questions by the service's names: what must be so (`begin`) for each to be asked (`ask`), which answer is wrong and with
 * which code it is refused (`wrong`, `mismatch`), which is right, to what that leads (`next`), and what too many wrong ones are
 * told (`locked`).
 */
const QUESTIONS = {
  SMS_MFA: { state: "smsMFA", begin: want({ sms: "enabled" }, ["SMS_MFA"]), ...code },
  EMAIL_OTP: { state: "emailOTP", begin: want({ email: "enabled" }, ["EMAIL_OTP"]), ...code },
  SOFTWARE_TOKEN_MFA: {
    state: "softwareTokenMFA",
    begin: want({ softwareToken: "enabled" }, ["SOFTWARE_TOKEN_MFA"]),
    ...code,
    wrong: async () => wrong(await stage.emulator.totp(username)),
    right: () => stage.emulator.totp(username),
  },
  "SMS_OTP as first factor": { state: "smsOTP", ask: () => signIn({ preferredChallenge: "SMS_OTP" }), ...code },
  "EMAIL_OTP as first factor": { state: "emailOTP", ask: () => signIn({ preferredChallenge: "EMAIL_OTP" }), ...code },
  PASSWORD: {
    state: "password",
    ask: () => signIn({ preferredChallenge: "PASSWORD" }),
    wrong: async () => "Wrong-horse-7",
    right: async () => password,
    mismatch: "notAuthorized",
    locked: /^Password attempts exceeded$/,
  },
  SELECT_MFA_TYPE: {
    state: "selectMFAType",
    begin: want({ sms: "enabled", email: "enabled" }, ["SMS_MFA", "EMAIL_OTP"]),
    wrong: async () => "SOFTWARE_TOKEN_MFA",
    right: async () => "SMS_MFA",
    mismatch: "mfaMethodNotFound",
    next: "smsMFA",
  },
  SELECT_CHALLENGE: {
    state: "selectChallenge",
    ask: () => signIn({ authFlow: "USER_AUTH" }),
    right: async () => "EMAIL_OTP",
    next: "emailOTP",
  },
  MFA_SETUP: {
    state: "mfaSetup",
    begin: () => stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA"] }),
    wrong: async () => wrong(await stage.emulator.totp(username)),
    right: () => stage.emulator.totp(username),
    mismatch: "codeMismatch",
    operation: "VerifySoftwareToken",
  },
  NEW_PASSWORD_REQUIRED: {
    state: "newPasswordRequired",
    begin: () =>
      stage.emulator.admin("AdminSetUserPassword", {
        UserPoolId,
        Username: username,
        Password: password,
        Permanent: false,
      }),
    wrong: async () => "weak",
    right: async () => "Better-horse-8",
    mismatch: "invalidPassword",
  },
  CUSTOM_CHALLENGE: {
    state: "customChallenge",
    begin: () => stage.emulator.setPool({ customAuth: [{ parameters: {}, answer: "4" }] }),
    ask: () => signIn({ authFlow: "CUSTOM_AUTH" }),
    right: async () => "4",
  },
};

for (const [name, question] of Object.entries(QUESTIONS)) {
  const { state, right, mismatch, locked, next = "signedIn", operation = "RespondToAuthChallenge" } = question;
  const { begin = () => {}, ask = () => signIn({ password }) } = question;

  test(`${name}: ${question.wrong ? "a wrong answer, " : ""}throttling and a gateway that fails leave the question open, and a session that has expired ends it`, async () => {
    await begin();
    await ask();
    const late = await right();
    await stage.emulator.advance(16 * 60);
    const { code, message } = await refusal(late);
    assert.equal(code, "notAuthorized");
    assert.match(message, /session/i);
    assert.equal((await refusal(late)).code, "invalidState");

    assert.equal((await ask()).signInState, state, "the sign-in begins again");
    if (question.wrong) assert.equal((await refusal(await question.wrong())).code, mismatch);
    const response = await right();
    await stage.emulator.fault({ operation, fault: { exception: "TooManyRequestsException" } });
    assert.equal((await refusal(response)).code, "tooManyRequests");
    await stage.emulator.fault({ operation, fault: { status: 503 } });
    assert.equal((await refusal(response)).code, "network");
    assert.equal((await answer(response)).signInState, next);
  });

  if (locked) {
    test(`${name}: too many wrong answers lock the user out for a while, and then the right one signs in`, async () => {
      await begin();
      await ask();
      // The fifth locks for a second, each further one for twice as long: until it is long enough to be sure of.
      for (const seconds of [0, 0, 0, 0, 1, 2, 4, 8, 16]) {
        assert.equal((await refusal(await question.wrong())).code, mismatch);
        if (seconds < 16) await stage.emulator.advance(seconds);
      }
      const { code, message } = await refusal(await right());
      assert.equal(code, "notAuthorized");
      assert.match(message, locked);
      await stage.emulator.advance(16);
      assert.deepEqual(await answer(await right()), { signInState: "signedIn" });
    });
  }
}
