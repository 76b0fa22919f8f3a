// Looks for secrets wherever a page can leave them. Loaded with the page, so that nothing is missed: tokens are learnt from
// the service's answers, and messages between tabs are heard.

(() => {
  const secrets = new Set();
  const heard = [];
  const memories = [];
  const send = globalThis.fetch;

  globalThis.fetch = async (...request) => {
    const response = await send(...request);
    const text = await response.clone().text();
    for (const [, , secret] of text.matchAll(/"(AccessToken|IdToken|RefreshToken|Session)":"([^"]+)"/g))
      secrets.add(secret);
    return response;
  };

  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name];
    WebAssembly[name] = async (...args) => {
      const made = await original.apply(WebAssembly, args);
      memories.push((made.instance ?? made).exports.memory);
      return made;
    };
  }

  globalThis.scan = {
    /** What was learnt, and what is to be looked for beside it. */
    secrets(...more) {
      for (const secret of more) secrets.add(secret);
      return [...secrets];
    },

    /** Hears what clients tell one another from now on. */
    async listen() {
      const { PoolId, AppClientId, Endpoint } = (await lab.config()).CognitoUserPool.Default;
      new BroadcastChannel(`cognito-wasm/${PoolId}@${Endpoint}/${AppClientId}/-`).onmessage = ({ data }) =>
        heard.push(JSON.stringify(data) ?? "nothing");
    },

    heard,

    /** The secrets of this device as the encrypted store has them: they are made here and no answer tells them. */
    async devicePasswords() {
      const texts = Object.entries(await decrypted()).flatMap(([place, text]) =>
        place.endsWith("/devices") ? [text] : [],
      );
      return texts.flatMap((text) => JSON.parse(text.slice(text.indexOf("{"))).devices.map(({ password }) => password));
    },

    /**
     * Which secrets the memory of the WebAssembly still has a part of, by their first letters. A part, for what frees a
     * place writes into its beginning.
     */
    remembered() {
      const texts = memories.map(({ buffer }) => new TextDecoder("latin1").decode(buffer));
      return [...secrets]
        .filter((secret) => ends(secret).some((part) => texts.some((text) => text.includes(part))))
        .map((secret) => secret.slice(0, 12));
    },

    /** The places where a secret is to be read, by name; `opened`: also what encrypted records hold. */
    async found({ opened = false } = {}) {
      const places = {
        localStorage: JSON.stringify({ ...localStorage }),
        sessionStorage: JSON.stringify({ ...sessionStorage }),
        cookies: document.cookie,
        address: `${location.href} ${document.referrer}`,
        history: `${JSON.stringify(history.state)} ${window.name}`,
        document: document.documentElement.outerHTML,
        console: probe.said.join("\n"),
        uncaught: probe.uncaught.join("\n"),
        "names of requests": performance
          .getEntries()
          .map(({ name }) => name)
          .join("\n"),
        "messages between tabs": heard.join("\n"),
        caches: await cached(),
      };
      for (const { store, key, value } of await faults.rows())
        places[`indexedDB ${store} ${key}`] = `${key} ${text(value)}`;
      if (opened) Object.assign(places, await decrypted());
      return Object.entries(places).flatMap(([place, text]) =>
        [...secrets].some((secret) => text.includes(secret)) ? [place] : [],
      );
    },
  };

  /** The last letters of a secret in pieces: those of a JWT are its signature's, which is in nothing that is no token. */
  function ends(secret) {
    const end = secret.slice(-96);
    return end.match(/.{8,32}/g) ?? [end];
  }

  /** A row's strings, and its bytes as letters of one byte and of two. */
  function text(value) {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
      const bytes = new Uint8Array(value.buffer ?? value);
      return `${new TextDecoder("latin1").decode(bytes)} ${new TextDecoder("utf-16").decode(bytes)}`;
    }
    if (typeof value === "object" && value !== null) return Object.values(value).map(text).join(" ");
    return String(value);
  }

  async function decrypted() {
    const rows = await faults.rows();
    const opened = {};
    for (const { key: place, value } of rows.filter(({ store }) => store === "records")) {
      const key = rows.find((row) => row.store === "keys" && row.key === place)?.value;
      if (!key) continue;
      const additionalData = new TextEncoder().encode(`${place} ${value.stamp}`);
      const data = await crypto.subtle.decrypt({ name: "AES-GCM", iv: value.iv, additionalData }, key, value.data);
      opened[`decrypted ${place}`] = new TextDecoder().decode(data);
    }
    return opened;
  }

  async function cached() {
    const texts = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text());
    }
    return texts.join("\n");
  }
})();
