// Remembered devices, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const stage = setStage();
let account;

async function begin(deviceTracking) {
  await stage.emulator.setPool({ deviceTracking });
  account = await openAccount(stage);
}

beforeEach(() => stage.emulator.createUser(alice));

test("in a pool that remembers every device this one is listed, read, and forgotten", async () => {
  await begin("always");
  await account.signIn(alice);
  const [device, ...others] = await account.ok("deviceOperations.list");
  assert.deepEqual(others, []);
  assert.equal(device.remembered, true);
  assert.match(device.createDate, /^\d{4}-\d\d-\d\dT/);
  const here = await account.ok("deviceOperations.get");
  assert.equal(here.deviceKey, device.deviceKey);
  assert.equal((await account.ok("deviceOperations.get", { deviceKey: device.deviceKey })).deviceKey, device.deviceKey);

  assert.equal(await account.ok("deviceOperations.forget"), null);
  assert.deepEqual(await account.ok("deviceOperations.list"), []);
  assert.equal(await account.code("deviceOperations.get"), "deviceNotRemembered");
  assert.equal(await account.code("deviceOperations.updateStatus", { remembered: true }), "deviceNotRemembered");
});

test("in a pool that asks its users a device is remembered when they say so", async () => {
  await begin("optIn");
  const signedIn = await account.ok("signIn", { username: "alice", password: alice.password });
  assert.deepEqual(signedIn, { signInState: "signedIn", userConfirmationNecessary: true });
  const status = async () => (await account.ok("deviceOperations.get")).remembered;
  assert.equal(await status(), false);
  await account.ok("deviceOperations.updateStatus", { remembered: true });
  assert.equal(await status(), true);
  await account.ok("deviceOperations.updateStatus", { remembered: false });
  assert.equal(await status(), false);
});

test("a device that does not exist is not found", async () => {
  await begin("always");
  await account.signIn(alice);
  const deviceKey = "us-east-1_00000000-0000-4000-8000-000000000000";
  assert.equal(await account.code("deviceOperations.get", { deviceKey }), "resourceNotFound");
  assert.equal(await account.code("deviceOperations.forget", { deviceKey }), "resourceNotFound");
});

test("in a pool that tracks no devices there is none", async () => {
  await begin("off");
  await account.signIn(alice);
  assert.equal(await account.code("deviceOperations.get"), "deviceNotRemembered");
});
