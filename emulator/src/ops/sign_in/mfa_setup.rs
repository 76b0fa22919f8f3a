//! The MFA_SETUP challenge: a user who must have a second factor and has none sets one up before the sign-in goes on.

use serde_json::json;

use super::sign_in_code;
use super::step::{Step, Taken};
use crate::attributes::{self, Writer};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::ops::account;
use crate::state::{Candidate, Challenge, ClientScope, MfaFactor, SentCode};

/// Asks for a second factor to be set up.
pub fn ask(scope: &ClientScope<'_>, candidate: &Candidate) -> Step {
    let parameters = json!({
        "MFAS_CAN_SETUP": json!(scope.pool.settings.mfa_factors()).to_string(),
        "USER_ID_FOR_SRP": candidate.user_id_for_srp,
    });
    Step::Ask(candidate.clone(), Challenge::MfaSetup { verified: false }, parameters)
}

/// Answers MFA_SETUP: with nothing once an authenticator app was verified within it, or with an email address, which then
/// has to show a code.
pub fn answer(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    verified: bool,
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    if let Some(address) = responses.get("EMAIL") {
        set_up_email(scope, &candidate, address)?;
        return Ok(sign_in_code::ask(scope, &candidate, SentCode::EmailMfaSetup, now));
    }
    if !verified {
        return Err(Exception::invalid_parameter("User has not verified software token mfa"));
    }
    if let Some(user) = scope.user_mut(&candidate) {
        user.mfa.enrol(MfaFactor::SoftwareTokenMfa);
    }
    Ok(Step::AllFactorsProven(candidate))
}

fn set_up_email(scope: &mut ClientScope<'_>, candidate: &Candidate, address: &str) -> Result<(), Exception> {
    if !scope.pool.settings.mfa_factors().contains(&MfaFactor::EmailOtp) {
        return Err(Exception::invalid_parameter(
            "Email MFA has not been enabled by the userPool",
        ));
    }
    let given = attributes::for_change(
        &scope.pool.settings,
        Writer::Client(&scope.client),
        &[("email", address)],
    )?;
    account::refuse_taken(scope.pool, &given, candidate.sub.as_deref().unwrap_or_default())?;
    let user = scope.user_mut(candidate).ok_or_else(Exception::invalid_session)?;
    for (name, value) in given {
        user.set_attribute(&name, value);
    }
    Ok(())
}
