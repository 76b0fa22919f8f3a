// The names of the calls that the facade makes, and those that the core answers, are the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";

const read = (...file) => readFileSync(at(...file), "utf8");

/** The members of the type `CoreMethod`; `a.${"b" | "c"}` gives a.b and a.c. */
function made(source) {
  const [, union] = /export type CoreMethod =\n([\s\S]*?);\n/.exec(source) ?? [];
  return [...(union ?? "").matchAll(/\| (?:"([\w.]+)"|`([\w.]+)\$\{([^}]*)\}`)/g)].flatMap(([, name, prefix, rest]) =>
    name === undefined ? [...rest.matchAll(/"(\w+)"/g)].map(([, end]) => prefix + end) : [name],
  );
}

/** The arms of the core's dispatch, and the rows of its table of operations. */
function answered(dispatch, table) {
  const [, body] = /async fn dispatch[\s\S]*?match method \{([\s\S]*?)\n\}/.exec(dispatch) ?? [];
  const arms = [...(body ?? "").matchAll(/^ {8}"([\w.]+)" =>/gm)];
  const rows = [...table.matchAll(/^ {8}call: "([\w.]+)",/gm)];
  return [...arms, ...rows].map(([, name]) => name);
}

test("the facade makes the calls that the core answers, and no others", () => {
  const calls = made(read("ts", "calls.ts"));
  const known = answered(
    read("src", "web", "core_client.rs"),
    read("src", "core", "api", "user_pool", "operations", "table.rs"),
  );
  assert.ok(calls.length > 30, "the names are found");
  assert.deepEqual(calls.toSorted(), known.toSorted());
});

test("a name on one side only is found", () => {
  assert.deepEqual(made('export type CoreMethod =\n  | "a"\n  | `b.${"c" | "d"}`;\n'), ["a", "b.c", "b.d"]);
  const dispatch =
    'async fn dispatch() {\n    match method {\n        "a" => x,\n        "b.c" => {\n        }\n    }\n}\n';
  assert.deepEqual(answered(dispatch, '        call: "d",\n'), ["a", "b.c", "d"]);
});
