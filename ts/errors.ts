import { own } from "./plain.ts";

/** The stable names of failures: those of iOS's `AWSMobileClientError`, and ours where it has none. */
export type AuthErrorCode =
  // Answered by the service.
  | "aliasExists"
  | "codeDeliveryFailure"
  | "codeMismatch"
  | "expiredCode"
  | "featureUnavailableInTier"
  | "internalError"
  | "invalidLambdaResponse"
  | "invalidParameter"
  | "invalidPassword"
  | "invalidUserPoolConfiguration"
  | "limitExceeded"
  | "mfaMethodNotFound"
  | "notAuthorized"
  | "passwordHistoryPolicyViolation"
  | "passwordResetRequired"
  | "resourceNotFound"
  | "softwareTokenMFANotFound"
  | "tooManyFailedAttempts"
  | "tooManyRequests"
  | "unexpectedLambda"
  | "userLambdaValidation"
  | "userNotConfirmed"
  | "userNotFound"
  | "usernameExists"
  // Found by the client.
  | "aborted"
  | "deviceNotRemembered"
  | "internal"
  | "invalidConfiguration"
  | "invalidState"
  | "network"
  | "notSignedIn"
  | "passkeyAlreadyExists"
  | "passkeyCancelled"
  | "passkeyNotSupported"
  | "passkeyRelyingPartyMismatch"
  | "storage"
  | "timeout"
  | "tokenMismatch"
  | "unableToSignIn"
  | "unexpectedChallenge"
  | "unknown"
  | "userPoolNotConfigured"
  | "wasmBlocked";

/** What an {@link AuthError} is made of. */
export interface AuthErrorDetails {
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly serviceException?: string;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** In the prototype of every copy's `AuthError`: an app and a library of it may each have bundled a copy of this package. */
const BRAND = Symbol.for("cognito-wasm/AuthError");

/**
 * The one error of this package: every promise it rejects, it rejects with this. No text in it holds a password,
 * token, code or session string. `instanceof` knows the errors of another copy of the package in the same page as well.
 *
 * @example
 * ```ts
 * import { AWSMobileClient, AuthError } from "cognito-wasm";
 *
 * try {
 *   await AWSMobileClient.sharedInstance().signIn({ username: "alice", password: "Abc@123!" });
 * } catch (error) {
 *   if (error instanceof AuthError && error.code === "notAuthorized") {
 *     // The name or the password is wrong: let the user try again.
 *   } else {
 *     throw error;
 *   }
 * }
 * ```
 */
export class AuthError extends Error {
  override readonly name = "AuthError";
  /** What to branch on. It does not change between versions. */
  readonly code: AuthErrorCode;
  /** The service's own name, such as `NotAuthorizedException`, where a service answered. */
  readonly serviceException: string | undefined;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;

  constructor(details: AuthErrorDetails) {
    const { code, message, serviceException, retryable = false, cause } = own(details);
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.serviceException = serviceException;
    this.retryable = retryable;
  }

  /** @internal */
  get [BRAND](): true {
    return true;
  }

  /** Whether it is an error of any copy of this package. A subclass knows only its own. */
  static override [Symbol.hasInstance](value: unknown): value is AuthError {
    try {
      if (this !== AuthError) return Function.prototype[Symbol.hasInstance].call(this, value);
      return typeof value === "object" && value !== null && BRAND in value;
    } catch {
      // A revoked proxy is nothing at all.
      return false;
    }
  }
}

/** @internal The error whose JSON text the core rejected with; anything else that was thrown, as its cause. */
export function toAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  const details = typeof thrown === "string" ? detailsIn(thrown) : undefined;
  if (details) return new AuthError({ ...details, cause: details.cause && new Error(details.cause) });
  return new AuthError({ code: "internal", message: `cognito-wasm failed: ${wordsOf(thrown)}`, cause: thrown });
}

/** The error in the core's text; nothing in a text of anything else, such as of a test's own `fetch`. */
function detailsIn(text: string): (AuthErrorDetails & { cause?: string }) | undefined {
  try {
    const details = own(JSON.parse(text) as AuthErrorDetails & { cause?: string });
    return typeof details.code === "string" ? details : undefined;
  } catch {
    return undefined;
  }
}

/** What was thrown, in words; an object may throw when it is asked for its own. */
function wordsOf(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "a value that has no words for itself was thrown";
  }
}
