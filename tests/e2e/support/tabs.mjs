// Several real tabs of one browser, each with the package on tabs-page.html, and time and network as a test wants them.
//
// WebDriver looks at one tab at a time, so a call that is to go on meanwhile is begun in one command and awaited in another.

import assert from "node:assert/strict";
import http from "node:http";
import { afterEach, beforeEach } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DEFAULT_POOL } from "../../support/emulator.mjs";
import { engine } from "./drivers.mjs";
import { setStage } from "./stage.mjs";

export const alice = { username: "alice", password: "Correct-horse-7" };
export const bob = { username: "bob", password: "Correct-horse-8" };

/** Longer than a token lives, in seconds. */
export const HOUR = 3_700;

/** The operation that renews tokens. */
export const REFRESH = "GetTokensFromRefreshToken";

/** Declares the hooks of a test file: no tab but an empty one at the start of each test, nothing stored, two users. */
export function setTabs() {
  // Before the hooks of the stage, which looks at the page it finds in the end.
  afterEach(() => tabs.closeAll());
  const tabs = new Tabs(setStage());

  beforeEach(async () => {
    await tabs.begin();
    for (const user of [alice, bob]) await tabs.emulator.createUser(user);
  });

  return tabs;
}

class Tabs {
  #stage;
  #open = [];
  #passed = 0;

  constructor(stage) {
    this.#stage = stage;
  }

  get emulator() {
    return this.#stage.emulator;
  }

  get browser() {
    return this.#stage.browser;
  }

  /**
   * Opens a tab and initializes a client in it.
   *
   * @param {object} [options]
   * @param {string} [options.clientId] the app client; without it the one that rotates refresh tokens
   * @param {string} [options.without] what the browser lacks, see tabs-page.js
   * @param {number} [options.clock] by how many milliseconds the device's clock is fast
   * @param {"tab" | "window"} [options.kind] WebKitGTK never shows a tab that its driver has opened: a window is the default there
   * @param {object} [options.settings] the options of `initialize`
   * @param {string} [options.origin] where the site is, when not at the emulator
   */
  async open({ clientId = DEFAULT_POOL.rotatingClientId, without, clock = 0, kind, settings, origin } = {}) {
    const { handle } = await this.browser.createWindow(kind ?? (engine === "webkit" ? "window" : "tab"));
    const tab = this.adopt(handle);
    await tab.go(this.address({ without, clock, origin }), clientId, settings);
    return tab;
  }

  /** So many tabs, and alice signed in in the first. */
  async signedIn(count = 1, options = {}) {
    const first = await this.open(options);
    assert.deepEqual((await first.call("signIn", alice)).value, { signInState: "signedIn" });
    const others = [];
    while (others.length < count - 1) others.push(await this.open(options));
    await this.emulator.clearRequests();
    return [first, ...others];
  }

  /** Another window that the browser has opened. */
  adopt(handle) {
    const tab = new Tab(this, handle);
    this.#open.push(tab);
    return tab;
  }

  /** Time goes by, for the service and, at once, for every tab. */
  async pass(seconds) {
    const milliseconds = seconds * 1000;
    this.#passed += milliseconds;
    await this.emulator.advance(seconds);
    await this.#open[0].run((tabs, time) => tab.everywhere(tabs, "later", time), this.#open.length, milliseconds);
  }

  /** Takes the connection away. Returns the function that gives it back. */
  async cutNetwork() {
    if (engine === "chromium") {
      const conditions = (offline) => ({ offline, latency: 0, download_throughput: -1, upload_throughput: -1 });
      // For every tab, with what the browser then shows its pages.
      await this.browser.setNetworkConditions(conditions(true));
      return () => this.browser.setNetworkConditions(conditions(false));
    }
    // No other driver can take a browser offline: the service hangs up on every call, and pages are shown what they would be.
    const show = async (isOnline) => {
      for (const tab of this.#open) await tab.run((isOnline) => tab.setOnline(isOnline), isOnline);
    };
    await this.emulator.fault({ operation: "*", count: null, fault: { reset: true } });
    await show(false);
    return async () => {
      await this.emulator.clearFaults();
      await show(true);
    };
  }

  /** Before each test: one window, which stays empty. */
  async begin() {
    this.home = await this.browser.getWindowHandle();
    this.inFront = this.home;
    this.#passed = 0;
  }

  /** Closes every tab, also where one will not answer any more, and leaves the empty page of the start in front. */
  async closeAll() {
    const seen = [];
    for (const tab of [...this.#open]) {
      const probed = await tab
        .thaw()
        .then(() => tab.run(() => probe))
        .catch(({ message }) => ({ violations: [], uncaught: [message] }));
      seen.push(probed);
      await tab.close().catch(() => this.forget(tab));
    }
    await this.show(this.home);
    for (const { violations, uncaught } of seen) {
      assert.deepEqual(violations, [], "a tab broke its own Content-Security-Policy");
      assert.deepEqual(uncaught, [], "an error was not caught");
    }
  }

  async show(handle) {
    if (this.inFront === handle) return;
    await this.browser.switchToWindow(handle);
    this.inFront = handle;
  }

  forget(tab) {
    this.#open = this.#open.filter((other) => other !== tab);
  }

  /** Where such a tab is opened now. */
  address({ without, clock = 0, origin = this.emulator.url } = {}) {
    const query = new URLSearchParams({ clock: String(clock + this.#passed), ...(without && { without }) });
    return `${origin}/tabs-page.html?${query}`;
  }
}

class Tab {
  #tabs;
  #calls = 0;
  #isFrozen = false;

  constructor(tabs, handle) {
    this.#tabs = tabs;
    this.handle = handle;
  }

  /** Loads the page and initializes a client; what it was told before is gone. */
  async go(address, clientId, settings = {}) {
    await this.show();
    await this.#tabs.browser.url(address);
    this.stateAtStart = await this.run((...start) => tab.start(...start), clientId, settings);
  }

  /** Goes back to the page before. */
  async back() {
    await this.show();
    await this.#tabs.browser.back();
  }

  /** Runs a function in the page, where `tab` is tabs-page.js's. */
  async run(script, ...args) {
    await this.show();
    return this.#tabs.browser.execute(script, ...args);
  }

  /** Begins a call of the client and does not wait for it. Returns the function that does. */
  async begin(method, options = {}) {
    const name = `${method} ${++this.#calls}`;
    await this.run((...call) => tab.begin(...call), name, method, options);
    return () => this.ended(name);
  }

  /** What a call came to that was begun under this name: `{ value }` or `{ failure }`, and how long it took. */
  ended(name) {
    return this.run((name) => tab.calls[name], name);
  }

  call(method, options = {}) {
    const call = (name, method, options) => {
      tab.begin(name, method, options);
      return tab.calls[name];
    };
    return this.run(call, `${method} ${++this.#calls}`, method, options);
  }

  /** Tokens, from the cache or refreshed. */
  async getTokens(options) {
    const { value, failure } = await this.call("getTokens", { waitForSignIn: false, ...options });
    assert.equal(failure, undefined, `no tokens: ${JSON.stringify(failure)}`);
    return value;
  }

  /** Tokens that are there without a call, or `null`: also for a moment when a tab that was hidden is looked at again. */
  currentTokens() {
    return this.run(() => tab.tokens());
  }

  snapshot() {
    return this.run(() => tab.client.getSnapshot());
  }

  /** The events of this name so far, or all. */
  async told(name) {
    const told = await this.run(() => tab.told);
    return name === undefined ? told : told.filter(({ event }) => event === name);
  }

  /** The user states it was told so far, with their reasons: "signedOut otherTab". */
  async states() {
    return (await this.told("userState")).map(({ userState, reason }) => `${userState} ${reason}`);
  }

  show() {
    return this.#tabs.show(this.handle);
  }

  /** Chromium only: nothing in the tab runs any more. */
  async freeze() {
    await this.show();
    await this.#tabs.browser.sendCommand("Page.setWebLifecycleState", { state: "frozen" });
    this.#isFrozen = true;
  }

  async thaw() {
    if (!this.#isFrozen) return;
    await this.show();
    await this.#tabs.browser.sendCommand("Page.setWebLifecycleState", { state: "active" });
    this.#isFrozen = false;
  }

  /** Closes the tab, whatever it is doing. */
  async close() {
    await this.show();
    await this.#tabs.browser.closeWindow();
    this.#tabs.forget(this);
    await this.#tabs.show(this.#tabs.home);
  }
}

/** Waits until `check` gives something true, and gives that. */
export async function until(what, check, patience = 10_000) {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience / 1000} s`);
    await pause(20);
  }
}

/** The requests for new tokens so far, oldest first, in short: "1 ok", "1 again RefreshTokenReuseException". */
export async function refreshes(emulator) {
  const all = await emulator.refreshes();
  return all.map(({ refresh, outcome }) => `${refresh.generation}${refresh.reuse ? " again" : ""} ${outcome}`);
}

/** Serves the same site without the `no-store` of the emulator's, which keeps a page out of the back/forward cache. */
export async function serveStorable(url) {
  const server = http.createServer((request, answer) => {
    const { method, headers } = request;
    const onward = http.request(new URL(request.url, url), { method, headers }, (upstream) => {
      const { "cache-control": _, ...kept } = upstream.headers;
      answer.writeHead(upstream.statusCode, kept);
      upstream.pipe(answer);
    });
    onward.once("error", () => answer.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}
