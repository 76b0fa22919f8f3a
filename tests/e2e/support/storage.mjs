// What the tests of stores, waits and events stand on: a page whose stores can be broken and whose clock can be stopped, and
// a browser that has nothing stored when a test begins.

import { beforeEach } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { buildSite } from "./site.mjs";
import { setBrowser } from "./stage.mjs";

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
      const settle = '({ value }), (error) => ({ thrown: `${error}\\n${error?.stack ?? ""}` })';
      const { value, thrown } = await stage.browser.execute(
        `return (${script})(...arguments).then((value) => ${settle});`,
        ...args,
      );
      if (thrown !== undefined) throw new Error(`in the page: ${thrown}`);
      return value;
    },
  };

  setBrowser(stage, async () => {
    const site = buildSite();
    await addTo(site);
    return site;
  });

  beforeEach(async () => {
    await stage.emulator.reset();
    await stage.emulator.createUser(alice);
    await stage.reload();
    await stage.run(() => faults.evict());
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
