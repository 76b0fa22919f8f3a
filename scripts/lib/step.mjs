// A build step is skipped when neither what it reads nor what it wrote has changed since it last ran.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inTarget, ROOT } from "./project.mjs";

/**
 * @param {object} step
 * @param {string} step.name
 * @param {string[]} step.inputs files and directories it reads
 * @param {string[]} step.outputs files and directories it writes
 * @param {() => void | Promise<void>} step.build
 */
export async function step({ name, inputs, outputs, build }) {
  const record = inTarget("npm-build", `${name.replaceAll(/\W+/g, "-")}.json`);
  const before = fingerprint(inputs);
  if (outputs.every((output) => existsSync(output)) && wasBuiltFrom(record, before, outputs)) return;
  // A step that fails half-way must not be taken for one that is done.
  rmSync(record, { force: true });
  const start = performance.now();
  await build();
  mkdirSync(path.dirname(record), { recursive: true });
  writeFileSync(record, JSON.stringify({ before, after: fingerprint(outputs) }));
  console.log(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function wasBuiltFrom(record, before, outputs) {
  if (!existsSync(record)) return false;
  const last = JSON.parse(readFileSync(record, "utf8"));
  return last.before === before && last.after === fingerprint(outputs);
}

/** Names, sizes and times of change of all files, as one hash. */
function fingerprint(roots) {
  const hash = createHash("sha256");
  for (const file of roots.flatMap(filesUnder)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(ROOT, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** All files under a directory, or the file itself, in a stable order. */
export function filesUnder(root) {
  if (!statSync(root).isDirectory()) return [root];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
