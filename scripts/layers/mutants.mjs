// Shows that the simulation bites: a copy of the crate with one rule taken out has to fail it, for each rule in turn.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { at, inTarget } from "../lib/project.mjs";
import { record, Stop } from "../lib/run.mjs";
import { filesUnder } from "../lib/step.mjs";

/** The crate, and what a workspace cannot be read without. */
const PARTS = ["Cargo.toml", "Cargo.lock", ".cargo", "src", "emulator", "benches/srp-wasm", "ts/errors.ts"];

const COPY = inTarget("mutants", "crate");

const ENV = {
  // That of the other layers, which have compiled what the crate depends on.
  CARGO_TARGET_DIR: inTarget(),
  // It does not matter where a mutant fails.
  CARGO_PROFILE_DEV_DEBUG: "false",
  RUST_BACKTRACE: "0",
};

/**
 * One rule taken out.
 *
 * @typedef {{ name: string, file: string, find: string, replace: string, why: string }} Mutant
 */

/** Runs the simulation over every mutant. A mutant that passes it has failed here, and so has an original that fails it. */
export async function mutants() {
  /** @type {Mutant[]} */
  const list = JSON.parse(readFileSync(at("tests", "mutants", "mutants.json"), "utf8"));
  copy();
  let passed = 0;
  let failed = 0;
  let trouble = "";
  const report = (name, problem) => {
    const line = problem === undefined ? `ok     ${name}` : `FAILED ${name}: ${problem}`;
    console.log(line);
    if (problem === undefined) {
      passed += 1;
    } else {
      failed += 1;
      trouble += `${line}\n`;
    }
  };
  const original = await simulate();
  report(
    "the original passes",
    original.isCaught || original.output ? original.output || "it fails the simulation" : undefined,
  );
  if (failed > 0) return { passed, failed, trouble };
  for (const mutant of list) report(mutant.name, await survives(mutant));
  return { passed, failed, trouble };
}

/** Why a mutant was not caught; `undefined` when it was. */
async function survives({ file, find, replace, why }) {
  const place = path.join(COPY, file);
  const text = readFileSync(place, "utf8");
  if (text.split(find).length !== 2) return `${file} does not have its text exactly once`;
  writeFileSync(
    place,
    text.replace(find, () => replace),
  );
  try {
    const { isCaught, output } = await simulate();
    return isCaught ? undefined : output || `no story fails. ${why}`;
  } finally {
    writeFileSync(place, text);
  }
}

/** What cargo prints of the first test that fails. The others would only take time. */
const FAILURE = /^test \S+ \.\.\. FAILED$/m;

/** Stories first, for they are quicker; then the cases in every order. */
async function simulate() {
  for (const filter of ["simulation::every_", "simulation::exhaustive"]) {
    const { code, output } = await record("cargo", ["test", "--lib", filter], { cwd: COPY, env: ENV, until: FAILURE });
    if (code === 0) continue;
    const isCaught = FAILURE.test(output);
    return { isCaught, output: isCaught ? "" : output };
  }
  return { isCaught: false, output: "" };
}

/** Writes only what differs, so that cargo builds only what differs. */
function copy() {
  const wanted = new Map();
  for (const part of PARTS) {
    if (!existsSync(at(part))) throw new Stop(`There is no ${part} to make mutants of.`);
    for (const file of filesUnder(at(part))) wanted.set(path.join(COPY, path.relative(at(), file)), file);
  }
  for (const [place, file] of wanted) {
    const text = readFileSync(file);
    if (existsSync(place) && readFileSync(place).equals(text)) continue;
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  for (const file of existsSync(COPY) ? filesUnder(COPY) : []) {
    if (!wanted.has(file)) rmSync(file);
  }
}
