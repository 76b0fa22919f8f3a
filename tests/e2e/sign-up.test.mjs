// Sign-ups that a form of the demo page cannot make, from a bare page against the emulator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createPool, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const password = "Correct-horse-7";
const email = "shared@example.com";
const stage = setStage();

async function signUp(account, username, attributes = {}) {
  await account.ok("signUp", { username, password, userAttributes: { email, ...attributes } });
  return { username, confirmationCode: await stage.emulator.code(username) };
}

test("attributes of the pool's own making are those that the user has from then on", async () => {
  const Schema = [{ Name: "plan", AttributeDataType: "String", Mutable: true }];
  const account = await openAccount(stage, { userPool: await createPool(stage, { AutoVerifiedAttributes: ["email"], Schema }) });
  await account.ok("confirmSignUp", await signUp(account, "carol", { "custom:plan": "gold" }));
  await account.signIn({ username: "carol", password });
  assert.equal((await account.ok("getUserAttributes"))["custom:plan"], "gold");
  assert.equal(await account.claim("custom:plan"), "gold");
});

test("an alias that another user has is refused, unless it is to move to the new one", async () => {
  const userPool = await createPool(stage, { AutoVerifiedAttributes: ["email"], AliasAttributes: ["email"] });
  const account = await openAccount(stage, { userPool });
  await account.ok("confirmSignUp", await signUp(account, "carol"));
  const dave = await signUp(account, "dave");
  assert.equal(await account.code("confirmSignUp", dave), "aliasExists");
  await account.ok("confirmSignUp", { ...dave, forceAliasCreation: true });
  await account.signIn({ username: email, password });
  assert.equal(await account.claim("cognito:username"), "dave");
});
