import { openChannel } from "./channel.js";

/** @import { State } from "./storage.js" */

// In the order of `SIGNALS` in signals.rs.
const [CHANGED, ONLINE, OFFLINE, VISIBLE, SUSPENDED, RESUMED] = /** @type {const} */ ([0, 1, 2, 3, 4, 5]);

/**
 * Tells of what comes from outside, until aborted.
 *
 * @param {State} state
 * @param {string} key of the record that other tabs may change
 * @param {(signal: number) => void} notify
 * @param {AbortController} controller
 */
export function listen(state, key, notify, { signal }) {
  // A worker has no document, and its global object gets no page events; that of Node.js gets none at all.
  const page = globalThis.document;
  /** @type {(target: EventTarget | undefined, name: string, act: (event: any) => void) => void} */
  const on = (target, name, act) => {
    target?.addEventListener?.(name, act);
    // Not by the option `signal`: the events of jsdom know no AbortSignal but its own.
    signal.addEventListener("abort", () => target?.removeEventListener?.(name, act));
  };
  let isAwake = true;
  const suspend = () => {
    if (isAwake) notify(SUSPENDED);
    isAwake = false;
  };
  const resume = () => {
    if (!isAwake) notify(RESUMED);
    isAwake = true;
  };
  const open = () => {
    state.channel = openChannel(key, () => notify(CHANGED));
  };
  const close = () => {
    state.channel?.close();
    state.channel = undefined;
  };
  on(globalThis, "online", () => notify(ONLINE));
  on(globalThis, "offline", () => notify(OFFLINE));
  on(page, "visibilitychange", () => {
    // Safari suspends a hidden page without a word.
    notify(page.visibilityState === "visible" ? VISIBLE : SUSPENDED);
  });
  on(page, "freeze", suspend);
  on(page, "resume", resume);
  // An open channel keeps the page out of the back/forward cache.
  on(globalThis, "pagehide", () => {
    close();
    suspend();
  });
  on(globalThis, "pageshow", ({ persisted }) => {
    if (!persisted) return;
    close();
    open();
    resume();
  });
  signal.addEventListener("abort", close);
  open();
}

/** `false` only when there is certainly no connection. Outside browsers nothing says so. */
export function isOnline() {
  return globalThis.navigator?.onLine !== false;
}
