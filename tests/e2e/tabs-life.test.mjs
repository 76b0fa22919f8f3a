// The life of a tab: frozen, put away for the back button, hidden behind another.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { engine } from "./support/drivers.mjs";
import { alice, refreshes, serveStorable, setTabs, until } from "./support/tabs.mjs";

const tabs = setTabs();

// Another origin for each test, so that nothing is stored there yet.
let site;
beforeEach(async () => (site = await serveStorable(tabs.emulator.url)));
afterEach(() => site.close());

// Scenario 29. Only Chromium's driver can freeze a tab; what the others do to one that sleeps are the tests of the back button.
if (engine === "chromium") {
  test("a tab that was frozen while another signed out serves no token when it wakes", async () => {
    const [frozen, other] = await tabs.signedIn(2);
    await frozen.getTokens();
    await frozen.freeze();
    await other.call("signOut");
    await frozen.thaw();
    await assertServedNobody(frozen, "on resume");
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

// Scenario 33. The sign-out is on a page of the same tab: one that is put away has only itself to blame for what it missed.
test("a page that comes out of the back/forward cache after a sign-out serves no token", async () => {
  const tab = await signedInAtStorableSite();
  await leave(tab);
  await tab.call("signOut");
  await tab.back();
  await assertServedNobody(tab, "on pageshow");
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

async function assertServedNobody(page, name) {
  const { failure } = await restored(page, name);
  assert.equal(failure?.code, "notSignedIn");
  assert.equal(await page.run(() => tab.firstServed), null);
  assert.equal(await page.currentTokens(), null);
  assert.deepEqual(await page.states(), ["signedIn userAction", "signedOut otherTab"]);
}

async function openPopup(opener) {
  const before = await tabs.browser.getWindowHandles();
  await opener.run((address) => void window.open(address), tabs.address());
  const handle = await until("the popup", async () => (await tabs.browser.getWindowHandles()).find((each) => !before.includes(each)));
  const popup = tabs.adopt(handle);
  await until("the popup's page", () => popup.run(() => document.readyState === "complete" && typeof cognito === "object"));
  await popup.run((clientId) => tab.start(clientId), DEFAULT_POOL.rotatingClientId);
  return popup;
}
