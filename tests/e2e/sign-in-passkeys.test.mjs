// Sign-in with a passkey, by the browser's virtual authenticator.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { alice, clearAccount, openAccount } from "./support/account.mjs";
import { engine } from "./support/drivers.mjs";
import { setStage } from "./support/stage.mjs";

const { username } = alice;
const stage = setStage();

beforeEach(() => stage.emulator.createUser(alice));

test("a browser without passkeys says so, and the other factors stay", async () => {
  const account = await openAccount(stage);
  await account.signIn(alice);
  await stage.browser.execute(() => {
    Object.defineProperty(window, "PublicKeyCredential", { value: undefined });
  });
  assert.equal(await account.code("passkeyOperations.register"), "passkeyNotSupported");
  await account.ok("signOut");
  await account.signIn(alice);
});

// WebKitGTK has no authenticator that its driver could add.
if (engine !== "webkit") {
  const open = () => openAccount(stage, { storage: "indexedDB" });
  let account;
  let authenticatorId;

  beforeEach(async () => {
    authenticatorId = await stage.browser.addVirtualAuthenticator("ctap2", "internal", true, true, true, true);
    await clearAccount(stage);
    account = await open();
    await account.signIn(alice);
    await account.ok("passkeyOperations.register");
    await account.ok("signOut");
  });
  afterEach(() => stage.browser.removeVirtualAuthenticator(authenticatorId).catch(() => {}));

  const signIn = () => account.ok("signIn", { username, preferredChallenge: "WEB_AUTHN" });

  test("a passkey signs in", async () => {
    assert.deepEqual(await signIn(), { signInState: "webAuthn" });
    assert.deepEqual(await account.ok("confirmSignIn", {}), { signInState: "signedIn" });
  });

  test("a passkey is one of the factors that the user chooses among, also after a reload", async () => {
    const asked = await account.ok("signIn", { username, authFlow: "USER_AUTH" });
    assert.ok(asked.availableChallenges.includes("WEB_AUTHN"));
    assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: "WEB_AUTHN" }), {
      signInState: "webAuthn",
    });
    account = await open();
    assert.deepEqual(await account.ok("resumeSignIn"), { signInState: "webAuthn", username });
    assert.deepEqual(await account.ok("confirmSignIn", {}), { signInState: "signedIn" });
  });

  test("an authenticator without the passkey cancels, and the question stays", async () => {
    await signIn();
    await stage.browser.removeVirtualAuthenticator(authenticatorId);
    // It has no passkey, and the user does not verify.
    authenticatorId = await stage.browser.addVirtualAuthenticator("ctap2", "internal", true, true, true, false);
    assert.equal(await account.code("confirmSignIn", {}), "passkeyCancelled");
    assert.deepEqual(await account.ok("resumeSignIn"), { signInState: "webAuthn", username });
  });

  test("a question that has expired says so, and the sign-in begins again", async () => {
    await signIn();
    await stage.emulator.advance(16 * 60);
    const { failure } = await account.call("confirmSignIn", {});
    assert.equal(failure.code, "notAuthorized");
    assert.match(failure.message, /session/i);
    assert.equal(await account.code("confirmSignIn", {}), "invalidState");
    assert.deepEqual(await signIn(), { signInState: "webAuthn" });
  });

  // Firefox's is taken in a popup of the browser's own, which neither the keys nor the clicks of its driver reach.
  if (engine === "chromium") {
    test("an offer in the form signs in the user who takes it", async () => {
      await signIn();
      await addField();
      assert.deepEqual(await account.ok("confirmSignIn", { mediation: "conditional" }), { signInState: "signedIn" });
    });
  }

  test("an offer in the form ends with its signal, and the question stays", async () => {
    // Chromium's authenticator takes at once what is offered to it; one whose user does not consent leaves it waiting.
    const [passkey] = await stage.browser.getCredentials(authenticatorId);
    const { credentialId, isResidentCredential, rpId, privateKey, userHandle, signCount } = passkey;
    await stage.browser.removeVirtualAuthenticator(authenticatorId);
    authenticatorId = await stage.browser.addVirtualAuthenticator("ctap2", "internal", true, true, false, true);
    await stage.browser.addCredential(
      authenticatorId,
      credentialId,
      isResidentCredential,
      rpId,
      privateKey,
      userHandle,
      signCount,
    );
    await signIn();
    await addField();
    const { failure } = await stage.browser.execute(async () => {
      const { get } = CredentialsContainer.prototype;
      const offered = new Promise((resolve) => {
        CredentialsContainer.prototype.get = function (...args) {
          resolve();
          return get.apply(this, args);
        };
      });
      const abort = new AbortController();
      const call = outcome(client.confirmSignIn({ mediation: "conditional", signal: abort.signal }));
      await offered;
      abort.abort();
      return call;
    });
    assert.equal(failure?.code, "aborted");
    assert.deepEqual(await account.ok("resumeSignIn"), { signInState: "webAuthn", username });
  });

  test("a passkey signs in past the second factor while its user has it so", async () => {
    const webAuthnConfiguration = {
      UserVerification: "required",
      FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION",
    };
    await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["EMAIL_OTP"], webAuthnConfiguration });
    await account.signIn(alice);
    await account.ok("updateMFAPreference", { email: "enabled", webAuthn: "enabled" });
    await account.ok("signOut");
    assert.equal((await account.ok("signIn", { username, password: alice.password })).signInState, "emailOTP");
    assert.deepEqual(await signIn(), { signInState: "webAuthn" });
    assert.deepEqual(await account.ok("confirmSignIn", {}), { signInState: "signedIn" });

    await account.ok("updateMFAPreference", { webAuthn: "disabled" });
    await account.ok("signOut");
    assert.notDeepEqual(await signIn(), { signInState: "webAuthn" });
  });

  /** Where the browser offers passkeys. */
  const addField = () =>
    stage.browser.execute(() => {
      const input = document.createElement("input");
      input.autocomplete = "username webauthn";
      document.body.append(input);
    });
}
