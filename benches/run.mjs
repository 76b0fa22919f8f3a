// npm run bench [-- --json FILE --rounds N]: this package beside the incumbents, in one headless Chromium.
//
// Nothing here fails because it is slow: machines differ, and so do hours. What it checks is that no client is timed while
// wrong: every answer that is timed is verified by a server side of its own (lib/server-side.mjs).

import { build } from "../scripts/build.mjs";
import { writeJson } from "../scripts/lib/options.mjs";
import { main, run } from "../scripts/lib/run.mjs";
import { begin } from "./lib/begin.mjs";

await main(async (args) => {
  const { json, rounds } = await begin(args, "npm run bench", "20");
  // Only now are the npm packages there that these need.
  const { buildSrpWasm } = await import("./lib/bundle.mjs");
  const { startBrowser } = await import("./lib/browser.mjs");
  const { measureSrp } = await import("./srp.mjs");
  const { measureClients } = await import("./clients.mjs");
  const { measureStarts } = await import("./start.mjs");
  await build();
  await buildSrpWasm();
  await run("cargo", ["build", "--package", "cognito-emulator"]);

  const browser = await startBrowser();
  try {
    console.log(`${browser.name}, ${rounds} rounds. Times in ms.`);
    const results = {};
    for (const [name, measure] of Object.entries({ srp: measureSrp, clients: measureClients, starts: measureStarts })) {
      results[name] = await measure(browser, rounds);
      if (json !== undefined) writeJson(json, results);
    }
  } finally {
    await browser.close();
  }
});
