/**
 * Makes a passkey, or signs with one. Options and result are the JSON texts of WebAuthn's own types. Rejects with the
 * number of what went wrong, in the order of `FAILURES` in passkeys.rs, the last for what has no name.
 *
 * @param {boolean} creates
 * @param {string} text
 * @param {boolean} isConditional
 * @param {AbortController} controller
 */
export async function passkey(creates, text, isConditional, { signal }) {
  try {
    const { PublicKeyCredential: type, navigator } = globalThis;
    if (!type || !navigator.credentials) throw new DOMException("", "NotSupportedError");
    if (isConditional && !(await type.isConditionalMediationAvailable?.())) throw new DOMException("", "NotSupportedError");
    const options = JSON.parse(text);
    const credential = creates
      ? await navigator.credentials.create({ publicKey: creation(options), signal })
      : await navigator.credentials.get({
          publicKey: request(options),
          signal,
          ...(isConditional && { mediation: "conditional" }),
        });
    // A browser that has no dialog for it may answer with nothing.
    if (!credential) throw new DOMException("", "NotAllowedError");
    return JSON.stringify(toJson(credential));
  } catch (error) {
    return Promise.reject(failure(error, creates));
  }
}

/**
 * Not by `name` in Rust, whose table of names would be larger.
 *
 * @param {any} error
 * @param {boolean} creates
 */
function failure(error, creates) {
  const name = error?.name;
  // That there is a passkey already can only be said of a new one.
  if (!name || (name === "InvalidStateError" && !creates)) return 5;
  if (["NotAllowedError", "AbortError"].includes(name)) return 0;
  return ["InvalidStateError", "SecurityError", "NotSupportedError", "OperationError"].indexOf(name) + 1 || 3;
}

/**
 * Safari before 18.4 and Firefox before 119 read no JSON.
 *
 * @param {any} options
 * @returns {PublicKeyCredentialCreationOptions}
 */
function creation(options) {
  const { user, excludeCredentials = [] } = options;
  return (
    PublicKeyCredential.parseCreationOptionsFromJSON?.(options) ?? {
      ...options,
      challenge: toBytes(options.challenge),
      user: { ...user, id: toBytes(user.id) },
      excludeCredentials: excludeCredentials.map(withBytes),
    }
  );
}

/**
 * @param {any} options
 * @returns {PublicKeyCredentialRequestOptions}
 */
function request(options) {
  const { allowCredentials = [] } = options;
  return (
    PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
      ...options,
      challenge: toBytes(options.challenge),
      allowCredentials: allowCredentials.map(withBytes),
    }
  );
}

/** @param {any} credential */
function toJson(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { id, rawId, type, authenticatorAttachment, response } = credential;
  /** @type {Record<string, unknown>} */
  const bytes = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) bytes[name] = toText(response[name]);
  }
  if (response.getTransports) bytes["transports"] = response.getTransports();
  return {
    id,
    rawId: toText(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: bytes,
  };
}

/** @param {any} descriptor */
function withBytes(descriptor) {
  return { ...descriptor, id: toBytes(descriptor.id) };
}

/** @param {string} text base64url */
function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} bytes */
function toText(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
