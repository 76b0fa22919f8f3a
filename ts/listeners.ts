import { isAborted, whenAborted } from "./options.ts";
import { own } from "./plain.ts";
import type { UserStateListenOptions } from "./types.ts";

/** A changed `Object.prototype` adds nothing to it. */
const NONE: UserStateListenOptions = own({});

interface Entry<Arguments extends readonly unknown[]> {
  readonly fn: (...args: Arguments) => void;
  readonly key: unknown;
  readonly remove: () => void;
  /** It was added with `immediate`, and has not been called yet. */
  awaitsPresent: boolean;
}

/**
 * Functions to be called for an event. One that throws is reported, and the others are called all the same; one that is removed while an
 * event is being delivered is not called any more; one that is added meanwhile waits for the next event.
 */
export class Listeners<Arguments extends readonly unknown[]> {
  #entries: readonly Entry<Arguments>[] = [];
  #isClosed = false;

  /** Whether there is no function to call. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Adds a function, as often as it is given, and returns what takes this one entry away again. */
  add(fn: (...args: Arguments) => void, options?: UserStateListenOptions, key: unknown = fn): () => void {
    const { signal, immediate = false } = options ?? NONE;
    if (this.#isClosed || isAborted(signal)) return () => {};
    const remove = () => {
      forget();
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
    const entry: Entry<Arguments> = { fn, key, remove, awaitsPresent: immediate };
    const forget = whenAborted(signal, remove);
    this.#entries = [...this.#entries, entry];
    return remove;
  }

  /** Removes every entry of a key, which is the function itself unless another was given. */
  remove(key: unknown): void {
    for (const entry of this.#entries) if (entry.key === key) entry.remove();
  }

  /** Removes everybody, for good. */
  close(): void {
    this.#isClosed = true;
    for (const { remove } of this.#entries) remove();
  }

  /** Calls every function. */
  deliver(...args: Arguments): void {
    this.#call(this.#entries, args);
  }

  /** Calls every function that was added with `immediate` and has not been called yet. */
  deliverPresent(...args: Arguments): void {
    this.#call(
      this.#entries.filter(({ awaitsPresent }) => awaitsPresent),
      args,
    );
  }

  #call(entries: readonly Entry<Arguments>[], args: Arguments): void {
    for (const entry of entries) {
      if (!this.#entries.includes(entry)) continue;
      entry.awaitsPresent = false;
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
