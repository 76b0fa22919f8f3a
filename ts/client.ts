import type { AccountApi } from "./account_api.ts";
import type { SessionApi } from "./session_api.ts";
import type { SignInApi } from "./sign_in_api.ts";
import type { UserStateApi } from "./user_state_api.ts";
import { Calls, withDates } from "./calls.ts";
import { DeviceOperations } from "./devices.ts";
import { invalid, isAborted, isFunction, readListen, readOptions } from "./options.ts";
import { PasskeyOperations } from "./passkeys.ts";
import { BEFORE_INITIALIZE, State, type TokensText } from "./state.ts";
import type {
  ChangePasswordOptions,
  ConfirmForgotPasswordOptions,
  ConfirmVerifyUserAttributeOptions,
  DeleteUserAttributesOptions,
  ForgotPasswordOptions,
  ForgotPasswordResult,
  MFAPreference,
  RevokeUserSessionOptions,
  TOTPSetup,
  UpdateMFAPreferenceOptions,
  UpdateUserAttributesOptions,
  UserAuthFactors,
  UserSession,
  VerifyTOTPSetupOptions,
  VerifyUserAttributeOptions,
} from "./account_types.ts";
import type {
  AutoSignInOptions,
  ConfirmSignInOptions,
  ResumedSignIn,
  SignInOptions,
  SignInResult,
} from "./sign_in_types.ts";
import type {
  AuthEvents,
  CallOptions,
  CodeDeliveryDetails,
  ConfirmSignUpOptions,
  GetTokensOptions,
  InitializeOptions,
  ListenOptions,
  ResendSignUpCodeOptions,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Snapshot,
  Tokens,
  UserState,
  UserStateListenOptions,
  UserStateListener,
} from "./types.ts";

let shared: AWSMobileClient | undefined;

/**
 * The auth client of a web app: sign-up, sign-in, tokens that are kept fresh, and a user state to watch.
 *
 * Importing it touches nothing, so it may be imported on a server. The WebAssembly is loaded by {@link AWSMobileClient.initialize};
 * every other call waits for that, and fails with `invalidConfiguration` where it was not called.
 *
 * Every failure is an {@link AuthError}. Beside the codes that each call names, all may fail with `network` (the service
 * cannot be reached), `timeout` (it does not answer), `tooManyRequests` or `internalError`, which are worth a second try
 * and change no state; with `aborted` by their `signal` or by {@link AWSMobileClient.close}, and with `invalidState` after that; with
 * `userPoolNotConfigured`; and with `invalidParameter` for an option that does not exist or has the wrong type. Those that
 * run Lambda triggers of the pool may fail with `userLambdaValidation`, `unexpectedLambda` or `invalidLambdaResponse`.
 *
 * Its methods are documented where they are declared: {@link SessionApi}, {@link SignInApi}, {@link AccountApi} and
 * {@link UserStateApi}.
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
export class AWSMobileClient implements SessionApi, SignInApi, AccountApi, UserStateApi {
  readonly deviceOperations: DeviceOperations;
  readonly passkeyOperations: PasskeyOperations;
  readonly subscribe = (onChange: () => void): (() => void) =>
    this.#state.subscribers.add(isFunction("subscribe", onChange));
  readonly getSnapshot = (): Snapshot => this.#state.snapshot;
  readonly getServerSnapshot = (): Snapshot => BEFORE_INITIALIZE;
  readonly #state = new State();
  readonly #calls = new Calls(this.#state);

  constructor() {
    this.deviceOperations = new DeviceOperations(this.#calls);
    this.passkeyOperations = new PasskeyOperations(this.#calls);
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

  initialize(config?: object | string | URL, options?: InitializeOptions): Promise<UserState> {
    return this.#calls.initialize(config, options);
  }

  signUp(options: SignUpOptions): Promise<SignUpResult> {
    return this.#calls.call("signUp", options);
  }

  confirmSignUp(options: ConfirmSignUpOptions): Promise<SignUpResult> {
    return this.#calls.call("confirmSignUp", options);
  }

  resendSignUpCode(options: ResendSignUpCodeOptions): Promise<SignUpResult> {
    return this.#calls.call("resendSignUpCode", options);
  }

  autoSignIn(options?: AutoSignInOptions): Promise<SignInResult> {
    return this.#calls.call("autoSignIn", options);
  }

  signIn(options: SignInOptions): Promise<SignInResult> {
    return this.#calls.call("signIn", options);
  }

  confirmSignIn(options: ConfirmSignInOptions): Promise<SignInResult> {
    return this.#calls.call("confirmSignIn", options);
  }

  async resumeSignIn(options?: CallOptions): Promise<ResumedSignIn | undefined> {
    return (await this.#calls.call<ResumedSignIn | null>("resumeSignIn", options)) ?? undefined;
  }

  get currentTokens(): Tokens | undefined {
    return this.#state.usableTokens;
  }

  async getTokens(options?: GetTokensOptions): Promise<Tokens> {
    const cached = mayBeCached(options) ? this.#state.usableTokens : undefined;
    return cached ?? this.#state.toTokens(await this.#calls.call<TokensText>("getTokens", options));
  }

  releaseSignInWait(): void {
    // Where it fails there is no call that could wait.
    this.#calls.call("releaseSignInWait").catch(() => {});
  }

  async signOut(options?: SignOutOptions): Promise<void> {
    await this.#calls.call<null>("signOut", options);
  }

  async clearStorage(options?: CallOptions): Promise<void> {
    await this.#calls.call<null>("clearStorage", options);
  }

  close(): void {
    if (shared === this) shared = undefined;
    this.#state.close();
    this.#calls.close();
  }

  forgotPassword(options: ForgotPasswordOptions): Promise<ForgotPasswordResult> {
    return this.#calls.call("forgotPassword", options);
  }

  confirmForgotPassword(options: ConfirmForgotPasswordOptions): Promise<ForgotPasswordResult> {
    return this.#calls.call("confirmForgotPassword", options);
  }

  async changePassword(options: ChangePasswordOptions): Promise<void> {
    await this.#calls.call<null>("changePassword", options);
  }

  async getUserAttributes(options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    const result = await this.#calls.call<{ userAttributes: Record<string, string> }>("getUserAttributes", options);
    return result.userAttributes;
  }

  async updateUserAttributes(options: UpdateUserAttributesOptions): Promise<readonly CodeDeliveryDetails[]> {
    const result = await this.#calls.call<{ codeDeliveryDetails: CodeDeliveryDetails[] }>(
      "updateUserAttributes",
      options,
    );
    return result.codeDeliveryDetails;
  }

  async deleteUserAttributes(options: DeleteUserAttributesOptions): Promise<void> {
    await this.#calls.call<null>("deleteUserAttributes", options);
  }

  async verifyUserAttribute(options: VerifyUserAttributeOptions): Promise<CodeDeliveryDetails | undefined> {
    const result = await this.#calls.call<{ codeDeliveryDetails?: CodeDeliveryDetails }>(
      "verifyUserAttribute",
      options,
    );
    return result.codeDeliveryDetails;
  }

  async confirmVerifyUserAttribute(options: ConfirmVerifyUserAttributeOptions): Promise<void> {
    await this.#calls.call<null>("confirmVerifyUserAttribute", options);
  }

  setUpTOTP(options?: CallOptions): Promise<TOTPSetup> {
    return this.#calls.call("setUpTOTP", options);
  }

  async verifyTOTPSetup(options: VerifyTOTPSetupOptions): Promise<void> {
    await this.#calls.call<null>("verifyTOTPSetup", options);
  }

  async updateMFAPreference(options: UpdateMFAPreferenceOptions): Promise<void> {
    await this.#calls.call<null>("updateMFAPreference", options);
  }

  getMFAPreference(options?: CallOptions): Promise<MFAPreference> {
    return this.#calls.call("getMFAPreference", options);
  }

  getUserAuthFactors(options?: CallOptions): Promise<UserAuthFactors> {
    return this.#calls.call("getUserAuthFactors", options);
  }

  async listUserSessions(options?: CallOptions): Promise<readonly UserSession[]> {
    const { sessions } = await this.#calls.call<{ sessions: UserSession[] }>("listUserSessions", options);
    return sessions.map((session) => withDates(session, ["createDate", "lastActiveDate"]));
  }

  async revokeUserSession(options: RevokeUserSessionOptions): Promise<void> {
    await this.#calls.call<null>("revokeUserSession", options);
  }

  async deleteUser(options?: CallOptions): Promise<void> {
    await this.#calls.call<null>("deleteUser", options);
  }

  get currentUserState(): UserState {
    return this.#state.snapshot.userState;
  }

  get isSignedIn(): boolean {
    return this.#state.snapshot.isSignedIn;
  }

  get isLoggedIn(): boolean {
    return this.#state.snapshot.isSignedIn;
  }

  get username(): string | undefined {
    return this.#state.snapshot.username;
  }

  get userSub(): string | undefined {
    return this.#state.snapshot.userSub;
  }

  addUserStateListener(listener: UserStateListener, options?: UserStateListenOptions): () => void {
    const fn = isFunction("addUserStateListener", listener);
    const call = ({ userState, info }: AuthEvents["userState"]) => fn(userState, info);
    return this.#state.addUserStateListener(call, readListen("addUserStateListener", options, true), listener);
  }

  removeUserStateListener(listener: UserStateListener): void {
    this.#state.events.userState.remove(listener);
  }

  on<Name extends keyof AuthEvents>(
    event: Name,
    listener: (event: AuthEvents[Name]) => void,
    options?: Name extends "userState" ? UserStateListenOptions : ListenOptions,
  ): () => void {
    const { events } = this.#state;
    if (typeof event !== "string" || !Object.hasOwn(events, event)) {
      const given = ["string", "symbol"].includes(typeof event) ? String(event) : typeof event;
      throw invalid(`on() has no event \`${given}\`. Its events are ${Object.keys(events).join(", ")}.`);
    }
    const fn = isFunction("on", listener);
    const settings = readListen("on", options, event === "userState");
    if (event === "userState")
      return this.#state.addUserStateListener(fn as (event: AuthEvents["userState"]) => void, settings);
    return events[event].add(fn, settings);
  }
}
/** Whether the options ask for nothing that only the core could give. */
function mayBeCached(options: GetTokensOptions | undefined): boolean {
  if (options === undefined) return true;
  const { json, signal } = readOptions("getTokens", options);
  return json === "{}" && !isAborted(signal);
}
