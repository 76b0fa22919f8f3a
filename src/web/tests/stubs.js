// What a browser can do to a page, and another document of the same origin.

const MODULES = new URL("..", import.meta.url);

/** Gives a property another getter. Returns what restores it. */
function shadow(owner, name, get) {
  const former = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { configurable: true, get });
  return () => {
    if (former === undefined) delete owner[name];
    else Object.defineProperty(owner, name, former);
  };
}

const refusal = (name) => () => {
  throw new DOMException("the record: secret", name);
};

export const hideLocks = () => shadow(navigator, "locks", () => undefined);
export const refuseLocks = () =>
  shadow(navigator, "locks", () => ({ request: async () => refusal("SecurityError")() }));
export const hangLocks = () => shadow(navigator, "locks", () => ({ request: () => new Promise(() => undefined) }));
export const hideBroadcastChannel = () => shadow(globalThis, "BroadcastChannel", () => undefined);
export const hideStorageArea = (name) => shadow(globalThis, name, () => undefined);
export const blockStorageArea = (name) => shadow(globalThis, name, refusal("SecurityError"));
export const hideSubtle = () => shadow(crypto, "subtle", () => undefined);
export const goOffline = () => shadow(navigator, "onLine", () => false);

/** An area that is full, or one that takes everything and keeps nothing. */
export function replaceStorageArea(name, how) {
  const area = globalThis[name];
  const own = {
    getItem: (key) => (how === "forgetful" ? null : area.getItem(key)),
    setItem: how === "full" ? refusal("QuotaExceededError") : () => undefined,
    removeItem: (key) => area.removeItem(key),
  };
  return shadow(globalThis, name, () => own);
}

/** An IndexedDB that fails so: `silent` never answers, `refusing` always says no. */
export function breakIndexedDb(how) {
  const open = () => {
    const request = { error: new DOMException("", "InvalidStateError") };
    if (how === "refusing") queueMicrotask(() => request.onerror?.());
    return request;
  };
  return shadow(globalThis, "indexedDB", () => ({ open }));
}

/** A database of our name that has other tables, or one of ours. */
export async function makeForeignDatabase(table) {
  await deleteDatabase();
  const request = indexedDB.open("cognito-wasm", 9);
  request.onupgradeneeded = () => request.result.createObjectStore(table);
  (await settled(request)).close();
}

/** A database that is broken: it cannot be opened until it is deleted. */
export function corruptDatabase() {
  const { open, deleteDatabase } = IDBFactory.prototype;
  const mend = () => Object.assign(IDBFactory.prototype, { open, deleteDatabase });
  IDBFactory.prototype.open = function () {
    const request = { error: new DOMException("", "UnknownError") };
    queueMicrotask(() => request.onerror?.());
    return request;
  };
  IDBFactory.prototype.deleteDatabase = function (name) {
    mend();
    return this.deleteDatabase(name);
  };
  return mend;
}

/** Holds the database, as another tab does in the middle of a write that does not end. Resolves with what lets it go. */
export async function holdDatabase() {
  const database = await settled(indexedDB.open("cognito-wasm"));
  const records = database.transaction(["records", "keys"], "readwrite").objectStore("records");
  let isHeld = true;
  await new Promise((resolve) => {
    const again = () => {
      resolve();
      if (isHeld) records.get("nothing").onsuccess = again;
      else database.close();
    };
    again();
  });
  return () => {
    isHeld = false;
  };
}

/** An IndexedDB that cannot clone a key. */
export function refuseKeys() {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (value, key) {
    if (value instanceof CryptoKey) throw new DOMException("", "DataCloneError");
    return put.call(this, value, key);
  };
  return () => {
    IDBObjectStore.prototype.put = put;
  };
}

/** Does something to the row at `place`: `loseKey`, `replaceKey`, `corrupt`, `garble`. */
export async function damage(place, how) {
  const database = await settled(indexedDB.open("cognito-wasm"));
  const transaction = database.transaction(["records", "keys"], "readwrite");
  const [records, keys] = [transaction.objectStore("records"), transaction.objectStore("keys")];
  const row = await settled(records.get(place));
  if (how === "loseKey") keys.delete(place);
  if (how === "replaceKey") keys.put({}, place);
  if (how === "moveStamp") records.put({ ...row, stamp: "9" }, place);
  if (how === "corrupt") new Uint8Array(row.data)[0] ^= 1;
  if (how === "corrupt") records.put(row, place);
  if (how === "garble") records.put("no row", place);
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}

/** What the database holds at `place`, as text, and whether its key can be read out. */
export async function inspect(place) {
  const database = await settled(indexedDB.open("cognito-wasm"));
  const transaction = database.transaction(["records", "keys"], "readonly");
  const [row, key] = [transaction.objectStore("records").get(place), transaction.objectStore("keys").get(place)];
  await settled(key);
  database.close();
  const bytes = row.result ? new TextDecoder("latin1").decode(row.result.data) : "";
  return JSON.stringify({
    stamp: row.result?.stamp,
    ivBytes: row.result?.iv.length,
    bytes,
    extractable: key.result?.extractable,
  });
}

/** Deletes the database; resolves with `blocked` when a connection holds it open. */
export function deleteDatabase() {
  const request = indexedDB.deleteDatabase("cognito-wasm");
  request.onblocked = () => request.blocked?.("blocked");
  return new Promise((resolve, reject) => {
    request.blocked = resolve;
    request.onsuccess = () => resolve("deleted");
    request.onerror = () => reject(request.error);
  });
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** An app's own storage: `sync`, `async`, or one that fails so: `throwing`, `rejecting`, `silent`, `numbers`. */
export function customStorage(how) {
  const texts = new Map();
  const area = {
    getItem: (key) => texts.get(key),
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  };
  const later =
    (act) =>
    async (...args) => {
      await new Promise((resolve) => setTimeout(resolve));
      return act(...args);
    };
  if (how === "async") return Object.fromEntries(Object.entries(area).map(([name, act]) => [name, later(act)]));
  if (how === "null") area.getItem = (key) => texts.get(key) ?? null;
  if (how === "throwing") area.setItem = refusal("QuotaExceededError");
  if (how === "rejecting") area.setItem = async (_, text) => Promise.reject(new Error(`cannot keep ${text}`));
  if (how === "numbers") area.getItem = (key) => (texts.has(key) ? 7 : undefined);
  return area;
}

/** Makes an app's storage fail from now on. */
export function breakCustomStorage(area) {
  area.setItem = async (_, text) => Promise.reject(new Error(`cannot keep ${text}`));
  area.getItem = (key) => {
    throw new Error(`no ${key}: secret`);
  };
}

/** Answers every `fetch` so. Returns what restores it; `calls` gets each call's arguments. */
export function stubFetch(calls, status, headersText, body) {
  const headers = JSON.parse(headersText);
  return shadow(globalThis, "fetch", () => async (_url, init) => {
    calls.push(init);
    if (status === 0)
      return new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason)));
    return new Response(body, { status, headers });
  });
}

/** The browser's type; WebKitGTK, which has no passkeys, gets one for its page. */
const passkeyType = () => (globalThis.PublicKeyCredential ??= class {});

/**
 * Passkey dialogs that end so, one after the other: `agree`, `extension`, `incomplete`, `silent`, `null`, `throw null` or the
 * name of an error.
 */
export function stubPasskeys(calls, how) {
  const ends = how.split(",");
  const bytes = (...numbers) => new Uint8Array(numbers).buffer;
  const numbers = (source) => [...new Uint8Array(source.buffer ?? source)].join();
  const dialog =
    (response) =>
    async ({ publicKey, signal, mediation }) => {
      const list = (name) => publicKey[name]?.map(({ id }) => numbers(id));
      calls.push(
        `challenge=${numbers(publicKey.challenge)} user=${publicKey.user && numbers(publicKey.user.id)} ` +
          `excluded=${list("excludeCredentials")} allowed=${list("allowCredentials")} mediation=${mediation}`,
      );
      const end = ends.shift();
      if (end === "null") return null;
      if (end === "throw null") throw null;
      if (end === "silent") {
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            calls.push("aborted");
            reject(signal.reason);
          });
        });
      }
      if (!["agree", "extension", "incomplete"].includes(end)) throw new DOMException("the browser's words", end);
      const credential = {
        id: "-_8",
        rawId: bytes(251, 255),
        type: "public-key",
        authenticatorAttachment: "platform",
        getClientExtensionResults: () => ({}),
        response,
      };
      if (end === "incomplete") delete credential.response;
      return end === "extension" ? ofExtension(credential) : credential;
    };
  const made = { clientDataJSON: bytes(1), attestationObject: bytes(2), getTransports: () => ["internal"] };
  const signed = { clientDataJSON: bytes(1), authenticatorData: bytes(3), signature: bytes(4), userHandle: bytes(5) };
  const restoreConditional = shadow(passkeyType(), "isConditionalMediationAvailable", () =>
    how === "no conditional" ? undefined : async () => true,
  );
  const restore = shadow(navigator, "credentials", () => ({ create: dialog(made), get: dialog(signed) }));
  return () => {
    restoreConditional();
    restore();
  };
}

/**
 * As a password manager's extension hands it out: its own members, and what the classes of the browser have beside them, all
 * of which refuses such an object.
 */
function ofExtension({ authenticatorAttachment: _, getClientExtensionResults: __, ...members }) {
  const refuse = (_, name) => {
    // The classes have none; `await` looks for it.
    if (name === "then") return undefined;
    throw new TypeError("Illegal invocation");
  };
  const prototype = new Proxy({}, { get: refuse });
  const response = Object.setPrototypeOf({ ...members.response }, prototype);
  return Object.setPrototypeOf({ ...members, response }, prototype);
}

export const hidePasskeys = () => shadow(globalThis, "PublicKeyCredential", () => undefined);

/** Amazon's script, which does so: `joining`, `throwing`, `none`, `nothing`. */
export function stubContext(how) {
  const getData = {
    joining: (...all) => all.join("/"),
    throwing: refusal("SecurityError"),
    none: undefined,
    nothing: () => null,
  }[how];
  return shadow(globalThis, "AmazonCognitoAdvancedSecurityData", () => ({ getData }));
}

/** The module as another document of this origin has it. */
export async function inOtherDocument(name) {
  const frame = document.createElement("iframe");
  document.body.append(frame);
  const module = await frame.contentWindow.eval(`import(${JSON.stringify(new URL(name, MODULES).href)})`);
  return { frame, module, AbortController: frame.contentWindow.AbortController };
}

export const removeDocument = ({ frame }) => frame.remove();
export const announceFrom = ({ module }, key) => module.announce({}, key);
export const lockFrom = (other, name, patience) => {
  other.controller = new other.AbortController();
  return other.module.lock(name, patience, other.controller);
};
export const unlockFrom = ({ controller }) => controller.abort();
export const shadowLocksIn = ({ frame }) => shadow(frame.contentWindow.navigator, "locks", () => undefined);
export const hideBroadcastChannelIn = ({ frame }) => shadow(frame.contentWindow, "BroadcastChannel", () => undefined);

/** What a worker makes of the modules: which stores open, what one of them holds then, and whether a lock is granted. */
export function inWorker(key) {
  const work = async ({ data: [modules, key] }) => {
    const [storage, lock, signals, channel] = await Promise.all(
      ["storage.js", "lock.js", "signals.js", "channel.js"].map((name) => import(new URL(name, modules).href)),
    );
    const state = storage.newState();
    signals.listen(state, key, () => undefined, new AbortController());
    const trials = [await storage.probe(state, "localStorage", key), await storage.probe(state, "indexedDB", key)];
    await storage.clear(state, "indexedDB", key);
    await storage.swap(state, "indexedDB", key, undefined, "1 of a worker");
    const found = await storage.read(state, "indexedDB", key);
    const locked = await lock.lock(key, 5_000, new AbortController());
    channel.announce(state, key);
    postMessage(
      JSON.stringify({ trials, found, locked, foreign: storage.foreign(key) ?? null, online: signals.isOnline() }),
    );
  };
  const source = new Blob([`onmessage = ${work}`], { type: "text/javascript" });
  const worker = new Worker(URL.createObjectURL(source), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage([MODULES.href, key]);
  }).finally(() => worker.terminate());
}

/** Lets an event happen to the page. */
export function happen(target, name, persisted) {
  const event = name.startsWith("page") ? new PageTransitionEvent(name, { persisted }) : new Event(name);
  (target === "document" ? document : globalThis).dispatchEvent(event);
}

export const setItem = (key, text) => localStorage.setItem(key, text);
export const getItem = (key) => localStorage.getItem(key) ?? undefined;
export const setSessionItem = (key, text) => sessionStorage.setItem(key, text);
