// Where a session is kept: a database that stalls is waited for and nothing is written in the clear meanwhile, what an earlier
// start has left in the clear does not stay there, and a sign-in may ask for another store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

test("a database that another page holds is waited for: nothing is kept in the clear, calls say storage, and the user is signed in after it", async () => {
  const seen = await stage.run(async (alice) => {
    (await lab.signIn(alice)).close();
    const letGo = await faults.holdDatabase();
    const told = [];
    const client = new cognito.AWSMobileClient();
    client.addUserStateListener((state) => told.push(state));
    await client.initialize(await lab.config());
    const held = lab.facts(client);
    const calls = [await outcome(client.getTokens()), await outcome(client.signIn(alice))];
    const inTheClear = JSON.stringify({ ...localStorage, ...sessionStorage });
    letGo();
    await lab.eventually(() => client.isSignedIn);
    const { username } = lab.facts(client);
    return {
      held,
      calls: calls.map(({ failure }) => failure && [failure.code, failure.retryable]),
      inTheClear,
      told,
      username,
    };
  }, alice);
  assert.deepEqual(seen.held, { userState: "signedOut", username: null, reason: "storageLost", storage: "indexedDB" });
  assert.deepEqual(seen.calls, Array(2).fill(["storage", true]));
  assert.equal(seen.inTheClear, "{}");
  assert.deepEqual(seen.told, ["signedOut", "signedIn"]);
  assert.equal(seen.username, alice.username);
  assert.deepEqual(await stage.emulator.refreshes(), []);
});

for (const left of ["localStorage", "sessionStorage"]) {
  test(`a session that was kept in ${left} because there was no IndexedDB is taken into it at the next start`, async () => {
    await stage.run(
      async ({ alice, left }) => {
        faults.install("indexedDB", "is missing");
        if (left === "sessionStorage") faults.install("localStorage", "is missing");
        (await lab.signIn(alice)).close();
      },
      { alice, left },
    );
    await stage.reload();
    const { facts, records, tokens } = await stage.run(async () => {
      const client = await lab.open();
      const tokens = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
      return {
        facts: lab.facts(client),
        records: [localStorage, sessionStorage].map((area) => Object.keys(area).filter((key) => key.endsWith("/-"))),
        tokens,
      };
    });
    assert.deepEqual(facts, { userState: "signedIn", username: alice.username, reason: null, storage: "indexedDB" });
    assert.deepEqual(tokens, { value: "tokens" });
    assert.deepEqual(records, [[], []]);
  });
}

test("a session that was left in localStorage beside one in IndexedDB is revoked and removed", async () => {
  const left = await stage.run(async (alice) => {
    const plain = await lab.signIn(alice, { storage: "localStorage" });
    const key = Object.keys(localStorage).find((key) => key.endsWith("/-"));
    const record = localStorage[key];
    plain.close();
    delete localStorage[key];
    (await lab.signIn(alice)).close();
    localStorage[key] = record;
    const client = await lab.open();
    await lab.eventually(async () => localStorage[key] === undefined);
    return lab.facts(client).userState;
  }, alice);
  assert.equal(left, "signedIn");
  const revocations = await eventually("the revocation", async () => {
    const requests = await stage.emulator.requests("RevokeToken");
    return requests.some(({ outcome }) => outcome !== null) && requests;
  });
  assert.deepEqual(
    revocations.map(({ outcome }) => outcome),
    ["ok"],
  );
});

for (const [storage, afterReload] of Object.entries({
  indexedDB: "signedIn",
  localStorage: "signedIn",
  sessionStorage: "signedIn",
  memory: "signedOut",
})) {
  test(`a sign-in that asks for ${storage} is kept there and nowhere else, and found after a reload or not`, async () => {
    const { kept, places } = await stage.run(
      async ({ alice, storage }) => {
        const client = await lab.open({ storage: storage === "indexedDB" ? "memory" : "indexedDB" });
        await client.signIn({ ...alice, storage });
        const rows = (await faults.rows()).filter(({ store, key }) => store === "records" && key.endsWith("/-"));
        const isRecord = (key) => key.endsWith("/-");
        return {
          kept: lab.facts(client),
          places: {
            indexedDB: rows.length,
            localStorage: Object.keys(localStorage).filter(isRecord).length,
            sessionStorage: Object.keys(sessionStorage).filter(isRecord).length,
          },
        };
      },
      { alice, storage },
    );
    assert.deepEqual(kept, { userState: "signedIn", username: alice.username, reason: "userAction", storage });
    const only = {
      indexedDB: 0,
      localStorage: 0,
      sessionStorage: 0,
      ...(storage === "memory" ? {} : { [storage]: 1 }),
    };
    assert.deepEqual(places, only);

    await stage.reload();
    const { found, left } = await stage.run(async (storage) => {
      const client = await lab.open({ storage: storage === "indexedDB" ? "memory" : "indexedDB" });
      const found = lab.facts(client);
      await client.signOut();
      return { found, left: JSON.stringify({ ...localStorage, ...sessionStorage }) };
    }, storage);
    assert.equal(found.userState, afterReload);
    if (afterReload === "signedIn") assert.equal(found.storage, storage);
    assert.ok(!left.includes("refreshToken"), left);
  });
}

test("a tab that is a copy of another does not send the refresh token that the other has used up", async () => {
  const { browser, emulator } = stage;
  await emulator.setRotation({ graceSeconds: 0 });
  await stage.run(async (alice) => {
    window.client = await lab.signIn(alice, { storage: "sessionStorage" });
  }, alice);
  const first = await browser.getWindowHandle();
  // A link that is followed by the user, as a script may not open a window in each browser.
  await browser.execute(() => {
    const link = Object.assign(document.createElement("a"), {
      id: "copy",
      href: "storage-page.html",
      target: "_blank",
      rel: "opener",
      textContent: "copy",
    });
    document.body.append(link);
  });
  await (await browser.$("#copy")).click();
  const [copy] = await eventually("the copy", async () => {
    const others = (await browser.getWindowHandles()).filter((handle) => handle !== first);
    return others.length > 0 && others;
  });
  try {
    await browser.switchToWindow(copy);
    await eventually("the copy's package", () => browser.execute(() => "outcome" in window));
    const found = await stage.run(async () => {
      window.client = await lab.open({ storage: "sessionStorage" });
      return client.currentUserState;
    });
    assert.equal(found, "signedIn", "sessionStorage was copied");
    await browser.switchToWindow(first);
    assert.deepEqual(await stage.run(() => outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"))), {
      value: "tokens",
    });
    await browser.switchToWindow(copy);
    const { failure } = await stage.run(() => outcome(client.getTokens({ forceRefresh: true, waitForSignIn: false })));
    assert.equal(failure?.code, "notSignedIn");
    await browser.switchToWindow(first);
    assert.deepEqual(await stage.run(() => outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"))), {
      value: "tokens",
    });
    assert.deepEqual(
      (await emulator.refreshes()).map(({ outcome }) => outcome),
      ["ok", "ok"],
    );
  } finally {
    await browser.switchToWindow(copy);
    await browser.closeWindow();
    await browser.switchToWindow(first);
  }
});

test("another option the second time is refused, and names what differs", async () => {
  const failures = await stage.run(async () => {
    const custom = faults.custom({});
    const client = new cognito.AWSMobileClient();
    const config = await lab.config();
    const initialize = async (options) =>
      (await outcome(client.initialize(config, options))).failure?.message ?? "done";
    const results = [await initialize({ storage: custom }), await initialize(), await initialize({ storage: custom })];
    return [
      ...results,
      await initialize({ storage: faults.custom({}) }),
      await initialize({ storage: "memory" }),
      await initialize({ deviceName: "Kiosk" }),
    ];
  });
  assert.deepEqual(failures.slice(0, 3), ["done", "done", "done"]);
  for (const [index, name] of ["storage", "storage", "deviceName"].entries())
    assert.ok(failures[index + 3].includes(`\`${name}\``), failures[index + 3]);
});
