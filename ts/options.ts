// What an app gives a call, checked as far as JSON cannot carry it to the core, which checks the rest.

import { AuthError } from "./errors.ts";
import type { CustomStorage, InitializeOptions, UserStateListenOptions } from "./types.ts";

/** The options of a call as JSON text, and beside it the signal, which JSON has no word for. */
export function readOptions(method: string, options: object | undefined | null): { json: string; signal: AbortSignal | undefined } {
  let signal: unknown;
  const json = toJson(method, options ?? {}, (given) => (signal = (given as { signal?: unknown }).signal));
  return { json, signal: checkSignal(method, signal) };
}

/** What {@link AWSMobileClient.initialize} was given, as the core takes it. */
export function readInitialize(config: object | string | URL | undefined, options: InitializeOptions | undefined) {
  const { wasm, storage, signal, ...rest } = known("initialize", options, ["wasm", "storage", "importSession", "backgroundRefresh", "signInWaitTimeout", "totpIssuer", "deviceName", "signal"]);
  const custom = typeof storage === "object" && storage !== null ? checkStorage(storage) : undefined;
  const isDocument = typeof config === "object" && !(config instanceof URL);
  return {
    wasm,
    document: isDocument ? toJson("initialize", config) : undefined,
    url: isDocument ? "" : String(config ?? ""),
    // Apart from what was given, which is compared where it is called again.
    settings: toJson("initialize", { ...rest, ...(custom ? {} : { storage }), hostName: globalThis.location?.hostname, browserName: browserName() }),
    custom,
    signal: checkSignal("initialize", signal),
  };
}

/** Short, for a list of devices that its user reads. `undefined` where there is none of the usual. */
function browserName(): string | undefined {
  // Chrome's name stands in what others say, and Safari's in Chrome's.
  const names = ["Firefox", "Edg", "OPR", "Chrome", "Safari"];
  const name = names.find((each) => globalThis.navigator?.userAgent.includes(each));
  return name === "Edg" ? "Edge" : name === "OPR" ? "Opera" : name;
}

/** The options of adding a listener. */
export function readListen(method: string, options: UserStateListenOptions | undefined, hasImmediate: boolean): UserStateListenOptions {
  const { signal: given, immediate = false } = known(method, options, hasImmediate ? ["signal", "immediate"] : ["signal"]);
  if (typeof immediate !== "boolean") throw invalid(`${method}() needs \`immediate\` to be true or false.`);
  const signal = checkSignal(method, given);
  return signal ? { signal, immediate } : { immediate };
}

/** The argument, which has to be a function. */
export function isFunction<Fn>(method: string, value: Fn): Fn {
  if (typeof value === "function") return value;
  throw invalid(`${method}() takes a function.`);
}

/** The error that names what is wrong about an argument. */
export function invalid(message: string, cause?: unknown): AuthError {
  return new AuthError({ code: "invalidParameter", message, cause });
}

/**
 * The text of an argument; what JSON has no word for, such as a Map, a function or a circle, is the caller's mistake.
 * Except what `leaveOut` finds in it.
 */
function toJson(method: string, value: object, leaveOut: (value: object) => unknown = () => undefined): string {
  try {
    const leftOut = leaveOut(value);
    let option = "";
    const json = JSON.stringify(value, function (this: unknown, name: string, part: unknown) {
      if (this === value) option = name;
      if (part === leftOut) return undefined;
      // The one would be read as nothing, the other not at all.
      if (typeof part === "number" && !Number.isFinite(part)) throw invalid(`${method}() needs \`${option}\` to be a number; it is ${part}.`);
      if ([name, part].some(isTorn)) throw invalid(`${method}() needs \`${option}\` to be whole characters; it has half of one.`);
      if (typeof part === "function" || (typeof part === "object" && part !== null && !isPlain(part))) throw new TypeError("not plain data");
      return part;
    });
    if (json !== undefined) return json;
  } catch (cause) {
    throw cause instanceof AuthError ? cause : notPlain(method, cause);
  }
  throw notPlain(method, undefined);
}

/** Whether it is text that was cut in the middle of a character. Not `isWellFormed`, which is younger than our browsers. */
function isTorn(value: unknown): boolean {
  return typeof value === "string" && /\p{Surrogate}/u.test(value);
}

/** By its tag, because an object of another frame has another prototype. */
function isPlain(value: object): boolean {
  return ["[object Object]", "[object Array]", "[object Module]"].includes(Object.prototype.toString.call(value));
}

function notPlain(method: string, cause: unknown): AuthError {
  return invalid(`${method}() takes plain data: an object of strings, true and false, lists and such objects.`, cause);
}

/** The options, once all their names are known. */
function known<Options extends object>(method: string, options: Options | undefined | null, names: readonly string[]): Partial<Options> {
  const unknown = Object.keys(options ?? {}).find((name) => !names.includes(name));
  if (unknown === undefined) return options ?? {};
  throw invalid(`${method}() has no option \`${unknown}\`. Its options are ${names.join(", ")}.`);
}

/** By what it can do, because a signal of another frame is an instance of another class. */
function checkSignal(method: string, value: unknown): AbortSignal | undefined {
  const signal = value as AbortSignal | undefined | null;
  if (signal === undefined || (typeof signal?.aborted === "boolean" && typeof signal.addEventListener === "function")) return signal;
  throw invalid(`${method}() needs \`signal\` to be an AbortSignal.`);
}

function checkStorage(storage: CustomStorage): CustomStorage {
  const functions = [storage.getItem, storage.setItem, storage.removeItem];
  if (functions.every((each) => typeof each === "function")) return storage;
  throw invalid("initialize() needs `storage` to be the name of a store, or an object with the functions getItem, setItem and removeItem.");
}
