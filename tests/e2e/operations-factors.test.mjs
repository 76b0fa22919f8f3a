// Second factors and passkeys, from a bare page against the emulator.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, openAccount, wrong } from "./support/account.mjs";
import { engine } from "./support/drivers.mjs";
import { setStage } from "./support/stage.mjs";

const stage = setStage();
let account;

beforeEach(async () => {
  const { emulator } = stage;
  await emulator.createUser(alice);
  await emulator.admin("SetUserPoolMfaConfig", {
    UserPoolId: DEFAULT_POOL.userPoolId,
    MfaConfiguration: "OPTIONAL",
    SoftwareTokenMfaConfiguration: { Enabled: true },
  });
  account = await openAccount(stage);
  await account.signIn(alice);
});

async function setUpTOTP() {
  const setup = await account.ok("setUpTOTP");
  return { ...setup, code: await stage.emulator.totp("alice") };
}

test("an authenticator app is set up by its secret or the URI of a QR code", async () => {
  const { secretCode, setupUri, code } = await setUpTOTP();
  assert.equal(secretCode, await stage.emulator.secretCode("alice"));
  assert.equal(setupUri, `otpauth://totp/localhost:alice?secret=${secretCode}&issuer=localhost`);
  assert.equal(await account.code("verifyTOTPSetup", { code: wrong(code) }), "codeMismatch");
  assert.equal(await account.ok("verifyTOTPSetup", { code, friendlyDeviceName: "phone" }), null);
  assert.equal(await account.ok("updateMFAPreference", { softwareToken: "preferred" }), null);
  assert.deepEqual(await account.ok("getMFAPreference"), {
    enabled: ["SOFTWARE_TOKEN_MFA"],
    preferred: "SOFTWARE_TOKEN_MFA",
  });
});

test("the next sign-in asks for the app's code", async () => {
  const { code } = await setUpTOTP();
  await account.ok("verifyTOTPSetup", { code });
  await account.ok("updateMFAPreference", { softwareToken: "preferred" });
  await account.ok("signOut");
  const asked = await account.ok("signIn", { username: "alice", password: alice.password });
  assert.equal(asked.signInState, "softwareTokenMFA");
  const challengeResponse = await stage.emulator.totp("alice");
  assert.equal((await account.ok("confirmSignIn", { challengeResponse })).signInState, "signedIn");
});

test("a factor can be switched off again", async () => {
  const { code } = await setUpTOTP();
  await account.ok("verifyTOTPSetup", { code });
  await account.ok("updateMFAPreference", { softwareToken: "enabled" });
  assert.deepEqual((await account.ok("getMFAPreference")).enabled, ["SOFTWARE_TOKEN_MFA"]);
  await account.ok("updateMFAPreference", { softwareToken: "disabled" });
  assert.deepEqual(await account.ok("getMFAPreference"), { enabled: [] });
});

test("a passkey stands for a second factor only in a pool that counts it as both", async () => {
  await stage.emulator.setPool({ mfaFactors: ["EMAIL_OTP"] });
  const { failure } = await account.call("updateMFAPreference", { email: "enabled", webAuthn: "enabled" });
  assert.equal(failure.code, "invalidParameter");
  assert.match(failure.message, /MULTI_FACTOR_WITH_USER_VERIFICATION/);
  const webAuthnConfiguration = {
    UserVerification: "required",
    FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION",
  };
  await stage.emulator.setPool({ webAuthnConfiguration });
  assert.equal(await account.ok("updateMFAPreference", { email: "enabled", webAuthn: "enabled" }), null);
});

test("a word that is no setting is named, and nothing is sent", async () => {
  const { failure } = await account.call("updateMFAPreference", { sms: "on" });
  assert.equal(failure.code, "invalidParameter");
  assert.match(failure.message, /`sms` to be "enabled", "disabled", "preferred" or "notPreferred"/);
});

// Firefox takes the driver's authenticator and then waits for a user; WebKitGTK's driver has none to add.
if (engine === "chromium") {
  const CONSENTS = [true, true];
  let authenticatorId;

  async function plugIn([consents, verifies]) {
    await unplug();
    authenticatorId = await stage.browser.addVirtualAuthenticator("ctap2", "internal", true, true, consents, verifies);
  }

  async function unplug() {
    if (authenticatorId) await stage.browser.removeVirtualAuthenticator(authenticatorId);
    authenticatorId = undefined;
  }

  beforeEach(() => plugIn(CONSENTS));
  afterEach(unplug);

  test("a passkey is made, listed, signs in, and is deleted", async () => {
    assert.equal(await account.ok("passkeyOperations.register"), null);
    const passkeys = await account.ok("passkeyOperations.list");
    assert.equal(passkeys.length, 1);
    const [{ credentialId, relyingPartyId, createdAt }] = passkeys;
    assert.equal(relyingPartyId, "localhost");
    assert.match(createdAt, /^\d{4}-\d\d-\d\dT/);
    const { configuredUserAuthFactors } = await account.ok("getUserAuthFactors");
    assert.ok(configuredUserAuthFactors.includes("WEB_AUTHN"), configuredUserAuthFactors.join());

    await account.ok("signOut");
    const asked = await account.ok("signIn", { username: "alice", preferredChallenge: "WEB_AUTHN" });
    assert.equal(asked.signInState, "webAuthn");
    assert.equal((await account.ok("confirmSignIn", {})).signInState, "signedIn");

    assert.equal(await account.ok("passkeyOperations.delete", { credentialId }), null);
    assert.deepEqual(await account.ok("passkeyOperations.list"), []);
  });

  test("an authenticator that has one of the user's makes no second", async () => {
    await account.ok("passkeyOperations.register");
    assert.equal(await account.code("passkeyOperations.register"), "passkeyAlreadyExists");
  });

  test("a user who does not prove to be the one makes no passkey, and is signed in as before", async () => {
    await plugIn([true, false]);
    await stage.emulator.admin("SetUserPoolMfaConfig", {
      UserPoolId: DEFAULT_POOL.userPoolId,
      MfaConfiguration: "OFF",
      WebAuthnConfiguration: { RelyingPartyId: "localhost", UserVerification: "required" },
    });
    assert.equal(await account.code("passkeyOperations.register"), "passkeyCancelled");
    assert.deepEqual(await account.ok("passkeyOperations.list"), []);
  });

  test("a dialog is closed by its signal", async () => {
    await plugIn([false, true]);
    const { failure } = await stage.browser.execute(() => {
      performance.clearResourceTimings();
      const controller = new AbortController();
      const registered = outcome(client.passkeyOperations.register({ signal: controller.signal }));
      // Once the service has answered with the options.
      const begun = setInterval(() => {
        if (performance.getEntriesByType("resource").length > 0) controller.abort();
      }, 100);
      return registered.finally(() => clearInterval(begun));
    });
    assert.equal(failure?.code, "aborted");
  });

  test("a page of another domain than the pool's passkeys makes none", async () => {
    account = await openAccount(stage, { url: stage.emulator.url });
    await account.signIn(alice);
    assert.equal(await account.code("passkeyOperations.register"), "passkeyRelyingPartyMismatch");
  });

  test("a passkey that is not there cannot be deleted", async () => {
    assert.equal(await account.code("passkeyOperations.delete", { credentialId: "bm90IHRoZXJl" }), "resourceNotFound");
  });
}
