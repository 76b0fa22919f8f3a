// Starts the Cognito emulator for a test and speaks its control interface.
//
//   const emulator = await start();
//   await emulator.code("alice@example.com");   // the newest code "mailed" to alice
//   await emulator.close();

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** How long something may take that is on its way, in milliseconds. */
const PATIENCE = 10_000;
const STARTED = /^cognito-emulator listening on (http:\/\/\S+)$/;

/** What the emulator offers when it is given no configuration. */
export const DEFAULT_POOL = Object.freeze({
  region: "us-east-1",
  userPoolId: "us-east-1_Emulator1",
  clientId: "emulatorwebclient00000001",
  /** Reveals that a user does not exist (PreventUserExistenceErrors LEGACY). */
  legacyClientId: "emulatorlegacyclient00001",
  /** Hands out a new refresh token with each refresh and refuses the old one. */
  rotatingClientId: "emulatorrotatingclient001",
  secretClientId: "emulatorsecretclient000001",
  clientSecret: "emulatorclientsecret000001",
});

/**
 * Starts one emulator on a free loopback port.
 *
 * @param {object} [options]
 * @param {string} [options.serve] directory of static files to serve beside the API
 * @param {string} [options.config] configuration file
 * @param {string[]} [options.args] further command-line arguments
 */
export async function start({ serve, config, args = [] } = {}) {
  const command = ["--port", "0", ...args];
  if (serve) command.push("--serve", serve);
  if (config) command.push("--config", config);
  const child = spawn(binary(), command, { stdio: ["ignore", "pipe", "pipe"] });
  // Should the test process die without close(), its emulator must not outlive it.
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const exited = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  const url = await listening(child, exited);
  return {
    url,
    pid: child.pid,
    ...control(url),
    async close() {
      child.kill("SIGTERM");
      const end = await exited;
      process.removeListener("exit", killWithUs);
      return end;
    },
  };
}

function binary() {
  const target = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? "target");
  const file = process.env.COGNITO_EMULATOR ?? path.join(target, "debug", "cognito-emulator");
  if (!existsSync(file)) {
    throw new Error(
      `no emulator at ${file}: build it with "cargo build -p cognito-emulator", or name it in COGNITO_EMULATOR`,
    );
  }
  return file;
}

/** The address the emulator prints, or an error that carries what it printed instead. */
function listening(child, exited) {
  let complaints = "";
  child.stderr.on("data", (chunk) => (complaints += chunk));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => {
      const match = STARTED.exec(line);
      if (match) resolve(match[1]);
      else reject(new Error(`the emulator's first line is not its address: ${line}`));
    });
    child.once("error", reject);
    exited.then(({ code, signal }) =>
      reject(new Error(`the emulator ended (${signal ?? code}) before it listened: ${complaints.trim()}`)),
    );
  });
}

/**
 * The control interface of an emulator at `url`, also one that was started elsewhere. What names a client or a pool
 * means the first client of the built-in pool unless it is told otherwise.
 *
 * @param {string} url the emulator's address
 */
export function control(url) {
  const call = caller(url);
  return {
    ...messages(call),
    ...authenticator(call),
    ...time(call),
    ...faults(call),
    ...settings(call),
    ...log(call),
    ...people(url),
    ...whole(call),
  };
}

function messages(call) {
  const outbox = async (username) =>
    (await call("GET", username === undefined ? "outbox" : `outbox?username=${encodeURIComponent(username)}`)).messages;
  return {
    /** Messages "sent" so far, oldest first; with a username only that user's. */
    outbox,
    clearOutbox: () => call("DELETE", "outbox"),
    /** The code of the newest message to this user. */
    async code(username) {
      const message = (await outbox(username)).filter((each) => each.code !== null).at(-1);
      if (!message) throw new Error(`no code was sent to ${username}`);
      return message.code;
    },
  };
}

function authenticator(call) {
  const shown = (username) => call("GET", `totp?username=${encodeURIComponent(username)}`);
  return {
    /** A code of this user's authenticator app that has not been used: for the next one the clock is moved. */
    async totp(username) {
      const { code, used, expiresInSeconds } = await shown(username);
      if (!used) return code;
      await call("POST", "clock", { advanceSeconds: expiresInSeconds });
      return (await shown(username)).code;
    },
    /** The secret that this user's authenticator app was given. */
    secretCode: async (username) => (await shown(username)).secretCode,
  };
}

function time(call) {
  return {
    /** The emulator's time in milliseconds since 1970. */
    clock: async () => (await call("GET", "clock")).now,
    /** Moves the emulator's clock forward, or back for a negative number; tests never wait for time to pass. */
    advance: async (seconds) => (await call("POST", "clock", { advanceSeconds: seconds })).now,
    /** Sets the emulator's clock to these milliseconds since 1970; it goes on from there. */
    setClock: async (now) => (await call("POST", "clock", { now })).now,
  };
}

function faults(call) {
  const fault = (rule) => call("POST", "faults", rule);
  return {
    /** Adds a fault rule, for instance `{ operation: "GetUser", fault: { status: 503 } }`. */
    fault,
    faults: () => call("GET", "faults"),
    clearFaults: () => call("DELETE", "faults"),
    /**
     * The service carries out the next calls of this operation, and their answers are lost on the way.
     *
     * @param {string} operation
     * @param {{ count?: number | null }} [options] how many; null for all
     */
    loseAnswer: (operation, { count = 1 } = {}) => fault({ operation, count, fault: { reset: "after" } }),
    /**
     * Holds the next calls of this operation until `release`.
     *
     * @param {string} operation
     * @param {object} [options]
     * @param {"before" | "after"} [options.when] before the operation is carried out, or after it, with only the answer held
     * @param {number | null} [options.count] how many; null for all
     */
    hold: (operation, { when = "before", count = 1 } = {}) => fault({ operation, count, fault: { hold: when } }),
    /**
     * Waits until so many calls of this operation are held, and gives their entries of the request log, oldest first.
     *
     * @param {string} operation
     * @param {number} [count]
     */
    async heldRequests(operation, count = 1) {
      const deadline = Date.now() + PATIENCE;
      while (Date.now() < deadline) {
        const { requests } = await call("GET", `requests?operation=${operation}`);
        const held = requests.filter((request) => request.held);
        if (held.length >= count) return held;
        await pause(5);
      }
      throw new Error(`${count} of ${operation} were to be held, and were not within ${PATIENCE} ms`);
    },
    /**
     * Lets held calls go on: all of them, those of one operation, or one by the id of its entry in the request log.
     *
     * @param {{ operation?: string, request?: number }} [which]
     * @returns {Promise<number[]>} the ids of those that went on
     */
    release: async (which = {}) => (await call("POST", "release", which)).released,
  };
}

function settings(call) {
  const client = (clientId, asked) => call("POST", `clients/${clientId}`, asked);
  return {
    /**
     * How long tokens live that are issued from now on, in seconds, from 1. What is left out stays as it is; a refresh
     * token's end is set when its user signs in.
     *
     * @param {{ clientId?: string, accessToken?: number, idToken?: number, refreshToken?: number }} lifetimes
     */
    setTokenLifetimes: ({ clientId = DEFAULT_POOL.clientId, accessToken, idToken, refreshToken }) =>
      client(clientId, { accessTokenSeconds: accessToken, idTokenSeconds: idToken, refreshTokenSeconds: refreshToken }),
    /**
     * Switches refresh token rotation on, with a grace of 0 to 60 seconds for the spent token, or off with null.
     *
     * @param {{ clientId?: string, graceSeconds: number | null }} rotation
     */
    setRotation: ({ clientId = DEFAULT_POOL.clientId, graceSeconds }) =>
      client(clientId, { rotationGraceSeconds: graceSeconds }),
    /**
     * Changes a pool while it runs.
     *
     * @param {object} asked for instance `{ mfa: "OPTIONAL" }`, `{ mfaFactors: ["EMAIL_OTP"] }`, `{ deviceTracking: "always" }`,
     *   `{ firstFactors: ["PASSWORD", "EMAIL_OTP"] }` or `{ customAuth: [{ parameters: { question: "2+2" }, answer: "4" }] }`
     */
    setPool: (asked, userPoolId = DEFAULT_POOL.userPoolId) => call("POST", `pools/${userPoolId}`, asked),
    pools: () => call("GET", "pools"),
  };
}

function log(call) {
  const requests = async (operation) =>
    (await call("GET", operation === undefined ? "requests" : `requests?operation=${operation}`)).requests;
  return {
    /** Calls received, oldest first; with an operation only those. */
    requests,
    clearRequests: () => call("DELETE", "requests"),
    /**
     * The calls that brought a refresh token of this emulator in order to refresh: each an entry of the request log
     * whose `refresh` is `{ generation, reuse }` and whose `outcome` is "ok" or the name of an exception.
     *
     * @param {{ clientId?: string }} [options] only this client's
     */
    refreshes: async ({ clientId } = {}) =>
      (await requests()).filter((each) => each.refresh && (clientId === undefined || each.clientId === clientId)),
  };
}

/** What an administrator does. These calls are in the request log too, and a fault of `"*"` hits them. */
function people(url) {
  const UserPoolId = DEFAULT_POOL.userPoolId;
  const admin = async (operation, members) => {
    const answer = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(members),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation} answered ${answer.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
  return {
    /** Any operation of the service by its name, such as `admin("UpdateUserPool", { UserPoolId, ... })`. */
    admin,
    /**
     * A confirmed user with a verified address.
     *
     * @param {{ username: string, password: string, email?: string }} user
     */
    async createUser({ username, password, email = `${username}@example.com` }) {
      const attributes = { email, email_verified: "true" };
      const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
      await admin("AdminCreateUser", { UserPoolId, Username: username, MessageAction: "SUPPRESS", UserAttributes });
      await admin("AdminSetUserPassword", { UserPoolId, Username: username, Password: password, Permanent: true });
    },
    /** Ends every sign-in of the user: refresh tokens and access tokens are revoked. */
    revokeTokensOf: (username) => admin("AdminUserGlobalSignOut", { UserPoolId, Username: username }),
    /** Shuts the user out, and ends every sign-in for good. */
    disableUser: (username) => admin("AdminDisableUser", { UserPoolId, Username: username }),
    /** Confirms the device of a sign-in with a verifier of no password, for clients that do not confirm it themselves. */
    confirmDevice(AccessToken) {
      const { device_key: DeviceKey } = JSON.parse(Buffer.from(AccessToken.split(".")[1], "base64url"));
      const DeviceSecretVerifierConfig = { Salt: "AQ==", PasswordVerifier: "Ag==" };
      return admin("ConfirmDevice", { AccessToken, DeviceKey, DeviceSecretVerifierConfig });
    },
    /** Forgets every device of the user. */
    async forgetDevices(Username) {
      const { Devices } = await admin("AdminListDevices", { UserPoolId, Username });
      for (const { DeviceKey } of Devices) await admin("AdminForgetDevice", { UserPoolId, Username, DeviceKey });
    },
    enableUser: (username) => admin("AdminEnableUser", { UserPoolId, Username: username }),
    deleteUser: (username) => admin("AdminDeleteUser", { UserPoolId, Username: username }),
  };
}

function whole(call) {
  return {
    health: () => call("GET", "health"),
    /** Back to the start: no users, tokens, messages, faults, or moved clock; what is held is cut off and never runs. */
    reset: () => call("POST", "reset", {}),
  };
}

function caller(url) {
  return async (method, route, body) => {
    const answer = await fetch(`${url}/_emulator/${route}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_emulator/${route} answered ${answer.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
}
