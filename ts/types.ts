/** Who the user is to this app, as `AWSMobileClient` names it on iOS and Android. */
export type UserState =
  | "unknown"
  | "guest"
  | "signedIn"
  | "signedOut"
  | "signedOutUserPoolsTokenInvalid"
  | "signedOutFederatedTokensInvalid";

/** What a user state listener is told beside the state. Which members are present depends on the state. */
export interface UserStateInfo {
  /** `signedIn`: the login's key, for a user pool `cognito-idp.<region>.amazonaws.com/<poolId>`. */
  readonly provider?: string;
  /** `signedIn`: the ID token. */
  readonly token?: string;
  /** `signedOutUserPoolsTokenInvalid`: whose tokens are no longer accepted. */
  readonly username?: string;
}

/** Called after the state is final and stored, before the promise of the call that changed it settles. */
export type UserStateListener = (state: UserState, info: UserStateInfo) => void;

/** What the client knows without waiting. The same object is returned until something in it changes. */
export interface Snapshot {
  readonly userState: UserState;
  readonly isSignedIn: boolean;
  readonly username: string | undefined;
  readonly userSub: string | undefined;
}

/** Options of {@link AWSMobileClient.initialize}. */
export interface InitializeOptions {
  /**
   * Where the WebAssembly comes from. Without it the copy inside the package is used, which needs no set-up.
   * Give the URL of `cognito-wasm/cognito_wasm_bg.wasm` to stream it instead: fewer bytes, cached on its own.
   */
  readonly wasm?: URL | string | Response | BufferSource | WebAssembly.Module;
}

/** Options of {@link AWSMobileClient.addUserStateListener}. */
export interface ListenOptions {
  /** Removes the listener when it aborts. */
  readonly signal?: AbortSignal;
}

/** How a confirmation code travelled to the user. */
export interface CodeDeliveryDetails {
  readonly deliveryMedium: "sms" | "email" | "unknown";
  /** The masked address, such as `a***@e***`. */
  readonly destination?: string;
  /** The attribute that holds the address, such as `email`. */
  readonly attributeName?: string;
}

/** Result of {@link AWSMobileClient.signUp} and its two companions. */
export interface SignUpResult {
  readonly signUpConfirmationState: "confirmed" | "unconfirmed";
  /** Where the confirmation code went, when one was sent. */
  readonly codeDeliveryDetails?: CodeDeliveryDetails;
  /** The user's `sub`; only from `signUp`. */
  readonly userSub?: string;
}

/** What stands between the user and a session. */
export type SignInResult =
  | { readonly signInState: "signedIn" }
  | {
      readonly signInState: "newPasswordRequired";
      /** Attributes `confirmSignIn` must be given, without the `userAttributes.` prefix of the wire. */
      readonly requiredAttributes: readonly string[];
      /** The attributes the user already has. */
      readonly userAttributes: Readonly<Record<string, string>>;
    };

/** A token as a string and, where it is a JWT, its claims. */
export interface SessionToken {
  readonly tokenString: string;
  /** `undefined` for a token that is not a JWT, such as the refresh token. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Result of {@link AWSMobileClient.getTokens}. The refresh token stays inside the client. */
export interface Tokens {
  readonly idToken: SessionToken;
  readonly accessToken: SessionToken;
  /** When the first of the two expires. */
  readonly expiration: Date;
}

/** Parameters of {@link AWSMobileClient.signUp}. */
export interface SignUpOptions {
  readonly username: string;
  readonly password: string;
  readonly userAttributes?: Readonly<Record<string, string>>;
  readonly validationData?: Readonly<Record<string, string>>;
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.confirmSignUp}. */
export interface ConfirmSignUpOptions {
  readonly username: string;
  readonly confirmationCode: string;
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.resendSignUpCode}. */
export interface ResendSignUpCodeOptions {
  readonly username: string;
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.signIn}. */
export interface SignInOptions {
  readonly username: string;
  readonly password: string;
  /** Passed to the pool's Lambda triggers; wins over `clientMetadata` where both name a key. */
  readonly validationData?: Readonly<Record<string, string>>;
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.confirmSignIn}. */
export interface ConfirmSignInOptions {
  /** The answer to what `signIn` asked for: the new password. */
  readonly challengeResponse: string;
  readonly userAttributes?: Readonly<Record<string, string>>;
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.getTokens}. */
export interface GetTokensOptions {
  /** Asks the service for new tokens even when the cached ones are still good. */
  readonly forceRefresh?: boolean;
}

/** Parameters of {@link AWSMobileClient.signOut}. */
export interface SignOutOptions {
  /** Signs the user out of every device. Fails, and changes nothing, when the service cannot be reached. */
  readonly signOutGlobally?: boolean;
  /**
   * `false` leaves the tokens valid at the service and only forgets them here. Default `true`: they are revoked.
   * Tokens of a refresh that is still under way are revoked in either case, for nobody will have them.
   */
  readonly invalidateTokens?: boolean;
}
