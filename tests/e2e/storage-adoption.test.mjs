// Sessions that aws-amplify and amazon-cognito-identity-js have made, by these clients themselves in the same page, and
// taken over with `importSession`. Amplify 5 keeps its session by amazon-cognito-identity-js.

import assert from "node:assert/strict";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, test } from "node:test";
import { build } from "esbuild";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage(buildPeers);
/** Its dots would mislead code that takes keys apart. */
const dotted = Object.freeze({ username: "mr.b.smith.jr", password: "Correct-horse-9" });
const PEERS = ["amazon-cognito-identity-js", "aws-amplify"];

beforeEach(() => stage.emulator.createUser(dotted));

for (const peer of PEERS) {
  // Scenario 41.
  test(`a session of ${peer} is taken over with a dotted user name, renews its tokens, and its keys are gone`, async () => {
    await signInWith(peer, dotted);
    await stage.emulator.clearRequests();
    await stage.reload();
    const { facts, whose, foreign } = await stage.run(async () => {
      const client = await lab.open({ importSession: true });
      const facts = lab.facts(client);
      const cached = await client.getTokens();
      const renewed = await client.getTokens({ forceRefresh: true });
      return {
        facts,
        whose: [cached, renewed].map(({ accessToken }) => accessToken.claims.username),
        foreign: foreignKeys(),
      };
    });
    assert.deepEqual(facts, { userState: "signedIn", username: dotted.username, reason: null, storage: "indexedDB" });
    assert.deepEqual(whose, [dotted.username, dotted.username]);
    assert.deepEqual(foreign, []);
    assert.equal((await stage.emulator.refreshes()).length, 1, "the cached tokens were theirs");

    await stage.reload();
    const again = await stage.run(async () => lab.found());
    assert.deepEqual([again.userState, again.username], ["signedIn", dotted.username], "it is ours now");
    assert.equal(await userOf(peer), null, `${peer} has it no more`);
  });

  // Scenario 41.
  test(`without importSession a session of ${peer} is left alone`, async () => {
    await signInWith(peer, dotted);
    const before = await stage.run(async () => foreignKeys());
    await stage.reload();
    const { facts, after } = await stage.run(async () => ({ facts: await lab.found(), after: foreignKeys() }));
    assert.deepEqual([facts.userState, facts.reason], ["signedOut", null]);
    assert.ok(before.length >= 4);
    assert.deepEqual(after, before);
    assert.equal(await userOf(peer), dotted.username);
  });

  // Scenario 41.
  test(`a session of ${peer} whose tokens have expired is taken over and renewed`, async () => {
    await signInWith(peer, dotted);
    await stage.emulator.advance(3700);
    await stage.reload();
    const { state, username } = await stage.run(async () => {
      clock.advance(3_700_000);
      const client = await lab.open({ importSession: true });
      const state = client.currentUserState;
      const { accessToken } = await client.getTokens();
      return { state, username: accessToken.claims.username };
    });
    assert.deepEqual([state, username], ["signedIn", dotted.username]);
  });

  // Scenario 41.
  test(`after a sign-out from a session of ${peer} nothing brings it back`, async () => {
    await signInWith(peer, dotted);
    await stage.reload();
    const found = await stage.run(async () => {
      await (await lab.open({ importSession: true })).signOut();
      return lab.found({ importSession: true });
    });
    assert.deepEqual([found.userState, found.reason], ["signedOut", "userAction"]);
    assert.equal(await userOf(peer), null);
    const revoked = (await stage.emulator.requests("RevokeToken")).map(({ outcome }) => outcome);
    assert.deepEqual(revoked, ["ok"]);
  });
}

for (const storage of ["localStorage", "sessionStorage"]) {
  // Scenario 41.
  test(`a foreign session is taken over into ${storage}, too`, async () => {
    await signInWith("aws-amplify", dotted);
    await stage.reload();
    const { facts, foreign } = await stage.run(async (storage) => {
      (await lab.open({ importSession: true, storage })).close();
      return { facts: await lab.found({ storage }), foreign: foreignKeys() };
    }, storage);
    assert.deepEqual(facts, { userState: "signedIn", username: dotted.username, reason: null, storage });
    assert.deepEqual(foreign, []);
  });
}

// Scenario 41.
test("a session of our own is not given up for a foreign one, whose keys stay", async () => {
  await stage.run(async (alice) => (await lab.signIn(alice)).close(), alice);
  await signInWith("aws-amplify", dotted);
  await stage.reload();
  const { facts, foreign } = await stage.run(async () => ({
    facts: await lab.found({ importSession: true }),
    foreign: foreignKeys(),
  }));
  assert.deepEqual([facts.userState, facts.username], ["signedIn", alice.username]);
  assert.ok(foreign.length >= 4);
});

// Scenario 41.
test("a foreign session that lacks a token is none, and is left as it is", async () => {
  await signInWith("amazon-cognito-identity-js", dotted);
  await stage.reload();
  const { found, before, after } = await stage.run(async () => {
    delete localStorage[foreignKeys().find((key) => key.endsWith(".refreshToken"))];
    const before = foreignKeys();
    return { found: await lab.found({ importSession: true }), before, after: foreignKeys() };
  });
  assert.equal(found.userState, "signedOut");
  assert.deepEqual(after, before);
});

// Scenarios 38 and 41.
test("a foreign session that cannot be kept is used, and its keys stay for the next start", async () => {
  await signInWith("amazon-cognito-identity-js", dotted);
  await stage.reload();
  const { facts, foreign, tokens } = await stage.run(async () => {
    faults.install("indexedDB", "has little room");
    const client = await lab.open({ importSession: true });
    return {
      facts: lab.facts(client),
      foreign: foreignKeys(),
      tokens: (await client.getTokens()).accessToken.claims.username,
    };
  });
  assert.deepEqual([facts.userState, tokens], ["signedIn", dotted.username]);
  assert.ok(foreign.length >= 4);
  await stage.reload();
  assert.equal((await stage.run(async () => lab.found({ importSession: true }))).userState, "signedIn");
});

// Scenario 41.
test("a foreign session that was revoked is taken over, and asks for a new sign-in once its tokens have to be renewed", async () => {
  await signInWith("aws-amplify", dotted);
  await stage.emulator.revokeTokensOf(dotted.username);
  await stage.emulator.advance(3700);
  await stage.reload();
  const { failure, facts } = await stage.run(async () => {
    clock.advance(3_700_000);
    const client = await lab.open({ importSession: true });
    const { failure } = await outcome(client.getTokens());
    return { failure, facts: lab.facts(client) };
  });
  assert.equal(failure?.code, "notSignedIn");
  assert.deepEqual([facts.userState, facts.reason], ["signedOutUserPoolsTokenInvalid", "refreshRefused"]);
});

/** Signs in by a client that is not ours, in a page that has not loaded ours. */
async function signInWith(peer, user) {
  await loadPeers();
  const username = await stage.run(
    async ({ peer, pool, user }) => {
      const client = peers[peer](pool);
      await client.signIn(user);
      return client.user();
    },
    { peer, pool: pool(), user },
  );
  assert.equal(username, user.username);
}

/** Whom a client that is not ours has signed in. */
async function userOf(peer) {
  await loadPeers();
  return stage.run(({ peer, pool }) => peers[peer](pool).user(), { peer, pool: pool() });
}

async function loadPeers() {
  await stage.reload();
  await stage.run(
    () =>
      new Promise((resolve, reject) => {
        const script = Object.assign(document.createElement("script"), {
          src: "storage-peers.js",
          onload: () => resolve(),
          onerror: reject,
        });
        document.head.append(script);
      }),
  );
}

function pool() {
  return { userPoolId: DEFAULT_POOL.userPoolId, clientId: DEFAULT_POOL.clientId, url: stage.emulator.url };
}

async function buildPeers(site) {
  await build({
    entryPoints: [fileURLToPath(new URL("./support/storage-peers.mjs", import.meta.url))],
    outfile: path.join(site, "storage-peers.js"),
    bundle: true,
    minify: true,
    format: "iife",
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
}
