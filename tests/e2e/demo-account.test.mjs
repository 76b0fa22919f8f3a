// The account of who is signed in, part by part, on the demo page.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  await stage.demo.open();
});

test("an attribute is added, changed and deleted", async () => {
  const { demo, browser } = stage;
  await signIn();
  await demo.openPart("Attributes");
  await demo.waitForRow("attributes", /email\s+verified[\s\S]*alice@example.com/);
  await demo.type("attribute-name", "nickname");
  await demo.type("attribute-value", "Al");
  await demo.press("Save");
  await demo.waitForRow("attributes", /nickname\s+Al\b/);
  await demo.screenshot("attributes");
  await demo.pressInRow("attributes", "nickname", "Change");
  assert.equal(await browser.$("#attribute-value").getValue(), "Al");
  await demo.type("attribute-value", "Ally");
  await demo.press("Save");
  await demo.waitForRow("attributes", /nickname\s+Ally/);
  await demo.pressInRow("attributes", "nickname", "Delete");
  await demo.see(
    "that it is gone",
    async () => !(await demo.rows("attributes")).some((row) => row.includes("nickname")),
  );
});

test("a new address is confirmed with the code that went there", async () => {
  const { demo } = stage;
  await signIn();
  await demo.openPart("Attributes");
  await demo.pressInRow("attributes", "email", "Change");
  await demo.type("attribute-value", "alice@example.org");
  await demo.press("Save");
  await demo.waitForRow("attributes", /email\s+not verified[\s\S]*alice@example.org/);
  await demo.waitForMail("Confirm what you changed");
  await demo.pressInRow("attributes", "email", "Verify");
  await demo.useNewestCode("Confirm your address");
  await demo.screenshot("confirm an address");
  await demo.press("Confirm it");
  await demo.waitForRow("attributes", /email\s+verified[\s\S]*alice@example.org/);
});

test("an authenticator app is set up and switched on, and the next sign-in asks for its code", async () => {
  const { demo, browser } = stage;
  await demo.setUpPool({ mfa: "OPTIONAL", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  await signIn();
  await demo.openPart("MFA");
  await demo.press("Set up an app");
  await demo.see("the secret", () => browser.$("#totp-setup canvas").isExisting());
  assert.match(await browser.$("#totp-setup").getText(), /otpauth:\/\/totp\/127\.0\.0\.1:alice\?secret=\w+/);
  await demo.type("totp-setup-code", "12345");
  await demo.useAuthenticator();
  await demo.screenshot("set up an app in the account");
  await demo.press("Check the code");
  await demo.waitForNotice(/Your app works/);
  assert.equal(await browser.$("#totp-setup canvas").isExisting(), false, "the secret stays on show");
  await demo.press("Save");
  await demo.waitForNotice(/Saved/);
  await demo.see("the setting", async () => /authenticator app/.test(await browser.$("#mfa-now").getText()));
  await demo.screenshot("MFA");
  await demo.openPart("Overview");
  await demo.press("Sign out");
  await demo.waitForState("signedOut");

  await demo.signIn(alice);
  await demo.waitForQuestion("softwareTokenMFA");
  await demo.useAuthenticator();
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("in a pool that asks, the user decides whether this device is remembered, and forgets it again", async () => {
  const { demo } = stage;
  await demo.setUpPool({ devices: "optIn" });
  await signIn();
  await demo.press("Remember it");
  await demo.waitForNotice(/is remembered/);
  await demo.openPart("Devices");
  await demo.waitForRow("devices", /this device[\s\S]*Remembered\s+Yes/);
  await demo.screenshot("devices");
  await demo.pressInRow("devices", "this device", "Do not remember");
  await demo.waitForRow("devices", /this device[\s\S]*Remembered\s+No/);
  await demo.pressInRow("devices", "this device", "Forget");
  await demo.see("that none is left", async () => (await demo.rows("devices")).length === 0);
  assert.equal(await demo.error(), null);
});

test("a session elsewhere is listed and ended", async () => {
  const { demo, emulator } = stage;
  await emulator.admin("InitiateAuth", {
    ClientId: DEFAULT_POOL.clientId,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: alice.username, PASSWORD: alice.password },
  });
  await signIn();
  await demo.openPart("Sessions");
  await demo.waitForRow("sessions", /this session/);
  assert.equal((await demo.rows("sessions")).length, 2);
  await demo.screenshot("sessions");
  await demo.press("End this session");
  await demo.see("that one is left", async () => (await demo.rows("sessions")).length === 1);
  assert.equal(await demo.userState(), "signedIn");
});

test("an account is deleted for good", async () => {
  const { demo, emulator } = stage;
  await signIn();
  await demo.unfold("Delete the account");
  await demo.tick("Yes, delete it for good");
  await demo.screenshot("delete the account");
  await demo.press("Delete my account");
  await demo.waitForState("signedOut");
  await demo.waitForStep("sign-up");
  const { Users } = await emulator.admin("ListUsers", { UserPoolId: DEFAULT_POOL.userPoolId });
  assert.deepEqual(Users, []);
});

test("what a part of the account showed is gone when the user is", async () => {
  const { demo, browser } = stage;
  await signIn();
  await demo.openPart("Attributes");
  await demo.waitForRow("attributes", /email/);
  await demo.openPart("Overview");
  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  assert.deepEqual(await demo.rows("attributes"), []);
  await browser.execute(() => (location.hash = "#attributes"));
  await demo.waitForStep("sign-in");
});

async function signIn() {
  await stage.demo.signIn(alice);
  await stage.demo.waitForState("signedIn");
  await stage.demo.waitForStep("account");
}
