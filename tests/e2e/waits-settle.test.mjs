// Every method beside everything that may never answer: the network, a store, the browser's cryptography, a lock. Each call settles within its
// deadline, told by a clock that stands still while anything else goes on.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { ENDS_SESSION, EVERY_CALL } from "./support/every-call.mjs";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
const invited = Object.freeze({ username: "invited", password: "Temporary-horse-7" });

/** In milliseconds. */
const AT_ONCE = 0;
const PROBE = 3_000;
/** The app's own store has no other to fall back on. */
const OWN_PROBE = 4_500;
const STORE = 5_000;
const REVOCATION = 5_000;
const REFRESH = 10_000;
const LOCK = 15_000;
/** A lock that is never given is given up a second later than one that another tab holds. */
const NO_LOCK = 16_000;
/** localStorage is not the same in all tabs at once, and is given this time under the lock. */
const LEVELLING = 100;
const SERVICE = 30_000;

const FAILED = ["storage", "timeout"];
/** What the service or the browser said, or that there is nothing to go on from: here it matters only that there is an end. */
const ANSWER = /^(done|invalidState|passkey\w+)$/;
/** The calls of the table that are not looked at one by one: they are made together in one page. */
const ONE_BY_ONE = [
  "signUp",
  "confirmSignUp",
  "resendSignUpCode",
  "signIn",
  "confirmSignIn",
  "getTokens",
  ...ENDS_SESSION,
];
const others = Object.entries(EVERY_CALL).filter(([path]) => !ONE_BY_ONE.includes(path));

beforeEach(async () => {
  await stage.emulator.admin("AdminCreateUser", {
    UserPoolId: DEFAULT_POOL.userPoolId,
    Username: invited.username,
    TemporaryPassword: invited.password,
    MessageAction: "SUPPRESS",
  });
});

/** Per method: within which time it settles, and with which codes it may fail; none where it has to succeed. */
const service = { within: SERVICE, codes: ["timeout"] };
const untouched = { within: AT_ONCE, codes: [] };

/** Beside a store that never answers. */
const storeHangs = (probe) => ({
  initialize: { within: probe, codes: [] },
  // What lets a sign-in go straight on is to be kept.
  signUp: { within: STORE, codes: [] },
  confirmSignUp: { within: STORE, codes: [] },
  resendSignUpCode: untouched,
  // The device is looked for first; what cannot be kept is revoked.
  signIn: { within: 2 * STORE + REVOCATION, codes: FAILED },
  confirmSignIn: { within: 2 * STORE + REVOCATION, codes: FAILED },
  getTokens: untouched,
  // Looks into the store, writes the journal, and looks again. Where neither is to be had, another tab may have used the token up.
  "getTokens by force": { within: 3 * STORE + LEVELLING, codes: FAILED },
  // It is waited for once, and for its erasing once more; what is half done and the devices are left to go on by themselves.
  signOut: { within: STORE, codes: FAILED },
  "signOut of every device": { within: STORE, codes: FAILED },
  clearStorage: { within: 2 * STORE, codes: FAILED },
  others: { within: 3 * STORE, codes: ["answered", ...FAILED] },
  deleteUser: { within: STORE, codes: FAILED },
});

const faultsAndDeadlines = {
  "a network that never answers": {
    fault: "hangNetwork",
    deadlines: {
      initialize: service,
      signUp: service,
      confirmSignUp: service,
      resendSignUpCode: service,
      signIn: service,
      confirmSignIn: service,
      getTokens: untouched,
      "getTokens by force": { within: REFRESH, codes: ["timeout"] },
      signOut: { within: REVOCATION, codes: [] },
      "signOut of every device": service,
      clearStorage: { within: SERVICE, codes: [] },
      others: { within: SERVICE, codes: ["timeout", "answered"] },
      deleteUser: service,
    },
  },
  "an IndexedDB that never opens": { fault: "hangDatabase", deadlines: storeHangs(PROBE) },
  "a SubtleCrypto that never settles": { fault: "hangCrypto", deadlines: storeHangs(PROBE) },
  "a store of the app's own that never answers": {
    fault: "hangCustom",
    storage: "custom",
    deadlines: storeHangs(OWN_PROBE),
  },
  "locks that another tab holds for ever": {
    fault: "holdLocks",
    deadlines: {
      initialize: untouched,
      signUp: untouched,
      confirmSignUp: untouched,
      resendSignUpCode: untouched,
      signIn: untouched,
      confirmSignIn: untouched,
      getTokens: untouched,
      "getTokens by force": { within: LOCK, codes: [] },
      signOut: untouched,
      "signOut of every device": untouched,
      clearStorage: untouched,
      others: { within: LOCK, codes: ["answered"] },
      deleteUser: untouched,
    },
  },
  "locks that are never given, over localStorage": {
    fault: "hangLocks",
    storage: "localStorage",
    deadlines: {
      initialize: untouched,
      signUp: { within: STORE, codes: [] },
      confirmSignUp: untouched,
      resendSignUpCode: untouched,
      signIn: { within: 2 * STORE, codes: FAILED },
      confirmSignIn: { within: 2 * STORE, codes: FAILED },
      getTokens: untouched,
      "getTokens by force": { within: NO_LOCK + LEVELLING + 2 * STORE, codes: [] },
      signOut: { within: STORE, codes: FAILED },
      "signOut of every device": { within: STORE, codes: FAILED },
      clearStorage: { within: STORE + REVOCATION, codes: FAILED },
      others: { within: NO_LOCK + LEVELLING + 2 * STORE, codes: ["answered", ...FAILED] },
      deleteUser: { within: STORE, codes: FAILED },
    },
  },
};

// Scenario 20. There is no worker and no popup to wait for.
for (const [what, { fault, storage, deadlines }] of Object.entries(faultsAndDeadlines)) {
  test(`every method settles in time beside ${what}`, async () => {
    const wrong = [];
    for (const [method, { within, codes }] of Object.entries(deadlines)) {
      await stage.reload();
      const ends = await stage.run(callBeside, { fault, storage, method, alice, invited, others });
      for (const [call, { after, failure }] of Object.entries(ends)) {
        const end = failure?.code ?? "done";
        const code = method === "others" && (failure?.serviceException || ANSWER.test(end)) ? "answered" : end;
        const isRight = after <= within && (codes.length === 0 ? code === "done" : codes.includes(code));
        if (!isRight) wrong.push({ call, within, codes, after, failure });
      }
    }
    assert.deepEqual(wrong, []);
  });
}

// Scenario 20.
test("a sign-out signs out here although nothing answers, and a closed client ends what is under way at once", async () => {
  const { state, closed } = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    clock.freeze();
    faults.hangNetwork();
    faults.hangDatabase();
    await clock.until(client.signOut());
    const state = client.currentUserState;
    const calls = [client.signIn(alice), client.getTokens(), client.signUp({ ...alice, username: "carol" })].map(
      outcome,
    );
    client.close();
    return { state, closed: await clock.until(Promise.all(calls)) };
  }, alice);
  assert.equal(state, "signedOut");
  assert.equal(closed.after, AT_ONCE);
  for (const { failure } of closed.value) assert.equal(failure?.isAuthError, true);
});

// Scenario 20.
test("initialize settles when the WebAssembly never arrives, and may be called again", async () => {
  const { came, again } = await stage.run(async () => {
    const config = await lab.config();
    const { fetch } = globalThis;
    const client = new cognito.AWSMobileClient();
    // Loads the script that loads the WebAssembly, and no WebAssembly.
    await outcome(client.initialize(config, { wasm: new URL("nothing-here.wasm", location.href) }));
    clock.freeze();
    faults.hangNetwork({ hearsAborts: true });
    const came = await clock.until(
      client.initialize(config, { wasm: new URL("cognito-wasm/cognito_wasm_bg.wasm", location.href) }),
    );
    window.fetch = fetch;
    return { came, again: came.never ? came : await outcome(client.initialize(config)) };
  });
  assert.ok(came.after <= SERVICE, JSON.stringify(came));
  assert.ok(["network", "timeout"].includes(came.failure?.code), JSON.stringify(came));
  assert.equal(again.value, "signedOut");
});

/** Makes the call's beginnings, then the fault, then the call. */
async function callBeside({ fault, storage: kind, method, alice, invited, others }) {
  await faults.evict();
  const config = await lab.config();
  const storage = kind === "custom" ? faults.custom({ isAsync: true }) : kind;
  // So that the WebAssembly is there: the clock does not see it being loaded.
  (await lab.open({ storage: "memory" })).close();
  clock.freeze();
  const client = new cognito.AWSMobileClient();
  const calls = {
    initialize: () => client.initialize(fault === "hangNetwork" ? "awsconfiguration.json" : config, { storage }),
    signUp: () =>
      client.signUp({
        username: `new-${fault}-${kind}`,
        password: alice.password,
        userAttributes: { email: "new@example.com" },
      }),
    confirmSignUp: () => client.confirmSignUp({ username: "fresh", confirmationCode: "000000" }).catch(answered),
    resendSignUpCode: () => client.resendSignUpCode({ username: "fresh" }).catch(answered),
    signIn: () => client.signIn(alice),
    confirmSignIn: () => client.confirmSignIn({ challengeResponse: alice.password }),
    getTokens: () => client.getTokens().then(() => "tokens"),
    "getTokens by force": () => client.getTokens({ forceRefresh: true }).then(() => "tokens"),
    signOut: () => client.signOut().then(() => "done"),
    "signOut of every device": () => client.signOut({ signOutGlobally: true }).then(() => "done"),
    clearStorage: () => client.clearStorage().then(() => "done"),
    deleteUser: () => client.deleteUser().then(() => "done"),
  };
  if (method !== "initialize") await client.initialize(config, { storage });
  if (method === "confirmSignIn") await client.signIn(invited);
  if (/^(getTokens|signOut|clearStorage|others|deleteUser)/.test(method)) await client.signIn(alice);
  if (fault === "holdLocks") await holdLocks();
  else faults[fault]();
  if (method !== "others") return { [method]: await clock.until(calls[method]()) };
  const began = Date.now();
  const ends = others.map(async ([path, options]) => {
    const { failure } = await outcome(invoke(client, path, options));
    return [path, { failure, after: Date.now() - began }];
  });
  const { never, value } = await clock.until(Promise.all(ends));
  return never ? { others: { failure: { code: "never" } } } : Object.fromEntries(value);

  /** What the service answers is not the matter here; that it does, is. */
  function answered(error) {
    if (error.serviceException === undefined) throw error;
  }

  async function holdLocks() {
    const { CognitoUserPool } = config;
    const { PoolId, AppClientId, Endpoint } = CognitoUserPool.Default;
    const key = `cognito-wasm/${PoolId}@${Endpoint}/${AppClientId}/-`;
    for (const name of [`${key}/refresh`, `${key}/store`]) {
      await new Promise((held) => {
        void navigator.locks.request(name, () => {
          held();
          return new Promise(() => {});
        });
      });
    }
  }
}
