// A reload in the middle of a sign-in or sign-up, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, clearAccount, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const stage = setStage();
const open = () => openAccount(stage, { storage: "indexedDB" });
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  await clearAccount(stage);
  account = await open();
});

const reload = async () => (account = await open());
const answer = (challengeResponse) => account.ok("confirmSignIn", { challengeResponse });

test("a mailed code may be typed after a reload", async () => {
  const asked = await account.ok("signIn", { username, preferredChallenge: "EMAIL_OTP" });
  await reload();
  assert.equal(
    await account.code("confirmSignIn", { challengeResponse: "1" }),
    "invalidState",
    "it was not resumed yet",
  );
  assert.deepEqual(await account.ok("resumeSignIn"), { ...asked, username });
  assert.deepEqual(await answer(await stage.emulator.code(username)), { signInState: "signedIn" });
  await reload();
  assert.equal(await account.ok("resumeSignIn"), null);
});

test("the password is not stored, and asked for again", async () => {
  await account.ok("signIn", { username, password, authFlow: "USER_AUTH" });
  await reload();
  assert.equal((await account.ok("resumeSignIn")).signInState, "selectChallenge");
  assert.deepEqual(await answer("PASSWORD_SRP"), { signInState: "password" });
  await reload();
  assert.deepEqual(await account.ok("resumeSignIn"), { signInState: "password", username });
  assert.deepEqual(await answer(password), { signInState: "signedIn" });
});

test("a sign-out leaves nothing to resume", async () => {
  await account.ok("signIn", { username, preferredChallenge: "EMAIL_OTP" });
  await account.ok("signOut");
  await reload();
  assert.equal(await account.ok("resumeSignIn"), null);
});

test("what is half done is not readable in the store", async () => {
  await account.ok("signIn", { username: "alice", preferredChallenge: "EMAIL_OTP" });
  const rows = await stage.browser.execute(async () => {
    const open = indexedDB.open("cognito-wasm");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const all = open.result.transaction("records").objectStore("records");
    const [keys, values] = [all.getAllKeys(), all.getAll()];
    await new Promise((resolve) => (values.onsuccess = resolve));
    open.result.close();
    return keys.result.map((key, index) => [key, new TextDecoder().decode(values.result[index].data)]);
  });
  const [, text] = rows.find(([key]) => key.endsWith("/sign-in"));
  assert.doesNotMatch(text, /EMAIL_OTP|alice/);
});

test("a confirmed sign-up goes straight on into a sign-in, whatever is reloaded", async () => {
  await account.ok("signUp", { username: "carol", userAttributes: { email: "carol@example.com" } });
  await reload();
  const confirmationCode = await stage.emulator.code("carol");
  await account.ok("confirmSignUp", { username: "carol", confirmationCode });
  await reload();
  assert.deepEqual(await account.ok("autoSignIn"), { signInState: "signedIn" });
  assert.equal(await account.claim("cognito:username"), "carol");
  await account.ok("signOut");
  assert.equal(await account.code("autoSignIn"), "invalidState", "it serves once");
});

test("without a confirmation a moment ago there is nothing to go on from", async () => {
  assert.equal(await account.code("autoSignIn"), "invalidState");
});
