//! The challenges that are answered with a code that was sent: SMS_MFA and EMAIL_OTP as a second factor, EMAIL_OTP and
//! SMS_OTP as the first.

use serde_json::json;

use super::step::{Step, Taken};
use crate::clock::Millis;
use crate::codes::{self, Code};
use crate::delivery::{self, Letter};
use crate::error::Exception;
use crate::input::TextMap;
use crate::outbox::Trigger;
use crate::state::{Candidate, Challenge, ClientScope, MfaFactor, SentCode, User};

impl SentCode {
    fn attribute(self) -> &'static str {
        match self {
            Self::SmsMfa | Self::SmsOtp => "phone_number",
            Self::EmailMfa | Self::EmailMfaSetup | Self::EmailOtp => "email",
        }
    }

    fn trigger(self) -> Trigger {
        match self {
            Self::SmsMfa => Trigger::SmsMfa,
            Self::EmailMfa => Trigger::EmailMfa,
            Self::EmailMfaSetup => Trigger::MfaSetup,
            Self::SmsOtp => Trigger::SmsOtp,
            Self::EmailOtp => Trigger::EmailOtp,
        }
    }

    /// The code in an answer. For one by email, AWS's documents have two names.
    fn entered<'a>(self, responses: &TextMap<'a>) -> Result<&'a str, Exception> {
        match self {
            Self::SmsMfa => responses.required("SMS_MFA_CODE"),
            Self::SmsOtp => responses.required("SMS_OTP_CODE"),
            Self::EmailMfa | Self::EmailMfaSetup | Self::EmailOtp => responses
                .get("EMAIL_MFA_CODE")
                .map_or_else(|| responses.required("EMAIL_OTP_CODE"), Ok),
        }
    }
}

/// Sends a code that lives as long as its challenge. To a user who is only simulated nothing is sent.
pub fn ask(scope: &mut ClientScope<'_>, candidate: &Candidate, kind: SentCode, now: Millis) -> Step {
    let attribute = kind.attribute();
    let code = Code::new(attribute, now, scope.client.settings.challenge_lifetime());
    let details = match scope.user(candidate).cloned() {
        Ok(user) => {
            let letter = Letter {
                code: Some(code.digits().to_owned()),
                ..Letter::new(&scope.pool.id, Some(&scope.client.id), kind.trigger())
            };
            delivery::send(scope.outbox, &user, attribute, letter, now)
        }
        Err(_) => delivery::simulated(&candidate.user_id_for_srp),
    };
    let parameters = json!({
        "CODE_DELIVERY_DELIVERY_MEDIUM": details.get("DeliveryMedium"),
        "CODE_DELIVERY_DESTINATION": details.get("Destination"),
        "USER_ID_FOR_SRP": candidate.user_id_for_srp,
    });
    Step::Ask(candidate.clone(), Challenge::SentCode(kind, code), parameters)
}

/// Answers one of them. A wrong code leaves the session open; the right one shows that the address is the user's.
pub fn answer(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    (kind, code): (SentCode, &Code),
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    let entered = kind.entered(responses)?;
    let Some(user) = scope.user_mut(&candidate) else {
        // The user is only simulated, so no code was sent, and every guess is wrong.
        return Err(codes::mismatch_in_sign_in());
    };
    refuse_locked(user, now)?;
    if entered != code.digits() {
        user.code_lockout.failed(now);
        return Err(codes::mismatch_in_sign_in());
    }
    user.code_lockout.succeeded();
    user.set_verified(code.attribute, true);
    if kind == SentCode::EmailMfaSetup {
        user.mfa.enrol(MfaFactor::EmailOtp);
    }
    match kind {
        SentCode::SmsOtp | SentCode::EmailOtp => Ok(Step::PasswordProven(candidate)),
        SentCode::SmsMfa | SentCode::EmailMfa | SentCode::EmailMfaSetup => Ok(Step::AllFactorsProven(candidate)),
    }
}

/// After too many wrong codes even the right one has to wait.
pub fn refuse_locked(user: &User, now: Millis) -> Result<(), Exception> {
    if !user.code_lockout.is_locked(now) {
        return Ok(());
    }
    Err(Exception::not_authorized(
        "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.",
    ))
}
