import type {
  AuthEvents,
  ListenOptions,
  Snapshot,
  UserState,
  UserStateListenOptions,
  UserStateListener,
} from "./types.ts";

/** What can be seen of an {@link AWSMobileClient} without waiting, and how an app is notified when it changes. */
export interface UserStateApi {
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
  readonly currentUserState: UserState;

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
  readonly isSignedIn: boolean;

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
  readonly isLoggedIn: boolean;

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
  readonly username: string | undefined;

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
  readonly userSub: string | undefined;

  /**
   * Calls `listener` whenever the user's state changes, after the new state is stored and before the promise of the
   * call that changed it settles; also when another tab has changed it. A listener may call any method of the client,
   * also `signOut`; one that throws is reported as an uncaught error, and the others are called all the same.
   *
   * From then on `getTokens()` waits where the user has to sign in again, because a listener could ask for that: see
   * {@link AWSMobileClient.getTokens}. A listener that only watches should leave that to `subscribe`.
   *
   * @param options its `signal` removes the listener, too. With `immediate: true` the listener is also called for the
   * present state: right after this method has returned, or, before {@link AWSMobileClient.initialize} has found the
   * state, as soon as it has.
   * @returns what removes the listener.
   * @throws {AuthError} `invalidParameter` for what is no function, or an option that does not exist.
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
   *
   * // The present state, too: the page needs no second way to draw itself.
   * AWSMobileClient.sharedInstance().addUserStateListener((userState) => (document.title = userState), { immediate: true });
   * ```
   */
  addUserStateListener(listener: UserStateListener, options?: UserStateListenOptions): () => void;

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
  removeUserStateListener(listener: UserStateListener): void;

  /**
   * Calls `listener` for every event of one name, with what {@link AuthEvents} says. For the rest it is as
   * {@link addUserStateListener}, and `on("userState", ...)` is its other form. Listeners are called in the order in which
   * they were added.
   *
   * @param options its `signal` removes the listener, too; `immediate` is for `userState` only.
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
  on<Name extends keyof AuthEvents>(
    event: Name,
    listener: (event: AuthEvents[Name]) => void,
    options?: Name extends "userState" ? UserStateListenOptions : ListenOptions,
  ): () => void;

  /**
   * Calls `onChange` whenever {@link getSnapshot} has something new, or the session other tokens. It is bound, as
   * React's `useSyncExternalStore` wants it. It does not count as a user state listener, for which `getTokens` waits where
   * the user has to sign in again.
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
   *   const { username } = useSyncExternalStore(client.subscribe, client.getSnapshot, client.getServerSnapshot);
   *   return <p>Hello {username ?? "guest"}</p>;
   * }
   * ```
   */
  readonly subscribe: (onChange: () => void) => () => void;

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
  readonly getSnapshot: () => Snapshot;

  /**
   * What {@link getSnapshot} returns before {@link AWSMobileClient.initialize}: the state is `unknown`. React wants it as
   * the third argument of `useSyncExternalStore`, for what a server renders and for the first render over it in the
   * browser, which has to be the same. It is bound.
   *
   * @example
   * ```tsx
   * import { useSyncExternalStore } from "react";
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   *
   * export function UserState() {
   *   return <p>{useSyncExternalStore(client.subscribe, client.getSnapshot, client.getServerSnapshot).userState}</p>;
   * }
   * ```
   */
  readonly getServerSnapshot: () => Snapshot;
}
