import { invalid, isFunction, readListen } from "./options.ts";
import type { State } from "./state.ts";
import type { AuthEvents, ListenOptions, Snapshot, UserState, UserStateListener } from "./types.ts";

/** What can be seen of an {@link AWSMobileClient} without waiting, and who is told when it changes. */
export abstract class Observed {
  readonly #state: State;

  /** @internal */
  constructor(state: State) {
    this.#state = state;
  }

  /**
   * The user's state, without waiting; `unknown` until {@link AWSMobileClient.initialize} has resolved, and after
   * {@link AWSMobileClient.close}.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * if (AWSMobileClient.sharedInstance().currentUserState === "signedIn") console.log("Welcome back.");
   * ```
   */
  get currentUserState(): UserState {
    return this.#state.snapshot.userState;
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
    return this.#state.snapshot.isSignedIn;
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
    return this.#state.snapshot.isSignedIn;
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
    return this.#state.snapshot.username;
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
    return this.#state.snapshot.userSub;
  }

  /**
   * Calls `listener` whenever the user's state changes, after the new state is stored and before the promise of the
   * call that changed it settles; also when another tab has changed it. A listener may call any method of the client,
   * also `signOut`; one that throws is reported as an uncaught error and disturbs nobody.
   *
   * @param options its `signal` removes the listener, too.
   * @returns what removes the listener.
   * @throws {AuthError} `invalidParameter` for what is no function.
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
    const fn = isFunction("addUserStateListener", listener);
    const tell = ({ userState, info }: AuthEvents["userState"]) => fn(userState, info);
    return this.#state.events.userState.add(tell, readListen("addUserStateListener", options), listener);
  }

  /**
   * Removes a listener that {@link addUserStateListener} has added, however often.
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
    this.#state.events.userState.remove(listener);
  }

  /**
   * Calls `listener` for every event of one name; what it is told is in {@link AuthEvents}. For the rest it is as
   * {@link addUserStateListener}, and `on("userState", ...)` is its other form: whoever was added first is told first.
   *
   * @param options its `signal` removes the listener, too.
   * @returns what removes the listener.
   * @throws {AuthError} `invalidParameter` for an event that does not exist, or what is no function.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * const page = new AbortController();
   * client.on("tokensRefreshed", ({ tokens }) => console.log("valid until", tokens.expiration), { signal: page.signal });
   * client.on("tokenRefreshFailed", ({ error }) => console.log(error.code, error.retryable), { signal: page.signal });
   * client.on("offline", () => console.log("no connection"), { signal: page.signal });
   * page.abort(); // all three are gone
   * ```
   */
  on<Name extends keyof AuthEvents>(event: Name, listener: (event: AuthEvents[Name]) => void, options?: ListenOptions): () => void {
    const { events } = this.#state;
    if (!Object.hasOwn(events, event)) throw invalid(`on() has no event \`${event}\`. Its events are ${Object.keys(events).join(", ")}.`);
    return events[event].add(isFunction("on", listener), readListen("on", options));
  }

  /**
   * Calls `onChange` whenever {@link getSnapshot} has something new, or the session other tokens. It is bound, as
   * React's `useSyncExternalStore` wants it. Nobody who subscribes is taken for somebody who could sign in: for that,
   * `getTokens` looks for user state listeners.
   *
   * @returns what removes `onChange`.
   * @throws {AuthError} `invalidParameter` for what is no function.
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
    this.#state.subscribers.add(isFunction("subscribe", onChange));

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
  readonly getSnapshot = (): Snapshot => this.#state.snapshot;
}
