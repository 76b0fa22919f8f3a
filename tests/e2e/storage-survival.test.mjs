// What a session lives through: pages that are left in the middle of a write, stores that show nothing for a while,
// eviction, and other configurations on the same site. None of it is a sign-out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
/** At how many moments of a call the page is left, from its beginning to its end. */
const MOMENTS = 8;
const bob = Object.freeze({ username: "bob", password: "Correct-horse-8" });

const state = (userState, storage, reason = null) => ({
  userState,
  storage,
  reason,
  username: userState === "signedIn" ? alice.username : null,
});

for (const storage of ["indexedDB", "localStorage"]) {
  // Scenario 32.
  test(`a page that is left at any moment of a refresh finds its session in ${storage} when it comes back`, async () => {
    // A spent refresh token is taken again for a minute: what was sent when the page went may have had its effect.
    await stage.emulator.setRotation({ graceSeconds: 60 });
    await stage.run(async ({ alice, storage }) => (await lab.signIn(alice, { storage })).close(), { alice, storage });
    for (let moment = 0; moment < MOMENTS; moment++) {
      const { before, refreshed } = await stage.run(
        async ({ storage, part }) => {
          const client = await lab.open({ storage });
          const before = lab.facts(client);
          const began = performance.now();
          const refreshed = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
          const whole = performance.now() - began;
          void outcome(client.getTokens({ forceRefresh: true }));
          await new Promise((resolve) => setTimeout(resolve, part * whole));
          // Left from in here, with nothing in between that would let the refresh end.
          window.isLeft = true;
          setTimeout(() => location.reload());
          return { before, refreshed };
        },
        { storage, part: moment / MOMENTS },
      );
      await isBack();
      assert.deepEqual({ ...before, reason: null }, state("signedIn", storage), `after ${moment} times`);
      assert.deepEqual(refreshed, { value: "tokens" }, `after ${moment} times`);
    }
    assert.deepEqual(
      (await stage.emulator.refreshes()).filter(({ outcome }) => outcome !== "ok" && outcome !== null),
      [],
    );
  });

  // Scenario 32.
  test(`reads of ${storage} that find nothing for a while end no session of an open page`, async () => {
    const { told, during, tokens } = await stage.run(
      async ({ alice, storage }) => {
        const client = await lab.signIn(alice, { storage });
        const told = [];
        client.addUserStateListener((state) => told.push(state));
        const mend = faults.emptyReads();
        lab.lookAgain();
        const tokens = await outcome(client.getTokens().then(() => "tokens"));
        const during = lab.facts(client);
        mend();
        lab.lookAgain();
        await client.getTokens({ forceRefresh: true });
        return { told, during, tokens };
      },
      { alice, storage },
    );
    assert.deepEqual(told, []);
    assert.deepEqual(tokens, { value: "tokens" });
    assert.equal(during.userState, "signedIn");
    await stage.reload();
    assert.deepEqual(await stage.run((storage) => lab.found({ storage }), storage), state("signedIn", storage));
  });

  // Scenario 32. The probe does not fail over it: what it writes it reads in the same breath.
  test(`a start while ${storage} shows nothing writes no sign-out, and the session is there when it shows again`, async () => {
    await stage.run(async ({ alice, storage }) => (await lab.signIn(alice, { storage })).close(), { alice, storage });
    await stage.reload();
    const { before, told, after } = await stage.run(async (storage) => {
      const client = new cognito.AWSMobileClient();
      const told = [];
      client.addUserStateListener((state) => told.push(state));
      const mend = hideRecord();
      await client.initialize(await lab.config(), { storage });
      const before = lab.facts(client);
      mend();
      lab.lookAgain();
      await lab.eventually(() => client.isSignedIn);
      return { before, told, after: lab.facts(client) };

      /** From reads of the record alone. */
      function hideRecord() {
        const { get } = IDBObjectStore.prototype;
        const { getItem } = Storage.prototype;
        const isRecord = (key) => String(key).endsWith("/-");
        IDBObjectStore.prototype.get = function (key) {
          return get.call(this, isRecord(key) ? "nothing" : key);
        };
        Storage.prototype.getItem = function (key) {
          return isRecord(key) ? null : getItem.call(this, key);
        };
        return () => {
          IDBObjectStore.prototype.get = get;
          Storage.prototype.getItem = getItem;
        };
      }
    }, storage);
    assert.equal(before.userState, "signedOut");
    assert.notEqual(before.reason, "userAction", "no user has signed out");
    assert.deepEqual(told, ["signedIn"]);
    assert.equal(after.userState, "signedIn");
  });

  // Scenario 40.
  test(`after a reload a sign-out from ${storage} has the reason userAction, and an eviction has not`, async () => {
    const wish = { alice, storage };
    await stage.run(async ({ alice, storage }) => (await lab.signIn(alice, { storage })).signOut(), wish);
    await stage.reload();
    assert.deepEqual(
      await stage.run((storage) => lab.found({ storage }), storage),
      state("signedOut", storage, "userAction"),
    );

    await stage.run(async ({ alice, storage }) => {
      (await lab.signIn(alice, { storage })).close();
      await faults.evict();
    }, wish);
    await stage.reload();
    assert.deepEqual(await stage.run((storage) => lab.found({ storage }), storage), state("signedOut", storage));
  });

  test(`another app client on the same site finds the reason configChanged in ${storage}, once, and each keeps its session`, async () => {
    await stage.emulator.createUser(bob);
    const seen = await stage.run(
      async ({ alice, bob, storage, other }) => {
        (await lab.signIn(alice, { storage })).close();
        const openOther = async () => {
          const client = new cognito.AWSMobileClient();
          const told = [];
          client.addUserStateListener((state, { reason }) => told.push([state, reason]));
          await client.initialize(await lab.config(other), { storage });
          return { client, told };
        };
        const first = await openOther();
        const facts = lab.facts(first.client);
        first.client.close();
        const second = await openOther();
        const again = lab.facts(second.client);
        const mine = await lab.found({ storage });
        await second.client.signIn(bob);
        second.client.close();
        const third = await openOther();
        const theirs = lab.facts(third.client);
        await third.client.signOut();
        return { told: first.told, facts, again, mine, theirs, mineStill: await lab.found({ storage }) };
      },
      { alice, bob, storage, other: DEFAULT_POOL.legacyClientId },
    );
    assert.deepEqual(seen.told, [["signedOut", "configChanged"]]);
    assert.deepEqual(seen.facts, state("signedOut", storage, "configChanged"));
    assert.deepEqual(seen.again, state("signedOut", storage), "the second time it is the first's own affair no more");
    assert.deepEqual(seen.mine, state("signedIn", storage));
    assert.deepEqual(seen.theirs, { ...state("signedIn", storage), username: bob.username });
    assert.deepEqual(seen.mineStill, state("signedIn", storage));
  });
}

// Scenario 32.
test("a page that is left in the middle of a sign-in finds a whole session or none", async () => {
  for (let moment = 0; moment < MOMENTS; moment++) {
    const { before, works } = await stage.run(
      async ({ alice, part }) => {
        const client = await lab.open();
        const before = lab.facts(client);
        // What was found works.
        const works = await outcome(
          (client.isSignedIn ? client.getTokens({ forceRefresh: true }) : client.signIn(alice)).then(() => "done"),
        );
        await client.signOut({ invalidateTokens: false });
        const began = performance.now();
        await client.signIn(alice);
        const whole = performance.now() - began;
        await client.signOut({ invalidateTokens: false });
        void outcome(client.signIn(alice));
        await new Promise((resolve) => setTimeout(resolve, part * whole));
        window.isLeft = true;
        setTimeout(() => location.reload());
        return { before, works };
      },
      { alice, part: moment / MOMENTS },
    );
    await isBack();
    assert.ok([null, "userAction"].includes(before.reason), `reason ${before.reason}`);
    assert.deepEqual(works, { value: "done" });
  }
});

/** The page that was left is there anew. */
function isBack() {
  const isNew = () => stage.browser.execute(() => !("isLeft" in window) && "outcome" in window);
  // Between two pages there is none to ask.
  return eventually("the page", () => isNew().catch(() => false));
}
