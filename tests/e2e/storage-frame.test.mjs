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
  assert.deepEqual(
    [framed.first.userState, framed.signIn, framed.second.userState],
    ["signedOut", "signedIn", "signedIn"],
  );
  assert.ok(["indexedDB", "localStorage", "sessionStorage", "memory"].includes(framed.first.storage));
  assert.equal(framed.next.userState, framed.first.storage === "memory" ? "signedOut" : "signedIn");

  await stage.reload();
  assert.equal((await stage.run(async () => lab.found())).userState, "signedIn", "the session outside the frame");
});

// Scenario 36: reading any store throws here. Its scripts lie in the document: a sandbox is another site, and the emulator gives
// its files to none.
test("a page in a sandbox signs in, and keeps the session in memory", async () => {
  const framed = await inFrame(
    { scripts: ["probe.js", "storage-lab.js", "cognito-wasm/global.js", "storage-sandbox.js"] },
    signInTwice,
  );
  const memory = { storage: "memory", reason: null };
  assert.deepEqual(framed, {
    first: { ...memory, userState: "signedOut", username: null },
    signIn: "signedIn",
    second: { ...memory, userState: "signedIn", username: alice.username, reason: "userAction" },
    refreshed: "tokens",
    next: { ...memory, userState: "signedOut", username: null },
  });
});

async function inFrame({ src, scripts }, script) {
  const { browser, emulator } = stage;
  await browser.url(`${emulator.url}/storage-frame.html`);
  const texts = await Promise.all((scripts ?? []).map(async (name) => (await fetch(`${emulator.url}/${name}`)).text()));
  await browser.execute(
    (src, texts) => {
      const frame = document.createElement("iframe");
      if (src) frame.src = src;
      else {
        frame.setAttribute("sandbox", "allow-scripts");
        frame.srcdoc = texts.map((text) => `<script>${text}</script>`).join("");
      }
      document.body.append(frame);
    },
    src ?? null,
    texts,
  );
  await browser.switchFrame(await browser.$("iframe"));
  try {
    await eventually("the frame's package", () => browser.execute(() => "outcome" in window));
    // A sandbox is another site, which may not fetch the file.
    const configuration = await (await fetch(`${emulator.url}/awsconfiguration.json`)).json();
    return await stage.run(script, { alice, configuration });
  } finally {
    await browser.switchFrame(null);
  }
}

async function signInTwice({ alice, configuration }) {
  lab.configuration = configuration;
  const client = await lab.open();
  const first = lab.facts(client);
  const { signInState } = await client.signIn(alice);
  const refreshed = await client.getTokens({ forceRefresh: true }).then(() => "tokens");
  return { first, signIn: signInState, second: lab.facts(client), refreshed, next: await lab.found() };
}
