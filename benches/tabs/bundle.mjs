// The files that the tabs load.

import { readFileSync } from "node:fs";
import { at } from "../../scripts/lib/project.mjs";
import { bundled } from "../lib/bundle.mjs";

const here = (...parts) => at("benches", "tabs", ...parts);

/**
 * @param {string[]} names of clients/
 * @returns {Promise<Map<string, string | Uint8Array>>} by path
 */
export async function pageFiles(names) {
  const files = await bundled(here("clients"), names);
  files.set("/tab.js", readFileSync(here("tab.mjs")));
  return files;
}
