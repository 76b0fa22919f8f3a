// The types that users get, from the packed package, under both module resolutions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";
import { filesUnder } from "../../scripts/lib/step.mjs";
import { createProject, RESOLUTIONS } from "./project.mjs";

const fixtures = Object.fromEntries(
  filesUnder(at("tests", "types", "fixtures")).map((file) => [path.basename(file), readFileSync(file, "utf8")]),
);

let project;
before(() => (project = createProject("api")));

for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
  test(`the public types accept what is right and refuse what is wrong, with moduleResolution ${name}`, () => {
    assert.deepEqual(Object.fromEntries(project.check(fixtures, resolution)), {});
  });
}

test("a wrong use without its @ts-expect-error is an error", () => {
  const files = {
    "wrong.ts":
      'import { AWSMobileClient } from "cognito-wasm";\nAWSMobileClient.sharedInstance().signIn({ username: 1 });\n',
  };
  assert.match(project.check(files, RESOLUTIONS.bundler).get("wrong.ts") ?? "", /TS2322|TS2741/);
});

test("no declaration says any", () => {
  const declarations = filesUnder(path.join(project.directory, "node_modules", "cognito-wasm", "dist")).filter((file) =>
    file.endsWith(".d.ts"),
  );
  assert.notEqual(declarations.length, 0);
  for (const file of declarations) {
    const code = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\//g, "");
    assert.doesNotMatch(code, /\bany\b/, path.basename(file));
  }
});

test("every member of the client is documented where it is declared", () => {
  const dist = path.join(project.directory, "node_modules", "cognito-wasm", "dist");
  const [, body] = /class AWSMobileClient[^{]*\{([\s\S]*)\n\}/.exec(
    readFileSync(path.join(dist, "client.d.ts"), "utf8"),
  );
  const names = [...body.matchAll(/^ {4}(?:readonly |get |static )*(\w+)(?=[(:<])/gm)].map(([, name]) => name);
  const documented = [
    "client.d.ts",
    "account_api.d.ts",
    "session_api.d.ts",
    "sign_in_api.d.ts",
    "user_state_api.d.ts",
  ].flatMap((file) => {
    const code = readFileSync(path.join(dist, file), "utf8");
    return [...code.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n {4}(?:readonly |get |static )*(\w+)/g)].map(
      ([, name]) => name,
    );
  });
  assert.ok(names.length > 40, names.join());
  assert.deepEqual(
    names.filter((name) => name !== "constructor" && !documented.includes(name)),
    [],
  );
});
