// Layers run by a test runner whose output is counted.

import { filesUnder } from "../lib/step.mjs";
import { at } from "../lib/project.mjs";
import { record, run, Stop, which } from "../lib/run.mjs";

/** Unit and integration tests of the whole workspace, on this machine. */
export async function cargoTests() {
  return counted(await record("cargo", ["test", "--workspace", "--no-fail-fast"]), countCargo);
}

/** wasm-bindgen tests in a browser; webdriver.json says how it is started. */
export async function wasmTests(browser, driver) {
  const args = ["test", "--headless", `--${browser}`, `--${driver === "WebKitWebDriver" ? "safaridriver" : driver}`, which(driver)];
  // A first start of a browser on a busy machine takes longer than the runner's 20 seconds.
  const env = { WASM_BINDGEN_TEST_TIMEOUT: "120", WEBKIT_DISABLE_COMPOSITING_MODE: "1" };
  const [command, ...rest] = browser === "safari" ? ["xvfb-run", "-a", "wasm-pack", ...args] : ["wasm-pack", ...args];
  // Compiled before, so that the limit is for the tests alone.
  await run("cargo", ["build", "--tests", "--target", "wasm32-unknown-unknown"]);
  for (let attempt = 1; ; attempt += 1) {
    const result = await record(command, rest, { env, limitMinutes: 2 });
    if (attempt === PAGE_ATTEMPTS || !neverLoaded(result)) return counted(result, countCargo);
    console.log("The runner's server left the page without its scripts; once more.");
  }
}

/**
 * How often the page of wasm-bindgen's runner is loaded. Its server has four threads and sometimes starts no fifth for
 * the six connections that a browser opens; two requests then wait for ever, and no test has begun.
 */
const PAGE_ATTEMPTS = 8;

/** Whether the last page that was opened has not come to its first test. */
function neverLoaded({ code, output }) {
  return code !== 0 && !/^test /m.test(output.slice(output.lastIndexOf("Running headless tests")));
}

/** The *.test.mjs files of a directory of tests/. */
export async function nodeTests(directory, env = {}) {
  const files = filesUnder(at("tests", directory)).filter((file) => file.endsWith(".test.mjs"));
  if (files.length === 0) throw new Stop(`There is no *.test.mjs file in tests/${directory}.`);
  // Browsers and emulators share two cores with the tests: one file at a time.
  const args = ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files];
  return counted(await record(process.execPath, args, { env }), countNode);
}

/** Adds up; a run that failed without a failing test (a crash, a build error) counts as one. */
function counted({ code, output }, count) {
  const { passed, failed } = count(output);
  const result = { passed, failed: code === 0 ? failed : Math.max(failed, 1) };
  if (result.failed > 0) console.log(output);
  return result;
}

/** Sums over test binaries. An ignored test has proved nothing. */
export function countCargo(output) {
  const results = [...output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)];
  const sum = (column) => results.reduce((total, match) => total + Number(match[column]), 0);
  return { passed: sum(1), failed: sum(2) + sum(3) };
}

/**
 * Reads the closing lines of the spec reporter. A skipped, cancelled or unwritten test has proved nothing. Nor has a file
 * that holds no test, or that ends its process before its tests are done: Node.js 20 passes it under the file's own name.
 */
export function countNode(output) {
  const empty = [...output.matchAll(/^✔ .*\.test\.mjs \([\d.]+ms\)$/gm)].length;
  const value = (name) => Number([...output.matchAll(new RegExp(`^\\S+ ${name} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  const unproved = value("cancelled") + value("skipped") + value("todo");
  return { passed: value("pass") - empty, failed: value("fail") + unproved + empty };
}
