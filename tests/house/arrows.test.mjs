import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { arrows, circles, upward } from "./arrows.mjs";

const ENGINE = ["notices", "options", "runtime", "store", "session", "sign_in", "operations", "client"];

const ROOT = new URL("../..", import.meta.url);

function filesOf(folder) {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", folder], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const names = listed.split("\n").filter((file) => file.endsWith(".rs") && !/\/(tests|inspect)(\/|\.rs)/.test(file));
  const present = names.filter((file) => existsSync(new URL(file, ROOT)));
  return new Map(present.map((file) => [file, readFileSync(new URL(file, ROOT), "utf8")]));
}

const drawn = (files) => arrows(new Map(Object.entries(files)), "src").map(({ from, to }) => `${from} -> ${to}`);

test("no files of the engine use each other in a circle, and no room uses a later one", () => {
  const files = filesOf("src/engine");
  assert.ok(files.size > 30, "the engine has files");
  const edges = arrows(files, "src");
  assert.ok(edges.length > 60, "its files use each other");
  assert.deepEqual(circles(edges), []);
  assert.deepEqual(
    upward(
      edges,
      ENGINE.map((room) => `src/engine/${room}`),
    ),
    [],
  );
});

test("no files of the emulator's operations use each other in a circle, and no challenge uses what decides after it", () => {
  const edges = arrows(filesOf("emulator/src/ops"), "emulator/src");
  assert.ok(edges.length > 60, "its files use each other");
  assert.deepEqual(circles(edges), []);
  assert.deepEqual(
    edges.filter(({ to }) => to.endsWith("/sign_in/flow.rs")).map(({ from }) => from),
    ["emulator/src/ops/sign_in/mod.rs"],
  );
});

test("a path is followed to the file or to the door of the room that it names", () => {
  assert.deepEqual(
    drawn({
      "src/engine/mod.rs": "pub mod a;\nmod room;\npub use a::A;",
      "src/engine/a.rs": "use super::room::Thing;\nuse crate::engine::room::inner::Inner;",
      "src/engine/room/mod.rs": "mod inner;\npub(in crate::engine) use inner::{Inner, Thing};",
      "src/engine/room/inner.rs": "use crate::{core::x, engine::{a::A, room}};\n// super::other",
    }),
    [
      "src/engine/mod.rs -> src/engine/a.rs",
      "src/engine/a.rs -> src/engine/room/mod.rs",
      "src/engine/a.rs -> src/engine/room/inner.rs",
      "src/engine/room/mod.rs -> src/engine/room/inner.rs",
      "src/engine/room/inner.rs -> src/engine/a.rs",
      "src/engine/room/inner.rs -> src/engine/room/mod.rs",
    ],
  );
});

test("a circle is found through any number of files, and a path in a test is none", () => {
  const files = {
    "src/a.rs": "use super::b::B;",
    "src/b.rs": "fn f() { super::c::g() }",
    "src/c.rs": "use crate::a;\n",
    "src/d.rs": "use super::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::e::E;\n}",
    "src/e.rs": "use super::d::D;",
  };
  const edges = arrows(new Map(Object.entries(files)), "src");
  assert.deepEqual(circles(edges), [["src/a.rs", "src/b.rs", "src/c.rs"]]);
});

test("an arrow from an earlier room to a later one runs upward", () => {
  const edges = [
    { from: "src/low/a.rs", to: "src/high.rs" },
    { from: "src/high.rs", to: "src/low/a.rs" },
  ];
  assert.deepEqual(upward(edges, ["src/low", "src/high"]), ["src/low/a.rs -> src/high.rs"]);
});
