// Layers run by a test runner whose output is counted.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { filesUnder } from "../lib/step.mjs";
import { at, inTarget, ROOT, toolProgram, WASM_TARGET } from "../lib/project.mjs";
import { record, run, Stop, which } from "../lib/run.mjs";
import { startRunnerProxy } from "./runner_proxy.mjs";

const SIMULATION = "testing::simulation::";

/** Unit and integration tests of the whole workspace, on this machine. The simulation by itself, for its time has a bar. */
export async function cargoTests() {
  const others = counted(
    await record("cargo", ["test", "--workspace", "--no-fail-fast", "--", "--skip", SIMULATION]),
    countCargo,
  );
  const recorded = await record("cargo", ["test", "--lib", SIMULATION]);
  const simulation = counted(recorded, countCargo);
  console.log(`The simulation took ${secondsOf(recorded.output)} s. Its bar is 60 s.`);
  return {
    passed: others.passed + simulation.passed,
    failed: others.failed + simulation.failed,
    trouble: [others.trouble, simulation.trouble].filter(Boolean).join("\n"),
  };
}

/** The variable that names an engine's driver to wasm-bindgen's test runner, which takes WebKitGTK's as it takes Safari's. */
const DRIVERS = {
  chromium: ["CHROMEDRIVER", "chromedriver"],
  firefox: ["GECKODRIVER", "geckodriver"],
  webkit: ["SAFARIDRIVER", "WebKitWebDriver"],
};

/** wasm-bindgen tests in a browser, as webdriver.json says. */
export async function wasmTests(engine) {
  const args = ["test", "--target", WASM_TARGET, "--no-fail-fast"];
  const [command, ...rest] = engine === "webkit" ? ["xvfb-run", "-a", "cargo", ...args] : ["cargo", ...args];
  // Compiled before, so that the limits are for the tests alone.
  await run("cargo", ["build", "--tests", "--target", WASM_TARGET]);
  const proxy = await startRunnerProxy();
  const webdriver = inTarget(`webdriver-${engine}.json`);
  writeFileSync(
    webdriver,
    JSON.stringify(behind(proxy.address, JSON.parse(readFileSync(at("webdriver.json"), "utf8")))),
  );
  const [variable, driver] = DRIVERS[engine];
  const env = {
    [variable]: which(driver),
    // The target directory may be elsewhere than .cargo/config.toml has it. Relative, for cargo splits this at spaces.
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: path.relative(ROOT, toolProgram("test-runner")),
    // The runner's 20 seconds are not enough for a browser's first start on a busy machine, nor for WebKitGTK's minute.
    WASM_BINDGEN_TEST_TIMEOUT: "300",
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriver,
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
  };
  try {
    return counted(await record(command, rest, { env }), countCargo);
  } finally {
    proxy.close();
  }
}

/** A browser asks no proxy for this machine's own pages unless it is told to: Chromium by `noProxy`, Firefox by `prefs`. */
function behind(httpProxy, capabilities) {
  const prefs = { "network.proxy.allow_hijacking_localhost": true };
  return {
    ...capabilities,
    proxy: { proxyType: "manual", httpProxy, noProxy: ["<-loopback>"] },
    "moz:firefoxOptions": { ...capabilities["moz:firefoxOptions"], prefs },
  };
}

const TEST_FILE = ".test.mjs";
const WHOLE_FILE = at("scripts", "layers", "whole_file.mjs");

/** The *.test.mjs files of a directory of tests/, of those whose name, without that ending, `isWanted`. */
export function testFiles(directory, isWanted = () => true) {
  const files = filesUnder(at("tests", directory)).filter(
    (file) => file.endsWith(TEST_FILE) && isWanted(path.basename(file, TEST_FILE)),
  );
  if (files.length === 0) throw new Stop(`There is no *.test.mjs file in tests/${directory}.`);
  return files;
}

/** Runs test files with node's test runner, so many at once. */
export async function nodeTests(files, { env = {}, atOnce = 1 } = {}) {
  return counted(await record(process.execPath, nodeArguments(files, atOnce), { env }), countNode);
}

/** What node is started with for its tests. */
export function nodeArguments(files, atOnce = 1) {
  return ["--import", WHOLE_FILE, "--test", `--test-concurrency=${atOnce}`, "--test-reporter=spec", ...files];
}

/** Adds up; a run that failed without a failing test (a crash, a build error) counts as one. */
function counted({ code, output }, count) {
  const { passed, failed } = count(output);
  if (code === 0 && failed === 0) return { passed, failed };
  console.log(output);
  return { passed, failed: Math.max(failed, 1), trouble: troubleIn(output) };
}

/** The part of a runner's output that repeats what has failed; the last of it where there is none. */
export function troubleIn(output) {
  const start = output.search(/^(✖ failing tests|failures):$/m);
  return start === -1 ? output.slice(-4_000) : output.slice(start);
}

/** Sums over test binaries. An ignored test has proved nothing. */
export function countCargo(output) {
  const results = [...output.matchAll(/test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored/g)];
  const sum = (column) => results.reduce((total, match) => total + Number(match[column]), 0);
  return { passed: sum(1), failed: sum(2) + sum(3) };
}

/** How long a test binary says that its tests took. */
export function secondsOf(output) {
  return /^test result: .* finished in ([\d.]+)s$/m.exec(output)?.[1] ?? "?";
}

/**
 * Reads the closing lines of the spec reporter. A skipped, cancelled or unwritten test has proved nothing. Nor has a file
 * that holds no test: Node.js 20 passes it under the file's own name.
 */
export function countNode(output) {
  const empty = [...output.matchAll(/^✔ .*\.test\.mjs \([\d.]+ms\)$/gm)].length;
  const value = (name) => Number([...output.matchAll(new RegExp(`^\\S+ ${name} (\\d+)$`, "gm"))].at(-1)?.[1] ?? 0);
  const unproved = value("cancelled") + value("skipped") + value("todo");
  return { passed: value("pass") - empty, failed: value("fail") + unproved + empty };
}
