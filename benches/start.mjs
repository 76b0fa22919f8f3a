// How long the first page waits until a client knows who is signed in, on a slow connection: from the navigation on, with
// nothing cached, and with every file in the browser's cache.

import { DEFAULT_POOL } from "../tests/support/emulator.mjs";
import { clientFiles } from "./lib/bundle.mjs";
import { median, printTable, short } from "./lib/report.mjs";
import { serve } from "./lib/site.mjs";

/** A slow 3G connection as browsers' tools know it: 1.6 Mbps down, 750 kbps up, and 150 ms for an answer to begin. */
const SLOW = { offline: false, latency: 150, download_throughput: 200_000, upload_throughput: 93_750 };
const FAST = { offline: false, latency: 0, download_throughput: -1, upload_throughput: -1 };

/** Name in the report, the script in page/clients/, and whether the page names the files that the script will import. */
const STARTS = [
  { name: "cognito-wasm", file: "cognito-wasm" },
  { name: "cognito-wasm, with modulepreload", file: "cognito-wasm", preloads: true },
  { name: "aws-amplify", file: "amplify" },
];

/** @returns {Promise<Record<string, { coldMs: number, warmMs: number }>>} medians by name */
export async function measureStarts(browser, rounds) {
  const service = { ...DEFAULT_POOL, url: "http://127.0.0.1:1", configUrl: "/awsconfiguration.json" };
  const waits = Object.fromEntries(STARTS.map(({ name }) => [name, { cold: [], warm: [] }]));
  for (const { name, file, preloads } of STARTS) {
    const files = await clientFiles([file]);
    files.set("/awsconfiguration.json", configuration(service));
    files.set("/", page(file, service, preloads ? chunks(files) : []));
    const site = await serve(files, { isLikeProduction: true });
    try {
      for (let round = 0; round < rounds; round += 1) {
        // A name of its own for each round: nothing of it is cached.
        const address = site.page(`start-${round}`);
        await browser.setNetwork(SLOW);
        for (const state of ["cold", "warm"]) {
          await browser.open(address);
          waits[name][state].push(await browser.waited());
        }
        await browser.setNetwork(FAST);
      }
    } finally {
      site.close();
    }
  }
  const medians = Object.fromEntries(
    Object.entries(waits).map(([name, { cold, warm }]) => [name, { coldMs: median(cold), warmMs: median(warm) }]),
  );
  console.log("\nFrom the navigation until it is known who is signed in, at 1.6 Mbps and 150 ms, medians");
  printTable(
    ["", "cold ms", "warm ms"],
    Object.entries(medians).map(([name, { coldMs, warmMs }]) => [name, short(coldMs), short(warmMs)]),
  );
  return medians;
}

function configuration({ userPoolId, clientId, region, url }) {
  return JSON.stringify({
    CognitoUserPool: { Default: { PoolId: userPoolId, AppClientId: clientId, Region: region, Endpoint: url } },
  });
}

/** What the script imports later, named by the bundler. */
function chunks(files) {
  return [...files.keys()].filter((name) => /\/wasm-/.test(name));
}

function page(file, service, preloaded) {
  const links = preloaded.map((name) => `<link rel="modulepreload" href="${name}">`).join("");
  return `<!doctype html><title>start</title>${links}<script type="module">
    import { open } from "/clients/${file}.js";
    const { state } = await open(${JSON.stringify(service)});
    await state();
    globalThis.waited = performance.now();
  </script>`;
}
