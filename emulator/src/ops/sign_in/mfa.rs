//! The second factor: which one is asked for, and the challenges SELECT_MFA_TYPE and SOFTWARE_TOKEN_MFA.

use serde_json::json;

use super::step::{Step, Taken};
use super::{mfa_setup, sign_in_code};
use crate::clock::Millis;
use crate::codes;
use crate::error::Exception;
use crate::input::TextMap;
use crate::state::{Candidate, Challenge, ClientScope, MfaConfiguration, MfaFactor, Refused, SentCode};

/// The challenge of the second factor, if one is due: the preferred one, the only one, or a choice. Where one is required
/// and the user has none, it is to be set up.
pub fn due(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Result<Option<Step>, Exception> {
    let user = scope.user(candidate)?;
    let usable = user.usable_factors(&scope.pool.settings);
    let preferred = user.mfa.preferred.filter(|factor| usable.contains(factor));
    Ok(match (preferred, usable.as_slice()) {
        (Some(factor), _) | (None, &[factor]) => Some(ask(scope, candidate, factor, now)),
        (None, []) if scope.pool.settings.mfa_configuration == MfaConfiguration::On => {
            Some(mfa_setup::ask(scope, candidate))
        }
        (None, []) => None,
        (None, _) => Some(select(candidate, usable)),
    })
}

fn select(candidate: &Candidate, factors: Vec<MfaFactor>) -> Step {
    let parameters = json!({
        "MFAS_CAN_CHOOSE": json!(factors).to_string(),
        "USER_ID_FOR_SRP": candidate.user_id_for_srp,
    });
    Step::Ask(candidate.clone(), Challenge::SelectMfaType(factors), parameters)
}

fn ask(scope: &mut ClientScope<'_>, candidate: &Candidate, factor: MfaFactor, now: Millis) -> Step {
    match factor {
        MfaFactor::SoftwareTokenMfa => ask_for_software_token(scope, candidate),
        MfaFactor::SmsMfa => sign_in_code::ask(scope, candidate, SentCode::SmsMfa, now),
        MfaFactor::EmailOtp => sign_in_code::ask(scope, candidate, SentCode::EmailMfa, now),
    }
}

fn ask_for_software_token(scope: &ClientScope<'_>, candidate: &Candidate) -> Step {
    let device = scope
        .user(candidate)
        .ok()
        .and_then(|user| user.software_token.as_ref()?.friendly_device_name.clone());
    let mut parameters = json!({ "USER_ID_FOR_SRP": candidate.user_id_for_srp });
    if let (Some(name), Some(members)) = (device, parameters.as_object_mut()) {
        members.insert("FRIENDLY_DEVICE_NAME".to_owned(), json!(name));
    }
    Step::Ask(candidate.clone(), Challenge::SoftwareTokenMfa, parameters)
}

/// Answers SELECT_MFA_TYPE.
pub fn answer_choice(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    offered: &[MfaFactor],
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    let answer = responses.required("ANSWER")?;
    let factor = MfaFactor::named(answer)
        .filter(|factor| offered.contains(factor))
        .ok_or_else(|| Exception::new("MFAMethodNotFoundException", "Invalid MFA type selected"))?;
    Ok(ask(scope, candidate, factor, now))
}

/// Answers SOFTWARE_TOKEN_MFA. A wrong code leaves the session open.
pub fn answer_software_token(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    let entered = responses.required("SOFTWARE_TOKEN_MFA_CODE")?;
    let user = scope.user_mut(&candidate).ok_or_else(Exception::invalid_session)?;
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
    Ok(Step::AllFactorsProven(candidate))
}
