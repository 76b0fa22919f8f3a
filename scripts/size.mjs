// npm run size [-- --json FILE]: what the package weighs, and how far that is from its budget.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { BUNDLE_FACTS } from "./build.mjs";
import { at, isScript, ROOT } from "./lib/project.mjs";
import { main, Stop } from "./lib/run.mjs";
import { readOptions, writeJson } from "./lib/options.mjs";

const KB = 1000;

/** Upper bounds in brotli bytes, with the whole that each is about. */
const BARS = [
  { whole: "facade", name: "facade, before the wasm is needed", limit: 6 * KB },
  { whole: "facade + glue + raw wasm", name: "facade + raw wasm", limit: 60 * KB },
  { whole: "facade + glue + raw wasm", name: "facade + raw wasm, the aim (Amplify's auth)", limit: 40.4 * KB },
];

/** Weighs dist/: `{ artefacts, wholes, bars }`. A whole is what travels, file by file. */
export function sizes() {
  const artefacts = Object.fromEntries(
    readdirSync(at("dist"))
      .filter((name) => /\.(c?js|wasm)$/.test(name))
      .sort()
      .map((name) => [name, weigh(readFileSync(at("dist", name)))]),
  );
  const { facade, glue, inlined } = parts();
  const wasm = "cognito_wasm_bg.wasm";
  const wholes = {
    facade: sum(artefacts, facade),
    "facade + glue + raw wasm": sum(artefacts, [...facade, ...glue, wasm]),
    "facade + glue + inlined wasm": sum(artefacts, [...facade, ...glue, ...inlined]),
    "global.js": artefacts["global.js"],
  };
  const bars = BARS.map(({ whole, name, limit }) => ({
    name,
    limit,
    brotli: wholes[whole].brotli,
    met: wholes[whole].brotli <= limit,
  }));
  return { artefacts, wholes, bars };
}

/** Prints {@link sizes} as tables. */
export function printSizes({ artefacts, wholes, bars }) {
  const rows = (table) => Object.entries(table).map(([name, { raw, gzip, brotli }]) => [name, raw, gzip, brotli]);
  print([["", "raw", "gzip -9", "brotli 11"], ...rows(artefacts), ["together"], ...rows(wholes)]);
  console.log();
  print([
    ["bar (brotli)", "allowed", "is"],
    ...bars.map(({ name, limit, brotli, met }) => [
      name,
      limit,
      brotli,
      `${met ? "met, left" : "MISSED by"} ${Math.abs(limit - brotli)}`,
    ]),
  ]);
}

/** The files of dist/ by when they are needed: the facade, and what it imports later. */
function parts() {
  const outputs = JSON.parse(readFileSync(BUNDLE_FACTS, "utf8"));
  const entry = "index.js";
  const later = outputs[path.relative(ROOT, at("dist", entry))].imports
    .filter(({ kind }) => kind === "dynamic-import")
    .map((each) => path.basename(each.path));
  const isInlined = (name) => name.startsWith("wasm-inline-");
  return { facade: [entry], glue: later.filter((name) => !isInlined(name)), inlined: later.filter(isInlined) };
}

function weigh(bytes) {
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).length,
  };
}

function sum(artefacts, names) {
  const total = (unit) => names.reduce((bytes, name) => bytes + artefacts[name][unit], 0);
  return { raw: total("raw"), gzip: total("gzip"), brotli: total("brotli") };
}

function print(rows) {
  const width = (column) => Math.max(...rows.map((row) => String(row[column] ?? "").length));
  const widths = rows[0].map((_, column) => width(column));
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 0 ? String(cell).padEnd(widths[0]) : String(cell).padStart(widths[column] ?? 0),
    );
    console.log(cells.join("  ").trimEnd());
  }
}

if (isScript(import.meta.url)) {
  await main(async (args) => {
    const { json } = readOptions(args, { json: { type: "string" } }, "npm run size [-- --json FILE]");
    let measured;
    try {
      measured = sizes();
    } catch (problem) {
      if (problem.code !== "ENOENT") throw problem;
      throw new Stop("There is nothing to weigh yet. Run: npm run build");
    }
    printSizes(measured);
    if (json !== undefined) writeJson(json, measured);
  });
}
