import { bare, describe } from "./boundary.js";
import { attempt } from "./timer.js";

// In the order of `FAILURES` in passkeys.rs.
const [CANCELLED, EXISTS, OTHER_DOMAIN, NOT_SUPPORTED, BUSY, UNREADABLE, UNNAMED] = /** @type {const} */ ([
  0, 1, 2, 3, 4, 5, 6,
]);

/** What the browser's errors mean. Any other is a failure without a name of ours, whose words go along. */
const MEANINGS = new Map([
  ["NotAllowedError", CANCELLED],
  ["AbortError", CANCELLED],
  ["InvalidStateError", EXISTS],
  ["SecurityError", OTHER_DOMAIN],
  ["NotSupportedError", NOT_SUPPORTED],
  ["OperationError", BUSY],
  ["DataError", UNREADABLE],
]);

/**
 * Makes a passkey, or signs with one. Options and result are the JSON texts of WebAuthn's own types. Rejects with the
 * number of what went wrong, and the browser's words for it.
 *
 * @param {boolean} creates
 * @param {string} text
 * @param {boolean} isConditional
 * @param {AbortController} controller
 */
export async function passkey(creates, text, isConditional, { signal }) {
  try {
    const { PublicKeyCredential: type, navigator } = globalThis;
    if (!type || !navigator?.credentials)
      throw new DOMException("There is no navigator.credentials.", "NotSupportedError");
    if (isConditional && !(await type.isConditionalMediationAvailable?.())) {
      throw new DOMException("There are no passkeys in forms.", "NotSupportedError");
    }
    const publicKey = withBytes(JSON.parse(text, (_, part) => (isObject(part) ? bare(part) : part)));
    const request = bare({ publicKey, signal, mediation: isConditional ? "conditional" : undefined });
    const { credentials } = navigator;
    const credential = await (creates
      ? credentials.create(/** @type {any} */ (request))
      : credentials.get(/** @type {any} */ (request)));
    // A browser that has no dialog for it may answer with nothing.
    if (!credential) throw new DOMException("The browser answered with nothing.", "NotAllowedError");
    return answer(credential, creates);
  } catch (error) {
    return Promise.reject(`${meaningOf(error, creates)} ${describe(error)}`);
  }
}

/**
 * Not by `name` in Rust, whose table of names would be larger.
 *
 * @param {any} error
 * @param {boolean} creates
 */
function meaningOf(error, creates) {
  const meaning = MEANINGS.get(attempt(() => error.name)) ?? UNNAMED;
  // That there is a passkey already can only be said of a new one.
  return meaning === EXISTS && !creates ? UNNAMED : meaning;
}

/**
 * The options with bytes where the JSON has base64url. By hand, also where the browser has a function for it: what that
 * gives has a prototype.
 *
 * @param {any} options of either kind
 */
function withBytes(options) {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const descriptor of [...(options.excludeCredentials ?? []), ...(options.allowCredentials ?? [])]) {
    descriptor.id = toBytes(descriptor.id);
  }
  return options;
}

/**
 * The JSON of a credential. Member by member, and never by its own `toJSON`: what the extension of a password manager hands
 * out has the browser's class for a prototype, whose functions refuse it.
 *
 * @param {any} credential
 * @param {boolean} creates
 */
function answer(credential, creates) {
  /** @type {(object: any, name: string) => any} */
  const get = (object, name) => attempt(() => object[name]) ?? undefined;
  /** @type {(object: any, name: string) => any} */
  const ask = (object, name) => attempt(() => object[name]()) ?? undefined;
  const response = get(credential, "response");
  const needed = creates
    ? ["clientDataJSON", "attestationObject"]
    : ["clientDataJSON", "authenticatorData", "signature"];
  const parts = Object.fromEntries(needed.map((name) => [name, get(response, name)]));
  const rawId = get(credential, "rawId") ?? get(credential, "id");
  for (const [name, part] of Object.entries({ rawId, ...parts })) {
    if (part === undefined) throw new DOMException(`The passkey has no ${name}.`, "DataError");
  }
  const others = creates
    ? {
        authenticatorData: ask(response, "getAuthenticatorData"),
        publicKey: ask(response, "getPublicKey"),
        publicKeyAlgorithm: ask(response, "getPublicKeyAlgorithm"),
        transports: ask(response, "getTransports"),
      }
    : { userHandle: get(response, "userHandle") };
  const whole = {
    id: rawId,
    rawId,
    type: "public-key",
    authenticatorAttachment: get(credential, "authenticatorAttachment"),
    clientExtensionResults: ask(credential, "getClientExtensionResults") ?? {},
    response: { ...parts, ...others },
  };
  return JSON.stringify(whole, (_, part) => (isBytes(part) ? toText(part) : part));
}

/** @param {unknown} value */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * By its tag, because an extension's own has another prototype.
 *
 * @param {unknown} value
 */
function isBytes(value) {
  return ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === "[object ArrayBuffer]";
}

/** @param {string} text base64url */
function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

/** @param {any} bytes a buffer, or a view of one */
function toText(bytes) {
  const all = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
  const text = btoa(Array.from(all, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
