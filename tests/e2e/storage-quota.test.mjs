// Stores that run full in the middle: whatever write it is that fails, what is stored is a whole session or none, and the
// next start agrees with what the call said.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

for (const storage of ["indexedDB", "localStorage", "sessionStorage"]) {
  // Scenario 38.
  test(`a sign-in of which any one write to ${storage} fails for lack of room, and all after it, is all or nothing`, async () => {
    const steps = await failAtEachStep(storage, "signIn");
    assert.ok(steps.length > 0, "a sign-in writes");
    for (const { step, ended, state, after, again } of steps) {
      const isIn = ended === "done";
      assert.ok(isIn || ended === "storage", `write ${step} ended as ${ended}`);
      assert.equal(state, isIn ? "signedIn" : "signedOut", `the state after write ${step}`);
      assert.equal(after.userState, state, `the next start after write ${step}`);
      assert.equal(after.reason, null, `nothing is lost after write ${step}`);
      assert.equal(again, "done", `the client works once there is room, after write ${step}`);
    }
  });

  // Scenario 38. The spent token is taken again for a minute, as a page that goes now needs it to be.
  test(`a refresh of which any one write to ${storage} fails for lack of room gives its tokens, and the next start has a session that works`, async () => {
    await stage.emulator.setRotation({ graceSeconds: 60 });
    const steps = await failAtEachStep(storage, "getTokens");
    assert.ok(steps.length > 1, "a refresh writes its journal and its tokens");
    for (const { step, ended, state, after, again } of steps) {
      assert.equal(ended, "done", `write ${step}`);
      assert.equal(state, "signedIn", `write ${step}`);
      assert.deepEqual(
        [after.userState, after.username],
        ["signedIn", alice.username],
        `the next start after write ${step}`,
      );
      assert.equal(again, "done", `the session works after write ${step}`);
    }
  });

  // Scenario 38.
  test(`a sign-out for which ${storage} has no room signs out here, and says so where it cannot be stored`, async () => {
    const steps = await failAtEachStep(storage, "signOut");
    assert.ok(steps.length > 0, "a sign-out writes");
    for (const { step, ended, state, after, again } of steps) {
      assert.ok(["done", "storage"].includes(ended), `write ${step} ended as ${ended}`);
      assert.equal(state, "signedOut", `write ${step}`);
      // What could not be written over is found whole, and is of no use: the service has ended it. Or the client has come to
      // write it after all, in the moment that there was room again before it was closed.
      const next =
        ended === "done" || after.userState === "signedOut"
          ? ["signedOut", null, "done"]
          : ["signedIn", alice.username, "notAuthorized"];
      assert.deepEqual([after.userState, after.username, again], next, `the next start after write ${step}`);
    }
  });
}

/** Makes the call with the first write failing and all after it, then from the second one on, and so forth until none fails. */
async function failAtEachStep(storage, call) {
  const steps = [];
  for (let step = 1; ; step++) {
    const { tried, ...seen } = await stage.run(failAtStep, { storage, call, step, alice });
    if (tried < step) return steps;
    assert.ok(step < 20, "a call that writes twenty times");
    steps.push({ step, ...seen });
  }
}

/** `again` is what a refresh or a sign-in comes to, once there is room, of the client that starts next. */
async function failAtStep({ storage, call, step, alice }) {
  await faults.evict();
  const client = await lab.open({ storage });
  if (call !== "signIn") await client.signIn(alice);
  const came = async (promise) => (await outcome(promise.then(() => "done"))).failure?.code ?? "done";
  const calls = {
    signIn: (client) => client.signIn(alice),
    getTokens: (client) => client.getTokens({ forceRefresh: true }),
    signOut: (client) => client.signOut(),
  };
  const mend = faults.failWritesFrom(step);
  const ended = await came(calls[call](client));
  const tried = mend();
  const state = client.currentUserState;
  client.close();
  const next = await lab.open({ storage });
  const after = lab.facts(next);
  const again = await came(next.isSignedIn ? calls.getTokens(next) : calls.signIn(next));
  next.close();
  return { tried, ended, state, after, again };
}
