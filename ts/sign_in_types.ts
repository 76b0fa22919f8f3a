import type { MFAType, TOTPSetup } from "./account_types.ts";
import type { CallOptions, CodeDeliveryDetails, NamedStorage, TriggerOptions } from "./types.ts";

/** How a sign-in begins, by the service's name. */
export type AuthFlow =
  /** The password is proven and does not leave the page. */
  | "USER_SRP_AUTH"
  /** The password is sent: for a pool that imports users as they sign in. */
  | "USER_PASSWORD_AUTH"
  /** Challenges of the pool's own making, after the proof of a password where one is given. */
  | "CUSTOM_AUTH"
  /** The user chooses among the factors that the pool offers. */
  | "USER_AUTH";

/** A first factor of `USER_AUTH`, by the service's name. Names that come later are passed through. */
export type FirstFactor = "PASSWORD" | "PASSWORD_SRP" | "EMAIL_OTP" | "SMS_OTP" | "WEB_AUTHN" | (string & {});

/** Parameters of {@link AWSMobileClient.signIn}. */
export interface SignInOptions extends TriggerOptions {
  /** The user's name, or another that the pool knows the user by, such as the e-mail address. */
  readonly username: string;
  /** Needed for `USER_SRP_AUTH` and `USER_PASSWORD_AUTH`. */
  readonly password?: string;
  /** Default: what the configuration says (`Auth.Default.authenticationFlowType`), and without a word there `USER_SRP_AUTH`. */
  readonly authFlow?: AuthFlow;
  /** The first factor, where the user has chosen before. Implies `USER_AUTH`, which asks with `selectChallenge` without it. */
  readonly preferredChallenge?: FirstFactor;
  /** How strong the sign-in must be (`TARGET_ACR_VALUES`), the best first, where the pool has that. Implies `USER_AUTH`. */
  readonly targetAcrValues?: readonly string[];
  /** How many whole seconds ago the user may have proven to be there (`MAX_AGE`), where the pool has that. Implies `USER_AUTH`. */
  readonly maxAge?: number;
  /**
   * Where this session is kept, as for "remember me": with `sessionStorage` or `memory` in this tab alone, with `indexedDB`
   * for all tabs and after the browser was closed. Default: the `storage` of {@link AWSMobileClient.initialize}. It goes
   * with the sign-in through all its questions, also after a reload.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * async function signIn(username: string, password: string, isRemembered: boolean): Promise<void> {
   *   const storage = isRemembered ? "indexedDB" : "sessionStorage";
   *   await AWSMobileClient.sharedInstance().signIn({ username, password, storage });
   * }
   * ```
   */
  readonly storage?: NamedStorage;
  /** Passed to the pool's Lambda triggers with the first request; wins over `clientMetadata` where both name a key. */
  readonly validationData?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.autoSignIn}. */
export interface AutoSignInOptions extends CallOptions {
  /** Where this session is kept: see {@link SignInOptions.storage}. */
  readonly storage?: NamedStorage;
}

/** Parameters of {@link AWSMobileClient.confirmSignIn}. */
export interface ConfirmSignInOptions extends TriggerOptions {
  /** The answer: a code, a choice, a password, an address. Needed for every state but `webAuthn`. */
  readonly challengeResponse?: string;
  /** `newPasswordRequired`: the attributes that are required, and others. */
  readonly userAttributes?: Readonly<Record<string, string>>;
  /** `mfaSetup` of an authenticator app: what the user calls it. */
  readonly friendlyDeviceName?: string;
  /**
   * `webAuthn`: offers the passkey where the user fills in the name, in an `<input autocomplete="username webauthn">`,
   * instead of in a dialog. The call then waits until the user takes it, or its `signal` ends it.
   */
  readonly mediation?: "conditional";
}

/**
 * What stands between the user and a session: one state for each thing that an app has to show. What is asked is answered
 * with {@link AWSMobileClient.confirmSignIn}.
 *
 * @example
 * ```ts
 * import { AWSMobileClient, type SignInResult } from "cognito-wasm";
 *
 * const ask = async (question: string): Promise<string> => prompt(question) ?? "";
 *
 * async function answer(result: SignInResult): Promise<string | undefined> {
 *   switch (result.signInState) {
 *     case "signedIn":
 *     case "confirmSignUp":
 *     case "resetPassword":
 *     case "webAuthn":
 *       return undefined;
 *     case "smsMFA":
 *     case "smsOTP":
 *     case "emailOTP":
 *       return ask(`The code that went to ${result.codeDeliveryDetails.destination}`);
 *     case "softwareTokenMFA":
 *       return ask("The code of the authenticator app");
 *     case "selectMFAType":
 *       return ask(`One of ${result.mfaTypes.join(", ")}`);
 *     case "mfaSetup":
 *       if (result.setup === "select") return ask(`One of ${result.mfaTypes.join(", ")}`);
 *       return ask(result.setup === "email" ? "Your address" : `The code that your app makes of ${result.secretCode}`);
 *     case "selectChallenge":
 *       return ask(`One of ${result.availableChallenges.join(", ")}`);
 *     case "password":
 *     case "newPasswordRequired":
 *       return ask("Password");
 *     case "customChallenge":
 *       return ask(result.parameters["question"] ?? "");
 *   }
 * }
 *
 * const client = AWSMobileClient.sharedInstance();
 * let result = await client.signIn({ username: "alice", password: "Abc@123!" });
 * for (let response = await answer(result); response !== undefined; response = await answer(result)) {
 *   result = await client.confirmSignIn({ challengeResponse: response });
 * }
 * ```
 */
export type SignInResult =
  | {
      readonly signInState: "signedIn";
      /** The pool leaves it to the user whether to remember this device: ask, and call `deviceOperations.updateStatus`. */
      readonly userConfirmationNecessary?: true;
    }
  /** The second factor: the code that was sent to the phone. */
  | { readonly signInState: "smsMFA"; readonly codeDeliveryDetails: CodeDeliveryDetails }
  /** The second factor: the code of an authenticator app. */
  | { readonly signInState: "softwareTokenMFA"; readonly friendlyDeviceName?: string }
  /** The first or second factor: the code that was mailed. */
  | { readonly signInState: "emailOTP"; readonly codeDeliveryDetails: CodeDeliveryDetails }
  /** The first factor: the code that was sent to the phone. */
  | { readonly signInState: "smsOTP"; readonly codeDeliveryDetails: CodeDeliveryDetails }
  /** Which second factor: one of these is the answer. */
  | { readonly signInState: "selectMFAType"; readonly mfaTypes: readonly MFAType[] }
  /** The pool wants a second factor and the user has none. Which to set up: one of these is the answer. */
  | { readonly signInState: "mfaSetup"; readonly setup: "select"; readonly mfaTypes: readonly MFAType[] }
  /** An authenticator app is to be set up with this secret. The answer is the code that it then shows. */
  | ({ readonly signInState: "mfaSetup"; readonly setup: "softwareToken" } & TOTPSetup)
  /** Codes will be mailed: the answer is the address. */
  | { readonly signInState: "mfaSetup"; readonly setup: "email" }
  /** Which first factor: one of these is the answer. */
  | { readonly signInState: "selectChallenge"; readonly availableChallenges: readonly FirstFactor[] }
  /** The password. */
  | { readonly signInState: "password" }
  /** A passkey: call `confirmSignIn({})` from a click, or with `mediation: "conditional"`. */
  | { readonly signInState: "webAuthn" }
  /** A password of the user's own, in place of the temporary one. */
  | {
      readonly signInState: "newPasswordRequired";
      /** Attributes that `confirmSignIn` must be given. */
      readonly requiredAttributes: readonly string[];
      /** The attributes that the user already has. */
      readonly userAttributes: Readonly<Record<string, string>>;
    }
  /** A challenge of the pool's own making, with the parameters that its trigger made public, and the service's `USERNAME`. */
  | { readonly signInState: "customChallenge"; readonly parameters: Readonly<Record<string, string>> }
  /** The sign-up is not confirmed: ask for the code, call `confirmSignUp`, and sign in again. */
  | { readonly signInState: "confirmSignUp" }
  /** An administrator has reset the password: call `forgotPassword` and `confirmForgotPassword`, and sign in again. */
  | { readonly signInState: "resetPassword" };

/** What {@link AWSMobileClient.resumeSignIn} finds: the question, and whose it is, by the name that the user typed. */
export type ResumedSignIn = SignInResult & { readonly username: string };
