// What every test file stands on: the site, the emulator that serves it, one browser, and a clean start for each test.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { start } from "../../support/emulator.mjs";
import { Demo } from "./demo.mjs";
import { openBrowser } from "./drivers.mjs";
import { buildSite } from "./site.mjs";

/** Declares the hooks of a test file. The returned object is filled before the first test. */
export function setStage() {
  const stage = {};

  before(async () => {
    stage.site = buildSite();
    stage.emulator = await start({ serve: stage.site.folder });
    const { browser, close } = await openBrowser();
    Object.assign(stage, { browser, closeBrowser: close, demo: new Demo(browser, stage.emulator.url) });
    await browser.setTimeout({ script: 60_000 });
  });

  beforeEach(async () => {
    await stage.emulator.reset();
    await stage.browser.url(`${stage.emulator.url}/bare.html`);
    await stage.browser.execute(() => {
      localStorage.clear();
      sessionStorage.clear();
    });
  });

  afterEach(async () => {
    const { violations, uncaught } = await stage.browser.execute(() => probe);
    assert.deepEqual(violations, [], "the page broke its own Content-Security-Policy");
    assert.deepEqual(uncaught, [], "an error was caught by nobody");
  });

  after(async () => {
    await stage.closeBrowser?.();
    await stage.emulator?.close();
    stage.site?.remove();
  });

  return stage;
}
