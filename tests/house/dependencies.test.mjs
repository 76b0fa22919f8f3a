// What deny.toml says of dependencies, as far as cargo itself can tell; `npm run test:matrix` runs all of cargo-deny.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at, ENV, WASM_TARGET, wasmBindgenPin } from "../../scripts/lib/project.mjs";
import { allows, doubled, usedOutsideTests } from "./dependencies.mjs";

const REGISTRY = "registry+https://github.com/rust-lang/crates.io-index";
const TARGETS = [WASM_TARGET, "x86_64-unknown-linux-gnu"];

const metadata = (manifest, ...args) => {
  const command = [
    "metadata",
    "--format-version",
    "1",
    "--locked",
    "--all-features",
    "--manifest-path",
    manifest,
    ...args,
  ];
  return JSON.parse(execFileSync("cargo", command, { env: ENV, encoding: "utf8", maxBuffer: 2 ** 27 }));
};
const graphs = TARGETS.map((target) => metadata(at("Cargo.toml"), "--filter-platform", target));
const packages = graphs.flatMap((graph) => graph.packages);

test("every crate has a licence that deny.toml allows", () => {
  const [, list] = /^allow = \[(.*)\]$/m.exec(readFileSync(at("deny.toml"), "utf8"));
  const allowed = list.split(",").map((each) => each.trim().slice(1, -1));
  assert.deepEqual(
    packages.filter(({ license }) => !allows(license, allowed)).map(({ name, license }) => `${name}: ${license}`),
    [],
  );
});

test("there is one version of each crate, but for what only tests use", () => {
  assert.deepEqual(doubled(graphs.flatMap(usedOutsideTests)), []);
});

test("every crate comes from the registry, in the version of a lock file, and none is asked for in any version", () => {
  for (const { name, source, dependencies } of [...packages, ...metadata(at("tools", "Cargo.toml")).packages]) {
    assert.ok(source === null || source === REGISTRY, `${name} comes from ${source}`);
    if (source !== null) continue;
    for (const { name: asked, req, path } of dependencies)
      assert.ok(req !== "*" || path !== undefined, `${name} asks for any version of ${asked}`);
  }
});

test("the lock files hold the wasm-bindgen that Cargo.toml pins, for the library and for what binds it", () => {
  const locked = (file, name) =>
    new RegExp(`name = "${name}"\\nversion = "([^"]+)"`).exec(readFileSync(at(file), "utf8"))?.[1];
  assert.equal(locked("Cargo.lock", "wasm-bindgen"), wasmBindgenPin());
  assert.equal(locked("tools/Cargo.lock", "wasm-bindgen-cli-support"), wasmBindgenPin());
  assert.equal(locked("tools/Cargo.lock", "wasm-bindgen-cli"), wasmBindgenPin());
});

test("a wasm-bindgen requirement that is not exact is no pin", () => {
  assert.equal(wasmBindgenPin('wasm-bindgen = { version = "=1.2.3", features = [] }'), "1.2.3");
  assert.throws(() => wasmBindgenPin('wasm-bindgen = "1.2.3"'), /pins no exact/);
});

test("a licence expression is allowed where the choices in it leave only allowed ones", () => {
  const allowed = ["MIT", "Apache-2.0"];
  for (const good of [
    "MIT",
    "MIT OR GPL-3.0",
    "MIT/Unlicense",
    "(MIT OR BSL-1.0) AND Apache-2.0",
    "GPL-3.0 OR (MIT AND Apache-2.0)",
  ])
    assert.ok(allows(good, allowed), good);
  for (const bad of [
    "GPL-3.0",
    "MIT AND GPL-3.0",
    "(MIT OR BSL-1.0) AND GPL-3.0",
    "Apache-2.0 WITH LLVM-exception",
    null,
    "",
    "(MIT",
  ]) {
    assert.ok(!allows(bad, allowed), String(bad));
  }
});

test("two versions of a crate are found, and one that two targets share is not", () => {
  const crates = [
    ["a", "1.0.0"],
    ["b", "1.0.0"],
    ["a", "1.0.0"],
    ["b", "2.0.0"],
  ].map(([name, version]) => ({ name, version }));
  assert.deepEqual(doubled(crates), ["b 1.0.0, 2.0.0"]);
});
