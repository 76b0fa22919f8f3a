// The arithmetic of an SRP sign-in: A (random a, g^a and whatever the library sets up first), then the claim (u, x, S,
// HKDF, signature). Warm: all in one page, after warm-up rounds. Cold: the first call ever of a fresh page.

import { srpFiles } from "./lib/bundle.mjs";
import { median, printBar, printTable, ratio, short } from "./lib/report.mjs";
import { newSignIn } from "./lib/server-side.mjs";
import { serve } from "./lib/site.mjs";

/** Name in the report, and the file in page/contestants/. */
const CONTESTANTS = {
  "cognito-wasm": "cognito-wasm",
  "amazon-cognito-identity-js": "identity-js",
  "@aws-amplify/auth": "amplify",
  "bigint-1024": "bigint-1024",
  "bigint-256": "bigint-256",
};
const FILES = Object.values(CONTESTANTS);
const WARM_UPS = 4;

/** @returns {Promise<Record<string, { warmMs: number, coldMs: number }>>} medians by name */
export async function measureSrp(browser, rounds) {
  const site = await serve(await srpFiles(FILES));
  try {
    const warm = await measureWarm(browser, site, rounds);
    const cold = await measureCold(browser, site, rounds);
    report(warm, cold);
    return Object.fromEntries(
      Object.entries(CONTESTANTS).map(([name, file]) => [
        name,
        { warmMs: median(warm[file].total), coldMs: median(cold[file].total) },
      ]),
    );
  } finally {
    site.close();
  }
}

async function measureWarm(browser, site, rounds) {
  await browser.open(site.page("warm"));
  await verifiedSignIns(browser, FILES, WARM_UPS);
  return byContestant(await verifiedSignIns(browser, FILES, rounds));
}

async function measureCold(browser, site, rounds) {
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < FILES.length; turn += 1) {
      const file = FILES[(round + turn) % FILES.length];
      await browser.open(site.page(`${file}-${round}`));
      results.push(...(await verifiedSignIns(browser, [file], 1)));
    }
  }
  return byContestant(results);
}

/** Sign-ins in the page that is open, each answer verified. */
async function verifiedSignIns(browser, files, rounds) {
  const signIns = Array.from({ length: rounds }, newSignIn);
  const results = await browser.evaluate(
    "/srp.js",
    "signIns",
    files,
    signIns.map(({ challenge }) => challenge),
  );
  for (const { name, round, srpA, signature } of results) {
    if (!signIns[round].accepts(srpA, signature))
      throw new Error(`${name} does not prove the password: it is wrong, not fast`);
  }
  return results;
}

function byContestant(results) {
  const times = Object.fromEntries(FILES.map((file) => [file, { a: [], claim: [], total: [] }]));
  for (const { name, aMs, claimMs } of results) {
    times[name].a.push(aMs);
    times[name].claim.push(claimMs);
    times[name].total.push(aMs + claimMs);
  }
  return times;
}

function report(warm, cold) {
  for (const [title, times] of Object.entries({
    "warm (one page, interleaved)": warm,
    "cold (first call of a fresh page)": cold,
  })) {
    console.log(`\nSRP sign-in maths, ${title}`);
    printTable(
      ["", "A", "claim", "sign-in median", "min", "x Amplify", "x bigint-256"],
      Object.entries(CONTESTANTS).map(([name, file]) => {
        const { a, claim, total } = times[file];
        const ratios = [ratio(total, times.amplify.total), ratio(total, times["bigint-256"].total)];
        return [name, ...[median(a), median(claim), median(total), Math.min(...total), ...ratios].map(short)];
      }),
    );
  }
  console.log();
  const ours = (times, other) => ratio(times["cognito-wasm"].total, times[other].total);
  printBar("warm, to Amplify", ours(warm, "amplify"), 0.06, "x");
  printBar("warm, to bigint-256", ours(warm, "bigint-256"), 0.7, "x");
  printBar("cold, to Amplify", ours(cold, "amplify"), 0.06, "x");
}
