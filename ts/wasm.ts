import load, { Core } from "../pkg/cognito_wasm.js";
import { AuthError } from "./errors.ts";
import type { InitializeOptions } from "./types.ts";

export type { Core };

let loaded: Promise<typeof Core> | undefined;

/** The core's class. The WebAssembly is loaded once for the whole page; a load that failed may be tried again. */
export function core(wasm: InitializeOptions["wasm"]): Promise<typeof Core> {
  loaded ??= instantiate(wasm).catch((error: unknown) => {
    loaded = undefined;
    throw toLoadError(error);
  });
  return loaded;
}

async function instantiate(wasm: InitializeOptions["wasm"]): Promise<typeof Core> {
  const inlined = async () => (await import("../pkg/wasm-inline.js")).default();
  await load({ module_or_path: wasm ?? (await inlined()) });
  return Core;
}

function toLoadError(error: unknown): AuthError {
  if (typeof WebAssembly === "undefined" || error instanceof WebAssembly.CompileError) {
    return new AuthError({
      code: "wasmBlocked",
      message:
        "The browser did not accept the WebAssembly. If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' " +
        "to its script-src; otherwise the browser is older than Chrome 91, Firefox 89 or Safari 16.4.",
      cause: error,
    });
  }
  return new AuthError({
    code: "network",
    message: "The WebAssembly of cognito-wasm could not be loaded. Check the connection and the URL.",
    retryable: true,
    cause: error,
  });
}
