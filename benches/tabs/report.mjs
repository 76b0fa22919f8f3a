// The races as a table: the median round, and the worst one where it differs.

import { median, printTable, short } from "../lib/report.mjs";

// What is worst of a fact's rounds.
const more = (values) => Math.max(...values);
const fewer = (values) => Math.min(...values);

export function report({ browser, rounds, tabs, latencyMs, contestants }) {
  const all = Object.values(contestants).flatMap(({ races }) => races);
  const spread = Math.max(...all.map((race) => race.spreadMs));
  console.log(
    `\n${tabs} tabs, one session, its access token expired, its refresh token good for one use; all ask at once`,
  );
  console.log(`${browser}, ${rounds} rounds: the median, and the worst where it differs\n`);
  printTable(
    [
      "",
      "version",
      "asked by",
      "refresh calls",
      "reuses",
      "tabs with tokens",
      "tabs signed out after",
      "session in store after",
    ],
    Object.entries(contestants).map(([name, { version, call, races }]) => [name, version, call, ...cells(races)]),
  );
  console.log(`
  Signed out after: no good token at a second call. In store after: a page opened at the end is signed in.
  The last tab asked at most ${short(spread)} ms after the first. The service takes ${latencyMs} ms to answer a refresh, and accepts a
  refresh token once, without grace: for cognito-wasm and aws-amplify this project's emulator of Amazon Cognito (refresh
  token rotation, RetryGracePeriodSeconds 0), for the others a token endpoint of this bench. A provider that takes a spent
  token for some seconds more is kinder to all of them; one that revokes the session at a reuse is harsher.
  Tabs are processes of their own: what one has written to localStorage another may see a moment later, under a Web Lock
  too, and so rounds differ.
`);
  for (const [name, { races }] of Object.entries(contestants)) {
    printErrors(name, races);
    const later = more(races.map((race) => race.laterRefreshes));
    if (later > 0) console.log(`  ${name}: up to ${later} refresh calls more by those who asked afterwards`);
  }
  const { races } = contestants["cognito-wasm"];
  const met = races.every((race) => race.refreshes === 1 && race.laterRefreshes === 0 && race.tabsWithTokens === tabs);
  console.log(
    `\n  cognito-wasm, 1 refresh for the origin and tokens in every tab, in every round: ${met ? "met" : "MISSED"}`,
  );
}

function cells(races) {
  const cell = (fact, worst) => {
    const values = races.map((race) => race[fact]);
    const [usual, bad] = [short(median(values)), short(worst(values))];
    return usual === bad ? usual : `${usual} (${bad})`;
  };
  const kept = races.filter((race) => race.sessionInStore).length;
  return [
    cell("refreshes", more),
    cell("reuses", more),
    cell("tabsWithTokens", fewer),
    cell("tabsSignedOut", more),
    kept === races.length ? "yes" : kept === 0 ? "no" : `in ${kept} of ${races.length}`,
  ];
}

/** What the tabs without a token were told, each wording once. */
function printErrors(name, races) {
  const told = races.flatMap((race) => race.errors);
  for (const error of new Set(told)) {
    console.log(`  ${name}, ${told.filter((each) => each === error).length} times: ${error}`);
  }
}
