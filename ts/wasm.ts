import load, { Core, failure } from "../pkg/cognito_wasm.js";
import type { InitializeOptions } from "./types.ts";

export type { Core };

/** What a core notifies of changes, and asks. */
export interface Host {
  /**
   * Takes a committed change. Texts are JSON; `infoText` belongs to the state of the snapshot, and user state listeners
   * are to be called with it when `isStateChange` is true.
   */
  changed(snapshotText: string, infoText: string, isStateChange: boolean, eventName?: string, eventText?: string): void;
  /** Whether a listener would hear that a new sign-in is needed. */
  isListening(): boolean;
  /** The WebAssembly has ended for good, for this reason, and will notify of nothing any more. */
  lost(errorText: string): void;
}

/**
 * A new core, in the WebAssembly that the whole page shares. Throws the JSON text of an error where that one has ended. This
 * file has nothing in common with the facade, or the two would import a third.
 */
export async function newCore(source: Promise<InitializeOptions["wasm"]>, host: Host): Promise<Core> {
  await load({ module_or_path: source });
  const error = failure();
  if (error !== undefined) throw error;
  return new Core(host);
}
