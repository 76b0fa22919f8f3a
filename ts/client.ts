import { Account } from "./account.ts";
import { Calls } from "./calls.ts";
import { isAborted, readOptions } from "./options.ts";
import type { AutoSignInOptions, ConfirmSignInOptions, ResumedSignIn, SignInOptions, SignInResult } from "./sign_in_types.ts";
import { State, type TokensText } from "./state.ts";
import type {
  CallOptions,
  ConfirmSignUpOptions,
  GetTokensOptions,
  InitializeOptions,
  ResendSignUpCodeOptions,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Tokens,
  UserState,
} from "./types.ts";

let shared: AWSMobileClient | undefined;

/**
 * The auth client of a web app: sign-up, sign-in, tokens that are kept fresh, and a user state to watch.
 *
 * Importing it touches nothing, so it may be imported on a server. The WebAssembly is loaded by {@link initialize};
 * every other call waits for that, and fails with `invalidConfiguration` where it was not called.
 *
 * Every failure is an {@link AuthError}. Beside the codes that each call names, all may fail with `network` (the service
 * cannot be reached), `timeout` (it does not answer), `tooManyRequests` or `internalError`, which are worth a second try
 * and change no state; with `aborted` by their `signal` or by {@link close}, and with `invalidState` after that; with
 * `userPoolNotConfigured`; and with `invalidParameter` for an option that does not exist or has the wrong type. Those that
 * run Lambda triggers of the pool may fail with `userLambdaValidation`, `unexpectedLambda` or `invalidLambdaResponse`.
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
export class AWSMobileClient extends Account {
  readonly #state: State;
  readonly #calls: Calls;

  constructor() {
    const state = new State();
    const calls = new Calls(state);
    super(state, calls);
    this.#state = state;
    this.#calls = calls;
  }

  /**
   * The client that the whole page shares. It is made at the first call, and anew after it was closed.
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
  initialize(config?: object | string | URL, options?: InitializeOptions): Promise<UserState> {
    return this.#calls.initialize(config, options);
  }

  /**
   * Creates a user in the user pool. The pool's own attributes are named with or without `custom:`. A pool whose users
   * sign in by code or passkey takes them without a password.
   *
   * @throws {AuthError} `usernameExists`; `invalidPassword` when it does not meet the pool's policy;
   * `invalidParameter` naming an option or attribute; `codeDeliveryFailure`.
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
    return this.#calls.call("signUp", options);
  }

  /**
   * Confirms a user with the code that sign-up sent. Needs no state: it works after a reload too. {@link autoSignIn} may
   * follow.
   *
   * @throws {AuthError} `codeMismatch`; `expiredCode`; `aliasExists`; `tooManyFailedAttempts`; `notAuthorized` when
   * the user is confirmed already.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().confirmSignUp({ username: "alice", confirmationCode: "123456" });
   * ```
   */
  confirmSignUp(options: ConfirmSignUpOptions): Promise<SignUpResult> {
    return this.#calls.call("confirmSignUp", options);
  }

  /**
   * Sends another confirmation code.
   *
   * @throws {AuthError} `limitExceeded`; `codeDeliveryFailure`; `invalidParameter` when the user is confirmed already.
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
    return this.#calls.call("resendSignUpCode", options);
  }

  /**
   * Signs in the user whom {@link confirmSignUp} has just confirmed, without a password or a second code, where the pool
   * allows `USER_AUTH`. For three to fifteen minutes after the confirmation, as the app client says, also after a reload. It
   * may ask for more, as {@link signIn} does, and its `signal` does as that one's.
   *
   * @throws {AuthError} `invalidState` when no sign-up was confirmed in the last fifteen minutes, or a user is signed in;
   * `notAuthorized` when it was longer ago than the app client allows: call {@link signIn}; `storage` when the session
   * cannot be kept.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * await client.confirmSignUp({ username: "alice", confirmationCode: "123456" });
   * console.log((await client.autoSignIn()).signInState);
   * ```
   */
  autoSignIn(options?: AutoSignInOptions): Promise<SignInResult> {
    return this.#calls.call("autoSignIn", options);
  }

  /**
   * Signs a user in. By default with SRP, so that the password does not leave the page. What the pool wants beside it is
   * the result: one {@link SignInResult} for each thing to show. A sign-in that was still under way ends with `aborted`.
   *
   * Its `signal` ends it without a session until the session is stored. An abort after that comes too late: the user is
   * signed in.
   *
   * @throws {AuthError} `notAuthorized` for a wrong password (and for an unknown user, unless the pool tells them
   * apart as `userNotFound`), and for too many of them; `invalidState` while a user is signed in; `invalidParameter` when
   * the flow needs a `password`, or the app client does not allow the flow; `featureUnavailableInTier` when the pool's
   * plan does not have it; `unexpectedChallenge` when the service asks for what the flow does not give, such as the
   * password in the clear in a sign-in by SRP: it is not answered; `unknown` naming a challenge that this version cannot
   * answer; `storage` when the session cannot be kept. No session begins then. A user who is not confirmed or must reset
   * the password is no error, but a result.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * const result = await client.signIn({ username: "alice", password: "Abc@123!" });
   * switch (result.signInState) {
   *   case "signedIn":
   *     console.log("signed in");
   *     break;
   *   case "smsMFA":
   *     console.log(`ask for the code that went to ${result.codeDeliveryDetails.destination}`);
   *     break;
   *   case "newPasswordRequired":
   *     console.log("ask for a new password, and for", result.requiredAttributes);
   *     break;
   *   default:
   *     console.log(result.signInState);
   * }
   * await client.signIn({ username: "alice", preferredChallenge: "EMAIL_OTP" }); // without a password
   * ```
   */
  signIn(options: SignInOptions): Promise<SignInResult> {
    return this.#calls.call("signIn", options);
  }

  /**
   * Answers what {@link signIn} asked for, and may be asked for more. A wrong answer leaves the question open, and so do a
   * lock-out and a lost connection: this may be called again. A passkey is asked of the user by this call itself. Its
   * `signal` does as that of {@link signIn}, closes the passkey dialog, and leaves the question open.
   *
   * @throws {AuthError} `codeMismatch`; `expiredCode`; `invalidPassword`, `passwordHistoryPolicyViolation`;
   * `invalidParameter` when an answer or a required attribute is missing; `mfaMethodNotFound` for a second factor that was
   * not offered; `invalidState` when nothing was asked; `notAuthorized` when the sign-in took too long or failed too often
   * and must begin again; `unexpectedChallenge`, as {@link signIn}; `passkeyCancelled`, `passkeyNotSupported`,
   * `passkeyRelyingPartyMismatch`; `limitExceeded`; `storage` when the session cannot be kept.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * await client.confirmSignIn({ challengeResponse: "123456" });
   * await client.confirmSignIn({ challengeResponse: "My-New-Password1!", userAttributes: { given_name: "Alice" } });
   * await client.confirmSignIn({ mediation: "conditional", signal: AbortSignal.timeout(60_000) }); // a passkey
   * ```
   */
  confirmSignIn(options: ConfirmSignInOptions): Promise<SignInResult> {
    return this.#calls.call("confirmSignIn", options);
  }

  /**
   * The question of a sign-in that is half done, also after a reload: {@link confirmSignIn} takes the answer. `undefined`
   * when there is none, it is older than fifteen minutes, the longest that any app client allows, or a user is signed in.
   * No password is stored for it, but the name that the user typed, which is its `username`. All tabs share what is
   * stored: a page that has asked nothing itself finds the last question of any.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const question = await AWSMobileClient.sharedInstance().resumeSignIn();
   * if (question?.signInState === "emailOTP") console.log(`${question.username}, have you found the code?`);
   * ```
   */
  async resumeSignIn(options?: CallOptions): Promise<ResumedSignIn | undefined> {
    return (await this.#calls.call<ResumedSignIn | null>("resumeSignIn", options)) ?? undefined;
  }

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
  get currentTokens(): Tokens | undefined {
    return this.#state.usableTokens;
  }

  /**
   * Valid tokens: from the cache as long as they live for two minutes more, else refreshed. Any number of callers, in all
   * tabs, share one refresh, which goes on where one of them ends by its `signal` or `timeout`. A failure to reach the
   * service ends no session, and cached tokens are given offline too.
   *
   * Where the service refuses for good to renew them, user state listeners are told `signedOutUserPoolsTokenInvalid`, and
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
  async getTokens(options?: GetTokensOptions): Promise<Tokens> {
    const cached = mayBeCached(options) ? this.#state.usableTokens : undefined;
    return cached ?? this.#state.toTokens(await this.#calls.call<TokensText>("getTokens", options));
  }

  /**
   * Ends every wait for a sign-in: the `getTokens()` calls that wait fail with `unableToSignIn`. Changes no state and
   * tells no listener. For an app whose user has closed the sign-in dialog. Does nothing where no call waits.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const dialog = document.querySelector("dialog");
   * dialog?.addEventListener("cancel", () => AWSMobileClient.sharedInstance().releaseSignInWait());
   * ```
   */
  releaseSignInWait(): void {
    // Where it fails there is no call that could wait.
    this.#calls.call("releaseSignInWait").catch(() => {});
  }

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
  async signOut(options?: SignOutOptions): Promise<void> {
    await this.#calls.call<null>("signOut", options);
  }

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
  async clearStorage(options?: CallOptions): Promise<void> {
    await this.#calls.call<null>("clearStorage", options);
  }

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
  close(): void {
    if (shared === this) shared = undefined;
    this.#state.close();
    this.#calls.close();
  }
}

/** Whether the options ask for nothing that only the core could give. */
function mayBeCached(options: GetTokensOptions | undefined): boolean {
  if (options === undefined) return true;
  const { json, signal } = readOptions("getTokens", options);
  return json === "{}" && !isAborted(signal);
}
