// The layers of tests, quickest news first. Each: its `tools`, what it `builds`, and `run` -> `{ passed, failed, trouble }`,
// `trouble` being what the tests that failed have printed.

import { IN_EVERY_ENGINE } from "../../tests/e2e/engines.mjs";
import { build } from "../build.mjs";
import { at, inTarget, npmCommand } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import {
  CHROMIUM,
  compileTools,
  ensureBuildTools,
  ensureCargoTools,
  ensureDebianPackages,
  ensureRustComponents,
} from "../lib/tools.mjs";
import { checks } from "./checks.mjs";
import { mutants } from "./mutants.mjs";
import { printSizes, sizes } from "../size.mjs";
import { cargoTests, nodeTests, testFiles, wasmTests } from "./suites.mjs";

const DEBIAN = {
  chromium: CHROMIUM,
  firefox: [{ command: "firefox-esr", packages: ["firefox-esr"] }],
  webkit: [
    // The browser itself, MiniBrowser, is in the library's package, and no command of the PATH.
    { command: "WebKitWebDriver", packages: ["webkit2gtk-driver", "libwebkit2gtk-4.1-0"] },
    { command: "xvfb-run", packages: ["xvfb", "xauth"] },
  ],
};
const CARGO = {
  deny: [{ command: "cargo-deny", version: "0.20.2" }],
  geckodriver: [{ command: "geckodriver", version: "0.37.1" }],
  wasmPack: [{ command: "wasm-pack", version: "0.15.1" }],
};

const tools = once(ensureBuildTools);
const components = once(ensureRustComponents);
const testRunner = once(() => compileTools("test-runner"));
const deny = once(() => ensureCargoTools(CARGO.deny));
const wasmPack = once(() => ensureCargoTools(CARGO.wasmPack));
const chromium = once(() => ensureDebianPackages(DEBIAN.chromium));
const firefox = once(async () => {
  await ensureDebianPackages(DEBIAN.firefox);
  await ensureCargoTools(CARGO.geckodriver);
});
const webkit = once(() => ensureDebianPackages(DEBIAN.webkit));

const library = once(build);
const emulator = once(() => run("cargo", ["build", "--package", "cognito-emulator"]));

export const LAYERS = [
  { name: "house", tools: [tools], builds: [], run: () => nodeTests(testFiles("house")) },
  { name: "lints", tools: [tools, components], builds: [], run: lints },
  { name: "native", tools: [tools], builds: [], run: cargoTests },
  { name: "mutants", tools: [tools], builds: [], run: mutants },
  { name: "package", tools: [tools], builds: [library], run: packageChecks },
  { name: "types", tools: [tools], builds: [library], run: () => nodeTests(testFiles("types")) },
  { name: "hosts", tools: [tools], builds: [library], run: () => nodeTests(testFiles("hosts")) },
  { name: "wasm-chromium", tools: [tools, testRunner, chromium], builds: [], run: () => wasmTests("chromium") },
  { name: "wasm-firefox", tools: [tools, testRunner, firefox], builds: [], run: () => wasmTests("firefox") },
  { name: "wasm-webkit", tools: [tools, testRunner, webkit], builds: [], run: () => wasmTests("webkit") },
  {
    name: "peers",
    tools: [tools, chromium],
    builds: [emulator],
    run: () => nodeTests(testFiles("peers"), { atOnce: FILES_AT_ONCE }),
  },
  ...e2e({}),
];

/** The same with every end-to-end test in every engine, and with what repeats a check by other people's tools. */
export const MATRIX = [
  ...LAYERS.filter(({ name }) => !name.startsWith("e2e-")),
  { name: "cargo-deny", tools: [tools, deny], builds: [], run: cargoDeny },
  { name: "wasm-pack", tools: [tools, wasmPack], builds: [], run: wasmPackBuild },
  ...e2e({ isEverywhere: true }),
];

// Each file has an emulator of its own, and a browser and a site where it needs them. It waits more than it computes: one at
// a time, two cores are idle for more than half of the time.
const FILES_AT_ONCE = 3;

function lints() {
  return checks([
    ["rustfmt", "cargo", ["fmt", "--all", "--check"]],
    ["clippy, native", "cargo", ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]],
    [
      "clippy, wasm",
      "cargo",
      ["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "--lib", "--tests", "--", "-D", "warnings"],
    ],
    ["rustfmt, tools", "cargo", ["fmt", "--manifest-path", "tools/Cargo.toml", "--check"]],
    ["Biome", npmCommand("biome"), ["ci", "--error-on-warnings", "."]],
  ]);
}

async function packageChecks() {
  printSizes(sizes());
  return checks([
    ["TypeScript, strict", npmCommand("tsc"), ["--project", "tsconfig.json"]],
    ["publint", npmCommand("publint"), ["run", "--strict", "--pack", "npm"]],
    // The entries that are one file each are what they say; only the main one is CommonJS too. A .wasm has no types.
    [
      "are the types wrong",
      npmCommand("attw"),
      [
        "--pack",
        at(),
        "--profile",
        "node16",
        "--ignore-rules",
        "cjs-resolves-to-esm",
        "--exclude-entrypoints",
        "./cognito_wasm_bg.wasm",
      ],
    ],
  ]);
}

// Advisories are left to hand and to the release: a test must not fail, or need the network, for the news of the day.
function cargoDeny() {
  return checks([["licences, sources and duplicates", "cargo", ["deny", "check", "bans", "licenses", "sources"]]]);
}

// By hand it must work as well. It gets a wasm-bindgen command for itself.
function wasmPackBuild() {
  return checks([["wasm-pack build", "wasm-pack", ["build", "--out-dir", inTarget("wasm-pack-build")]]]);
}

function e2e({ isEverywhere = false }) {
  const browsers = { chromium, firefox, webkit };
  return Object.entries(browsers).map(([engine, browser]) => {
    const isRun = (name) => isEverywhere || engine === "chromium" || name in IN_EVERY_ENGINE;
    const run = () => nodeTests(testFiles("e2e", isRun), { env: { E2E_BROWSER: engine }, atOnce: FILES_AT_ONCE });
    return { name: `e2e-${engine}`, tools: [tools, browser], builds: [library, emulator], run };
  });
}

/** A preparation that several layers need and that is done for the first of them. */
function once(prepare) {
  let done;
  return () => (done ??= prepare());
}
