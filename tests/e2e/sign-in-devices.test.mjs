// Remembered devices at sign-in and refresh, from a bare page against the emulator.

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
  await stage.emulator.setPool({ deviceTracking: "always" });
  await clearAccount(stage);
  account = await open();
  await account.signIn(alice);
});

/** The flows and challenges of the last sign-in. */
async function signInAgain() {
  await account.ok("signOut");
  await stage.emulator.clearRequests();
  const result = await account.ok("signIn", { username, password });
  const steps = (await stage.emulator.requests()).map(({ authFlow, challengeName, operation }) => authFlow ?? challengeName ?? operation);
  return [result, steps];
}

test("a device that was seen before proves itself, and is not registered again", async () => {
  const [result, steps] = await signInAgain();
  assert.deepEqual(result, { signInState: "signedIn" });
  assert.deepEqual(steps, ["USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"]);
  assert.equal((await account.ok("deviceOperations.list")).length, 1);
});

test("also after a reload, and its tokens are renewed with it", async () => {
  account = await open();
  await account.ok("getTokens", { forceRefresh: true });
  const [, steps] = await signInAgain();
  assert.ok(steps.includes("DEVICE_PASSWORD_VERIFIER"), steps.join());
  await account.ok("getTokens", { forceRefresh: true });
});

test("a device that was forgotten at the service does not keep its user out", async () => {
  await stage.emulator.forgetDevices(username);
  const [result] = await signInAgain();
  assert.deepEqual(result, { signInState: "signedIn" });
  assert.equal((await account.ok("deviceOperations.list")).length, 1, "it is a new one");
  const [, steps] = await signInAgain();
  assert.ok(steps.includes("DEVICE_PASSWORD_VERIFIER"), steps.join());
});

test("a registration that fails does not fail the sign-in", async () => {
  await account.ok("clearStorage");
  await stage.emulator.fault({ operation: "ConfirmDevice", fault: { exception: "InvalidParameterException" } });
  await account.signIn(alice);
  assert.ok((await account.ok("getTokens")).idToken.tokenString);
});

test("a device whose secrets were cleared is a new one", async () => {
  await account.ok("clearStorage");
  await account.signIn(alice);
  assert.equal((await account.ok("deviceOperations.list")).length, 2);
});
