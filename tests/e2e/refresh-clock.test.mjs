// A device whose clock is wrong, is set, or stood still, and one without a connection: no loop, no dead token, no sign-out.
//
// The service's clock, the emulator's, is the true one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR, REFRESH, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();
const hours = (count) => count * 3_600_000;

const errors = {
  "2 hours fast": hours(2),
  "2 hours slow": hours(-2),
  "a day fast": hours(24),
  "a day slow": hours(-24),
};

// Scenario 11.
for (const [error, clock] of Object.entries(errors)) {
  test(`a device whose clock is ${error} refreshes as often as any other`, async () => {
    const [tab] = await tabs.signedIn(1, { clock });
    await askRepeatedly(tab);
    assert.deepEqual(await refreshes(tabs.emulator), []);
    await tabs.pass(HOUR);
    await askRepeatedly(tab);
    assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
  });

  // Scenario 11.
  test(`a clock that is set ${error} during the session, and right again, costs a refresh each time at most`, async () => {
    const both = await tabs.signedIn(2);
    let allowed = 0;
    for (const change of [clock, -clock]) {
      for (const tab of both) await tab.run((change) => tab.setClock(change), change);
      for (const tab of both) await askRepeatedly(tab);
      allowed += 1;
      assert.deepEqual(await both[0].getTokens(), await both[1].getTokens());
      const log = await refreshes(tabs.emulator);
      assert.ok(log.length <= allowed, log.join(", "));
    }
    for (const tab of both) assert.ok((await tab.states()).every((state) => state.startsWith("signedIn")));
  });
}

// Scenario 11: while a device sleeps its wall clock goes on, and the other one of the page may not.
test("after eight hours of sleep the first call refreshes, once", async () => {
  const [tab] = await tabs.signedIn();
  await tabs.emulator.advance(8 * 3600);
  await tab.run((time) => tab.setClock(time), hours(8));
  assert.equal(await tab.currentTokens(), null);
  await askRepeatedly(tab);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

// Scenario 11: the wall clock shows a time at which the tokens were still good.
test("a clock that is set back again and again does not keep a dead token alive", async () => {
  const [tab] = await tabs.signedIn();
  await tabs.pass(HOUR);
  await tab.run((time) => tab.setClock(-time), HOUR * 1000);
  assert.equal(await tab.currentTokens(), null);
  await askRepeatedly(tab);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
});

// Scenario 13. Offline by the driver in Chromium. geckodriver and WebKitWebDriver have nothing like it: there the service hangs
// up on every call, and navigator.onLine and the events say what the browser would.
test("offline, expired tokens are a typed error at once, the user stays signed in, and online everything goes on by itself", async () => {
  const [tab, other] = await tabs.signedIn(2);
  await tabs.pass(HOUR);
  const mend = await tabs.cutNetwork();
  try {
    await until("the word that there is no connection", async () => (await tab.snapshot()).isOnline === false);
    for (const each of [tab, other]) {
      const { failure, took } = await each.call("getTokens", { waitForSignIn: false });
      assert.deepEqual([failure?.isAuthError, failure?.code, failure?.retryable], [true, "network", true]);
      assert.ok(took < 1000, `it took ${took} ms`);
      const { userState, isOnline } = await each.snapshot();
      assert.deepEqual({ userState, isOnline }, { userState: "signedIn", isOnline: false });
    }
    assert.deepEqual(await refreshes(tabs.emulator), []);
  } finally {
    await mend();
  }
  const { access } = await until("tokens without another call", () => tab.currentTokens());
  await until("tokens in the other tab", async () => (await other.currentTokens())?.access === access);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
  const told = (await tab.told()).map(({ event }) => event);
  // The other tab may be online first, and its tokens be there before this one hears of it.
  assert.deepEqual(
    told.filter((event) => event !== "tokensRefreshed"),
    ["userState", "offline", "online"],
  );
  assert.equal(told.length, 4);
  assert.equal((await tab.snapshot()).isOnline, true);
});

// Scenario 13, the other half of the promise.
test("offline, tokens that are still good are handed out, and nothing is sent", async () => {
  const [tab] = await tabs.signedIn();
  const cached = await tab.getTokens();
  const mend = await tabs.cutNetwork();
  try {
    assert.deepEqual(await tab.getTokens(), cached);
    assert.deepEqual(await tab.currentTokens(), cached);
  } finally {
    await mend();
  }
  assert.deepEqual(await tabs.emulator.requests(), []);
});

// Scenario 12.
test("a device that wakes without a connection renews its tokens when there is one, without another call", async () => {
  const [tab] = await tabs.signedIn();
  const mend = await tabs.cutNetwork();
  try {
    await tabs.emulator.advance(8 * 3600);
    await tab.run((time) => tab.setClock(time), hours(8));
    const { failure } = await tab.call("getTokens", { waitForSignIn: false });
    assert.equal(failure?.code, "network");
  } finally {
    await mend();
  }
  await aliveTokens(tab);
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);
});

// Scenario 12: the browser believes in a connection that is not there yet, so no event tells when it is.
test("a device that wakes before its network does tries again until it is there", async () => {
  const [tab] = await tabs.signedIn();
  await tabs.emulator.fault({ operation: "*", count: null, fault: { reset: true } });
  await tabs.emulator.advance(8 * 3600);
  await tab.run((time) => tab.setClock(time), hours(8));
  const { failure } = await tab.call("getTokens", { waitForSignIn: false });
  assert.deepEqual([failure?.isAuthError, failure?.code, failure?.retryable], [true, "network", true]);
  const sent = (await tabs.emulator.requests(REFRESH)).length;
  await until("another attempt", async () => (await tabs.emulator.requests(REFRESH)).length > sent);
  await tabs.emulator.clearFaults();
  await aliveTokens(tab);
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);
});

/** Twenty calls one after the other; what they are given is good by the service's clock. */
async function askRepeatedly(page) {
  const now = await tabs.emulator.clock();
  const outcomes = await page.run(async () => {
    const outcomes = [];
    while (outcomes.length < 20) outcomes.push(...(await tab.ask(1)));
    return outcomes;
  });
  assert.equal(outcomes.length, 20);
  for (const { value, failure } of outcomes) {
    assert.ok(value, JSON.stringify(failure));
    assert.ok(value.exp * 1000 > now, `a token that expired ${now / 1000 - value.exp} s ago`);
  }
}

async function aliveTokens(page) {
  const { exp } = await until("tokens without another call", () => page.currentTokens());
  assert.ok(exp * 1000 > (await tabs.emulator.clock()));
}
