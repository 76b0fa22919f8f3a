import { AuthError, toAuthError } from "./errors.ts";
import { askEarly, loadCore } from "./load.ts";
import { isAborted, readInitialize, readOptions, reasonOf, whenAborted } from "./options.ts";
import type { InitializeOptions, UserState } from "./types.ts";
import type { Core, Host } from "./wasm.ts";

/**
 * The methods of the core that take their options as JSON text and resolve with JSON text. A test holds these names to
 * those that the core knows.
 */
export type CoreMethod =
  | "prepareSignIn"
  | "signUp"
  | "confirmSignUp"
  | "resendSignUpCode"
  | "signIn"
  | "confirmSignIn"
  | "resumeSignIn"
  | "autoSignIn"
  | "getTokens"
  | "releaseSignInWait"
  | "signOut"
  | "clearStorage"
  | "forgotPassword"
  | "confirmForgotPassword"
  | "changePassword"
  | "getUserAttributes"
  | "updateUserAttributes"
  | "deleteUserAttributes"
  | "verifyUserAttribute"
  | "confirmVerifyUserAttribute"
  | "setUpTOTP"
  | "verifyTOTPSetup"
  | "updateMFAPreference"
  | "getMFAPreference"
  | "getUserAuthFactors"
  | "listUserSessions"
  | "revokeUserSession"
  | "deleteUser"
  | `passkeyOperations.${"register" | "list" | "delete"}`
  | `deviceOperations.${"list" | "get" | "updateStatus" | "forget"}`;

/** The calls of an app on their way to the core and back. Each ends: by itself, by its signal, or when all is closed. */
export class Calls {
  readonly #host: Host;
  readonly #underWay = new Set<Call>();
  #core: Promise<Core> | undefined;
  #initialized: Promise<UserState> | undefined;
  #isClosed = false;
  /** What ended the WebAssembly, and ends every call from then on. */
  #lost: AuthError | undefined;
  #lastId = 0;

  constructor(host: Host) {
    this.#host = {
      changed: (...change) => host.changed(...change),
      isListening: () => host.isListening(),
      lost: (errorText) => {
        host.lost(errorText);
        this.#lost = toAuthError(errorText);
        for (const call of this.#underWay) call.end(this.#lost);
      },
    };
  }

  initialize(config: object | string | URL | undefined, options: InitializeOptions | undefined): Promise<UserState> {
    const initialized = this.#initialize(config, options);
    // Other methods wait for the first of these calls that succeeds.
    const awaited = this.#initialized?.catch(() => initialized) ?? initialized;
    this.#initialized = awaited;
    awaited.catch(() => {
      if (this.#initialized === awaited) this.#initialized = undefined;
    });
    return initialized;
  }

  async call<Result>(method: CoreMethod, options?: object): Promise<Result> {
    if (this.#isClosed) throw closed("invalidState");
    const initialized = this.#initialized;
    if (initialized === undefined) {
      throw new AuthError({
        code: "invalidConfiguration",
        message: `Call \`await client.initialize()\` before \`${method}()\`.`,
      });
    }
    const { json, signal } = readOptions(method, options);
    return this.#run(method, signal, async (call) => {
      await initialized;
      const core = await this.#load(undefined);
      call.ensureUnderWay();
      call.core = core;
      return JSON.parse(await core.call(call.id, method, json)) as Result;
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const call of this.#underWay) call.end(closed("aborted"));
    // Also one that is still being loaded.
    this.#core?.then((core) => core.close()).catch(() => {});
  }

  async #initialize(
    config: object | string | URL | undefined,
    options: InitializeOptions | undefined,
  ): Promise<UserState> {
    if (this.#isClosed) throw closed("invalidState");
    const { wasm, document, url, settings, custom, signal } = readInitialize(config, options);
    return this.#run("initialize", signal, async (call) => {
      const early = document === undefined && this.#core === undefined ? askEarly(url) : undefined;
      try {
        const core = await this.#load(wasm);
        call.ensureUnderWay();
        const { userState } = JSON.parse(await core.initialize(document, url, settings, custom, early)) as {
          userState: UserState;
        };
        this.#prepare(core);
        return userState;
      } finally {
        // An answer that was not needed must not be taken for that of a later request.
        early?.controller.abort();
      }
    });
  }

  /** What a sign-in computes can be computed ahead. What fails then fails again, with its reason, when it is needed. */
  #prepare(core: Core): void {
    const id = ++this.#lastId;
    whenIdle(async () => void (await core.call(id, "prepareSignIn" satisfies CoreMethod, "{}").catch(() => {})));
  }

  #load(wasm: Parameters<typeof loadCore>[0]): Promise<Core> {
    this.#core ??= loadCore(wasm, this.#host).catch((error: unknown) => {
      this.#core = undefined;
      throw error;
    });
    return this.#core;
  }

  /** What `work` comes to, unless it is ended before. */
  async #run<Result>(
    method: string,
    signal: AbortSignal | undefined,
    work: (call: Call) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isClosed) throw closed("invalidState");
    if (this.#lost) throw this.#lost;
    if (isAborted(signal)) throw aborted(method, signal);
    const call = new Call(++this.#lastId);
    const abort = () => call.abort(aborted(method, signal));
    this.#underWay.add(call);
    const forget = whenAborted(signal, abort);
    try {
      return await Promise.race([work(call), call.ended]);
    } catch (thrown) {
      const error = toAuthError(thrown);
      // The core knows that a call was aborted, and not why.
      throw error.code === "aborted" && isAborted(signal) ? aborted(method, signal) : error;
    } finally {
      this.#underWay.delete(call);
      forget();
    }
  }
}

/** A call that is under way. */
class Call {
  readonly id: number;
  /** The core that has it, once one has. */
  core: Core | undefined;
  /** Rejects when the call is ended from outside; otherwise it stays as it is. */
  readonly ended: Promise<never>;
  #reject!: (error: AuthError) => void;
  #error: AuthError | undefined;

  constructor(id: number) {
    this.id = id;
    this.ended = new Promise((_, reject) => (this.#reject = reject));
  }

  end(error: AuthError): void {
    this.#error = error;
    this.#reject(error);
  }

  /** A core that has the call says itself what became of it: the abort may come too late. */
  abort(error: AuthError): void {
    if (this.core) this.core.abort(this.id);
    else this.end(error);
  }

  ensureUnderWay(): void {
    if (this.#error) throw this.#error;
  }
}

function aborted(method: string, signal: AbortSignal | undefined): AuthError {
  return new AuthError({ code: "aborted", message: `${method}() was aborted by its signal.`, cause: reasonOf(signal) });
}

/** `aborted` for what was under way, `invalidState` for what comes later. */
function closed(code: "aborted" | "invalidState"): AuthError {
  return new AuthError({
    code,
    message: "This client was closed by close(). Use AWSMobileClient.sharedInstance() or a new AWSMobileClient.",
  });
}

/** JSON has no word for dates: the core gives seconds since 1970. */
export function withDates<Value extends object>(value: Value, names: readonly (keyof Value)[]): Value {
  const dates = names.filter((name) => name in value).map((name) => [name, new Date(Number(value[name]) * 1000)]);
  return { ...value, ...Object.fromEntries(dates) };
}

/** Not in the way of the page's first paint and input, where the browser can tell. */
function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(task);
  else setTimeout(task);
}
