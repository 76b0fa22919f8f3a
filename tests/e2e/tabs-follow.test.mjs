// What happens in one tab shows in the others, whatever the browser has to tell them by, and also in a tab that was frozen, put
// away for the back button, or hidden.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { engine } from "./support/drivers.mjs";
import { REFRESH, alice, refreshes, serveStorable, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

// Another origin for each test, so that nothing is stored there yet.
let site;
beforeEach(async () => (site = await serveStorable(tabs.emulator.url)));
afterEach(() => site.close());

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
    for (const [tab, other] of [both, both.toReversed()]) {
      const isNoticed = async () => {
        await other.show();
        if (engine === "webkit") await tab.run(() => document.dispatchEvent(new Event("visibilitychange")));
        return until("a look", async () => (await tab.run(() => tab.looks)) > time, 1_000).catch(() => false);
      };
      // A busy Firefox does not always tell a page that it was out of sight for a moment.
      await until("a look at the tab", isNoticed, 20_000);
      assert.deepEqual(await tab.getTokens(), tokens);
    }
  }
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
  {
    lack: "with a BroadcastChannel that cannot be opened",
    options: { without: "a BroadcastChannel that opens" },
    bound: 1_000,
  },
  {
    lack: "with a BroadcastChannel that cannot speak",
    options: { without: "a BroadcastChannel that speaks" },
    bound: 1_000,
  },
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

// Scenario 29. Only Chromium's driver can freeze a tab; what the others do to one that sleeps are the tests of the back button.
if (engine === "chromium") {
  test("a tab that was frozen while another signed out serves no token when it wakes", async () => {
    const [frozen, other] = await tabs.signedIn(2);
    await frozen.getTokens();
    await frozen.freeze();
    await other.call("signOut");
    await frozen.thaw();
    await assertServedNoTokens(frozen, "on resume");
  });

  test("a tab that was frozen while another signed in has the tokens when it wakes", async () => {
    const [frozen, other] = [await tabs.open(), await tabs.open()];
    await frozen.freeze();
    await other.call("signIn", alice);
    const tokens = await other.getTokens();
    await frozen.thaw();
    assert.deepEqual((await restored(frozen, "on resume")).value, tokens);
    assert.deepEqual(await frozen.states(), ["signedIn otherTab"]);
  });
}

// Scenario 33. The sign-out is on the page that the tab shows meanwhile; the one that is put away hears of nothing.
test("a page that comes out of the back/forward cache after a sign-out serves no token", async () => {
  const tab = await signedInAtStorableSite();
  await leave(tab);
  await tab.call("signOut");
  await tab.back();
  await assertServedNoTokens(tab, "on pageshow");
});

// Scenario 33, and the other way round of 29.
test("a page that comes out of the back/forward cache after a refresh has the new tokens, and asks for none", async () => {
  const tab = await signedInAtStorableSite();
  const old = await tab.getTokens();
  await leave(tab);
  const tokens = await tab.getTokens({ forceRefresh: true });
  await tab.back();
  assert.deepEqual((await restored(tab, "on pageshow")).value, tokens);
  assert.notEqual(tokens.access, old.access);
  assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
  assert.deepEqual(await tab.states(), ["signedIn userAction"]);
});

// Scenario 33: after it was put away once it still hears of others, and they of it.
test("a page that came out of the back/forward cache follows the other tabs, and they follow it", async () => {
  const tab = await signedInAtStorableSite();
  const other = await tabs.open({ origin: site.origin });
  await leave(tab);
  await tab.back();
  await restored(tab, "on pageshow");
  await other.call("signOut");
  await until("the sign-out in the restored page", async () => (await tab.states()).at(-1) === "signedOut otherTab");
  await tab.call("signIn", alice);
  await until("the sign-in in the other tab", async () => (await other.states()).at(-1) === "signedIn otherTab");
});

// Scenario 33. WebKitGTK puts a page away together with its open transaction, for which every other page would wait.
for (const mode of ["readonly", "readwrite"]) {
  test(`a page that is put away in the middle of a ${mode} transaction holds up no other, and goes on when it comes back`, async () => {
    const tab = await signedInAtStorableSite();
    await tab.run((mode) => tab.holdTransaction(mode), mode);
    const call = await tab.begin("getTokens", { forceRefresh: true });
    await until("an open transaction", () => tab.run(() => tab.holdsTransaction));
    await leave(tab);
    assert.equal(await tab.run(() => tab.client.getSnapshot().storage), "indexedDB");
    const tokens = await tab.getTokens({ forceRefresh: true });
    // The others keep no page that holds a lock.
    if (engine === "webkit") {
      await tab.back();
      assert.deepEqual((await restored(tab, "on pageshow")).value, tokens);
      assert.deepEqual((await call()).value, tokens);
    }
    assert.deepEqual(await refreshes(tabs.emulator), ["1 ok"]);
  });
}

// Scenario 34. In WebKitGTK a window that a page opens leaves the page visible, and a tab that the driver opens is never shown: it
// is the hidden one.
test("a tab that is hidden behind the popup it has opened signs in, refreshes and stores all the same", async () => {
  const opener = await tabs.open({ kind: "tab" });
  const popup = engine === "webkit" ? await tabs.open() : await openPopup(opener);
  await popup.run((user) => tab.order(1, "begin", "hidden sign-in", "signIn", user), alice);
  await until("the sign-in in the popup", async () => (await popup.states()).at(-1) === "signedIn otherTab");
  await popup.run(() => tab.order(1, "begin", "hidden refresh", "getTokens", { forceRefresh: true }));
  await until("the new tokens in the popup", async () => (await popup.told("tokensRefreshed")).length === 1);

  const tokens = await popup.getTokens();
  for (const name of ["hidden sign-in", "hidden refresh"]) {
    const { failure, visibility } = await opener.ended(name);
    assert.deepEqual([failure, visibility], [undefined, "hidden"]);
  }
  await opener.close();
  const later = await tabs.open();
  assert.equal(later.stateAtStart, "signedIn");
  assert.deepEqual(await later.getTokens(), tokens);
});

/** By the times at which the listeners of both were told. */
async function assertFollows(tab, leader, state, bound = 1_000) {
  const newest = async (each, why) =>
    (await each.told("userState")).findLast(({ userState, reason }) => userState === state && reason === why);
  const led = await newest(leader, "userAction");
  const followed = await until(`${state} in the other tab`, () => newest(tab, "otherTab"));
  const delay = followed.at - led.at;
  assert.ok(delay <= bound, `it took ${delay} ms`);
}

async function signedInAtStorableSite() {
  const [tab] = await tabs.signedIn(1, { origin: site.origin });
  return tab;
}

/** Goes to another page of the site, with a client of its own. */
async function leave(tab) {
  await tab.go(`${tabs.address({ origin: site.origin })}&second`, DEFAULT_POOL.rotatingClientId);
  assert.equal(tab.stateAtStart, "signedIn");
}

/** What the first call of a page came to that woke up: begun before the package had heard of that. */
async function restored(page, name) {
  await until(name, () => page.run((name) => tab.calls[name] !== undefined, name));
  return page.ended(name);
}

async function assertServedNoTokens(page, name) {
  const { failure } = await restored(page, name);
  assert.equal(failure?.code, "notSignedIn");
  assert.equal(await page.run(() => tab.firstServed), null);
  assert.equal(await page.currentTokens(), null);
  assert.deepEqual(await page.states(), ["signedIn userAction", "signedOut otherTab"]);
}

async function openPopup(opener) {
  const before = await tabs.browser.getWindowHandles();
  await opener.run((address) => void window.open(address), tabs.address());
  const handle = await until("the popup", async () =>
    (await tabs.browser.getWindowHandles()).find((each) => !before.includes(each)),
  );
  const popup = tabs.adopt(handle);
  await until("the popup's page", () =>
    popup.run(() => document.readyState === "complete" && typeof cognito === "object"),
  );
  await popup.run((clientId) => tab.start(clientId), DEFAULT_POOL.rotatingClientId);
  return popup;
}
