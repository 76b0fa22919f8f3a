// Makes the files that the tabs load: each client as a bundler would ship it.

import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { at } from "../../scripts/lib/project.mjs";

const here = (...parts) => at("benches", "tabs", ...parts);

/**
 * @param {string[]} names of clients/
 * @returns {Promise<Map<string, string | Uint8Array>>} by path
 */
export async function pageFiles(names) {
  const files = new Map([["/tab.js", readFileSync(here("tab.mjs"))]]);
  // One by one: built together, what two clients have in common would become a file of its own, which neither ships.
  for (const name of names) {
    const { outputFiles } = await build({
      entryPoints: [here("clients", `${name}.mjs`)],
      outdir: at("clients"),
      bundle: true,
      minify: true,
      format: "esm",
      splitting: true,
      target: "es2022",
      write: false,
      logLevel: "error",
      define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
      alias: { "cognito-wasm": at("dist", "index.js") },
    });
    for (const file of outputFiles) files.set(`/${path.relative(at(), file.path)}`, file.contents);
  }
  return files;
}
