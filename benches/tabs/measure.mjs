// Every contestant's races, in one browser, who begins rotating with the round.

import { readFileSync } from "node:fs";
import { at } from "../../scripts/lib/project.mjs";
import { openBrowser } from "../../tests/e2e/support/drivers.mjs";
import { serve } from "../lib/site.mjs";
import { pageFiles } from "./bundle.mjs";
import { race, TABS } from "./race.mjs";
import { startEmulator, startTokenServer } from "./services.mjs";

/** Name of the npm package; the file in clients/, the call that is made there, and the service it is made for. */
const CONTESTANTS = {
  "cognito-wasm": { file: "cognito-wasm", call: "getTokens()", service: "cognito" },
  "aws-amplify": { file: "amplify", call: "fetchAuthSession()", service: "cognito" },
  "@auth0/auth0-spa-js": { file: "auth0", call: "getTokenSilently()", service: "oauth" },
  "oidc-client-ts": { file: "oidc", call: "getUser(), signinSilent()", service: "oauth" },
  "@supabase/auth-js": { file: "supabase", call: "getSession()", service: "oauth" },
};

/** How long the services think about a refresh. */
const LATENCY_MS = 80;

/** @returns {Promise<object>} the facts of each race, by contestant */
export async function measureRaces(rounds) {
  const contestants = Object.entries(CONTESTANTS);
  const site = await serve(await pageFiles(contestants.map(([, { file }]) => file)));
  const services = { cognito: await startEmulator(LATENCY_MS), oauth: await startTokenServer(LATENCY_MS) };
  const { browser, close } = await openBrowser();
  try {
    await browser.setTimeout({ script: 60_000 });
    const { browserName, browserVersion } = browser.capabilities;
    const tabs = await openTabs(browser);
    const races = Object.fromEntries(contestants.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < contestants.length; turn += 1) {
        const [name, { file, service }] = contestants[(round + turn) % contestants.length];
        races[name].push(await race(browser, tabs, site.page(`${file}-${round}`), file, services[service]));
      }
    }
    return {
      browser: `${browserName} ${browserVersion}`,
      rounds,
      tabs: TABS,
      latencyMs: LATENCY_MS,
      contestants: Object.fromEntries(
        contestants.map(([name, { call }]) => [name, { version: versionOf(name), call, races: races[name] }]),
      ),
    };
  } finally {
    await close();
    site.close();
    await Promise.all(Object.values(services).map((service) => service.close()));
  }
}

// Windows and not tabs of one window: a browser slows the timers of a tab that is behind others.
async function openTabs(browser) {
  const tabs = [await browser.getWindowHandle()];
  while (tabs.length < TABS) tabs.push((await browser.createWindow("window")).handle);
  return tabs;
}

function versionOf(name) {
  const folder = name === "cognito-wasm" ? at() : at("node_modules", name);
  return JSON.parse(readFileSync(`${folder}/package.json`, "utf8")).version;
}
