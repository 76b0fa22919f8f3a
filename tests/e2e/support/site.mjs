// The site under test: the demo page over the *packed* package, as a user of the tarball would have it.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const extras = fileURLToPath(new URL("./site/", import.meta.url));

/** Builds the site in a folder that is gone when the process ends. COGNITO_WASM_TARBALL names what is packed already. */
export function buildSite() {
  const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-e2e-"));
  process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));
  const tarball = process.env.COGNITO_WASM_TARBALL ?? pack(temporary);
  execFileSync("tar", ["-xzf", path.resolve(root, tarball), "-C", temporary]);
  const dist = path.join(temporary, "package", "dist");
  if (!existsSync(dist)) throw new Error(`the package has no dist: run "npm run build" first`);

  const folder = path.join(temporary, "site");
  // www/cognito-wasm is a link to the working copy's build; the tarball's takes its place.
  cpSync(path.join(root, "www"), folder, { recursive: true, filter: (file) => path.basename(file) !== "cognito-wasm" });
  cpSync(dist, path.join(folder, "cognito-wasm"), { recursive: true });
  cpSync(extras, folder, { recursive: true });
  watch(path.join(folder, "index.html"));
  return folder;
}

function pack(folder) {
  execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  return path.join(folder, tarball);
}

/** Has the demo page load the probe first, so that nothing it says or breaks is missed. The page is otherwise as shipped. */
function watch(page) {
  const before = readFileSync(page, "utf8");
  const after = before.replace('<meta name="viewport"', '<script src="probe.js"></script>\n  <meta name="viewport"');
  if (after === before) throw new Error("the demo page has no viewport element to put the probe before");
  writeFileSync(page, after);
}
