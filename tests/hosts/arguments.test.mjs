// What a program may hand to the client, however strange: the outcome is what was asked for, or an AuthError.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { EVERY_CALL } from "../e2e/support/every-call.mjs";
import { installPackage } from "../support/package.mjs";

// A port of this machine on which no service listens.
const CONFIG = {
  CognitoUserPool: {
    Default: { PoolId: "us-east-1_AbCdEfGhI", AppClientId: "1example23456789", Endpoint: "http://127.0.0.1:1" },
  },
};

const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-arguments-"));
let cognito;
let again;
before(async () => {
  const dist = path.join(installPackage(temporary), "dist");
  cognito = await import(path.join(dist, "index.js"));
  again = await import(path.join(dist, "inline.js"));
});
after(() => rmSync(temporary, { recursive: true, force: true }));

/** Objects of no use as options, signals or listeners. Each throws, or lies, in its own way. */
function strangers() {
  const hostile = {
    toString() {
      throw hostile;
    },
    [Symbol.toPrimitive]() {
      throw hostile;
    },
  };
  const refuse = () => {
    throw hostile;
  };
  const everyTrap = new Proxy({}, { get: () => refuse });
  const revoked = (target) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const circle = {};
  circle.circle = circle;
  let deep = {};
  for (let depth = 0; depth < 100_000; depth += 1) deep = { deep };
  const throwing = (name) => Object.defineProperty({}, name, { enumerable: true, get: refuse });
  return {
    "a getter that throws": throwing("username"),
    "a signal that throws when it is read": throwing("signal"),
    "an object that throws when it becomes a text": hostile,
    "a proxy whose traps throw": new Proxy({}, everyTrap),
    "a revoked proxy": revoked({}),
    "a revoked proxy of a function": revoked(() => {}),
    "a circle": circle,
    "more levels than the stack has": deep,
    "a BigInt": 1n,
    "a BigInt inside": { username: 1n },
    "a symbol": Symbol("symbol"),
    "a symbol inside": { username: Symbol("symbol") },
    "a number": 7,
    "a text": "username",
    "a list": [],
    "a function": () => {},
    "a Map": new Map([["username", "alice"]]),
    "what only looks like a signal": {
      signal: { aborted: false, addEventListener: refuse, removeEventListener: refuse },
    },
    "a revoked proxy as signal": { signal: revoked(new AbortController().signal) },
    "a date inside": { username: new Date(0) },
    "a toJSON that throws": { toJSON: refuse },
  };
}

/** What a call comes to, whether it throws or rejects: `undefined`, or what was thrown in a box. */
async function outcome(call) {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    return { thrown };
  }
}

function invoke(client, call, options) {
  const names = call.split(".");
  const method = names.pop();
  return names.reduce((owner, name) => owner[name], client)[method](options);
}

function assertIsAuthError(result, what) {
  if (result === undefined) return;
  assert.ok(result.thrown instanceof cognito.AuthError, `${what} failed with what is no AuthError`);
  assert.notEqual(result.thrown.code, "internal", `${what}: ${result.thrown.message}`);
}

test("every method refuses strange arguments with an AuthError that names the call", async () => {
  const client = new cognito.AWSMobileClient();
  await client.initialize(CONFIG, { backgroundRefresh: false });
  try {
    for (const call of [...Object.keys(EVERY_CALL), "initialize"]) {
      for (const [name, strange] of Object.entries(strangers())) {
        const what = `${call}() with ${name}`;
        const result = await outcome(() => invoke(client, call, strange));
        // A configuration may be the text of a URL.
        if (call === "initialize" && typeof strange !== "object") continue;
        assert.notEqual(result, undefined, `${what} was accepted`);
        assertIsAuthError(result, what);
        if (result.thrown.code === "invalidParameter")
          assert.match(result.thrown.message, new RegExp(call.replace(".", "\\.")), what);
      }
    }
    for (const [name, strange] of Object.entries(strangers())) {
      assertIsAuthError(await outcome(() => client.initialize(CONFIG, strange)), `initialize(config, ${name})`);
      for (const option of ["wasm", "storage", "signal", "totpIssuer", "deviceName", "signInWaitTimeout"]) {
        const fresh = new cognito.AWSMobileClient();
        assertIsAuthError(
          await outcome(() => fresh.initialize(CONFIG, { [option]: strange })),
          `initialize(config, { ${option}: ${name} })`,
        );
        fresh.close();
      }
    }
  } finally {
    client.close();
  }
});

test("every way to add a listener refuses strange arguments with an AuthError", async () => {
  const client = new cognito.AWSMobileClient();
  const listener = () => {};
  const calls = {
    "on(event)": (strange) => client.on(strange, listener),
    "on(listener)": (strange) => client.on("userState", strange),
    "on(options)": (strange) => client.on("userState", listener, strange),
    "addUserStateListener(listener)": (strange) => client.addUserStateListener(strange),
    "addUserStateListener(options)": (strange) => client.addUserStateListener(listener, strange),
    "removeUserStateListener(listener)": (strange) => client.removeUserStateListener(strange),
    "subscribe(listener)": (strange) => client.subscribe(strange),
  };
  for (const [call, add] of Object.entries(calls)) {
    for (const [name, strange] of Object.entries(strangers()))
      assertIsAuthError(await outcome(() => add(strange)), `${call} with ${name}`);
  }
  const { thrown } = await outcome(() => client.on(Symbol("userState"), listener));
  assert.match(thrown.message, /on\(\) has no event `Symbol\(userState\)`/);
  client.close();
});

test("a changed Object.prototype adds no option, no token and nothing to an error", async () => {
  const used = [];
  const pollution = {
    wasm: "https://evil.example/evil.wasm",
    storage: {
      getItem: (key) => void used.push(key),
      setItem: (key) => void used.push(key),
      removeItem: (key) => void used.push(key),
    },
    importSession: true,
    username: "mallory",
    password: "of mallory",
    tokens: {
      idToken: { tokenString: "x" },
      accessToken: { tokenString: "x" },
      expiresAt: 9e9,
      receivedAt: 0,
      usableUntil: 9e15,
      usableFor: 9e15,
    },
    retryable: true,
    serviceException: "EvilException",
    cause: "evil",
    toJSON: () => ({ username: "mallory" }),
    method: "PUT",
    headers: { evil: "1" },
  };
  const { fetch } = globalThis;
  const requests = [];
  globalThis.fetch = async (url, init) => {
    requests.push(await new Request(url, init).text());
    return new Response('{"__type":"NotAuthorizedException","message":"Incorrect username or password."}', {
      status: 400,
      headers: { "content-type": "application/x-amz-json-1.1" },
    });
  };
  const client = new cognito.AWSMobileClient();
  for (const [name, value] of Object.entries(pollution))
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  let seen;
  try {
    const state = await client.initialize(CONFIG, {});
    const snapshot = client.getSnapshot();
    // Not before: streams of Node.js itself would take it for theirs.
    Object.prototype.signal = AbortSignal.abort();
    const nameless = await outcome(() => client.signIn({}));
    delete Object.prototype.signal;
    const refused = await outcome(() =>
      client.signIn({ username: "alice", password: "Abc@123!", authFlow: "USER_PASSWORD_AUTH" }),
    );
    seen = [state, snapshot.storage, snapshot.username, client.currentTokens, nameless.thrown, refused.thrown];
  } finally {
    for (const name of Object.keys(pollution)) delete Object.prototype[name];
    globalThis.fetch = fetch;
    client.close();
  }
  const [state, storage, username, tokens, nameless, refused] = seen;
  assert.deepEqual([state, storage, username, tokens], ["signedOut", "memory", undefined, undefined]);
  assert.deepEqual(used, []);
  assert.equal(nameless.code, "invalidParameter");
  assert.match(nameless.message, /username/);
  assert.deepEqual(
    [refused.code, refused.serviceException, refused.retryable],
    ["notAuthorized", "NotAuthorizedException", false],
  );
  assert.equal(requests.length, 1);
  assert.match(requests[0], /alice/);
});

test("a signal on Object.prototype keeps no listener from being added", async (context) => {
  for (const polluting of [{ aborted: true }, "text", AbortSignal.abort()]) {
    const client = new cognito.AWSMobileClient();
    context.after(() => client.close());
    const called = new Set();
    Object.prototype.signal = polluting;
    try {
      client.subscribe(() => called.add("subscribe"));
      client.addUserStateListener(() => called.add("addUserStateListener"), { immediate: true });
      client.on("offline", () => {});
    } finally {
      delete Object.prototype.signal;
    }
    await client.initialize(CONFIG);
    assert.deepEqual([...called].sort(), ["addUserStateListener", "subscribe"]);
  }
});

test("a signal whose members were replaced ends its call all the same", async (context) => {
  const client = new cognito.AWSMobileClient();
  context.after(() => client.close());
  await client.initialize(CONFIG);
  const controller = new AbortController();
  const { signal } = controller;
  const refuse = () => {
    throw 5;
  };
  for (const name of ["aborted", "reason"]) Object.defineProperty(signal, name, { get: refuse });
  for (const name of ["addEventListener", "removeEventListener"]) signal[name] = refuse;
  client.addUserStateListener(() => {}, { signal });
  await client.signOut({ signal });
  controller.abort("enough");
  await assert.rejects(client.signOut({ signal }), { code: "aborted", cause: "enough" });
});

test("of two stores that are given at once, one is used and the other refused", async () => {
  const client = new cognito.AWSMobileClient();
  const store = () => {
    const texts = new Map();
    return {
      texts,
      getItem: async (key) => texts.get(key) ?? null,
      setItem: async (key, text) => void texts.set(key, text),
      removeItem: async (key) => void texts.delete(key),
    };
  };
  const [first, second] = [store(), store()];
  const both = await Promise.allSettled([
    client.initialize(CONFIG, { storage: first }),
    client.initialize(CONFIG, { storage: second }),
  ]);
  assert.deepEqual(
    both.map(({ status, reason }) => [status, reason?.code]),
    [
      ["fulfilled", undefined],
      ["rejected", "invalidState"],
    ],
  );
  assert.equal(await client.initialize(CONFIG, { storage: first }), "signedOut");
  client.close();
});

test("what is neither a configuration nor a URL is refused, and not fetched", async () => {
  for (const odd of [7, true, () => 1, Symbol("x"), 5n]) {
    const client = new cognito.AWSMobileClient();
    const { thrown } = await outcome(() => client.initialize(odd));
    assert.equal(thrown?.code, "invalidParameter", String(odd));
    client.close();
  }
});

test("what an object inherits is no option, and its own members are", async () => {
  const client = new cognito.AWSMobileClient();
  await client.initialize(CONFIG);
  const inherited = await outcome(() => client.forgotPassword(Object.create({ username: "alice" })));
  class Form {
    username = "alice";
  }
  const owned = await outcome(() => client.forgotPassword(new Form()));
  client.close();
  assert.deepEqual([inherited.thrown.code, owned.thrown.code], ["invalidParameter", "network"]);
});

test("an error of another copy of the package is an AuthError, and one of another class is none", () => {
  const { AuthError } = cognito;
  const other = new again.AuthError({ code: "network", message: "No connection." });
  assert.notEqual(again.AuthError, AuthError);
  assert.ok(other instanceof AuthError);
  class OwnError extends AuthError {}
  assert.ok(new OwnError({ code: "network", message: "" }) instanceof AuthError);
  assert.ok(!(other instanceof OwnError));
  for (const value of [new Error("x"), { name: "AuthError", code: "network" }, null, undefined, "AuthError"])
    assert.ok(!(value instanceof AuthError));
});
