// One user's account, from a bare page: a client that is signed in, and its calls by name.

import assert from "node:assert/strict";
import { DEFAULT_POOL } from "../../support/emulator.mjs";
import { clearStores } from "./stage.mjs";

export const alice = { username: "alice", email: "alice@example.com", password: "Correct-horse-7" };

/** What a configuration says of the built-in pool. */
const DEFAULT = { PoolId: DEFAULT_POOL.userPoolId, AppClientId: DEFAULT_POOL.clientId };

/** An IP address is no relying party. */
const localhost = ({ emulator }) => emulator.url.replace("127.0.0.1", "localhost");

/** Forgets what {@link openAccount} has kept. */
export const clearAccount = (stage) => clearStores(stage.browser, localhost(stage));

/**
 * A page on localhost with a client without a signed-in user. It keeps nothing, for what the stage clears is kept
 * for another origin; unless it has to, and then it goes on with what was kept. `userPool` is what the configuration says
 * of another pool than the built-in one.
 */
export async function openAccount(stage, { storage = "memory", url = localhost(stage), userPool = DEFAULT } = {}) {
  const { browser } = stage;
  await browser.url(`${url}/bare.html`);
  const initialized = await browser.execute(
    (Default, storage) => {
      window.states = [];
      window.client = new cognito.AWSMobileClient();
      const userPool = { Default: { ...Default, Endpoint: location.origin } };
      return outcome(client.initialize({ CognitoUserPool: userPool }, { storage })).then((result) => {
        client.addUserStateListener((state, { reason }) => states.push([state, reason]));
        return result;
      });
    },
    userPool,
    storage,
  );
  assert.ok(initialized.value, JSON.stringify(initialized));
  return new Account(browser);
}

/** A pool of its own, by the members of `CreateUserPool`, with one app client: what a configuration says of it. */
export async function createPool({ emulator }, members, client) {
  const { UserPool } = await emulator.admin("CreateUserPool", { PoolName: "another", ...members });
  const { UserPoolClient } = await emulator.admin("CreateUserPoolClient", {
    UserPoolId: UserPool.Id,
    ClientName: "another",
    ...client,
  });
  return { PoolId: UserPool.Id, AppClientId: UserPoolClient.ClientId, AppClientSecret: UserPoolClient.ClientSecret };
}

class Account {
  #browser;

  constructor(browser) {
    this.#browser = browser;
  }

  /**
   * What a call comes to, such as `call("deviceOperations.list")`: `{ value }` or `{ failure }`. Dates are texts: each
   * driver makes something else of them.
   */
  call(path, options) {
    return this.#browser.execute(
      (path, options) =>
        outcome(invoke(client, path, options ?? undefined)).then((result) => JSON.parse(JSON.stringify(result))),
      path,
      options ?? null,
    );
  }

  /** The value of a call that must succeed. */
  async ok(path, options) {
    const { value, failure } = await this.call(path, options);
    assert.equal(failure, undefined, `${path}: ${JSON.stringify(failure)}`);
    return value ?? null;
  }

  /** The code of a call that must fail. */
  async code(path, options) {
    const { value, failure } = await this.call(path, options);
    assert.ok(failure, `${path} came to ${JSON.stringify(value)}`);
    assert.ok(failure.isAuthError, JSON.stringify(failure));
    return failure.code;
  }

  async signIn({ username, password }) {
    assert.deepEqual(await this.ok("signIn", { username, password }), { signInState: "signedIn" });
  }

  /** A claim of the tokens as they are now. */
  async claim(name) {
    const { idToken } = await this.ok("getTokens");
    return idToken.claims[name];
  }

  /** What is sent from now on, as the function that reads it: `[{ operation, body }]`. The service's log has no bodies. */
  async listen() {
    await this.#browser.execute(() => {
      window.sent = [];
      const send = fetch;
      window.fetch = (url, init) => {
        sent.push({ operation: init.headers["x-amz-target"].split(".")[1], body: JSON.parse(init.body) });
        return send(url, init);
      };
    });
    return () => this.#browser.execute(() => sent);
  }

  /** What listeners were told: `[state, reason]`. */
  states() {
    return this.#browser.execute(() => states.map(([state, reason]) => [state, reason ?? null]));
  }
}

/** A code of as many digits that is not this one. */
export const wrong = (code) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));
