// What the commands have in common: options on the command line, and results in a file.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Stop } from "./run.mjs";

/** Reads options as node's `parseArgs` describes them; anything else stops the script with its usage. */
export function readOptions(args, options, usage) {
  try {
    return parseArgs({ args, options }).values;
  } catch (problem) {
    throw new Stop(`${problem.message}\nUsage: ${usage}`);
  }
}

/** Writes what was measured to where `--json` says. */
export function writeJson(file, value) {
  try {
    writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
  } catch (problem) {
    throw new Stop(`--json ${file} cannot be written (${problem.code}).`);
  }
}
