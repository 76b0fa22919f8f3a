// A core that breaks, which no input is known to bring about: so the fault is made by hand, in one read of the store. It panics
// on an answer that the store never gives, traps, or has no stack or memory left, and nothing of it can be relied on any more.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { HOUR, REFRESH, alice, refreshes, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

/** Less than tabs wait for a lock, in milliseconds. */
const AT_ONCE = 10_000;

/** What the error says of each way to break. */
const WORDS = {
  "a panic": / at \S+\.rs:\d+:\d+/,
  "a trap": /: RuntimeError, /,
  "a full stack": /: (RangeError|InternalError)/,
  "a full memory": /: RuntimeError, /,
};

for (const [breakage, words] of Object.entries(WORDS))
  test(`${breakage} rejects every call with internal, frees its locks, and leaves the session stored`, async () => {
    const broken = await openBreakable();
    await broken.call("signIn", alice);
    const other = await tabs.open();
    await tabs.emulator.clearRequests();
    const secrets = await broken.run(() =>
      Object.values(tab.client.currentTokens)
        .map(({ tokenString }) => tokenString)
        .filter(Boolean),
    );
    assert.equal(secrets.length, 2);
    await tabs.pass(HOUR);
    await tabs.emulator.hold(REFRESH);
    await tabs.emulator.hold("ForgotPassword");
    const calls = [await broken.begin("getTokens"), await broken.begin("forgotPassword", { username: alice.username })];
    await tabs.emulator.heldRequests(REFRESH);
    await tabs.emulator.heldRequests("ForgotPassword");
    // In the same WebAssembly, and waiting for the lock.
    await broken.run((clientId) => tab.startAnother(clientId), DEFAULT_POOL.rotatingClientId);
    calls.push(() => broken.run(() => tab.anothersTokens));
    const waits = await other.begin("getTokens", { waitForSignIn: false });
    await until("both that wait for the lock", () =>
      other.run(async () => (await navigator.locks.query()).pending.length === 2),
    );

    const uncaught = await broken.run((breakage) => tab.breakBy(breakage), breakage);
    assert.match(uncaught, /RuntimeError|RangeError|InternalError/);
    for (const call of calls) assertIsTold(await call(), words, secrets);

    const { value, failure, took } = await waits();
    assert.ok(value, JSON.stringify(failure));
    assert.ok(took < AT_ONCE, `it took ${took} ms`);
    // The answer that comes to the broken one brings about nothing.
    await tabs.emulator.release();
    await until("the end of the held refresh", async () =>
      (await tabs.emulator.refreshes()).every(({ outcome }) => outcome !== null),
    );
    assert.deepEqual(
      (await refreshes(tabs.emulator)).filter((each) => each.endsWith(" ok")),
      ["1 ok"],
    );
    assert.equal((await tabs.emulator.refreshes()).length, 2);

    for (const [method, options] of [["getTokens"], ["signOut"], ["signIn", alice], ["initialize"]])
      assertIsTold(await broken.call(method, options), words, secrets);
    assert.equal(await broken.currentTokens(), null);
    assert.deepEqual(await other.getTokens(), value);
    assert.deepEqual(await other.states(), []);

    await broken.go(tabs.address(), DEFAULT_POOL.rotatingClientId);
    assert.equal(broken.stateAtStart, "signedIn");
    assert.deepEqual(await broken.getTokens(), value);
  });

/** With the clear word of what happened and what to do, and nothing of what the core worked on. */
function assertIsTold({ failure }, words, secrets) {
  assert.deepEqual(
    [failure?.isAuthError, failure?.code, failure?.retryable],
    [true, "internal", false],
    JSON.stringify(failure),
  );
  assert.match(failure.message, new RegExp(`^cognito-wasm failed${words.source}.*\\. Reload the page`));
  const text = JSON.stringify(failure);
  for (const secret of [alice.username, alice.password, ...secrets]) assert.ok(!text.includes(secret), text);
}

/** A tab whose core can be made to panic. */
async function openBreakable() {
  const { handle } = await tabs.browser.createWindow("window");
  const broken = tabs.adopt(handle);
  await broken.show();
  await tabs.browser.url(tabs.address());
  await broken.run(() => tab.makeBreakable());
  broken.stateAtStart = await broken.run((clientId) => tab.start(clientId), DEFAULT_POOL.rotatingClientId);
  return broken;
}
