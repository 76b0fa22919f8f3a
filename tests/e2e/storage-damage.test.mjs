// Records that are damaged, of a later version, or without their key: half a session signs no user in, the reason is
// told, and a sign-in works.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

const lost = (reason, storage) => ({ userState: "signedOut", username: null, reason, storage });
const signedIn = (storage) => ({ userState: "signedIn", username: alice.username, reason: null, storage });

beforeEach(preparePage);

/** What becomes of the record's text. */
const DAMAGES = {
  "is empty": () => "",
  "is no record at all": () => "[object Object]",
  "has lost its last letter": (text) => text.slice(0, -1),
  "has lost its second half": (text) => text.slice(0, text.length / 2),
  "has only its stamp": (text) => text.split(" ")[0],
  "has another stamp": (text) => text.replace(/^\d+/, (stamp) => String(Number(stamp) + 1)),
  "has one letter changed": (text) => text.replace("refreshToken", "refreshTokem"),
  "has one token left": (text) => text.replace(/"(id|refresh)Token":"[^"]*",?/g, ""),
  "is a bare document": (text) => text.slice(text.indexOf("{")),
};

// Scenario 37.
for (const [damage, change] of Object.entries(DAMAGES)) {
  test(`a record that ${damage} is storageLost, and a sign-in takes its place`, async () => {
    const record = await storedRecord();
    const damaged = change(record);
    assert.notEqual(damaged, record);
    const seen = await stage.run(
      async ({ alice, damaged }) => {
        localStorage[recordKey()] = damaged;
        return startTwice(alice, "localStorage");
      },
      { alice, damaged },
    );
    assert.deepEqual(seen, { before: lost("storageLost", "localStorage"), after: signedIn("localStorage") });
  });
}

// Scenario 37, at random: the same damage in each run.
test("a hundred records that are cut, changed and doubled at random places are storageLost each, and none throws", async () => {
  const record = await storedRecord();
  const damaged = fuzz(record, 100);
  const seen = await stage.run(async (damaged) => {
    const key = recordKey();
    const seen = [];
    for (const text of damaged) {
      localStorage[key] = text;
      const { userState, reason } = await lab.found({ storage: "localStorage" });
      seen.push(`${userState} ${reason}`);
    }
    return seen;
  }, damaged);
  for (const [index, state] of seen.entries()) assert.equal(state, "signedOut storageLost", damaged[index]);
});

// Scenario 37.
test("a record of a later version is no session here, and is left as it is", async () => {
  await storedRecord();
  const json = JSON.stringify({ version: 2, accessToken: "in some other way" });
  const later = `1900000000000 ${checksum(`1900000000000${json}`)} ${json}`;
  const { facts, left } = await stage.run(async (later) => {
    localStorage[recordKey()] = later;
    const facts = await lab.found({ storage: "localStorage" });
    return { facts, left: localStorage[recordKey()] };
  }, later);
  assert.deepEqual(facts, lost("storageLost", "localStorage"));
  assert.equal(left, later);
});

/** What becomes of the row: its whole, or its members. */
const ROW_DAMAGES = {
  "is a text": { whole: "nothing" },
  "is a number": { whole: 7 },
  "is an empty object": { whole: {} },
  "has no iv": { members: { iv: null } },
  "has no data": { members: { data: null } },
  "has data of another kind": { members: { data: "text" } },
  "has been cut": { cut: true },
  "has another stamp": { members: { stamp: "7" } },
};

// Scenario 37. A record that cannot be decrypted does not show whether it or its key is damaged.
for (const [damage, { whole, members, cut }] of Object.entries(ROW_DAMAGES)) {
  test(`an encrypted record that ${damage} is told as lost, and a sign-in takes its place`, async () => {
    const seen = await stage.run(
      async ({ alice, whole, members, cut }) => {
        (await lab.signIn(alice)).close();
        const { key, value } = (await faults.rows()).find(
          ({ store, key }) => store === "records" && key.endsWith("/-"),
        );
        const row = whole ?? { ...value, ...members, ...(cut && { data: value.data.slice(0, -40) }) };
        await faults.change("records", (records) => faults.settled(records.put(row, key)));
        return startTwice(alice);
      },
      { alice, whole, members, cut },
    );
    assert.deepEqual({ ...seen.before, reason: null }, lost(null, "indexedDB"));
    assert.ok(["keyLost", "storageLost"].includes(seen.before.reason), seen.before.reason);
    assert.deepEqual(seen.after, signedIn("indexedDB"));
  });
}

// Scenario 37.
test("a database with other tables than ours gets ours, and keeps its own", async () => {
  const { facts, tables } = await stage.run(async (alice) => {
    const request = indexedDB.open("cognito-wasm", 9);
    request.onupgradeneeded = () => request.result.createObjectStore("of a later version");
    (await faults.settled(request)).close();
    const client = await lab.signIn(alice);
    const database = await faults.settled(indexedDB.open("cognito-wasm"));
    const tables = [...database.objectStoreNames];
    database.close();
    return { facts: lab.facts(client), tables };
  }, alice);
  assert.deepEqual([facts.userState, facts.storage], ["signedIn", "indexedDB"]);
  assert.deepEqual(tables, ["keys", "of a later version", "records"]);
});

/** What becomes of the key that encrypts the record. */
const KEYS = {
  "is deleted": async () => faults.change("keys", (keys) => faults.settled(keys.clear())),
  "is another one": async () => {
    const other = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const { key } = (await faults.rows()).find(({ store, key }) => store === "keys" && key.endsWith("/-"));
    await faults.change("keys", (keys) => faults.settled(keys.put(other, key)));
  },
  "is no key": async () => {
    const { key } = (await faults.rows()).find(({ store, key }) => store === "keys" && key.endsWith("/-"));
    await faults.change("keys", (keys) => faults.settled(keys.put("no key", key)));
  },
};

// Scenario 39: by the name that developers use, too.
for (const host of ["127.0.0.1", "localhost"]) {
  for (const [what, change] of Object.entries(KEYS)) {
    test(`an encrypted record on ${host} whose key ${what} is keyLost, and a sign-in makes another key`, async () => {
      await stage.reload(host);
      await stage.run(async () => faults.evict());
      await preparePage();
      await stage.run(async (alice) => (await lab.signIn(alice)).close(), alice);
      await stage.run(change);
      const told = await stage.run(async () => {
        const client = new cognito.AWSMobileClient();
        const told = [];
        client.addUserStateListener((state, { reason }) => told.push([state, reason]));
        await client.initialize(await lab.config());
        client.close();
        return told;
      });
      assert.deepEqual(told, [["signedOut", "keyLost"]]);
      const seen = await stage.run(async (alice) => startTwice(alice), alice);
      assert.deepEqual(seen, { before: lost("keyLost", "indexedDB"), after: signedIn("indexedDB") });
    });
  }
}

// Scenario 39.
test("a key that is deleted under an open page ends no session, which is stored under another key", async () => {
  const { told, facts } = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const told = [];
    client.addUserStateListener((state) => told.push(state));
    await faults.change("keys", (keys) => faults.settled(keys.clear()));
    lab.lookAgain();
    await client.getTokens();
    return { told, facts: lab.facts(client) };
  }, alice);
  assert.deepEqual(told, []);
  assert.equal(facts.userState, "signedIn");
  await stage.reload();
  assert.deepEqual(await stage.run(async () => lab.found()), signedIn("indexedDB"));
});

function preparePage() {
  return stage.run(async () => {
    window.recordKey = () => Object.keys(localStorage).find((key) => key.endsWith("/-"));
    /** Starts on what is stored, signs in, and starts again. Nothing of it may throw. */
    window.startTwice = async (alice, storage) => {
      const client = await lab.open({ storage });
      const before = lab.facts(client);
      await client.signIn(alice);
      client.close();
      return { before, after: await lab.found({ storage }) };
    };
  });
}

/** The text of a session's record in localStorage. */
function storedRecord() {
  return stage.run(async (alice) => {
    (await lab.signIn(alice, { storage: "localStorage" })).close();
    return localStorage[recordKey()];
  }, alice);
}

/** As the package reckons it, FNV-1a. */
function checksum(text) {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}

function fuzz(text, count) {
  let seed = 42;
  const random = (below) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const ways = [
    (at) => text.slice(0, at),
    (at, to) => text.slice(0, Math.min(at, to)) + text.slice(Math.max(at, to) + 1),
    (at, to) => text.slice(0, to) + text.slice(at),
    (at) => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ (1 + random(30))) + text.slice(at + 1),
  ];
  const made = Array.from({ length: count }, () => ways[random(ways.length)](random(text.length), random(text.length)));
  return made.filter((each) => each !== text);
}
