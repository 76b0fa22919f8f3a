import load, { Core } from "../pkg/cognito_wasm.js";
import type { InitializeOptions } from "./types.ts";

export type { Core };

/** What a core is given to tell of changes, and to ask. */
export interface Host {
  /**
   * Takes a committed change. Texts are JSON; `infoText` belongs to the state of the snapshot, and user state listeners
   * are to be called with it when `isStateChange` is true.
   */
  changed(snapshotText: string, infoText: string, isStateChange: boolean, eventName?: string, eventText?: string): void;
  /** Whether anybody would hear that a new sign-in is needed. */
  isListening(): boolean;
  /** The core has ended for good, and will tell of nothing any more. */
  lost(): void;
}

/** How long the WebAssembly may take on its way, in milliseconds. */
const DEADLINE = 30_000;

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
  // A server that never answers must not keep everybody waiting who waits for `initialize`.
  const isAddress = typeof wasm === "string" || wasm instanceof URL;
  const given = isAddress ? fetch(wasm, { signal: AbortSignal.timeout(DEADLINE) }) : wasm;
  await load({ module_or_path: given ?? (await inlined()) });
  return Core;
}
