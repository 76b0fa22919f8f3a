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
import type { DeviceOperations } from "./devices.ts";
import type { PasskeyOperations } from "./passkeys.ts";
import type { CallOptions, CodeDeliveryDetails } from "./types.ts";

/**
 * What {@link AWSMobileClient} does with a user's account: passwords, attributes, factors, sessions.
 *
 * What needs a signed-in user takes the access token as {@link AWSMobileClient.getTokens} gives it, and so waits for a new
 * sign-in where that does; without one it fails with `notSignedIn`. It is done for the user who was signed in when it was
 * called, or not at all: where another has come, or a sign-out, it ends with `aborted`.
 */
export interface AccountApi {
  /** The devices the user signs in on. */
  readonly deviceOperations: DeviceOperations;

  /** The user's passkeys. */
  readonly passkeyOperations: PasskeyOperations;

  /**
   * Sends a code to a user who has forgotten the password. {@link confirmForgotPassword} takes it.
   *
   * @throws {AuthError} `invalidParameter` when the user has no verified address; `notAuthorized` while the password is a
   * temporary one, or the user disabled; `limitExceeded`; `userNotFound`, unless the pool keeps to itself who exists;
   * `codeDeliveryFailure`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { codeDeliveryDetails } = await AWSMobileClient.sharedInstance().forgotPassword({ username: "alice" });
   * console.log(`A code went to ${codeDeliveryDetails?.destination}`);
   * ```
   */
  forgotPassword(options: ForgotPasswordOptions): Promise<ForgotPasswordResult>;

  /**
   * Sets a new password with the code of {@link forgotPassword}. The user is not signed in by it.
   *
   * @throws {AuthError} `codeMismatch`; `expiredCode`; `invalidPassword`; `passwordHistoryPolicyViolation`;
   * `limitExceeded`; `tooManyFailedAttempts`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().confirmForgotPassword({
   *   username: "alice",
   *   newPassword: "My-New-Password1!",
   *   confirmationCode: "123456",
   * });
   * ```
   */
  confirmForgotPassword(options: ConfirmForgotPasswordOptions): Promise<ForgotPasswordResult>;

  /**
   * Changes the password of the user who is signed in. A user who has none yet sets the first one by leaving
   * `currentPassword` out.
   *
   * @throws {AuthError} `notAuthorized` when the current password is wrong; `invalidPassword`;
   * `passwordHistoryPolicyViolation`; `limitExceeded`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().changePassword({
   *   currentPassword: "Abc@123!",
   *   proposedPassword: "My-New-Password1!",
   * });
   * ```
   */
  changePassword(options: ChangePasswordOptions): Promise<void>;

  /**
   * The user's attributes, by name.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const attributes = await AWSMobileClient.sharedInstance().getUserAttributes();
   * console.log(attributes["email"], attributes["email_verified"] === "true");
   * ```
   */
  getUserAttributes(options?: CallOptions): Promise<Readonly<Record<string, string>>>;

  /**
   * Changes attributes of the user, and renews the tokens, so that their claims say the same. A new address is not used
   * before its code was given to {@link confirmVerifyUserAttribute}, if the pool has it so.
   *
   * @returns where codes went, one for each address that has to be verified.
   * @throws {AuthError} `invalidParameter`; `aliasExists`; `codeDeliveryFailure`; `notAuthorized` for an attribute that
   * the app client may not write; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const codes = await AWSMobileClient.sharedInstance().updateUserAttributes({
   *   userAttributes: { email: "alice@example.com", "custom:plan": "gold" },
   * });
   * for (const { attributeName, destination } of codes) console.log(attributeName, destination);
   * ```
   */
  updateUserAttributes(options: UpdateUserAttributesOptions): Promise<readonly CodeDeliveryDetails[]>;

  /**
   * Removes attributes of the user, and renews the tokens.
   *
   * @throws {AuthError} `invalidParameter` for one that the pool requires; `notAuthorized`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().deleteUserAttributes({ userAttributeNames: ["nickname", "custom:plan"] });
   * ```
   */
  deleteUserAttributes(options: DeleteUserAttributesOptions): Promise<void>;

  /**
   * Sends a code to an address of the user, which {@link confirmVerifyUserAttribute} takes.
   *
   * @returns where the code went, if the service says so.
   * @throws {AuthError} `limitExceeded`; `codeDeliveryFailure`; `invalidParameter`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const details = await AWSMobileClient.sharedInstance().verifyUserAttribute({ attributeName: "email" });
   * console.log(`A code went to ${details?.destination}`);
   * ```
   */
  verifyUserAttribute(options: VerifyUserAttributeOptions): Promise<CodeDeliveryDetails | undefined>;

  /**
   * Says that an address is the user's, by the code that was sent to it, and renews the tokens.
   *
   * @throws {AuthError} `codeMismatch`; `expiredCode`; `limitExceeded`; `aliasExists`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().confirmVerifyUserAttribute({
   *   attributeName: "email",
   *   confirmationCode: "123456",
   * });
   * ```
   */
  confirmVerifyUserAttribute(options: ConfirmVerifyUserAttributeOptions): Promise<void>;

  /**
   * Begins to set up an authenticator app. Show `setupUri` as a QR code, then give the app's code to
   * {@link verifyTOTPSetup}. What the app shows beside the user's name is the page's host name, or `totpIssuer` of
   * {@link AWSMobileClient.initialize}.
   *
   * @throws {AuthError} `softwareTokenMFANotFound` where the pool has no such factor; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { setupUri, secretCode } = await AWSMobileClient.sharedInstance().setUpTOTP();
   * console.log(setupUri, "or type in", secretCode);
   * ```
   */
  setUpTOTP(options?: CallOptions): Promise<TOTPSetup>;

  /**
   * Ends the set-up that {@link setUpTOTP} has begun. The factor is used once {@link updateMFAPreference} says so.
   *
   * @throws {AuthError} `codeMismatch`: wait for the app's next code; `softwareTokenMFANotFound` when nothing was begun;
   * `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * await client.verifyTOTPSetup({ code: "123456", friendlyDeviceName: "My phone" });
   * await client.updateMFAPreference({ softwareToken: "preferred" });
   * ```
   */
  verifyTOTPSetup(options: VerifyTOTPSetupOptions): Promise<void>;

  /**
   * Chooses the user's second factors. What is left out stays as it is.
   *
   * @throws {AuthError} `invalidParameter` for a factor that the user has not set up, or the pool does not have;
   * `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().updateMFAPreference({ sms: "enabled", softwareToken: "preferred" });
   * ```
   */
  updateMFAPreference(options: UpdateMFAPreferenceOptions): Promise<void>;

  /**
   * The user's second factors.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { enabled, preferred } = await AWSMobileClient.sharedInstance().getMFAPreference();
   * console.log(enabled.includes("SOFTWARE_TOKEN_MFA"), preferred);
   * ```
   */
  getMFAPreference(options?: CallOptions): Promise<MFAPreference>;

  /**
   * What the user can sign in with, second factors included.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { configuredUserAuthFactors } = await AWSMobileClient.sharedInstance().getUserAuthFactors();
   * if (!configuredUserAuthFactors.includes("WEB_AUTHN")) console.log("Offer to make a passkey.");
   * ```
   */
  getUserAuthFactors(options?: CallOptions): Promise<UserAuthFactors>;

  /**
   * All sessions of the user, on all devices.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * for (const session of await AWSMobileClient.sharedInstance().listUserSessions()) {
   *   console.log(session.deviceType, session.lastActiveDate, session.isCurrentSession ? "this one" : "");
   * }
   * ```
   */
  listUserSessions(options?: CallOptions): Promise<readonly UserSession[]>;

  /**
   * Ends another session of the user. This one is ended by {@link AWSMobileClient.signOut}.
   *
   * @throws {AuthError} `resourceNotFound`; `invalidParameter` for the session of this client; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const client = AWSMobileClient.sharedInstance();
   * for (const { sessionId, isCurrentSession } of await client.listUserSessions()) {
   *   if (!isCurrentSession) await client.revokeUserSession({ sessionId });
   * }
   * ```
   */
  revokeUserSession(options: RevokeUserSessionOptions): Promise<void>;

  /**
   * Deletes the account of the user, for good, and then ends the session here: listeners get `signedOut` with the
   * reason `accountDeleted`. Where the service refuses, the user stays signed in. Once the request is on its way, a
   * `signal` no longer stops it.
   *
   * @throws {AuthError} `notSignedIn`, also when the user has to sign in again and no listener could ask for that; `notAuthorized`; `storage`
   * when the account is deleted and the stored session cannot be removed; `aborted` when the user was signed out or
   * replaced meanwhile, and the account may be deleted.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * await AWSMobileClient.sharedInstance().deleteUser();
   * ```
   */
  deleteUser(options?: CallOptions): Promise<void>;
}
