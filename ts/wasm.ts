import load, { Core } from "../pkg/cognito_wasm.js";
import type { InitializeOptions } from "./types.ts";

export type { Core };

let loaded: Promise<typeof Core> | undefined;

/** The core's class. The WebAssembly is loaded once for the whole page; a load that failed may be tried again. */
export function core(wasm: InitializeOptions["wasm"]): Promise<typeof Core> {
  loaded ??= instantiate(wasm).catch((error: unknown) => {
    loaded = undefined;
    throw error;
  });
  return loaded;
}

async function instantiate(wasm: InitializeOptions["wasm"]): Promise<typeof Core> {
  const inlined = async () => (await import("../pkg/wasm-inline.js")).default();
  await load({ module_or_path: wasm ?? (await inlined()) });
  return Core;
}
