//! The second factor: which one is asked for, and the challenges SELECT_MFA_TYPE and SOFTWARE_TOKEN_MFA.

use serde_json::{Value, json};

use super::{Answer, mfa_setup, next, sign_in_code};
use crate::clock::Millis;
use crate::codes;
use crate::error::Exception;
use crate::input::TextMap;
use crate::state::{Candidate, Challenge, ClientScope, MfaConfiguration, MfaFactor, Refused, SentCode};

/// The challenge of the second factor, if one is due: the preferred one, the only one, or a choice. Where one is required
/// and the user has none, it is to be set up.
pub fn due(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Result<Option<Value>, Exception> {
    let user = scope.user(candidate)?;
    let usable = user.usable_factors(&scope.pool.settings);
    let preferred = user.mfa.preferred.filter(|factor| usable.contains(factor));
    Ok(match (preferred, usable.as_slice()) {
        (Some(factor), _) | (None, &[factor]) => Some(ask(scope, candidate, factor, now)),
        (None, []) if scope.pool.settings.mfa_configuration == MfaConfiguration::On => {
            Some(mfa_setup::ask(scope, candidate, now))
        }
        (None, []) => None,
        (None, _) => Some(select(scope, candidate, usable, now)),
    })
}

fn select(scope: &mut ClientScope<'_>, candidate: &Candidate, factors: Vec<MfaFactor>, now: Millis) -> Value {
    let parameters = json!({
        "MFAS_CAN_CHOOSE": json!(factors).to_string(),
        "USER_ID_FOR_SRP": candidate.user_id_for_srp,
    });
    let challenge = Challenge::SelectMfaType(factors);
    next::challenge(scope, candidate.clone(), challenge, "SELECT_MFA_TYPE", parameters, now)
}

fn ask(scope: &mut ClientScope<'_>, candidate: &Candidate, factor: MfaFactor, now: Millis) -> Value {
    match factor {
        MfaFactor::SoftwareTokenMfa => ask_for_software_token(scope, candidate, now),
        MfaFactor::SmsMfa => sign_in_code::ask(scope, candidate, SentCode::SmsMfa, now),
        MfaFactor::EmailOtp => sign_in_code::ask(scope, candidate, SentCode::EmailMfa, now),
    }
}

fn ask_for_software_token(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Value {
    let device = scope
        .user(candidate)
        .ok()
        .and_then(|user| user.software_token.as_ref()?.friendly_device_name.clone());
    let mut parameters = json!({ "USER_ID_FOR_SRP": candidate.user_id_for_srp });
    if let (Some(name), Some(members)) = (device, parameters.as_object_mut()) {
        members.insert("FRIENDLY_DEVICE_NAME".to_owned(), json!(name));
    }
    let challenge = Challenge::SoftwareTokenMfa;
    next::challenge(
        scope,
        candidate.clone(),
        challenge,
        "SOFTWARE_TOKEN_MFA",
        parameters,
        now,
    )
}

/// Answers SELECT_MFA_TYPE.
pub fn answer_choice(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    offered: &[MfaFactor],
    session_text: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Answer {
    let answer = responses.required("ANSWER")?;
    let factor = MfaFactor::named(answer)
        .filter(|factor| offered.contains(factor))
        .ok_or_else(|| Exception::new("MFAMethodNotFoundException", "Invalid MFA type selected"))?;
    scope.spend(session_text);
    Ok(ask(scope, candidate, factor, now))
}

/// Answers SOFTWARE_TOKEN_MFA. A wrong code leaves the session open.
pub fn answer_software_token(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    session_text: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Answer {
    let entered = responses.required("SOFTWARE_TOKEN_MFA_CODE")?;
    let user = scope.user_mut(candidate).ok_or_else(Exception::invalid_session)?;
    sign_in_code::refuse_locked(user, now)?;
    let token = user.software_token.as_mut().ok_or_else(Exception::invalid_session)?;
    match token.accept(entered, now) {
        Ok(()) => user.code_lockout.succeeded(),
        Err(Refused::Used) => {
            return Err(Exception::new(
                "ExpiredCodeException",
                "Your software token has already been used once.",
            ));
        }
        Err(Refused::Wrong) => {
            user.code_lockout.failed(now);
            return Err(codes::mismatch_in_sign_in());
        }
    }
    scope.spend(session_text);
    next::after_all_factors(scope, candidate, now)
}
