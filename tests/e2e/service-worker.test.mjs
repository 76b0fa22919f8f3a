// The package in a module service worker, which may not import a file later.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setStage } from "./support/stage.mjs";

const stage = setStage();

/** What `initialize` comes to in a service worker at this address. */
function inServiceWorker(address) {
  return stage.browser.execute(async (address) => {
    const config = await (await fetch("awsconfiguration.json")).json();
    const registration = await navigator.serviceWorker.register(address, { type: "module", scope: "./nothing/" });
    const worker = registration.installing ?? registration.active;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
    worker.postMessage(config, [port2]);
    const data = await answer;
    await registration.unregister();
    return data;
  }, address);
}

test("in a service worker the entry that is one file runs, with the encrypted store", async () => {
  assert.deepEqual(await inServiceWorker("service-worker.js?inline"), { value: "signedOut", storage: "indexedDB" });
});

test("in a service worker the entry of several files names the one that is one file", async () => {
  const { failure } = await inServiceWorker("service-worker.js");
  assert.deepEqual([failure?.code, failure?.retryable], ["invalidState", false]);
  assert.match(failure.message, /cognito-wasm\/inline/);
});
