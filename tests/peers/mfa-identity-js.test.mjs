// The second factor by amazon-cognito-identity-js.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { AuthenticationDetails } from "amazon-cognito-identity-js";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { call, signIn, userAt } from "./identity-js.mjs";
import { confirmedUser, PASSWORD, refused, setStage } from "./people.mjs";

const UserPoolId = DEFAULT_POOL.userPoolId;
const NONE = { Enabled: false, PreferredMfa: false };

const stage = setStage();

beforeEach(() => stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["SMS_MFA", "SOFTWARE_TOKEN_MFA"] }));

test("a signed-in user sets up an authenticator app, and is asked for its code from then on", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  await signIn(user, username, PASSWORD);
  assert.match(await associate(user), /^[A-Z2-7]{16,}$/);
  const first = await stage.emulator.totp(username);
  await refused(verify(user, wrong(first), "my phone"), { code: "EnableSoftwareTokenMFAException" });
  assert.equal((await verify(user, first, "my phone")).Status, "SUCCESS");
  assert.equal(await call(user, "setUserMfaPreference", NONE, { Enabled: true, PreferredMfa: true }), "SUCCESS");
  const seen = await new Promise((resolve, reject) =>
    user.getUserData((error, data) => (error ? reject(error) : resolve(data)), { bypassCache: true }),
  );
  assert.deepEqual([seen.PreferredMfaSetting, seen.UserMFASettingList], ["SOFTWARE_TOKEN_MFA", ["SOFTWARE_TOKEN_MFA"]]);

  const { asked, parameters } = await begin(user, username);
  assert.equal(asked, "SOFTWARE_TOKEN_MFA");
  assert.equal(parameters.FRIENDLY_DEVICE_NAME, "my phone");
  const code = await stage.emulator.totp(username);
  await refused(sendCode(user, wrong(code), "SOFTWARE_TOKEN_MFA"), { code: "CodeMismatchException" });
  assert.ok((await sendCode(user, code, "SOFTWARE_TOKEN_MFA")).isValid());
});

test("a code by SMS is switched on by the older settings and completes the sign-in", async () => {
  const { username } = await userWithPhone();
  const user = userAt(stage.emulator.url, username);
  await signIn(user, username, PASSWORD);
  assert.equal(await call(user, "enableMFA"), "SUCCESS");
  assert.deepEqual(await call(user, "getMFAOptions"), [{ DeliveryMedium: "SMS", AttributeName: "phone_number" }]);

  const { asked, parameters } = await begin(user, username);
  assert.equal(asked, "SMS_MFA");
  assert.equal(parameters.CODE_DELIVERY_DESTINATION, "+*******1212");
  const session = await sendCode(user, await stage.emulator.code(username));
  assert.ok(session.isValid());
  assert.equal(await call(user, "disableMFA"), "SUCCESS");
  assert.equal((await begin(user, username)).asked, "tokens");
});

test("with both factors and no preference the user chooses", async () => {
  const { username } = await userWithPhone();
  const user = userAt(stage.emulator.url, username);
  await signIn(user, username, PASSWORD);
  await associate(user);
  await verify(user, await stage.emulator.totp(username), "");
  const on = { Enabled: true, PreferredMfa: false };
  await call(user, "setUserMfaPreference", on, on);
  for (const [choice, code] of [
    ["SMS_MFA", () => stage.emulator.code(username)],
    ["SOFTWARE_TOKEN_MFA", () => stage.emulator.totp(username)],
  ]) {
    const { asked, parameters } = await begin(user, username);
    assert.equal(asked, "SELECT_MFA_TYPE");
    assert.deepEqual(JSON.parse(parameters.MFAS_CAN_CHOOSE), ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]);
    assert.equal((await outcome((callbacks) => user.sendMFASelectionAnswer(choice, callbacks))).asked, choice);
    assert.ok((await sendCode(user, await code(), choice)).isValid());
  }
});

test("where a second factor is required, an authenticator app is set up within the sign-in", async () => {
  await stage.emulator.setPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  const { asked, parameters } = await begin(user, username);
  assert.equal(asked, "MFA_SETUP");
  assert.deepEqual(JSON.parse(parameters.MFAS_CAN_SETUP), ["SOFTWARE_TOKEN_MFA"]);
  await associate(user);
  const code = await stage.emulator.totp(username);
  await refused(verify(user, wrong(code), "my phone"), { code: "EnableSoftwareTokenMFAException" });
  assert.ok((await verify(user, code, "my phone")).isValid());
  assert.equal((await begin(userAt(stage.emulator.url, username), username)).asked, "SOFTWARE_TOKEN_MFA");
});

/** Signs in with the password, as far as what is asked next. */
function begin(user, Username) {
  return outcome((callbacks) =>
    user.authenticateUser(new AuthenticationDetails({ Username, Password: PASSWORD }), callbacks),
  );
}

/** What the client was told to do. */
function outcome(run) {
  return new Promise((resolve, reject) => {
    const asked = (challenge, parameters) => resolve({ asked: challenge, parameters });
    run({
      onSuccess: () => resolve({ asked: "tokens" }),
      onFailure: reject,
      mfaRequired: asked,
      totpRequired: asked,
      selectMFAType: asked,
      mfaSetup: asked,
    });
  });
}

function associate(user) {
  return new Promise((resolve, reject) =>
    user.associateSoftwareToken({ associateSecretCode: resolve, onFailure: reject }),
  );
}

function verify(user, code, deviceName) {
  return new Promise((resolve, reject) =>
    user.verifySoftwareToken(code, deviceName, { onSuccess: resolve, onFailure: reject }),
  );
}

function sendCode(user, code, type = "SMS_MFA") {
  return new Promise((resolve, reject) => user.sendMFACode(code, { onSuccess: resolve, onFailure: reject }, type));
}

function wrong(code) {
  return code === "000000" ? "000001" : "000000";
}

async function userWithPhone() {
  const person = await confirmedUser(stage.sdk);
  const UserAttributes = Object.entries({ phone_number: "+12065551212", phone_number_verified: "true" }).map(
    ([Name, Value]) => ({ Name, Value }),
  );
  await stage.emulator.admin("AdminUpdateUserAttributes", { UserPoolId, Username: person.username, UserAttributes });
  return person;
}
