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
 * Keeps records. The signal is aborted when it takes too long.
 *
 * @typedef {object} Store
 * @property {(signal: AbortSignal) => Promise<boolean>} probe whether what is written can be read back and removed
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
 * @typedef {{ kind: Kind, stores: Record<Kind, Store>, channel?: Channel | undefined }} State
 */

/** In the order of preference. */
const KINDS = /** @type {Kind[]} */ (["indexedDB", "localStorage", "sessionStorage", "memory"]);

/**
 * How long an operation may take, in milliseconds: a little less than the core waits for it, which then knows how it ended.
 * And how long one may that has another store to fall back on.
 */
const DEADLINE = 4_500;
const PROBE_DEADLINE = 3_000;

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
  return { kind: "memory", stores };
}

/**
 * Takes the app's own storage. Whether there is one.
 *
 * @param {State} state
 * @param {Area | undefined} area
 */
export function useCustom({ stores }, area) {
  if (area) stores.custom = textStore(() => area);
  return !!area;
}

/**
 * Chooses the store. See `Storage::open` in ports.rs for this and the following.
 *
 * @param {State} state
 * @param {Kind} wish
 */
export async function open(state, wish) {
  const kinds = wish === "custom" ? [wish] : KINDS.slice(KINDS.indexOf(wish));
  state.kind = "memory";
  for (const kind of kinds) {
    const time = kind === "custom" ? DEADLINE : PROBE_DEADLINE;
    const passes = await within(time, ({ signal }) => state.stores[kind].probe(signal)).catch(() => false);
    if (passes) {
      state.kind = kind;
      break;
    }
  }
  return state.kind;
}

/**
 * Resolves with `+` and the record, with `-` and the stamp of one that can no longer be decrypted, or with nothing.
 *
 * @param {State} state
 * @param {string} key
 */
export function read({ kind, stores }, key) {
  return inTime(kind, async (signal) => {
    const found = await stores[kind].read(key, signal);
    return found && (found.text === undefined ? `-${found.stamp}` : `+${found.text}`);
  });
}

/**
 * @param {State} state
 * @param {string} key
 * @param {string | undefined} expected
 * @param {string} record
 */
export function swap({ kind, stores }, key, expected, record) {
  return inTime(kind, async (signal) => {
    const swapped = await stores[kind].swap(key, expected, record, signal);
    // What a page has stored there on a day when IndexedDB did not answer must not come back on another such day.
    if (kind === "indexedDB") for (const area of plainAreas()) attempt(() => area.removeItem(key));
    return swapped;
  });
}

/**
 * Removes the record from every store that can be reached, and what locks and channels have left in localStorage.
 *
 * @param {State} state
 * @param {string} key
 * @param {boolean} keepsRecord
 */
export async function clear({ kind, stores }, key, keepsRecord) {
  const kinds = /** @type {Kind[]} */ ([...KINDS, "custom"]).filter((each) => !(keepsRecord && each === kind));
  const removals = kinds.map((each) => {
    const removal = inTime(each, (signal) => stores[each].remove(key, signal));
    // Another store that cannot be opened now could not be opened when the session was stored.
    return each === kind ? removal : removal.catch(() => undefined);
  });
  for (const name of attempt(() => Object.keys(localStorage)) ?? []) {
    if (name.startsWith(`${key}/`)) removeForeign(name);
  }
  await Promise.all(removals);
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

/** localStorage and sessionStorage, as far as they can be reached. */
function plainAreas() {
  return [attempt(() => localStorage), attempt(() => sessionStorage)].filter((area) => area !== undefined);
}

/**
 * A store that keeps each record as its own text.
 *
 * @param {() => Area} area
 * @returns {Store}
 */
function textStore(area) {
  return {
    async probe() {
      // Of its own for each tab: another may be doing the same.
      const [key, text] = [`cognito-wasm/probe/${Math.random()}`, "0 probe"];
      await area().setItem(key, text);
      const found = await area().getItem(key);
      await area().removeItem(key);
      return found === text;
    },

    async read(key) {
      const text = await area().getItem(key);
      const stamp = stampOf(text);
      return stamp === undefined ? undefined : { stamp, text: String(text) };
    },

    async swap(key, expected, record, signal) {
      const held = new AbortController();
      signal.addEventListener("abort", () => held.abort());
      await webLock(`${key}/store`, held).catch(() => signal.throwIfAborted());
      try {
        // Where there are no locks, nothing comes in between as long as the area answers at once.
        return await after(area().getItem(key), (found) => {
          signal.throwIfAborted();
          return stampOf(found) === expected && after(area().setItem(key, record), () => true);
        });
      } finally {
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
