// A service that fails, throttles or refuses: what is kept, what is told, and how often it is asked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { HOUR, REFRESH, alice, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();
const clientId = DEFAULT_POOL.rotatingClientId;

// Scenario 8. Some of these are sent after the refresh token was used up, so the pool has a grace period.
const troubles = [
  { trouble: "a 429 without a body", fault: { status: 429 }, code: "network", retryable: true },
  {
    trouble: "TooManyRequestsException",
    fault: { exception: "TooManyRequestsException" },
    code: "tooManyRequests",
    retryable: true,
  },
  {
    trouble: "InternalErrorException",
    fault: { exception: "InternalErrorException" },
    code: "internalError",
    retryable: true,
  },
  { trouble: "a 503 without a body", fault: { status: 503 }, code: "network", retryable: true },
  {
    trouble: "a gateway's 504 after the service has done it",
    fault: { status: 504, after: true },
    code: "network",
    retryable: true,
  },
  { trouble: "a firewall's page", fault: { html: true, status: 403 }, code: "network", retryable: false },
  { trouble: "an answer that is cut short", fault: { truncate: true }, code: "network", retryable: true },
  { trouble: "an answer without a body", fault: { empty: true }, code: "network", retryable: true },
];

for (const { trouble, fault, ...expected } of troubles) {
  test(`${trouble} during a refresh is an error with a code, ends no session, and passes by itself`, async () => {
    await tabs.emulator.setRotation({ clientId, graceSeconds: 60 });
    const [tab] = await tabs.signedIn();
    await tabs.pass(HOUR);
    await tabs.emulator.fault({ operation: REFRESH, fault });
    const { failure } = await tab.call("getTokens", { waitForSignIn: false });
    assert.ok(failure?.isAuthError, "there was no AuthError");
    const { code, retryable } = failure;
    assert.deepEqual({ code, retryable }, expected);
    assert.equal((await tab.snapshot()).userState, "signedIn");

    await until("tokens without another call", () => tab.currentTokens());
    assert.match((await refreshes(tabs.emulator)).at(-1), / ok$/);
    assert.deepEqual(
      (await tab.told("tokenRefreshFailed")).map(({ code }) => code),
      [expected.code],
    );
    assert.deepEqual(await tab.states(), ["signedIn userAction"]);
  });
}

// Scenario 8: the service never answers.
test("a refresh without a response ends with timeout, and the session stays", async () => {
  await tabs.emulator.setRotation({ clientId, graceSeconds: 60 });
  const [tab] = await tabs.signedIn();
  await tabs.pass(HOUR);
  await tabs.emulator.hold(REFRESH, { when: "after" });
  const { failure, took } = await tab.call("getTokens", { waitForSignIn: false });
  assert.deepEqual([failure?.isAuthError, failure?.code, failure?.retryable], [true, "timeout", true]);
  assert.ok(took < 15_000, `it took ${took} ms`);
  await until("tokens without another call", () => tab.currentTokens());
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);
});

// Scenario 8. Cognito exposes no Retry-After to pages of another origin; this page has the emulator's, as behind a proxy.
test("a service that asks for a pause gets it from every tab, and calls meanwhile fail at once", async () => {
  const seconds = 2;
  const [first, second] = await tabs.signedIn(2);
  await tabs.pass(HOUR);
  await tabs.emulator.fault({
    operation: REFRESH,
    fault: { exception: "TooManyRequestsException", retryAfterSeconds: seconds },
  });
  const { failure } = await first.call("getTokens", { waitForSignIn: false });
  assert.equal(failure?.code, "tooManyRequests");
  for (const tab of [first, second]) {
    const { failure, took } = await tab.call("getTokens", { waitForSignIn: false });
    assert.ok(failure?.isAuthError, "there was no AuthError");
    assert.equal(failure.retryable, true, failure.message);
    assert.ok(took < 1000, `it took ${took} ms`);
  }
  assert.equal((await tabs.emulator.refreshes()).length, 1);

  const { access } = await until("tokens without another call", () => first.currentTokens());
  await until("tokens in the other tab", async () => (await second.currentTokens())?.access === access);
  const [asked, again, ...more] = await tabs.emulator.refreshes();
  const pause = again.at - asked.answeredAt;
  assert.ok(pause >= seconds * 1000 && pause < (seconds + 3) * 1000, `the pause was ${pause} ms`);
  assert.deepEqual(more, []);
});

// Scenario 9. There is no state for it: the session is as good as its tokens, and what failed is told once.
test("tokens that the service refuses to renew are served until they expire, and it is not asked again", async () => {
  const [tab] = await tabs.signedIn();
  const cached = await tab.getTokens();
  await tabs.emulator.revokeTokensOf(alice.username);
  await tabs.emulator.clearRequests();
  // Within the margin before the end, in which tokens are renewed if they can be.
  await tabs.pass(3540);
  for (let time = 0; time < 20; time++) assert.deepEqual(await tab.getTokens(), cached);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 NotAuthorizedException"]);
  assert.equal((await tab.told("tokenRefreshFailed")).length, 1);
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);

  await tabs.pass(100);
  assert.equal(await tab.currentTokens(), null);
  const outcomes = await tab.run(() => tab.ask(3));
  for (const { failure } of outcomes) assert.equal(failure?.code, "notSignedIn");
  assert.deepEqual(await tab.states(), ["signedIn userAction", "signedOutUserPoolsTokenInvalid refreshRefused"]);
  assert.equal((await refreshes(tabs.emulator)).length, 1);
});

// A testGlobalSignOut
test("after a global sign-out in one browser session the other's refresh is refused, and its user has to sign in again", async () => {
  const settings = { storage: "memory" };
  const [here] = await tabs.signedIn(1, { settings });
  const [elsewhere] = await tabs.signedIn(1, { settings });
  assert.equal((await here.call("signOut", { signOutGlobally: true })).failure, undefined);
  assert.deepEqual(await elsewhere.states(), ["signedIn userAction"], "the other session has no notice");

  const { failure } = await elsewhere.call("getTokens", { forceRefresh: true, waitForSignIn: false });
  assert.equal(failure?.code, "notAuthorized");
  assert.deepEqual(await refreshes(tabs.emulator), ["1 NotAuthorizedException"]);
  await tabs.pass(HOUR);
  assert.equal((await elsewhere.call("getTokens", { waitForSignIn: false })).failure?.code, "notSignedIn");
  assert.equal((await elsewhere.snapshot()).userState, "signedOutUserPoolsTokenInvalid");
});

// Scenario 10. Ten minutes go by in steps of ten seconds, by the clocks of all tabs at once.
test("five tabs that keep asking through an outage of ten minutes send about a dozen requests together", async () => {
  const five = await tabs.signedIn(5);
  await tabs.pass(HOUR);
  await tabs.emulator.fault({ operation: REFRESH, count: null, fault: { status: 503 } });
  const [first] = five;
  await first.run(async (tabs) => {
    for (let step = 0; step < 60; step++) {
      await tab.everywhere(tabs, "ask", 10);
      await tab.everywhere(tabs, "later", 10_000);
    }
  }, five.length);
  const { length } = await tabs.emulator.refreshes();
  assert.ok(length >= 5 && length <= 13, `${length} requests`);
  for (const tab of five) assert.deepEqual((await tab.states()).slice(1), []);

  // Longer than any pause that an outage leads to. Whichever tab is first then renews for all.
  await tabs.emulator.clearFaults();
  await tabs.pass(300);
  const tokens = await first.getTokens();
  for (const tab of five) assert.deepEqual(await tab.getTokens(), tokens);
  assert.equal((await refreshes(tabs.emulator)).filter((each) => each === "1 ok").length, 1);
});
