//! USER_AUTH: the user begins with what they like of what they have. Its challenges are SELECT_CHALLENGE, PASSWORD and
//! PASSWORD_SRP, beside those that other flows have too.

use serde_json::json;

use super::candidate::{candidate, open_session, prove_password, refuse_by_status};
use super::step::{Step, Taken};
use super::{sign_in_code, user_srp};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::ops::passkeys::{self, Factors};
use crate::state::{Candidate, Challenge, Choice, ClientScope, Flow, SentCode};
use crate::tokens::Bearer;

/// Begins. With the `Session` of a ConfirmSignUp, the user who has just shown a code signs in with nothing else.
pub fn begin(
    scope: &mut ClientScope<'_>,
    session_text: Option<&str>,
    parameters: &TextMap<'_>,
    stepping_up: Option<&Bearer>,
    now: Millis,
) -> Taken {
    check_step_up(parameters)?;
    if session_text.is_some() {
        return after_sign_up(scope, session_text, parameters, now);
    }
    let candidate = candidate(scope, parameters, Flow::Standard)?;
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
        Some(choice) => take(scope, candidate, choice, parameters, now),
        None => Ok(Step::Ask(candidate, Challenge::Select(available), json!({}))),
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
) -> Taken {
    let session = open_session(scope, session_text, parameters, now)?;
    let Challenge::ConfirmedSignUp = session.challenge else {
        return Err(Exception::invalid_session());
    };
    refuse_by_status(scope.user(&session.candidate)?)?;
    Ok(Step::AllFactorsProven(session.candidate))
}

fn available(scope: &ClientScope<'_>, candidate: &Candidate) -> Vec<Choice> {
    scope.pool.settings.choices(scope.user(candidate).ok())
}

/// Answers SELECT_CHALLENGE.
pub fn answer_selection(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    offered: &[Choice],
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
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
    take(scope, candidate, choice, responses, now)
}

/// Answers WEB_AUTHN, or PASSWORD or PASSWORD_SRP, which come to a user who prefers one of them and did not send what is
/// needed.
pub fn answer(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    choice: Choice,
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    responses.required(match choice {
        Choice::Password => "PASSWORD",
        Choice::PasswordSrp => "SRP_A",
        Choice::EmailOtp | Choice::SmsOtp | Choice::WebAuthn => "CREDENTIAL",
    })?;
    take(scope, candidate, choice, responses, now)
}

/// Goes on with a choice: as far as `given` reaches. A wrong password leaves the session open.
fn take(scope: &mut ClientScope<'_>, candidate: Candidate, choice: Choice, given: &TextMap<'_>, now: Millis) -> Taken {
    match choice {
        Choice::Password => {
            let Some(password) = given.get("PASSWORD") else {
                return Ok(Step::Ask(candidate, Challenge::Password, json!({})));
            };
            prove_password(scope, &candidate, password, now)?;
            Ok(Step::FirstFactorProven(candidate))
        }
        Choice::PasswordSrp => {
            if given.get("SRP_A").is_none() {
                return Ok(Step::Ask(candidate, Challenge::PasswordSrp, json!({})));
            }
            user_srp::begin(scope, given, Flow::Standard, now)
        }
        Choice::EmailOtp | Choice::SmsOtp => {
            let kind = if choice == Choice::SmsOtp {
                SentCode::SmsOtp
            } else {
                SentCode::EmailOtp
            };
            Ok(sign_in_code::ask(scope, &candidate, kind, now))
        }
        Choice::WebAuthn => match given.get("CREDENTIAL") {
            Some(credential) => sign_in_with_passkey(scope, candidate, credential, now),
            None => ask_for_passkey(scope, candidate, now),
        },
    }
}

fn ask_for_passkey(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Taken {
    let pool = &mut *scope.pool;
    let user = candidate.sub.as_deref().and_then(|sub| pool.users.get_mut(sub));
    let user = user.ok_or_else(Exception::invalid_session)?;
    let options = passkeys::request_options(&pool.settings, user, now)?;
    let challenge = Challenge::WebAuthn(available(scope, &candidate));
    let parameters = json!({ "CREDENTIAL_REQUEST_OPTIONS": options });
    Ok(Step::Ask(candidate, challenge, parameters))
}

/// A passkey that proves less than two factors is followed by the second one, if that is due.
fn sign_in_with_passkey(scope: &mut ClientScope<'_>, candidate: Candidate, credential: &str, now: Millis) -> Taken {
    let sub = candidate.sub.as_deref().ok_or_else(Exception::invalid_session)?;
    let proven = passkeys::verify(scope.pool, sub, credential, now)?;
    if proven == Factors::Two && scope.pool.settings.takes_passkey_for_both(scope.user(&candidate)?) {
        return Ok(Step::AllFactorsProven(candidate));
    }
    Ok(Step::PasswordProven(candidate))
}

fn not_available(name: &str) -> Exception {
    Exception::invalid_parameter(format!("The challenge {name} is not available."))
}
