// The browser the measurements run in.

import { engine, openBrowser } from "../../tests/e2e/support/drivers.mjs";

/** Starts a browser; `evaluate` runs a module's function in the page that `open` went to. */
export async function startBrowser() {
  const { browser, close } = await openBrowser();
  await browser.setTimeout({ script: 100_000 });
  return {
    name: `${engine} ${browser.capabilities.browserVersion}`,
    open: (url) => browser.url(url),
    /** Calls `functionName` of the page's module `module` and gives what it returns. */
    async evaluate(module, functionName, ...args) {
      const { value, error } = await browser.executeAsync(callInPage, module, functionName, args);
      if (error) throw new Error(`in the page, ${functionName} of ${module}: ${error}`);
      return value;
    },
    /** From now on: how long an answer takes to begin, in milliseconds, and how many bytes come in a second. */
    setNetwork: (conditions) => browser.setNetworkConditions(conditions),
    /** What the page has put into `waited`, once it has. */
    waited: () =>
      browser.executeAsync((done) => {
        const look = () => (globalThis.waited === undefined ? setTimeout(look, 5) : done(globalThis.waited));
        look();
      }),
    close,
  };
}

// Runs in the page. WebDriver would turn a rejection into a message without its stack.
function callInPage(module, functionName, args, done) {
  import(module)
    .then((exports) => exports[functionName](...args))
    .then(
      (value) => done({ value }),
      (error) => done({ error: String(error.stack ?? error) }),
    );
}
