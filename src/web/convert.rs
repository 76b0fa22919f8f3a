//! What crosses to JavaScript, as JSON text: one string is cheaper than an object built member by member.

use wasm_bindgen::{JsCast as _, JsValue};
use zeroize::Zeroizing;

use crate::app::{Notice, SignInResult, Snapshot, UserStateInfo};
use crate::core::error::AuthError;
use crate::core::flow::sign_in::Question;
use crate::core::json::{self, ObjectWriter, Value};
use crate::core::jwt;
use crate::core::tokens::Tokens;
use crate::core::user_state::{Reason, UserState};
use crate::ports::StorageKind;

/// The text of something that JavaScript threw.
pub(super) fn describe(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => thrown.as_string().unwrap_or_else(|| "a value that is no Error".into()),
    }
}

pub(super) fn error(error: &AuthError) -> Zeroizing<String> {
    ObjectWriter::with_capacity(512)
        .text("code", error.code.as_str())
        .text("message", &error.message)
        .maybe_text("serviceException", error.service_exception.as_deref())
        .flag("retryable", error.retryable)
        .maybe_text("cause", error.cause.as_deref())
        .finish()
}

pub(super) fn user_state(state: UserState) -> Zeroizing<String> {
    ObjectWriter::with_capacity(64)
        .text("userState", state.as_str())
        .finish()
}

/// The snapshot of a notice, with the tokens that the facade may hand out without asking.
pub(super) fn snapshot(notice: &Notice) -> Zeroizing<String> {
    let Snapshot {
        user_state,
        reason,
        username,
        user_sub,
        storage,
        is_online,
    } = &notice.snapshot;
    let tokens = notice.session.as_ref().and_then(|session| session.tokens.as_ref());
    let bytes = tokens.map_or(0, tokens_size);
    let text = ObjectWriter::with_capacity(bytes + 512)
        .text("userState", user_state.as_str())
        .maybe_text("reason", reason.map(Reason::as_str))
        .maybe_text("username", username.as_deref())
        .maybe_text("userSub", user_sub.as_deref())
        .maybe_text("storage", storage.map(StorageKind::as_str))
        .flag("isOnline", *is_online);
    match tokens {
        Some(tokens) => {
            let text = text.object("tokens", tokens_object(tokens).integer("usableFor", notice.usable_for));
            text.finish()
        }
        None => text.finish(),
    }
}

/// The info of a notice that listeners are told; `None` for one they are not.
pub(super) fn info(notice: &Notice) -> Option<String> {
    let UserStateInfo {
        provider,
        token,
        username,
        reason,
    } = notice.tell.as_ref()?;
    let text = ObjectWriter::new()
        .maybe_text("provider", provider.as_deref())
        .maybe_text("token", token.as_deref())
        .maybe_text("username", username.as_deref())
        .maybe_text("reason", reason.map(Reason::as_str))
        .finish();
    Some(text.to_string())
}

pub(super) fn sign_in(result: &SignInResult) -> Zeroizing<String> {
    let text = ObjectWriter::with_capacity(512);
    match result {
        SignInResult::SignedIn => text.text("signInState", "signedIn").finish(),
        SignInResult::Asked(Question::NewPassword {
            required_attributes,
            user_attributes,
        }) => text
            .text("signInState", "newPasswordRequired")
            .texts("requiredAttributes", required_attributes.iter().map(|name| &**name))
            .text_map(
                "userAttributes",
                user_attributes.iter().map(|(name, value)| (&**name, &**value)),
            )
            .finish(),
    }
}

pub(super) fn tokens(tokens: &Tokens) -> Zeroizing<String> {
    tokens_object(tokens).finish()
}

fn tokens_object(tokens: &Tokens) -> ObjectWriter {
    ObjectWriter::with_capacity(tokens_size(tokens))
        .object("idToken", session_token(tokens.id.reveal()))
        .object("accessToken", session_token(tokens.access.reveal()))
        .integer("expiresAt", tokens.expires_at / 1000)
        .integer("receivedAt", tokens.received_at)
        .integer("usableUntil", tokens.usable_until())
}

/// Each token and its claims, which are three quarters of it.
fn tokens_size(tokens: &Tokens) -> usize {
    2 * (tokens.id.reveal().len() + tokens.access.reveal().len()) + 256
}

/// The claims go out as the issuer wrote them, once they were seen to be JSON.
fn session_token(token: &str) -> ObjectWriter {
    let text = ObjectWriter::with_capacity(2 * token.len() + 64).text("tokenString", token);
    match jwt::payload(token) {
        Some(claims) if matches!(json::parse(&claims), Some(Value::Object(_))) => text.raw("claims", &claims),
        _ => text,
    }
}
