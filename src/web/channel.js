import { attempt } from "./timer.js";

/** @import { State } from "./storage.js" */

/** @typedef {{ announce(): void, close(): void }} Channel */

/** How often the store is asked where no channel notifies, in milliseconds. */
const POLL = 1_000;

/**
 * Opens the channel by which tabs notify one another. A message says only that there is news.
 *
 * @param {string} key
 * @param {() => void} heard
 * @returns {Channel}
 */
export function openChannel(key, heard) {
  return attempt(() => broadcast(key, heard)) ?? attempt(() => entry(`${key}/changed`, heard)) ?? poll(heard);
}

/**
 * Tells the other tabs. Where that fails they find out when they read next.
 *
 * @param {State} state
 * @param {string} key
 */
export function announce({ channel }, key) {
  attempt(() => {
    if (channel) return channel.announce();
    const own = openChannel(key, () => undefined);
    own.announce();
    own.close();
  });
}

/**
 * @param {string} key
 * @param {() => void} heard
 * @returns {Channel}
 */
function broadcast(key, heard) {
  // A channel that cannot post is of no use: it is tried under a name without listeners.
  const trial = new BroadcastChannel(`${key}/trial`);
  trial.postMessage(0);
  trial.close();
  const channel = new BroadcastChannel(key);
  channel.onmessage = heard;
  return { announce: () => channel.postMessage(0), close: () => channel.close() };
}

/**
 * An entry of localStorage: every other tab hears when it changes.
 *
 * @param {string} name
 * @param {() => void} heard
 * @returns {Channel}
 */
function entry(name, heard) {
  // Throws where there is none, as in a worker, or the user has blocked it.
  localStorage.removeItem(name);
  const listener = (/** @type {StorageEvent} */ { key, newValue }) => {
    if (key === name && newValue) heard();
  };
  addEventListener("storage", listener);
  return {
    announce() {
      // Only a value that differs fires an event.
      localStorage.setItem(name, String(Math.random()));
      localStorage.removeItem(name);
    },
    close: () => removeEventListener("storage", listener),
  };
}

/**
 * @param {() => void} heard
 * @returns {Channel}
 */
function poll(heard) {
  const timer = setInterval(() => {
    if (globalThis.document?.visibilityState !== "hidden") heard();
  }, POLL);
  return { announce: () => undefined, close: () => clearInterval(timer) };
}
