/**
 * `AWSMobileClient` for the web.
 *
 * @packageDocumentation
 */
export { AWSMobileClient } from "./client.ts";
export { AuthError } from "./errors.ts";
export type { AuthErrorCode, AuthErrorDetails } from "./errors.ts";
export type {
  AuthEvents,
  CallOptions,
  CodeDeliveryDetails,
  ConfirmSignInOptions,
  ConfirmSignUpOptions,
  CustomStorage,
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
  StorageKind,
  Tokens,
  UserState,
  UserStateInfo,
  UserStateListener,
  UserStateReason,
} from "./types.ts";
