// How the benches begin: their options, and what has to be there before their npm packages are.

import { readOptions, writeJson } from "../../scripts/lib/options.mjs";
import { Stop } from "../../scripts/lib/run.mjs";
import { CHROMIUM, ensureBuildTools, ensureDebianPackages } from "../../scripts/lib/tools.mjs";

/**
 * @param {string[]} args of the command line
 * @param {string} command what was typed, for its usage
 * @param {string} defaultRounds
 * @returns {Promise<{ json: string | undefined, rounds: number }>}
 */
export async function begin(args, command, defaultRounds) {
  const known = { json: { type: "string" }, rounds: { type: "string", default: defaultRounds } };
  const { json, ...values } = readOptions(args, known, `${command} [-- --json FILE --rounds N]`);
  // Minutes of measuring must not be lost to a name that cannot be written.
  if (json !== undefined) writeJson(json, {});
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Stop(`--rounds wants a whole number above 0, not "${values.rounds}".`);
  await ensureBuildTools();
  await ensureDebianPackages(CHROMIUM);
  return { json, rounds };
}
