// Where secrets are to be found while a user is signed in and, above all, afterwards: every store, cookies, the console, the
// address, messages between tabs. The secrets looked for are all tokens the service gave, and the password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { cutNetwork } from "./support/network.mjs";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
const KINDS = ["indexedDB", "localStorage", "sessionStorage", "memory", "custom"];

// Scenario 39's other side, and 55's: what lies on the disk is no session.
test("a session in IndexedDB survives a reload, and no store holds its tokens as text", async () => {
  const { secrets, found, keys } = await stage.run(async (alice) => {
    await scan.listen();
    const client = await lab.signIn(alice);
    await client.getTokens({ forceRefresh: true });
    const keys = (await faults.rows()).filter(({ store }) => store === "keys").map(({ value }) => value);
    const exported = await Promise.all(
      ["raw", "jwk"].flatMap((format) =>
        keys.map((key) =>
          crypto.subtle.exportKey(format, key).then(
            () => "exported",
            () => "kept",
          ),
        ),
      ),
    );
    return { secrets: scan.secrets(alice.password), found: await scan.found(), keys: exported };
  }, alice);
  assert.ok(secrets.length >= 6, "a sign-in and a refresh give tokens, and a password was typed");
  assert.deepEqual(found, []);
  assert.ok(keys.length > 0);
  assert.deepEqual(new Set(keys), new Set(["kept"]));

  await stage.reload();
  const after = await stage.run(async (secrets) => {
    scan.secrets(...secrets);
    const client = await lab.open();
    const tokens = await client.getTokens();
    return {
      state: client.currentUserState,
      isSame: secrets.includes(tokens.accessToken.tokenString),
      found: await scan.found(),
    };
  }, secrets);
  assert.deepEqual(after, { state: "signedIn", isSame: true, found: [] });
});

// So that the other tests are known to look.
test("the scan finds the tokens of a session in localStorage, and those of one in IndexedDB that it decrypts, which leaves no other", async () => {
  const { plain, encrypted } = await stage.run(async (alice) => {
    (await lab.signIn(alice, { storage: "localStorage" })).close();
    const plain = await scan.found({ opened: true });
    // What lies in the clear is taken into the encrypted store.
    (await lab.open()).close();
    return { plain, encrypted: await scan.found({ opened: true }) };
  }, alice);
  assert.deepEqual(plain, ["localStorage"]);
  assert.equal(encrypted.length, 1, encrypted.join(", "));
  assert.match(encrypted[0], /^decrypted cognito-wasm\//);
});

for (const kind of KINDS) {
  // Scenario 42.
  test(`after a sign-out from ${kind} nothing of the user is left anywhere, and the client has nothing to give`, async () => {
    const seen = await stage.run(signInRefreshAndSignOut, { alice, kind });
    assert.deepEqual(seen.signOut, { value: "done" });
    assert.deepEqual(seen.client, { userState: "signedOut", username: null, current: null, code: "notSignedIn" });
    const found = await stage.run(async () => scan.found({ opened: true }));
    assert.deepEqual(found, []);
    await stage.reload();
    assert.deepEqual(await stage.run(scanAgain, seen), [], "after a reload");
  });

  // Scenario 42.
  test(`after a sign-out from ${kind} without a network nothing of the user can be read anywhere`, async () => {
    await stage.run(
      async ({ alice, kind }) => {
        window.client = await lab.signIn(alice, { storage: kind === "custom" ? faults.custom({}) : kind });
      },
      { alice, kind },
    );
    const mend = await cutNetwork(stage);
    let seen;
    try {
      seen = await stage.run(signInRefreshAndSignOut, { alice, kind, isOffline: true });
      assert.deepEqual(seen.signOut, { value: "done" });
      assert.deepEqual(seen.client, { userState: "signedOut", username: null, current: null, code: "notSignedIn" });
      assert.deepEqual(await stage.run(async () => scan.found()), []);
    } finally {
      await mend();
    }
    // The page has only to know that there is a network again: other engines than Chromium were told nothing.
    await stage.run(async () => void dispatchEvent(new Event("online")));
    await eventually("the revocation", async () =>
      (await stage.emulator.requests("RevokeToken")).some(({ outcome }) => outcome === "ok"),
    );
    assert.deepEqual(
      await stage.run(async () => lab.eventually(async () => (await scan.found({ opened: true })).length === 0)),
      true,
    );
    await stage.reload();
    assert.deepEqual(await stage.run(scanAgain, seen), [], "after a reload");
  });
}

// Scenario 42: the memory, too.
test("the memory of the WebAssembly holds a session's tokens while there is one, and none after a sign-out", async () => {
  const rounds = await stage.run(async (alice) => {
    const client = await lab.open();
    scan.secrets(alice.password);
    const rounds = [];
    for (const refreshes of [0, 1, 3]) {
      await client.signIn(alice);
      for (let time = 0; time < refreshes; time++) await client.getTokens({ forceRefresh: true });
      const during = scan.remembered();
      await client.signOut();
      rounds.push({ during, after: scan.remembered() });
    }
    return rounds;
  }, alice);
  for (const { during, after } of rounds) {
    assert.ok(during.length >= 3, "the scan finds what is there");
    assert.deepEqual(after, []);
  }
});

for (const isOffline of [false, true]) {
  test(`clearStorage ${isOffline ? "without a network " : ""}signs out and forgets what any store holds`, async () => {
    await stage.run(async (alice) => {
      for (const storage of ["indexedDB", "localStorage"]) (await lab.signIn(alice, { storage })).close();
      window.client = await lab.signIn(alice, { storage: "sessionStorage" });
    }, alice);
    const mend = isOffline ? await cutNetwork(stage) : async () => {};
    const seen = await stage
      .run(async () => {
        const told = [];
        client.addUserStateListener((state, { reason }) => told.push([state, reason]));
        const cleared = await outcome(client.clearStorage().then(() => "done"));
        const keys = [
          ...Object.keys(localStorage),
          ...Object.keys(sessionStorage),
          ...(await faults.rows()).map(({ key }) => key),
        ];
        const left = keys.filter((key) => key.startsWith("cognito-wasm/"));
        return { told, cleared, left, found: await scan.found({ opened: true }), state: client.currentUserState };
      })
      .finally(mend);
    // So that other tabs learn of the sign-out.
    const left = [`cognito-wasm/${DEFAULT_POOL.userPoolId}@${stage.emulator.url}/${DEFAULT_POOL.clientId}/-`];
    assert.deepEqual(seen, {
      told: [["signedOut", "userAction"]],
      cleared: { value: "done" },
      left,
      found: [],
      state: "signedOut",
    });
    await stage.reload();
    const found = await stage.run(async () =>
      Promise.all(["indexedDB", "localStorage", "sessionStorage"].map((storage) => lab.found({ storage }))),
    );
    for (const { userState, username, storage } of found)
      assert.deepEqual([userState, username], ["signedOut", null], storage);
  });
}

test("the secret of a device in IndexedDB outlives a sign-out, and no store holds it as text; clearStorage takes it along", async () => {
  await stage.emulator.setPool({ deviceTracking: "always" });
  const { secrets, found, opened } = await stage.run(async (alice) => {
    await scan.listen();
    window.client = await lab.signIn(alice);
    await client.getTokens({ forceRefresh: true });
    const secrets = await scan.devicePasswords();
    scan.secrets(alice.password, ...secrets);
    return { secrets, found: await scan.found(), opened: await scan.found({ opened: true }) };
  }, alice);
  assert.equal(secrets.length, 1);
  assert.ok(secrets[0].length > 20, "a secret of some length");
  assert.deepEqual(found, []);
  assert.ok(
    opened.some((place) => place.endsWith("/devices")),
    opened.join(),
  );

  const look = async () => ({
    found: await scan.found(),
    opened: (await scan.found({ opened: true })).map((place) => place.split("/").at(-1)),
  });
  const signedOut = await stage.run(async () => client.signOut()).then(() => stage.run(look));
  assert.deepEqual(signedOut, { found: [], opened: ["devices"] });

  await stage.reload();
  const again = await stage.run(
    async ({ alice, secrets }) => {
      await scan.listen();
      scan.secrets(...secrets);
      window.client = await lab.signIn(alice);
      return scan.found();
    },
    { alice, secrets },
  );
  assert.deepEqual(again, []);
  assert.equal((await stage.emulator.requests("ConfirmDevice")).length, 1, "it was known again, by its secret");
  const cleared = await stage.run(async () => client.clearStorage()).then(() => stage.run(look));
  assert.deepEqual(cleared, { found: [], opened: [] });
});

/** What the next page finds of the same secrets. */
async function scanAgain({ secrets, kind }) {
  scan.secrets(...secrets);
  await lab.found({ storage: kind === "custom" ? faults.custom({}) : kind });
  return scan.found({ opened: true });
}

async function signInRefreshAndSignOut({ alice, kind, isOffline }) {
  await scan.listen();
  const storage = kind === "custom" ? faults.custom({}) : kind;
  const client = window.client ?? (await lab.open({ storage }));
  if (!isOffline) {
    await outcome(client.signIn({ ...alice, password: "Wrong-horse-7" }));
    await client.signIn(alice);
    await client.getTokens({ forceRefresh: true });
  }
  const signOut = await outcome(client.signOut().then(() => "done"));
  const { userState, username } = lab.facts(client);
  const { failure } = await outcome(client.getTokens());
  const secrets = scan.secrets(alice.password, "Wrong-horse-7");
  return {
    signOut,
    client: { userState, username, current: client.currentTokens ?? null, code: failure?.code },
    secrets,
    kind,
  };
}
