// Every store with every fault: which store is used instead, as `getSnapshot().storage` says, and who is signed in then.
// The faults are put in place of what the browser has; storage-page.html and its scripts make them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

const FAULTS = ["is missing", "throws on access", "throws on write", "is read-only", "is full", "drops silently"];
const NEXT = { indexedDB: "localStorage", localStorage: "sessionStorage", sessionStorage: "memory" };
/** What is used instead: nothing in the clear where the encrypted store is there and takes nothing. */
const instead = (kind, fault) =>
  kind === "indexedDB" && !["is missing", "throws on access"].includes(fault) ? "memory" : NEXT[kind];

// Scenario 36: the browser's stores.
for (const kind of Object.keys(NEXT)) {
  for (const fault of FAULTS) {
    const next = instead(kind, fault);
    test(`${kind} that ${fault} is passed over for ${next}, and a sign-in works`, async () => {
      const kept = next === "memory" ? state("signedOut", next) : state("signedIn", next);
      const began = await stage.run(signInDespite, { kind, fault, alice });
      assert.deepEqual(began, {
        before: state("signedOut", next),
        signIn: signedIn,
        after: state("signedIn", next),
        tokens: true,
        kept,
      });
    });
  }

  // Scenario 36: the probe fits in, and the session does not.
  test(`${kind} that has little room fails the sign-in with storage, begins no session, and works when there is room`, async () => {
    const page = { kind, fault: "has little room", alice };
    const began = await stage.run(signInDespite, page);
    assert.equal(began.before.storage, kind);
    assert.equal(began.signIn.failure?.code, "storage");
    assert.deepEqual([began.after.userState, began.tokens], ["signedOut", false]);

    await stage.reload();
    const { before, after } = await stage.run(signInDespite, { kind, alice });
    assert.equal(before.userState, "signedOut", "after a reload");
    assert.deepEqual(after, state("signedIn", kind));
  });

  // Scenarios 36 and 40.
  test(`${kind} that is evicted under an open page ends no session, which is stored again`, async () => {
    const { during, tokens } = await stage.run(evictDuring, { storage: kind, alice });
    assert.deepEqual(during, state("signedIn", kind));
    assert.ok(tokens);
    await stage.reload();
    assert.deepEqual(
      await stage.run((storage) => lab.found({ storage }), kind),
      state("signedIn", kind),
      "after a reload",
    );
  });
}

// Scenario 36: a store of the app's own, which answers at once or by promise.
for (const isAsync of [false, true]) {
  const custom = `a custom store that answers ${isAsync ? "by promise" : "at once"}`;

  test(`${custom} keeps the session over a reload`, async () => {
    assert.deepEqual((await stage.run(signInDespite, { isAsync, alice })).after, state("signedIn", "custom"));
    await stage.reload();
    assert.deepEqual(await stage.run(openCustom, isAsync), state("signedIn", "custom"));
  });

  for (const fault of FAULTS.slice(1)) {
    test(`${custom} and ${fault} is passed over for memory`, async () => {
      const memory = {
        before: state("signedOut", "memory"),
        after: state("signedIn", "memory"),
        kept: state("signedOut", "memory"),
      };
      assert.deepEqual(await stage.run(signInDespite, { isAsync, fault, alice }), {
        ...memory,
        signIn: signedIn,
        tokens: true,
      });
    });
  }

  test(`${custom} and has little room fails the sign-in with storage, and begins no session`, async () => {
    const began = await stage.run(signInDespite, { isAsync, fault: "has little room", alice });
    assert.equal(began.signIn.failure?.code, "storage");
    assert.deepEqual([began.after, began.kept], Array(2).fill(state("signedOut", "custom")));
  });

  test(`${custom} and is emptied under an open page ends no session, which is stored again`, async () => {
    const { during, tokens } = await stage.run(evictDuring, { isAsync, alice });
    assert.deepEqual(during, state("signedIn", "custom"));
    assert.ok(tokens);
    await stage.reload();
    assert.deepEqual(await stage.run(openCustom, isAsync), state("signedIn", "custom"));
  });
}

test("a custom store whose functions are missing is refused with invalidParameter", async () => {
  const { failure } = await stage.run(async () =>
    outcome(lab.open({ storage: faults.custom({ fault: "is missing" }) })),
  );
  assert.equal(failure?.code, "invalidParameter");
  assert.match(failure.message, /getItem, setItem and removeItem/);
});

test("a page that may store nothing anywhere keeps the session in memory", async () => {
  const began = await stage.run(async (alice) => {
    for (const kind of ["indexedDB", "localStorage", "sessionStorage"]) faults.install(kind, "throws on access");
    const client = await lab.open();
    const before = lab.facts(client);
    const signIn = await outcome(client.signIn(alice));
    const refreshed = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
    const signOut = await outcome(client.signOut().then(() => "done"));
    return { before, signIn, refreshed, signOut, after: lab.facts(client) };
  }, alice);
  assert.deepEqual(began, {
    before: state("signedOut", "memory"),
    signIn: signedIn,
    refreshed: { value: "tokens" },
    signOut: { value: "done" },
    after: { ...state("signedOut", "memory"), reason: "userAction" },
  });
});

// Scenario 36: the store that stood in for another is found by the next page, which has the same fault.
test("a session that is in localStorage because IndexedDB is missing survives a reload, and so does one in sessionStorage", async () => {
  const missing = { localStorage: ["indexedDB"], sessionStorage: ["indexedDB", "localStorage"] };
  for (const [storage, kinds] of Object.entries(missing)) {
    const page = { kinds, alice };
    await stage.run(async ({ kinds, alice }) => {
      for (const kind of kinds) faults.install(kind, "is missing");
      (await lab.signIn(alice)).close();
    }, page);
    await stage.reload();
    const found = await stage.run(async ({ kinds }) => {
      for (const kind of kinds) faults.install(kind, "is missing");
      return lab.found();
    }, page);
    assert.deepEqual(found, state("signedIn", storage));
    await stage.reload();
  }
});

// Scenario 36, with nothing put in place of anything.
test("a localStorage that other data has filled up is passed over, and IndexedDB does not mind", async () => {
  const kinds = await stage.run(async (alice) => {
    let size = 1_000_000;
    while (size > 0) {
      try {
        localStorage.setItem(`filler ${size} ${localStorage.length}`, "x".repeat(size));
      } catch {
        size = Math.floor(size / 4);
      }
    }
    const client = await lab.signIn(alice, { storage: "localStorage" });
    const seen = [lab.facts(client).storage];
    client.close();
    seen.push((await lab.found()).storage);
    return seen;
  }, alice);
  assert.deepEqual(kinds, ["sessionStorage", "indexedDB"]);
});

const signedIn = { value: { signInState: "signedIn" } };

/** What is seen of a client whose stores can be used. */
function state(userState, storage) {
  const isSignedIn = userState === "signedIn";
  return { userState, storage, username: isSignedIn ? alice.username : null, reason: null };
}

/** `kept` is what the next client finds, of this page as of any other. */
async function signInDespite({ kind, isAsync, fault, alice }) {
  if (kind && fault) faults.install(kind, fault);
  const storage = kind ?? faults.custom({ isAsync, fault });
  const client = await lab.open({ storage });
  const before = lab.facts(client);
  const signIn = await outcome(client.signIn(alice));
  const after = { ...lab.facts(client), reason: null };
  const tokens = await client.getTokens().then(Boolean, () => false);
  client.close();
  return { before, signIn, after, tokens, kept: await lab.found({ storage }) };
}

async function openCustom(isAsync) {
  return lab.found({ storage: faults.custom({ isAsync }) });
}

async function evictDuring({ storage, isAsync, alice }) {
  const client = await lab.signIn(alice, { storage: storage ?? faults.custom({ isAsync }) });
  await faults.evict();
  lab.lookAgain();
  const tokens = await client.getTokens().then(Boolean, () => false);
  return { during: { ...lab.facts(client), reason: null }, tokens };
}
