// Runs in the page: one client's life in a fresh page, from import() to a cached token.

const TIMED_FOR_MS = 150;

/**
 * @param {string} name the client, as the files under /clients/ are called
 * @param {object} service url, region, userPoolId, clientId of the emulator
 * @param {{ username: string, password: string }} user
 */
export async function session(name, service, { username, password }) {
  const start = performance.now();
  const { open } = await import(`/clients/${name}.js`);
  const imported = performance.now();
  const client = await open(service);
  const opened = performance.now();
  const facts = { importMs: imported - start, openMs: opened - imported };
  if (client === undefined) return facts;

  await idle();
  const watch = watchMainThread();
  const before = performance.now();
  await client.signIn(username, password);
  facts.signInMs = performance.now() - before;
  facts.longestBlockMs = await watch.stop();

  const token = await client.tokens();
  if (token.split(".").length !== 3) throw new Error(`${name} gave no token`);
  facts.tokensUs = await perCall(client.tokens);
  if (client.snapshot) {
    facts.currentTokensUs = await perSynchronousCall(client.currentTokens);
    facts.snapshotUs = await perSynchronousCall(client.snapshot);
  }
  return facts;
}

/** What a page does between its start and a person's button press. */
function idle() {
  return new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1000 }));
}

/** Finds the longest time in which the page could not have answered a click. */
function watchMainThread() {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let longest = 0;
  let stopped;
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (stopped) stopped(longest);
    else port2.postMessage(0);
  };
  port2.postMessage(0);
  return { stop: () => new Promise((resolve) => (stopped = resolve)) };
}

async function perCall(call) {
  await repeat(call, TIMED_FOR_MS / 3);
  return repeat(call, TIMED_FOR_MS);
}

/** Microseconds per call, one after the other. */
async function repeat(call, forMs) {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < forMs) {
    for (let batch = 0; batch < 50; batch += 1) await call();
    calls += 50;
    elapsed = performance.now() - start;
  }
  return (elapsed * 1000) / calls;
}

let sink;

async function perSynchronousCall(call) {
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < TIMED_FOR_MS) {
    for (let batch = 0; batch < 1000; batch += 1) sink = call();
    calls += 1000;
    elapsed = performance.now() - start;
  }
  if (sink === undefined) throw new Error("there is nothing to read at once");
  return (elapsed * 1000) / calls;
}
