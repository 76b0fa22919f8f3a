// Clients that come and go, as a development server replaces them: close() leaves nothing behind. The React half, mounting
// and unmounting a thousand times, is in react.test.mjs.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
const NOTHING = { listeners: 0, channels: 0, databases: 0, timers: 0, locks: 0 };

beforeEach(() => stage.run(countWhatIsOpen));

// Scenario 27.
test("a thousand clients that were made, used and closed leave no timer, listener, channel, lock or database open", async () => {
  const left = await stage.run(async (alice) => {
    const left = watch();
    const config = await lab.config();
    (await lab.signIn(alice)).close();
    for (let time = 0; time < 1000; time++) {
      const client = new cognito.AWSMobileClient();
      client.addUserStateListener(() => {});
      client.on("tokensRefreshed", () => {});
      client.subscribe(() => {});
      const state = await client.initialize(config, { backgroundRefresh: true });
      if (state !== "signedIn" || !client.currentTokens) throw new Error(`client ${time} found ${state}`);
      client.close();
    }
    return left();
  }, alice);
  assert.deepEqual(left, NOTHING);
  assert.deepEqual(await stage.emulator.refreshes(), [], "cached tokens were enough for all");
});

// Scenario 27.
test("clients that are closed in the middle of a refresh, a sign-in or a start leave nothing behind, and the session works", async () => {
  const { ends, left, leftInTheEnd, tokens } = await stage.run(async (alice) => {
    const left = watch();
    const config = await lab.config();
    (await lab.signIn(alice)).close();
    const ends = new Set();
    const turn = () => new Promise((resolve) => setTimeout(resolve));
    for (let time = 0; time < 60; time++) {
      const client = new cognito.AWSMobileClient();
      const calls = [outcome(client.initialize(config, { backgroundRefresh: true }))];
      if (time % 3 > 0) await calls[0];
      if (time % 3 === 1) calls.push(outcome(client.getTokens({ forceRefresh: true })));
      if (time % 3 === 2) calls.push(outcome(client.signIn(alice)), outcome(client.getTokens({ forceRefresh: true })));
      for (let left = time % 20; left > 0; left--) await turn();
      client.close();
      for (const call of calls) ends.add((await call).failure?.code ?? "settled");
    }
    const leftByAll = await left();
    const client = await lab.open();
    const tokens = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
    client.close();
    return { ends: [...ends], left: leftByAll, leftInTheEnd: await left(), tokens };
  }, alice);
  assert.deepEqual(left, NOTHING);
  assert.deepEqual(leftInTheEnd, NOTHING);
  for (const end of ends) assert.ok(["settled", "aborted", "invalidState"].includes(end), end);
  assert.ok(ends.includes("aborted"), "none was closed in the middle");
  assert.deepEqual(tokens, { value: "tokens" });
});

// Scenario 27.
test("the one client that is left of a thousand refreshes once", async () => {
  await stage.run(async (alice) => {
    const config = await lab.config();
    (await lab.signIn(alice)).close();
    for (let time = 0; time < 100; time++) {
      cognito.AWSMobileClient.sharedInstance().close();
      window.client = cognito.AWSMobileClient.sharedInstance();
      await client.initialize(config, { backgroundRefresh: true });
    }
  }, alice);
  await stage.emulator.advance(3700);
  const areOne = await stage.run(async () => {
    clock.advance(3_700_000);
    const all = await Promise.all(Array.from({ length: 20 }, () => client.getTokens()));
    return new Set(all).size === 1;
  });
  assert.ok(areOne);
  assert.equal((await stage.emulator.refreshes()).length, 1);
});

// Scenario 27.
test("a closed client does nothing any more, whatever happens", async () => {
  const seen = await stage.run(async (alice) => {
    const client = await lab.signIn(alice, { backgroundRefresh: true });
    const told = [];
    client.addUserStateListener((state) => told.push(state));
    client.subscribe(() => told.push("snapshot"));
    client.close();
    client.close();
    const other = await lab.open();
    await other.getTokens({ forceRefresh: true });
    await other.signOut();
    clock.advance(7_200_000);
    dispatchEvent(new Event("online"));
    lab.lookAgain();
    await lab.eventually(async () => (await lab.found()).reason === "userAction");
    const { userState, isSignedIn } = client.getSnapshot();
    return {
      told,
      userState,
      isSignedIn,
      tokens: client.currentTokens ?? null,
      later: await outcome(client.initialize()),
    };
  }, alice);
  assert.equal(seen.later.failure?.code, "invalidState");
  assert.deepEqual(
    { ...seen, later: null },
    { told: [], userState: "unknown", isSignedIn: false, tokens: null, later: null },
  );
  assert.equal((await stage.emulator.refreshes()).length, 1);
});

/** Counts what the page holds open. `watch()` begins, and gives what tells it once that is nothing, or stays something for long. */
async function countWhatIsOpen() {
  const count = { listeners: 0, channels: 0, databases: 0 };
  const timers = new Set();

  for (const name of ["Timeout", "Interval"]) {
    const set = window[`set${name}`];
    const clear = window[`clear${name}`];
    window[`set${name}`] = (fn, ...rest) => {
      const id = set(
        (...args) => {
          if (name === "Timeout") timers.delete(id);
          fn(...args);
        },
        ...rest,
      );
      timers.add(id);
      return id;
    };
    window[`clear${name}`] = (id) => {
      timers.delete(id);
      clear(id);
    };
  }

  // On the page and its document: what outlives a client. A signal that aborts removes the listener.
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = (type, fn, options) => {
      count.listeners++;
      options?.signal?.addEventListener("abort", () => count.listeners--, { once: true });
      addEventListener.call(target, type, fn, options);
    };
    target.removeEventListener = (type, fn, options) => {
      count.listeners--;
      removeEventListener.call(target, type, fn, options);
    };
  }

  const { BroadcastChannel } = window;
  window.BroadcastChannel = function (name) {
    const channel = new BroadcastChannel(name);
    const close = channel.close.bind(channel);
    count.channels++;
    channel.close = () => {
      count.channels--;
      close();
    };
    return channel;
  };

  const { open } = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    count.databases++;
    const request = open.apply(this, args);
    request.addEventListener("error", () => count.databases--);
    return request;
  };
  const { close } = IDBDatabase.prototype;
  IDBDatabase.prototype.close = function () {
    count.databases--;
    close.call(this);
  };

  window.watch = () => {
    // WebKit's driver bounds each script by a timer of the page's own.
    const drivers = [...timers];
    const look = async () => {
      const { held, pending } = await navigator.locks.query();
      const own = [...timers].filter((id) => !drivers.includes(id));
      return { ...count, timers: own.length, locks: held.length + pending.length };
    };
    const isNothing = async () => Object.values(await look()).every((number) => number === 0);
    return async () => {
      // What was closed ends a moment later.
      await lab.eventually(isNothing).catch(() => {});
      return look();
    };
  };
}
