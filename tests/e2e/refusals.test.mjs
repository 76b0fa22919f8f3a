// What the service refuses: the demo page shows the error as it came, and no user is signed in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

test("a wrong password is refused, and the right one then signs in", async () => {
  const { demo, emulator, browser } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn({ ...alice, password: "Wrong-horse-7" });
  const error = await demo.waitForError();
  assert.equal(error.code, "notAuthorized");
  assert.equal(error.serviceException, "NotAuthorizedException");
  assert.equal(error.retryable, false);
  assert.equal(await demo.userState(), "signedOut");
  assert.equal(await browser.$("#sign-in-password").getValue(), "");
  assert.equal(await browser.execute(() => document.activeElement.id), "sign-in-password");
  await demo.screenshot("wrong password");

  await demo.signIn(alice);
  await demo.waitForState("signedIn");
});

test("an unknown user gets the same error as a wrong password, so that names cannot be guessed", async () => {
  const { demo, emulator } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn({ ...alice, password: "Wrong-horse-7" });
  const known = await demo.waitForError();
  await demo.reload();
  await demo.signIn({ username: "nobody", password: "Wrong-horse-7" });
  assert.deepEqual(await demo.waitForError(), known);
  assert.equal(await demo.userState(), "signedOut");
});

test("a wrong code is refused, and the right one then confirms", async () => {
  const { demo, emulator } = stage;
  await demo.open();
  await demo.signUp(alice);
  await demo.waitForStep("confirm");
  const right = await emulator.code(alice.username);
  await demo.confirm(alice, right === "000000" ? "111111" : "000000");
  const error = await demo.waitForError();
  assert.equal(error.code, "codeMismatch");
  assert.equal(error.serviceException, "CodeMismatchException");
  await demo.screenshot("wrong code");

  await demo.confirm(alice, right);
  await demo.waitForStep("sign-in");
});

test("a weak password is refused, and no account is made", async () => {
  const { demo, emulator } = stage;
  await demo.open();
  await demo.signUp({ ...alice, password: "weak" });
  const error = await demo.waitForError();
  assert.equal(error.code, "invalidPassword");
  assert.equal(error.serviceException, "InvalidPasswordException");
  assert.deepEqual(await emulator.outbox(), []);
  await demo.screenshot("weak password");
});

test("a taken username is refused", async () => {
  const { demo, emulator } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signUp(alice);
  const error = await demo.waitForError();
  assert.equal(error.code, "usernameExists");
  assert.equal(error.serviceException, "UsernameExistsException");
});

test("who has not confirmed yet cannot sign in, and is led to the form that does it", async () => {
  const { demo, browser } = stage;
  await demo.open();
  await demo.signUp(alice);
  await demo.waitForStep("confirm");
  await demo.signIn(alice);
  await demo.waitForNotice(/still waits for its code/);
  assert.equal(await demo.step(), "confirm");
  assert.equal(await demo.userState(), "signedOut");
  assert.equal(await browser.$("#confirm-username").getValue(), alice.username);
});
