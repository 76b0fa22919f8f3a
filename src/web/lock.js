import { sleep } from "./timer.js";

/**
 * The controllers of all locks that are held or waited for.
 *
 * @type {Set<AbortController>}
 */
const controllers = new Set();

/** How long a lease lasts unless it is renewed, and how often it is. */
const LEASE = 6_000;
const RENEWAL = 2_000;

/**
 * Waits for a lock. Resolves with whether it is held; aborting ends the wait, or gives the lock up.
 *
 * @param {string} name
 * @param {number} patience how long to wait, in milliseconds
 * @param {AbortController} controller
 */
export async function lock(name, patience, controller) {
  controllers.add(controller);
  controller.signal.addEventListener("abort", () => controllers.delete(controller));
  const timer = setTimeout(() => controller.abort(), patience);
  try {
    return await webLock(name, controller);
  } catch {
    // Out of patience; or there are no Web Locks here: the page is no secure context, or may not store anything.
    return await lease(name, controller);
  } finally {
    clearTimeout(timer);
  }
}

/** Gives up all of them, for a WebAssembly that will never do so itself. */
export function releaseLocks() {
  for (const controller of controllers) controller.abort();
}

/**
 * Resolves once the lock is held, which it is until aborted. Rejects when that comes first, and where there are no locks.
 *
 * @param {string} name
 * @param {{ signal: AbortSignal }} controller
 * @returns {Promise<boolean>}
 */
export function webLock(name, { signal }) {
  return new Promise((resolve, reject) => {
    const released = new Promise((release) => signal.addEventListener("abort", release));
    // Not left to the request, so that a lock manager that hangs holds up no call.
    released.then(reject);
    const hold = () => {
      resolve(!signal.aborted);
      return released;
    };
    navigator.locks.request(name, { signal }, hold).catch(reject);
  });
}

/**
 * A lock made of an entry in localStorage: who holds it, and until when.
 *
 * @param {string} name
 * @param {AbortController} controller
 */
async function lease(name, controller) {
  const { signal } = controller;
  const entry = `${name}/lease`;
  const owner = String(Math.random());
  const holder = () => {
    const [by, until] = (localStorage.getItem(entry) ?? "").split(" ");
    const left = Number(until) - Date.now();
    // One that lasts longer than a lease can was written before the clock was set back.
    return left > 0 && left <= LEASE ? by : undefined;
  };
  const write = () => localStorage.setItem(entry, `${owner} ${Date.now() + LEASE}`);
  const release = () => {
    if (holder() === owner) localStorage.removeItem(entry);
  };
  try {
    while (!signal.aborted) {
      if (holder() === undefined) {
        write();
        // Another tab may write in the same moment. The last one stays, and by the end of this every tab sees which.
        await sleep(30 + 30 * Math.random(), controller);
        if (holder() === owner) {
          if (signal.aborted) release();
          else keep(signal, () => (holder() ?? owner) === owner && write(), release);
          return !signal.aborted;
        }
      }
      await sleep(100, controller);
    }
  } catch {
    // There is no localStorage, or none that can be written.
  }
  return false;
}

/**
 * @param {AbortSignal} signal
 * @param {() => void} renew
 * @param {() => void} release
 */
function keep(signal, renew, release) {
  /** @param {() => void} act */
  const tolerant = (act) => () => {
    try {
      act();
    } catch {
      // The user has blocked localStorage meanwhile, and the lease runs out.
    }
  };
  const timer = setInterval(tolerant(renew), RENEWAL);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    tolerant(release)();
  });
}
