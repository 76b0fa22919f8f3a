// `npm test` is only as good as its sums.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { isOlder } from "../../scripts/lib/project.mjs";
import { record } from "../../scripts/lib/run.mjs";
import { ensureNode } from "../../scripts/lib/tools.mjs";
import { countCargo, countNode, nodeArguments, secondsOf, testFiles, troubleIn } from "../../scripts/layers/suites.mjs";

test("the results of all test binaries are added up", () => {
  const output = [
    "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
    "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
  ].join("\n");
  assert.deepEqual(countCargo(output), { passed: 15, failed: 2 });
});

test("an ignored Rust test counts as failed", () => {
  assert.deepEqual(countCargo("test result: ok. 1 passed; 0 failed; 4 ignored; 0 measured"), { passed: 1, failed: 4 });
});

test("the time of the simulation is the one that its test binary tells", () => {
  const output =
    "running 15 tests\ntest result: ok. 15 passed; 0 failed; 0 ignored; 0 measured; 900 filtered out; finished in 41.07s\n";
  assert.equal(secondsOf(output), "41.07");
  assert.equal(secondsOf("error: could not compile"), "?");
});

test("output without a result counts nothing", () => {
  assert.deepEqual(countCargo("error: could not compile"), { passed: 0, failed: 0 });
  assert.deepEqual(countNode("SyntaxError"), { passed: 0, failed: 0 });
});

test("what a runner repeats of its failed tests is repeated once more in the end", () => {
  assert.equal(
    troubleIn("✔ one (1ms)\nℹ fail 1\n\n✖ failing tests:\n\n✖ two (1ms)"),
    "✖ failing tests:\n\n✖ two (1ms)",
  );
  assert.equal(troubleIn("running 2 tests\n\nfailures:\n\n---- two stdout ----"), "failures:\n\n---- two stdout ----");
  assert.equal(troubleIn(`${"error ".repeat(1_000)}in the end`).length, 4_000);
});

test("a skipped or cancelled Node test counts as failed", () => {
  const output =
    "✔ pass 9 of the story\nℹ tests 7\nℹ suites 1\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\nℹ duration_ms 5";
  assert.deepEqual(countNode(output), { passed: 3, failed: 4 });
});

test("a file without a test, and one that ends before its tests are done, count as failed", async (t) => {
  const directory = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-house-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const sumOf = async (lines) => {
    const file = path.join(directory, "some.test.mjs");
    writeFileSync(file, `import { test } from "node:test";\n${lines.join("\n")}\n`);
    // Of its own, and no part of the run that this test is in.
    const { output } = await record(process.execPath, nodeArguments([file]), { env: { NODE_TEST_CONTEXT: undefined } });
    return countNode(output);
  };
  const late = (name, end) =>
    `test("${name}", async () => { await new Promise((resolve) => setTimeout(resolve, 50)); ${end} });`;
  assert.deepEqual(await sumOf([late("one", ""), late("two", "")]), { passed: 2, failed: 0 });
  assert.deepEqual(await sumOf([]), { passed: 0, failed: 1 });
  assert.deepEqual(await sumOf([late("exits", "process.exit(0);"), late("never runs", "")]), { passed: 0, failed: 1 });
  // What the first one has reported is no news of the others.
  assert.deepEqual(await sumOf([late("one", ""), late("exits", "process.exit(0);"), late("never runs", "")]), {
    passed: 1,
    failed: 1,
  });
  assert.deepEqual(
    await sumOf([late("one", ""), late("waits for ever", "await new Promise(() => {});"), late("never runs", "")]),
    { passed: 1, failed: 2 },
  );
});

test("a directory without test files is no layer that passes", () => {
  assert.throws(() => testFiles("vectors"), { message: "There is no *.test.mjs file in tests/vectors." });
});

test("versions are compared as numbers", () => {
  assert.equal(isOlder("1.9.0", "1.88"), true);
  assert.equal(isOlder("1.88.0", "1.88"), false);
  assert.equal(isOlder("2.0", "1.88"), false);
  assert.equal(isOlder("20", "20.1"), true);
});

test("an old Node.js is refused in one line that says which is needed", () => {
  assert.throws(() => ensureNode("18.20.4", 20), {
    message: "Node.js 18.20.4 is too old: install Node.js 20 or newer and run this again.",
  });
  assert.doesNotThrow(() => ensureNode("22.1.0", 20));
});
