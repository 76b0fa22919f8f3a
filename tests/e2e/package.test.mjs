// The package as a program uses it: loading, checking of what it is given, refreshing, and what it keeps to itself.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice } from "./support/demo.mjs";
import { EVERY_CALL } from "./support/every-call.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

beforeEach(() => createUser(stage.emulator, alice));

test("the table of every call has every method that gives a promise, and every other method is known to give none", async () => {
  const methods = await stage.browser.execute(() => {
    const client = new cognito.AWSMobileClient();
    const found = [];
    const look = (object, prefix) => {
      for (let from = object; Object.getPrototypeOf(from); from = Object.getPrototypeOf(from)) {
        for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(from))) {
          if (typeof value === "function" && name !== "constructor") found.push(prefix + name);
          if (typeof value === "object") look(value, `${name}.`);
        }
      }
    };
    look(client, "");
    return found;
  });
  const others = [
    "addUserStateListener",
    "close",
    "getServerSnapshot",
    "getSnapshot",
    "initialize",
    "on",
    "releaseSignInWait",
    "removeUserStateListener",
    "subscribe",
  ];
  assert.deepEqual(methods.sort(), [...Object.keys(EVERY_CALL), ...others].sort());
});

test("every call before initialize is refused with an error that says what to do", async () => {
  const outcomes = await stage.browser.execute(async (calls) => {
    const client = new cognito.AWSMobileClient();
    const outcomes = {};
    for (const [path, options] of Object.entries(calls)) outcomes[path] = await outcome(invoke(client, path, options));
    return outcomes;
  }, EVERY_CALL);
  for (const [method, { failure }] of Object.entries(outcomes)) {
    assert.ok(failure?.isAuthError, `${method} did not fail with an AuthError`);
    assert.equal(failure.code, "invalidConfiguration", method);
    assert.match(failure.message, /initialize/, method);
  }
});

// U testSharedInstanceReference
test("sharedInstance gives one and the same client to the whole page, and a new one after that was closed", async () => {
  const seen = await stage.browser.execute(async () => {
    const { AWSMobileClient } = cognito;
    const first = AWSMobileClient.sharedInstance();
    await first.initialize();
    const isSame = AWSMobileClient.sharedInstance() === first;
    first.close();
    const next = AWSMobileClient.sharedInstance();
    return { isSame, isNew: next !== first, state: next.currentUserState };
  });
  assert.deepEqual(seen, { isSame: true, isNew: true, state: "unknown" });
});

test("before initialize the state is unknown, and afterwards it is signedOut", async () => {
  const states = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const before = [client.currentUserState, client.isSignedIn, client.username ?? null];
    const answer = await client.initialize();
    return { before, answer, after: client.currentUserState };
  });
  assert.deepEqual(states, { before: ["unknown", false, null], answer: "signedOut", after: "signedOut" });
});

test("an option that does not exist is named", async () => {
  const { failure } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    return outcome(client.signIn({ username: "alice", passwrod: "Correct-horse-7", password: "Correct-horse-7" }));
  });
  assert.ok(failure?.isAuthError);
  assert.equal(failure.code, "invalidParameter");
  assert.match(failure.message, /passwrod/);
  assert.doesNotMatch(failure.message, /Correct-horse/);
  assert.deepEqual(await stage.emulator.requests("InitiateAuth"), []);
});

test("an option of the wrong type is named, and its value is not repeated", async () => {
  const { failure } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    return outcome(client.signIn({ username: "alice", password: 83_650_417 }));
  });
  assert.ok(failure?.isAuthError);
  assert.equal(failure.code, "invalidParameter");
  assert.match(failure.message, /password/);
  assert.doesNotMatch(failure.message, /83650417/);
});

// U testInMemoryConfiguration: here any object is one.
test("a configuration that is wrong names the path, and a right one is then accepted", async () => {
  const { wrong, right } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const config = await (await fetch("awsconfiguration.json")).json();
    const { PoolId, ...withoutPool } = config.CognitoUserPool.Default;
    return {
      wrong: await outcome(client.initialize({ CognitoUserPool: { Default: { ...withoutPool, PoolId: 7 } } })),
      right: await outcome(client.initialize(config)),
    };
  });
  assert.equal(wrong.failure?.code, "invalidConfiguration");
  assert.match(wrong.failure.message, /CognitoUserPool\.Default\.PoolId/);
  assert.deepEqual(right, { value: "signedOut" });
});

test("a configuration that cannot be had is an error, and initialize may then be called again", async () => {
  const { missing, again } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    return {
      missing: await outcome(client.initialize("./nothing-here.json")),
      again: await outcome(client.initialize()),
    };
  });
  assert.ok(missing.failure?.isAuthError);
  assert.match(missing.failure.message, /nothing-here\.json/);
  assert.deepEqual(again, { value: "signedOut" });
});

test("a JSON text is no configuration, and a URL is not fetched again", async () => {
  const { text, again, fetched } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const config = await (await fetch("awsconfiguration.json")).text();
    const text = await outcome(client.initialize(config));
    await client.initialize("./awsconfiguration.json?once");
    const again = await outcome(client.initialize("./awsconfiguration.json?once"));
    const fetched = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("?once")).length;
    return { text, again, fetched };
  });
  assert.equal(text.failure?.code, "invalidConfiguration");
  assert.deepEqual(again, { value: "signedOut" });
  assert.equal(fetched, 1);
});

test("two overlapping calls of initialize of which the first fails leave a client that works", async () => {
  const { first, second, signedIn } = await stage.browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    const [first, second] = await Promise.all([
      outcome(client.initialize("./nothing-here.json")),
      outcome(client.initialize("./awsconfiguration.json")),
    ]);
    return { first, second, signedIn: await outcome(client.signIn({ username, password })) };
  }, alice);
  assert.match(first.failure?.message, /nothing-here\.json/);
  assert.deepEqual(second, { value: "signedOut" });
  assert.deepEqual(signedIn, { value: { signInState: "signedIn" } });
});

test("the facade refuses what it cannot pass on, and names it", async () => {
  const refused = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const unknownOption = await outcome(client.initialize(undefined, { wsam: "cognito_wasm_bg.wasm" }));
    await client.initialize();
    const user = { username: "bob", password: "Correct-horse-7" };
    return {
      unknownOption,
      noFunction: await outcome((async () => client.addUserStateListener("userState"))()),
      map: await outcome(client.signUp({ ...user, userAttributes: new Map([["email", "bob@example.com"]]) })),
      noNumber: await outcome(client.signIn({ username: "bob", maxAge: NaN })),
      halfCharacter: await outcome(client.signUp({ ...user, userAttributes: { nickname: "\ud83d" } })),
    };
  });
  for (const [what, { failure }] of Object.entries(refused)) {
    assert.ok(failure?.isAuthError, `${what} was not refused with an AuthError`);
    assert.equal(failure.code, "invalidParameter", what);
  }
  assert.match(refused.unknownOption.failure.message, /`wsam`/);
  assert.match(refused.noFunction.failure.message, /addUserStateListener\(\) takes a function/);
  assert.match(refused.map.failure.message, /signUp/);
  assert.match(refused.noNumber.failure.message, /`maxAge`/);
  assert.match(refused.halfCharacter.failure.message, /`userAttributes`/);
  assert.deepEqual(await stage.emulator.requests("SignUp"), []);
});

test("a session record that cannot be read is no session, and does not stand in the way of the next one", async () => {
  const { browser } = stage;
  await browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    await client.initialize("./awsconfiguration.json", { storage: "localStorage" });
    await client.signIn({ username, password });
    // An open client writes again what its store has lost.
    client.close();
    for (const key of Object.keys(localStorage)) localStorage[key] = localStorage[key].slice(0, 40);
  }, alice);
  await browser.refresh();
  const { states, reason, stored } = await browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    const states = [await client.initialize("./awsconfiguration.json", { storage: "localStorage" })];
    const { reason } = client.getSnapshot();
    await client.signIn({ username, password });
    states.push(client.currentUserState);
    return { states, reason, stored: Object.keys(localStorage).sort() };
  }, alice);
  assert.deepEqual([states, reason], [["signedOut", "signedIn"], "storageLost"]);
  assert.deepEqual(stored, [
    "cognito-wasm/configuration",
    `cognito-wasm/${DEFAULT_POOL.userPoolId}@${stage.emulator.url}/${DEFAULT_POOL.clientId}/-`,
  ]);
});

test("a pool that reveals unknown users gives userNotFound", async () => {
  const { failure } = await stage.browser.execute(async (clientId) => {
    const client = new cognito.AWSMobileClient();
    const config = await (await fetch("awsconfiguration.json")).json();
    config.CognitoUserPool.Default.AppClientId = clientId;
    await client.initialize(config);
    return outcome(client.signIn({ username: "nobody", password: "Wrong-horse-7" }));
  }, DEFAULT_POOL.legacyClientId);
  assert.equal(failure?.code, "userNotFound");
  assert.equal(failure.serviceException, "UserNotFoundException");
});

test("a classic script tag gives the same client as a global, and signs in", async () => {
  const { browser, emulator } = stage;
  await browser.url(`${emulator.url}/classic.html`);
  const states = await browser.execute(async ({ username, password }) => {
    const client = window.CognitoWasm.AWSMobileClient.sharedInstance();
    const first = await client.initialize();
    await client.signIn({ username, password });
    return [first, client.currentUserState];
  }, alice);
  assert.deepEqual(states, ["signedOut", "signedIn"]);
});

test("the raw wasm is streamed from the URL it is given, and only then", async () => {
  const { browser } = stage;
  const fetched = () =>
    performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/cognito_wasm_bg.wasm")).length;
  await browser.execute(() => new cognito.AWSMobileClient().initialize());
  assert.equal(await browser.execute(fetched), 0);

  await browser.refresh();
  const signedIn = await browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    await client.initialize(undefined, { wasm: new URL("cognito-wasm/cognito_wasm_bg.wasm", location.href) });
    return client.signIn({ username, password });
  }, alice);
  assert.deepEqual(signedIn, { signInState: "signedIn" });
  assert.equal(await browser.execute(fetched), 1);
});

test("wasm that is not where it was said to be is an error, and the packaged copy may be used instead", async () => {
  const { missing, again } = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const missing = await outcome(client.initialize(undefined, { wasm: new URL("nothing-here.wasm", location.href) }));
    return { missing, again: await outcome(client.initialize()) };
  });
  assert.ok(missing.failure?.isAuthError);
  assert.deepEqual(again, { value: "signedOut" });
});

test("a page whose policy forbids WebAssembly is told what to allow", async () => {
  const { browser, emulator } = stage;
  await browser.url(`${emulator.url}/blocked.html`);
  const { failure } = await browser.execute(() => outcome(new cognito.AWSMobileClient().initialize()));
  assert.equal(failure?.code, "wasmBlocked");
  assert.match(failure.message, /wasm-unsafe-eval/);
  await browser.execute(() => probe.violations.splice(0));
});

test("five callers of getTokens after expiry share one refresh and get the same new tokens", async () => {
  const { browser, emulator } = stage;
  const before = await browser.execute(async ({ username, password }) => {
    // By way of `window`: Firefox runs a driver's script beside the page's globals, not among them.
    const client = (window.client = new cognito.AWSMobileClient());
    await client.initialize();
    await client.signIn({ username, password });
    return (await client.getTokens()).idToken.tokenString;
  }, alice);

  await emulator.advance(3700);
  await emulator.clearRequests();
  const after = await browser.execute(async () => {
    const now = window.Date.now;
    window.Date.now = () => now() + 3_700_000;
    const five = await Promise.all(Array.from({ length: 5 }, () => window.client.getTokens()));
    return five.map(({ idToken }) => idToken.tokenString);
  });
  assert.equal(new Set(after).size, 1);
  assert.notEqual(after[0], before);
  assert.deepEqual(
    (await emulator.requests()).map(({ operation, status }) => [operation, status]),
    [["GetTokensFromRefreshToken", 200]],
  );
});

test("a sign-in sends no password, says nothing on the console, and keeps nothing where a script could read it", async () => {
  const { browser, emulator } = stage;
  const seen = await browser.execute(async ({ username, password }) => {
    const bodies = [];
    const send = window.fetch;
    window.fetch = async (...request) => {
      bodies.push(await new Request(...request).clone().text());
      return send(...request);
    };
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    await client.signIn({ username, password });
    const { idToken, accessToken } = await client.getTokens();
    await outcome(client.signIn({ username, password: 7 }));
    return {
      bodies,
      tokens: [idToken.tokenString, accessToken.tokenString],
      said: probe.said,
      uncaught: probe.uncaught,
      local: Object.entries({ ...localStorage }),
      session: Object.entries({ ...sessionStorage }),
      cookie: document.cookie,
      address: location.href,
    };
  }, alice);

  const calls = (await emulator.requests()).map(({ operation, authFlow, challengeName }) => [
    operation,
    authFlow ?? challengeName,
  ]);
  assert.deepEqual(calls.slice(-2), [
    ["InitiateAuth", "USER_SRP_AUTH"],
    ["RespondToAuthChallenge", "PASSWORD_VERIFIER"],
  ]);
  assert.ok(
    seen.bodies.some((body) => body.includes("PASSWORD_CLAIM_SIGNATURE")),
    "the sign-in was not observed",
  );
  assert.ok(!seen.bodies.join("\n").includes(alice.password), "the password was sent");

  assert.deepEqual(seen.uncaught, []);
  assert.deepEqual(seen.said, []);
  assert.deepEqual(seen.session, []);
  assert.equal(seen.cookie, "");
  assert.deepEqual(seen.local, [], "the session is a record in IndexedDB");
  for (const token of seen.tokens) assert.ok(!seen.address.includes(token));
});

// A testAddRemoveListeners
test("a listener ends with its signal or its removal, and snapshots stay the same object until something changes", async () => {
  const seen = await stage.browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    const told = [];
    const aborted = new AbortController();
    const removed = () => told.push("removed");
    client.addUserStateListener((state) => told.push(state));
    client.addUserStateListener(() => told.push("aborted"), { signal: aborted.signal });
    client.addUserStateListener(removed);
    let changes = 0;
    const unsubscribe = client.subscribe(() => changes++);
    aborted.abort();
    client.removeUserStateListener(removed);

    const before = client.getSnapshot();
    const same = before === client.getSnapshot();
    await client.signIn({ username, password });
    const after = client.getSnapshot();
    unsubscribe();
    const changesSoFar = changes;
    await client.signOut();
    return {
      told,
      same,
      changed: before !== after,
      after,
      heardOfSignIn: changesSoFar > 0,
      heardLater: changes > changesSoFar,
    };
  }, alice);
  assert.deepEqual(seen.told, ["signedIn", "signedOut"]);
  assert.equal(seen.same, true);
  assert.equal(seen.changed, true);
  assert.equal(seen.after.userState, "signedIn");
  assert.equal(seen.after.username, alice.username);
  assert.equal(seen.heardOfSignIn, true);
  assert.equal(seen.heardLater, false);
});
