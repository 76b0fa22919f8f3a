// Whole clients against the emulator, each round in a fresh page: start-up, sign-in, and a token from the cache.

import { PASSWORD, awsSdk, confirmedUser } from "../tests/peers/people.mjs";
import { DEFAULT_POOL, start } from "../tests/support/emulator.mjs";
import { clientFiles } from "./lib/bundle.mjs";
import { median, printBar, printTable, short } from "./lib/report.mjs";
import { serve } from "./lib/site.mjs";

/** Name in the report, and the file in page/clients/. */
const CLIENTS = {
  "cognito-wasm": "cognito-wasm",
  "amazon-cognito-identity-js": "identity-js",
  "aws-amplify": "amplify",
};
const EMPTY = "empty";
const FILES = [...Object.values(CLIENTS), EMPTY];

/** @returns {Promise<Record<string, object>>} medians by name: milliseconds (Ms) and microseconds (Us) */
export async function measureClients(browser, rounds) {
  const emulator = await start();
  const sdk = awsSdk(emulator.url);
  const site = await serve(await clientFiles(FILES));
  try {
    const { username } = await confirmedUser(sdk);
    const service = { ...DEFAULT_POOL, url: emulator.url };
    const lives = Object.fromEntries(FILES.map((file) => [file, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (let turn = 0; turn < FILES.length; turn += 1) {
        const file = FILES[(round + turn) % FILES.length];
        await browser.open(site.page(`${file}-${round}`));
        lives[file].push(
          await browser.evaluate("/session.js", "session", file, service, { username, password: PASSWORD }),
        );
      }
    }
    const medians = mediansOf(lives);
    report(medians);
    return medians;
  } finally {
    site.close();
    sdk.destroy();
    await emulator.close();
  }
}

function mediansOf(lives) {
  const empty = median(lives[EMPTY].map((life) => life.importMs));
  return Object.fromEntries(
    Object.entries(CLIENTS).map(([name, file]) => {
      const facts = Object.keys(lives[file][0]).map((fact) => [fact, median(lives[file].map((life) => life[fact]))]);
      const { importMs, ...others } = Object.fromEntries(facts);
      return [name, { importMs: importMs - empty, ...others }];
    }),
  );
}

function report(medians) {
  console.log("\nWhole clients, fresh pages, medians (start-up: over an empty module)");
  const cell = (value) => (value === undefined ? "-" : short(value));
  printTable(
    [
      "",
      "import ms",
      "open ms",
      "sign-in ms",
      "longest block ms",
      "cached tokens us",
      "the same at once us",
      "snapshot us",
    ],
    Object.entries(medians).map(([name, facts]) => [
      name,
      ...[
        facts.importMs,
        facts.openMs,
        facts.signInMs,
        facts.longestBlockMs,
        facts.tokensUs,
        facts.currentTokensUs,
        facts.snapshotUs,
      ].map(cell),
    ]),
  );
  const ours = medians["cognito-wasm"];
  console.log();
  printBar("longest main-thread block during a sign-in", ours.longestBlockMs, 50, " ms");
  printBar("start-up, import()", ours.importMs, Number(short(medians["amazon-cognito-identity-js"].importMs)), " ms");
  printBar("getTokens() from the cache", ours.tokensUs, 1, " us");
  printBar("currentTokens", ours.currentTokensUs, 0.4, " us");
  printBar("getSnapshot()", ours.snapshotUs, 0.4, " us");
}
