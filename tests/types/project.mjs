// A throw-away TypeScript project with the packed package installed, as an application would have it.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { at, npmCommand } from "../../scripts/lib/project.mjs";
import { installPackage } from "../support/package.mjs";

/** The two ways in which TypeScript users find modules today. */
export const RESOLUTIONS = {
  bundler: { module: "esnext", moduleResolution: "bundler" },
  node16: { module: "node16", moduleResolution: "node16" },
};

const STRICT = {
  target: "es2022",
  lib: ["es2022", "dom", "dom.iterable"],
  types: [],
  jsx: "react-jsx",
  allowJs: true,
  checkJs: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // Ours are checked as well.
  skipLibCheck: false,
  // Every block of the documentation is a module, whatever it imports.
  moduleDetection: "force",
  noEmit: true,
};

/**
 * Creates the project. It lies in the checkout, so that a React example finds React's types above it.
 *
 * @returns {{ directory: string, check: (files: Record<string, string>, resolution: object) => Map<string, string> }}
 */
export function createProject(name) {
  const directory = at("target", "types", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  installPackage(directory);
  writeFileSync(path.join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return { directory, check: (files, resolution) => check(directory, files, resolution) };
}

/** Compiles `{ name: text }`; the answer maps each file that has errors to them. */
function check(directory, files, resolution) {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  const settings = { compilerOptions: { ...STRICT, ...resolution }, files: Object.keys(files) };
  writeFileSync(path.join(directory, "tsconfig.json"), JSON.stringify(settings));
  const { stdout, status } = spawnSync(npmCommand("tsc"), ["--project", directory, "--pretty", "false"], {
    cwd: directory,
    encoding: "utf8",
  });
  const errors = errorsByFile(stdout);
  if (status !== 0 && errors.size === 0) throw new Error(`tsc failed without naming a file:\n${stdout}`);
  return errors;
}

/** Errors as tsc prints them; what follows indented belongs to the error above. */
function errorsByFile(output) {
  const errors = new Map();
  let file;
  for (const line of output.split("\n").filter(Boolean)) {
    file = /^(.+?)\(\d+,\d+\): error /.exec(line)?.[1] ?? (line.startsWith(" ") ? file : "tsconfig.json");
    errors.set(file, `${errors.get(file) ?? ""}${line}\n`);
  }
  return errors;
}
