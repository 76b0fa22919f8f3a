// Answers that come too late: after a sign-out, or after another user has signed in. And the device that tokens are bound to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { HOUR, REFRESH, alice, bob, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

// Scenario 14. The sign-out itself revokes nothing here, so what is revoked are the late tokens.
test("a sign-out during a refresh stays one, and the tokens that come late are revoked", async () => {
  const [tab] = await tabs.signedIn();
  const late = await holdRefresh(tab, "after");
  const { failure } = await tab.call("signOut", { invalidateTokens: false });
  assert.equal(failure, undefined);
  assert.deepEqual(await tabs.emulator.requests("RevokeToken"), []);
  await tabs.emulator.release();

  await until("the revocation", async () => (await tabs.emulator.requests("RevokeToken")).length === 1);
  assert.equal((await late()).failure?.code, "aborted");
  await assertSignedOut(tab, ["signedIn userAction", "signedOut userAction"]);
  assert.equal((await tabs.open()).stateAtStart, "signedOut");
});

// Scenario 14, before the service has begun with the refresh.
test("a refresh that the service gets to after the sign-out is refused, and changes nothing", async () => {
  const [tab] = await tabs.signedIn();
  const late = await holdRefresh(tab, "before");
  await tab.call("signOut");
  await tabs.emulator.release();
  assert.equal((await late()).failure?.code, "aborted");
  assert.deepEqual(await refreshes(tabs.emulator), ["1 NotAuthorizedException"]);
  await assertSignedOut(tab, ["signedIn userAction", "signedOut userAction"]);
});

// Scenario 14, with the sign-out in another tab.
test("a sign-out in another tab ends a refresh too, and what it brings late is revoked", async () => {
  const [tab, other] = await tabs.signedIn(2);
  const late = await holdRefresh(tab, "after");
  await other.call("signOut", { invalidateTokens: false });
  await until(
    "the sign-out in the tab that refreshes",
    async () => (await tab.states()).at(-1) === "signedOut otherTab",
  );
  await tabs.emulator.release();

  await until("the revocation", async () => (await tabs.emulator.requests("RevokeToken")).length === 1);
  assert.ok((await late()).failure?.isAuthError);
  await assertSignedOut(tab, ["signedIn userAction", "signedOut otherTab"]);
  await assertSignedOut(other, ["signedOut userAction"]);
  assert.equal((await tabs.open()).stateAtStart, "signedOut");
});

// Scenario 15.
test("a user who signs in during another user's refresh never sees the other's tokens", async () => {
  const [tab, other] = await tabs.signedIn(2);
  const late = await holdRefresh(tab, "after");
  await tab.call("signOut", { invalidateTokens: false });
  assert.deepEqual((await tab.call("signIn", bob)).value, { signInState: "signedIn" });
  await tabs.emulator.release();

  await until("the revocation", async () => (await tabs.emulator.requests("RevokeToken")).length === 1);
  assert.equal((await late()).failure?.code, "aborted");
  await assertBobEverywhere([tab, other]);
});

// Scenario 15, with the other user in another tab.
test("a user who signs in in another tab meanwhile replaces the one here, and the late tokens are revoked", async () => {
  const [tab, other] = await tabs.signedIn(2);
  const late = await holdRefresh(tab, "after");
  await other.call("signOut", { invalidateTokens: false });
  assert.deepEqual((await other.call("signIn", bob)).value, { signInState: "signedIn" });
  await until("bob in the tab that refreshes", async () => (await tab.snapshot()).username === bob.username);
  await tabs.emulator.release();

  await until("the revocation", async () => (await tabs.emulator.requests("RevokeToken")).length === 1);
  assert.equal((await late()).failure?.code, "aborted");
  await assertBobEverywhere([tab, other]);
});

// Scenario 17. In this pool a refresh without the device's key is refused.
for (const [pool, clientId] of [
  ["with rotation", DEFAULT_POOL.rotatingClientId],
  ["without rotation", DEFAULT_POOL.clientId],
]) {
  test(`tokens of a remembered device are renewed with its key, also after a reload, in a pool ${pool}`, async () => {
    await tabs.emulator.setPool({ deviceTracking: "always" });
    const [tab] = await tabs.signedIn(1, { clientId });
    await tab.getTokens({ forceRefresh: true });
    await tab.close();
    const next = await tabs.open({ clientId });
    assert.equal(next.stateAtStart, "signedIn");
    await tabs.pass(HOUR);
    await next.getTokens();
    assert.deepEqual(
      (await refreshes(tabs.emulator)).map((each) => each.split(" ")[1]),
      ["ok", "ok"],
    );
  });
}

// Scenario 17: the operation that an older endpoint is asked for takes the key in another place.
test("REFRESH_TOKEN_AUTH brings the device's key too", async () => {
  await tabs.emulator.setPool({ deviceTracking: "always" });
  const [tab] = await tabs.signedIn(1, { clientId: DEFAULT_POOL.clientId });
  await tabs.emulator.fault({ operation: REFRESH, count: null, fault: { exception: "UnknownOperationException" } });
  await tab.getTokens({ forceRefresh: true });
  assert.deepEqual(await refreshes(tabs.emulator), ["1 null", "1 ok"]);
});

// Scenario 17.
test("a device that the service has forgotten ends the session with a reason, and a new sign-in is as good as the first", async () => {
  await tabs.emulator.setPool({ deviceTracking: "always" });
  const [tab] = await tabs.signedIn();
  await tabs.emulator.forgetDevices(alice.username);
  await tabs.pass(HOUR);
  const { failure } = await tab.call("getTokens", { waitForSignIn: false });
  assert.deepEqual([failure?.isAuthError, failure?.code], [true, "notSignedIn"]);
  assert.deepEqual(await tab.states(), ["signedIn userAction", "signedOutUserPoolsTokenInvalid refreshRefused"]);

  assert.deepEqual((await tab.call("signIn", alice)).value, { signInState: "signedIn" });
  await tabs.emulator.clearRequests();
  await tab.getTokens({ forceRefresh: true });
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

/** Begins a refresh and holds it at the service, before it is carried out or with the answer. */
async function holdRefresh(tab, when) {
  await tabs.emulator.hold(REFRESH, { when });
  const late = await tab.begin("getTokens", { forceRefresh: true, waitForSignIn: false });
  await tabs.emulator.heldRequests(REFRESH);
  return late;
}

async function assertSignedOut(tab, states) {
  assert.deepEqual(await tab.states(), states);
  assert.equal(await tab.currentTokens(), null);
  const { userState, username } = await tab.snapshot();
  assert.deepEqual([userState, username ?? null], ["signedOut", null]);
  assert.equal((await tab.call("getTokens")).failure?.code, "notSignedIn");
}

/** Bob, and after he has come nothing of alice's; and his session works. */
async function assertBobEverywhere(all) {
  const [first] = all;
  const tokens = await first.getTokens();
  const another = await tabs.open();
  for (const tab of [...all, another]) {
    await until("bob", async () => (await tab.snapshot()).username === bob.username);
    assert.deepEqual(await tab.getTokens(), tokens);
    const told = await tab.told();
    const came = told.findIndex(({ event, username }) => event === "userState" && username === bob.username);
    for (const { username } of told.slice(Math.max(came, 0))) assert.equal(username, bob.username);
    assert.ok(!told.some(({ event }) => event === "tokensRefreshed"), JSON.stringify(told));
  }
  assert.equal(tokens.username, bob.username);
  await another.getTokens({ forceRefresh: true });
}
