import type { CallOptions, GetTokensOptions, InitializeOptions, SignOutOptions, Tokens, UserState } from "./types.ts";

/** The session of an {@link AWSMobileClient}: its start, its tokens and its end. */
export interface SessionApi {
  /**
   * Reads the configuration and the stored session, and loads the WebAssembly. Sends nothing to Cognito and so works
   * offline. Listeners are called only for a session that was lost: `signedOut` with its reason. A store that fails does
   * not make it fail, and `getSnapshot().storage` says which is used. Called again it resolves with the current state, and
   * fetches nothing but a configuration at another URL; options that are given then must be those of the first call. After a
   * failure it may be called again. Its
   * `signal` ends the call, and what it has begun may go on; other calls then want it called again.
   *
   * @param config the content of `awsconfiguration.json`, of `amplify_outputs.json` or of `aws-exports.js`, or what
   * `Amplify.configure()` takes; or the URL of such a JSON file, which is resolved against the page's URL if it is relative.
   * Without it `./awsconfiguration.json` is fetched. It says where passwords are sent, so a URL that redirects to
   * another origin is refused.
   * @throws {AuthError} `invalidConfiguration` with the path of what is wrong in it, with the keys that are meant where
   * no pool is found, or with the URL and what came from it; `invalidParameter` for an
   * option that does not exist; `network` when it, or the WebAssembly, could not be fetched; `wasmBlocked` when the
   * page's Content-Security-Policy forbids WebAssembly; `invalidState` when the client has another configuration
   * already or another value of an option, which it names, or is closed.
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
  initialize(config?: object | string | URL, options?: InitializeOptions): Promise<UserState>;

  /**
   * Tokens that are valid now, without waiting: the same object as long as they are the same. `undefined` when there are
   * none, they are due to be renewed, or the page was hidden or asleep and another tab may have signed the user out:
   * {@link getTokens} sees to that.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * const { idToken } = client.currentTokens ?? (await client.getTokens());
   * console.log(idToken.claims?.["email"]);
   * ```
   */
  readonly currentTokens: Tokens | undefined;

  /**
   * Valid tokens: from the cache as long as they live for two minutes more, else refreshed. Any number of callers, in all
   * tabs, share one refresh, which goes on where one of them ends by its `signal` or `timeout`. A failure to reach the
   * service ends no session, and cached tokens are given offline too.
   *
   * Where the service refuses for good to renew them, user state listeners get `signedOutUserPoolsTokenInvalid`, and
   * the call waits for the user to sign in, also as another user. It waits until then, {@link releaseSignInWait}, a
   * sign-out, its `signal`, its `timeout`, or ten minutes (`signInWaitTimeout` of {@link initialize}). Without a
   * listener, or with `waitForSignIn: false`, it does not wait.
   *
   * @throws {AuthError} `notSignedIn` when no user is signed in, or the user has to sign in again and the call does not wait for
   * it; `unableToSignIn` when the wait was released or ended by a sign-out; `timeout` when it was too long; `network`, at
   * once, when tokens have to be renewed and there is no connection; `limitExceeded` when they were renewed too often;
   * `tokenMismatch` when those that arrived are another user's; `storage` when they have to be renewed and the store
   * fails, `retryable`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * const { idToken } = await client.getTokens();
   * await fetch("/api/orders", { headers: { authorization: `Bearer ${idToken.tokenString}` } });
   *
   * await client.getTokens({ forceRefresh: true, waitForSignIn: false, timeout: 10_000 });
   * ```
   */
  getTokens(options?: GetTokensOptions): Promise<Tokens>;

  /**
   * Ends every wait for a sign-in: the `getTokens()` calls that wait fail with `unableToSignIn`. Changes no state and
   * notifies no listener. For an app whose user has closed the sign-in dialog. Does nothing where no call waits.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const dialog = document.querySelector("dialog");
   * dialog?.addEventListener("cancel", () => AWSMobileClient.sharedInstance().releaseSignInWait());
   * ```
   */
  releaseSignInWait(): void;

  /**
   * Signs the user out, in every tab. The local part is done first, listeners included, and works offline; then the
   * tokens are revoked, and the promise waits for that for five seconds at most; where the service cannot be reached, they
   * are revoked when there is a connection again. Calls that wait for a sign-in end with `unableToSignIn`. Once the
   * local part has begun, an abort by its `signal` ends the call and not the sign-out.
   *
   * @throws {AuthError} With `signOutGlobally`: `network` and the like, and the user stays signed in; `notSignedIn` when
   * there were no tokens that the service takes: the user is signed out here only. `storage` or `timeout` when the
   * stored session cannot be removed: the user is signed out in this tab all the same.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().signOut();
   * await AWSMobileClient.sharedInstance().signOut({ signOutGlobally: true });
   * ```
   */
  signOut(options?: SignOutOptions): Promise<void>;

  /**
   * Signs the user out here, as {@link signOut} does, and removes everything else that this package has stored for the
   * configuration in any store of the browser and in the app's own, remembered devices included. Works offline. Once
   * it has begun, an abort by its `signal` ends the call and not the clearing.
   *
   * @throws {AuthError} `storage` or `timeout` when a store cannot be written.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().clearStorage();
   * ```
   */
  clearStorage(options?: CallOptions): Promise<void>;

  /**
   * Ends this client, and not the session, which the next client finds: calls that are under way fail with `aborted`,
   * later ones with `invalidState`; all listeners are removed and the state is `unknown`. Called again it does nothing.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = new AWSMobileClient();
   * await client.initialize();
   * client.close();
   * ```
   */
  close(): void;
}
