// The package as its users get it: packed, and unpacked where node would have installed it. COGNITO_WASM_TARBALL names
// a tarball that is there already.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { at, ROOT } from "../../scripts/lib/project.mjs";

/** Puts the package into `directory`/node_modules and returns where it is. */
export function installPackage(directory) {
  const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-pack-"));
  try {
    const target = path.join(directory, "node_modules", "cognito-wasm");
    mkdirSync(target, { recursive: true });
    // It has no dependencies, so unpacking is all that an installation would do.
    execFileSync("tar", ["-xzf", pack(temporary), "-C", target, "--strip-components=1"]);
    return target;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function pack(directory) {
  if (process.env.COGNITO_WASM_TARBALL) return path.resolve(ROOT, process.env.COGNITO_WASM_TARBALL);
  if (!existsSync(at("dist", "index.js"))) throw new Error("there is nothing to pack yet: run `npm run build`");
  execFileSync("npm", ["pack", "--silent", "--pack-destination", directory], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return path.join(
    directory,
    readdirSync(directory).find((name) => name.endsWith(".tgz")),
  );
}
