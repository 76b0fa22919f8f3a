// The end-to-end tests that Firefox and WebKitGTK leave out are left out on purpose.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";
import { IN_CHROMIUM, IN_EVERY_ENGINE } from "../e2e/engines.mjs";

test("each end-to-end file is in one list of tests/e2e/engines.mjs, with its reason", () => {
  const suffix = ".test.mjs";
  const files = readdirSync(at("tests", "e2e"))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length));
  const listed = [...Object.keys(IN_EVERY_ENGINE), ...Object.keys(IN_CHROMIUM)];
  assert.deepEqual(
    listed.sort(),
    files.sort(),
    "say in tests/e2e/engines.mjs whether an engine can change what a new file tests",
  );
  for (const [name, reason] of Object.entries({ ...IN_EVERY_ENGINE, ...IN_CHROMIUM }))
    assert.ok(reason.length > 0, `${name} has no reason`);
});
