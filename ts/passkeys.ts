import { type Calls, withDates } from "./calls.ts";
import type { CallOptions } from "./types.ts";

/** A passkey that the user pool knows. */
export interface Passkey {
  readonly credentialId: string;
  /** Where it is kept, in words for its user. */
  readonly friendlyCredentialName?: string;
  /** The domain it is of. */
  readonly relyingPartyId?: string;
  /** `platform` or `cross-platform`. */
  readonly authenticatorAttachment?: string;
  readonly authenticatorTransports: readonly string[];
  readonly createdAt?: Date;
}

/** Parameters of {@link PasskeyOperations.delete}. */
export interface DeletePasskeyOptions extends CallOptions {
  readonly credentialId: string;
}

/**
 * The user's passkeys: {@link AWSMobileClient.passkeyOperations}. The pool must have passkeys, with this page's domain. Each
 * call is done for the user who was signed in when it was made, or ends with `aborted`.
 */
export class PasskeyOperations {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * Makes a passkey in the browser's own dialog, and gives its public half to the user pool. Call it from a click: some
   * browsers ask for one. The page must be on https, or on localhost. Its `signal` closes the dialog.
   *
   * @throws {AuthError} `passkeyNotSupported`; `passkeyCancelled` when the user closed the dialog, or its time was over;
   * `passkeyAlreadyExists` when this authenticator has one of the user's; `passkeyRelyingPartyMismatch` when the pool's
   * passkeys are of another domain; `invalidUserPoolConfiguration` when it has none; `invalidState` while the browser
   * shows another passkey dialog of this page, or one waits in a form; `limitExceeded`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AuthError, AWSMobileClient } from "cognito-wasm";
   *
   * document.querySelector("#add-passkey")?.addEventListener("click", async () => {
   *   try {
   *     await AWSMobileClient.sharedInstance().passkeyOperations.register();
   *   } catch (error) {
   *     if (!(error instanceof AuthError && error.code === "passkeyCancelled")) throw error;
   *   }
   * });
   * ```
   */
  async register(options?: CallOptions): Promise<void> {
    await this.#calls.call<null>("passkeyOperations.register", options);
  }

  /**
   * All passkeys of the user.
   *
   * @throws {AuthError} `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * for (const passkey of await AWSMobileClient.sharedInstance().passkeyOperations.list()) {
   *   console.log(passkey.friendlyCredentialName, passkey.createdAt?.toLocaleDateString());
   * }
   * ```
   */
  async list(options?: CallOptions): Promise<readonly Passkey[]> {
    const { passkeys } = await this.#calls.call<{ passkeys: Passkey[] }>("passkeyOperations.list", options);
    return passkeys.map((passkey) => withDates(passkey, ["createdAt"]));
  }

  /**
   * Makes the user pool forget a passkey. The authenticator keeps its half, which is good for nothing then.
   *
   * @throws {AuthError} `resourceNotFound`; `notSignedIn`.
   *
   * @example
   * ```ts
   * import { AWSMobileClient } from "cognito-wasm";
   *
   * const { passkeyOperations } = AWSMobileClient.sharedInstance();
   * const [oldest] = await passkeyOperations.list();
   * if (oldest) await passkeyOperations.delete({ credentialId: oldest.credentialId });
   * ```
   */
  async delete(options: DeletePasskeyOptions): Promise<void> {
    await this.#calls.call<null>("passkeyOperations.delete", options);
  }
}
