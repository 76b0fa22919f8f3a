// The acceptance scenarios of docs/design/scenarios.md, and the tests that cite them in a comment: "// Scenario 14.",
// "// Scenarios 36 and 40: ...". A citation belongs to the next test below it.
//
//   node tests/support/scenarios.mjs     writes the lists of tests in the document anew

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { at, isScript, ROOT } from "../../scripts/lib/project.mjs";

export const DOCUMENT = "docs/design/scenarios.md";

/** All numbers in the sentence that begins with the word: "Scenario 16, with the two tabs of scenario 7." cites both. */
const CITATION = /^\s*\/\/+ .*?\bScenarios? (?<numbers>\d[^.:]*)/gim;
const TEST = /^\s*(?:test|it)\((?<quote>["'`])(?<name>.+?)\k<quote>,|^\s*(?:pub )?(?:async )?fn (?<rust>\w+)\(/gm;

/** The citations of one file: `[{ scenario, test }]`. */
export function citations(text) {
  const tests = [...text.matchAll(TEST)].map(({ index, groups }) => ({ index, name: groups.name ?? groups.rust }));
  return [...text.matchAll(CITATION)].flatMap(({ index, groups }) => {
    const test = tests.find((each) => each.index > index)?.name;
    return groups.numbers.match(/\d+/g).map((number) => ({ scenario: Number(number), test }));
  });
}

/** Of each scenario that a test of the repository cites, the files with the names of those tests. */
export function citedScenarios() {
  const listed = execFileSync(
    "git",
    ["ls-files", "--cached", "--others", "--exclude-standard", "src", "tests", "emulator"],
    { cwd: ROOT, encoding: "utf8" },
  );
  const cited = new Map();
  for (const file of listed
    .split("\n")
    .filter((name) => /\.(rs|mjs)$/.test(name) && !/scenarios\.(test\.)?mjs$/.test(name) && existsSync(at(name)))) {
    for (const { scenario, test } of citations(readFileSync(at(file), "utf8"))) {
      const files = cited.get(scenario) ?? new Map();
      cited.set(scenario, files.set(file, [...(files.get(file) ?? []), test]));
    }
  }
  return cited;
}

/** The document's scenarios by number, each with its text, and with its list of tests if it has one. */
export function writtenScenarios(markdown) {
  const sections = markdown.split(/^(?=#{2,3} )/m);
  return new Map(
    sections.flatMap((section) => {
      const number = /^### (\d+)\. /.exec(section)?.[1];
      return number === undefined
        ? []
        : [[Number(number), { text: section, tests: section.match(/^- \[.*\n(?: {2}.*\n)*/gm)?.join("") }]];
    }),
  );
}

/** The list of the tests of a scenario, as it stands in the document. */
export function listOfTests(files) {
  const items = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  return items
    .map(
      ([file, tests]) =>
        `- [${file}](../../${file})\n${tests.map((test) => `  - \`${test.replaceAll("`", "'")}\`\n`).join("")}`,
    )
    .join("");
}

/** The document with the lists as the tests say. */
export function withLists(markdown, cited) {
  let updated = markdown;
  for (const [number, { text, tests }] of writtenScenarios(markdown)) {
    const files = cited.get(number);
    if (files === undefined) continue;
    const changed =
      tests === undefined
        ? `${text.trimEnd()}\n\n${listOfTests(files)}\n`
        : text.replace(tests, () => listOfTests(files));
    updated = updated.replace(text, () => changed);
  }
  return `${updated.trimEnd()}\n`;
}

if (isScript(import.meta.url))
  writeFileSync(at(DOCUMENT), withLists(readFileSync(at(DOCUMENT), "utf8"), citedScenarios()));
