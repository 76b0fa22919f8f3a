// Runs in each tab: makes a client, asks it for a token at the signal, and tells what came of it.

const SIGNAL = "bench: ask now";
const PATIENCE_MS = 20_000;

const signal = new BroadcastChannel(SIGNAL);
let client;
let answered;

/** Leaves a session where the client keeps it. */
export async function signIn(name, settings) {
  const client = await import(`/clients/${name}.js`);
  await client.signIn(settings);
}

/** Makes the client, which is asked when the signal comes. */
export async function getReady(name, settings) {
  const { open } = await import(`/clients/${name}.js`);
  client = await open(settings);
  answered = new Promise((resolve) => {
    signal.onmessage = () => resolve(ask());
  });
}

/** A message, for the timers of a window behind others may be late. It reaches this tab too. */
export function giveSignal() {
  new BroadcastChannel(SIGNAL).postMessage(undefined);
}

/** What came of the question asked at the signal. */
export function answer() {
  return answered;
}

/**
 * Asks the client for an access token, as the page of an app does. (`told` and not `error`: WebDriver takes an object with
 * such a member for a failed command.)
 */
export async function ask() {
  const askedAt = performance.timeOrigin + performance.now();
  try {
    const token = await Promise.race([client.token(), noAnswer()]);
    return { askedAt, token: token ?? null };
  } catch (error) {
    return { askedAt, token: null, told: `${error.name}: ${error.message}` };
  }
}

function noAnswer() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
}
