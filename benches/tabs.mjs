// npm run bench:tabs [-- --json FILE --rounds N]: five tabs share a session whose access token has expired and whose
// refresh token can be used once, and all ask for tokens at the same moment. This package beside four others.
//
// Nothing here fails because a client does badly: it prints what happened.

import { build } from "../scripts/build.mjs";
import { writeJson } from "../scripts/lib/options.mjs";
import { main, run } from "../scripts/lib/run.mjs";
import { begin } from "./lib/begin.mjs";

await main(async (args) => {
  const { json, rounds } = await begin(args, "npm run bench:tabs", "5");
  // Only now are the npm packages there that these need.
  const { measureRaces } = await import("./tabs/measure.mjs");
  const { report } = await import("./tabs/report.mjs");
  await build();
  await run("cargo", ["build", "--package", "cognito-emulator"]);

  const measured = await measureRaces(rounds);
  report(measured);
  if (json !== undefined) writeJson(json, measured);
});
