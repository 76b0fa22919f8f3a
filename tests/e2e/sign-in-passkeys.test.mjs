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

// WebKitGTK has no authenticator that its driver could add, and Firefox's never answers.
if (engine === "chromium") {
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
    assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: "WEB_AUTHN" }), { signInState: "webAuthn" });
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

  test("an offer in the form ends with its signal", async () => {
    await signIn();
    const failure = await stage.browser.execute(async () => {
      const input = document.createElement("input");
      input.autocomplete = "username webauthn";
      document.body.append(input);
      const abort = new AbortController();
      const call = outcome(client.confirmSignIn({ mediation: "conditional", signal: abort.signal }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      abort.abort();
      return (await call).failure?.code ?? "it signed in";
    });
    // A virtual authenticator may take the offer at once, for nobody is there to choose.
    assert.ok(["aborted", "it signed in"].includes(failure), failure);
  });
}
