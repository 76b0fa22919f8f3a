// What happens in one tab shows in the others, whatever the browser has to tell them by.

import assert from "node:assert/strict";
import { test } from "node:test";
import { engine } from "./support/drivers.mjs";
import { REFRESH, alice, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

// Scenario 29.
test("a sign-out shows in every other tab within a second, and none serves another token", async () => {
  const [first, ...others] = await tabs.signedIn(4);
  await first.call("signOut");
  for (const tab of others) {
    await assertFollows(tab, first, "signedOut");
    assert.equal(await tab.currentTokens(), null);
    assert.equal((await tab.call("getTokens")).failure?.code, "notSignedIn");
    assert.deepEqual(await tab.states(), ["signedOut otherTab"]);
    assert.equal((await tab.snapshot()).username ?? null, null);
  }
});

// Scenario 30.
test("a sign-in shows in every other tab within a second, with the tokens and without a request", async () => {
  const [first, ...others] = [await tabs.open(), await tabs.open(), await tabs.open()];
  await first.call("signIn", alice);
  const tokens = await first.getTokens();
  await tabs.emulator.clearRequests();
  for (const tab of others) {
    await assertFollows(tab, first, "signedIn");
    assert.deepEqual(await tab.getTokens(), tokens);
    assert.deepEqual(await tab.states(), ["signedIn otherTab"]);
    assert.equal((await tab.snapshot()).username, alice.username);
  }
  assert.deepEqual(await tabs.emulator.requests(), []);
});

// Scenario 30. WebKitGTK's windows are all seen at once, so there a tab is only told that it is looked at again.
test("a tab that is looked at again tells its listeners nothing when nothing has changed", async () => {
  const both = await tabs.signedIn(2);
  const tokens = await both[0].getTokens();
  const told = [await both[0].told(), await both[1].told()];
  for (let time = 0; time < 3; time++) {
    for (const tab of both) {
      if (engine === "webkit") await tab.run(() => document.dispatchEvent(new Event("visibilitychange")));
      assert.deepEqual(await tab.getTokens(), tokens);
    }
  }
  for (const tab of both) assert.ok((await tab.run(() => tab.looks)) >= 3);
  assert.deepEqual([await both[0].told(), await both[1].told()], told);
  assert.deepEqual(await tabs.emulator.requests(), []);
});

// Scenario 30, the other half: something has changed. The tab is in front, so the event is true.
test("a tab that is looked at again just as its new tokens are stored tells its listeners of them", async () => {
  const [tab] = await tabs.signedIn();
  await tabs.emulator.hold(REFRESH, { when: "after" });
  const answer = await tab.begin("getTokens", { forceRefresh: true });
  await tabs.emulator.heldRequests(REFRESH);
  await tab.run(() => tab.lookAgainWhileStoring());
  await tabs.emulator.release();
  assert.ok((await answer()).value);
  assert.ok((await tab.run(() => tab.looks)) >= 1);
  await until("tokens without a call", () => tab.currentTokens());
  assert.equal((await tab.told("tokensRefreshed")).length, 1);
});

// Scenario 31. A channel that is missing, or cannot be opened, is replaced by events of localStorage, and that by asking now and
// then; the last only in a tab that is seen, so all of them are windows.
const lacks = [
  { lack: "without a BroadcastChannel", options: { without: "BroadcastChannel" }, bound: 1_000 },
  { lack: "with a BroadcastChannel that cannot be opened", options: { without: "a BroadcastChannel that opens" }, bound: 1_000 },
  {
    lack: "with neither a BroadcastChannel nor localStorage",
    options: { without: "BroadcastChannel,localStorage", kind: "window" },
    bound: 2_500,
  },
];

for (const { lack, options, bound } of lacks) {
  test(`in a browser ${lack} tabs still follow one another, and cached tokens stay`, async () => {
    const [first, second] = await tabs.signedIn(2, options);
    const cached = await second.getTokens();

    const { value } = await first.call("getTokens", { forceRefresh: true });
    await until("the new tokens in the other tab", async () => (await second.currentTokens())?.access === value.access);
    assert.notEqual(value.access, cached.access);
    assert.equal((await tabs.emulator.requests()).length, 1);

    await first.call("signOut");
    await assertFollows(second, first, "signedOut", bound);
    assert.equal(await second.currentTokens(), null);

    await second.call("signIn", alice);
    await assertFollows(first, second, "signedIn", bound);
    assert.deepEqual(await first.getTokens(), await second.getTokens());
    assert.deepEqual(await first.states(), ["signedIn userAction", "signedOut userAction", "signedIn otherTab"]);
    assert.deepEqual(await second.states(), ["signedOut otherTab", "signedIn userAction"]);
  });
}

/** By the times at which the listeners of both were told. */
async function assertFollows(tab, leader, state, bound = 1_000) {
  const newest = async (each, why) => (await each.told("userState")).findLast(({ userState, reason }) => userState === state && reason === why);
  const led = await newest(leader, "userAction");
  const followed = await until(`${state} in the other tab`, () => newest(tab, "otherTab"));
  const delay = followed.at - led.at;
  assert.ok(delay <= bound, `it took ${delay} ms`);
}
