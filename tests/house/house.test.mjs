// Holds the project to its house rules, and the rules to their samples.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { at, ROOT } from "../../scripts/lib/project.mjs";
import { RULES } from "./rules.mjs";

const BINARY = /\.(wasm|png|ico|woff2?)$/;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && !BINARY.test(file) && existsSync(at(file)))
  .map((file) => ({ file, text: readFileSync(at(file), "utf8") }));

for (const { name, why, on, check, bad, good } of RULES) {
  test(name, () => {
    const found = files
      .filter(({ file }) => on(file))
      .flatMap(({ file, text }) => check(file, text).map((each) => ({ file, ...each })));
    const list = found.map(({ file, line, found: what }) => `  ${file}:${line} ${what}`).join("\n");
    assert.equal(found.length, 0, `${why}, but:\n${list}`);
  });

  test(`the rule "${name}" catches what it is for and nothing else`, () => {
    assert.ok(on(bad.file), `it is not about ${bad.file}`);
    assert.notEqual(check(bad.file, bad.text).length, 0, `it misses: ${bad.text}`);
    assert.deepEqual(check(good.file, good.text), [], "it catches what is right");
  });
}

test("the package has no dependencies and says so to bundlers", () => {
  const manifest = JSON.parse(readFileSync(at("package.json"), "utf8"));
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.sideEffects, false);
  for (const [name, version] of Object.entries(manifest.devDependencies))
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is not pinned`);
});
