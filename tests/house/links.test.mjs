// Every link of every document of the repository leads to a file and a heading that are there.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { at, ROOT } from "../../scripts/lib/project.mjs";
import { anchors, deadLinks, leads, links, REPOSITORY_FILES } from "../support/links.mjs";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
});
const names = tracked.split("\n").filter((file) => file !== "" && existsSync(at(file)));
const files = new Map(names.map((file) => [file, file.endsWith(".md") ? readFileSync(at(file), "utf8") : undefined]));
const repository = (name) => (files.has(name) ? (files.get(name) ?? "") : undefined);

test("every link of every document leads to a file and a heading that are there", () => {
  assert.deepEqual(deadLinks(files, repository), []);
});

test("links are found inline, over two lines and by reference, and not in code", () => {
  const markdown = "[a](b.md#c) [d\ne](f.md) [g][h] [i][j] `[k](l.md)`\n\n```md\n[m](n.md)\n```\n\n[h]: o.md\n";
  assert.deepEqual(links(markdown), ["b.md#c", "f.md", "o.md", "[j]"]);
});

test("headings are named as GitHub names them", () => {
  const markdown =
    "# The `first` factor (USER_AUTH)\n\n## Twice\n\n## Twice\n\n## A [link](x.md), and more\n\n```sh\n# no heading\n```\n";
  assert.deepEqual(anchors(markdown), ["the-first-factor-user_auth", "twice", "twice-1", "a-link-and-more"]);
});

test("a link that leads nowhere is named with its file", () => {
  const page =
    "[a](other.md) [b](other.md#there) [c](other.md#gone) [d](gone.md) [e](http://example.com/) [f](https://example.com/) [g](#page)";
  const absolute = ` [h](${REPOSITORY_FILES}docs/other.md#there) [i](${REPOSITORY_FILES}gone.md)`;
  const pages = new Map([
    ["docs/page.md", `# Page\n\n${page}${absolute}\n`],
    ["docs/other.md", "# There\n"],
  ]);
  assert.deepEqual(
    deadLinks(pages, (name) => pages.get(name)),
    [
      "docs/page.md: other.md#gone",
      "docs/page.md: gone.md",
      "docs/page.md: http://example.com/",
      `docs/page.md: ${REPOSITORY_FILES}gone.md`,
    ],
  );
});

// Sources lead to documents, and documents to sources, by name only. Both have to exist.

const SOURCES =
  /^(src|ts|www|emulator\/src|scripts|benches|tools)\/.*\.(rs|ts|mjs|js|html|toml)$|^[\w.]+\.(toml|json)$/;

/** What a text says of documents: `ARCHITECTURE.md`, `docs/guide/tokens.md#rotation`. An address elsewhere is no concern. */
function namedDocuments(text) {
  return [...text.replaceAll(REPOSITORY_FILES, "").matchAll(/(?<![\w/.:-])[\w./-]*\w\.md\b(?:#[\w-]+)?/g)].map(
    ([name]) => name,
  );
}

/** The files of the repository that a document names in code, with a folder: `core/limits.rs` may stand for `src/core/limits.rs`. */
function namedFiles(markdown) {
  return [...markdown.matchAll(/`([\w@.-]+\/[\w@./-]+\.(?:rs|mjs|js|ts|toml|json|md|html))`/g)].map(([, name]) => name);
}

const isBuilt = (name) => /^(dist|pkg|target|node_modules)\//.test(name) || name.startsWith("./");

test("every document that a source names exists, with its heading", () => {
  const dead = names
    .filter((name) => SOURCES.test(name))
    .flatMap((name) =>
      namedDocuments(readFileSync(at(name), "utf8"))
        .filter((target) => !leads("README.md", target, files, repository))
        .map((target) => `${name}: ${target}`),
    );
  assert.deepEqual(dead, []);
});

test("every file that a document names exists", () => {
  const roots = ["", "src/", "emulator/", "emulator/src/", "tests/", "docs/", "src/core/"];
  const dead = [...files].flatMap(([document, markdown]) =>
    namedFiles(markdown ?? "")
      .filter((name) => !isBuilt(name) && !roots.some((root) => files.has(`${root}${name}`)))
      .map((name) => `${document}: ${name}`),
  );
  assert.deepEqual(dead, []);
});

test("documents are found in the comments and texts of a source, and files in those of a document", () => {
  const source = `//! See ARCHITECTURE.md, [x](${REPOSITORY_FILES}docs/a.md#b) and https://example.com/README.md.`;
  assert.deepEqual(namedDocuments(source), ["ARCHITECTURE.md", "docs/a.md#b"]);
  assert.deepEqual(namedFiles("`core/limits.rs`, `limits.rs`, core/x.rs, `POST /a/b.json`"), ["core/limits.rs"]);
});
