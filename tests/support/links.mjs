// The links of Markdown documents, and whether each leads somewhere.

import { posix } from "node:path";

/** Where the files of the repository can be read that are not in the package. */
export const REPOSITORY_FILES = "https://github.com/cognito-wasm/cognito-wasm/blob/main/";

/** The targets of all links of a text, inline and by reference. A reference that is not defined is its own target. */
export function links(markdown) {
  const text = withoutCode(markdown);
  const defined = new Map([...text.matchAll(/^\[([^\]]+)\]:\s*(\S+)/gm)].map(([, name, target]) => [name, target]));
  const inline = [...text.matchAll(/\]\(\s*([^)\s]+)\s*\)/g)].map(([, target]) => target);
  const used = [...text.matchAll(/\]\[([^\]]+)\]/g)].map(([, name]) => defined.get(name) ?? `[${name}]`);
  return [...new Set([...inline, ...used, ...defined.values()])];
}

/** What `#...` may say of a text: its headings, named as GitHub names them. */
export function anchors(markdown) {
  const names = [];
  for (const [, heading] of withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const name = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
    const before = names.filter((each) => each === name || each.startsWith(`${name}-`)).length;
    names.push(names.includes(name) ? `${name}-${before}` : name);
  }
  return names;
}

/**
 * The links that lead nowhere, as `file: target`. An absolute https address is taken for good, unless it is one of a file
 * of the repository and `repository` says what is there.
 *
 * @param {Map<string, string | undefined>} files the files that are there; the text of those whose headings count
 * @param {(name: string) => string | undefined} [repository] the text of a file of the repository; undefined if there is none
 */
export function deadLinks(files, repository) {
  const dead = [];
  for (const [file, markdown] of files) {
    if (!file.endsWith(".md")) continue;
    for (const target of links(markdown)) {
      if (!leads(file, target, files, repository)) dead.push(`${file}: ${target}`);
    }
  }
  return dead;
}

/** Whether a link of `file` leads to a file and a heading that exist; see {@link deadLinks}. */
export function leads(file, target, files, repository) {
  if (target.startsWith(REPOSITORY_FILES) && repository) {
    const [name, anchor] = target.slice(REPOSITORY_FILES.length).split("#");
    return hasAnchor(repository(name), anchor);
  }
  if (/^https:\/\/[\w.-]+(\/|$)/.test(target)) return true;
  const [name, anchor] = target.split("#");
  const found = name === "" ? file : posix.join(posix.dirname(file), name);
  return files.has(found) && hasAnchor(files.get(found) ?? "", anchor);
}

function hasAnchor(text, anchor) {
  return text !== undefined && (anchor === undefined || anchors(text).includes(anchor));
}

function withoutCode(markdown) {
  return withoutFences(markdown).replaceAll(/`[^`]*`/g, "");
}

function withoutFences(markdown) {
  return markdown.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/<!--[\s\S]*?-->/g, "");
}
