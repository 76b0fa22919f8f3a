//! WebAuthn.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use crate::core::error::{AuthError, Code};
use crate::ports::Passkeys;

#[wasm_bindgen(module = "/src/web/passkeys.js")]
extern "C" {
    fn passkey(creates: bool, options: &str, is_conditional: bool, controller: &AbortController) -> Promise;
}

/// By the numbers of passkeys.js.
const FAILURES: [(Code, &str); 7] = [
    (
        Code::PasskeyCancelled,
        "The passkey dialog was closed, or its time is over. Offer the user another way as well.",
    ),
    (
        Code::PasskeyAlreadyExists,
        "This authenticator has a passkey of this user already.",
    ),
    (
        Code::PasskeyRelyingPartyMismatch,
        "The pool's passkeys are of another domain than this page's. Set the pool's relying party id.",
    ),
    (
        Code::PasskeyNotSupported,
        "This browser or this page cannot use passkeys. They need https, or localhost.",
    ),
    (
        Code::InvalidState,
        "Another passkey dialog of this page is open, or waits in a form. End it first, by its signal.",
    ),
    (
        Code::Unknown,
        "The browser, or a password manager in it, has answered with a passkey that cannot be read, as `cause` says. If it \
         has kept one for this page, remove it there.",
    ),
    UNNAMED,
];

const UNNAMED: (Code, &str) = (
    Code::Unknown,
    "The browser could not show the passkey dialog, or the dialog has failed. `cause` has its words, if there are any.",
);

impl Passkeys for Browser {
    async fn create(&self, options: &str) -> Result<Zeroizing<String>, AuthError> {
        ceremony(true, options, false).await
    }

    async fn get(&self, options: &str, is_conditional: bool) -> Result<Zeroizing<String>, AuthError> {
        ceremony(false, options, is_conditional).await
    }
}

async fn ceremony(creates: bool, options: &str, is_conditional: bool) -> Result<Zeroizing<String>, AuthError> {
    let ends = Cancel::new();
    match JsFuture::from(passkey(creates, options, is_conditional, ends.controller())).await {
        Ok(answer) => Ok(Zeroizing::new(answer.as_string().unwrap_or_default())),
        Err(reason) => {
            let reason = reason.as_string().unwrap_or_default();
            let (number, words) = reason.split_once(' ').unwrap_or_default();
            let failure = number.parse().ok().and_then(|number: usize| FAILURES.get(number));
            let (code, message) = failure.copied().unwrap_or(UNNAMED);
            Err(AuthError::new(code, message).caused_by(words))
        }
    }
}
