// The client as an external store of React: `useSyncExternalStore(client.subscribe, client.getSnapshot)` under StrictMode.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setReactStage } from "./support/react/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setReactStage();

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  // A session that ends with the page: each test begins with none.
  await stage.browser.execute(() => {
    page.start = () => page.client.initialize("awsconfiguration.json", { storage: "memory" });
  });
});

test("a component shows the state and the user as they change, and renders no more often than that", async () => {
  const { shown, renders } = await stage.run(async ({ username, password }) => {
    const { client, counts, mount, settle, text } = page;
    const shown = [];
    const renders = [];
    const look = async () => {
      await settle();
      shown.push(text());
      renders.push(counts.renders);
    };
    mount("Greeting");
    await look();
    await page.start();
    await look();
    await client.signIn({ username, password });
    await look();
    await client.getTokens({ forceRefresh: true });
    await look();
    await client.signOut();
    await look();
    return { shown, renders };
  }, alice);
  assert.deepEqual(shown, [
    "unknown nobody",
    "signedOut nobody",
    "signedIn alice",
    "signedIn alice",
    "signedOut nobody",
  ]);
  const [atFirst, afterStart, afterSignIn, afterRefresh, afterSignOut] = renders;
  // StrictMode calls a component twice for each render.
  assert.ok(atFirst <= 4, `${atFirst} calls to mount it`);
  assert.ok(afterStart - atFirst <= 2, `${renders} calls so far: initialize changed the snapshot once`);
  assert.ok(afterSignIn - afterStart <= 2, `${renders} calls so far: a sign-in changed the snapshot once`);
  assert.equal(afterRefresh, afterSignIn, "a refresh left the snapshot the same object");
  assert.ok(afterSignOut - afterRefresh <= 2, `${renders} calls so far: a sign-out changed the snapshot once`);
});

test("StrictMode mounts twice, and one subscription is left, which is told of each change once", async () => {
  const seen = await stage.run(async ({ username, password }) => {
    const { client, counts, mount, settle } = page;
    await page.start();
    mount("Greeting");
    await settle();
    const { subscribed, subscriptions } = counts;
    let changes = 0;
    client.subscribe(() => changes++);
    await client.signIn({ username, password });
    await client.signOut();
    return { subscribed, subscriptions, changes, notices: counts.notices };
  }, alice);
  assert.equal(seen.subscribed, 2, "StrictMode subscribed once to see whether it can be undone, and once to stay");
  assert.equal(seen.subscriptions, 1);
  assert.ok(seen.changes >= 2, "a sign-in and a sign-out are changes");
  assert.equal(seen.notices, seen.changes);
});

test("a component that is taken away is told nothing more", async () => {
  const seen = await stage.run(async ({ username, password }) => {
    const { client, counts, mount, settle, unmount, text } = page;
    await page.start();
    mount("Greeting");
    await settle();
    unmount();
    const { renders, notices } = counts;
    await client.signIn({ username, password });
    await settle();
    return {
      subscriptions: counts.subscriptions,
      renders: counts.renders - renders,
      notices: counts.notices - notices,
      text: text(),
      state: client.currentUserState,
    };
  }, alice);
  assert.deepEqual(seen, { subscriptions: 0, renders: 0, notices: 0, text: "", state: "signedIn" });
});

test("the current tokens are a snapshot too: there after a sign-in, others after a refresh, gone after a sign-out", async () => {
  const { shown, expirations } = await stage.run(async ({ username, password }) => {
    const { client, mount, settle, text } = page;
    const shown = [];
    const look = async () => {
      await settle();
      shown.push(text());
    };
    await page.start();
    mount("Expiry");
    await look();
    await client.signIn({ username, password });
    await look();
    const before = client.currentTokens;
    const same = client.currentTokens === before && (await client.getTokens()) === before;
    const after = await client.getTokens({ forceRefresh: true });
    await look();
    const isRenewed = after !== before && client.currentTokens === after;
    await client.signOut();
    await look();
    return {
      shown,
      expirations: { same, isRenewed, first: before.expiration.toISOString(), second: after.expiration.toISOString() },
    };
  }, alice);
  const { same, isRenewed, first, second } = expirations;
  assert.ok(same, "the tokens are the same object while they are the same");
  assert.ok(isRenewed, "a refresh makes new ones");
  assert.deepEqual(shown, ["no tokens", `valid until ${first}`, `valid until ${second}`, "no tokens"]);
});

test("a thousand mounts leave no listener behind and send nothing", async () => {
  const { emulator, run } = stage;
  await run(async ({ username, password }) => {
    await page.start();
    await page.client.signIn({ username, password });
    await page.client.getTokens();
  }, alice);
  await emulator.clearRequests();
  const mounted = await run(async () => {
    const { counts, mount, unmount, settle } = page;
    for (let time = 0; time < 500; time++) {
      for (const name of ["Greeting", "Expiry"]) {
        mount(name);
        unmount();
      }
    }
    await settle();
    return { ...counts };
  });
  assert.deepEqual(await emulator.requests(), []);
  assert.equal(mounted.subscribed, 2000, "each mount subscribed, twice under StrictMode");
  assert.equal(mounted.subscriptions, 0);

  const notices = await run(async (before) => {
    await page.client.signOut();
    return page.counts.notices - before;
  }, mounted.notices);
  assert.equal(notices, 0, "a change was told to a component that is gone");
});
