// User state listeners, well and badly behaved, and calls that are under way while another one runs.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  await stage.demo.open();
});

test("two listeners are both told once, in the order they were added", async () => {
  const { demo } = stage;
  await demo.press("Add a listener");
  await demo.signIn(alice);
  await demo.waitForStep("account");
  assert.deepEqual(await demo.log(), ["Listener 1 signedIn", "Listener 2 signedIn"]);
  await demo.press("Sign out");
  await demo.waitForStep("sign-in");
  assert.deepEqual(await demo.log(), [
    "Listener 1 signedIn",
    "Listener 2 signedIn",
    "Listener 1 signedOut",
    "Listener 2 signedOut",
  ]);
  await demo.screenshot("two listeners");
});

test("a removed listener is told nothing more", async () => {
  const { demo } = stage;
  await demo.press("Add a listener");
  await demo.press("Remove the last");
  await demo.signIn(alice);
  await demo.waitForStep("account");
  assert.deepEqual(await demo.log(), ["Listener 1 signedIn"]);
});

test("a listener that throws keeps neither the others from being told nor the sign-in from ending", async () => {
  const { demo, browser } = stage;
  await demo.press("Add one that throws");
  await demo.press("Add a listener");
  await demo.signIn(alice);
  await demo.waitForStep("account");
  assert.deepEqual(await demo.log(), ["Listener 1 signedIn", "Listener 2 signedIn", "Listener 3 signedIn"]);

  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  const uncaught = await browser.execute(() => probe.uncaught.splice(0));
  assert.deepEqual(
    uncaught,
    Array(2).fill("Error: This listener throws, as asked."),
    "the developer hears of each error once",
  );
});

test("a listener that signs out is obeyed, and every listener hears both changes in order", async () => {
  const { demo } = stage;
  await demo.press("Add one that signs out");
  await demo.press("Add a listener");
  await demo.signIn(alice);
  await demo.see("both changes told to all", async () => (await demo.log()).length >= 6);
  assert.deepEqual(await demo.log(), [
    "Listener 1 signedIn",
    "Listener 2 signedIn",
    "Listener 3 signedIn",
    "Listener 1 signedOut",
    "Listener 2 signedOut",
    "Listener 3 signedOut",
  ]);
  await demo.waitForState("signedOut");
  await demo.reload();
  assert.equal(await demo.userState(), "signedOut");
});

test("a sign-out while two refreshes are under way wins", async () => {
  const { demo, emulator, browser } = stage;
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await emulator.fault({ operation: "GetTokensFromRefreshToken", count: null, fault: { latencyMs: 1000 } });
  await demo.tick("Ask the service for new ones");
  await demo.press("Get tokens");
  await demo.press("Get tokens");
  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  await demo.reload();
  assert.equal(await demo.userState(), "signedOut");
  assert.deepEqual(
    await browser.execute(() => Object.keys(localStorage)),
    ["demo/first-steps"],
    "the demo's own note, and nothing of the package",
  );
});

test("no late answer brings a session back, and every call that was under way ends", async () => {
  const { emulator, browser } = stage;
  await browser.url(`${emulator.url}/bare.html`);
  await emulator.fault({ operation: "GetTokensFromRefreshToken", count: null, fault: { latencyMs: 1000 } });
  const seen = await browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    await client.signIn({ username, password });
    const refreshes = [1, 2].map(() => outcome(client.getTokens({ forceRefresh: true })));
    await client.signOut();
    const ended = await Promise.all(refreshes);
    return { ended, state: client.currentUserState, stored: localStorage.length };
  }, alice);
  assert.equal(seen.state, "signedOut");
  assert.equal(seen.stored, 0);
  for (const { failure } of seen.ended)
    assert.ok(failure?.isAuthError, "tokens of a session that was ended were handed out");
});

test("of two sign-ins at once the later one counts, and the earlier one is told so", async () => {
  const { emulator, browser } = stage;
  await browser.url(`${emulator.url}/bare.html`);
  const seen = await browser.execute(async ({ username, password }) => {
    const client = new cognito.AWSMobileClient();
    await client.initialize();
    const told = [];
    client.addUserStateListener((state) => told.push(state));
    const [first, second] = await Promise.all([1, 2].map(() => outcome(client.signIn({ username, password }))));
    return { first, second, told };
  }, alice);
  assert.equal(seen.first.failure?.code, "aborted");
  assert.deepEqual(seen.second, { value: { signInState: "signedIn" } });
  assert.deepEqual(seen.told, ["signedIn"]);
});
