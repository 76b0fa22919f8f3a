// Makes the files the pages load: each script as a bundler would ship it, and the bench's own wasm.

import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { bind, compile, optimise } from "../../scripts/build.mjs";
import { at, inTarget, WASM_TARGET } from "../../scripts/lib/project.mjs";
import { step } from "../../scripts/lib/step.mjs";

const page = (...parts) => at("benches", "page", ...parts);

const BOUND = inTarget("bench", "srp-wasm");
const OPTIMISED = inTarget("bench", "srp_wasm_bg.wasm");

/** Builds the SRP arithmetic with the package's own settings; see srp-wasm/. */
export async function buildSrpWasm() {
  await compile("--package", "cognito-wasm-srp-bench");
  const compiled = inTarget(WASM_TARGET, "release", "cognito_wasm_srp_bench.wasm");
  const link = async () => {
    await bind(compiled, BOUND, "srp_wasm");
    await optimise(path.join(BOUND, "srp_wasm_bg.wasm"), OPTIMISED);
  };
  await step({
    name: "wasm of the bench",
    inputs: [compiled, at("scripts", "build.mjs")],
    outputs: [path.join(BOUND, "srp_wasm.js"), OPTIMISED],
    build: link,
  });
}

/**
 * What the pages of srp.mjs load.
 *
 * @param {string[]} names of page/contestants/
 * @returns {Promise<Map<string, string | Uint8Array>>} by path
 */
export async function srpFiles(names) {
  const files = await bundled(page("contestants"), names);
  files.set("/srp.js", readFileSync(page("srp.mjs")));
  files.set("/srp_wasm_bg.wasm", readFileSync(OPTIMISED));
  return files;
}

/** What the pages of clients.mjs load; `names` are those of page/clients/. */
export async function clientFiles(names) {
  const files = await bundled(page("clients"), names);
  files.set("/session.js", readFileSync(page("session.mjs")));
  return files;
}

/** Each script of a folder as a bundler would ship it, at the folder's name. */
export async function bundled(folder, names) {
  const files = new Map();
  // One by one: built together, what two scripts have in common would become a third, which neither ships.
  for (const name of names) {
    const { outputFiles } = await build({
      entryPoints: [path.join(folder, `${name}.mjs`)],
      outdir: at(path.basename(folder)),
      bundle: true,
      minify: true,
      format: "esm",
      // What a script loads lazily stays a file of its own.
      splitting: true,
      target: "es2022",
      write: false,
      logLevel: "error",
      define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
      alias: { "bench:srp-wasm": path.join(BOUND, "srp_wasm.js"), "cognito-wasm": at("dist", "index.js") },
    });
    for (const file of outputFiles) files.set(`/${path.relative(at(), file.path)}`, file.contents);
  }
  return files;
}
