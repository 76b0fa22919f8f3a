// A service, or something in front of it, that asks for more than the sign-in gives.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

for (const [how, more] of [
  ["by default", {}],
  ["by PASSWORD_SRP", { preferredChallenge: "PASSWORD_SRP" }],
  ["by CUSTOM_AUTH", { authFlow: "CUSTOM_AUTH" }],
]) {
  test(`a sign-in ${how} stops when the password is asked for in plain text, and does not send it`, async () => {
    const body = { ChallengeName: "PASSWORD", Session: "s", ChallengeParameters: {} };
    await stage.emulator.fault({ operation: "InitiateAuth", fault: { status: 200, body } });
    const sent = await account.listen();
    const { failure } = await account.call("signIn", { username, password, ...more });
    assert.equal(failure.code, "unexpectedChallenge");
    const requests = await sent();
    assert.deepEqual(
      requests.map(({ operation }) => operation),
      ["InitiateAuth"],
    );
    assert.ok(!JSON.stringify(requests).includes(password));
    assert.equal(await account.code("confirmSignIn", { challengeResponse: password }), "invalidState");
    await account.signIn(alice);
  });
}
