// The layers of tests, quickest news first. Each: its `tools`, what it `builds`, and `run` -> `{ passed, failed, trouble }`,
// `trouble` being what the tests that failed have printed.

import { build } from "../build.mjs";
import { at, inTarget, npmCommand } from "../lib/project.mjs";
import { run } from "../lib/run.mjs";
import { CHROMIUM, ensureBuildTools, ensureCargoTools, ensureDebianPackages, ensureRustComponents } from "../lib/tools.mjs";
import { checks } from "./checks.mjs";
import { mutants } from "./mutants.mjs";
import { printSizes, sizes } from "../size.mjs";
import { cargoTests, nodeTests, wasmTests } from "./suites.mjs";

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
  { name: "house", tools: [tools], builds: [], run: () => nodeTests("house") },
  { name: "lints", tools: [tools, components, deny], builds: [], run: lints },
  { name: "native", tools: [tools], builds: [], run: cargoTests },
  { name: "mutants", tools: [tools], builds: [], run: mutants },
  { name: "package", tools: [tools, wasmPack], builds: [library], run: packageChecks },
  { name: "types", tools: [tools], builds: [library], run: () => nodeTests("types") },
  { name: "wasm-chromium", tools: [tools, wasmPack, chromium], builds: [], run: () => wasmTests("chrome", "chromedriver") },
  { name: "wasm-firefox", tools: [tools, wasmPack, firefox], builds: [], run: () => wasmTests("firefox", "geckodriver") },
  { name: "wasm-webkit", tools: [tools, wasmPack, webkit], builds: [], run: () => wasmTests("safari", "WebKitWebDriver") },
  { name: "peers", tools: [tools, chromium], builds: [emulator], run: () => nodeTests("peers") },
  { name: "e2e-chromium", tools: [tools, chromium], builds: [library, emulator], run: () => e2e("chromium") },
  { name: "e2e-firefox", tools: [tools, firefox], builds: [library, emulator], run: () => e2e("firefox") },
  { name: "e2e-webkit", tools: [tools, webkit], builds: [library, emulator], run: () => e2e("webkit") },
];

function lints() {
  return checks([
    ["rustfmt", "cargo", ["fmt", "--all", "--check"]],
    ["clippy, native", "cargo", ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]],
    ["clippy, wasm", "cargo", ["clippy", "--quiet", "--target", "wasm32-unknown-unknown", "--lib", "--tests", "--", "-D", "warnings"]],
    // Advisories are left to hand and to the release: a test must not fail, or need the network, for the news of the day.
    ["licences, sources and duplicates", "cargo", ["deny", "check", "bans", "licenses", "sources"]],
  ]);
}

async function packageChecks() {
  printSizes(sizes());
  return checks([
    ["TypeScript, strict", npmCommand("tsc"), ["--project", "tsconfig.json"]],
    ["publint", npmCommand("publint"), ["run", "--strict", "--pack", "npm"]],
    // By hand it must work as well, whatever else is installed.
    ["wasm-pack build", "wasm-pack", ["build", "--out-dir", inTarget("wasm-pack-build")]],
    // The package is ES modules only, and a .wasm has no types.
    ["are the types wrong", npmCommand("attw"), ["--pack", at(), "--profile", "esm-only", "--exclude-entrypoints", "./cognito_wasm_bg.wasm"]],
  ]);
}

function e2e(engine) {
  return nodeTests("e2e", { E2E_BROWSER: engine });
}

/** A preparation that several layers need and that is done for the first of them. */
function once(prepare) {
  let done;
  return () => (done ??= prepare());
}
