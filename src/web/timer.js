/**
 * Resolves after this many milliseconds, or when aborted: a promise that never settles is never freed on the side of
 * WebAssembly.
 *
 * @param {number} time
 * @param {{ signal: AbortSignal }} controller
 * @returns {Promise<void>}
 */
export function sleep(time, { signal }) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, time);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * Does work that has to end in time. The signal tells work that comes late to leave everything alone.
 *
 * @template T
 * @param {number} time in milliseconds
 * @param {(controller: AbortController) => Promise<T>} work
 * @returns {Promise<T>}
 */
export function within(time, work) {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      controller.abort();
      reject(new DOMException("", "TimeoutError"));
    }, time);
    work(controller)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}

/**
 * What `act` gives, or nothing where it throws.
 *
 * @template T
 * @param {() => T} act
 */
export function attempt(act) {
  try {
    return act();
  } catch {
    return undefined;
  }
}
