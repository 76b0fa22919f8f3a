// npm run build: Rust and TypeScript in, dist/ out.
//
//   src/ --cargo--> .wasm --tools/bind--> pkg/ --wasm-opt--> dist/cognito_wasm_bg.wasm --> pkg/wasm-inline.js
//   ts/ + pkg/ --tsc--> dist/*.d.ts      --esbuild--> dist/index.js with its lazy chunks, and each as one file:
//                                                     dist/inline.js, dist/index.cjs, dist/global.js
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
/**
 * The package as one file each, for what cannot load a part of it later: `import` where there is no dynamic one (service
 * workers, and bundles of the format iife), `require`, and script tags.
 */
const WHOLE = [
  { file: "inline.js", format: "esm" },
  { file: "index.cjs", format: "cjs" },
  { file: "global.js", format: "iife", globalName: "CognitoWasm" },
];
const THIS = fileURLToPath(import.meta.url);

/** Builds everything; needs {@link ensureBuildTools} to have run. */
export async function build() {
  mkdirSync(at("dist"), { recursive: true });
  await compile("--lib");
  await step({
    name: "wasm-bindgen",
    inputs: [COMPILED, toolProgram("bind"), THIS],
    outputs: bound("js", "d.ts").concat(BOUND),
    build: bindGuarded,
  });
  await step({
    name: "wasm-opt",
    inputs: [BOUND, THIS],
    outputs: [OPTIMISED],
    build: () => optimise(BOUND, OPTIMISED),
  });
  await step({
    name: "inlined wasm",
    inputs: [OPTIMISED, THIS],
    outputs: [INLINE, at("pkg", "wasm-inline.d.ts")],
    build: inline,
  });
  const sources = [at("ts"), ...bound("js", "d.ts"), at("src", "web"), INLINE, at("package-lock.json"), THIS];
  const settings = [at("tsconfig.json"), at("tsconfig.build.json")];
  await step({
    name: "types",
    inputs: [...sources, ...settings],
    outputs: [at("dist", "index.d.ts")],
    build: declareTypes,
  });
  await step({
    name: "bundles",
    inputs: sources,
    outputs: [at("dist", "index.js"), ...WHOLE.map(({ file }) => at("dist", file)), BUNDLE_FACTS],
    build: bundle,
  });
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
  throw new Stop(
    `${name} would replace the flags of this build (SIMD, and paths without this machine's name). Run: unset ${name}`,
  );
}

/** Writes the JavaScript glue of a compiled module, and the module that fits it, into `directory`. */
export async function bind(compiled, directory, name) {
  await run(toolProgram("bind"), [compiled, directory, name]);
}

/**
 * Lets everything enter the WebAssembly by way of src/web/boundary.js. wasm-bindgen knows no other place for that than its
 * glue, where one line keeps what the WebAssembly exports.
 */
async function bindGuarded() {
  await bind(COMPILED, at("pkg"), "cognito_wasm");
  const [glue, declarations] = bound("js", "d.ts");
  const text = readFileSync(glue, "utf8");
  const boundary = /\.\/snippets\/[\w-]+\/src\/web\/boundary\.js/.exec(text)?.[0];
  const guarded = text.replace(/^ {4}wasm = instance\.exports;$/m, "    wasm = guard(instance.exports);");
  if (boundary === undefined || guarded === text)
    throw new Stop("wasm-bindgen writes other glue than this build knows how to guard.");
  writeFileSync(glue, `import { failure, guard } from "${boundary}";\nexport { failure };\n${guarded}`);
  const declaration =
    "/** The JSON text of the error that ended the WebAssembly, if one did. */\nexport function failure(): string | undefined;\n";
  writeFileSync(declarations, `${readFileSync(declarations, "utf8")}\n${declaration}`);
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
  const size = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=30",
    "--reorder-functions-by-name",
  ];
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
  // Not from a Blob: jsdom's has no stream().
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  writer.write(packed).catch(() => {});
  writer.close().catch(() => {});
  return new Uint8Array(await new Response(readable).arrayBuffer());
}
`,
  );
  writeFileSync(
    at("pkg", "wasm-inline.d.ts"),
    "/** The WebAssembly module. */\nexport default function bytes(): Promise<Uint8Array<ArrayBuffer>>;\n",
  );
}

async function declareTypes() {
  remove(/\.d\.c?ts$/);
  await run(npmCommand("tsc"), ["--project", "tsconfig.build.json"]);
  keepPublicTypes();
  // The same, for those who import one file and for those who `require`.
  writeFileSync(at("dist", "inline.d.ts"), 'export * from "./index.js";\n');
  for (const name of readdirSync(at("dist")).filter((name) => name.endsWith(".d.ts") && name !== "inline.d.ts")) {
    const text = readFileSync(at("dist", name), "utf8").replaceAll(/(["']\.\/[\w-]+)\.js(["'])/g, "$1.cjs$2");
    writeFileSync(at("dist", name.replace(/ts$/, "cts")), text);
  }
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
  remove(/\.c?js$/);
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
  // One by one: built together, the three would import a fourth file with what esbuild has written for several of them.
  const built = [];
  const lazily = new Map();
  for (const [name, source] of Object.entries({ wasm: at("ts", "wasm.ts"), "wasm-inline": INLINE })) {
    const chunk = await esbuild.build({
      ...common,
      format: "esm",
      entryPoints: { [name]: source },
      entryNames: "[name]-[hash]",
    });
    lazily.set(source, `./${path.basename(Object.keys(chunk.metafile.outputs)[0])}`);
    built.push(chunk);
  }
  const load = {
    name: "what is loaded lazily",
    setup: ({ onResolve }) =>
      onResolve({ filter: /wasm/ }, ({ kind, resolveDir, path: name }) => {
        const chunk = kind === "dynamic-import" ? lazily.get(path.resolve(resolveDir, name)) : undefined;
        return chunk && { path: chunk, external: true };
      }),
  };
  built.push(
    await esbuild.build({ ...common, format: "esm", entryPoints: { index: at("ts", "index.ts") }, plugins: [load] }),
  );
  for (const { file, ...form } of WHOLE) {
    const { ext, name } = path.parse(file);
    built.push(
      await esbuild.build({
        ...common,
        ...form,
        entryPoints: { [name]: at("ts", "index.ts") },
        outExtension: { ".js": ext },
      }),
    );
  }
  for (const file of ["index.js", ...WHOLE.map(({ file }) => file)]) leaveToBrowsers(at("dist", file));
  if (built.some(({ warnings }) => warnings.length > 0)) throw new Stop("esbuild's warnings above need an answer.");
  writeFileSync(BUNDLE_FACTS, JSON.stringify(Object.assign({}, ...built.map(({ metafile }) => metafile.outputs))));
}

/**
 * Tells webpack and Vite to leave the one import alone whose address is known only when it is made (ts/load.ts). esbuild drops
 * such comments.
 */
function leaveToBrowsers(file) {
  const text = readFileSync(file, "utf8");
  const marked = text.replaceAll("import(`", "import(/* webpackIgnore: true */ /* @vite-ignore */ `");
  if (marked.length !== text.length + "/* webpackIgnore: true */ /* @vite-ignore */ ".length)
    throw new Stop(`${file} has not one such import.`);
  writeFileSync(file, marked);
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
