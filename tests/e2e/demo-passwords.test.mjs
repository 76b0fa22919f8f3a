// Passwords on the demo page: forgotten, changed, and reset by an administrator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();
const another = "Another-horse-8";

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  await stage.demo.open();
});

test("a forgotten password is replaced with a code, and the new one signs in", async () => {
  const { demo, browser } = stage;
  await demo.go("Sign in");
  await browser.$("=Forgot your password?").click();
  await demo.waitForStep("forgot");
  await demo.screenshot("forgotten password");
  await demo.type("forgot-username", alice.username);
  await demo.press("Send me a code");
  await demo.waitForStep("reset");
  assert.match(await demo.notice(), /by email to a\*\*\*@e\*\*\*/);
  await demo.useNewestCode("Set a new password");
  await demo.type("reset-password", "weak");
  await demo.press("Set the password");
  assert.equal((await demo.waitForError()).code, "invalidPassword");
  await demo.type("reset-password", another);
  await demo.screenshot("new password by code");
  await demo.press("Set the password");
  await demo.waitForStep("sign-in");
  await demo.signIn({ ...alice, password: another });
  await demo.waitForState("signedIn");
});

test("a password that an administrator has reset leads to the form that sets a new one", async () => {
  const { demo, emulator } = stage;
  await emulator.admin("AdminResetUserPassword", { UserPoolId: DEFAULT_POOL.userPoolId, Username: alice.username });
  await demo.signIn(alice);
  await demo.waitForStep("forgot");
  assert.match(await demo.notice(), /set anew/);
  await demo.useNewestCode("Your password must be set anew");
  await demo.waitForStep("reset");
  await demo.type("reset-password", another);
  await demo.press("Set the password");
  await demo.waitForStep("sign-in");
});

test("a password is changed by who knows the present one", async () => {
  const { demo } = stage;
  await demo.signIn(alice);
  await demo.waitForState("signedIn");
  await demo.openPart("Password");
  await demo.type("current-password", "Wrong-horse-7");
  await demo.type("proposed-password", another);
  await demo.press("Change the password");
  assert.equal((await demo.waitForError()).code, "notAuthorized");
  assert.equal(await stage.browser.execute(() => document.activeElement.id), "current-password");
  await demo.screenshot("change the password");
  await demo.type("current-password", alice.password);
  await demo.press("Change the password");
  await demo.waitForNotice(/password is changed/);
});
