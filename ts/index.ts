/**
 * `AWSMobileClient` for the web.
 *
 * @packageDocumentation
 */
export type {
  AuthFactor,
  ChangePasswordOptions,
  ConfirmForgotPasswordOptions,
  ConfirmVerifyUserAttributeOptions,
  DeleteUserAttributesOptions,
  ForgotPasswordOptions,
  ForgotPasswordResult,
  MFAPreference,
  MFASetting,
  MFAType,
  RevokeUserSessionOptions,
  TOTPSetup,
  UpdateMFAPreferenceOptions,
  UpdateUserAttributesOptions,
  UserAuthFactors,
  UserSession,
  VerifyTOTPSetupOptions,
  VerifyUserAttributeOptions,
} from "./account_types.ts";
export { AWSMobileClient } from "./client.ts";
export type { Device, DeviceOperations, DeviceOptions, UpdateDeviceStatusOptions } from "./devices.ts";
export { AuthError } from "./errors.ts";
export type { AuthErrorCode, AuthErrorDetails } from "./errors.ts";
export type { DeletePasskeyOptions, Passkey, PasskeyOperations } from "./passkeys.ts";
export type {
  AuthFlow,
  AutoSignInOptions,
  ConfirmSignInOptions,
  FirstFactor,
  ResumedSignIn,
  SignInOptions,
  SignInResult,
} from "./sign_in_types.ts";
export type {
  AccessTokenClaims,
  AuthEvents,
  CallOptions,
  CodeDeliveryDetails,
  ConfirmSignUpOptions,
  CustomStorage,
  GetTokensOptions,
  IdTokenClaims,
  InitializeOptions,
  ListenOptions,
  NamedStorage,
  ResendSignUpCodeOptions,
  SessionToken,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Snapshot,
  StorageKind,
  TokenClaims,
  Tokens,
  TriggerOptions,
  UserState,
  UserStateInfo,
  UserStateListener,
  UserStateListenOptions,
  UserStateReason,
} from "./types.ts";
