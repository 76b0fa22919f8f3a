// Starts the Cognito emulator for a test and speaks its control interface.
//
//   const emulator = await start();
//   await emulator.code("alice@example.com");   // the newest code "mailed" to alice
//   await emulator.close();

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
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
  clientSecret: "emulator-client-secret",
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
    throw new Error(`no emulator at ${file}: build it with "cargo build -p cognito-emulator", or name it in COGNITO_EMULATOR`);
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

/** The control interface of an emulator at `url`, also one that was started elsewhere. */
export function control(url) {
  const call = async (method, route, body) => {
    const answer = await fetch(`${url}/_emulator/${route}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_emulator/${route} answered ${answer.status}: ${text}`);
    return text === "" ? {} : JSON.parse(text);
  };
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
    /** The emulator's time in milliseconds since 1970. */
    clock: async () => (await call("GET", "clock")).now,
    /** Moves the emulator's clock forward; tests never wait for time to pass. */
    advance: async (seconds) => (await call("POST", "clock", { advanceSeconds: seconds })).now,
    /** Adds a fault rule, for instance `{ operation: "GetUser", fault: { status: 503 } }`. */
    fault: (rule) => call("POST", "faults", rule),
    faults: () => call("GET", "faults"),
    clearFaults: () => call("DELETE", "faults"),
    /** Calls received, oldest first; with an operation only those. */
    requests: async (operation) =>
      (await call("GET", operation === undefined ? "requests" : `requests?operation=${operation}`)).requests,
    clearRequests: () => call("DELETE", "requests"),
    pools: () => call("GET", "pools"),
    health: () => call("GET", "health"),
    /** Back to the initial configuration: no users, tokens, messages, faults, or advanced clock. */
    reset: () => call("POST", "reset", {}),
  };
}
