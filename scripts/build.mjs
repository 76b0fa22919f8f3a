// npm run build: Rust and TypeScript in, dist/ out.
//
//   src/ --cargo--> .wasm --tools/bind--> pkg/ --wasm-opt--> dist/cognito_wasm_bg.wasm --> pkg/wasm-inline.js
//   ts/ + pkg/ --tsc--> dist/*.d.ts      --esbuild--> dist/index.js with its lazy chunks, and dist/global.js
//
// `wasm-pack build` writes to pkg/ as well: after one by hand, the next build notices and makes its own again.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { at, CARGO_HOME, inTarget, isScript, npmCommand, toolProgram, WASM_TARGET } from "./lib/project.mjs";
import { main, run, Stop } from "./lib/run.mjs";
import { step } from "./lib/step.mjs";
import { ensureBuildTools } from "./lib/tools.mjs";

/** What esbuild says about its output files; scripts/size.mjs reads it. */
export const BUNDLE_FACTS = inTarget("npm-build", "bundle.json");

const COMPILED = inTarget(WASM_TARGET, "release", "cognito_wasm.wasm");
const BOUND = at("pkg", "cognito_wasm_bg.wasm");
const OPTIMISED = at("dist", "cognito_wasm_bg.wasm");
const INLINE = at("pkg", "wasm-inline.js");
const THIS = fileURLToPath(import.meta.url);

/** Builds everything; needs {@link ensureBuildTools} to have run. */
export async function build() {
  mkdirSync(at("dist"), { recursive: true });
  await compile("--lib");
  await step({ name: "wasm-bindgen", inputs: [COMPILED, toolProgram("bind"), THIS], outputs: bound("js", "d.ts").concat(BOUND), build: () => bind(COMPILED, at("pkg"), "cognito_wasm") });
  await step({ name: "wasm-opt", inputs: [BOUND, THIS], outputs: [OPTIMISED], build: () => optimise(BOUND, OPTIMISED) });
  await step({ name: "inlined wasm", inputs: [OPTIMISED, THIS], outputs: [INLINE, at("pkg", "wasm-inline.d.ts")], build: inline });
  const sources = [at("ts"), ...bound("js", "d.ts"), at("src", "web"), INLINE, at("package-lock.json"), THIS];
  const settings = [at("tsconfig.json"), at("tsconfig.build.json")];
  await step({ name: "types", inputs: [...sources, ...settings], outputs: [at("dist", "index.d.ts")], build: declareTypes });
  await step({ name: "bundles", inputs: sources, outputs: [at("dist", "index.js"), at("dist", "global.js"), BUNDLE_FACTS], build: bundle });
  linkDemo();
}

function bound(...extensions) {
  return extensions.map((extension) => at("pkg", `cognito_wasm.${extension}`));
}

/**
 * cargo build, for the browser. Panics name their place in the source, and so the paths of every dependency are in the
 * wasm: without the remapping they would tell whose machine built it, and weigh more.
 */
export async function compile(...what) {
  ensureOwnFlags();
  await run("cargo", ["fetch", "--quiet", "--target", WASM_TARGET]);
  const sources = path.join(CARGO_HOME, "registry", "src");
  // A checkout whose dependencies are all vendored has no such directory.
  const registries = existsSync(sources) ? readdirSync(sources) : [];
  const flags = registries.map((registry) => `--remap-path-prefix=${path.join(sources, registry)}=`);
  const config = `target.${WASM_TARGET}.rustflags=${JSON.stringify(flags)}`;
  await run("cargo", ["build", "--release", "--target", WASM_TARGET, "--config", config, ...what]);
}

// Cargo takes flags from the environment in place of those in its configuration, not beside them.
function ensureOwnFlags() {
  const name = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"].find((each) => process.env[each] !== undefined);
  if (name === undefined) return;
  throw new Stop(`${name} would replace the flags of this build (SIMD, and paths without this machine's name). Run: unset ${name}`);
}

/** Writes the JavaScript glue of a compiled module, and the module that fits it, into `directory`. */
export async function bind(compiled, directory, name) {
  await run(toolProgram("bind"), [compiled, directory, name]);
}

// The features are those the Rust compiler uses, one by one: --all-features writes modules that engines refuse.
export async function optimise(bound, optimised) {
  const features = [
    "bulk-memory",
    "bulk-memory-opt",
    "multivalue",
    "mutable-globals",
    "nontrapping-float-to-int",
    "reference-types",
    "sign-ext",
    "simd",
  ];
  const enabled = features.map((name) => `--enable-${name}`);
  // Inlining every function that has one caller makes fewer bytes, but 2 % more after brotli. Functions in the order of
  // their names stand beside those that are like them: 1 % less after brotli. Flat code, whose loops are made anew, and
  // a second round: 1 % more.
  const size = ["--flatten", "--rereloop", "-Oz", "-Oz", "--one-caller-inline-max-function-size=30", "--reorder-functions-by-name"];
  const strip = ["--strip-producers", "--strip-target-features"];
  await run(npmCommand("wasm-opt"), [bound, ...enabled, ...size, ...strip, "-o", optimised]);
}

// Compressed before it is base64: plain base64 hides the repetition in the code from the compression of the transfer.
function inline() {
  const data = gzipSync(readFileSync(OPTIMISED), { level: 9 }).toString("base64");
  writeFileSync(
    INLINE,
    `// Generated by scripts/build.mjs from cognito_wasm_bg.wasm.
const GZIPPED = "${data}";

export default async function bytes() {
  const packed = Uint8Array.from(atob(GZIPPED), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}
`,
  );
  writeFileSync(
    at("pkg", "wasm-inline.d.ts"),
    "/** The WebAssembly module. */\nexport default function bytes(): Promise<Uint8Array<ArrayBuffer>>;\n",
  );
}

async function declareTypes() {
  remove(/\.d\.ts$/);
  await run(npmCommand("tsc"), ["--project", "tsconfig.build.json"]);
  keepPublicTypes();
  writeFileSync(
    at("dist", "global.d.ts"),
    `import * as api from "./index.js";

declare global {
  /** Defined by a script tag that loads \`cognito-wasm/global.js\`. */
  const CognitoWasm: typeof api;
}
`,
  );
}

// tsc writes a declaration for every module it has seen, with the source's own ".ts" in the imports. Only what index.d.ts
// leads to is public, and a reader of any TypeScript version finds "./x.js".
function keepPublicTypes() {
  const kept = new Set(["index.d.ts"]);
  for (const name of kept) {
    const text = readFileSync(at("dist", name), "utf8").replaceAll(/(["'])\.\/([\w-]+)\.ts\1/g, (_, quote, module) => {
      kept.add(`${module}.d.ts`);
      return `${quote}./${module}.js${quote}`;
    });
    writeFileSync(at("dist", name), text);
  }
  remove(/\.d\.ts$/, kept);
}

async function bundle() {
  const esbuild = await import("esbuild");
  remove(/\.js$/);
  const common = {
    bundle: true,
    minify: true,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    outdir: at("dist"),
    logLevel: "warning",
    // wasm-bindgen names a module of ours once for each function that needs no glue; it is the same module each time.
    logOverride: { "duplicate-object-key": "silent" },
    metafile: true,
  };
  const module = await esbuild.build({
    ...common,
    entryPoints: { index: at("ts", "index.ts") },
    format: "esm",
    // What is imported lazily (the glue, the inlined wasm) becomes a file of its own.
    splitting: true,
    chunkNames: "[name]-[hash]",
  });
  const script = await esbuild.build({ ...common, entryPoints: { global: at("ts", "index.ts") }, format: "iife", globalName: "CognitoWasm" });
  if (module.warnings.length + script.warnings.length > 0) throw new Stop("esbuild's warnings above need an answer.");
  writeFileSync(BUNDLE_FACTS, JSON.stringify({ ...module.metafile.outputs, ...script.metafile.outputs }));
}

/** Deletes files of an earlier build from dist/. */
function remove(pattern, kept = new Set()) {
  for (const name of readdirSync(at("dist"))) {
    if (pattern.test(name) && !kept.has(name)) rmSync(at("dist", name));
  }
}

// The demo page imports ./cognito-wasm/index.js, and ./lean-qr.mjs for its QR code.
function linkDemo() {
  const links = { "cognito-wasm": ["..", "dist"], "lean-qr.mjs": ["..", "node_modules", "lean-qr", "index.mjs"] };
  for (const [name, target] of Object.entries(links)) {
    const link = at("www", name);
    rmSync(link, { force: true, recursive: true });
    symlinkSync(path.join(...target), link);
  }
}

if (isScript(import.meta.url)) {
  await main(async () => {
    await ensureBuildTools();
    await build();
  });
}
