// AbortSignals at every point of a call: it ends with `aborted`, what it was to change is as before, nothing is left locked,
// and the next call works.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

// Scenario 26.
test("a signal that has aborted before a call, whichever, ends it with its reason, and nothing is sent", async () => {
  await prepare("signedIn");
  await stage.emulator.clearRequests();
  const ended = await stage.run(async (alice) => {
    const signal = AbortSignal.abort("too late");
    const calls = {
      signUp: client.signUp({ ...alice, signal }),
      confirmSignUp: client.confirmSignUp({ username: "carol", confirmationCode: "123456", signal }),
      resendSignUpCode: client.resendSignUpCode({ username: "carol", signal }),
      signIn: client.signIn({ ...alice, signal }),
      confirmSignIn: client.confirmSignIn({ challengeResponse: alice.password, signal }),
      resumeSignIn: client.resumeSignIn({ signal }),
      autoSignIn: client.autoSignIn({ signal }),
      getTokens: client.getTokens({ signal }),
      signOut: client.signOut({ signal }),
      forgotPassword: client.forgotPassword({ username: "carol", signal }),
      confirmForgotPassword: client.confirmForgotPassword({ username: "carol", newPassword: "x", confirmationCode: "1", signal }),
      changePassword: client.changePassword({ proposedPassword: "x", signal }),
      getUserAttributes: client.getUserAttributes({ signal }),
      updateUserAttributes: client.updateUserAttributes({ userAttributes: {}, signal }),
      deleteUserAttributes: client.deleteUserAttributes({ userAttributeNames: [], signal }),
      verifyUserAttribute: client.verifyUserAttribute({ attributeName: "email", signal }),
      confirmVerifyUserAttribute: client.confirmVerifyUserAttribute({ attributeName: "email", confirmationCode: "1", signal }),
      setUpTOTP: client.setUpTOTP({ signal }),
      verifyTOTPSetup: client.verifyTOTPSetup({ code: "1", signal }),
      updateMFAPreference: client.updateMFAPreference({ signal }),
      getMFAPreference: client.getMFAPreference({ signal }),
      getUserAuthFactors: client.getUserAuthFactors({ signal }),
      listUserSessions: client.listUserSessions({ signal }),
      revokeUserSession: client.revokeUserSession({ sessionId: "x", signal }),
      deleteUser: client.deleteUser({ signal }),
      listDevices: client.deviceOperations.list({ signal }),
      getDevice: client.deviceOperations.get({ signal }),
      updateDeviceStatus: client.deviceOperations.updateStatus({ remembered: true, signal }),
      forgetDevice: client.deviceOperations.forget({ signal }),
      registerPasskey: client.passkeyOperations.register({ signal }),
      listPasskeys: client.passkeyOperations.list({ signal }),
      deletePasskey: client.passkeyOperations.delete({ credentialId: "x", signal }),
    };
    const ended = {};
    for (const [method, call] of Object.entries(calls)) {
      ended[method] = await call.then(() => "settled", ({ code, cause }) => [code, cause]);
    }
    return { ended, state: client.currentUserState };
  }, alice);
  for (const [method, end] of Object.entries(ended.ended)) assert.deepEqual(end, ["aborted", "too late"], method);
  assert.equal(ended.state, "signedIn");
  assert.deepEqual(await stage.emulator.requests(), []);
});

/** Calls by which operation of theirs is held, and when; `begin` makes the page they start from. */
const calls = [
  { method: "signUp", operation: "SignUp", begin: "signedOut", options: { username: "carol", password: alice.password, userAttributes: { email: "c@example.com" } } },
  { method: "confirmSignUp", operation: "ConfirmSignUp", begin: "signedOut", options: { username: "carol", confirmationCode: "123456" } },
  { method: "resendSignUpCode", operation: "ResendConfirmationCode", begin: "signedOut", options: { username: "carol" } },
  { method: "signIn", operation: "InitiateAuth", begin: "signedOut", options: { ...alice } },
  { method: "signIn", operation: "RespondToAuthChallenge", begin: "signedOut", options: { ...alice } },
  { method: "confirmSignIn", operation: "RespondToAuthChallenge", begin: "asked", options: { challengeResponse: "Correct-horse-9" } },
  { method: "getTokens", operation: "GetTokensFromRefreshToken", begin: "signedIn", options: { forceRefresh: true } },
  { method: "signOut", operation: "GlobalSignOut", begin: "signedIn", options: { signOutGlobally: true } },
];

for (const { method, operation, begin, options } of calls) {
  for (const when of ["before", "after"]) {
    // Scenario 26.
    test(`${method} that is aborted ${when} the service has carried out ${operation} leaves the state as it was and no lock held`, async () => {
      await prepare(begin);
      await stage.emulator.hold(operation, { when });
      await stage.run(
        async ({ method, options }) => {
          window.controller = new AbortController();
          window.before = lab.facts(client);
          window.ended = client[method]({ ...options, signal: controller.signal }).then(
            () => "settled",
            ({ code, cause }) => [code, cause],
          );
        },
        { method, options },
      );
      await stage.emulator.heldRequests(operation);
      const { ended, before, after } = await stage.run(async () => {
        window.controller.abort("enough");
        return { ended: await window.ended, before: window.before, after: lab.facts(client) };
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
    window.both = [controller.signal, undefined].map((signal) => outcome(client.getTokens({ forceRefresh: true, signal }).then(() => "tokens")));
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
      seen.push([ended.failure?.code ?? ended.value.signInState, facts.userState, client.currentUserState, await lab.eventually(agrees)]);
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
test("a refresh that is aborted at any moment costs nobody the session, with rotation too", async () => {
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
      const ended = await outcome(client.getTokens({ forceRefresh: true, signal: controller.signal }).then(() => "tokens"));
      ends.push(ended.failure?.code ?? ended.value);
    }
    const last = await outcome(client.getTokens({ forceRefresh: true }).then(() => "tokens"));
    return { ends, last, facts: lab.facts(client) };
  }, alice);
  assert.deepEqual(seen.last, { value: "tokens" });
  assert.equal(seen.facts.userState, "signedIn");
  for (const end of seen.ends) assert.ok(["aborted", "tokens"].includes(end), end);
  assert.ok(seen.ends.includes("aborted"), "none was aborted");
  assert.deepEqual((await stage.emulator.refreshes()).filter(({ refresh }) => refresh.reuse), []);
});

/** A page whose client is signed in or out, or asked for a new password. */
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
