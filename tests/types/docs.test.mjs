// Documentation that compiles, strictly: every TypeScript and JavaScript block of README.md and docs/, and the examples in
// the comments of ts/.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { at, ROOT } from "../../scripts/lib/project.mjs";
import { filesUnder } from "../../scripts/lib/step.mjs";
import { codeBlocks } from "./blocks.mjs";
import { DECLARATIONS } from "./declarations.mjs";
import { createProject, RESOLUTIONS } from "./project.mjs";

const pages = [at("README.md"), ...filesUnder(at("docs"))].filter((file) => file.endsWith(".md"));
const sources = filesUnder(at("ts"));
const texts = [
  ...pages.map((file) => ({ page: path.relative(ROOT, file), markdown: readFileSync(file, "utf8") })),
  ...sources.map((file) => ({ page: path.relative(ROOT, file), markdown: comments(readFileSync(file, "utf8")) })),
];
const blocks = texts.flatMap(({ page, markdown }) => codeBlocks(page, markdown).map((block) => ({ page, ...block })));

let errors;
before(() => {
  const { check } = createProject("docs");
  errors = check(Object.fromEntries(blocks.map(({ name, text }) => [name, text])), RESOLUTIONS.bundler);
});

test("README.md, the guide and the comments of ts/ have code", () => {
  for (const start of ["README.md", "docs/", "ts/"])
    assert.ok(
      blocks.some(({ page }) => page.startsWith(start)),
      `${start} has none`,
    );
});

test("no block is indented, which would hide it from this test", () => {
  for (const { page, markdown } of texts) assert.doesNotMatch(markdown, /^[ \t]+```/m, page);
});

for (const { page, line, name } of blocks) {
  test(`the code at ${page}:${line} compiles`, () => assert.equal(errors.get(name), undefined, errors.get(name)));
}

test("a block with a mistake is found, and named by its line", () => {
  const [block] = codeBlocks("page.md", '# Page\n\n```ts\nconst count: number = "three";\n```\n');
  assert.equal(block.name, "page-md-3.ts");
  const { check } = createProject("mistake");
  assert.match(check({ [block.name]: block.text }, RESOLUTIONS.bundler).get(block.name) ?? "", /TS2322/);
});

test("a block gets the declarations that it needs, and other languages are left alone", () => {
  const markdown = '```sh\nnpm start\n```\n\n```ts\nsay("client");\n```\n\n```js\nlet y;\n```\n';
  assert.deepEqual(
    codeBlocks("a/b.md", markdown).map(({ name, text }) => [name, text]),
    [
      ["a-b-md-5.ts", `${DECLARATIONS.say}\nsay("client");\n`],
      ["a-b-md-9.js", "let y;\n"],
    ],
  );
});

test("a block that declares a name itself is not given another", () => {
  for (const code of [
    "const client = 1;",
    'import { type A, client } from "x";',
    "const { client, b } = c;",
    "x.client;",
    "f({ client: 1 });",
  ]) {
    assert.equal(codeBlocks("a.md", `\`\`\`ts\n${code}\n\`\`\`\n`)[0].declarations, "", code);
  }
});

test("no document hides code from its reader in a comment", () => {
  for (const { page, markdown } of texts) assert.doesNotMatch(markdown, /<!-- with/, page);
});

test("every declaration is one that a block needs", () => {
  const unused = Object.values(DECLARATIONS).filter(
    (declaration) => !blocks.some(({ declarations }) => declarations.includes(declaration)),
  );
  assert.deepEqual(unused, []);
});

/** The text of the comments, line by line where it was. */
function comments(source) {
  return source.replaceAll(/^\s*\* ?/gm, "");
}
