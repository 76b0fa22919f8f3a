// What is published: nothing missing, nothing else.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { filesUnder } from "../../scripts/lib/step.mjs";
import { deadLinks, REPOSITORY_FILES } from "../support/links.mjs";
import { installPackage } from "../support/package.mjs";

const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-tarball-"));
let packed;
let names;
before(() => {
  packed = installPackage(temporary);
  names = filesUnder(packed).map((file) => path.relative(packed, file));
});
after(() => rmSync(temporary, { recursive: true, force: true }));

test("the tarball holds dist, the manifest, the licences, and the documents of those who use it", () => {
  const outside = names.filter((name) => !name.startsWith("dist/"));
  assert.deepEqual(outside, [
    "CHANGELOG.md",
    "GLOSSARY.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "docs/guide/README.md",
    "docs/guide/account.md",
    "docs/guide/challenges.md",
    "docs/guide/devices.md",
    "docs/guide/migration.md",
    "docs/guide/passkeys.md",
    "docs/guide/setup.md",
    "docs/guide/sign-in.md",
    "docs/guide/sign-out.md",
    "docs/guide/sign-up.md",
    "docs/guide/storage.md",
    "docs/guide/tabs-and-offline.md",
    "docs/guide/testing.md",
    "docs/guide/tokens.md",
    "docs/guide/user-state.md",
    "docs/reference/configuration.md",
    "docs/reference/errors.md",
    "docs/reference/guarantees.md",
    "docs/reference/stored-data.md",
    "package.json",
  ]);
  const unexpected = names.filter(
    (name) => name.startsWith("dist/") && !/^dist\/[\w-]+\.(c?js|d\.c?ts|wasm)$/.test(name),
  );
  assert.deepEqual(unexpected, []);
});

test("every file that package.json leads to is in the tarball", () => {
  const manifest = JSON.parse(readFileSync(path.join(packed, "package.json"), "utf8"));
  const leaves = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry).flatMap(leaves));
  for (const target of [manifest.main, manifest.types, ...leaves(manifest.exports)]) {
    assert.ok(names.includes(path.normalize(target)), `${target} is missing`);
  }
});

test("every link of the packed documents leads into the package or to an absolute https address", () => {
  const read = (name) => (name.endsWith(".md") ? readFileSync(path.join(packed, name), "utf8") : undefined);
  assert.deepEqual(deadLinks(new Map(names.map((name) => [name, read(name)]))), []);
});

test("package.json says where the repository is, and the documents link to no other", () => {
  const { repository, homepage, bugs } = JSON.parse(readFileSync(path.join(packed, "package.json"), "utf8"));
  const address = repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
  assert.equal(`${address}/blob/main/`, REPOSITORY_FILES);
  assert.equal(homepage, `${address}#readme`);
  assert.equal(bugs.url, `${address}/issues`);
});

test("importing the package on a server touches no global and loads no WebAssembly", async () => {
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  const { AWSMobileClient } = await import(path.join(packed, "dist", "index.js"));
  assert.equal(typeof AWSMobileClient.sharedInstance, "function");
  assert.deepEqual(
    Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name)),
    [],
  );
});

test("the inlined copy of the WebAssembly is the .wasm beside it", async () => {
  const inlined = names.find((name) => /^dist\/wasm-inline-\w+\.js$/.test(name));
  assert.ok(inlined, "no chunk holds the inlined copy");
  const { default: bytes } = await import(path.join(packed, inlined));
  assert.deepEqual(Buffer.from(await bytes()), readFileSync(path.join(packed, "dist", "cognito_wasm_bg.wasm")));
});
