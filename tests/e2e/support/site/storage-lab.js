// Clients as the tests of this page begin with them, and what is to be seen of one in a form that WebDriver can carry.

/** What other packages keep in localStorage. */
globalThis.foreignKeys = () =>
  Object.keys(localStorage)
    .filter((key) => key.startsWith("CognitoIdentityServiceProvider."))
    .sort();

globalThis.lab = {
  /** A client that is initialized for the emulator's pool. */
  async open(options) {
    const client = new cognito.AWSMobileClient();
    await client.initialize(await lab.config(), options);
    return client;
  },

  /** One with a user signed in, who is not asked for more. */
  async signIn({ username, password }, options) {
    const client = await lab.open(options);
    await client.signIn({ username, password });
    return client;
  },

  async config(clientId) {
    lab.configuration ??= await (await fetch("awsconfiguration.json")).json();
    const config = structuredClone(lab.configuration);
    if (clientId) config.CognitoUserPool.Default.AppClientId = clientId;
    return config;
  },

  /** WebDriver carries no `undefined`. */
  facts(client) {
    const { userState, username, reason, storage } = client.getSnapshot();
    return { userState, username: username ?? null, reason: reason ?? null, storage: storage ?? null };
  },

  /** What a new client finds: what is stored, as the next page will see it. */
  async found(options) {
    const client = await lab.open(options);
    const facts = lab.facts(client);
    client.close();
    return facts;
  },

  /** The page is looked at again, as after another tab was; clients then look into the store. */
  lookAgain() {
    document.dispatchEvent(new Event("visibilitychange"));
  },

  /** Listeners that fail, each in its own way. Of this file: what a driver's script throws is told to the page as "Script error." */
  failing: (what) => ({
    [`Error: ${what} throws`]: () => {
      throw new Error(`${what} throws`);
    },
    [`${what} throws no error`]: () => {
      throw `${what} throws no error`;
    },
    [`Error: ${what} rejects`]: async () => {
      throw new Error(`${what} rejects`);
    },
  }),

  /** Waits until `check` gives something, and gives that. */
  async eventually(check) {
    const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
    for (let left = 500; left > 0; left--) {
      const found = await check();
      if (found) return found;
      await turn();
    }
    throw new Error(`this did not come about: ${check}`);
  },
};
