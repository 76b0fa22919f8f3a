// Pages in frames: of another site, whose stores the browser keeps apart or blocks, and in a sandbox, which has none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, eventually, setStorageStage } from "./support/storage.mjs";

const stage = setStorageStage();

// Scenario 36. Which stores a browser leaves to such a frame differs; that the user signs in does not.
test("a page in a frame of another site signs in, keeps the session as far as the browser lets it, and leaves the site's own alone", async () => {
  await stage.run(async (alice) => (await lab.signIn(alice)).close(), alice);
  const { port } = new URL(stage.emulator.url);
  const framed = await inFrame({ src: `http://localhost:${port}/storage-frame.html` }, signInTwice);
  assert.deepEqual([framed.first.userState, framed.signIn, framed.second.userState], ["signedOut", "signedIn", "signedIn"]);
  assert.ok(["indexedDB", "localStorage", "sessionStorage", "memory"].includes(framed.first.storage));
  assert.equal(framed.next.userState, framed.first.storage === "memory" ? "signedOut" : "signedIn");

  await stage.reload();
  assert.equal((await stage.run(async () => lab.found())).userState, "signedIn", "the session outside the frame");
});

// Scenario 36: reading any store throws here.
test("a page in a sandbox signs in, and keeps the session in memory", async () => {
  const framed = await inFrame({ src: `${stage.emulator.url}/storage-frame.html`, sandbox: "allow-scripts" }, signInTwice);
  const memory = { storage: "memory", reason: null };
  assert.deepEqual(framed, {
    first: { ...memory, userState: "signedOut", username: null },
    signIn: "signedIn",
    second: { ...memory, userState: "signedIn", username: alice.username, reason: "userAction" },
    refreshed: "tokens",
    next: { ...memory, userState: "signedOut", username: null },
  });
});

async function inFrame({ src, sandbox }, script) {
  const { browser, emulator } = stage;
  await browser.url(`${emulator.url}/storage-frame.html`);
  await browser.execute(
    (src, sandbox) => {
      const frame = document.createElement("iframe");
      if (sandbox) frame.setAttribute("sandbox", sandbox);
      frame.src = src;
      document.body.append(frame);
    },
    src,
    sandbox ?? null,
  );
  await browser.switchFrame(await browser.$("iframe"));
  try {
    await eventually("the frame's package", () => browser.execute(() => "outcome" in window));
    return await stage.run(script, alice);
  } finally {
    await browser.switchFrame(null);
  }
}

async function signInTwice(alice) {
  const client = await lab.open();
  const first = lab.facts(client);
  const { signInState } = await client.signIn(alice);
  const refreshed = await client.getTokens({ forceRefresh: true }).then(() => "tokens");
  return { first, signIn: signInState, second: lab.facts(client), refreshed, next: await lab.found() };
}
