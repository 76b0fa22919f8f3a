// Stores that are missing, refuse, lie or forget. Each fault is put in place of what the browser has, from then on.

(() => {
  const real = { indexedDB, localStorage, sessionStorage };
  const denied = (name) => new DOMException("This fault was asked for.", name);
  const never = () => new Promise(() => {});
  let customHangs = false;
  /** Longer than a probe, shorter than a session. */
  const LONG = 300;
  /** What a store of texts does instead, by the fault's name; `keep` does what was asked. */
  const texts = {
    "throws on write": { set: () => fail("UnknownError") },
    "is read-only": { set: () => fail("NoModificationAllowedError"), remove: () => fail("NoModificationAllowedError") },
    "is full": { set: () => fail("QuotaExceededError") },
    "has little room": { set: (keep, text) => (text.length > LONG ? fail("QuotaExceededError") : keep()) },
    "drops silently": { set: () => undefined },
  };
  /** The same of IndexedDB, where `put` does what was asked. */
  const rows = {
    "throws on write": () => fail("UnknownError"),
    "is full": abortForQuota,
    "has little room": (put, row, store) => (row?.data?.byteLength > LONG ? abortForQuota(put, row, store) : put()),
    "drops silently": (_put, _row, store) => store.get("nothing"),
  };

  globalThis.faults = {
    /** Breaks a store that the browser has. */
    install(kind, fault) {
      if (fault === "is missing") return define(kind, () => undefined);
      if (fault === "throws on access") return define(kind, () => fail("SecurityError"));
      if (kind === "indexedDB") breakDatabase(fault);
      else breakArea(real[kind], texts[fault]);
    },

    /** A store of the app's own, over localStorage; `undefined` as the fault makes one that works. */
    custom({ isAsync, fault }) {
      if (fault === "is missing") return {};
      const answer = (work) => (isAsync ? Promise.resolve().then(work) : work());
      const act = (work) => (customHangs ? never() : answer(work));
      const { set, remove } =
        fault === "throws on access"
          ? { set: () => fail("UnknownError"), remove: () => fail("UnknownError") }
          : (texts[fault] ?? {});
      const place = (key) => `app/${key}`;
      return {
        getItem: (key) =>
          act(() => (fault === "throws on access" ? fail("UnknownError") : localStorage.getItem(place(key)))),
        setItem: (key, text) => {
          const keep = () => localStorage.setItem(place(key), text);
          return act(() => (set ? set(keep, text) : keep()));
        },
        removeItem: (key) => act(() => (remove ? remove() : localStorage.removeItem(place(key)))),
      };
    },

    /** The database's open never answers. */
    hangDatabase() {
      IDBFactory.prototype.open = () => new EventTarget();
    },

    /** Holds the database in a write that goes on until what is returned is called, as another tab may. */
    async holdDatabase() {
      const database = await settled(real.indexedDB.open("cognito-wasm"));
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
    },

    /** An app's own store never answers. */
    hangCustom() {
      customHangs = true;
    },

    /** What was to be encrypted, decrypted or made a key for never is. */
    hangCrypto() {
      for (const name of ["encrypt", "decrypt", "generateKey"]) SubtleCrypto.prototype[name] = never;
    },

    /** The network's answers never come; nor does an abort end the wait for them, unless it is said to. */
    hangNetwork({ hearsAborts = false } = {}) {
      globalThis.fetch = (_, { signal } = {}) =>
        new Promise((_, reject) => {
          if (hearsAborts) signal?.addEventListener("abort", () => reject(signal.reason));
        });
    },

    /** Locks are never given, and the request is not ended by its signal either. */
    hangLocks() {
      LockManager.prototype.request = never;
    },

    /** Writes fail from the given one on, counted from 1, until `mend()`, which gives how many were tried. */
    failWritesFrom(first) {
      let tried = 0;
      const fails = () => ++tried >= first;
      const { setItem } = Storage.prototype;
      const { put } = IDBObjectStore.prototype;
      Storage.prototype.setItem = function (key, text) {
        if (fails()) fail("QuotaExceededError");
        setItem.call(this, key, text);
      };
      replacePut((put, row, store) => (fails() ? abortForQuota(put, row, store) : put()));
      return function mend() {
        Storage.prototype.setItem = setItem;
        IDBObjectStore.prototype.put = put;
        return tried;
      };
    },

    /** Reads find nothing, as they may while a page is put away. Returns what ends that. */
    emptyReads() {
      const { get } = IDBObjectStore.prototype;
      const { getItem } = Storage.prototype;
      IDBObjectStore.prototype.get = function () {
        return get.call(this, "nothing");
      };
      Storage.prototype.getItem = () => null;
      return () => {
        IDBObjectStore.prototype.get = get;
        Storage.prototype.getItem = getItem;
      };
    },

    /** Forgets all that the site has stored: what a browser does that evicts it. */
    async evict() {
      real.localStorage.clear();
      real.sessionStorage.clear();
      const databases = await real.indexedDB.databases();
      await Promise.all(databases.map(({ name }) => settled(real.indexedDB.deleteDatabase(name))));
    },

    /** Every row of every database: `{ place, value }`. */
    async rows() {
      const found = [];
      for (const { name } of await real.indexedDB.databases()) {
        const database = await settled(real.indexedDB.open(name));
        for (const store of database.objectStoreNames) {
          const objects = database.transaction(store).objectStore(store);
          const [keys, values] = await Promise.all([settled(objects.getAllKeys()), settled(objects.getAll())]);
          keys.forEach((key, index) => {
            found.push({ store, key, value: values[index] });
          });
        }
        database.close();
      }
      return found;
    },

    /** Changes a store of the package's database: `act` is given the object store. */
    async change(store, act) {
      const database = await settled(real.indexedDB.open("cognito-wasm"));
      const transaction = database.transaction(store, "readwrite");
      await Promise.all([
        act(transaction.objectStore(store)),
        new Promise((resolve) => (transaction.oncomplete = resolve)),
      ]);
      database.close();
    },

    settled,
  };

  function fail(name) {
    throw denied(name);
  }

  function define(kind, get) {
    Object.defineProperty(globalThis, kind, { get, configurable: true });
  }

  function settled(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  function breakArea(area, { set, remove }) {
    const { setItem, removeItem } = Storage.prototype;
    Storage.prototype.setItem = function (key, text) {
      const keep = () => setItem.call(this, key, text);
      if (this === area) set(keep, text);
      else keep();
    };
    Storage.prototype.removeItem = function (key) {
      if (this === area && remove) remove();
      else removeItem.call(this, key);
    };
  }

  function breakDatabase(fault) {
    if (fault !== "is read-only") return replacePut(rows[fault]);
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode) {
      return mode === "readwrite" ? fail("InvalidAccessError") : transaction.call(this, stores, mode);
    };
  }

  function replacePut(act) {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      return act(() => put.apply(this, args), args[0], this);
    };
  }

  /** As browsers do: the write seems to go well, and the transaction comes to nothing. One that is committing takes no abort. */
  function abortForQuota(put, _row, { transaction }) {
    transaction.commit = () => {};
    const request = put();
    request.addEventListener("success", () => {
      Object.defineProperty(transaction, "error", { get: () => denied("QuotaExceededError") });
      transaction.abort();
    });
    return request;
  }
})();
