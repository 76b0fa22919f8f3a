import assert from "node:assert/strict";
import { test } from "node:test";
import { forbiddenUses } from "./layers.mjs";

const found = (file, source) => forbiddenUses(file, source).map((use) => `${use.line}: ${use.found}`);

test("a use is found however it is written", () => {
  assert.deepEqual(found("src/core/srp.rs", "fn f() {\n    crate::web::browser::now();\n}\n"), [
    "2: core uses crate::web::browser::now",
  ]);
  assert.deepEqual(found("src/ports.rs", "use crate::{core::error, engine::{client, events}};\n"), [
    "1: ports uses crate::engine",
  ]);
  assert.deepEqual(found("src/core/api/fault.rs", "use super::super::super::engine::client;\n"), [
    "1: core uses crate::engine::client",
  ]);
  assert.deepEqual(found("src/core/api/mod.rs", "use super::super::ports::Http;\n"), [
    "1: core uses crate::ports::Http",
  ]);
  assert.deepEqual(found("src/engine/client.rs", "use crate::testing::FakeEnv;\n"), [
    "1: engine uses crate::testing::FakeEnv",
  ]);
});

test("what lies below, beside or in a comment is no forbidden use", () => {
  assert.deepEqual(found("src/web/mod.rs", "use crate::{app::client, ports, core::srp};\nuse super::core;\n"), []);
  assert.deepEqual(found("src/core/api/fault.rs", "use super::super::error;\n// crate::engine reads this\n"), []);
  assert.deepEqual(found("src/lib.rs", "pub use crate::engine::client;\n"), []);
});

test("tests may use what they like", () => {
  const source = '#[cfg(all(test, not(target_arch = "wasm32")))]\nmod tests {\n    use crate::testing::FakeEnv;\n}\n';
  assert.deepEqual(found("src/core/srp.rs", source), []);
  assert.deepEqual(found("src/engine/tests/overlap.rs", "use crate::testing::FakeEnv;\n"), []);
});
