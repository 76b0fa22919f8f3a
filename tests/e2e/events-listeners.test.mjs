// Listeners that do whatever an app may do in them, and when they are told what.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { ENDS_SESSION, EVERY_CALL } from "./support/every-call.mjs";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();
const signedIn = { value: { signInState: "signedIn" } };

/** Calls of the table that are made as they stand there; those that are told apart are in `callAll`. */
const callsAsTheyAre = Object.fromEntries(Object.entries(EVERY_CALL).filter(([path]) => !ENDS_SESSION.includes(path)));

/** What each call comes to that a listener makes as it is told signedIn. */
const WHILE_SIGNED_IN = {
  initialize: "signedIn",
  signUp: "unconfirmed",
  confirmSignUp: "codeMismatch",
  resendSignUpCode: "unconfirmed",
  signIn: "invalidState",
  confirmSignIn: "invalidState",
  getTokens: "tokens",
  "getTokens by force": "new tokens",
  currentTokens: "tokens",
  releaseSignInWait: "done",
  getSnapshot: "signedIn",
  "on and off": "done",
  autoSignIn: "invalidState",
  resumeSignIn: "done",
  forgotPassword: "done",
  confirmForgotPassword: "codeMismatch",
  changePassword: "notAuthorized",
  getUserAttributes: "done",
  updateUserAttributes: "done",
  deleteUserAttributes: "done",
  verifyUserAttribute: "done",
  // Until the code was sent that this one is not.
  confirmVerifyUserAttribute: ["expiredCode", "codeMismatch"],
  setUpTOTP: "softwareTokenMFANotFound",
  verifyTOTPSetup: "invalidParameter",
  updateMFAPreference: "done",
  getMFAPreference: "done",
  getUserAuthFactors: "done",
  listUserSessions: "done",
  revokeUserSession: "invalidParameter",
  "deviceOperations.list": "done",
  "deviceOperations.get": "resourceNotFound",
  "deviceOperations.updateStatus": "resourceNotFound",
  "deviceOperations.forget": "resourceNotFound",
  // The page's address is none that could have passkeys, or the browser has none.
  "passkeyOperations.register": ["passkeyRelyingPartyMismatch", "passkeyNotSupported"],
  "passkeyOperations.list": "done",
  "passkeyOperations.delete": "resourceNotFound",
};

/** The calls whose end is not what it should be. */
function wrongEnds(came) {
  assert.deepEqual(Object.keys(came).sort(), Object.keys(WHILE_SIGNED_IN).sort());
  return Object.entries(came).filter(([call, end]) => ![WHILE_SIGNED_IN[call]].flat().includes(end));
}

beforeEach(() =>
  stage.run(
    async (alice, callsAsTheyAre) => {
      /** Every method but those that end the session. `token` is the ID token that was there before. */
      window.callAll = (client, config, token) => {
        const user = {
          username: `carol${Math.random()}`,
          password: alice.password,
          userAttributes: { email: "c@example.com" },
        };
        const came = (call) => call.catch(({ code }) => code);
        const which = ({ idToken }) => (idToken.tokenString === token ? "tokens" : "new tokens");
        const confirmation = ({ signUpConfirmationState }) => signUpConfirmationState;
        let signedUp;
        const signUp = () => (signedUp ??= client.signUp(user));
        const special = {
          initialize: () => came(client.initialize(config)),
          signUp: () => came(signUp().then(confirmation)),
          confirmSignUp: () =>
            came(signUp().then(() => client.confirmSignUp({ username: user.username, confirmationCode: "000000" }))),
          resendSignUpCode: () =>
            came(
              signUp()
                .then(() => client.resendSignUpCode({ username: user.username }))
                .then(confirmation),
            ),
          signIn: () => came(client.signIn(alice)),
          confirmSignIn: () => came(client.confirmSignIn({ challengeResponse: alice.password })),
          getTokens: () => came(client.getTokens().then(which)),
          currentTokens: async () => which(client.currentTokens),
          releaseSignInWait: async () => client.releaseSignInWait() ?? "done",
          getSnapshot: async () => client.getSnapshot().userState,
          "on and off": async () => {
            const listener = () => {};
            client.addUserStateListener(listener);
            client.removeUserStateListener(listener);
            client.on("tokensRefreshed", listener)();
            client.subscribe(listener)();
            return "done";
          },
          "getTokens by force": () => came(client.getTokens({ forceRefresh: true }).then(which)),
        };
        const others = Object.entries(callsAsTheyAre).filter(([path]) => !(path in special));
        return {
          ...special,
          ...Object.fromEntries(
            others.map(([path, options]) => [path, () => came(invoke(client, path, options).then(() => "done"))]),
          ),
        };
      };
    },
    alice,
    callsAsTheyAre,
  ),
);

// Scenario 22.
test("a listener that calls every method at once is answered by all of them, and so is the sign-in that told it", async () => {
  const { signIn, came } = await stage.run(async (alice) => {
    const config = await lab.config();
    const client = await lab.open();
    let calls;
    client.addUserStateListener((_, { token }) => {
      calls ??= Object.entries(callAll(client, config, token)).map(async ([method, call]) => [method, await call()]);
    });
    const signIn = await outcome(client.signIn(alice));
    return { signIn, came: Object.fromEntries(await Promise.all(calls)) };
  }, alice);
  assert.deepEqual(signIn, signedIn);
  assert.deepEqual(wrongEnds(came), []);
});

// Scenario 22.
test("an async listener that calls one method after the other, signOut and clearStorage last, gets through, and the sign-in does not wait for it", async () => {
  const { signIn, came, told } = await stage.run(async (alice) => {
    const config = await lab.config();
    const client = await lab.open();
    const told = [];
    const came = {};
    let finished;
    client.addUserStateListener(async (state, { token }) => {
      told.push(state);
      if (state !== "signedIn") return;
      finished = (async () => {
        for (const [method, call] of Object.entries(callAll(client, config, token))) came[method] = await call();
        await client.signOut();
        await client.clearStorage();
      })();
      await finished;
    });
    const signIn = await outcome(client.signIn(alice));
    await finished;
    return { signIn, came, told };
  }, alice);
  assert.deepEqual(signIn, signedIn);
  assert.deepEqual(wrongEnds(came), []);
  assert.deepEqual(told, ["signedIn", "signedOut", "signedOut"]);
});

// Scenario 22.
test("a sign-in that a listener makes as it is told signedOut ends signed in, also where the store is cleared", async () => {
  const { ends, told, found } = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const told = [];
    const ends = [];
    client.addUserStateListener((state) => {
      told.push(state);
      if (state === "signedOut") ends.push(outcome(client.signIn(alice)));
    });
    await client.signOut();
    await ends[0];
    await client.clearStorage();
    return { ends: await Promise.all(ends), told, found: await lab.found() };
  }, alice);
  assert.deepEqual(ends, [signedIn, signedIn]);
  assert.deepEqual(told, ["signedOut", "signedIn", "signedOut", "signedIn"]);
  assert.deepEqual([found.userState, found.username], ["signedIn", alice.username]);
});

test("a listener of any event ends with its signal, and one whose signal had aborted hears nothing", async () => {
  const told = await stage.run(async (alice) => {
    const client = await lab.open();
    const controller = new AbortController();
    const told = [];
    for (const event of ["userState", "tokensRefreshed", "offline", "online"]) {
      client.on(event, () => told.push(`${event}, without`));
      client.on(event, () => told.push(event), { signal: controller.signal });
      client.on(event, () => told.push(`${event}, too late`), { signal: AbortSignal.abort() });
    }
    const round = async () => {
      await client.signIn(alice);
      await client.getTokens({ forceRefresh: true });
      for (const news of ["offline", "online"]) dispatchEvent(new Event(news));
      await client.signOut({ invalidateTokens: false });
      return told.splice(0);
    };
    const before = await round();
    controller.abort();
    return [before, await round()];
  }, alice);
  const events = ["userState", "tokensRefreshed", "offline", "online", "userState"];
  assert.deepEqual(told, [
    events.flatMap((event) => [`${event}, without`, event]),
    events.map((event) => `${event}, without`),
  ]);
});

// Scenario 22.
test("listeners of every other event, and subscribers, may call what renews tokens and what ends the session", async () => {
  const seen = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const seen = {};
    const once = (name, act) => {
      let promise;
      const stop = name === "subscribe" ? client.subscribe(hear) : client.on(name, hear);
      function hear() {
        stop();
        promise = act();
      }
      return async () => (seen[name] = await (await lab.eventually(() => promise && { promise })).promise);
    };
    const renew = () => outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
    const waits = [
      once("subscribe", renew),
      once("tokensRefreshed", renew),
      once("offline", renew),
      once("online", renew),
    ];
    dispatchEvent(new Event("offline"));
    dispatchEvent(new Event("online"));
    await client.getTokens({ forceRefresh: true });
    for (const wait of waits) await wait();
    const { fetch } = window;
    const failed = once("tokenRefreshFailed", () => {
      window.fetch = fetch;
      return outcome(client.signOut().then(() => client.currentUserState));
    });
    window.fetch = () => Promise.reject(new TypeError("no connection"));
    seen.refresh = await outcome(client.getTokens({ forceRefresh: true }));
    await failed();
    return seen;
  }, alice);
  const tokens = { value: "tokens" };
  assert.deepEqual(seen.refresh.failure?.code, "network");
  assert.deepEqual(
    { ...seen, refresh: null },
    {
      subscribe: tokens,
      tokensRefreshed: tokens,
      offline: tokens,
      online: tokens,
      tokenRefreshFailed: { value: "signedOut" },
      refresh: null,
    },
  );
});

// Scenario 22.
test("a listener that is added during a notification waits for the next, and one that is removed is not told any more", async () => {
  const told = await stage.run(async (alice) => {
    const client = await lab.open();
    const told = [];
    const late = (state) => told.push(`late ${state}`);
    const removed = (state) => told.push(`removed ${state}`);
    const aborted = new AbortController();
    client.addUserStateListener((state) => {
      told.push(`first ${state}`);
      client.removeUserStateListener(removed);
      aborted.abort();
      if (state === "signedIn") client.addUserStateListener(late);
    });
    client.addUserStateListener(removed);
    client.addUserStateListener((state) => told.push(`aborted ${state}`), { signal: aborted.signal });
    await client.signIn(alice);
    await client.signOut();
    return told;
  }, alice);
  assert.deepEqual(told, ["first signedIn", "first signedOut", "late signedOut"]);
});

// Scenario 22.
test("a listener that closes the client ends everything, and the session is there for the next one", async () => {
  const { told, signIn, state, later, found } = await stage.run(async (alice) => {
    const client = await lab.open();
    const told = [];
    client.addUserStateListener((state) => {
      told.push(state);
      client.close();
    });
    client.addUserStateListener(() => told.push("after the end"));
    const signIn = await outcome(client.signIn(alice));
    return {
      told,
      signIn,
      state: client.currentUserState,
      later: await outcome(client.getTokens()),
      found: await lab.found(),
    };
  }, alice);
  assert.deepEqual(told, ["signedIn"]);
  assert.equal(signIn.failure?.code, "aborted");
  assert.equal(state, "unknown");
  assert.equal(later.failure?.code, "invalidState");
  assert.deepEqual([found.userState, found.username], ["signedIn", alice.username]);
});

// Scenario 23.
test("listeners that throw or reject are each reported once, the others are told, and the calls succeed", async () => {
  const { told, signIn, signOut, asked, uncaught } = await stage.run(async (alice) => {
    const client = await lab.open();
    const told = [];
    const asked = [];
    const adds = {
      subscribe: (fn) => client.subscribe(fn),
      userState: (fn) => client.addUserStateListener(fn),
      tokensRefreshed: (fn) => client.on("tokensRefreshed", fn),
    };
    for (const [name, add] of Object.entries(adds)) {
      for (const [words, fn] of Object.entries(lab.failing(name))) {
        asked.push(words);
        const stop = add(() => {
          stop();
          return fn();
        });
      }
      add(() => told.push(name));
    }
    const signIn = await outcome(client.signIn(alice));
    await client.getTokens({ forceRefresh: true });
    const signOut = await outcome(client.signOut().then(() => "done"));
    await lab.eventually(() => probe.uncaught.length >= asked.length);
    return { told: [...new Set(told)], signIn, signOut, asked, uncaught: probe.uncaught.splice(0) };
  }, alice);
  assert.deepEqual(signIn, signedIn);
  assert.deepEqual(signOut, { value: "done" });
  assert.deepEqual(told.sort(), ["subscribe", "tokensRefreshed", "userState"]);
  assert.deepEqual(uncaught.sort(), asked.sort());
});

// Scenario 24. An app that needs the present state has it from initialize and from the snapshot.
for (const beginning of ["signedOut", "signedIn"]) {
  test(`listeners added before, during and after initialize hear every change in order, and not of a start as ${beginning}`, async () => {
    if (beginning === "signedIn") await stage.run(async (alice) => (await lab.signIn(alice)).close(), alice);
    const { atStart, subscribed, told } = await stage.run(async (alice) => {
      const config = await lab.config();
      const client = new cognito.AWSMobileClient();
      const told = { before: [], during: [], after: [] };
      const hear = (when) => client.addUserStateListener((state) => told[when].push(state));
      const subscribed = [];
      client.subscribe(() => subscribed.push(client.getSnapshot().userState));
      hear("before");
      const initialized = client.initialize(config);
      hear("during");
      const state = await initialized;
      hear("after");
      const atStart = { state, current: client.currentUserState, told: structuredClone(told) };
      if (state === "signedOut") await client.signIn(alice);
      await client.signOut();
      await client.signIn(alice);
      await client.getTokens({ forceRefresh: true });
      await client.signOut();
      return { atStart, subscribed: subscribed.filter((state, index) => state !== subscribed[index - 1]), told };
    }, alice);
    const changes = ["signedOut", "signedIn", "signedOut"];
    if (beginning === "signedOut") changes.unshift("signedIn");
    assert.deepEqual(atStart, { state: beginning, current: beginning, told: { before: [], during: [], after: [] } });
    assert.deepEqual(told, { before: changes, during: changes, after: changes });
    assert.deepEqual(subscribed, [beginning, ...changes], "who subscribes hears of the start, once");
  });
}

// Scenario 24: what went lost is a change, of which initialize tells.
test("a session that was lost is told once to listeners added before initialize, and found in the snapshot by later ones", async () => {
  await stage.run(async (alice) => (await lab.signIn(alice, { storage: "localStorage" })).close(), alice);
  const { told, facts } = await stage.run(async () => {
    const config = await lab.config();
    const record = Object.keys(localStorage).find((key) => key.endsWith("/-"));
    localStorage[record] = localStorage[record].slice(0, 60);
    const client = new cognito.AWSMobileClient();
    const told = { before: [], after: [] };
    client.addUserStateListener((state, { reason }) => told.before.push([state, reason]));
    await client.initialize(config, { storage: "localStorage" });
    client.addUserStateListener((state) => told.after.push(state));
    return { told, facts: lab.facts(client) };
  });
  assert.deepEqual(told, { before: [["signedOut", "storageLost"]], after: [] });
  assert.deepEqual([facts.userState, facts.reason], ["signedOut", "storageLost"]);
});
