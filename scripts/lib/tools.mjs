// What the project needs on a machine: each function looks first, then installs what is missing, or stops with the
// command that would.

import { existsSync, readFileSync } from "node:fs";
import { isOlder, at, inTarget, LOCAL_TOOLS, minimumNode, minimumRust, WASM_TARGET, wasmBindgenPin } from "./project.mjs";
import { ask, line, run, Stop, which } from "./run.mjs";

/** Everything the build needs. */
export async function ensureBuildTools() {
  ensureNode();
  await ensureRust();
  await ensureDebianPackages([{ command: "cc", packages: ["gcc", "libc6-dev"] }]);
  await ensureNpmPackages();
  await ensureWasmBindgen();
}

export function ensureNode(version = process.versions.node, minimum = minimumNode()) {
  if (isOlder(version, String(minimum))) {
    throw new Stop(`Node.js ${version} is too old: install Node.js ${minimum} or newer and run this again.`);
  }
}

async function ensureRust() {
  if (!which("cargo")) throw new Stop("cargo is missing: install Rust with rustup (https://rustup.rs) and run this again.");
  // `rustup toolchain install` without a name installs what rust-toolchain.toml asks for.
  if (ask("rustc", ["--version"]) === undefined) await install("rustup", ["toolchain", "install"]);
  const version = /\d+\.\d+\.\d+/.exec(ask("rustc", ["--version"]))[0];
  if (isOlder(version, minimumRust())) throw new Stop(`Rust ${version} is too old. Run: rustup update stable`);
  const library = ask("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (library === undefined || !existsSync(library)) await install("rustup", ["target", "add", WASM_TARGET]);
}

/** rustfmt and clippy, for the tests. */
export async function ensureRustComponents() {
  const missing = ["rustfmt", "clippy"].filter((name) => ask(`cargo-${name.replace("rustfmt", "fmt")}`, ["--version"]) === undefined);
  if (missing.length > 0) await install("rustup", ["component", "add", ...missing]);
}

/** Runs `npm ci` unless node_modules holds exactly what the lock file says. */
export async function ensureNpmPackages() {
  if (npmPackagesAreCurrent()) return;
  await install("npm", ["ci", "--no-audit", "--no-fund"]);
}

function npmPackagesAreCurrent() {
  const installed = at("node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const have = packagesOf(installed);
  return Object.entries(packagesOf(at("package-lock.json"))).every(
    ([name, { version, optional }]) => name === "" || (have[name] ? have[name].version === version : optional === true),
  );
}

function packagesOf(lock) {
  return JSON.parse(readFileSync(lock, "utf8")).packages;
}

/** The wasm-bindgen command in the library's own version: the two share a private format that changes between releases. */
async function ensureWasmBindgen() {
  const pin = wasmBindgenPin();
  const found = ask("wasm-bindgen", ["--version"])?.split(" ")[1];
  if (found === pin) return;
  // A user's other version stays where it is; ours then goes into the checkout.
  const root = found === undefined ? [] : ["--root", LOCAL_TOOLS];
  // No --locked: the tool then shares the newest fixes of its dependencies, and its own lock file is of no use to us.
  await cargoInstall(["wasm-bindgen-cli", "--version", pin, ...root]);
}

/** Command-line tools that come as crates; a version that is already there will do. */
export async function ensureCargoTools(tools) {
  for (const { command, version } of tools) {
    if (!which(command)) await cargoInstall([command, "--version", version, "--locked"]);
  }
}

function cargoInstall(args) {
  // One build directory for all of them: they have many dependencies in common.
  return install("cargo", ["install", "--quiet", ...args], { CARGO_TARGET_DIR: inTarget("tools") });
}

/** What the tests and the benches need of Chromium, as {@link ensureDebianPackages} takes it. */
export const CHROMIUM = [
  { command: "chromium", packages: ["chromium"] },
  { command: "chromedriver", packages: ["chromium-driver"] },
];

/** Debian packages, each known by a command it brings. */
export async function ensureDebianPackages(wanted) {
  const packages = wanted.filter(({ command }) => !which(command)).flatMap(({ packages }) => packages);
  if (packages.length === 0) return;
  const args = ["install", "-y", "--no-install-recommends", ...packages];
  if (process.getuid?.() !== 0 || !which("apt-get")) {
    throw new Stop(`Missing on this machine: ${packages.join(" ")}. Run: sudo apt-get update && sudo ${line("apt-get", args)}`);
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await install("apt-get", ["update", "-q"], env);
  await install("apt-get", args, env);
}

async function install(command, args, env = {}) {
  console.log(`> ${line(command, args)}`);
  await run(command, args, { env });
}
