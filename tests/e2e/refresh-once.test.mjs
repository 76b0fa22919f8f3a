// One refresh, however many ask: in one tab and in several, with and without rotation, in any order.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { HOUR, REFRESH, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

// Scenario 1. The pool ends a refresh token at its first use, without grace.
for (const [number, count, storage] of [
  ["five", 5, "indexedDB"],
  ["three", 3, "localStorage"],
]) {
  test(`${number} tabs over ${storage} whose tokens have expired ask at once: one refresh, and all have its tokens`, async () => {
    const all = await tabs.signedIn(count, { settings: { storage } });
    await tabs.pass(HOUR);
    await askAtOnce(all);
    assert.equal((await all[0].snapshot()).storage, storage);
    assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
  });
}

// Scenario 1, with the first request still under way when the others ask.
test("tabs that ask while another refreshes wait for its tokens", async () => {
  const [first, ...others] = await tabs.signedIn(3);
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH);
  const calls = [await first.begin("getTokens")];
  await tabs.emulator.heldRequests(REFRESH);
  for (const tab of others) calls.push(await tab.begin("getTokens"));
  await tabs.emulator.release();
  const [expected, ...rest] = await allOf(calls);
  assert.ok(expected.value, JSON.stringify(expected.failure));
  for (const { value } of rest) assert.deepEqual(value, expected.value);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

// Scenario 2. A lease in localStorage is no lock: where two tabs write it in the same instant both may believe to hold it.
// Then one of them is refused, and takes over what the other was given.
test("where there are no Web Locks five tabs that ask at once still have the same tokens, and none is signed out", async () => {
  const five = await tabs.signedIn(5, { without: "locks" });
  await tabs.pass(HOUR);
  await askAtOnce(five);
  const log = await refreshes(tabs.emulator);
  assert.equal(log[0], "1 ok");
  assert.ok(log.length <= 2, log.join(", "));
});

// Scenario 2, with nothing to keep out of one another's way by. A tab may be refused, or told to ask again later.
test("where tabs have neither Web Locks nor localStorage a call may fail, but the session goes on", async () => {
  const all = await tabs.signedIn(3, { without: "locks,localStorage" });
  await tabs.pass(HOUR);
  for (const { failure } of await beginAtOnce(all)) assert.ok(!failure || failure.retryable, JSON.stringify(failure));
  for (const tab of all) await until("tokens without another call", () => tab.currentTokens());
  const { access } = await all[0].getTokens();
  for (const tab of all) {
    assert.equal((await tab.getTokens()).access, access);
    assert.ok(!(await tab.states()).some((state) => state.startsWith("signedOut")));
  }
  const log = await refreshes(tabs.emulator);
  assert.equal(log.filter((each) => each === "1 ok").length, 1, log.join(", "));
});

// Scenario 3.
test("a hundred calls in one tab come to one refresh", async () => {
  const [tab] = await tabs.signedIn();
  await tabs.pass(HOUR);
  const outcomes = await tab.run(() => tab.ask(100));
  assert.equal(outcomes.length, 100);
  for (const { value } of outcomes) assert.deepEqual(value, outcomes[0].value);
  assert.ok(outcomes[0].value);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

// Scenario 7. The second tab has no locks, so it does not wait for the first one; the first has no channel, so it does not
// hear of the second's tokens.
test("a tab whose refresh is refused because another was faster takes over the other's tokens and ends no session", async () => {
  const [deaf] = await tabs.signedIn(1, { without: "BroadcastChannel" });
  const hasty = await tabs.open({ without: "locks" });
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH);
  const refused = await deaf.begin("getTokens");
  await tabs.emulator.heldRequests(REFRESH);
  const tokens = await hasty.getTokens();
  await tabs.emulator.release();

  assert.deepEqual((await refused()).value, tokens);
  assert.deepEqual((await refreshes(tabs.emulator)).sort(), ["1 again RefreshTokenReuseException", "1 ok"]);
  assert.deepEqual(await deaf.states(), ["signedIn userAction"]);
  assert.deepEqual(await deaf.getTokens(), tokens);
  await deaf.getTokens({ forceRefresh: true });
  assert.equal((await refreshes(tabs.emulator)).at(-1), "2 ok");
});

// Scenario 7, the other way round: the one that is refused comes to that while the other's tokens are still on their way.
// It has revoked them, so they bring no session back.
test("tokens that arrive after another tab was told of a reuse and revoked the family end with it in both", async () => {
  const [slow, hasty] = [...(await tabs.signedIn()), await tabs.open({ without: "locks" })];
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH, { when: "after" });
  const answer = await slow.begin("getTokens", { waitForSignIn: false });
  await tabs.emulator.heldRequests(REFRESH);
  await hasty.call("getTokens", { waitForSignIn: false });
  await tabs.emulator.release();

  assert.equal((await answer()).failure?.code, "notSignedIn");
  for (const tab of [slow, hasty]) {
    await until("the end in both", async () => (await tab.snapshot()).userState === "signedOutUserPoolsTokenInvalid");
    assert.equal((await tab.snapshot()).reason, "reuse");
  }
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again RefreshTokenReuseException"]);
});

// Scenario 16, with the two tabs of scenario 7. Within the grace both are answered, each with tokens of its own.
test("an answer that comes after a newer one changes nothing: not here, not in the store, not in other tabs", async () => {
  await tabs.emulator.setRotation({ clientId: DEFAULT_POOL.rotatingClientId, graceSeconds: 30 });
  const [deaf] = await tabs.signedIn(1, { without: "BroadcastChannel" });
  const hasty = await tabs.open({ without: "locks" });
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH, { when: "after" });
  const late = await deaf.begin("getTokens");
  await tabs.emulator.heldRequests(REFRESH);
  const newer = await hasty.getTokens();
  await tabs.emulator.release();

  assert.deepEqual((await late()).value, newer);
  const another = await tabs.open();
  for (const tab of [deaf, hasty, another]) assert.deepEqual(await tab.getTokens(), newer);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok", "1 again ok"]);
});

// Scenario 18.
for (const [pool, clientId] of [
  ["with rotation", DEFAULT_POOL.rotatingClientId],
  ["without rotation", DEFAULT_POOL.clientId],
]) {
  test(`a pool ${pool} is asked for new tokens by GetTokensFromRefreshToken, as often as they expire`, async () => {
    const [tab] = await tabs.signedIn(1, { clientId });
    const seen = new Set();
    for (let time = 0; time < 3; time++) {
      await tabs.pass(HOUR);
      seen.add((await tab.getTokens()).access);
    }
    assert.equal(seen.size, 3);
    const log = await tabs.emulator.requests();
    assert.deepEqual(
      log.map(({ operation, outcome }) => `${operation} ${outcome}`),
      Array(3).fill(`${REFRESH} ok`),
    );
  });
}

// Scenario 18: an endpoint that is older than the operation.
test("a service that does not know GetTokensFromRefreshToken is asked for REFRESH_TOKEN_AUTH", async () => {
  const [tab] = await tabs.signedIn(1, { clientId: DEFAULT_POOL.clientId });
  await tabs.pass(HOUR);
  await tabs.emulator.fault({ operation: REFRESH, count: null, fault: { exception: "UnknownOperationException" } });
  await tab.getTokens();
  const log = await tabs.emulator.requests();
  assert.deepEqual(
    log.map(({ operation, authFlow }) => authFlow ?? operation),
    [REFRESH, "REFRESH_TOKEN_AUTH"],
  );
});

// Scenario 19.
test("a forced refresh is sent, and other calls are served from the cache meanwhile", async () => {
  const [tab, other] = await tabs.signedIn(2);
  const cached = await tab.getTokens();
  await tabs.emulator.hold(REFRESH);
  const forced = await tab.begin("getTokens", { forceRefresh: true });
  await tabs.emulator.heldRequests(REFRESH);
  assert.deepEqual(await tab.getTokens(), cached);
  assert.deepEqual(await other.getTokens(), cached);
  await tabs.emulator.release();

  const { value } = await forced();
  assert.notEqual(value.access, cached.access);
  await until("the other tab's new tokens", async () => (await other.currentTokens())?.access === value.access);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

/** Has all tabs ask in the same moment, and checks that all are served the same, now and in later calls. */
async function askAtOnce(all) {
  const [first] = all;
  const { userSub: before } = await first.snapshot();
  const outcomes = await beginAtOnce(all);
  const { value } = outcomes[0];
  for (const { value: other, failure } of outcomes) {
    assert.equal(failure, undefined, JSON.stringify(failure));
    assert.deepEqual(other, value);
  }
  const { length } = await refreshes(tabs.emulator);
  for (const tab of all) {
    assert.deepEqual(await tab.getTokens(), value);
    const { userState, userSub } = await tab.snapshot();
    assert.deepEqual([userState, userSub], ["signedIn", before]);
    assert.ok(!(await tab.states()).some((state) => state.startsWith("signedOut")));
  }
  assert.equal((await refreshes(tabs.emulator)).length, length);
}

async function beginAtOnce(all) {
  const [first] = all;
  await first.run(
    (count) => tab.everywhere(count, "begin", "at once", "getTokens", { waitForSignIn: false }),
    all.length,
  );
  return allOf(all.map((tab) => () => tab.ended("at once")));
}

/** One after the other, because the driver looks at one tab at a time. */
async function allOf(calls) {
  const outcomes = [];
  for (const call of calls) outcomes.push(await call());
  return outcomes;
}
