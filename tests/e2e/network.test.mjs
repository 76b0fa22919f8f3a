// A network that fails: an error that says so, and never the end of a session.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { cutNetwork } from "./support/network.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

test("signing in without a network says so, and works once it is back", async () => {
  const { demo, emulator } = stage;
  await createUser(emulator, alice);
  await demo.open();
  const mend = await cutNetwork(stage);
  try {
    await demo.signIn(alice);
    const error = await demo.waitForError();
    assert.equal(error.code, "network");
    assert.equal(error.serviceException, null);
    assert.equal(error.retryable, true);
    assert.equal(await demo.userState(), "signedOut");
    await demo.screenshot("offline");
  } finally {
    await mend();
  }
  await demo.signIn(alice);
  await demo.waitForState("signedIn");
});

test("a refresh without a network fails, the session stays, and cached tokens are still handed out", async () => {
  const { demo, emulator } = stage;
  await signedIn();
  const mend = await cutNetwork(stage);
  try {
    await demo.tick("Ask the service for new ones");
    await demo.press("Get tokens");
    const error = await demo.waitForError();
    assert.equal(error.code, "network");
    assert.equal(await demo.userState(), "signedIn");

    await demo.tick("Ask the service for new ones");
    await demo.press("Get tokens");
    await demo.waitForClaims();
  } finally {
    await mend();
  }
  await demo.reload();
  assert.equal(await demo.userState(), "signedIn");
  await emulator.clearRequests();
  await demo.tick("Ask the service for new ones");
  await demo.press("Get tokens");
  await demo.waitForClaims();
  assert.ok((await emulator.requests()).length > 0);
});

test("signing out without a network still forgets the session here", async () => {
  const { demo } = stage;
  await signedIn();
  const mend = await cutNetwork(stage);
  try {
    await demo.press("Sign out");
    await demo.waitForState("signedOut");
  } finally {
    await mend();
  }
  await demo.reload();
  assert.equal(await demo.userState(), "signedOut");
});

const troubles = {
  "too many requests": { exception: "TooManyRequestsException", message: "Rate exceeded", status: 400 },
  "a 503 without a body": { status: 503 },
  "a firewall's HTML page": { html: true, status: 403 },
  "an answer cut short": { truncate: true },
  "a lost connection": { reset: true },
};

for (const [trouble, fault] of Object.entries(troubles)) {
  test(`${trouble} during a refresh is an error, and the session stays`, async () => {
    const { demo, emulator } = stage;
    await signedIn();
    await emulator.fault({ operation: "*", count: null, fault });
    await demo.tick("Ask the service for new ones");
    await demo.press("Get tokens");
    const error = await demo.waitForError();
    assert.notEqual(error.code, "notSignedIn");
    assert.equal(await demo.userState(), "signedIn");

    await emulator.clearFaults();
    await demo.press("Get tokens");
    await demo.waitForClaims();
    assert.equal(await demo.userState(), "signedIn");
  });
}

async function signedIn() {
  const { demo, emulator } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn(alice);
  await demo.waitForStep("account");
}
