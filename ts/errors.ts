/** The stable names of failures: those of iOS's `AWSMobileClientError`, and ours where it has none. */
export type AuthErrorCode =
  // Answered by the service.
  | "aliasExists"
  | "codeDeliveryFailure"
  | "codeMismatch"
  | "expiredCode"
  | "featureUnavailableInTier"
  | "groupExists"
  | "internalError"
  | "invalidLambdaResponse"
  | "invalidOAuthFlow"
  | "invalidParameter"
  | "invalidPassword"
  | "invalidUserPoolConfiguration"
  | "limitExceeded"
  | "mfaMethodNotFound"
  | "notAuthorized"
  | "passwordHistoryPolicyViolation"
  | "passwordResetRequired"
  | "resourceNotFound"
  | "scopeDoesNotExist"
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

/**
 * The one error of this package: every promise it rejects, it rejects with this. No text in it holds a password,
 * token, code or session string.
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
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.serviceException = details.serviceException;
    this.retryable = details.retryable ?? false;
  }
}

/** @internal The error whose JSON text the core rejected with; anything else that was thrown, as its cause. */
export function toAuthError(thrown: unknown): AuthError {
  if (thrown instanceof AuthError) return thrown;
  if (typeof thrown === "string") {
    const details = JSON.parse(thrown) as AuthErrorDetails & { cause?: string };
    return new AuthError({ ...details, cause: details.cause && new Error(details.cause) });
  }
  return new AuthError({ code: "internal", message: `cognito-wasm failed: ${String(thrown)}`, cause: thrown });
}

/** @internal Why the WebAssembly could not be loaded. Here and not beside the loading, so that the loader is one file. */
export function toLoadError(error: unknown): AuthError {
  // The inlined copy is unpacked by a DecompressionStream; a file that the app named needs none.
  const isTooOld = typeof WebAssembly === "undefined" || error instanceof ReferenceError || !("timeout" in AbortSignal);
  // Safari says EvalError for what the others call CompileError.
  if (isTooOld || error instanceof WebAssembly.CompileError || error instanceof EvalError) {
    return new AuthError({
      code: "wasmBlocked",
      message:
        "The browser did not accept the WebAssembly. If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' " +
        "to its script-src; if the app gave a URL, it must answer with the .wasm file; otherwise the browser is older " +
        "than Chrome 103, Firefox 113 or Safari 16.4.",
      cause: error,
    });
  }
  return new AuthError({
    code: "network",
    message: "The WebAssembly of cognito-wasm could not be loaded. Check the connection and the URL.",
    retryable: true,
    cause: error,
  });
}
