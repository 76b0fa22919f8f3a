// The code blocks of a Markdown page, each as a file that can be compiled.
//
// What a block needs and its reader does not want to see again stands in a comment right above it:
//
//   <!-- with
//   import { AWSMobileClient } from "cognito-wasm";
//   declare const client: AWSMobileClient;
//   -->

const EXTENSIONS = { ts: "ts", typescript: "ts", tsx: "tsx", js: "js", javascript: "js", mjs: "js", jsx: "jsx" };
const BLOCK = /(?:^<!-- with\n(?<preamble>[\s\S]*?)-->\n+)?^(?<fence>```+)(?<language>\w+)[^\n]*\n(?<code>[\s\S]*?)^\k<fence>$/gm;

/** `[{ name, text, line }]`; other languages' blocks are left out. */
export function codeBlocks(page, markdown) {
  return [...markdown.matchAll(BLOCK)].flatMap((match) => {
    const { preamble = "", language, code, fence } = match.groups;
    const extension = EXTENSIONS[language.toLowerCase()];
    if (extension === undefined) return [];
    const start = match.index + match[0].indexOf(`${fence}${language}`);
    const line = markdown.slice(0, start).split("\n").length;
    return [{ name: `${page.replaceAll(/\W+/g, "-")}-${line}.${extension}`, text: preamble + code, line }];
  });
}
