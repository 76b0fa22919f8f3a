import { AuthError, toAuthError, toLoadError } from "./errors.ts";
import { Listeners } from "./listeners.ts";
import type {
  ConfirmSignInOptions,
  ConfirmSignUpOptions,
  GetTokensOptions,
  InitializeOptions,
  ListenOptions,
  ResendSignUpCodeOptions,
  SessionToken,
  SignInOptions,
  SignInResult,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Snapshot,
  Tokens,
  UserState,
  UserStateInfo,
  UserStateListener,
} from "./types.ts";
import type { Core } from "./wasm.ts";

/** The methods of the core that take their options as JSON text and resolve with JSON text. */
type CoreMethod = "signUp" | "confirmSignUp" | "resendSignUpCode" | "signIn" | "confirmSignIn" | "getTokens" | "signOut";

const BEFORE_INITIALIZE: Snapshot = Object.freeze({
  userState: "unknown",
  isSignedIn: false,
  username: undefined,
  userSub: undefined,
});

let shared: AWSMobileClient | undefined;

/**
 * The auth client of a web app: sign-up, sign-in, tokens that are kept fresh, and a user state to watch.
 *
 * Importing it touches nothing, so it may be imported on a server. The WebAssembly is loaded by
 * {@link initialize}. Every failure is an {@link AuthError}.
 *
 * @example
 * ```ts
 * import { AWSMobileClient } from "cognito-wasm";
 *
 * const client = AWSMobileClient.sharedInstance();
 * const userState = await client.initialize();
 * if (userState === "signedOut") {
 *   await client.signIn({ username: "alice", password: "Abc@123!" });
 * }
 * const { accessToken } = await client.getTokens();
 * console.log(accessToken.claims?.["username"]);
 * ```
 */
export class AWSMobileClient {
  readonly #userStateListeners = new Listeners<[UserState, UserStateInfo]>();
  readonly #subscribers = new Listeners<[]>();
  #snapshot = BEFORE_INITIALIZE;
  /** The session's tokens, so that valid ones are handed out without a step into the WebAssembly. */
  #tokens: TokensText | undefined;
  #core: Promise<Core> | undefined;
  #initialized: Promise<UserState> | undefined;

  /**
   * The client that the whole page shares. It is made at the first call.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * ```
   */
  static sharedInstance(): AWSMobileClient {
    return (shared ??= new AWSMobileClient());
  }

  /**
   * Reads the configuration and the stored session, and loads the WebAssembly. Sends nothing to Cognito and so works
   * offline; no listener is called. Called again it resolves with the current state, and fetches nothing; after a
   * failure it may be called again.
   *
   * @param config the content of `awsconfiguration.json`, of `amplify_outputs.json` or of `aws-exports.js`, or the
   * URL of one; without it `./awsconfiguration.json` is fetched.
   * @throws {AuthError} `invalidConfiguration` with the path of what is wrong in it; `invalidParameter` for an
   * option that does not exist; `network` when it, or the WebAssembly, could not be fetched; `wasmBlocked` when the
   * page's Content-Security-Policy forbids WebAssembly; `invalidState` when the client has another configuration
   * already.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const userState = await AWSMobileClient.sharedInstance().initialize({
   *   CognitoUserPool: { Default: { PoolId: "us-east-1_AbCdEfGhI", AppClientId: "1example23456789" } },
   * });
   * console.log(userState); // "signedOut", or "signedIn" after a reload
   * ```
   */
  initialize(config?: object | string | URL, options?: InitializeOptions): Promise<UserState> {
    const initialized = this.#initialize(config, options);
    // Other methods wait for the first of these calls that succeeds.
    const awaited = this.#initialized?.catch(() => initialized) ?? initialized;
    this.#initialized = awaited;
    awaited.catch(() => {
      if (this.#initialized === awaited) this.#initialized = undefined;
    });
    return initialized;
  }

  /**
   * The user's state, without waiting; `unknown` until {@link initialize} has resolved.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * if (AWSMobileClient.sharedInstance().currentUserState === "signedIn") console.log("Welcome back.");
   * ```
   */
  get currentUserState(): UserState {
    return this.#snapshot.userState;
  }

  /**
   * Whether a user has signed in and not signed out since; also `true` while the user's tokens are refused and a
   * new sign-in is due.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * document.body.classList.toggle("signed-in", AWSMobileClient.sharedInstance().isSignedIn);
   * ```
   */
  get isSignedIn(): boolean {
    return this.#snapshot.isSignedIn;
  }

  /**
   * The older name of {@link isSignedIn}.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * console.log(AWSMobileClient.sharedInstance().isLoggedIn);
   * ```
   */
  get isLoggedIn(): boolean {
    return this.#snapshot.isSignedIn;
  }

  /**
   * The name the user pool knows the user by: the `username` claim of the access token.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * console.log(`Hello ${AWSMobileClient.sharedInstance().username ?? "guest"}`);
   * ```
   */
  get username(): string | undefined {
    return this.#snapshot.username;
  }

  /**
   * The user's `sub`, which never changes.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const prefix = `private/${AWSMobileClient.sharedInstance().userSub}/`;
   * ```
   */
  get userSub(): string | undefined {
    return this.#snapshot.userSub;
  }

  /**
   * Calls `listener` whenever the user's state changes, after the new state is stored and before the promise of the
   * call that changed it settles. A listener may call any method of the client, also `signOut`; one that throws is
   * reported as an uncaught error and disturbs nobody.
   *
   * @returns what removes the listener.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const unsubscribe = AWSMobileClient.sharedInstance().addUserStateListener((userState, info) => {
   *   switch (userState) {
   *     case "signedIn":
   *       console.log("user is signed in", info.provider);
   *       break;
   *     case "signedOut":
   *       console.log("user signed out");
   *       break;
   *     default:
   *       console.log(userState);
   *   }
   * });
   * unsubscribe();
   * ```
   */
  addUserStateListener(listener: UserStateListener, options?: ListenOptions): () => void {
    return this.#userStateListeners.add(isFunction("addUserStateListener", listener), known("addUserStateListener", options, ["signal"]));
  }

  /**
   * Removes a listener, however often it was added.
   *
   * @example
   * ```ts
   * import { AWSMobileClient, type UserStateListener } from "cognito-wasm";
   *
   * const listener: UserStateListener = (userState) => console.log(userState);
   * AWSMobileClient.sharedInstance().addUserStateListener(listener);
   * AWSMobileClient.sharedInstance().removeUserStateListener(listener);
   * ```
   */
  removeUserStateListener(listener: UserStateListener): void {
    this.#userStateListeners.remove(listener);
  }

  /**
   * Calls `onChange` whenever {@link getSnapshot} has something new. It is bound, as React's `useSyncExternalStore`
   * wants it.
   *
   * @example
   * ```tsx
   * import { useSyncExternalStore } from "react";
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   *
   * export function Greeting() {
   *   const { username } = useSyncExternalStore(client.subscribe, client.getSnapshot);
   *   return <p>Hello {username ?? "guest"}</p>;
   * }
   * ```
   */
  readonly subscribe = (onChange: () => void): (() => void) =>
    this.#subscribers.add(isFunction("subscribe", onChange));

  /**
   * What the client knows without waiting: the same object until something in it changes. It is bound.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { userState, username } = AWSMobileClient.sharedInstance().getSnapshot();
   * console.log(userState, username);
   * ```
   */
  readonly getSnapshot = (): Snapshot => this.#snapshot;

  /**
   * Creates a user in the user pool.
   *
   * @throws {AuthError} `usernameExists`; `invalidPassword` when it does not meet the pool's policy;
   * `invalidParameter` naming an option or attribute; `codeDeliveryFailure`; `userLambdaValidation`; `network`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { signUpConfirmationState, codeDeliveryDetails } = await AWSMobileClient.sharedInstance().signUp({
   *   username: "alice",
   *   password: "Abc@123!",
   *   userAttributes: { email: "alice@example.com" },
   * });
   * if (signUpConfirmationState === "unconfirmed") {
   *   console.log(`A code went to ${codeDeliveryDetails?.destination}`);
   * }
   * ```
   */
  signUp(options: SignUpOptions): Promise<SignUpResult> {
    return this.#call("signUp", options);
  }

  /**
   * Confirms a user with the code that sign-up sent. Needs no state: it works after a reload too.
   *
   * @throws {AuthError} `codeMismatch`; `expiredCode`; `aliasExists`; `tooManyFailedAttempts`; `notAuthorized` when
   * the user is confirmed already; `network`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().confirmSignUp({ username: "alice", confirmationCode: "123456" });
   * ```
   */
  confirmSignUp(options: ConfirmSignUpOptions): Promise<SignUpResult> {
    return this.#call("confirmSignUp", options);
  }

  /**
   * Sends another confirmation code.
   *
   * @throws {AuthError} `limitExceeded`; `codeDeliveryFailure`; `invalidParameter` when the user is confirmed
   * already; `network`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { codeDeliveryDetails } = await AWSMobileClient.sharedInstance().resendSignUpCode({ username: "alice" });
   * console.log(codeDeliveryDetails?.deliveryMedium, codeDeliveryDetails?.destination);
   * ```
   */
  resendSignUpCode(options: ResendSignUpCodeOptions): Promise<SignUpResult> {
    return this.#call("resendSignUpCode", options);
  }

  /**
   * Signs a user in. By default with SRP, so that the password does not leave the page. A sign-in that was still
   * under way ends with `aborted`.
   *
   * @throws {AuthError} `notAuthorized` for a wrong password (and for an unknown user, unless the pool tells them
   * apart as `userNotFound`); `userNotConfirmed`; `passwordResetRequired`; `invalidState` while a user is signed in;
   * `storage` when the session cannot be kept; `network`. No session begins then.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const result = await AWSMobileClient.sharedInstance().signIn({ username: "alice", password: "Abc@123!" });
   * switch (result.signInState) {
   *   case "signedIn":
   *     console.log("signed in");
   *     break;
   *   case "newPasswordRequired":
   *     console.log("ask for a new password, and for", result.requiredAttributes);
   *     break;
   * }
   * ```
   */
  signIn(options: SignInOptions): Promise<SignInResult> {
    return this.#call("signIn", options);
  }

  /**
   * Answers what {@link signIn} asked for. A wrong answer leaves the question open, and this may be called again.
   *
   * @throws {AuthError} `invalidState` when nothing was asked; `invalidPassword`; `invalidParameter` when a required
   * attribute is missing; `notAuthorized` when the sign-in took too long and must begin again; `network`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().confirmSignIn({
   *   challengeResponse: "My-New-Password1!",
   *   userAttributes: { given_name: "Alice" },
   * });
   * ```
   */
  confirmSignIn(options: ConfirmSignInOptions): Promise<SignInResult> {
    return this.#call("confirmSignIn", options);
  }

  /**
   * Tokens that are valid for two minutes at least: from the cache, or refreshed. Any number of callers share one
   * refresh. A failure to reach the service signs nobody out.
   *
   * @throws {AuthError} `notSignedIn` when nobody is signed in, or the service refused for good to renew the tokens
   * (the state is `signedOutUserPoolsTokenInvalid` then); `network`, `timeout` and the like when it could not be asked.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { idToken } = await AWSMobileClient.sharedInstance().getTokens();
   * await fetch("/api/orders", { headers: { authorization: `Bearer ${idToken.tokenString}` } });
   * ```
   */
  async getTokens(options?: GetTokensOptions): Promise<Tokens> {
    const cached = this.#tokens;
    if (options === undefined && cached !== undefined && Date.now() < cached.usableUntil * 1000) return toTokens(cached);
    return toTokens(await this.#call<TokensText>("getTokens", options));
  }

  /**
   * Signs the user out. The local part is done first, listeners included, and works offline; then the tokens are
   * revoked as far as the service can be reached, and the promise waits for that.
   *
   * @throws {AuthError} With `signOutGlobally`: `network` and the like, and the user stays signed in. `storage` when
   * the stored session cannot be removed.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().signOut();
   * await AWSMobileClient.sharedInstance().signOut({ signOutGlobally: true });
   * ```
   */
  async signOut(options?: SignOutOptions): Promise<void> {
    await this.#call<null>("signOut", options);
  }

  async #initialize(config: object | string | URL | undefined, options: InitializeOptions | undefined): Promise<UserState> {
    const { wasm } = known("initialize", options, ["wasm"]);
    const isDocument = typeof config === "object" && !(config instanceof URL);
    const document = isDocument ? toJson("initialize", config) : undefined;
    const url = isDocument ? "" : String(config ?? "./awsconfiguration.json");
    const core = await this.#load(wasm);
    const { userState } = await settled<{ userState: UserState }>(() => core.initialize(document, url));
    whenIdle(() => void core.call("prepareSignIn", "{}").catch(() => {}));
    return userState;
  }

  #load(wasm: InitializeOptions["wasm"]): Promise<Core> {
    this.#core ??= import("./wasm.ts")
      .then(({ core }) => core(wasm))
      .then((Core) => new Core((snapshot: string, info?: string) => this.#changed(snapshot, info)))
      .catch((error: unknown) => {
        this.#core = undefined;
        throw toLoadError(error);
      });
    return this.#core;
  }

  #changed(snapshotText: string, infoText: string | undefined): void {
    const { tokens, ...rest } = JSON.parse(snapshotText) as SnapshotText;
    const next = toSnapshot(rest);
    this.#tokens = tokens && frozen(tokens);
    if (!isSame(next, this.#snapshot)) {
      this.#snapshot = next;
      this.#subscribers.deliver();
    }
    if (infoText !== undefined) {
      this.#userStateListeners.deliver(next.userState, JSON.parse(infoText) as UserStateInfo);
    }
  }

  async #call<Result>(method: CoreMethod, options: object | undefined): Promise<Result> {
    if (this.#initialized === undefined) {
      throw new AuthError({
        code: "invalidConfiguration",
        message: `Call \`await client.initialize()\` before \`${method}()\`.`,
      });
    }
    const json = toJson(method, options ?? {});
    await this.#initialized;
    const core = await this.#load(undefined);
    return settled<Result>(() => core.call(method, json));
  }
}

/** What the core's `getTokens` resolves with. */
interface TokensText {
  readonly idToken: SessionToken;
  readonly accessToken: SessionToken;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  /** Seconds since 1970: from then on they are to be renewed first. */
  readonly usableUntil: number;
}

/** What the core tells of a change. */
interface SnapshotText {
  readonly userState: UserState;
  readonly username?: string;
  readonly userSub?: string;
  readonly tokens?: TokensText;
}

function toTokens({ idToken, accessToken, expiresAt }: TokensText): Tokens {
  return { idToken, accessToken, expiration: new Date(expiresAt * 1000) };
}

/** Many callers are handed the same objects. */
function frozen(tokens: TokensText): TokensText {
  for (const token of [tokens.idToken, tokens.accessToken]) {
    Object.freeze(token.claims);
    Object.freeze(token);
  }
  return tokens;
}

function toSnapshot({ userState, username, userSub }: SnapshotText): Snapshot {
  return Object.freeze({ userState, isSignedIn: username !== undefined, username, userSub });
}

function isSame(a: Snapshot, b: Snapshot): boolean {
  return a.userState === b.userState && a.username === b.username && a.userSub === b.userSub;
}

/** The text of an argument; what JSON has no word for, such as a Map, a function or a circle, is the caller's mistake. */
function toJson(method: string, value: object): string {
  try {
    const json = JSON.stringify(value, (_, part: unknown) => {
      if (typeof part === "function" || (typeof part === "object" && part !== null && !isPlain(part))) throw new TypeError("not plain data");
      return part;
    });
    if (json !== undefined) return json;
  } catch (cause) {
    throw notPlain(method, cause);
  }
  throw notPlain(method, undefined);
}

/** By its tag, because an object of another frame has another prototype. */
function isPlain(value: object): boolean {
  return ["[object Object]", "[object Array]", "[object Module]"].includes(Object.prototype.toString.call(value));
}

function notPlain(method: string, cause: unknown): AuthError {
  const message = `${method}() takes plain data: an object of strings, true and false, lists and such objects.`;
  return new AuthError({ code: "invalidParameter", message, cause });
}

/** The options, once all their names are known. */
function known<Options extends object>(method: string, options: Options | undefined | null, names: readonly string[]): Partial<Options> {
  const unknown = Object.keys(options ?? {}).find((name) => !names.includes(name));
  if (unknown === undefined) return options ?? {};
  const message = `${method}() has no option \`${unknown}\`. Its options are ${names.join(", ")}.`;
  throw new AuthError({ code: "invalidParameter", message });
}

function isFunction<Fn>(method: string, value: Fn): Fn {
  if (typeof value === "function") return value;
  throw new AuthError({ code: "invalidParameter", message: `${method}() takes a function.` });
}

async function settled<Result>(call: () => Promise<string>): Promise<Result> {
  try {
    return JSON.parse(await call()) as Result;
  } catch (error) {
    throw toAuthError(error);
  }
}

/** Not in the way of the page's first paint and input, where the browser can tell. */
function whenIdle(task: () => void): void {
  if (typeof requestIdleCallback === "function") requestIdleCallback(task);
  else setTimeout(task);
}
