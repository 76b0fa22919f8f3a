// A tab of an app, as the tests of several tabs drive it. Its address says what the browser lacks and how wrong the device's
// clock is, so that it is so before the package is loaded: tabs-page.html?without=locks,BroadcastChannel&clock=7200000

const wishes = new URLSearchParams(location.search);

// What the tests need themselves, whatever the tab goes without.
const realNow = Date.now.bind(Date);
const realElapsed = performance.now.bind(performance);
const orders = new BroadcastChannel("orders of a test");

const lack = {
  locks: () => Object.defineProperty(navigator, "locks", { value: undefined }),
  BroadcastChannel: () => delete globalThis.BroadcastChannel,
  "a BroadcastChannel that opens": () => {
    globalThis.BroadcastChannel = class {
      constructor() {
        throw new DOMException("", "SecurityError");
      }
    };
  },
  "a BroadcastChannel that speaks": () => {
    BroadcastChannel.prototype.postMessage = () => {
      throw new DOMException("", "InvalidStateError");
    };
  },
  localStorage: () =>
    Object.defineProperty(globalThis, "localStorage", {
      get() {
        throw new DOMException("", "SecurityError");
      },
    }),
};
for (const what of wishes.get("without")?.split(",") ?? []) lack[what]();

/** What this device's two clocks show beyond the true time, in milliseconds. */
const clock = { wall: Number(wishes.get("clock")), monotonic: 0 };
Date.now = () => realNow() + clock.wall;
performance.now = () => realElapsed() + clock.monotonic;

/** What WebDriver can carry of a call's result. Two tokens with the same `jti` are the same token. */
function plain(value) {
  if (!value?.accessToken) return value ?? null;
  const { accessToken, idToken } = value;
  const { jti, username, exp } = accessToken.claims;
  return { access: jti, id: idToken.claims.jti, username, exp };
}

/** What the core's read of the store does, so that the core breaks. */
const breakages = {
  // What a store never answers, and the core does not reckon with.
  "a panic": () => Promise.resolve(""),
  // A place outside the memory.
  "a trap": ({ core_abort }) => core_abort(-16, 1),
  "a full stack": () => {
    const deeper = () => deeper() + 1;
    return deeper();
  },
  // No room for the answer, of 64 MB.
  "a full memory": ({ memory }) => {
    for (const pages of [1024, 64, 1]) {
      try {
        for (;;) memory.grow(pages);
      } catch {
        // No more of that size.
      }
    }
    return Promise.resolve("+".repeat(2 ** 26));
  },
};

globalThis.tab = {
  /** Every event so far, with the true time. */
  told: [],
  /** What calls come to, by the names under which they were begun. */
  calls: {},
  /** How often the tab was looked at again. */
  looks: 0,
  /** Whether a transaction is kept open. */
  holdsTransaction: false,
  /** A client that uses this app client, and listens to everything. */
  async start(clientId, settings) {
    const config = await (await fetch("awsconfiguration.json")).json();
    Object.assign(config.CognitoUserPool.Default, { AppClientId: clientId, Endpoint: location.origin });
    this.client = new cognito.AWSMobileClient();
    this.listen();
    return this.client.initialize(config, settings);
  },

  listen() {
    const tell = (event, facts) => this.told.push({ event, at: realNow(), ...facts });
    const { client } = this;
    client.on("userState", ({ userState, info }) =>
      tell("userState", { userState, reason: info.reason, username: client.username }),
    );
    client.on("tokensRefreshed", ({ tokens }) => tell("tokensRefreshed", { username: plain(tokens).username }));
    client.on("tokenRefreshFailed", ({ error }) => tell("tokenRefreshFailed", { code: error.code }));
    client.on("offline", () => tell("offline"));
    client.on("online", () => tell("online"));
  },

  /** Calls a method of the client, and keeps what it comes to under a name. */
  begin(name, method, options) {
    const [started, visibility] = [realElapsed(), document.visibilityState];
    this.calls[name] = outcome(this.client[method](options)).then(({ value, failure }) => {
      const facts = { took: realElapsed() - started, visibility };
      return failure ? { failure, ...facts } : { value: plain(value), ...facts };
    });
  },

  /** Asks for tokens so often at once. */
  async ask(times) {
    const calls = Array.from({ length: times }, () => outcome(this.client.getTokens({ waitForSignIn: false })));
    return (await Promise.all(calls)).map(({ value, failure }) => (failure ? { failure } : { value: plain(value) }));
  },

  tokens() {
    return plain(this.client.currentTokens);
  },

  /** Time goes by, and the device is awake. */
  later(milliseconds) {
    clock.wall += milliseconds;
    clock.monotonic += milliseconds;
  },

  /** The device's clock is set, or it goes on while the device sleeps. */
  setClock(milliseconds) {
    clock.wall += milliseconds;
  },

  /** Where the driver cannot: what a browser without a connection shows its pages. */
  setOnline(isOnline) {
    Object.defineProperty(navigator, "onLine", { value: isOnline, configurable: true });
    dispatchEvent(new Event(isOnline ? "online" : "offline"));
  },

  /** From now on nothing that is written ever arrives: every record is encrypted first. */
  stopStoring() {
    SubtleCrypto.prototype.encrypt = () => {
      this.isStuck = true;
      return new Promise(() => {});
    };
  },

  /** The next time that something is about to be written the user has just come back to this tab. */
  lookAgainWhileStoring() {
    const { encrypt } = SubtleCrypto.prototype;
    SubtleCrypto.prototype.encrypt = function (...args) {
      SubtleCrypto.prototype.encrypt = encrypt;
      document.dispatchEvent(new Event("visibilitychange"));
      return encrypt.apply(this, args);
    };
  },

  /** To be called before a client is there: `breakBy` then breaks its core. */
  makeBreakable() {
    const { instantiate } = WebAssembly;
    let exports;
    WebAssembly.instantiate = async (module, imports) => {
      for (const group of Object.values(imports)) {
        for (const [name, real] of Object.entries(group)) {
          // The port that reads the store, by the name that wasm-bindgen gives it.
          if (!/^__wbg_read_/.test(name)) continue;
          group[name] = (...args) => {
            if (!this.isToBreakBy) return real(...args);
            const breakage = breakages[this.isToBreakBy];
            this.isToBreakBy = undefined;
            return breakage(exports);
          };
        }
      }
      const made = await instantiate(module, imports);
      ({ exports } = made.instance ?? made);
      return made;
    };
  },

  /** The user comes back to the tab, which looks into the store, and the core breaks so. Resolves with what was not caught. */
  breakBy(breakage) {
    const trapped = new Promise((resolve) => {
      const hear = (event) => {
        event.preventDefault();
        event.stopImmediatePropagation();
        resolve(String(event.error ?? event.reason));
      };
      for (const type of ["error", "unhandledrejection"]) addEventListener(type, hear, { capture: true });
    });
    this.isToBreakBy = breakage;
    document.dispatchEvent(new Event("visibilitychange"));
    return trapped;
  },

  /** Keeps the next transaction of this mode open at its first answer, as a slow disk does. */
  holdTransaction(mode) {
    const { get } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.get = function (key) {
      const request = get.call(this, key);
      if (this.transaction.mode !== mode) return request;
      IDBObjectStore.prototype.get = get;
      tab.holdsTransaction = true;
      const hold = (event) => {
        event.stopImmediatePropagation();
        try {
          get.call(this, key).addEventListener("success", hold);
        } catch {
          // Aborted meanwhile: WebKit gives the answer all the same.
        }
      };
      request.addEventListener("success", hold);
      return request;
    };
  },

  /** A second client of the page, which asks for tokens. */
  async startAnother(clientId) {
    const config = await (await fetch("awsconfiguration.json")).json();
    Object.assign(config.CognitoUserPool.Default, { AppClientId: clientId, Endpoint: location.origin });
    const another = new cognito.AWSMobileClient();
    await another.initialize(config);
    this.anothersTokens = outcome(another.getTokens());
  },

  /** Has every other tab call one of these methods, and resolves when so many have done it. */
  order(count, method, ...args) {
    const id = Math.random();
    return new Promise((resolve) => {
      let done = 0;
      const hear = ({ data }) => {
        if (data.done !== id || ++done < count) return;
        orders.removeEventListener("message", hear);
        resolve();
      };
      if (count === 0) resolve();
      orders.addEventListener("message", hear);
      orders.postMessage({ id, method, args });
    });
  },

  /** The same, in this tab too: the nearest there is to "at once". */
  async everywhere(tabs, method, ...args) {
    await Promise.all([this.order(tabs - 1, method, ...args), this[method](...args)]);
  },
};

orders.addEventListener("message", async ({ data: { id, method, args } }) => {
  if (method === undefined) return;
  await tab[method](...args);
  orders.postMessage({ done: id });
});

document.addEventListener("visibilitychange", () => (tab.looks += document.visibilityState === "visible" ? 1 : 0));

// An open channel would keep the page out of the back/forward cache.
addEventListener("pagehide", () => orders.close());

// Before the package has set up anything: what would the app be served first?
const serve = (name) => {
  if (!tab.client) return;
  tab.firstServed = tab.tokens();
  tab.begin(name, "getTokens", { waitForSignIn: false });
};
document.addEventListener("resume", () => serve("on resume"));
addEventListener("pageshow", ({ persisted }) => persisted && serve("on pageshow"));
