// The numbers in the documents are those of the code.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { at } from "../../scripts/lib/project.mjs";
import { filesUnder } from "../../scripts/lib/step.mjs";

const LIMITS = "src/core/limits.rs";

/** The constants of a file that are whole numbers, by name. */
function constantsOf(file) {
  const text = readFileSync(at(file), "utf8");
  const found = text.matchAll(/^(?:pub |export )?const (\w+)(?:: \w+)? = ([\d_]+)(?: \* ([\d_]+))?;/gm);
  const number = (digits = "1") => Number(digits.replaceAll("_", ""));
  return Object.fromEntries([...found].map(([, name, first, second]) => [name, number(first) * number(second)]));
}

/** The rows of the table: its numbers, the constants that they are, and their file. */
const rows = readFileSync(at("docs/design/session-engine.md"), "utf8")
  .split("\n")
  .map((line) => /^\| .* \| ([^|]*) \| ((?:`[A-Z_]+`(?:, )?)+)(?: in `([^`]+)`)? \|$/.exec(line))
  .filter(Boolean)
  .map(([line, numbers, names, file]) => ({
    line,
    numbers: numbers.match(/\d+(\.\d+)?/g).map(Number),
    names: names.match(/[A-Z_]+/g),
    file: file ?? LIMITS,
  }));

test("each number of the engine's table of limits is the constant that its row names", () => {
  assert.ok(rows.length >= 20, `the table has ${rows.length} rows that can be read`);
  for (const { line, numbers, names, file } of rows) {
    const constants = constantsOf(file);
    const expected = names.map((name) => constants[name]);
    // Times stand in the table in seconds.
    const inWords = numbers
      .slice(0, names.length)
      .map((number, index) => (expected[index] === number ? number : number * 1000));
    assert.deepEqual(inWords, expected, `${line}\n${file} says ${JSON.stringify(expected)}`);
  }
});

// Each number that a document promises, by its sentence, with the constant and the unit of the sentence.
const PROMISES = [
  ["README.md", /`getTokens\(\)` waits, \[(\w+) minutes at most\]/, "SIGN_IN_WAIT", 60_000],
  ["docs/guide/user-state.md", /\[(\w+) minutes at\s+most\]\(tokens\.md#wait-for-a-sign-in\)/, "SIGN_IN_WAIT", 60_000],
  ["docs/guide/tokens.md", /\| (\w+) minutes pass, or the `signInWaitTimeout`/, "SIGN_IN_WAIT", 60_000],
  ["docs/guide/setup.md", /\| (\w+), ten minutes \|/, "SIGN_IN_WAIT", 1],
  ["docs/guide/tokens.md", /In the last (\w+) minutes of the one that ends first/, "RENEWAL_MARGIN", 60_000],
  ["docs/guide/tokens.md", /2, 4 up to (\w+) seconds/, "MAX_PAUSE", 1000],
  ["docs/guide/tokens.md", /after the first failure, up to (\w+) seconds/, "MAX_RETRY_AFTER", 1000],
  ["docs/guide/tokens.md", /renewed (\w+) times in a row at most/, "MAX_RENEWALS", 1],
  ["docs/guide/tokens.md", /or another tab after (\w+) seconds/, "JOURNAL_DEADLINE", 1000],
  ["docs/guide/tokens.md", /before a call requests them: (\w+) minutes before/, "BACKGROUND_RENEWAL", 60_000],
  ["docs/guide/tokens.md", /for up to (\w+) attempts/, "MAX_RECOVERY_ATTEMPTS", 1],
  ["docs/guide/tabs-and-offline.md", /not waited for longer than (\w+) seconds/, "LOCK_DEADLINE", 1000],
  [
    "docs/guide/tabs-and-offline.md",
    /for how long, at most (\w+) seconds unless renewed/,
    "LEASE",
    1000,
    "src/web/lock.js",
  ],
  ["docs/guide/sign-up.md", /something older than (\w+) minutes, with `invalidState`/, "QUESTION_LIFE", 60_000],
  ["docs/guide/sign-in.md", /if the challenge is older than (\w+) minutes/, "QUESTION_LIFE", 60_000],
  ["docs/guide/sign-out.md", /The promise waits for this for (\w+) seconds at most/, "REVOCATION_DEADLINE", 1000],
  ["docs/guide/storage.md", /\| no answer in (\w+) seconds \(/, "PROBE_DEADLINE", 1000, "src/web/storage.js"],
  [
    "docs/guide/storage.md",
    /\| no answer in \w+ seconds \(([\d.]+) for one of yours\)/,
    "DEADLINE",
    1000,
    "src/web/storage.js",
  ],
  ["docs/guide/devices.md", /The last (\w+) names are kept/, "MAX_DEVICE_USERS", 1],
  [
    "docs/reference/guarantees.md",
    /\| one request to the service, or for the configuration \| (\w+) \|/,
    "REQUEST_DEADLINE",
    1000,
  ],
  [
    "docs/reference/guarantees.md",
    /\| the WebAssembly, if you give its URL \| (\w+) \|/,
    "DEADLINE",
    1000,
    "ts/load.ts",
  ],
  ["docs/reference/guarantees.md", /\| the response to a refresh \| (\w+) \|/, "REFRESH_DEADLINE", 1000],
  ["docs/reference/guarantees.md", /\| waiting for another tab's refresh \| (\w+) \|/, "LOCK_DEADLINE", 1000],
  [
    "docs/reference/guarantees.md",
    /\| a tab that has noted a refresh and not ended it \| (\w+) \|/,
    "JOURNAL_DEADLINE",
    1000,
  ],
  ["docs/reference/guarantees.md", /\| one operation of the store \| (\w+) \|/, "STORE_DEADLINE", 1000],
  [
    "docs/reference/guarantees.md",
    /\| the trial of one store at the start \| (\w+);/,
    "PROBE_DEADLINE",
    1000,
    "src/web/storage.js",
  ],
  ["docs/reference/guarantees.md", /\| the revocation, in `signOut\(\)` \| (\w+) \|/, "REVOCATION_DEADLINE", 1000],
  [
    "docs/reference/guarantees.md",
    /\| the registration of the device, in a sign-in \| (\w+) \|/,
    "DEVICE_REGISTRATION_DEADLINE",
    1000,
  ],
  ["docs/reference/guarantees.md", /\| the wait for a sign-in \| (\w+),/, "SIGN_IN_WAIT", 1000],
  ["docs/reference/guarantees.md", /\| a pause after failed refreshes \| (\w+),/, "MAX_PAUSE", 1000],
  ["docs/reference/guarantees.md", /the service's `Retry-After` up to (\w+) \|/, "MAX_RETRY_AFTER", 1000],
  ["docs/reference/errors.md", /An answer of more than ([\d,]+) bytes is cut off/, "MAX_TEXT_BYTES", 1],
  ["docs/reference/stored-data.md", /still \[to be revoked\]\([^)]*\), (\w+) at\s+most/, "MAX_REVOCATIONS", 1],
  ["docs/reference/stored-data.md", /for each of the last (\w+) users who signed in here/, "MAX_DEVICE_USERS", 1],
  ["SECURITY.md", /when it is found to be older than\s+(\w+) minutes/, "QUESTION_LIFE", 60_000],
  ["SECURITY.md", /the last (\w+) users who signed in here/, "MAX_DEVICE_USERS", 1],
  ["SECURITY.md", /the names that were typed, (\w+) at most/, "MAX_DEVICE_USERS", 1],
  ["SECURITY.md", /says that the token is\s+invalid, (\w+) at most/, "MAX_REVOCATIONS", 1],
  ["SECURITY.md", /of refresh tokens that were used up, (\w+) at most/, "MAX_SPENT_TOKENS", 1],
];

const WORDS = { two: 2, three: 3, five: 5, eight: 8, ten: 10, fifteen: 15, fifty: 50 };

for (const [document, words, name, unit, file = LIMITS] of PROMISES) {
  test(`${document} agrees with ${name} (${words.source.slice(0, 40)})`, () => {
    // A sentence may be wrapped anywhere.
    const found = words.exec(readFileSync(at(document), "utf8").replaceAll(/\s+/g, " "));
    assert.ok(found, `${document} has no such sentence any more: bring the test in step`);
    assert.equal((WORDS[found[1]] ?? Number(found[1].replaceAll(",", ""))) * unit, constantsOf(file)[name]);
  });
}

test("what TypeScript answers from memory trusts a clock for as long as the core does", () => {
  assert.equal(constantsOf("ts/state.ts").CLOCK_TOLERANCE, constantsOf(LIMITS).CLOCK_TOLERANCE);
});

// Named for what they bound. A number that only shapes an algorithm or a text has another name, and stays beside it.
const LIMIT = /^\s*(?:pub(?:\([a-z]+\))? )?const \w*(?:MAX|MOST|LONGEST|DEADLINE|PATIENCE|ATTEMPTS|PAUSE|SPACING)\w*:/m;

test("no other file of the core, the app or the web adapters has a limit of its own", () => {
  const files = filesUnder(at("src")).filter(
    (file) => file.endsWith(".rs") && !/[/]tests?[/.]|[/]testing[/]|[/]simulation[/]|limits[.]rs$/.test(file),
  );
  assert.ok(files.length > 50);
  for (const file of files) assert.doesNotMatch(readFileSync(file, "utf8"), LIMIT, file);
});
