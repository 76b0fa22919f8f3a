// npm test [-- --only LAYER]: sets up what the tests need, browsers too, runs every layer and adds up.
// npm run test:matrix [-- --only LAYER]: the same, with every end-to-end test in every engine, and with cargo-deny and wasm-pack.

import { inspect } from "node:util";
import { LAYERS, MATRIX } from "./layers/index.mjs";
import { readOptions } from "./lib/options.mjs";
import { main, Stop } from "./lib/run.mjs";

await main(async (args) => {
  const layers = selected(args);
  const results = [];
  // All of it first: what is missing is better said now than after half an hour of tests.
  const setUp = await outcome({ run: () => installTools(layers) });
  if (setUp.failed > 0) results.push({ layer: "set-up", ...setUp });
  else for (const layer of layers) results.push(await report(layer));

  // Once more and together: a log of half an hour is read from its end.
  for (const { layer, trouble } of results) if (trouble) console.log(`\n== what failed in ${layer}\n${trouble}`);
  console.log();
  if (results.length > 1) console.table(results, ["layer", "passed", "failed", "seconds"]);
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  // The last line: what runs this reads it.
  console.log(`${total("passed")} passed, ${total("failed")} failed`);
  if (total("failed") > 0) process.exitCode = 1;
});

/** `e2e` selects e2e-chromium and its siblings. */
function selected(args) {
  const usage = `npm test [-- --only LAYER], a layer being one of ${namesOf(LAYERS)}`;
  const { only, matrix } = readOptions(args, { only: { type: "string" }, matrix: { type: "boolean" } }, usage);
  const all = matrix ? MATRIX : LAYERS;
  const layers = all.filter(({ name }) => only === undefined || name === only || name.startsWith(`${only}-`));
  if (layers.length === 0) throw new Stop(`There is no layer "${only}": the layers are ${namesOf(all)}.`);
  return layers;
}

function namesOf(layers) {
  return layers.map(({ name }) => name).join(", ");
}

async function installTools(layers) {
  for (const ensure of layers.flatMap(({ tools }) => tools)) await ensure();
  return { passed: 1, failed: 0 };
}

async function report({ name, builds, run }) {
  console.log(`\n== ${name}`);
  const result = await outcome({ builds, run });
  console.log(`${name}: ${result.passed} passed, ${result.failed} failed (${result.seconds} s)`);
  return { layer: name, ...result };
}

/** Runs one layer. What went wrong is printed; a layer that could not run, or ran nothing, has failed. */
async function outcome({ builds = [], run }) {
  const start = performance.now();
  let passed = 0;
  let failed = 0;
  let trouble;
  try {
    for (const build of builds) await build();
    ({ passed, failed, trouble } = await run());
    if (passed + failed === 0) throw new Stop("No test ran.");
  } catch (problem) {
    trouble = problem instanceof Stop ? problem.message : inspect(problem);
    console.error(trouble);
    failed += 1;
  }
  return { passed, failed, trouble, seconds: Math.round((performance.now() - start) / 1000) };
}
