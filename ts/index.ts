/**
 * `AWSMobileClient` for the web.
 *
 * @packageDocumentation
 */
export { AWSMobileClient } from "./client.ts";
export { AuthError } from "./errors.ts";
export type { AuthErrorCode, AuthErrorDetails } from "./errors.ts";
export type {
  CodeDeliveryDetails,
  ConfirmSignInOptions,
  ConfirmSignUpOptions,
  GetTokensOptions,
  InitializeOptions,
  ListenOptions,
  ResendSignUpCodeOptions,
  SessionToken,
  SignInOptions,
  SignInResult,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Snapshot,
  Tokens,
  UserState,
  UserStateInfo,
  UserStateListener,
} from "./types.ts";
