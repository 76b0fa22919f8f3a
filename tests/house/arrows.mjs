// Circles and upward arrows between the files of a room of Rust sources.
//
// An arrow leads from a file to the one that it names in a path (`super::store::Store`, `crate::engine::runtime::Turn`,
// `crate::state`). A `mod.rs` is the door of its room: a path that leads to something which the door re-exports, or to the
// room itself, is an arrow to the door, and the door has arrows to what it re-exports. Files inside the room have to name
// each other directly, or they would go round by the door. Test files, and test modules inside a file, are left out.

import { posix as path } from "node:path";

/**
 * The arrows between these files, as `{ from, to }`.
 *
 * @param {Map<string, string>} files text by path, such as `src/engine/store/handle.rs`
 * @param {string} root what `crate` stands for, such as `src`
 */
export function arrows(files, root) {
  const found = [];
  for (const [from, text] of files) {
    const targets = new Set();
    for (const segments of paths(withoutTests(text))) {
      const to = resolve(files, root, from, segments);
      if (to !== undefined && to !== from) targets.add(to);
    }
    for (const to of targets) found.push({ from, to });
  }
  return found;
}

/** The sets of files that use each other in a circle, each sorted. */
export function circles(edges) {
  const next = new Map();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reach = new Map([...next.keys()].map((file) => [file, reachable(next, file)]));
  const seen = new Set();
  const found = [];
  for (const file of next.keys()) {
    const members = [...reach.get(file)].filter((other) => reach.get(other)?.has(file));
    if (members.length === 0 || seen.has(file)) continue;
    for (const member of members) seen.add(member);
    found.push([...new Set([...members, file])].sort());
  }
  return found;
}

/** The arrows from a room to a later one of this order, as `from -> to`. */
export function upward(edges, order) {
  const rank = (file) => order.findIndex((room) => file === `${room}.rs` || file.startsWith(`${room}/`));
  return edges
    .filter(({ from, to }) => rank(from) !== -1 && rank(to) > rank(from))
    .map(({ from, to }) => `${from} -> ${to}`);
}

function reachable(next, file) {
  const reached = new Set();
  const open = [...(next.get(file) ?? [])];
  while (open.length > 0) {
    const one = open.pop();
    if (reached.has(one)) continue;
    reached.add(one);
    open.push(...(next.get(one) ?? []));
  }
  return reached;
}

/** Every path of a source that begins with `crate`, `super` or `self`, or is re-exported by a door, as its segments. */
function* paths(source) {
  const text = source.replace(/\bpub\([^)]*\)/g, "pub");
  for (const [, prefix, group] of text.matchAll(/\b((?:crate|super|self)\b(?:::\w+)*(?:::)?)(\{[^;]*\})?/g)) {
    const start = prefix.split("::").filter(Boolean);
    if (group === undefined) yield start;
    else for (const member of members(group)) yield [...start, ...member];
  }
  for (const [, use] of text.matchAll(/^pub use ((?!crate|super|self)\w+)/gm)) yield ["self", use];
}

/** The paths in a group: `{a::{b, c}, d}` gives a::b, a::c and d. */
function members(group) {
  const parts = [];
  let depth = 0;
  let part = "";
  for (const letter of group.slice(1, -1)) {
    if (letter === "," && depth === 0) {
      parts.push(part);
      part = "";
      continue;
    }
    if (letter === "{") depth += 1;
    if (letter === "}") depth -= 1;
    part += letter;
  }
  parts.push(part);
  return parts.flatMap((text) => {
    const [, head, inner] = /^\s*([\w:]*?)(?:::)?(\{.*\})?\s*(?:as \w+)?\s*$/s.exec(text) ?? [];
    const start = (head ?? "").split("::").filter((segment) => segment !== "" && segment !== "self");
    return inner === undefined ? [start] : members(inner).map((member) => [...start, ...member]);
  });
}

/** The file that a path leads to; `undefined` where that is none of these. */
function resolve(files, root, from, [first, ...rest]) {
  const isDoor = path.basename(from) === "mod.rs";
  let room = first === "crate" ? root : isDoor ? path.dirname(from) : from.replace(/\.rs$/, "");
  if (first === "super") {
    room = path.dirname(room);
    while (rest[0] === "super") {
      room = path.dirname(room);
      rest.shift();
    }
  }
  let file = doorOf(files, room);
  for (const segment of rest) {
    const inner = `${room}/${segment}`;
    if (files.has(`${inner}.rs`)) return `${inner}.rs`;
    if (doorOf(files, inner) === undefined) break;
    room = inner;
    file = doorOf(files, room);
  }
  return file;
}

function doorOf(files, room) {
  return files.has(`${room}/mod.rs`) ? `${room}/mod.rs` : undefined;
}

function withoutTests(text) {
  return text.replace(/\/\/.*$/gm, "").replace(/#\[cfg\([^\n]*\btest\b[\s\S]*$/m, (rest) =>
    // A test module ends its file; a single item does not.
    /^#\[cfg[^\n]*\]\s*(#\[[^\n]*\]\s*)*mod \w+ \{/.test(rest) ? "" : rest,
  );
}
