// Passkeys on the demo page, made and used with the browser's virtual authenticator.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { alice, Demo } from "./support/demo.mjs";
import { engine } from "./support/drivers.mjs";
import { clearStores, setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();
let demo;

beforeEach(async () => {
  await createUser(stage.emulator, alice);
});

test("on an address instead of a name the page says where passkeys work", async () => {
  await stage.demo.open();
  await stage.demo.signIn(alice);
  await stage.demo.waitForState("signedIn");
  await stage.demo.openPart("Passkeys");
  await stage.demo.see("the hint", () => stage.browser.$("[data-section=passkeys] .note").isDisplayed());
  const link = await stage.browser.$("[data-section=passkeys] .note a").getAttribute("href");
  assert.equal(link, `${stage.emulator.url.replace("127.0.0.1", "localhost")}/`);
});

// WebKitGTK has no authenticator that its driver could add.
if (engine !== "webkit") {
  let authenticator;
  beforeEach(async () => {
    const { browser, emulator } = stage;
    demo = new Demo(browser, emulator.url.replace("127.0.0.1", "localhost"));
    await clearStores(browser, demo.url);
    await demo.open();
    authenticator = await browser.addVirtualAuthenticator("ctap2", "internal", true, true, true, true);
  });
  afterEach(() => stage.browser.removeVirtualAuthenticator(authenticator));

  test("a passkey is registered, signs in, and is deleted", async () => {
    const { browser } = stage;
    await demo.setUpPool({ firstFactors: ["PASSWORD", "WEB_AUTHN"] });
    await demo.signIn(alice);
    await demo.waitForState("signedIn");
    await demo.openPart("Passkeys");
    await demo.press("Register a passkey");
    await demo.waitForNotice(/is registered/);
    await demo.waitForRow("passkeys", /localhost/);
    await demo.screenshot("passkeys");
    await demo.press("Register a passkey");
    assert.equal((await demo.waitForError()).code, "passkeyAlreadyExists");

    await demo.openPart("Overview");
    await demo.press("Sign out");
    await demo.waitForState("signedOut");
    await demo.signIn({ username: alice.username }, { flow: "USER_AUTH", preferred: "WEB_AUTHN" });
    await demo.waitForQuestion("webAuthn");
    await demo.screenshot("use a passkey");
    await demo.press("Use a passkey");
    await demo.waitForState("signedIn");

    await demo.openPart("Passkeys");
    await demo.waitForRow("passkeys", /localhost/);
    await demo.pressInRow("passkeys", "localhost", "Delete");
    await demo.see("that none is left", () => browser.$("#passkeys-empty").isDisplayed());
  });

  test("a passkey is offered in a field until the user stops waiting", async () => {
    const { browser } = stage;
    await demo.setUpPool({ firstFactors: ["PASSWORD", "WEB_AUTHN"] });
    await demo.signIn(alice);
    await demo.waitForState("signedIn");
    await demo.openPart("Passkeys");
    await demo.press("Register a passkey");
    await demo.waitForNotice(/is registered/);
    await demo.openPart("Overview");
    await demo.press("Sign out");
    await demo.waitForState("signedOut");

    // Chromium's virtual authenticator takes what is offered at once; one that does not consent leaves it waiting.
    const [{ credentialId, isResidentCredential, rpId, privateKey, userHandle, signCount }] =
      await browser.getCredentials(authenticator);
    await browser.removeVirtualAuthenticator(authenticator);
    authenticator = await browser.addVirtualAuthenticator("ctap2", "internal", true, true, false, true);
    await browser.addCredential(
      authenticator,
      credentialId,
      isResidentCredential,
      rpId,
      privateKey,
      userHandle,
      signCount,
    );
    await demo.signIn({ username: alice.username }, { flow: "USER_AUTH", preferred: "WEB_AUTHN" });
    await demo.waitForQuestion("webAuthn");
    await demo.unfold("Let the browser offer it while I type");
    await demo.press("Offer it in the field above");
    await demo.screenshot("a passkey in a field");
    await demo.press("Stop waiting");
    await demo.visible("button=Offer it in the field above");
    assert.equal(await demo.error(), null);
    assert.equal(await demo.question(), "webAuthn");
  });
}
