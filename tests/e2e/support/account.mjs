// One user's account, from a bare page: a client that is signed in, and its calls by name.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { DEFAULT_POOL } from "../../support/emulator.mjs";
import { clearStores } from "./stage.mjs";

export const alice = { username: "alice", email: "alice@example.com", password: "Correct-horse-7" };

/** An IP address is no relying party. */
const localhost = ({ emulator }) => emulator.url.replace("127.0.0.1", "localhost");

/** Forgets what {@link openAccount} has kept. */
export const clearAccount = (stage) => clearStores(stage.browser, localhost(stage));

/**
 * A page on localhost with a client that nobody has signed in to yet. It keeps nothing, for what the stage clears is kept
 * for another origin; unless it has to, and then it goes on with what was kept.
 */
export async function openAccount(stage, { storage = "memory", url = localhost(stage) } = {}) {
  const { browser } = stage;
  await browser.url(`${url}/bare.html`);
  const { userPoolId: PoolId, clientId: AppClientId } = DEFAULT_POOL;
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
    { PoolId, AppClientId },
    storage,
  );
  assert.ok(initialized.value, JSON.stringify(initialized));
  return new Account(browser);
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
      (path, options) => outcome(invoke(client, path, options ?? undefined)).then((result) => JSON.parse(JSON.stringify(result))),
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

  /** What listeners were told: `[state, reason]`. */
  states() {
    return this.#browser.execute(() => states.map(([state, reason]) => [state, reason ?? null]));
  }
}

/** What an authenticator app shows at this time, in milliseconds since 1970 (RFC 6238). */
export function totp(secretCode, now) {
  const bits = [...secretCode].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** A code of as many digits that is not this one. */
export const wrong = (code) => code.replace(/^./, (digit) => String((Number(digit) + 1) % 10));
