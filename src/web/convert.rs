//! What crosses to JavaScript, as JSON text: one string is cheaper than an object built member by member.

use zeroize::Zeroizing;

use crate::core::api::user_pool::{CodeDelivery, delivery_medium};
use crate::core::error::AuthError;
use crate::core::flow::sign_in::Question;
use crate::core::json::{self, ObjectWriter, StringMap, Value};
use crate::core::jwt;
use crate::core::session::Session;
use crate::core::user_state::{Reason, UserState};
use crate::engine::{Notice, SignInResult, Snapshot, UserStateInfo};
use crate::ports::StorageKind;

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
        email,
        name,
        storage,
        is_online,
    } = &notice.snapshot;
    let session = notice.session.as_deref();
    let bytes = session.map_or(0, tokens_size);
    let text = ObjectWriter::with_capacity(bytes + 512)
        .text("userState", user_state.as_str())
        .maybe_text("reason", reason.map(Reason::as_str))
        .maybe_text("username", username.as_deref())
        .maybe_text("userSub", user_sub.as_deref())
        .maybe_text("email", email.as_deref())
        .maybe_text("name", name.as_deref())
        .maybe_text("storage", storage.map(StorageKind::as_str))
        .flag("isOnline", *is_online);
    match session.and_then(tokens_object) {
        Some(tokens) => text
            .object("tokens", tokens.integer("usableFor", notice.usable_for))
            .finish(),
        None => text.finish(),
    }
}

/// What belongs to the state of a notice.
pub(super) fn info(info: &UserStateInfo) -> Zeroizing<String> {
    let UserStateInfo {
        provider,
        token,
        username,
        reason,
    } = info;
    ObjectWriter::new()
        .maybe_text("provider", provider.as_deref())
        .maybe_text("token", token.as_deref().map(String::as_str))
        .maybe_text("username", username.as_deref())
        .maybe_text("reason", reason.map(Reason::as_str))
        .finish()
}

pub(super) fn sign_in(result: &SignInResult, totp_issuer: &str, username: Option<&str>) -> Zeroizing<String> {
    let text = ObjectWriter::new().maybe_text("username", username);
    match result {
        SignInResult::SignedIn {
            user_confirmation_necessary,
        } => {
            let text = text.text("signInState", "signedIn");
            text.when(*user_confirmation_necessary, |text| {
                text.flag("userConfirmationNecessary", true)
            })
        }
        SignInResult::ConfirmSignUp => text.text("signInState", "confirmSignUp"),
        SignInResult::ResetPassword => text.text("signInState", "resetPassword"),
        SignInResult::Asked(question) => ask(text, question, totp_issuer),
    }
    .finish()
}

fn ask(text: ObjectWriter, question: &Question, totp_issuer: &str) -> ObjectWriter {
    let (state, setup) = match question {
        Question::SmsMfa(_) => ("smsMFA", None),
        Question::SoftwareTokenMfa(_) => ("softwareTokenMFA", None),
        Question::EmailOtp(_) => ("emailOTP", None),
        Question::SmsOtp(_) => ("smsOTP", None),
        Question::SelectMfaType(_) => ("selectMFAType", None),
        Question::SelectMfaSetup(_) => ("mfaSetup", Some("select")),
        Question::SetUpSoftwareToken(_) => ("mfaSetup", Some("softwareToken")),
        Question::SetUpEmail => ("mfaSetup", Some("email")),
        Question::SelectChallenge(_) => ("selectChallenge", None),
        Question::Password => ("password", None),
        Question::WebAuthn => ("webAuthn", None),
        Question::NewPassword { .. } => ("newPasswordRequired", None),
        Question::Custom(_) => ("customChallenge", None),
    };
    let text = text.text("signInState", state).maybe_text("setup", setup);
    match question {
        Question::SmsMfa(details) | Question::EmailOtp(details) | Question::SmsOtp(details) => {
            text.object("codeDeliveryDetails", code_delivery(details))
        }
        Question::SoftwareTokenMfa(name) => text.maybe_text("friendlyDeviceName", name.as_deref()),
        Question::SelectMfaType(names) | Question::SelectMfaSetup(names) => names_of(text, "mfaTypes", names),
        Question::SelectChallenge(names) => names_of(text, "availableChallenges", names),
        Question::SetUpSoftwareToken(setup) => text
            .text("secretCode", &setup.secret_code)
            .text("setupUri", &setup.uri(totp_issuer)),
        Question::NewPassword {
            required_attributes,
            user_attributes,
        } => texts_of(
            names_of(text, "requiredAttributes", required_attributes),
            "userAttributes",
            user_attributes,
        ),
        Question::Custom(parameters) => texts_of(text, "parameters", parameters),
        Question::SetUpEmail | Question::Password | Question::WebAuthn => text,
    }
}

/// Where a code went.
fn code_delivery(details: &CodeDelivery) -> ObjectWriter {
    ObjectWriter::with_capacity(256)
        .text("deliveryMedium", delivery_medium(&details.medium))
        .maybe_text("destination", details.destination.as_deref())
}

fn names_of(text: ObjectWriter, key: &str, names: &[String]) -> ObjectWriter {
    text.texts(key, names.iter().map(|name| &**name))
}

fn texts_of(text: ObjectWriter, key: &str, pairs: &StringMap) -> ObjectWriter {
    text.text_map(key, pairs.iter().map(|(name, value)| (&**name, &**value)))
}

pub(super) fn tokens(session: &Session) -> Zeroizing<String> {
    tokens_object(session).map_or_else(|| Zeroizing::new("null".into()), ObjectWriter::finish)
}

fn tokens_object(session: &Session) -> Option<ObjectWriter> {
    let (access, life) = (session.access_token()?, session.life()?);
    let tokens = ObjectWriter::with_capacity(tokens_size(session));
    let tokens = match session.id_token() {
        Some(id) => tokens.object("idToken", session_token(id.reveal())),
        None => tokens,
    };
    Some(
        tokens
            .object("accessToken", session_token(access.reveal()))
            .integer("expiresAt", life.expires_at / 1000)
            .integer("receivedAt", life.received_at)
            .integer("usableUntil", life.usable_until()),
    )
}

/// Each token and its claims, which are three quarters of it.
fn tokens_size(session: &Session) -> usize {
    let id = session.id_token().map_or(0, |id| id.reveal().len());
    let access = session.access_token().map_or(0, |access| access.reveal().len());
    2 * (id + access) + 256
}

/// The claims go out as the issuer wrote them, once they were seen to be JSON.
fn session_token(token: &str) -> ObjectWriter {
    let text = ObjectWriter::with_capacity(2 * token.len() + 64).text("tokenString", token);
    match jwt::payload(token) {
        Some(claims) if matches!(json::parse(&claims), Some(Value::Object(_))) => text.raw("claims", &claims),
        _ => text,
    }
}
