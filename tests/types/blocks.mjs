// The code blocks of a Markdown page, each as a file that can be compiled.

import { declarationsFor } from "./declarations.mjs";

const EXTENSIONS = { ts: "ts", typescript: "ts", tsx: "tsx", js: "js", javascript: "js", mjs: "js", jsx: "jsx" };
const BLOCK = /^(?<fence>```+)(?<language>\w+)[^\n]*\n(?<code>[\s\S]*?)^\k<fence>$/gm;

/**
 * `[{ name, text, line }]`, each text with the declarations of `declarations.mjs` that it needs; other languages' blocks
 * are left out.
 */
export function codeBlocks(page, markdown) {
  return [...markdown.matchAll(BLOCK)].flatMap((match) => {
    const { language, code } = match.groups;
    const extension = EXTENSIONS[language.toLowerCase()];
    if (extension === undefined) return [];
    const line = markdown.slice(0, match.index).split("\n").length;
    // Declarations are TypeScript; a block of JavaScript has to be complete.
    const declarations = extension.startsWith("ts") ? declarationsFor(code) : "";
    return [
      { name: `${page.replaceAll(/\W+/g, "-")}-${line}.${extension}`, text: declarations + code, line, declarations },
    ];
  });
}
