// Between the page and the WebAssembly. Once something has been thrown through the WebAssembly, by a panic, by a trap such as
// an overflow of the stack, or by a function of the page, no part of it is known to be whole: it is never entered again.

import { releaseLocks } from "./lock.js";

/** @typedef {{ lost(error: string): void }} Host */

/**
 * The clients that are notified.
 *
 * @type {Set<Host>}
 */
const hosts = new Set();

/**
 * What the glue is given in place of a result. It reads it as a number, as a list of numbers, or not at all.
 *
 * @type {readonly unknown[]}
 */
const NOTHING = Object.freeze([]);

/** How many calls into the WebAssembly are under way, each from within the one before. */
let depth = 0;

/**
 * The place in the source of a panic, which comes before its trap.
 *
 * @type {string | undefined}
 */
let place;

/**
 * The JSON text of the error that everything ends with.
 *
 * @type {string | undefined}
 */
let error;

/** @param {string} where */
export function panicked(where) {
  place = where;
}

/** @param {Host} host */
export function watch(host) {
  hosts.add(host);
}

/** @param {Host} host */
export function unwatch(host) {
  hosts.delete(host);
}

/** The JSON text of the error that ended the WebAssembly, if one did. */
export function failure() {
  return error;
}

/**
 * The exports of the WebAssembly, as everything enters it: the facade, and what the browser calls by itself, such as timers,
 * listeners and what follows on a promise. scripts/build.mjs puts this into the generated glue.
 *
 * @template {WebAssembly.Exports} Exports
 * @param {Exports} exports
 * @returns {Exports}
 */
export function guard(exports) {
  const guarded = Object.entries(exports).map(([name, value]) => [
    name,
    typeof value === "function" ? door(value) : value,
  ]);
  return Object.fromEntries(guarded);
}

/**
 * @param {Function} enter
 * @returns {(...args: unknown[]) => unknown}
 */
function door(enter) {
  return (...args) => {
    if (error !== undefined && depth === 0) return NOTHING;
    depth += 1;
    try {
      if (error !== undefined) throw new Error(error);
      return enter(...args);
    } catch (thrown) {
      // What called this is WebAssembly as well, and must not go on. Where the stack is full, there is no room to do more yet.
      if (depth > 1) throw thrown;
      end(thrown);
      return NOTHING;
    } finally {
      depth -= 1;
    }
  };
}

/** @param {unknown} thrown */
function end(thrown) {
  if (error !== undefined) return;
  const how = place === undefined ? `: ${kindOf(thrown)}` : ` at ${place}`;
  const message = `cognito-wasm failed${how}. Reload the page, and please report it; the stored session is kept.`;
  error = JSON.stringify({ code: "internal", message });
  releaseLocks();
  for (const host of hosts) host.lost(error);
  hosts.clear();
  // Where a page's monitoring hears of it. Thrown on, it would end a process of Node.js.
  if (typeof reportError === "function") reportError(thrown);
}

/**
 * Only the engine's own words: those of any other error could quote what the code worked on.
 *
 * @param {unknown} thrown
 */
function kindOf(thrown) {
  if (thrown instanceof WebAssembly.RuntimeError) return `${thrown.name}, ${thrown.message}`;
  return thrown instanceof Error ? thrown.name : "a value that is no Error was thrown";
}

/**
 * What was thrown, in words. It never throws itself, which `String` may.
 *
 * @param {unknown} thrown
 */
export function describe(thrown) {
  try {
    if (typeof thrown === "string" || thrown instanceof Error) return String(thrown);
  } catch {
    // An error that has no words for itself.
  }
  return "a value that is no Error";
}

/**
 * The object without a prototype, for what the browser reads options from: a script that has changed `Object.prototype` would
 * otherwise add to them.
 *
 * @template {object} T
 * @param {T} members
 * @returns {T}
 */
export function bare(members) {
  return Object.setPrototypeOf(members, null);
}
