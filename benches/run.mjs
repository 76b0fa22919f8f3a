// npm run bench [-- --json FILE --rounds N]: this package beside the incumbents, in one headless Chromium.
//
// Nothing here fails because it is slow: machines differ, and so do hours. What it checks is that nobody is timed while
// wrong: every answer that is timed is verified by a server side of its own (lib/server-side.mjs).

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
  const { buildSrpWasm } = await import("./lib/bundle.mjs");
  const { startBrowser } = await import("./lib/browser.mjs");
  const { measureSrp } = await import("./srp.mjs");
  const { measureClients } = await import("./clients.mjs");
  await build();
  await buildSrpWasm();
  await run("cargo", ["build", "--package", "cognito-emulator"]);

  const browser = await startBrowser();
  try {
    console.log(`${browser.name}, ${rounds} rounds. Times in ms.`);
    const results = {};
    for (const [name, measure] of Object.entries({ srp: measureSrp, clients: measureClients })) {
      results[name] = await measure(browser, rounds);
      if (json !== undefined) writeJson(json, results);
    }
  } finally {
    await browser.close();
  }
});

function options(args) {
  const known = { json: { type: "string" }, rounds: { type: "string", default: "20" } };
  const values = readOptions(args, known, "npm run bench [-- --json FILE --rounds N]");
  // Minutes of measuring must not be lost to a name that cannot be written.
  if (values.json !== undefined) writeJson(values.json, {});
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Stop(`--rounds wants a whole number above 0, not "${values.rounds}".`);
  return { json: values.json, rounds };
}
