import { indexedDb } from "./indexed_db.js";
import { webLock } from "./lock.js";
import { attempt, within } from "./timer.js";

/** @import { Channel } from "./channel.js" */

/** @typedef {"indexedDB" | "localStorage" | "sessionStorage" | "memory" | "custom"} Kind */

/**
 * A record that was found. Without its text when it can no longer be decrypted.
 *
 * @typedef {{ stamp: string, text: string | undefined }} Found
 */

/**
 * What the trial of a store has shown. See `Trial` in stores.rs.
 *
 * @typedef {"works" | "readable" | "refuses" | "absent" | "stalled"} Trial
 */

/**
 * Keeps records. The signal is aborted when it takes too long.
 *
 * @typedef {object} Store
 * @property {(key: string, signal: AbortSignal) => Promise<Trial>} probe rejects where there is no such store
 * @property {(key: string, signal: AbortSignal) => Promise<Found | undefined>} read
 * @property {(key: string, expected: string | undefined, record: string, signal: AbortSignal) => Promise<boolean>} swap
 * @property {(key: string, signal: AbortSignal) => Promise<void>} remove
 */

/**
 * Keeps texts, at once or by promise: localStorage, sessionStorage, an object of the app's own.
 *
 * @typedef {object} Area
 * @property {(key: string) => unknown} getItem
 * @property {(key: string, text: string) => unknown} setItem
 * @property {(key: string) => unknown} removeItem
 */

/**
 * What one client keeps here.
 *
 * @typedef {{ stores: Record<Kind, Store>, area?: Area | undefined, channel?: Channel | undefined }} State
 */

/**
 * How long an operation may take, in milliseconds: a little less than the core waits for it, which then knows how it ended.
 * And how long the trial of a store of the browser may.
 */
const DEADLINE = 4_500;
const PROBE_DEADLINE = 3_000;

/** How long a write that is overdue keeps others of its key from beginning. */
const OVERDUE = 30_000;

/** Where it is noted which store holds a record. */
const NOTE = "/kept";

/** @returns {State} */
export function newState() {
  /** @type {Map<string, string>} */
  const texts = new Map();
  const memory = {
    getItem: (/** @type {string} */ key) => texts.get(key),
    setItem: (/** @type {string} */ key, /** @type {string} */ text) => texts.set(key, text),
    removeItem: (/** @type {string} */ key) => texts.delete(key),
  };
  const stores = {
    indexedDB: indexedDb,
    // Reading the property throws where the user has blocked storage, and a worker has none.
    localStorage: textStore(() => globalThis.localStorage),
    sessionStorage: textStore(() => globalThis.sessionStorage),
    memory: textStore(() => memory),
    custom: textStore(() => {
      throw new ReferenceError();
    }),
  };
  return { stores };
}

/**
 * Takes the app's own storage. Whether there is one.
 *
 * @param {State} state
 * @param {Area | undefined} area
 */
export function useCustom(state, area) {
  state.area = area;
  if (area) state.stores.custom = textStore(() => area);
  return !!area;
}

/**
 * Whether this is the app's own storage that is in use.
 *
 * @param {State} state
 * @param {unknown} area
 */
export function isCustom(state, area) {
  return state.area === area;
}

/**
 * Tries a store. See `Storage` in ports.rs for this and the following.
 *
 * @param {State} state
 * @param {Kind} kind
 * @param {string} key
 * @returns {Promise<Trial>}
 */
export async function probe({ stores }, kind, key) {
  try {
    return await within(kind === "custom" ? DEADLINE : PROBE_DEADLINE, ({ signal }) => stores[kind].probe(key, signal));
  } catch (error) {
    return isTimeout(error) ? "stalled" : "absent";
  }
}

/**
 * Resolves with `+` and the record, with `-` and the stamp of one that can no longer be decrypted, or with nothing.
 *
 * @param {State} state
 * @param {Kind} kind
 * @param {string} key
 */
export function read({ stores }, kind, key) {
  return inTime(kind, async (signal) => {
    const found = await stores[kind].read(key, signal);
    return found && (found.text === undefined ? `-${found.stamp}` : `+${found.text}`);
  });
}

/**
 * @param {State} state
 * @param {Kind} kind
 * @param {string} key
 * @param {string | undefined} expected
 * @param {string} record
 */
export function swap({ stores }, kind, key, expected, record) {
  return inTime(kind, (signal) => stores[kind].swap(key, expected, record, signal));
}

/**
 * @param {State} state
 * @param {Kind} kind
 * @param {string} key
 */
export function remove({ stores }, kind, key) {
  return inTime(kind, (signal) => stores[kind].remove(key, signal));
}

/**
 * Removes the record from every store that can be reached, and what locks and channels have left in localStorage.
 *
 * @param {State} state
 * @param {Kind} used
 * @param {string} key
 * @param {boolean} keepsRecord
 */
export async function clear(state, used, key, keepsRecord) {
  const kinds = /** @type {Kind[]} */ (Object.keys(state.stores)).filter((each) => !(keepsRecord && each === used));
  const removals = kinds.map((each) => {
    const removal = remove(state, each, key);
    // Another store that cannot be opened now could not be opened when the session was stored.
    return each === used ? removal : removal.catch(() => undefined);
  });
  for (const name of attempt(() => Object.keys(localStorage)) ?? []) {
    if (name.startsWith(`${key}/`) && name !== key + NOTE) removeForeign(name);
  }
  await Promise.all(removals);
}

/**
 * @param {boolean} isShared
 * @param {string} key
 */
export function note(isShared, key) {
  return attempt(() => noteArea(isShared).getItem(key + NOTE)) ?? undefined;
}

/**
 * @param {boolean} isShared
 * @param {string} key
 * @param {string | undefined} text
 */
export function setNote(isShared, key, text) {
  attempt(() =>
    text === undefined ? noteArea(isShared).removeItem(key + NOTE) : noteArea(isShared).setItem(key + NOTE, text),
  );
}

/** @param {boolean} isShared */
function noteArea(isShared) {
  return isShared ? localStorage : sessionStorage;
}

/** @param {string} key */
export function foreign(key) {
  return attempt(() => localStorage.getItem(key)) ?? undefined;
}

/** @param {string} key */
export function removeForeign(key) {
  attempt(() => localStorage.removeItem(key));
}

/**
 * Rejects with the store's name and the failure's. Its message is left out: one of the app's own could quote the record.
 *
 * @template T
 * @param {Kind} kind
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTime(kind, work) {
  return within(DEADLINE, ({ signal }) => work(signal)).catch((error) =>
    Promise.reject(`${kind}: ${error instanceof DOMException ? error.name : "Error"}`),
  );
}

/** @param {unknown} error */
function isTimeout(error) {
  return error instanceof DOMException && error.name === "TimeoutError";
}

/**
 * A store that keeps each record as its own text.
 *
 * @param {() => Area} area
 * @returns {Store}
 */
function textStore(area) {
  return {
    async probe(place, signal) {
      // Of its own for each tab: another may be doing the same.
      const [key, text] = [`cognito-wasm/probe/${Math.random()}`, "0 probe"];
      try {
        await area().setItem(key, text);
        const found = await area().getItem(key);
        await area().removeItem(key);
        if (found === text) return "works";
      } catch {
        // Full, or read-only; or there is none, and then the next line says so.
      }
      return (await this.read(place, signal)) ? "readable" : "refuses";
    },

    async read(key) {
      const text = await area().getItem(key);
      const stamp = stampOf(text);
      return stamp === undefined ? undefined : { stamp, text: String(text) };
    },

    async swap(key, expected, record, signal) {
      const held = new AbortController();
      const giveUp = () => held.abort();
      signal.addEventListener("abort", giveUp);
      await webLock(`${key}/store`, held).catch(() => signal.throwIfAborted());
      // From here on the lock is held for as long as the area takes: what it writes late must not come after what another
      // call has written under the lock. Not for ever, for it may have forgotten the call.
      signal.removeEventListener("abort", giveUp);
      const timer = setTimeout(giveUp, OVERDUE);
      try {
        // Where there are no locks, nothing comes in between as long as the area answers at once.
        return await after(area().getItem(key), (found) => {
          signal.throwIfAborted();
          return stampOf(found) === expected && after(area().setItem(key, record), () => true);
        });
      } finally {
        clearTimeout(timer);
        held.abort();
      }
    },

    async remove(key) {
      await area().removeItem(key);
    },
  };
}

/**
 * Goes on with a value, or with what a promise brings.
 *
 * @template T
 * @param {any} value
 * @param {(value: unknown) => T} act
 * @returns {T | Promise<Awaited<T>>}
 */
function after(value, act) {
  return typeof value?.then === "function" ? value.then(act) : act(value);
}

/**
 * A record's first word. `undefined` when there is no record.
 *
 * @param {unknown} record
 */
function stampOf(record) {
  if (record === null || record === undefined) return undefined;
  if (typeof record !== "string") throw new TypeError();
  const [stamp = ""] = record.split(" ", 1);
  return stamp;
}
