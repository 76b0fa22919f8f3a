// The WebDriver of each engine: how it is started, what it is asked for, how it ends.
//
// E2E_BROWSER names the engine: chromium (the default), firefox or webkit.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { remote } from "webdriverio";
import { at, ENV } from "../../../scripts/lib/project.mjs";

// What the wasm-bindgen tests start their browsers with, too.
const started = JSON.parse(readFileSync(at("webdriver.json"), "utf8"));

/** Firefox asks the authenticators that its driver adds only by the first, and waits for the touch of a real one without the second. */
const PASSKEY_PREFS = {
  "security.webauth.webauthn_enable_softtoken": true,
  "security.webauth.webauthn_enable_usbtoken": false,
};

const engines = {
  chromium: {
    driver: (port) => ["chromedriver", `--port=${port}`],
    capabilities: () => ({
      browserName: "chrome",
      "goog:chromeOptions": withArgs(started["goog:chromeOptions"], "--window-size=1280,1000"),
    }),
  },
  firefox: {
    driver: (port) => ["geckodriver", "--port", port],
    capabilities: () => ({
      browserName: "firefox",
      "moz:firefoxOptions": {
        ...withArgs(started["moz:firefoxOptions"], "--width=1280", "--height=1000"),
        prefs: PASSKEY_PREFS,
      },
    }),
  },
  webkit: {
    // WebKitGTK has no headless mode.
    driver: (port) => ["xvfb-run", "-a", "-s", "-screen 0 1280x1000x24", "WebKitWebDriver", `--port=${port}`],
    capabilities: () => ({
      "webkitgtk:browserOptions": { binary: miniBrowser(), args: ["--automation"] },
    }),
  },
};

export const engine = process.env.E2E_BROWSER ?? "chromium";

/** Starts the engine's driver and one browser. `close()` ends both. */
export async function openBrowser() {
  if (!engines[engine]) throw new Error(`E2E_BROWSER is "${engine}": use one of ${Object.keys(engines).join(", ")}`);
  const { driver, capabilities } = engines[engine];
  const port = await freePort();
  const { end } = await startDriver(driver(String(port)), port);
  try {
    const browser = await remote({
      hostname: "127.0.0.1",
      port,
      path: "/",
      logLevel: "silent", // a command's failure is thrown, and the test tells it
      // One engine's BiDi is another's gap; the classic protocol is what all three speak.
      capabilities: { ...capabilities(), "wdio:enforceWebDriverClassic": true },
    });
    const close = async () => {
      try {
        await browser.deleteSession();
      } finally {
        await end();
      }
    };
    return { browser, close };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startDriver([command, ...args], port) {
  const child = spawn(command, args, {
    stdio: "ignore",
    // A group of its own: a driver ended by a signal leaves its browser behind, and xvfb-run its screen.
    detached: true,
    env: ENV,
  });
  const ended = new AbortController();
  const gone = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? code}`));
  }).then((why) => ended.abort(why));
  const killGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Already gone.
    }
  };
  const killWithUs = () => killGroup("SIGKILL");
  process.once("exit", killWithUs);

  const patience = AbortSignal.any([ended.signal, AbortSignal.timeout(30_000)]);
  if (!(await isReady(`http://127.0.0.1:${port}/status`, patience))) {
    killGroup("SIGKILL");
    throw new Error(`${command} takes no sessions: ${patience.reason}`);
  }
  return {
    async end() {
      killGroup("SIGTERM");
      await gone;
      process.removeListener("exit", killWithUs);
    },
  };
}

/** Asks the driver until it takes sessions; `false` where it does not before `signal` aborts. */
async function isReady(url, signal) {
  while (!signal.aborted) {
    const status = await fetch(url, { signal }).then(
      (answer) => answer.json(),
      () => undefined, // not listening yet
    );
    if (status?.value.ready) return true;
    await pause(50);
  }
  return false;
}

function withArgs(options, ...args) {
  return { ...options, args: [...options.args, ...args] };
}

/** WebKitGTK's browser, which Debian keeps in a folder named after the machine. */
function miniBrowser() {
  const places = readdirSync("/usr/lib").map((folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`);
  const found = places.find((place) => existsSync(place));
  if (!found) throw new Error("no MiniBrowser of webkit2gtk-4.1: install the package libwebkit2gtk-4.1-0");
  return found;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
