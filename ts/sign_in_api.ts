import type {
  AutoSignInOptions,
  ConfirmSignInOptions,
  ResumedSignIn,
  SignInOptions,
  SignInResult,
} from "./sign_in_types.ts";
import type {
  CallOptions,
  ConfirmSignUpOptions,
  ResendSignUpCodeOptions,
  SignUpOptions,
  SignUpResult,
} from "./types.ts";

/** Signing up and signing in with an {@link AWSMobileClient}. */
export interface SignInApi {
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
  signUp(options: SignUpOptions): Promise<SignUpResult>;

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
  confirmSignUp(options: ConfirmSignUpOptions): Promise<SignUpResult>;

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
  resendSignUpCode(options: ResendSignUpCodeOptions): Promise<SignUpResult>;

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
  autoSignIn(options?: AutoSignInOptions): Promise<SignInResult>;

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
  signIn(options: SignInOptions): Promise<SignInResult>;

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
  confirmSignIn(options: ConfirmSignInOptions): Promise<SignInResult>;

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
  resumeSignIn(options?: CallOptions): Promise<ResumedSignIn | undefined>;
}
