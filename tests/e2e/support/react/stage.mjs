// The React page over the packed package, the emulator that serves it, and one browser.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildSite } from "../site.mjs";
import { setBrowser } from "../stage.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));

/** Declares the hooks of a test file. The returned object is filled before the first test, and each begins with a fresh page. */
export function setReactStage() {
  const stage = { run: (script, ...args) => run(stage.browser, script, args) };
  setBrowser(stage, buildReactSite);

  beforeEach(async () => {
    await stage.emulator.reset();
    await stage.browser.url(`${stage.emulator.url}/react.html`);
  });

  afterEach(async () => {
    const { said } = await stage.browser.execute(() => probe);
    assert.deepEqual(
      said.filter((line) => !line.includes("React DevTools")),
      [],
      "React, or the package, had to complain",
    );
  });

  return stage;
}

/** Runs an async function in the page. An `AuthError` goes as text: chromedriver takes its `code` for one of its own. */
function run(browser, script, args) {
  return browser.execute(
    `return (${script})(...arguments).catch((error) => { throw new Error(String(error)); });`,
    ...args,
  );
}

async function buildReactSite() {
  const site = buildSite();
  await build({
    entryPoints: { react: path.join(here, "page.jsx") },
    outdir: site,
    bundle: true,
    format: "esm",
    jsx: "automatic",
    // Only React's development build mounts everything twice under StrictMode, and says what it does not like.
    define: { "process.env.NODE_ENV": '"development"' },
    jsxDev: false,
    alias: { "cognito-wasm": "./cognito-wasm/index.js" },
    external: ["./cognito-wasm/index.js"],
    logLevel: "warning",
  });
  copyFileSync(path.join(here, "page.html"), path.join(site, "react.html"));
  return site;
}
