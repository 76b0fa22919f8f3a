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
export type { AuthFlow, ConfirmSignInOptions, FirstFactor, SignInOptions, SignInResult } from "./sign_in_types.ts";
export type {
  AuthEvents,
  CallOptions,
  CodeDeliveryDetails,
  ConfirmSignUpOptions,
  CustomStorage,
  GetTokensOptions,
  InitializeOptions,
  ListenOptions,
  ResendSignUpCodeOptions,
  SessionToken,
  SignOutOptions,
  SignUpOptions,
  SignUpResult,
  Snapshot,
  StorageKind,
  Tokens,
  TriggerOptions,
  UserState,
  UserStateInfo,
  UserStateListener,
  UserStateReason,
} from "./types.ts";
