// User state listeners that ask for the present state, and what an app shows of the user.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

test("an immediate listener is called once for the present state, after it can be removed, and then for each change", async () => {
  const told = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const told = { immediate: [], plain: [], event: [], removed: [] };
    let isReturned = false;
    const off = client.addUserStateListener(
      (state, info) =>
        told.immediate.push([state, info.provider !== undefined, info.token !== undefined, info.reason, isReturned]),
      { immediate: true },
    );
    isReturned = true;
    client.addUserStateListener((state) => told.plain.push(state));
    client.on("userState", ({ userState }) => told.event.push(userState), { immediate: true });
    const stop = client.addUserStateListener((state) => told.removed.push(state), { immediate: true });
    stop();
    await Promise.resolve();
    await client.getTokens({ forceRefresh: true });
    await client.signOut({ invalidateTokens: false });
    off();
    return told;
  }, alice);
  assert.deepEqual(told, {
    immediate: [
      ["signedIn", true, true, "userAction", true],
      ["signedOut", false, false, "userAction", true],
    ],
    plain: ["signedOut"],
    event: ["signedIn", "signedOut"],
    removed: [],
  });
});

test("an immediate listener that is added before initialize is called once, with the state that initialize finds", async () => {
  const told = await stage.run(async (alice) => {
    (await lab.signIn(alice)).close();
    const client = new cognito.AWSMobileClient();
    const told = [];
    client.addUserStateListener((state) => told.push(state), { immediate: true });
    await Promise.resolve();
    const before = told.length;
    const found = await client.initialize(await lab.config());
    return { before, found, told };
  }, alice);
  assert.deepEqual(told, { before: 0, found: "signedIn", told: ["signedIn"] });
});

test("an immediate listener hears nothing of a client that is closed", async () => {
  const told = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const told = [];
    client.addUserStateListener((state) => told.push(state), { immediate: true });
    client.close();
    client.addUserStateListener((state) => told.push(state), { immediate: true });
    await Promise.resolve();
    return told;
  }, alice);
  assert.deepEqual(told, []);
});

test("tokens in a text are their own text, and the snapshot has the user's email and name", async () => {
  const seen = await stage.run(async (alice) => {
    const client = await lab.signIn(alice);
    const before = client.getServerSnapshot();
    await client.updateUserAttributes({ userAttributes: { name: "Alice Example" } });
    const { idToken, accessToken } = await client.getTokens();
    const { email, name } = client.getSnapshot();
    const { claims } = idToken;
    await client.signOut({ invalidateTokens: false });
    const after = client.getSnapshot();
    return {
      texts: [`${idToken}` === idToken.tokenString, `Bearer ${accessToken}` === `Bearer ${accessToken.tokenString}`],
      isFrozen: Object.isFrozen(idToken),
      shown: { email, name },
      claims: { email: claims.email, name: claims.name },
      after: [after.email ?? null, after.name ?? null, before.userState, before === client.getServerSnapshot()],
    };
  }, alice);
  const shown = { email: "alice.b@example.com", name: "Alice Example" };
  assert.deepEqual(seen, {
    texts: [true, true],
    isFrozen: true,
    shown,
    claims: shown,
    after: [null, null, "unknown", true],
  });
});
