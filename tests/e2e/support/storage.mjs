// What the tests of stores, waits and events stand on: a page whose stores can be broken and whose clock can be stopped, and
// a browser that has nothing stored when a test begins.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { start } from "../../support/emulator.mjs";
import { openBrowser } from "./drivers.mjs";
import { buildSite } from "./site.mjs";

export const alice = Object.freeze({ username: "alice.b", password: "Correct-horse-7" });

/** Declares the hooks of a test file. `addTo` puts more files into the folder of the site. */
export function setStorageStage(addTo = () => {}) {
  const stage = {
    /** Loads the page anew, or under another name of this machine. */
    async reload(host = "127.0.0.1") {
      const { protocol, port } = new URL(stage.emulator.url);
      await stage.browser.url(`${protocol}//${host}:${port}/storage-page.html`);
      // WebKit's driver does not wait for the page's modules.
      await eventually("the page's package", () => stage.browser.execute(() => "outcome" in window));
    },
    /** Runs an async function in the page. What it throws goes as text: drivers take an error's `code` for one of their own. */
    async run(script, ...args) {
      const settle = "({ value }), (error) => ({ thrown: `${error}\\n${error?.stack ?? \"\"}` })";
      const { value, thrown } = await stage.browser.execute(`return (${script})(...arguments).then((value) => ${settle});`, ...args);
      if (thrown !== undefined) throw new Error(`in the page: ${thrown}`);
      return value;
    },
  };

  before(async () => {
    const site = buildSite();
    await addTo(site);
    stage.emulator = await start({ serve: site });
    const { browser, close } = await openBrowser();
    Object.assign(stage, { browser, closeBrowser: close });
    await browser.setTimeout({ script: 60_000 });
  });

  beforeEach(async () => {
    await stage.emulator.reset();
    await stage.emulator.createUser(alice);
    await stage.reload();
    await stage.run(() => faults.evict());
  });

  afterEach(async () => {
    const { violations, uncaught } = await stage.browser.execute(() => probe);
    assert.deepEqual(violations, [], "the page broke its own Content-Security-Policy");
    assert.deepEqual(uncaught, [], "an error was caught by nobody");
  });

  after(async () => {
    try {
      await stage.closeBrowser?.();
    } finally {
      await stage.emulator?.close();
    }
  });

  return stage;
}

/** Waits until `check` gives something, and gives that. */
export async function eventually(what, check) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not come about`);
    await pause(20);
  }
}
