// IndexedDB, where every record is encrypted with an AES-GCM key of its own that no script can read out. A script that
// runs in the page can still ask for the text, and a copy of the browser's whole profile has the key too.

import { attempt, within } from "./timer.js";

/** @import { Store } from "./storage.js" */

/** @typedef {{ stamp: string, iv: Uint8Array<ArrayBuffer>, data: ArrayBuffer }} Row */

const NAME = "cognito-wasm";
const RECORDS = "records";
const KEYS = "keys";
const PROBE = "cognito-wasm/probe";

/** What opening the database fails with where the browser has none for this page: some in private windows, or blocked. */
const BLOCKED = ["SecurityError", "InvalidStateError", "NotSupportedError"];

/**
 * How long the database may take to open, in milliseconds. Safari may never answer, and one that is being deleted
 * answers late.
 */
const PATIENCE = 3_000;

/**
 * A record and its key are written, and removed, in one transaction: there is never a key that belongs to another record.
 *
 * @type {Store}
 */
export const indexedDb = {
  async probe(place, signal) {
    const [key, text] = [await newKey(), "0 probe"];
    const row = await encrypt(PROBE, "0", text, key);
    try {
      // In one transaction nothing is left behind, and no tab meets the probe of another.
      const write = (/** @type {IDBDatabase} */ database, /** @type {AbortSignal} */ signal) =>
        transact(database, "readwrite", signal, (records, keys) => {
          keys.put(key, PROBE);
          records.put(row, PROBE);
          const result = look(PROBE)(records, keys);
          records.delete(PROBE);
          keys.delete(PROBE);
          return result;
        });
      const [found, foundKey] = await using(signal, write, renew);
      if ((await decrypt(PROBE, "0", found, foundKey)) === text) return "works";
    } catch (problem) {
      const name = problem instanceof DOMException ? problem.name : "";
      // Neither says anything of a store that could be used; without keys there is no encrypted one.
      if ([...BLOCKED, "TimeoutError", "DataCloneError"].includes(name) || !(problem instanceof DOMException))
        throw problem;
    }
    return (await this.read(place, signal).catch(() => undefined)) ? "readable" : "refuses";
  },

  async read(place, signal) {
    const [row, key] = await using(signal, (database, signal) => transact(database, "readonly", signal, look(place)));
    const stamp = stampOf(row);
    return stamp === undefined ? undefined : { stamp, text: await decrypt(place, stamp, row, key) };
  },

  swap(place, expected, record, signal) {
    return using(signal, async (database, signal) => {
      // Encrypting takes longer than a transaction stays open, so it comes first.
      const [found, key] = await transact(database, "readonly", signal, look(place));
      if (stampOf(found) !== expected) return false;
      let keyInUse = key;
      const [stamp = ""] = record.split(" ", 1);
      const row = await encrypt(place, stamp, record, key).catch(async () =>
        encrypt(place, stamp, record, (keyInUse = await newKey())),
      );
      signal.throwIfAborted();
      return transact(database, "readwrite", signal, (records, keys) => {
        let swapped = false;
        const request = records.get(place);
        request.onsuccess = () => {
          swapped = stampOf(request.result) === expected;
          // Safari may give the answer of a transaction that was aborted.
          if (!swapped || signal.aborted) return;
          records.put(row, place);
          if (keyInUse !== key) keys.put(keyInUse, place);
          // From here on neither the page nor the deadline can stop it.
          records.transaction.commit();
        };
        return () => swapped;
      });
    });
  },

  async remove(place, signal) {
    const remove = (/** @type {IDBDatabase} */ database, /** @type {AbortSignal} */ signal) =>
      transact(database, "readwrite", signal, (records, keys) => {
        records.delete(place);
        keys.delete(place);
        return () => undefined;
      });
    await using(signal, remove, renew);
  },
};

/** Why work in the database was given up: the page was put away. */
const LEFT = Symbol("left");

/**
 * Opens the database for one operation: a connection that stays open keeps the page out of the back/forward cache, and
 * other tabs from deleting the database.
 *
 * Safari puts a page away in the middle of a transaction, and for as long as it keeps that page, the whole site waits for
 * the transaction. So it is given up when the page is left, and the work begins again if the page comes back.
 *
 * @template T
 * @param {AbortSignal} signal
 * @param {(database: IDBDatabase, signal: AbortSignal) => Promise<T>} work its signal is aborted with the other one, and
 *   when the page is left
 * @param {typeof open} [openIt]
 * @returns {Promise<T>}
 */
async function using(signal, work, openIt = open) {
  for (;;) {
    const database = await within(PATIENCE, openIt);
    const ending = new AbortController();
    signal.addEventListener("abort", () => ending.abort(signal.reason));
    const leave = () => {
      ending.abort(LEFT);
      database.close();
    };
    addEventListener("pagehide", leave);
    try {
      signal.throwIfAborted();
      return await work(database, ending.signal);
    } catch (problem) {
      if (ending.signal.reason !== LEFT) throw problem;
    } finally {
      removeEventListener("pagehide", leave);
      database.close();
    }
  }
}

/**
 * Opens the database; where it cannot be opened and is not blocked it is broken, and made anew. What was in it is lost, and
 * could not be read any more. It is tried twice, for Safari loses its connection to a database now and then.
 *
 * @param {{ signal: AbortSignal }} controller
 * @returns {Promise<IDBDatabase>}
 */
async function renew(controller) {
  try {
    return await open(controller).catch(() => open(controller));
  } catch (problem) {
    if (!(problem instanceof DOMException) || problem.name !== "UnknownError" || controller.signal.aborted)
      throw problem;
  }
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  });
  return open(controller);
}

/**
 * Opens the database, and adds what it lacks: one without our tables would never be of use.
 *
 * @param {{ signal: AbortSignal }} controller
 * @returns {Promise<IDBDatabase>}
 */
async function open({ signal }) {
  // Without a version: whichever there is, so that a later one of this package does not lock this one out.
  const found = await opened(signal, undefined);
  if (isWhole(found)) return found;
  const { version } = found;
  found.close();
  // Another tab may have done it meanwhile.
  return opened(signal, version + 1).catch(() => opened(signal, undefined));
}

/**
 * @param {AbortSignal} signal
 * @param {number | undefined} version
 * @returns {Promise<IDBDatabase>}
 */
function opened(signal, version) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, version);
    request.onupgradeneeded = () => {
      addStores(request);
      // So that it does not wait for a page that is left.
      request.transaction?.commit();
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => database.close();
      if (signal.aborted) database.close();
      else resolve(database);
    };
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBDatabase} database */
function isWhole({ objectStoreNames }) {
  return [RECORDS, KEYS].every((name) => objectStoreNames.contains(name));
}

/** @param {IDBOpenDBRequest} request */
function addStores({ result }) {
  for (const name of [RECORDS, KEYS]) {
    if (!result.objectStoreNames.contains(name)) result.createObjectStore(name);
  }
}

/**
 * Runs requests in one transaction, and resolves once it is committed.
 *
 * @template T
 * @param {IDBDatabase} database
 * @param {IDBTransactionMode} mode
 * @param {AbortSignal} signal
 * @param {(records: IDBObjectStore, keys: IDBObjectStore) => () => T} work makes the requests, and gives what reads the
 *   results in the end
 * @returns {Promise<T>}
 */
function transact(database, mode, signal, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction([RECORDS, KEYS], mode);
    transaction.onabort = () => reject(transaction.error);
    // One that waits behind another tab's must not write when no call waits for it any more.
    signal.addEventListener("abort", () => attempt(() => transaction.abort()));
    const result = work(transaction.objectStore(RECORDS), transaction.objectStore(KEYS));
    transaction.oncomplete = () => resolve(result());
  });
}

/**
 * Requests a record and its key.
 *
 * @param {string} place
 * @returns {(records: IDBObjectStore, keys: IDBObjectStore) => () => [row: unknown, key: unknown]}
 */
function look(place) {
  return (records, keys) => {
    const row = records.get(place);
    const key = keys.get(place);
    // A key that cannot be read any more does not hide the record.
    key.onerror = (event) => event.preventDefault();
    return () => [row.result, key.result];
  };
}

/**
 * `undefined` when there is no row. One that is damaged has a stamp too, so that it can be replaced.
 *
 * @param {any} row
 * @returns {string | undefined}
 */
function stampOf(row) {
  return row && String(row.stamp);
}

/** Not extractable, so no script can read it out. */
function newKey() {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * @param {string} place
 * @param {string} stamp
 * @param {string} text
 * @param {any} key
 * @returns {Promise<Row>}
 */
async function encrypt(place, stamp, text, key) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(text);
  const data = await crypto.subtle.encrypt(algorithm(iv, place, stamp), key, bytes);
  bytes.fill(0);
  return { stamp, iv, data };
}

/**
 * `undefined` when it cannot be decrypted, whatever the reason.
 *
 * @param {string} place
 * @param {string} stamp
 * @param {any} row
 * @param {any} key
 */
async function decrypt(place, stamp, row, key) {
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm(row.iv, place, stamp), key, row.data));
  } catch {
    return undefined;
  }
}

/**
 * The additional data ties a row to its place and its stamp: it cannot be moved, nor shown as newer.
 *
 * @param {Uint8Array<ArrayBuffer>} iv
 * @param {string} place
 * @param {string} stamp
 */
function algorithm(iv, place, stamp) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`${place} ${stamp}`) };
}
