// Remembered devices at sign-in and refresh, from a bare page against the emulator.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, clearAccount, createPool, openAccount } from "./support/account.mjs";
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
async function signInAgain(name = username) {
  await account.ok("signOut");
  await stage.emulator.clearRequests();
  const result = await account.ok("signIn", { username: name, password });
  const steps = (await stage.emulator.requests()).map(
    ({ authFlow, challengeName, operation }) => authFlow ?? challengeName ?? operation,
  );
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
  await stage.emulator.clearRequests();
  await stage.emulator.fault({ operation: "ConfirmDevice", fault: { exception: "InvalidParameterException" } });
  await account.signIn(alice);
  const registrations = await stage.emulator.requests("ConfirmDevice");
  assert.deepEqual(
    registrations.map(({ exception }) => exception),
    ["InvalidParameterException"],
  );
  assert.ok((await account.ok("getTokens")).idToken.tokenString);
});

test("a device whose secrets were cleared is a new one", async () => {
  await account.ok("clearStorage");
  await account.signIn(alice);
  assert.equal((await account.ok("deviceOperations.list")).length, 2);
});

test("a remembered device stands in for the second factor, and one that is not known here does not", async () => {
  await stage.emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["EMAIL_OTP"] });
  await account.ok("updateMFAPreference", { email: "enabled" });
  const [result, steps] = await signInAgain();
  assert.deepEqual(result, { signInState: "signedIn" });
  assert.deepEqual(steps, ["USER_SRP_AUTH", "PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"]);

  await account.ok("clearStorage");
  assert.equal((await account.ok("signIn", { username, password })).signInState, "emailOTP");
  assert.deepEqual(await account.ok("confirmSignIn", { challengeResponse: await stage.emulator.code(username) }), {
    signInState: "signedIn",
  });
});

test("another of the user's devices is forgotten, and this one stays", async () => {
  const other = await account.ok("deviceOperations.get");
  await account.ok("clearStorage");
  await account.signIn(alice);
  const { deviceKey } = await account.ok("deviceOperations.get");
  await account.ok("deviceOperations.forget", { deviceKey: other.deviceKey });
  assert.deepEqual(
    (await account.ok("deviceOperations.list")).map((device) => device.deviceKey),
    [deviceKey],
  );
  assert.equal(await account.code("deviceOperations.get", { deviceKey: other.deviceKey }), "resourceNotFound");
  const [, steps] = await signInAgain();
  assert.ok(steps.includes("DEVICE_PASSWORD_VERIFIER"), steps.join());
});

/** A page of a pool that bob, whose alias is his address, has not signed in to yet. What a configuration says of the pool. */
async function openPoolOfBob() {
  const DeviceConfiguration = { DeviceOnlyRememberedOnUserPrompt: false };
  const UsernameConfiguration = { CaseSensitive: false };
  const ExplicitAuthFlows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"];
  const userPool = await createPool(
    stage,
    { AliasAttributes: ["email"], DeviceConfiguration, UsernameConfiguration },
    { ExplicitAuthFlows },
  );
  const bob = { UserPoolId: userPool.PoolId, Username: "bob" };
  const UserAttributes = [
    { Name: "email", Value: "bob@example.com" },
    { Name: "email_verified", Value: "true" },
  ];
  await stage.emulator.admin("AdminCreateUser", { ...bob, UserAttributes, MessageAction: "SUPPRESS" });
  await stage.emulator.admin("AdminSetUserPassword", { ...bob, Password: password, Permanent: true });
  account = await openAccount(stage, { storage: "indexedDB", userPool });
  return userPool;
}

test("who signs in by an alias is known to come back on the same device, also after a reload", async () => {
  const userPool = await openPoolOfBob();
  await account.signIn({ username: "bob@example.com", password });
  account = await openAccount(stage, { storage: "indexedDB", userPool });
  for (const name of ["bob@example.com", "bob"]) {
    const [result, steps] = await signInAgain(name);
    assert.deepEqual(result, { signInState: "signedIn" });
    assert.ok(steps.includes("DEVICE_PASSWORD_VERIFIER"), `${name}: ${steps.join()}`);
  }
  assert.equal((await account.ok("deviceOperations.list")).length, 1);
});

test("who sends the password at once has one device as well, by whatever name", async () => {
  await openPoolOfBob();
  const keys = [];
  for (const name of ["bob", "bob@example.com", "BOB@example.com", "bob"]) {
    const result = await account.ok("signIn", { username: name, password, authFlow: "USER_PASSWORD_AUTH" });
    assert.equal(result.signInState, "signedIn", name);
    await stage.browser.waitUntil(async () => (await account.ok("deviceOperations.list")).length === 1);
    await account.ok("getTokens", { forceRefresh: true });
    keys.push((await account.ok("deviceOperations.get")).deviceKey);
    await account.ok("signOut");
  }
  const [first, second, ...others] = keys;
  assert.notEqual(second, first, "it was not known whose alias it was");
  assert.deepEqual(others, [second, second]);
});
