// npm run bench:tabs [-- --json FILE --rounds N]: five tabs share a session whose access token has expired and whose
// refresh token can be used once, and all ask for tokens at the same moment. This package beside four others.
//
// Nothing here fails because somebody does badly: it prints what happened.

import { build } from "../scripts/build.mjs";
import { readOptions, writeJson } from "../scripts/lib/options.mjs";
import { main, run, Stop } from "../scripts/lib/run.mjs";
import { ensureBuildTools, ensureDebianPackages } from "../scripts/lib/tools.mjs";

const CHROMIUM = [
  { command: "chromium", packages: ["chromium"] },
  { command: "chromedriver", packages: ["chromium-driver"] },
];

await main(async (args) => {
  const { json, rounds } = options(args);
  await ensureBuildTools();
  await ensureDebianPackages(CHROMIUM);
  // Only now are the npm packages there that these need.
  const { measureRaces } = await import("./tabs/measure.mjs");
  const { report } = await import("./tabs/report.mjs");
  await build();
  await run("cargo", ["build", "--package", "cognito-emulator"]);

  const measured = await measureRaces(rounds);
  report(measured);
  if (json !== undefined) writeJson(json, measured);
});

function options(args) {
  const known = { json: { type: "string" }, rounds: { type: "string", default: "5" } };
  const values = readOptions(args, known, "npm run bench:tabs [-- --json FILE --rounds N]");
  // Minutes of measuring must not be lost to a name that cannot be written.
  if (values.json !== undefined) writeJson(values.json, {});
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop(`--rounds wants a whole number above 0, not "${values.rounds}".`);
  return { json: values.json, rounds };
}
