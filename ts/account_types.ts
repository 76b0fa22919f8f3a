import type { CallOptions, CodeDeliveryDetails, TriggerOptions } from "./types.ts";

/** Names and texts. */
type Texts = Readonly<Record<string, string>>;

/** A second factor, by the service's name. Names that come later are passed through. */
export type MFAType = "SMS_MFA" | "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | (string & {});

/** What a user may sign in with, by the service's name. Names that come later are passed through. */
export type AuthFactor = "PASSWORD" | "EMAIL_OTP" | "SMS_OTP" | "WEB_AUTHN" | "SOFTWARE_TOKEN" | (string & {});

/** Parameters of {@link AWSMobileClient.forgotPassword}. */
export interface ForgotPasswordOptions extends TriggerOptions {
  readonly username: string;
}

/** Parameters of {@link AWSMobileClient.confirmForgotPassword}. */
export interface ConfirmForgotPasswordOptions extends TriggerOptions {
  readonly username: string;
  readonly newPassword: string;
  readonly confirmationCode: string;
}

/** Result of {@link AWSMobileClient.forgotPassword} and {@link AWSMobileClient.confirmForgotPassword}. */
export interface ForgotPasswordResult {
  readonly forgotPasswordState: "confirmationCodeSent" | "done";
  /** Where the code went. */
  readonly codeDeliveryDetails?: CodeDeliveryDetails;
}

/** Parameters of {@link AWSMobileClient.changePassword}. */
export interface ChangePasswordOptions extends CallOptions {
  /** Left out by a user who has no password yet. */
  readonly currentPassword?: string;
  readonly proposedPassword: string;
}

/** Parameters of {@link AWSMobileClient.updateUserAttributes}. */
export interface UpdateUserAttributesOptions extends TriggerOptions {
  /** The pool's own attributes with or without `custom:`. */
  readonly userAttributes: Texts;
}

/** Parameters of {@link AWSMobileClient.deleteUserAttributes}. */
export interface DeleteUserAttributesOptions extends CallOptions {
  /** The pool's own attributes with or without `custom:`. */
  readonly userAttributeNames: readonly string[];
}

/** Parameters of {@link AWSMobileClient.verifyUserAttribute}. */
export interface VerifyUserAttributeOptions extends TriggerOptions {
  /** Such as `email` or `phone_number`. */
  readonly attributeName: string;
}

/** Parameters of {@link AWSMobileClient.confirmVerifyUserAttribute}. */
export interface ConfirmVerifyUserAttributeOptions extends CallOptions {
  readonly attributeName: string;
  readonly confirmationCode: string;
}

/** Result of {@link AWSMobileClient.setUpTOTP}. */
export interface TOTPSetup {
  /** For a user who types it into the authenticator app. It is a secret: show it, and keep it nowhere. */
  readonly secretCode: string;
  /** The same as an `otpauth:` URI, for a QR code. */
  readonly setupUri: string;
}

/** Parameters of {@link AWSMobileClient.verifyTOTPSetup}. */
export interface VerifyTOTPSetupOptions extends CallOptions {
  /** What the authenticator app shows now. */
  readonly code: string;
  readonly friendlyDeviceName?: string;
}

/** `preferred` and `notPreferred` enable a factor, too. */
export type MFASetting = "enabled" | "disabled" | "preferred" | "notPreferred";

/** Parameters of {@link AWSMobileClient.updateMFAPreference}. What is left out stays as it is. */
export interface UpdateMFAPreferenceOptions extends CallOptions {
  readonly sms?: MFASetting;
  readonly softwareToken?: MFASetting;
  readonly email?: MFASetting;
  /** Passkeys as a second factor. */
  readonly webAuthn?: "enabled" | "disabled";
}

/** Result of {@link AWSMobileClient.getMFAPreference}. */
export interface MFAPreference {
  readonly enabled: readonly MFAType[];
  /** The one that a sign-in asks for without asking which. */
  readonly preferred?: MFAType;
}

/** Result of {@link AWSMobileClient.getUserAuthFactors}. */
export interface UserAuthFactors {
  readonly username: string;
  readonly preferredMfaSetting?: MFAType;
  readonly userMFASettingList: readonly MFAType[];
  /** What the user can sign in with. */
  readonly configuredUserAuthFactors: readonly AuthFactor[];
}

/** A session of the user's, on this device or another, as {@link AWSMobileClient.listUserSessions} lists it. */
export interface UserSession {
  readonly sessionId: string;
  /** `TOKEN`: a sign-in; `SSO`: the hosted login's. */
  readonly sessionType?: string;
  readonly clientId?: string;
  readonly createDate?: Date;
  readonly lastActiveDate?: Date;
  readonly deviceType?: string;
  readonly lastIpAddress?: string;
  readonly lastLocation?: { readonly city?: string; readonly country?: string };
  /** The session that this one came through. */
  readonly originSessionId?: string;
  readonly isCurrentSession?: boolean;
}

/** Parameters of {@link AWSMobileClient.revokeUserSession}. */
export interface RevokeUserSessionOptions extends CallOptions {
  readonly sessionId: string;
  /** Ends the sessions that are linked to it, too: the one it came through, or those that came through it. */
  readonly revokeAssociatedSessions?: boolean;
}
