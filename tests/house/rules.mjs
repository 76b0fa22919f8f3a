// The house rules that a compiler does not check. Each has the reason it exists, a sample it must catch, and one that it
// must leave alone; house.test.mjs holds the project to the rules and the rules to their samples.

import { forbiddenUses } from "./layers.mjs";

const LIBRARY = /^src\/.*\.rs$/;
const SCRIPT = /\.(ts|mjs|js)$/;
const TESTS = /^tests\/.*\.(mjs|js|ts)$/;
// This file has to spell what it forbids.
const HERE = /^tests\/house\//;

const MAX_LINES = 600;

// Put together here, so that the rule's own text names no host either.
const REGISTRY_HOSTS = [
  ["registry", "npmjs"],
  ["npmjs", "(?:com|org)"],
  ["crates", "io"],
  ["pypi", "org"],
  ["pythonhosted", "org"],
  ["debian", "org"],
]
  .map((parts) => `\\b${parts.join("\\.")}\\b(?!-index)`)
  .join("|");

/**
 * A rule over lines of code.
 *
 * @param {object} rule
 * @param {string} rule.name a sentence
 * @param {string} rule.why
 * @param {(file: string) => boolean} rule.on which files it is about
 * @param {RegExp} rule.pattern
 * @param {boolean} [rule.comments] whether comments count as well
 * @param {{ file: string, text: string }} rule.bad
 * @param {{ file: string, text: string }} rule.good
 */
function noLine({ pattern, comments = false, ...rule }) {
  return {
    ...rule,
    check: (_, text) =>
      text.split("\n").flatMap((line, index) => {
        const code = comments ? line : line.replace(/(^|\s)(\/\/|\*\s|\/\*).*/, "");
        const found = pattern.exec(code);
        return found ? [{ line: index + 1, found: found[0] }] : [];
      }),
  };
}

const is =
  (pattern, ...except) =>
  (file) =>
    pattern.test(file) && !HERE.test(file) && !except.some((one) => one.test(file));

export const RULES = [
  {
    name: "dependencies run web -> engine -> {ports, core}",
    why: "the core and the engine run natively, without a browser, because they know nothing of the layers above",
    on: is(LIBRARY),
    check: forbiddenUses,
    bad: { file: "src/core/srp.rs", text: "use crate::{\n    core::modexp,\n    engine::client::Client,\n};\n" },
    good: {
      file: "src/engine/client.rs",
      text: "use crate::core::{srp, api::{fault}};\nuse crate::ports::Http;\nuse super::events;\n",
    },
  },
  noLine({
    name: "browser bindings are used in src/web only",
    why: "cargo test runs everything else",
    on: is(LIBRARY, /^src\/web\//, /^src\/web\.rs$/),
    pattern: /\b(wasm_bindgen|wasm_bindgen_futures|js_sys|web_sys|serde_wasm_bindgen|gloo\w*)\b/,
    bad: { file: "src/engine/client.rs", text: "use web_sys::Storage;" },
    good: { file: "src/engine/client.rs", text: "// web_sys stays outside\nuse wasm_bindgen_test::wasm_bindgen_test;" },
  }),
  noLine({
    name: "core, ports and engine read no clock, draw no randomness and keep no globals",
    why: "time and chance are arguments or ports, so that tests script them",
    on: is(/^src\/(core|engine|ports)\b.*\.rs$/),
    pattern: /\b(SystemTime|Instant::now|getrandom|rand::|thread_local!|OnceLock|LazyLock|static mut)/,
    bad: { file: "src/core/tokens.rs", text: "let now = std::time::SystemTime::now();" },
    good: {
      file: "src/core/tokens.rs",
      text: "const MARGIN: std::time::Duration = std::time::Duration::from_secs(60);",
    },
  }),
  noLine({
    name: "no exported async method takes &mut self",
    why: "wasm-bindgen holds that borrow until the promise settles, and every other call on the object throws meanwhile",
    on: is(/^src\/web\b.*\.rs$/),
    pattern: /pub async fn \w+\s*(<[^>]*>)?\(\s*&mut self/,
    bad: { file: "src/web/client.rs", text: "    pub async fn sign_in(&mut self, options: JsValue) -> JsValue {" },
    good: { file: "src/web/client.rs", text: "    pub fn sign_in(&self, options: JsValue) -> Promise {" },
  }),
  noLine({
    name: "nothing in the library throws through Rust frames or leaks a closure",
    why: "a throw leaves the object borrowed for ever, and a forgotten closure is never freed",
    on: is(LIBRARY),
    pattern: /\b(unwrap_throw|expect_throw|throw_str|throw_val)\b|\.forget\(\)/,
    bad: { file: "src/web/storage.rs", text: "let storage = window.local_storage().unwrap_throw();" },
    good: { file: "src/web/storage.rs", text: "let storage = storage().map_err(convert::error)?;" },
  }),
  noLine({
    name: "spawn_local is used in src/web/promise.rs and spawn.rs only",
    why: "one place knows which promises are pending, and rejects them when the instance dies; the other is the port for what has none",
    on: is(LIBRARY, /^src\/web\/(promise|spawn)\.rs$/, /^src\/testing\//, /\/tests(\.rs|\/)/),
    pattern: /\bspawn_local\b/,
    bad: { file: "src/web/client.rs", text: "wasm_bindgen_futures::spawn_local(async move {});" },
    good: { file: "src/web/client.rs", text: "promise::export(async move { Ok(JsValue::NULL) })" },
  }),
  noLine({
    name: "the library reaches the browser through globalThis, never window",
    why: "a worker and a server have no window",
    on: is(/^(src\/web\b.*\.(rs|js)|ts\/.*\.ts)$/),
    pattern: /\bweb_sys::(window|Window)\b|\bwindow\(\)|\bWindow\b|\bwindow\s*\.|\btypeof window\b/,
    bad: { file: "ts/client.ts", text: "const storage = window.localStorage;" },
    good: { file: "ts/client.ts", text: "const storage = globalThis.localStorage;" },
  }),
  {
    name: `no file is longer than ${MAX_LINES} lines`,
    why: "it is two rooms in one",
    on: is(/\.(rs|ts|mjs|js)$/),
    check: (_, text) => {
      const lines = text.trimEnd().split("\n").length;
      return lines > MAX_LINES ? [{ line: lines, found: `${lines} lines` }] : [];
    },
    bad: { file: "src/engine/client.rs", text: "line\n".repeat(MAX_LINES + 1) },
    good: { file: "src/engine/client.rs", text: "line\n".repeat(MAX_LINES) },
  },
  noLine({
    name: "no package registry's host is named",
    why: "the project builds behind any mirror",
    on: (file) => file !== "Cargo.lock" && !/\.(svg|png|ico)$/.test(file),
    comments: true,
    pattern: new RegExp(REGISTRY_HOSTS),
    bad: { file: "package-lock.json", text: `"resolved": "https://${["registry", "npmjs", "org"].join(".")}/esbuild"` },
    good: { file: "README.md", text: "Installed from npm; the crate is not published." },
  }),
  noLine({
    name: "no path of one machine is named",
    why: "the project runs on another one too",
    on: is(/./, /^Cargo\.lock$/),
    comments: true,
    pattern: /(^|[\s"'`(=])\/(work|root|tmp|home)\/\w/,
    bad: { file: "webdriver.json", text: '"binary": "/root/browser"' },
    good: { file: "webdriver.json", text: '"binary": "/usr/bin/chromium"' },
  }),
  noLine({
    name: "no test is skipped, ignored or run alone",
    why: "a test that does not run proves nothing",
    on: is(/^(src|emulator|tests|benches)\/.*\.(rs|ts|mjs|js)$/),
    pattern: /\b(test|it|describe|suite)\.(only|skip|todo)\b|\b(skip|only|todo): *(true|["'`])|#\[ignore/,
    bad: { file: "tests/e2e/story.test.mjs", text: 'test.skip("signs in", () => {});' },
    good: { file: "tests/e2e/story.test.mjs", text: 'test("a person may skip the tour", () => {});' },
  }),
  noLine({
    name: "no test waits for a fixed time",
    why: "it is too short on a slow machine and too long on every other",
    on: is(TESTS),
    pattern: /\bwaitForTimeout\b|\.pause\(|setTimeout\([^,]+, *\d{3,}\)|\bsleep\(\d/,
    bad: { file: "tests/e2e/story.test.mjs", text: "await new Promise((resolve) => setTimeout(resolve, 500));" },
    good: { file: "tests/e2e/story.test.mjs", text: "await page.waitUntil(() => state() === 'signedIn');" },
  }),
  noLine({
    name: "nothing is left unfinished",
    why: "what is not done is said in an issue, not in the code",
    on: is(/\.(rs|ts|mjs|js)$/),
    comments: true,
    pattern: /\b(todo!|unimplemented!|dbg!)|\b(TODO|FIXME|XXX)\b/,
    bad: { file: "src/engine/client.rs", text: "// TODO: refresh" },
    good: { file: "src/engine/client.rs", text: "// The refresh is shared." },
  }),
  {
    name: "documents use plain words",
    why: 'a sentence about "whoever" or "nobody" hides its subject; name the tab, the caller, the user or the attacker',
    on: is(/\.md$/),
    check: (_, text) =>
      text.split("\n").flatMap((line, index) => {
        const found = /\b(whoever|whomever|nobody|somebody|what is there|so no more|in the clear)\b/i.exec(
          line.replaceAll(/`[^`]*`/g, ""),
        );
        return found ? [{ line: index + 1, found: found[0] }] : [];
      }),
    bad: { file: "docs/guide/tokens.md", text: "Whoever asks meanwhile joins it." },
    good: { file: "docs/guide/tokens.md", text: "Later callers join it: `nobody_waits`." },
  },
  noLine({
    name: "code, comments and names of tests use plain words",
    why: 'a sentence about "whoever" or "somebody" hides its subject; name the tab, the caller, the user or the attacker',
    on: is(/\.(rs|ts|tsx|mjs|js|json|html)$/, /package-lock\.json$/),
    comments: true,
    // As a user's name, `nobody` may stand alone in quotes.
    pattern:
      /[Ww]hoever|[Ww]homever|[Ss]omebody(?!")|[Aa]nybody|(?<!["/]|client |unknown |signedOut )\b[Nn]obody(?!["/])|_nobody\b|_nobody_/,
    bad: { file: "src/engine/client.rs", text: "// Whoever asks meanwhile joins it." },
    good: { file: "src/engine/client.rs", text: 'let unknown = begin("nobody"); // No user has this name.' },
  }),
  noLine({
    name: "the scripts and tests put nothing on the network but loopback",
    why: "a server of ours is for this machine only",
    on: is(SCRIPT),
    pattern: /["'`]0\.0\.0\.0["'`]/,
    bad: { file: "scripts/start.mjs", text: 'server.listen(port, "0.0.0.0");' },
    good: { file: "scripts/start.mjs", text: 'server.listen(port, "127.0.0.1");' },
  }),
];
