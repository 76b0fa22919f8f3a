import type { AuthError } from "./errors.ts";

/** Who the user is to this app, as `AWSMobileClient` names it on iOS and Android. */
export type UserState =
  | "unknown"
  | "guest"
  | "signedIn"
  | "signedOut"
  | "signedOutUserPoolsTokenInvalid"
  | "signedOutFederatedTokensInvalid";

/** Why the user's state is what it is. */
export type UserStateReason =
  /** A call in this tab: signed in, signed out, cleared. */
  | "userAction"
  /** Another tab of this origin did it. */
  | "otherTab"
  /** The service refused for good to renew the tokens: expired, revoked, or the user is gone or disabled. */
  | "refreshRefused"
  /** The service says that the refresh token was used before, and renews no tokens. */
  | "reuse"
  /** What is stored cannot be read or is damaged, or a later version of this package has written it. */
  | "storageLost"
  /** What is stored cannot be decrypted any more. */
  | "keyLost"
  /** Nothing is stored for this configuration, and the last sign-in of this origin was with another one. */
  | "configChanged"
  /** The user deleted the account. */
  | "accountDeleted";

/** What a user state listener gets beside the state. Which members are present depends on the state. */
export interface UserStateInfo {
  /** `signedIn`: the login's key, for a user pool `cognito-idp.<region>.amazonaws.com/<poolId>`. */
  readonly provider?: string;
  /** `signedIn`: the ID token. */
  readonly token?: string;
  /** `signedOutUserPoolsTokenInvalid`: whose tokens are no longer accepted. */
  readonly username?: string;
  /** What led to the state. */
  readonly reason?: UserStateReason;
}

/** Called after the state is final and stored, before the promise of the call that changed it settles. */
export type UserStateListener = (state: UserState, info: UserStateInfo) => void;

/** The events of {@link AWSMobileClient.on}, by name. */
export interface AuthEvents {
  /** The user's state has changed: also a listener of {@link AWSMobileClient.addUserStateListener} gets it. */
  readonly userState: { readonly userState: UserState; readonly info: UserStateInfo };
  /** There are new tokens of the same session, whichever tab has renewed them. */
  readonly tokensRefreshed: { readonly tokens: Tokens };
  /** Tokens could not be renewed. Whether that ended the session, `userState` says. */
  readonly tokenRefreshFailed: { readonly error: AuthError };
  /** There is no connection any more. */
  readonly offline: Readonly<Record<string, never>>;
  /** There is a connection again; what waits for one goes on by itself. */
  readonly online: Readonly<Record<string, never>>;
}

/** What the client knows without waiting. The same object is returned until something in it changes. */
export interface Snapshot {
  readonly userState: UserState;
  readonly isSignedIn: boolean;
  readonly username: string | undefined;
  readonly userSub: string | undefined;
  /** The claim `email` of the ID token, where there is one and the app client may read it. Not verified here. */
  readonly email: string | undefined;
  /** The claim `name` of the ID token, likewise. */
  readonly name: string | undefined;
  /** What led to the state; `undefined` after a start that found a session with tokens, or nothing at all. */
  readonly reason: UserStateReason | undefined;
  /** Where the session is kept, which may be another store than was asked for; `undefined` before `initialize`. */
  readonly storage: StorageKind | undefined;
  /** `false` only when there is certainly no connection. */
  readonly isOnline: boolean;
}

/** Where a session is kept. */
export type StorageKind = "indexedDB" | "localStorage" | "sessionStorage" | "memory" | "custom";

/** A store of the browser, or none. */
export type NamedStorage = Exclude<StorageKind, "custom">;

/**
 * A store of the app's own. Its functions may answer at once or with a promise; one that throws or rejects is a failure
 * of the store, code `storage`.
 *
 * @example
 * ```ts
 * import { AWSMobileClient, type CustomStorage } from "cognito-wasm";
 *
 * const records = new Map<string, string>();
 * const storage: CustomStorage = {
 *   getItem: (key) => records.get(key),
 *   setItem: (key, value) => void records.set(key, value),
 *   removeItem: async (key) => void records.delete(key),
 * };
 * await AWSMobileClient.sharedInstance().initialize("/awsconfiguration.json", { storage });
 * ```
 */
export interface CustomStorage {
  /** The text at a key. */
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps a text at a key. It holds the user's tokens, in the clear. */
  setItem(key: string, value: string): void | Promise<void>;
  /** Forgets the text at a key. */
  removeItem(key: string): void | Promise<void>;
}

/** Options of {@link AWSMobileClient.initialize}. */
export interface InitializeOptions extends CallOptions {
  /**
   * Where the WebAssembly comes from. Without it the copy inside the package is used, which needs no set-up.
   * Give the URL of `cognito-wasm/cognito_wasm_bg.wasm` to stream it instead: fewer bytes, cached on its own. A page
   * loads it once, for all its clients.
   */
  readonly wasm?: URL | string | Response | BufferSource | WebAssembly.Module;
  /**
   * Where sessions are kept, unless a sign-in asks for another store. `indexedDB`, the default, encrypts them with a key that
   * no script can read out. A store that the browser does not have is passed over for the next in the order of the names
   * here; `snapshot.storage` says which it has become. One that does not answer is waited for. With `sessionStorage` and
   * `memory` no other tab shares the session; `memory` ends with the page.
   */
  readonly storage?: NamedStorage | CustomStorage;
  /**
   * Takes over a session of `aws-amplify` or `amazon-cognito-identity-js` that is in localStorage, so that users stay
   * signed in when an app changes over. Not beside an `Endpoint` that is neither AWS's own nor on this device, where it is
   * `invalidParameter`: the other package's tokens would be sent there. Default `false`.
   */
  readonly importSession?: boolean;
  /** Renews tokens some minutes before they expire, in one of the open tabs. Default `false`. */
  readonly backgroundRefresh?: boolean;
  /** How many whole milliseconds a `getTokens()` may wait for the user to sign in again. Default 600 000, ten minutes. */
  readonly signInWaitTimeout?: number;
  /** What an authenticator app shows beside the user's name. Default: the page's host name. */
  readonly totpIssuer?: string;
  /** What the pool calls this device, where it tracks devices. Default: the browser's name. */
  readonly deviceName?: string;
}

/** What every call to the service may be given. */
export interface CallOptions {
  /**
   * Ends the call with `aborted` when it aborts, the signal's reason as the `cause`. What has been sent by then may have
   * had its effect; an abort that comes too late changes nothing.
   */
  readonly signal?: AbortSignal;
}

/** What calls may be given whose operation runs Lambda triggers of the pool. */
export interface TriggerOptions extends CallOptions {
  /** Passed to the triggers. */
  readonly clientMetadata?: Readonly<Record<string, string>>;
}

/** Options of {@link AWSMobileClient.addUserStateListener} and {@link AWSMobileClient.on}. */
export interface ListenOptions {
  /** Removes the listener when it aborts. */
  readonly signal?: AbortSignal;
}

/** Options of {@link AWSMobileClient.addUserStateListener}, and of {@link AWSMobileClient.on} for `userState`. */
export interface UserStateListenOptions extends ListenOptions {
  /**
   * Calls the listener for the present state as well: once, right after it was added, or as soon as `initialize` has found
   * the state. The `token` of the info may have expired by then. Default `false`.
   */
  readonly immediate?: boolean;
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

/** A token as a string and, where it is a JWT, its claims. */
export interface SessionToken<Claims = Readonly<Record<string, unknown>>> {
  readonly tokenString: string;
  /** What the token says, decoded and not verified; `undefined` where it is no JWT. */
  readonly claims?: Claims;
  /** The `tokenString`, so that `Bearer ${accessToken}` is what it looks like. */
  toString(): string;
}

/** Claims that both tokens of a user pool have. Times are seconds since 1970. Other claims are `unknown`. */
export interface TokenClaims {
  /** The user's id, which never changes. */
  readonly sub: string;
  /** The user pool's URL. */
  readonly iss: string;
  readonly iat: number;
  readonly exp: number;
  /** When the user signed in. */
  readonly auth_time: number;
  readonly jti?: string;
  /** Common to all tokens of one sign-in. */
  readonly origin_jti?: string;
  readonly event_id?: string;
  /** The user's groups in the pool. */
  readonly "cognito:groups"?: readonly string[];
  readonly [name: string]: unknown;
}

/**
 * Claims of an ID token. Attributes of the user are there as far as the user has them and the app client may read them.
 *
 * @see OpenID Connect Core 1.0, sections 2 and 5.1; Cognito's "Understanding the identity (ID) token".
 */
export interface IdTokenClaims extends TokenClaims {
  readonly token_use: "id";
  /** The app client's id. */
  readonly aud: string;
  readonly "cognito:username": string;
  /** The IAM roles of the user's groups, and the one of the group that comes first. */
  readonly "cognito:roles"?: readonly string[];
  readonly "cognito:preferred_role"?: string;
  readonly nonce?: string;
  readonly at_hash?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly phone_number?: string;
  readonly phone_number_verified?: boolean;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly middle_name?: string;
  readonly nickname?: string;
  readonly preferred_username?: string;
  readonly profile?: string;
  readonly picture?: string;
  readonly website?: string;
  readonly gender?: string;
  readonly birthdate?: string;
  readonly zoneinfo?: string;
  readonly locale?: string;
  readonly address?: { readonly formatted?: string };
  /** The pool's own attributes: text, numbers too. */
  readonly [custom: `custom:${string}`]: string | undefined;
}

/** Claims of an access token. */
export interface AccessTokenClaims extends TokenClaims {
  readonly token_use: "access";
  /** The app client's id. */
  readonly client_id: string;
  /** The name that the user pool knows the user by. */
  readonly username: string;
  /** Separated by spaces. */
  readonly scope: string;
  /** The remembered device on which the user signed in. */
  readonly device_key?: string;
  readonly version?: number;
}

/** Result of {@link AWSMobileClient.getTokens}. The refresh token stays inside the client. */
export interface Tokens {
  readonly idToken: SessionToken<IdTokenClaims>;
  readonly accessToken: SessionToken<AccessTokenClaims>;
  /** When the first of the two expires. */
  readonly expiration: Date;
}

/** Parameters of {@link AWSMobileClient.signUp}. */
export interface SignUpOptions extends TriggerOptions {
  readonly username: string;
  /** Left out where the pool's users sign in without one. */
  readonly password?: string;
  /** The pool's own attributes with or without `custom:`. */
  readonly userAttributes?: Readonly<Record<string, string>>;
  /** Passed to the trigger that runs before the sign-up. */
  readonly validationData?: Readonly<Record<string, string>>;
}

/** Parameters of {@link AWSMobileClient.confirmSignUp}. */
export interface ConfirmSignUpOptions extends TriggerOptions {
  readonly username: string;
  readonly confirmationCode: string;
  /** Takes an address that is another user's alias already away from that user. */
  readonly forceAliasCreation?: boolean;
}

/** Parameters of {@link AWSMobileClient.resendSignUpCode}. */
export interface ResendSignUpCodeOptions extends TriggerOptions {
  readonly username: string;
}

/** Parameters of {@link AWSMobileClient.getTokens}. */
export interface GetTokensOptions extends CallOptions {
  /** Asks the service for new tokens even when the cached ones are still good. */
  readonly forceRefresh?: boolean;
  /**
   * `false` fails at once, with `notSignedIn`, where the user would have to sign in again. `true` waits for the
   * sign-in. Left out, the call waits if there is a user state listener, which gets `signedOutUserPoolsTokenInvalid`.
   */
  readonly waitForSignIn?: boolean;
  /** After how many whole milliseconds the call ends with `timeout`, whatever it waits for. */
  readonly timeout?: number;
}

/** Parameters of {@link AWSMobileClient.signOut}. */
export interface SignOutOptions extends CallOptions {
  /**
   * Signs the user out of every device. Fails, and changes nothing, when the service cannot be reached. Fails with
   * `notSignedIn`, after the user was signed out here, when there are no tokens that the service takes.
   */
  readonly signOutGlobally?: boolean;
  /**
   * `false` leaves the tokens valid at the service and only forgets them here. Default `true`: they are revoked.
   * Tokens of a refresh that is still under way are revoked in either case, for no call gets them.
   */
  readonly invalidateTokens?: boolean;
}
