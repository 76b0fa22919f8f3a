// Refreshes without an end: the tab is closed, frozen or crashes, or the response never arrives.
//
// The service has perhaps used the refresh token up by then. It answers another attempt with it for a grace period.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { engine } from "./support/drivers.mjs";
import { HOUR, REFRESH, alice, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();
const clientId = DEFAULT_POOL.rotatingClientId;

/** How long a tab may be taken for alive that is not, in milliseconds: the lease, and the patience with a lock. */
const LEASE_BOUND = 8_000;
const LOCK_BOUND = 20_000;

// Scenario 4. The request of the closed tab is at the service, which has not begun with it.
test("a tab that is closed in mid-refresh gives its lock up, and of those that wait one refreshes at once for all", async () => {
  const [doomed, ...others] = await tabs.signedIn(3);
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH);
  await doomed.begin("getTokens");
  await tabs.emulator.heldRequests(REFRESH);
  const calls = [];
  for (const tab of others) calls.push(await tab.begin("getTokens"));
  await doomed.close();

  const [first, second] = [await calls[0](), await calls[1]()];
  assert.ok(first.value, JSON.stringify(first.failure));
  assert.deepEqual(second.value, first.value);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 null", "1 ok"]);
});

// Scenario 4, after the service has used the token up, and without Web Locks.
test("the lease of a tab that is closed in mid-refresh runs out, and another tab goes on with the same refresh token", async () => {
  await tabs.emulator.setRotation({ clientId, graceSeconds: 30 });
  const [doomed, other] = await tabs.signedIn(2, { without: "locks" });
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH, { when: "after" });
  await doomed.begin("getTokens");
  await tabs.emulator.heldRequests(REFRESH);
  await doomed.close();

  const { value, failure, took } = await other.call("getTokens", { waitForSignIn: false });
  assert.ok(value, JSON.stringify(failure));
  assert.ok(took < LEASE_BOUND, `it took ${took} ms`);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again ok"]);
  await other.getTokens({ forceRefresh: true });
  assert.equal((await refreshes(tabs.emulator)).at(-1), "2 ok");
});

// Scenario 4. Only Chromium's driver can freeze a tab.
if (engine === "chromium") {
  test("a tab that is frozen in mid-refresh holds the others up for a bounded time, and on thaw has their tokens", async () => {
    await tabs.emulator.setRotation({ clientId, graceSeconds: 60 });
    const [frozen, other] = await tabs.signedIn(2);
    await tabs.pass(HOUR);
    await tabs.emulator.hold(REFRESH, { when: "after" });
    await frozen.begin("getTokens");
    await tabs.emulator.heldRequests(REFRESH);
    await frozen.freeze();

    const { value, failure, took } = await other.call("getTokens", { waitForSignIn: false });
    assert.ok(value, JSON.stringify(failure));
    assert.ok(took < LOCK_BOUND, `it took ${took} ms`);
    assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again ok"]);
    await tabs.emulator.release();
    await frozen.thaw();
    assert.deepEqual(await frozen.getTokens(), value);
    assert.deepEqual(await other.getTokens(), value);
    assert.equal((await refreshes(tabs.emulator)).length, 2);
  });
}

// Scenario 5.
test("a refresh whose answer is lost is tried again within the grace, and the session survives", async () => {
  await tabs.emulator.setRotation({ clientId, graceSeconds: 30 });
  const [tab, other] = await tabs.signedIn(2);
  await tabs.pass(HOUR);
  await tabs.emulator.loseAnswer(REFRESH);
  const { value, failure } = await tab.call("getTokens", { waitForSignIn: false });
  // A browser may repeat a request whose connection was lost; then it does not show.
  if (value === undefined)
    assert.deepEqual([failure.isAuthError, failure.code, failure.retryable], [true, "network", true]);

  const tokens = await until("tokens without another call", () => tab.currentTokens());
  await until("tokens in the other tab", async () => (await other.currentTokens())?.access === tokens.access);
  assert.deepEqual((await refreshes(tabs.emulator)).slice(0, 2), ["1 ok", "1 again ok"]);
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);
});

// Scenario 5. The answer is lost, and until the grace is over nothing else gets through either.
test("a refresh whose answer was lost for longer than the grace ends the session, and the app is told that it was a reuse", async () => {
  await tabs.emulator.setRotation({ clientId, graceSeconds: 30 });
  const [tab, other] = await tabs.signedIn(2);
  await tabs.pass(HOUR);
  await tabs.emulator.loseAnswer(REFRESH);
  await tabs.emulator.fault({ operation: REFRESH, count: null, fault: { reset: true } });
  const { failure } = await tab.call("getTokens", { waitForSignIn: false });
  assert.equal(failure?.code, "network");
  assert.equal((await tab.snapshot()).userState, "signedIn");
  await tabs.emulator.advance(31);
  await tabs.emulator.clearFaults();

  await until(
    "the end of the session",
    async () => (await tab.states()).at(-1) === "signedOutUserPoolsTokenInvalid reuse",
  );
  await until(
    "the word in the other tab",
    async () => (await other.states()).at(-1) === "signedOutUserPoolsTokenInvalid reuse",
  );
  assert.deepEqual(await tab.states(), ["signedIn userAction", "signedOutUserPoolsTokenInvalid reuse"]);
  const { username, reason, isSignedIn } = await other.snapshot();
  assert.deepEqual({ username, reason, isSignedIn }, { username: alice.username, reason: "reuse", isSignedIn: true });
  const after = await other.call("getTokens", { waitForSignIn: false });
  assert.equal(after.failure?.code, "notSignedIn");

  assert.deepEqual((await other.call("signIn", alice)).value, { signInState: "signedIn" });
  await until("the new session in the first tab", async () => (await tab.states()).at(-1) === "signedIn otherTab");
  assert.deepEqual(await tab.getTokens(), await other.getTokens());
});

// Scenario 6. The tab has the answer and dies before it has stored it.
test("a tab that crashes between receiving new tokens and storing them costs nothing: the next page asks again", async () => {
  await tabs.emulator.setRotation({ clientId, graceSeconds: 30 });
  const next = await crashBeforeStoring();
  assert.equal(next.stateAtStart, "signedIn");
  const tokens = await until("tokens without a call", () => next.currentTokens());
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again ok"]);

  // The refresh token in the store is the one that came with these tokens, not one of before.
  const later = await next.getTokens({ forceRefresh: true });
  assert.notEqual(later.access, tokens.access);
  assert.equal((await refreshes(tabs.emulator)).at(-1), "2 ok");
});

// Scenario 6, in a pool without grace: what was lost is lost, and is said.
test("after such a crash a pool without grace ends the session, and the next page says that it was a reuse", async () => {
  const next = await crashBeforeStoring();
  await until(
    "the end of the session",
    async () => (await next.states()).at(-1) === "signedOutUserPoolsTokenInvalid reuse",
  );
  assert.equal(await next.currentTokens(), null);
  const { failure } = await next.call("getTokens", { waitForSignIn: false });
  assert.equal(failure?.code, "notSignedIn");
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again RefreshTokenReuseException"]);

  const reloaded = await tabs.open();
  assert.equal(reloaded.stateAtStart, "signedOutUserPoolsTokenInvalid");
  assert.equal((await reloaded.snapshot()).reason, "reuse");
});

/** Has a tab receive new tokens and die before they are stored. Returns the page that comes next. */
async function crashBeforeStoring() {
  const [tab] = await tabs.signedIn();
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH, { when: "after" });
  await tab.begin("getTokens");
  await tabs.emulator.heldRequests(REFRESH);
  await tab.run(() => tab.stopStoring());
  await tabs.emulator.release();
  await until("the tokens on their way to the store", () => tab.run(() => tab.isStuck));
  await tab.close();
  return tabs.open();
}
