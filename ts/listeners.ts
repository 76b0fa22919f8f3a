import type { ListenOptions } from "./types.ts";

/**
 * Functions to be called for an event. One that throws is reported and harms nobody; one that is removed while an
 * event is being delivered is not called any more; one that is added meanwhile waits for the next event.
 */
export class Listeners<Arguments extends readonly unknown[]> {
  #entries: readonly { readonly fn: (...args: Arguments) => void; readonly remove: () => void }[] = [];

  /** Adds a function, as often as it is given, and returns what takes this one entry away again. */
  add(fn: (...args: Arguments) => void, { signal }: ListenOptions = {}): () => void {
    if (signal?.aborted) return () => {};
    const remove = () => {
      signal?.removeEventListener("abort", remove);
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
    const entry = { fn, remove };
    signal?.addEventListener("abort", remove);
    this.#entries = [...this.#entries, entry];
    return remove;
  }

  /** Removes every entry of a function. */
  remove(fn: (...args: Arguments) => void): void {
    for (const entry of this.#entries) if (entry.fn === fn) entry.remove();
  }

  /** Calls every function. */
  deliver(...args: Arguments): void {
    for (const entry of this.#entries) {
      if (!this.#entries.includes(entry)) continue;
      try {
        entry.fn(...args);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** As an uncaught error of the page, which is what it is. */
function report(error: unknown): void {
  if (typeof reportError === "function") reportError(error);
  else
    queueMicrotask(() => {
      throw error;
    });
}
