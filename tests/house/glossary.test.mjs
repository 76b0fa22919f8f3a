// The glossary names nothing in the code that does not exist.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";
import { filesUnder } from "../../scripts/lib/step.mjs";

const rows = readFileSync(at("GLOSSARY.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| term |"));
const sources = ["src", "ts", "emulator/src"]
  .flatMap((folder) => filesUnder(at(folder)))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

test("every name in the glossary's last column is one of the sources", () => {
  const names = rows.flatMap(
    (row) =>
      row
        .split("|")
        .at(-2)
        .match(/[\w.]+(?=`)/g) ?? [],
  );
  assert.ok(names.length > 50, `only ${names.length} names were found`);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources)),
    [],
  );
});

test("every term has one row", () => {
  const terms = rows.map((row) => row.split("|")[1].trim());
  assert.deepEqual(
    terms.filter((term, index) => terms.indexOf(term) !== index),
    [],
  );
});
