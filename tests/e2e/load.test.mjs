// The files that initialize() imports, from a server that does not always have them.

import assert from "node:assert/strict";
import http from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { engine } from "./support/drivers.mjs";
import { setStage } from "./support/stage.mjs";

const stage = setStage();
const GLUE = /\/wasm-(?!inline)\w+\.js/;
const INLINED = /\/wasm-inline-\w+\.js/;

/** How requests for a file are answered, until this is undefined again: `{ file, answer }`. */
let trouble;
let server;
let origin;

before(async () => {
  server = http.createServer((request, answer) => {
    const wrong = trouble?.file.test(request.url) ? trouble.answer : undefined;
    if (wrong === "reset") return request.socket.destroy();
    if (wrong === "html")
      return answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>app</title>");
    if (wrong !== undefined) return answer.writeHead(wrong, { "content-type": "text/plain" }).end();
    const { method, headers } = request;
    const onward = http.request(new URL(request.url, stage.emulator.url), { method, headers }, (upstream) => {
      answer.writeHead(upstream.statusCode, upstream.headers);
      upstream.pipe(answer);
    });
    onward.once("error", () => answer.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});

beforeEach(() => (trouble = undefined));

after(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** What `initialize` comes to on a fresh page while a file is answered so, and what the same client says afterwards. */
async function initializeTwice(file, answer) {
  trouble = { file, answer };
  await stage.browser.url(`${origin}/bare.html`);
  // By way of `window`: Firefox runs a driver's script beside the page's globals, not among them.
  const first = await stage.browser.execute(() =>
    outcome((window.client = new cognito.AWSMobileClient()).initialize()),
  );
  trouble = undefined;
  return [first, await stage.browser.execute(() => outcome(window.client.initialize()))];
}

for (const [name, file] of Object.entries({ "the glue": GLUE, "the WebAssembly": INLINED })) {
  test(`initialize() can be called again after a lost connection for ${name}`, async () => {
    const [lost, again] = await initializeTwice(file, "reset");
    assert.deepEqual([lost.failure?.isAuthError, lost.failure?.code, lost.failure?.retryable], [true, "network", true]);
    assert.match(lost.failure.message, /could not be loaded\. Check the connection/);
    assert.deepEqual(again, { value: "signedOut" });
  });

  test(`initialize() says to reload the page when ${name} is no longer on the server`, async () => {
    const [gone, back] = await initializeTwice(file, 404);
    assert.deepEqual([gone.failure?.isAuthError, gone.failure?.code], [true, "network"]);
    assert.match(gone.failure.message, /reload the page/);
    // WebKitGTK does not tell pages the status of an answer.
    if (engine !== "webkit") {
      assert.match(gone.failure.message, /HTTP 404/);
      assert.equal(gone.failure.retryable, false);
    }
    assert.deepEqual(back, { value: "signedOut" }, "it is asked for again");
  });
}

test("a server that is overloaded, or answers with its start page, fails one call and not the next", async () => {
  const [busy, afterwards] = await initializeTwice(GLUE, 503);
  assert.deepEqual([busy.failure?.code, busy.failure?.retryable], ["network", true]);
  assert.deepEqual(afterwards, { value: "signedOut" });
  const [page, later] = await initializeTwice(GLUE, "html");
  assert.equal(page.failure?.code, "network");
  assert.match(page.failure.message, /reload the page/);
  assert.deepEqual(later, { value: "signedOut" });
});

test("the configuration is asked for once, while the WebAssembly is still on its way", async () => {
  trouble = { file: INLINED, answer: 404 };
  await stage.browser.url(`${origin}/bare.html`);
  const asked = () =>
    performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("awsconfiguration.json")).length;
  await stage.browser.execute(() => outcome((window.client = new cognito.AWSMobileClient()).initialize()));
  const without = await stage.browser.execute(asked);
  trouble = undefined;
  await stage.browser.url(`${origin}/bare.html`);
  const state = await stage.browser.execute(() => outcome(new cognito.AWSMobileClient().initialize()));
  assert.deepEqual([state, await stage.browser.execute(asked)], [{ value: "signedOut" }, 1]);
  assert.equal(without, 1);
});

test("a raw .wasm that is not there is told by its status, and bytes that are none are no network failure", async () => {
  await stage.browser.url(`${origin}/bare.html`);
  const outcomes = await stage.browser.execute(async () => {
    const client = new cognito.AWSMobileClient();
    const tries = ["nothing-here.wasm", "bare.html", new Uint8Array([1, 2, 3]), 7, {}];
    const outcomes = [];
    for (const wasm of tries) outcomes.push(await outcome(client.initialize(undefined, { wasm })));
    return outcomes;
  });
  assert.deepEqual(
    outcomes.map(({ failure }) => [failure?.code, failure?.retryable]),
    [
      ["network", false],
      ["wasmBlocked", false],
      ["wasmBlocked", false],
      ["invalidParameter", false],
      ["invalidParameter", false],
    ],
  );
  assert.match(outcomes[0].failure.message, /`wasm` has answered with HTTP 404/);
  // wasm-bindgen says on the console that the page's own file has another type.
  await stage.browser.execute(() => probe.said.splice(0));
});
