// What an app gives a call, checked as far as JSON cannot carry it to the core, which checks the rest.

import { AuthError } from "./errors.ts";
import { isPlain, own, toPlain } from "./plain.ts";
import type { CustomStorage, InitializeOptions, UserStateListenOptions } from "./types.ts";

/** The options of a call as JSON text, and beside it the signal, which JSON has no word for. */
export function readOptions(
  method: string,
  options: object | undefined | null,
): { json: string; signal: AbortSignal | undefined } {
  return reading(method, () => {
    const { signal, ...rest } = ownOptions<{ signal?: unknown }>(method, options);
    return { json: toJson(method, rest), signal: checkSignal(method, signal) };
  });
}

/** What {@link AWSMobileClient.initialize} was given, as the core takes it. */
export function readInitialize(config: object | string | URL | undefined, options: InitializeOptions | undefined) {
  return reading("initialize", () => {
    const { wasm, storage, signal, ...rest } = known("initialize", options, [
      "wasm",
      "storage",
      "importSession",
      "backgroundRefresh",
      "signInWaitTimeout",
      "totpIssuer",
      "deviceName",
      "signal",
    ]);
    const custom = typeof storage === "object" && storage !== null ? checkStorage(storage) : undefined;
    if (!["undefined", "string", "object"].includes(typeof config))
      throw invalid("initialize() takes a configuration object, or its URL.");
    const isDocument = typeof config === "object" && config !== null && !(config instanceof URL);
    return {
      wasm: checkWasm(wasm),
      document: isDocument ? toJson("initialize", config) : undefined,
      url: isDocument ? "" : String(config ?? ""),
      // Apart from what was given, which is compared where it is called again.
      settings: toJson("initialize", {
        ...rest,
        ...(custom ? {} : { storage }),
        hostName: globalThis.location?.hostname,
        browserName: browserName(),
      }),
      custom,
      signal: checkSignal("initialize", signal),
    };
  });
}

/** Short, for a list of devices that its user reads. `undefined` where there is none of the usual. */
function browserName(): string | undefined {
  // Chrome's name stands in what others say, and Safari's in Chrome's.
  const names = ["Firefox", "Edg", "OPR", "Chrome", "Safari"];
  const name = names.find((each) => globalThis.navigator?.userAgent?.includes(each));
  return name === "Edg" ? "Edge" : name === "OPR" ? "Opera" : name;
}

/** The options of adding a listener. */
export function readListen(
  method: string,
  options: UserStateListenOptions | undefined,
  hasImmediate: boolean,
): UserStateListenOptions {
  return reading(method, () => {
    const { signal: given, immediate = false } = known(
      method,
      options,
      hasImmediate ? ["signal", "immediate"] : ["signal"],
    );
    if (typeof immediate !== "boolean") throw invalid(`${method}() needs \`immediate\` to be true or false.`);
    const signal = checkSignal(method, given);
    return own(signal ? { signal, immediate } : { immediate });
  });
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

/** What `read` gives; where reading throws, by a getter or a proxy of the app's, the error says which call it was. */
function reading<Result>(method: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw cause instanceof AuthError ? cause : notPlain(method, cause);
  }
}

/** The text of an argument; what JSON has no word for, such as a Map, a function or a circle, is the caller's mistake. */
function toJson(method: string, value: object): string {
  const refuse = (option: string, reason: string) => {
    throw option === "" ? notPlain(method, undefined) : invalid(`${method}() needs \`${option}\` to be ${reason}.`);
  };
  return JSON.stringify(toPlain(value, refuse));
}

function notPlain(method: string, cause: unknown): AuthError {
  return invalid(`${method}() takes plain data: an object of strings, true and false, lists and such objects.`, cause);
}

/** The members of the options that are their own: what they inherit, also from a changed `Object.prototype`, is no option. */
function ownOptions<Options extends object>(method: string, options: Options | undefined | null): Partial<Options> {
  if (options === undefined || options === null) return own({});
  if (typeof options !== "object" || Array.isArray(options) || !isPlain(options))
    throw invalid(`${method}() takes its options as an object.`);
  return own(options);
}

/** The options, once all their names are known. */
function known<Options extends object>(
  method: string,
  options: Options | undefined | null,
  names: readonly string[],
): Partial<Options> {
  const given = ownOptions(method, options);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown === undefined) return given;
  throw invalid(`${method}() has no option \`${unknown}\`. Its options are ${names.join(", ")}.`);
}

/** Whether it has aborted, and why. By the getters of the class: a signal's own member may be anything. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal !== undefined && (Reflect.get(AbortSignal.prototype, "aborted", signal) as boolean);
}

/** See {@link isAborted}. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal && Reflect.get(AbortSignal.prototype, "reason", signal);
}

/** Calls a function when the signal aborts; returns what ends that. See {@link isAborted}. */
export function whenAborted(signal: AbortSignal | undefined, act: () => void): () => void {
  if (!signal) return () => {};
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  addEventListener.call(signal, "abort", act);
  return () => removeEventListener.call(signal, "abort", act);
}

/** By the getter of the class, which works for a signal of another frame and throws for what only looks like one. */
function checkSignal(method: string, value: unknown): AbortSignal | undefined {
  if (value === undefined || value === null) return undefined;
  try {
    isAborted(value as AbortSignal);
  } catch (cause) {
    throw invalid(`${method}() needs \`signal\` to be an AbortSignal.`, cause);
  }
  return value as AbortSignal;
}

/** What the WebAssembly comes from; a URL as its text. By its tag, as {@link toPlain} tells objects apart. */
function checkWasm(wasm: InitializeOptions["wasm"] | null): Exclude<InitializeOptions["wasm"], URL> {
  if (wasm === undefined || wasm === null || typeof wasm === "string") return wasm ?? undefined;
  if (wasm instanceof URL) return String(wasm);
  const kind = Object.prototype.toString.call(wasm).slice(8, -1);
  if (ArrayBuffer.isView(wasm) || ["ArrayBuffer", "Response", "WebAssembly.Module"].includes(kind)) return wasm;
  throw invalid(
    "initialize() needs `wasm` to be the URL of cognito_wasm_bg.wasm, a Response of it, its bytes, or the module compiled from it.",
  );
}

function checkStorage(storage: CustomStorage): CustomStorage {
  const functions = [storage.getItem, storage.setItem, storage.removeItem];
  if (functions.every((each) => typeof each === "function")) return storage;
  throw invalid(
    "initialize() needs `storage` to be indexedDB, localStorage, sessionStorage or memory, or an object with the functions getItem, setItem and removeItem.",
  );
}
