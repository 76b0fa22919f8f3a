// Loading what is not needed before `initialize`: the glue of the WebAssembly, and the WebAssembly itself.

import { AuthError, toAuthError } from "./errors.ts";
import { own } from "./plain.ts";
import type { InitializeOptions } from "./types.ts";
import type { Core, Host } from "./wasm.ts";

type Wasm = Exclude<InitializeOptions["wasm"], URL>;

/** How long the WebAssembly may take on its way, in milliseconds. */
const DEADLINE = 30_000;

/** How often each file could not be imported. */
const failures = new Map<string, number>();

/** The WebAssembly on its way, once for all clients of the page. A load that failed may be tried again. */
let source: Promise<Wasm> | undefined;

/** A core for one client. Both files are asked for at once. */
export async function loadCore(wasm: Wasm, host: Host): Promise<Core> {
  try {
    ensureEnvironment(wasm);
    source ??= sourceOf(wasm);
    // It is awaited below, and may fail before.
    source.catch(() => {});
    const { newCore } = await lazily(() => import("./wasm.ts"));
    return await newCore(source, host);
  } catch (error) {
    source = undefined;
    throw toLoadError(error);
  }
}

/** What the core asks for where it is given no URL. */
const DEFAULT_CONFIGURATION = "./awsconfiguration.json";

/** A request that is under way. */
export interface Early {
  readonly url: string;
  readonly answer: Promise<Response>;
  readonly controller: AbortController;
}

/** Asks for the configuration while the WebAssembly, which reads it, is on its way; as src/web/http.js would. */
export function askEarly(given: string): Early | undefined {
  const url = given || DEFAULT_CONFIGURATION;
  // The core refuses a document as text, which must not be sent to a server as a path: it may hold the app client's secret.
  if (typeof fetch !== "function" || /^\s*[{["]/.test(url)) return undefined;
  const controller = new AbortController();
  const init: RequestInit = own({ cache: "no-store", credentials: "same-origin", signal: controller.signal });
  const answer = (async () => fetch(url, init))();
  // Whether a call waits for it is not known yet.
  answer.catch(() => {});
  return { url, answer, controller };
}

async function sourceOf(wasm: Wasm): Promise<Wasm> {
  if (wasm === undefined) return (await lazily(() => import("../pkg/wasm-inline.js"))).default();
  if (typeof wasm !== "string") return wasm;
  // A server that never answers must not keep everybody waiting who waits for `initialize`.
  const answer = await fetch(wasm, own({ signal: AbortSignal.timeout(DEADLINE) }));
  if (!answer.ok)
    throw unloaded(
      `The URL in \`wasm\` has answered with HTTP ${answer.status}, and not with cognito_wasm_bg.wasm.`,
      isPassing(answer.status),
    );
  return answer;
}

/**
 * Imports a file of this package. Many browsers never ask again for a file that could not be had, until the page is reloaded,
 * so a second try has to ask for another address: the one that a bundler has put into the function, with a query.
 */
async function lazily<Module>(load: () => Promise<Module>): Promise<Module> {
  const [, , address] = /(^|[^.\w$])import\(\s*["'`]([^"'`]+)["'`]/.exec(String(load)) ?? [];
  // A bundler that imports in a way of its own, as webpack does, asks again by itself.
  if (address === undefined) return load();
  const tries = failures.get(address) ?? 0;
  try {
    if (tries === 0) return await load();
    const again = `${address}${address.includes("?") ? "&" : "?"}again=${tries}`;
    return await import(again);
  } catch (error) {
    failures.set(address, tries + 1);
    throw whyNotImported(error, address);
  }
}

/** What is known of an import that failed; an error of the script itself stays what it is. */
function whyNotImported(error: unknown, address: string): unknown {
  if (!(error instanceof TypeError)) return error;
  if ("ServiceWorkerGlobalScope" in globalThis) {
    return new AuthError({
      code: "invalidState",
      message:
        "A service worker may not import a file later. Import `cognito-wasm/inline` there, which is one file, in place of `cognito-wasm`.",
      cause: error,
    });
  }
  const status = statusOf(address);
  // Without an answer there is no connection, or the browser does not tell.
  if (!status) return error;
  const remedy = isPassing(status)
    ? "Try again later."
    : "A newer version of the site may have been deployed: reload the page.";
  return unloaded(
    `The server has answered with HTTP ${status}, and not with the script, to a request for a file of cognito-wasm. ${remedy}`,
    isPassing(status),
    error,
  );
}

/** With what HTTP status the file's server has answered last, as far as the browser tells. */
function statusOf(address: string): number | undefined {
  const name = address.replace(/^.*\/|[?#].*$/g, "");
  const entries = globalThis.performance?.getEntriesByType?.("resource") as PerformanceResourceTiming[] | undefined;
  return entries?.filter((entry) => entry.name.includes(name)).at(-1)?.responseStatus;
}

/** Whether the server may answer otherwise, later. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function ensureEnvironment(wasm: Wasm): void {
  if (!("WebAssembly" in globalThis)) throw refused(undefined);
  const isAddress = typeof wasm === "string";
  const needed = [
    "TextDecoder",
    "TextEncoder",
    "AbortController",
    "performance",
    ...(isAddress ? ["fetch"] : wasm ? [] : ["DecompressionStream", "Response"]),
  ];
  const missing =
    needed.find((name) => !(name in globalThis)) ??
    (isAddress && !("timeout" in AbortSignal) ? "AbortSignal.timeout" : undefined);
  if (missing === undefined) return;
  throw new AuthError({
    code: "invalidState",
    message: `This environment has no \`${missing}\`, which cognito-wasm needs. It runs in Chrome 103, Firefox 113, Safari 16.4, Node.js 20, and newer ones.`,
  });
}

/** Why there is no core. */
function toLoadError(cause: unknown): AuthError {
  if (typeof cause === "string" || cause instanceof AuthError) return toAuthError(cause);
  // Safari says EvalError for what the others call CompileError; a LinkError is a .wasm of another version.
  const refusals = [WebAssembly.CompileError, WebAssembly.LinkError, EvalError, SyntaxError];
  if (refusals.some((kind) => cause instanceof kind)) return refused(cause);
  if (cause instanceof TypeError || cause instanceof DOMException) {
    return unloaded(
      "The WebAssembly of cognito-wasm could not be loaded. Check the connection. If it works, a newer version of the " +
        "site may have been deployed: reload the page.",
      true,
      cause,
    );
  }
  // The engine has no memory left for it, or a script has changed what it is built on.
  return new AuthError({
    code: "internal",
    message: "The WebAssembly of cognito-wasm could not be started. `cause` has the reason.",
    cause,
  });
}

function refused(cause: unknown): AuthError {
  return new AuthError({
    code: "wasmBlocked",
    message:
      "The browser did not accept the WebAssembly. If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' " +
      "to its script-src; if the app gave a URL, it must answer with the .wasm file of this version; otherwise the browser " +
      "has WebAssembly switched off, or is older than Chrome 103, Firefox 113 or Safari 16.4.",
    cause,
  });
}

function unloaded(message: string, retryable: boolean, cause?: unknown): AuthError {
  return new AuthError({ code: "network", message, retryable, cause });
}
