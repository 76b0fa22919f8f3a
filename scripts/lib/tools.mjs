// What the project needs on a machine: each function looks first, then installs what is missing, or stops with the
// command that would.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { isOlder, at, minimumNode, minimumRust, toolProgram, TOOLS_TARGET, WASM_TARGET } from "./project.mjs";
import { ask, line, run, Stop, which } from "./run.mjs";

/** Everything the build needs. */
export async function ensureBuildTools() {
  ensureNode();
  await ensureRust();
  await ensureDebianPackages([{ command: "cc", packages: ["gcc", "libc6-dev"] }]);
  await ensureNpmPackages();
  await compileTools();
}

export function ensureNode(version = process.versions.node, minimum = minimumNode()) {
  if (isOlder(version, String(minimum))) {
    throw new Stop(`Node.js ${version} is too old: install Node.js ${minimum} or newer and run this again.`);
  }
}

async function ensureRust() {
  if (!which("cargo"))
    throw new Stop("cargo is missing: install Rust with rustup (https://rustup.rs) and run this again.");
  // `rustup toolchain install` without a name installs what rust-toolchain.toml asks for.
  if (ask("rustc", ["--version"]) === undefined) await install("rustup", ["toolchain", "install"]);
  const version = /\d+\.\d+\.\d+/.exec(ask("rustc", ["--version"]))[0];
  if (isOlder(version, minimumRust())) throw new Stop(`Rust ${version} is too old. Run: rustup update stable`);
  const library = ask("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  if (library === undefined || !existsSync(library)) await install("rustup", ["target", "add", WASM_TARGET]);
}

/** rustfmt and clippy, for the tests. */
export async function ensureRustComponents() {
  const missing = ["rustfmt", "clippy"].filter(
    (name) => ask(`cargo-${name.replace("rustfmt", "fmt")}`, ["--version"]) === undefined,
  );
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

/** Compiles tools/: what binds the wasm, and with the feature `test-runner` what runs its tests. */
export function compileTools(...features) {
  const program = toolProgram(features[0] ?? "bind");
  if (!existsSync(program)) console.log(`\nCompiling ${path.basename(program)}, a tool of the build: about a minute.`);
  const args = [
    "build",
    "--locked",
    "--manifest-path",
    at("tools", "Cargo.toml"),
    ...features.flatMap((name) => ["--features", name]),
  ];
  return run("cargo", args, { env: { CARGO_TARGET_DIR: TOOLS_TARGET } });
}

/** Command-line tools that come as crates, in the versions of their own lock files; one that is already there will do. */
export async function ensureCargoTools(tools) {
  for (const { command, version } of tools) {
    // Compiled once and run for a moment: unoptimised, they are there in a third of the time.
    const args = [
      "install",
      "--quiet",
      command,
      "--version",
      version,
      "--locked",
      "--debug",
      "--config",
      "profile.dev.debug=false",
    ];
    if (!which(command)) await install("cargo", args, { CARGO_TARGET_DIR: TOOLS_TARGET });
  }
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
    throw new Stop(
      `Missing on this machine: ${packages.join(" ")}. Run: sudo apt-get update && sudo ${line("apt-get", args)}`,
    );
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await install("apt-get", ["update", "-q"], env);
  await install("apt-get", args, env);
}

async function install(command, args, env = {}) {
  console.log(`> ${line(command, args)}`);
  await run(command, args, { env });
}
