//! USER_AUTH: the user begins with what they like of what they have. Its challenges are SELECT_CHALLENGE, PASSWORD and
//! PASSWORD_SRP, beside those that other flows have too.

use serde_json::{Value, json};

use super::passkeys::{self, Factors};
use super::{Answer, auth, next, sign_in_code, user_srp};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::state::{Candidate, Challenge, Choice, ClientScope, Flow, SentCode};
use crate::tokens::Bearer;

/// Begins. With the `Session` of a ConfirmSignUp, whoever has just shown a code signs in with nothing else.
pub fn begin(
    scope: &mut ClientScope<'_>,
    session_text: Option<&str>,
    parameters: &TextMap<'_>,
    stepping_up: Option<&Bearer>,
    now: Millis,
) -> Answer {
    check_step_up(parameters)?;
    if session_text.is_some() {
        return after_sign_up(scope, session_text, parameters, now);
    }
    let candidate = auth::candidate(scope, parameters, Flow::Standard)?;
    if stepping_up.is_some_and(|bearer| candidate.sub.as_ref() != Some(&bearer.sub)) {
        return Err(Exception::not_authorized(
            "The access token was issued to another user.",
        ));
    }
    let available = available(scope, &candidate);
    let preferred = parameters
        .get("PREFERRED_CHALLENGE")
        .map(|name| Choice::named(name).ok_or_else(|| not_available(name)))
        .transpose()?
        .filter(|choice| available.contains(choice));
    match preferred {
        Some(choice) => take(scope, candidate, choice, None, parameters, now),
        None => Ok(select(scope, candidate, available, now)),
    }
}

/// `TARGET_ACR_VALUES` and `MAX_AGE` are accepted in the form that the service describes. Which levels there are and what
/// reaches them, this emulator does not know.
fn check_step_up(parameters: &TextMap<'_>) -> Result<(), Exception> {
    if parameters.get("ACCESS_TOKEN").is_some() {
        parameters.required("TARGET_ACR_VALUES")?;
    }
    match parameters.get("MAX_AGE") {
        Some(age) if age.parse::<u32>().is_err() => Err(Exception::invalid_parameter("MAX_AGE must be an integer")),
        _ => Ok(()),
    }
}

fn after_sign_up(
    scope: &mut ClientScope<'_>,
    session_text: Option<&str>,
    parameters: &TextMap<'_>,
    now: Millis,
) -> Answer {
    let session = auth::open_session(scope, session_text, parameters, now)?;
    let Challenge::ConfirmedSignUp = session.challenge else {
        return Err(Exception::invalid_session());
    };
    auth::refuse_by_status(scope.user(&session.candidate)?)?;
    scope.spend(session_text);
    next::after_all_factors(scope, &session.candidate, now)
}

fn available(scope: &ClientScope<'_>, candidate: &Candidate) -> Vec<Choice> {
    scope.pool.settings.choices(scope.user(candidate).ok())
}

fn select(scope: &mut ClientScope<'_>, candidate: Candidate, available: Vec<Choice>, now: Millis) -> Value {
    let names: Vec<_> = available.iter().map(|choice| choice.as_str()).collect();
    let challenge = Challenge::Select(available);
    let mut answer = next::challenge(scope, candidate, challenge, "SELECT_CHALLENGE", json!({}), now);
    if let Some(members) = answer.as_object_mut() {
        members.insert("AvailableChallenges".to_owned(), json!(names));
    }
    answer
}

/// Answers SELECT_CHALLENGE.
pub fn answer_selection(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    offered: &[Choice],
    session_text: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Answer {
    let name = responses.required("ANSWER")?;
    let choice = Choice::named(name)
        .filter(|choice| offered.contains(choice))
        .ok_or_else(|| not_available(name))?;
    // What a password needs comes with the choice.
    match choice {
        Choice::Password => responses.required("PASSWORD")?,
        Choice::PasswordSrp => responses.required("SRP_A")?,
        Choice::EmailOtp | Choice::SmsOtp | Choice::WebAuthn => name,
    };
    take(scope, candidate, choice, session_text, responses, now)
}

/// Answers WEB_AUTHN, or PASSWORD or PASSWORD_SRP, which come to whoever prefers one of them and did not send what is
/// needed.
pub fn answer(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    name: &str,
    session_text: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Answer {
    let (choice, needed) = match name {
        "PASSWORD" => (Choice::Password, "PASSWORD"),
        "PASSWORD_SRP" => (Choice::PasswordSrp, "SRP_A"),
        _ => (Choice::WebAuthn, "CREDENTIAL"),
    };
    responses.required(needed)?;
    take(scope, candidate, choice, session_text, responses, now)
}

/// Goes on with a choice: as far as `given` reaches. A wrong password leaves the session open.
fn take(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    choice: Choice,
    session_text: Option<&str>,
    given: &TextMap<'_>,
    now: Millis,
) -> Answer {
    match choice {
        Choice::Password => {
            let Some(password) = given.get("PASSWORD") else {
                return Ok(next::challenge(
                    scope,
                    candidate,
                    Challenge::Password,
                    "PASSWORD",
                    json!({}),
                    now,
                ));
            };
            auth::prove_password(scope, &candidate, password, now)?;
            scope.spend(session_text);
            next::after_first_factor(scope, candidate, now)
        }
        Choice::PasswordSrp => {
            if given.get("SRP_A").is_none() {
                let challenge = Challenge::PasswordSrp;
                return Ok(next::challenge(
                    scope,
                    candidate,
                    challenge,
                    "PASSWORD_SRP",
                    json!({}),
                    now,
                ));
            }
            let answer = user_srp::begin(scope, given, Flow::Standard, now)?;
            scope.spend(session_text);
            Ok(answer)
        }
        Choice::EmailOtp | Choice::SmsOtp => {
            let kind = if choice == Choice::SmsOtp {
                SentCode::SmsOtp
            } else {
                SentCode::EmailOtp
            };
            scope.spend(session_text);
            Ok(sign_in_code::ask(scope, &candidate, kind, now))
        }
        Choice::WebAuthn => match given.get("CREDENTIAL") {
            Some(credential) => sign_in_with_passkey(scope, candidate, session_text, credential, now),
            None => ask_for_passkey(scope, candidate, session_text, now),
        },
    }
}

fn ask_for_passkey(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    session_text: Option<&str>,
    now: Millis,
) -> Answer {
    let pool = &mut *scope.pool;
    let user = candidate.sub.as_deref().and_then(|sub| pool.users.get_mut(sub));
    let user = user.ok_or_else(Exception::invalid_session)?;
    let options = passkeys::request_options(&pool.settings, user, now)?;
    scope.spend(session_text);
    let challenge = Challenge::WebAuthn(available(scope, &candidate));
    let parameters = json!({ "CREDENTIAL_REQUEST_OPTIONS": options });
    Ok(next::challenge(
        scope,
        candidate,
        challenge,
        "WEB_AUTHN",
        parameters,
        now,
    ))
}

/// A passkey that proves less than two factors is followed by the second one, if that is due.
fn sign_in_with_passkey(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    session_text: Option<&str>,
    credential: &str,
    now: Millis,
) -> Answer {
    let sub = candidate.sub.as_deref().ok_or_else(Exception::invalid_session)?;
    let proven = passkeys::verify(scope.pool, sub, credential, now)?;
    scope.spend(session_text);
    if proven == Factors::Two && scope.pool.settings.takes_passkey_for_both(scope.user(&candidate)?) {
        return next::after_all_factors(scope, &candidate, now);
    }
    next::after_password(scope, candidate, now)
}

fn not_available(name: &str) -> Exception {
    Exception::invalid_parameter(format!("The challenge {name} is not available."))
}
