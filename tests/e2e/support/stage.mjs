// What every test file stands on: the site, the emulator that serves it, one browser, and a clean start for each test.
//
//   E2E_BROWSER=firefox node --test tests/e2e/*.test.mjs   chromium (the default), firefox or webkit
//   COGNITO_WASM_TARBALL=FILE                              the packed package, where it is packed already
//   E2E_SCREENSHOTS=DIR                                    keeps a picture of each state of the demo page

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { start } from "../../support/emulator.mjs";
import { Demo } from "./demo.mjs";
import { openBrowser } from "./drivers.mjs";
import { buildSite } from "./site.mjs";

// A run that is stopped by hand takes its browser and emulator with it: both are ended when this process exits.
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Forgets whatever an origin has kept, and leaves the browser on a page of it. */
export async function clearStores(browser, origin) {
  await browser.url(`${origin}/bare.html`);
  await browser.execute(async () => {
    localStorage.clear();
    sessionStorage.clear();
    const deletion = ({ name }) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name);
        request.onsuccess = resolve;
        request.onerror = reject;
      });
    await Promise.all((await indexedDB.databases()).map(deletion));
  });
}

/** Declares the hooks of a test file. The returned object is filled before the first test. */
export function setStage() {
  const stage = {};
  setBrowser(stage, buildSite);

  beforeEach(async () => {
    stage.demo = new Demo(stage.browser, stage.emulator.url);
    await stage.emulator.reset();
    await clearStores(stage.browser, stage.emulator.url);
  });

  return stage;
}

/** Declares what every stage needs: the emulator with a site, one browser, and pages that break nothing. */
export function setBrowser(stage, site) {
  before(async () => {
    stage.emulator = await start({ serve: await site() });
    const { browser, close } = await openBrowser();
    Object.assign(stage, { browser, closeBrowser: close });
    await browser.setTimeout({ script: 60_000 });
  });

  afterEach(async () => {
    const { violations, uncaught } = await stage.browser.execute(() => probe);
    assert.deepEqual(violations, [], "the page broke its own Content-Security-Policy");
    assert.deepEqual(uncaught, [], "an error was not caught");
  });

  after(async () => {
    try {
      await stage.closeBrowser?.();
    } finally {
      await stage.emulator?.close();
    }
  });
}
