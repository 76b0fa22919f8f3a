// The site under test: the demo page over the *packed* package, as a user of the tarball would have it.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { at } from "../../../scripts/lib/project.mjs";
import { installPackage } from "../../support/package.mjs";

const extras = fileURLToPath(new URL("./site/", import.meta.url));

/** Builds the site in a folder that is gone when the process ends. */
export function buildSite() {
  const temporary = mkdtempSync(path.join(os.tmpdir(), "cognito-wasm-e2e-"));
  process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));
  const dist = path.join(installPackage(temporary), "dist");
  const folder = path.join(temporary, "site");
  // www/cognito-wasm is a link to the working copy's build; the tarball's takes its place.
  // Its other link is copied as the file it leads to: the emulator follows none out of the folder.
  cpSync(at("www"), folder, {
    recursive: true,
    dereference: true,
    filter: (file) => path.basename(file) !== "cognito-wasm",
  });
  cpSync(dist, path.join(folder, "cognito-wasm"), { recursive: true });
  cpSync(extras, folder, { recursive: true });
  watch(path.join(folder, "index.html"));
  return folder;
}

/** Has the demo page load the probe first, so that nothing it says or breaks is missed. The page is otherwise as shipped. */
function watch(page) {
  const before = readFileSync(page, "utf8");
  const after = before.replace('<meta name="viewport"', '<script src="probe.js"></script>\n  <meta name="viewport"');
  if (after === before) throw new Error("the demo page has no viewport element to put the probe before");
  writeFileSync(page, after);
}
