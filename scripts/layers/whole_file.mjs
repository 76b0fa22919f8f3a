// Loaded before each file of node's tests. A file that ends its process while some of its tests are still to run exits with 0,
// and Node.js 20 reports the tests that it has seen, all of them passed.

import { after } from "node:test";

// The runner loads this as well, and has no tests.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  let isDone = false;
  after(() => {
    isDone = true;
  });
  process.once("exit", () => {
    if (isDone) return;
    console.error("The process ended before the tests of this file were done.");
    process.exitCode = 1;
  });
}
