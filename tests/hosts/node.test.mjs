// Outside a browser, each time in a process of its own: the client runs with what is there, or says what is missing.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { installPackage } from "../support/package.mjs";

const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-node-"));
before(() => installPackage(temporary));
after(() => rmSync(temporary, { recursive: true, force: true }));

const USE = `
  const settled = async (call) => {
    try {
      return { value: (await call()) ?? null };
    } catch (error) {
      const { code, message, retryable } = error;
      return { isAuthError: error instanceof AuthError, code, message, retryable };
    }
  };
  const pool = { PoolId: "us-east-1_AbCdEfGhI", AppClientId: "1example23456789", Endpoint: "http://127.0.0.1:1" };
  const client = new AWSMobileClient();
  const told = { initialize: await settled(() => client.initialize({ CognitoUserPool: { Default: pool } })) };
  told.storage = client.getSnapshot().storage;
  told.isOnline = client.getSnapshot().isOnline;
  told.signIn = await settled(() => client.signIn({ username: "alice", password: "Abc@123!" }));
  told.signOut = await settled(() => client.signOut());
  client.close();
  console.log(JSON.stringify(told));
`;

/** What a program prints as JSON. It runs to its end, and says nothing else. */
function run(before, load = 'const { AWSMobileClient, AuthError } = await import("cognito-wasm");') {
  const program = `${before}\n(async () => { ${load} ${USE} })();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", program], {
    cwd: temporary,
    encoding: "utf8",
    timeout: 30_000,
  });
  assert.deepEqual([status, stderr], [0, ""]);
  return JSON.parse(stdout);
}

for (const [name, load] of Object.entries({
  imported: undefined,
  "imported as one file": 'const { AWSMobileClient, AuthError } = await import("cognito-wasm/inline");',
  required: 'const { AWSMobileClient, AuthError } = require("cognito-wasm");',
})) {
  test(`in Node.js, ${name}, the client runs without any global of a browser, and its process ends`, () => {
    const told = run("", load);
    assert.deepEqual(told.initialize, { value: "signedOut" });
    assert.deepEqual([told.storage, told.isOnline], ["memory", true]);
    assert.deepEqual([told.signIn.isAuthError, told.signIn.code], [true, "network"]);
    assert.deepEqual(told.signOut, { value: null });
  });
}

// What every engine has for itself, or what JavaScript could not do without, is not taken away.
const WITHOUT = {
  fetch: { initialize: undefined, signIn: "invalidState" },
  crypto: { initialize: undefined, signIn: "invalidState" },
  DecompressionStream: { initialize: "invalidState", signIn: "invalidConfiguration" },
  TextEncoder: { initialize: "invalidState", signIn: "invalidConfiguration" },
  TextDecoder: { initialize: "invalidState", signIn: "invalidConfiguration" },
  WebAssembly: { initialize: "wasmBlocked", signIn: "invalidConfiguration" },
  BroadcastChannel: { initialize: undefined, signIn: "network" },
  performance: { initialize: "invalidState", signIn: "invalidConfiguration" },
};

for (const [missing, { initialize, signIn }] of Object.entries(WITHOUT)) {
  test(`without ${missing} the client runs, or an AuthError says that it is missing`, () => {
    const told = run(`delete globalThis.${missing};`);
    assert.equal(told.initialize.code, initialize, told.initialize.message);
    assert.equal(told.signIn.code, signIn, told.signIn.message);
    for (const { code, message, isAuthError, retryable } of [told.initialize, told.signIn]) {
      if (code === "invalidState") assert.match(message, new RegExp(`This environment has no \`${missing}`));
      if (code !== undefined) assert.ok(isAuthError);
      if (code === "invalidState") assert.equal(retryable, false);
    }
  });
}

test("where Blob has no stream(), as in jsdom, the client runs", () => {
  assert.deepEqual(run("delete Blob.prototype.stream;").initialize, { value: "signedOut" });
});
