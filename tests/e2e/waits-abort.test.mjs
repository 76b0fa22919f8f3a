// AbortSignals at every point of a call: it ends with `aborted`, what it was to change is as before, nothing is left locked,
// and the next call works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { EVERY_CALL } from "./support/every-call.mjs";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

/** Calls about the account, by the operation that each waits for. The others are held at moments of their own below. */
const HELD = {
  forgotPassword: "ForgotPassword",
  confirmForgotPassword: "ConfirmForgotPassword",
  changePassword: "ChangePassword",
  getUserAttributes: "GetUser",
  updateUserAttributes: "UpdateUserAttributes",
  deleteUserAttributes: "DeleteUserAttributes",
  verifyUserAttribute: "GetUserAttributeVerificationCode",
  confirmVerifyUserAttribute: "VerifyUserAttribute",
  setUpTOTP: "AssociateSoftwareToken",
  verifyTOTPSetup: "VerifySoftwareToken",
  updateMFAPreference: "SetUserMFAPreference",
  getMFAPreference: "GetUser",
  getUserAuthFactors: "GetUserAuthFactors",
  listUserSessions: "ListUserSessions",
  revokeUserSession: "RevokeUserSession",
  "deviceOperations.list": "ListDevices",
  "deviceOperations.get": "GetDevice",
  "deviceOperations.updateStatus": "UpdateDeviceStatus",
  "deviceOperations.forget": "ForgetDevice",
  "passkeyOperations.register": "StartWebAuthnRegistration",
  "passkeyOperations.list": "ListWebAuthnCredentials",
  "passkeyOperations.delete": "DeleteWebAuthnCredential",
  deleteUser: "DeleteUser",
};

// Scenario 26.
test("a signal that has aborted before a call, whichever, ends it with its reason, and nothing is sent", async () => {
  await prepare("signedIn");
  await stage.emulator.clearRequests();
  for (const [name, options] of Object.entries(EVERY_CALL)) {
    const ended = await stage
      .run(callWithSignal, { name, options, reason: "too late" })
      .then(() => stage.run(async () => ended));
    assert.deepEqual(ended, ["aborted", "too late"], name);
  }
  assert.equal((await stage.run(async () => lab.facts(client))).userState, "signedIn");
  assert.deepEqual(await stage.emulator.requests(), []);
});

// Scenario 26.
test("a signal that aborts while the service has a request about the account ends its call, whichever, and the session goes on", async () => {
  await stage.emulator.setPool({ deviceTracking: "always" });
  await prepare("signedIn");
  const hasPasskeys = await stage.run(async () => "PublicKeyCredential" in window);
  const before = await stage.run(async () => lab.facts(client));
  for (const [name, operation] of Object.entries(HELD)) {
    if (name === "passkeyOperations.register" && !hasPasskeys) continue;
    await stage.emulator.clearRequests();
    await stage.emulator.hold(operation);
    await stage.run(callWithSignal, { name, options: EVERY_CALL[name] });
    await stage.emulator.heldRequests(operation);
    const ended = await stage.run(async () => {
      controller.abort("enough");
      return window.ended;
    });
    assert.deepEqual(ended, ["aborted", "enough"], name);
  }
  await noLockIsHeld();
  const after = await stage.run(async () => ({
    facts: lab.facts(client),
    works: await outcome(client.getTokens({ forceRefresh: true }).then(() => "done")),
  }));
  assert.deepEqual(after, { facts: before, works: { value: "done" } });
});

// Scenario 26.
test("a signal ends an initialize whose configuration does not come, and the next one does its work", async () => {
  await prepare("signedIn");
  const result = await stage.run(async () => {
    const { fetch } = window;
    window.fetch = () => new Promise(() => undefined);
    const another = new client.constructor();
    const controller = new AbortController();
    const ended = another
      .initialize("./awsconfiguration.json", { signal: controller.signal })
      .catch(({ code, cause }) => [code, cause]);
    controller.abort("enough");
    const before = await another.initialize(undefined, { signal: controller.signal }).catch(({ code }) => code);
    window.fetch = fetch;
    const userState = await another.initialize(await lab.config());
    return { ended: await ended, before, userState };
  });
  assert.deepEqual(result, { ended: ["aborted", "enough"], before: "aborted", userState: "signedIn" });
});

/** Calls by which operation of theirs is held, and when; `begin` makes the page they start from. */
const calls = [
  { method: "signUp", operation: "SignUp", begin: "signedOut", options: EVERY_CALL.signUp },
  {
    method: "confirmSignUp",
    operation: "ConfirmSignUp",
    begin: "signedOut",
    options: { username: "carol", confirmationCode: "123456" },
  },
  {
    method: "resendSignUpCode",
    operation: "ResendConfirmationCode",
    begin: "signedOut",
    options: { username: "carol" },
  },
  { method: "signIn", operation: "InitiateAuth", begin: "signedOut", options: { ...alice } },
  { method: "signIn", operation: "RespondToAuthChallenge", begin: "signedOut", options: { ...alice } },
  {
    method: "confirmSignIn",
    operation: "RespondToAuthChallenge",
    begin: "asked",
    options: { challengeResponse: "Correct-horse-9" },
  },
  { method: "autoSignIn", operation: "InitiateAuth", begin: "confirmed", options: {} },
  { method: "getTokens", operation: "GetTokensFromRefreshToken", begin: "signedIn", options: { forceRefresh: true } },
  { method: "signOut", operation: "GlobalSignOut", begin: "signedIn", options: { signOutGlobally: true } },
];

for (const { method, operation, begin, options } of calls) {
  for (const when of ["before", "after"]) {
    // Scenario 26.
    test(`${method} that is aborted ${when} the service has carried out ${operation} leaves the state as it was and no lock held`, async () => {
      await prepare(begin);
      await stage.emulator.hold(operation, { when });
      const before = await stage.run(async () => lab.facts(client));
      await stage.run(callWithSignal, { name: method, options });
      await stage.emulator.heldRequests(operation);
      const { ended, after } = await stage.run(async () => {
        controller.abort("enough");
        return { ended: await window.ended, after: lab.facts(client) };
      });
      assert.deepEqual(ended, ["aborted", "enough"]);
      assert.deepEqual(after, before);
      await stage.emulator.release();
      await noLockIsHeld();

      const { state, stored, works } = await stage.run(workAgain, { alice, method });
      assert.deepEqual([state, stored], [before.userState, before.userState], "once the answer has come");
      assert.deepEqual(works, { value: "done" });
    });
  }
}

// Scenario 26.
test("of two callers of one refresh the one that aborts ends, and the other gets the tokens", async () => {
  await prepare("signedIn");
  await stage.emulator.hold("GetTokensFromRefreshToken");
  await stage.run(async () => {
    window.controller = new AbortController();
    window.both = [controller.signal, undefined].map((signal) =>
      outcome(client.getTokens({ forceRefresh: true, signal }).then(() => "tokens")),
    );
  });
  await stage.emulator.heldRequests("GetTokensFromRefreshToken");
  const first = await stage.run(async () => {
    window.controller.abort();
    return window.both[0];
  });
  assert.equal(first.failure?.code, "aborted");
  await stage.emulator.release();
  assert.deepEqual(await stage.run(async () => window.both[1]), { value: "tokens" });
  assert.equal((await stage.emulator.refreshes()).length, 1);
});

// Scenario 26: also where nothing can be held.
test("a sign-in that is aborted at any moment is either aborted or done, and what is stored agrees", async () => {
  const seen = await stage.run(async (alice) => {
    const client = await lab.open();
    const began = performance.now();
    await client.signIn(alice);
    const whole = performance.now() - began;
    await client.signOut({ invalidateTokens: false });
    const seen = [];
    for (let step = 0; step <= 30; step++) {
      const controller = new AbortController();
      // A little past the end as well.
      setTimeout(() => controller.abort(), (step / 25) * whole);
      const ended = await outcome(client.signIn({ ...alice, signal: controller.signal }));
      const facts = lab.facts(client);
      // What was being written as the abort came is taken back a moment later.
      const agrees = async () => (await lab.found()).userState === facts.userState;
      seen.push([
        ended.failure?.code ?? ended.value.signInState,
        facts.userState,
        client.currentUserState,
        await lab.eventually(agrees),
      ]);
      await client.signOut({ invalidateTokens: false });
    }
    return seen;
  }, alice);
  for (const [ended, ...facts] of seen) {
    const state = ended === "aborted" ? "signedOut" : "signedIn";
    assert.deepEqual(facts, [state, state, true], `after "${ended}"`);
  }
  const ends = new Set(seen.map(([ended]) => ended));
  assert.ok(ends.has("aborted"), "none was aborted");
  for (const end of ends) assert.ok(["aborted", "signedIn"].includes(end), end);
});

// Scenario 26.
test("a sign-in that a listener aborts as it is told signedIn is done: the abort came too late", async () => {
  const { ended, state } = await stage.run(async (alice) => {
    const client = await lab.open();
    const controller = new AbortController();
    client.addUserStateListener(() => controller.abort());
    const ended = await outcome(client.signIn({ ...alice, signal: controller.signal }));
    return { ended, state: client.currentUserState };
  }, alice);
  assert.deepEqual(ended, { value: { signInState: "signedIn" } });
  assert.equal(state, "signedIn");
});

// Scenario 26.
test("a refresh that is aborted at any moment ends no session, with rotation too", async () => {
  await stage.emulator.setRotation({ graceSeconds: 0 });
  const seen = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const began = performance.now();
    await client.getTokens({ forceRefresh: true });
    const whole = performance.now() - began;
    const ends = [];
    for (let step = 0; step <= 20; step++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), (step / 15) * whole);
      const ended = await outcome(
        client.getTokens({ forceRefresh: true, signal: controller.signal }).then(() => "tokens"),
      );
      ends.push(ended.failure?.code ?? ended.value);
    }
    const last = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
    return { ends, last, facts: lab.facts(client) };
  }, alice);
  assert.deepEqual(seen.last, { value: "tokens" });
  assert.equal(seen.facts.userState, "signedIn");
  for (const end of seen.ends) assert.ok(["aborted", "tokens"].includes(end), end);
  assert.ok(seen.ends.includes("aborted"), "none was aborted");
  assert.deepEqual(
    (await stage.emulator.refreshes()).filter(({ refresh }) => refresh.reuse),
    [],
  );
});

/** In the page: begins a call with a signal, which aborts with the reason, or has, where there is one. */
async function callWithSignal({ name, options, reason }) {
  window.controller = new AbortController();
  if (reason) controller.abort(reason);
  const names = name.split(".");
  const method = names.pop();
  const owner = names.reduce((object, name) => object[name], client);
  const call = owner[method]({ ...options, signal: controller.signal });
  window.ended = call.then(
    () => "settled",
    ({ code, cause }) => [code, cause],
  );
}

/** A page whose client is signed in or out, asked for a new password, or has just confirmed a sign-up. */
async function prepare(begin) {
  const user = { username: "invited", password: "Temporary-horse-7" };
  if (begin === "asked") {
    const invitation = { Username: user.username, TemporaryPassword: user.password, MessageAction: "SUPPRESS" };
    await stage.emulator.admin("AdminCreateUser", { UserPoolId: DEFAULT_POOL.userPoolId, ...invitation });
  }
  await stage.run(
    async ({ begin, alice, user }) => {
      window.client = await lab.open();
      if (begin === "signedIn") await window.client.signIn(alice);
      if (begin === "asked") await window.client.signIn(user);
    },
    { begin, alice, user },
  );
  if (begin === "confirmed") {
    await stage.run((options) => client.signUp(options), EVERY_CALL.signUp);
    const confirmationCode = await stage.emulator.code("carol");
    await stage.run((options) => client.confirmSignUp(options), { username: "carol", confirmationCode });
  }
}

/** What has become of the session, also in the store, and whether the client can do its work. */
async function workAgain({ alice, method }) {
  const state = client.currentUserState;
  const { userState } = await lab.found();
  const calls = {
    getTokens: () => client.getTokens({ forceRefresh: true }),
    // The service has been asked to end every session, and may have done it.
    signOut: () => client.signOut(),
  };
  const call = calls[method] ?? (() => client.signIn(alice));
  return { state, stored: userState, works: await outcome(call().then(() => "done")) };
}

function noLockIsHeld() {
  return eventually("the end of every lock", () =>
    stage.run(async () => {
      const { held, pending } = await navigator.locks.query();
      return held.length + pending.length === 0;
    }),
  );
}
