// What the code blocks of the documents use without declaring it, by name. A reader knows these from the text (the guide's
// index introduces them), so the blocks do not repeat them; `codeBlocks` adds each one to the blocks that use it.

const CLIENT = 'import("cognito-wasm")';

export const DECLARATIONS = {
  // The client, initialized, and what the last call returned.
  client: `declare const client: ${CLIENT}.AWSMobileClient;`,
  result: `declare const result: ${CLIENT}.SignInResult;`,
  SignInResult: `type SignInResult = ${CLIENT}.SignInResult;`,
  next: `declare function next(result: ${CLIENT}.SignInResult): void;`,

  // The app's own objects.
  configuration: "declare const configuration: object;",
  outputs: "declare const outputs: object;",
  listener: `declare const listener: ${CLIENT}.UserStateListener;`,
  page: "declare const page: AbortController;",
  form: "declare const form: HTMLFormElement;",
  lastUser: "declare const lastUser: string;",

  // The app's own functions.
  show: "declare function show(screen: string, details?: unknown): void;",
  say: "declare function say(text: string): void;",
  greet: "declare function greet(username: string): void;",
  showQrCode: "declare function showQrCode(uri: string, secret: string): void;",
  ask: "declare function ask(question: string): Promise<string>;",
  askForCode: "declare function askForCode(question: string): Promise<string>;",
  askForPassword: "declare function askForPassword(username: string | undefined): Promise<string | undefined>;",
  askYesOrNo: "declare function askYesOrNo(question: string): Promise<boolean>;",
  choose: "declare function choose<Choice extends string>(choices: readonly Choice[]): Promise<Choice>;",
};

/** The declarations that a block needs: of the names that it uses and does not declare itself. */
export function declarationsFor(code) {
  const bare = code.replaceAll(/\/\/.*$|"[^"\n]*"/gm, "");
  return Object.entries(DECLARATIONS)
    .filter(([name]) => uses(bare, name) && !declares(bare, name))
    .map(([, declaration]) => `${declaration}\n`)
    .join("");
}

const uses = (code, name) => new RegExp(`(?<![.\\w])${name}\\b(?!\\??:)`).test(code);

const declares = (code, name) =>
  new RegExp(
    `\\b(?:const|let|var|function|class|type|interface)\\s+${name}\\b|\\bimport\\s[^;]*\\b${name}\\b|\\b(?:const|let)\\s+[{[][^=]*\\b${name}\\b[^=]*=`,
  ).test(code);
