// Where things are, and the facts that more than one script needs. No npm package is imported here or in the other
// files of this directory: they run before `npm ci` has.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** An absolute path in the checkout. */
export const at = (...parts) => path.join(ROOT, ...parts);

/** A path in cargo's target directory. */
export const inTarget = (...parts) => path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target", ...parts);

/** Where the programs of tools/ and the tools that come as crates are compiled. */
export const TOOLS_TARGET = inTarget("tools");

export const WASM_TARGET = "wasm32-unknown-unknown";

/** Where cargo keeps its commands and the sources it has fetched. */
export const CARGO_HOME = process.env.CARGO_HOME ?? path.join(homedir(), ".cargo");

/**
 * The PATH of every command we run. Cargo's own directory is there because the shell that installed Rust a minute ago does
 * not have it yet. The npm packages' commands, which npm adds, are not: one of them is called geckodriver and is none.
 */
const PATH = [...process.env.PATH.split(path.delimiter), path.join(CARGO_HOME, "bin")]
  .filter((directory) => !directory.endsWith(path.join("node_modules", ".bin")))
  .join(path.delimiter);

/** The environment of every command we run. */
export const ENV = { ...process.env, PATH };

/** Whether node was started with this module, and not with one that imports it. Also by way of a symbolic link. */
export function isScript(url) {
  const [, started] = process.argv;
  return started !== undefined && existsSync(started) && realpathSync(started) === fileURLToPath(url);
}

/** A command of one of our npm packages. */
export const npmCommand = (name) => at("node_modules", ".bin", name);

/** A program of tools/, where cargo has put it. */
export const toolProgram = (name) => path.join(TOOLS_TARGET, "debug", name);

/** The exact version of wasm-bindgen that Cargo.toml asks for; tools/ has to have the same. */
export function wasmBindgenPin(manifest = readFileSync(at("Cargo.toml"), "utf8")) {
  const pin = /^wasm-bindgen\s*=.*?"=(\d+\.\d+\.\d+)"/m.exec(manifest);
  if (!pin) throw new Error('Cargo.toml pins no exact wasm-bindgen version (wasm-bindgen = "=x.y.z")');
  return pin[1];
}

/** The oldest Rust that Cargo.toml allows, as "1.88". */
export function minimumRust(manifest = readFileSync(at("Cargo.toml"), "utf8")) {
  const version = /^rust-version\s*=\s*"([\d.]+)"/m.exec(manifest);
  if (!version) throw new Error("Cargo.toml names no rust-version");
  return version[1];
}

/** The oldest Node.js that package.json allows, as a major version. */
export function minimumNode() {
  return Number(/\d+/.exec(JSON.parse(readFileSync(at("package.json"), "utf8")).engines.node)[0]);
}

/** Compares dotted version numbers. */
export function isOlder(version, minimum) {
  const have = version.split(".").map(Number);
  const need = minimum.split(".").map(Number);
  const differs = need.findIndex((part, index) => (have[index] ?? 0) !== part);
  return differs !== -1 && (have[differs] ?? 0) < need[differs];
}
