// Waiting for the user: the service refuses to renew the tokens for good, the state is signedOutUserPoolsTokenInvalid, and
// each getTokens() waits for a sign-in until that, a release, its signal, its timeout, a sign-out or ten minutes end it.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
const bob = Object.freeze({ username: "bob", password: "Correct-horse-8" });
const INVALID = "signedOutUserPoolsTokenInvalid";

beforeEach(() => beginWithDeadTokens());

// Scenario 25.
test("three callers who wait for a sign-in all get the new tokens when the user signs in", async () => {
  const seen = await stage.run(async (alice) => {
    const waits = await waiting(3);
    const { signInState } = await client.signIn(alice);
    const tokens = await Promise.all(waits.map(({ promise }) => promise));
    const current = await client.getTokens();
    return { signInState, told: states(), areNew: tokens.every((each) => each === current), facts: lab.facts(client) };
  }, alice);
  assert.equal(seen.signInState, "signedIn");
  assert.ok(seen.areNew, "each has the tokens of the new sign-in");
  assert.deepEqual(seen.told, [INVALID, "signedIn"]);
  assert.deepEqual([seen.facts.userState, seen.facts.reason], ["signedIn", "userAction"]);
});

// Scenario 25.
test("a wait is over when another user signs in, whose tokens it gets", async () => {
  await stage.emulator.createUser(bob);
  const whose = await stage.run(async (bob) => {
    const [{ promise }] = await waiting(1);
    await client.signIn(bob);
    return (await promise).accessToken.claims.username;
  }, bob);
  assert.equal(whose, bob.username);
});

// Scenario 25.
test("releaseSignInWait ends every wait with unableToSignIn, changes no state and notifies no listener", async () => {
  const { ended, told, facts } = await stage.run(async () => {
    const waits = await waiting(3);
    client.releaseSignInWait();
    return { ended: await Promise.all(waits.map(({ came }) => came)), told: states(), facts: lab.facts(client) };
  });
  for (const { failure } of ended) assert.deepEqual([failure?.isAuthError, failure?.code], [true, "unableToSignIn"]);
  assert.deepEqual(told, [INVALID]);
  assert.deepEqual([facts.userState, facts.username], [INVALID, alice.username]);
});

// Scenarios 25 and 26.
test("a signal ends its own wait with its reason, and the other two go on waiting", async () => {
  const seen = await stage.run(async (alice) => {
    const [first, second, third] = await waiting(3);
    second.controller.abort("changed my mind");
    const aborted = await second.came;
    const cause = await second.promise.catch((error) => error.cause);
    const others = await Promise.all([first, third].map(({ isOver }) => isOver()));
    const facts = lab.facts(client);
    await client.signIn(alice);
    await Promise.all([first.promise, third.promise]);
    return { aborted, cause, others, facts };
  }, alice);
  assert.equal(seen.aborted.failure?.code, "aborted");
  assert.equal(seen.cause, "changed my mind");
  assert.deepEqual(seen.others, [false, false]);
  assert.equal(seen.facts.userState, INVALID);
});

// Scenario 25.
test("a timeout ends its own wait at its time and no other, which ends after ten minutes", async () => {
  const seen = await stage.run(async () => {
    clock.freeze();
    const short = clock.until(client.getTokens({ timeout: 30_000 }));
    const long = client.getTokens();
    return { short: await short, long: await clock.until(long), facts: lab.facts(client) };
  });
  assert.equal(seen.short.failure?.code, "timeout");
  assert.equal(seen.short.after, 30_000);
  assert.equal(seen.long.failure?.code, "timeout");
  // Counted from the end of the first.
  assert.equal(seen.long.after, 570_000);
  assert.equal(seen.facts.userState, INVALID);
});

// Scenario 25.
test("signInWaitTimeout says how long a wait may take", async () => {
  const { failure, after } = await stage.run(async () => {
    window.client.close();
    const client = await lab.open({ signInWaitTimeout: 45_000 });
    client.addUserStateListener(() => {});
    clock.freeze();
    return clock.until(client.getTokens());
  });
  assert.deepEqual([failure?.code, after], ["timeout", 45_000]);
});

// Scenario 25.
test("a sign-out ends every wait with unableToSignIn", async () => {
  const { ended, told } = await stage.run(async () => {
    const waits = await waiting(3);
    await client.signOut();
    return { ended: await Promise.all(waits.map(({ came }) => came)), told: states() };
  });
  for (const { failure } of ended) assert.equal(failure?.code, "unableToSignIn");
  assert.deepEqual(told, [INVALID, "signedOut"]);
});

// Scenario 25.
test("a wait that a listener ends at once by signing in gets its tokens", async () => {
  const { username, told } = await stage.run(async (alice) => {
    client.addUserStateListener((state) => {
      if (state === "signedOutUserPoolsTokenInvalid") void client.signIn(alice);
    });
    const tokens = await client.getTokens();
    return { username: tokens.accessToken.claims.username, told: states() };
  }, alice);
  assert.equal(username, alice.username);
  assert.deepEqual(told, [INVALID, "signedIn"]);
});

// Scenario 25.
test("fifty callers learn of one invalidation by one notification and one refresh", async () => {
  const { told, refused, ended } = await stage.run(async () => {
    let refused = 0;
    client.on("tokenRefreshFailed", () => refused++);
    const waits = await waiting(50);
    client.releaseSignInWait();
    return { told, refused, ended: await Promise.all(waits.map(({ came }) => came)) };
  });
  assert.deepEqual(told, [{ state: INVALID, info: { username: alice.username, reason: "refreshRefused" } }]);
  assert.equal(refused, 1);
  assert.equal(ended.filter(({ failure }) => failure?.code === "unableToSignIn").length, 50);
  assert.equal((await stage.emulator.refreshes()).length, 1);
});

// Scenario 25.
test("every later waiter tells the listeners again, and nothing more is sent", async () => {
  const told = await stage.run(async () => {
    for (let time = 0; time < 3; time++) {
      const [{ came }] = await waiting(1);
      await lab.eventually(() => told.length === time + 1);
      client.releaseSignInWait();
      await came;
    }
    return told;
  });
  assert.deepEqual(
    told,
    Array(3).fill({ state: INVALID, info: { username: alice.username, reason: "refreshRefused" } }),
  );
  assert.equal((await stage.emulator.refreshes()).length, 1);
});

// Scenario 25.
test("a waiter who joins one that waits already tells the listeners again", async () => {
  const told = await stage.run(async () => {
    const [first] = await waiting(1);
    const [second] = await waiting(1);
    await lab.eventually(() => told.length === 2);
    client.releaseSignInWait();
    await Promise.all([first.came, second.came]);
    return states();
  });
  assert.deepEqual(told, [INVALID, INVALID]);
});

// Scenario 25.
test("after a reload the state is the same, initialize notifies no listener, and the first waiter does", async () => {
  await stage.run(async () => {
    await outcome(client.getTokens({ waitForSignIn: false }));
  });
  await stage.reload();
  const seen = await stage.run(async (alice) => {
    const client = new cognito.AWSMobileClient();
    const told = [];
    client.addUserStateListener((state) => told.push(state));
    await client.initialize(await lab.config());
    const atStart = [...told];
    const facts = lab.facts(client);
    const wait = client.getTokens();
    await lab.eventually(() => told.length > 0);
    await client.signIn(alice);
    await wait;
    return { atStart, facts, told };
  }, alice);
  assert.deepEqual(seen.atStart, []);
  assert.deepEqual(seen.facts, {
    userState: INVALID,
    username: alice.username,
    reason: "refreshRefused",
    storage: "indexedDB",
  });
  assert.deepEqual(seen.told, [INVALID, "signedIn"]);
});

// Scenario 25.
test("without a listener, or with waitForSignIn: false, no call waits", async () => {
  const { unheard, unwilling, again } = await stage.run(async () => {
    const unwilling = await outcome(client.getTokens({ waitForSignIn: false }));
    const again = await outcome(client.getTokens({ waitForSignIn: false }));
    window.client.close();
    const deaf = await lab.open();
    return { unheard: await outcome(deaf.getTokens()), unwilling, again };
  });
  for (const { failure } of [unheard, unwilling, again]) assert.equal(failure?.code, "notSignedIn");
});

/** A page whose client has a session that the service refuses to renew, and a listener that writes down what it is told. */
async function beginWithDeadTokens() {
  await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const told = [];
    client.addUserStateListener((state, info) => told.push({ state, info }));
    Object.assign(window, { client, told });
    window.states = () => told.map(({ state }) => state);

    /** Callers that wait: each of `promise`, what it `came` to, its `controller`, and whether it `isOver` by now. */
    window.waiting = async (count) => {
      const waits = Array.from({ length: count }, () => {
        const controller = new AbortController();
        const promise = client.getTokens({ signal: controller.signal });
        const came = outcome(promise);
        const isOver = () =>
          Promise.race([came.then(() => true), new Promise((resolve) => setTimeout(() => resolve(false)))]);
        return { promise, came, controller, isOver };
      });
      await lab.eventually(() => client.currentUserState === "signedOutUserPoolsTokenInvalid");
      return waits;
    };
  }, alice);
  await stage.emulator.revokeTokensOf(alice.username);
  await stage.emulator.advance(3700);
  await stage.run(async () => clock.advance(3_700_000));
  await stage.emulator.clearRequests();
}
