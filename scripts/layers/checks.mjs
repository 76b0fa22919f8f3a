// A layer made of commands that each pass or fail as one.

import { line, record } from "../lib/run.mjs";

/** Runs `[name, command, args]` one after the other. */
export async function checks(list) {
  let passed = 0;
  let failed = 0;
  let trouble = "";
  for (const [name, command, args] of list) {
    const { code, output } = await record(command, args);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name}`);
    if (code === 0) {
      passed += 1;
    } else {
      failed += 1;
      const said = `$ ${line(command, args)}\n${output}`;
      console.log(said);
      trouble += said;
    }
  }
  return { passed, failed, trouble };
}
