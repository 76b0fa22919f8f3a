// Every acceptance scenario that a test cites is written out, with the tests that cite it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";
import { citations, citedScenarios, DOCUMENT, withLists, writtenScenarios } from "../support/scenarios.mjs";

const markdown = readFileSync(at(DOCUMENT), "utf8");
const written = writtenScenarios(markdown);
const cited = citedScenarios();

test("every scenario that a test cites is written out", () => {
  assert.ok(cited.size > 30, `only ${cited.size} scenarios are cited`);
  assert.deepEqual(
    [...cited.keys()].filter((number) => !written.has(number)),
    [],
  );
});

test("the scenarios are numbered without a gap", () => {
  assert.deepEqual(
    [...written.keys()],
    Array.from(written.keys(), (_, index) => index + 1),
  );
});

test("every scenario lists the tests that cite it, or says why there is none", () => {
  const unexplained = [...written].filter(
    ([number, { text, tests }]) =>
      !cited.has(number) && (tests !== undefined || !/^No test cites it[.:] \S/m.test(text)),
  );
  assert.deepEqual(
    unexplained.map(([number]) => number),
    [],
  );
  const excused = [...written].filter(([number, { text }]) => cited.has(number) && text.includes("No test cites it"));
  assert.deepEqual(
    excused.map(([number]) => number),
    [],
  );
  assert.equal(
    withLists(markdown, cited),
    markdown,
    "the lists are out of date: run `node tests/support/scenarios.mjs`",
  );
});

test("a citation belongs to the next test, and one sentence may cite several scenarios", () => {
  const source = [
    "// Scenario 7, the other way round.",
    'test("first", () => {});',
    "// Scenarios 25 and 26. Step 3 is another matter.",
    "  test(`second ${x}`, () => {});",
    'const text = "Scenario 9";',
    "/// Scenario 10: as above.",
    "#[test]",
    "fn third() {}",
  ].join("\n");
  assert.deepEqual(citations(source), [
    { scenario: 7, test: "first" },
    { scenario: 25, test: "second ${x}" },
    { scenario: 26, test: "second ${x}" },
    { scenario: 10, test: "third" },
  ]);
});

test("the list of a scenario is replaced, and added if it is missing", () => {
  const page = "# S\n\n### 1. One\n\nText.\n\n- [a](../../a)\n  - `old`\n\n### 2. Two\n\nText.\n";
  const found = new Map([
    [1, new Map([["b", ["new"]]])],
    [2, new Map([["c", ["x"]]])],
  ]);
  assert.equal(
    withLists(page, found),
    "# S\n\n### 1. One\n\nText.\n\n- [b](../../b)\n  - `new`\n\n### 2. Two\n\nText.\n\n- [c](../../c)\n  - `x`\n",
  );
});
