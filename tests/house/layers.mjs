// The direction of dependencies in src/: web -> engine -> {ports, core}, ports -> core, core -> core.

const MAY_USE = {
  core: ["core"],
  ports: ["ports", "core"],
  engine: ["engine", "ports", "core"],
  web: ["web", "engine", "ports", "core"],
  testing: ["testing", "engine", "ports", "core"],
};

// Tests may use what they like.
const TESTS_FILE = /\/(tests|simulation)(\.rs|\/)/;
const TESTS_MODULE = /^#\[cfg\([^\n]*\btest\b[^\n]*\)\]\n(?:#\[[^\n]*\]\n)*mod \w+ \{/m;

/** Uses of a layer that the file may not know: `[{ line, found }]`. */
export function forbiddenUses(file, source) {
  const layer = /^src\/(\w+)/.exec(file)?.[1];
  if (!(layer in MAY_USE) || TESTS_FILE.test(file)) return [];
  const code = withoutTests(source);
  return [...pathsIn(code)]
    .map(({ path, index }) => ({ path: absolute(path, file), index }))
    .filter(({ path }) => path !== undefined && path[0] in MAY_USE && !MAY_USE[layer].includes(path[0]))
    .map(({ path, index }) => ({ line: lineAt(code, index), found: `${layer} uses crate::${path.join("::")}` }));
}

/** The source up to its unit tests, comments blanked, so that positions stay. */
function withoutTests(source) {
  const tests = source.search(TESTS_MODULE);
  const code = tests === -1 ? source : source.slice(0, tests);
  return code.replaceAll(/\/\/[^\n]*/g, (comment) => " ".repeat(comment.length));
}

/** Every path that starts in this crate, with `a::{b, c::d}` spelled out. */
function* pathsIn(code) {
  for (const match of code.matchAll(/\b(?:crate|super)(?:::(?:super|\w+))*(::\{)?/g)) {
    const start = match[0].replace(/::\{$/, "").split("::");
    if (match[1] === undefined) {
      yield { path: start, index: match.index };
    } else {
      for (const member of membersOf(code, match.index + match[0].length))
        yield { path: [...start, ...member], index: match.index };
    }
  }
}

/** The first segments of a brace group's members: `{core::{a, b}, engine::c}` gives core and engine. */
function membersOf(code, start) {
  let depth = 1;
  let end = start;
  while (depth > 0 && end < code.length) {
    if (code[end] === "{") depth += 1;
    if (code[end] === "}") depth -= 1;
    end += 1;
  }
  let group = code.slice(start, end - 1);
  // Only where a member starts matters here, so inner groups can go.
  while (/\{[^{}]*\}/.test(group)) group = group.replaceAll(/\{[^{}]*\}/g, "");
  return group
    .split(",")
    .map((member) => member.trim().split("::").filter(Boolean))
    .filter((member) => member.length > 0);
}

/** A path's segments from the crate's root, or `undefined` when it leaves the crate. */
function absolute(path, file) {
  if (path[0] === "crate") return path.length > 1 ? path.slice(1) : undefined;
  const module = file
    .replace(/^src\//, "")
    .replace(/(\/mod)?\.rs$/, "")
    .split("/");
  const ups = path.findIndex((segment) => segment !== "super");
  const climb = ups === -1 ? path.length : ups;
  const target = [...module.slice(0, module.length - climb), ...path.slice(climb)];
  return target.length > 0 ? target : undefined;
}

function lineAt(text, index) {
  return text.slice(0, index).split("\n").length;
}
