// Told in a second here, and not after ten minutes by the layer that runs the mutants.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";

test("each mutant's text is in its file exactly once", () => {
  const mutants = JSON.parse(readFileSync(at("tests", "mutants", "mutants.json"), "utf8"));
  assert.ok(mutants.length > 0);
  const unfit = mutants.filter(({ file, find }) => readFileSync(at(file), "utf8").split(find).length !== 2);
  assert.deepEqual(
    unfit.map(({ name }) => name),
    [],
  );
});
