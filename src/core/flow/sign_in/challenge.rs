//! What the client answers by itself, and what it asks the user.

use super::pending::{NEEDS_PASSWORD, PendingChallenge};
use super::proof::Claim;
use super::{Asked, Draw, Question, SignIn, Step, parameter};
use crate::core::api::user_pool::{Challenge, Service};
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;

impl SignIn {
    pub(super) fn challenged(
        mut self,
        service: Service<'_>,
        challenge: Challenge,
        now: i64,
        draw: Draw<'_>,
    ) -> Result<Step, AuthError> {
        // From the first challenge on, the user has the name that the service says.
        if let Some(id) = challenge.parameter("USER_ID_FOR_SRP") {
            self.username = Username::new(id);
            // An alias may have gone to somebody else since its device was kept.
            self.device = self.devices.of_user(id).cloned();
        } else if let Some(named) = challenge.parameter("USERNAME") {
            // What was typed says nothing new, and who asks the device has seen whose it is.
            let says_nothing = named == self.typed.as_str() || challenge.name.starts_with("DEVICE_");
            let own = self.devices.of_user(named).cloned();
            self.device = own.or(self.device.filter(|_| says_nothing));
            self.username = Username::new(named);
        }
        match &*challenge.name {
            "PASSWORD_VERIFIER" => {
                let (Some(password), Some(ephemeral)) = (self.password.take(), self.ephemeral.take()) else {
                    return Err(unanswerable(&challenge));
                };
                let claim = Claim {
                    ephemeral: &ephemeral,
                    group: service.pool.pool_id.pool_name(),
                    name: self.username.as_str(),
                    password: password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond("PASSWORD_VERIFIER", challenge.session, parameters))
            }
            "DEVICE_SRP_AUTH" if self.device.is_some() => {
                let ephemeral = draw()?;
                let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
                self.ephemeral = Some(ephemeral);
                Ok(self.respond("DEVICE_SRP_AUTH", challenge.session, parameters))
            }
            "DEVICE_PASSWORD_VERIFIER" => {
                let (Some(device), Some(ephemeral)) = (&self.device, &self.ephemeral) else {
                    return Err(unanswerable(&challenge));
                };
                let claim = Claim {
                    ephemeral,
                    group: &device.group_key,
                    name: &device.key,
                    password: device.password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond("DEVICE_PASSWORD_VERIFIER", challenge.session, parameters))
            }
            _ => self.ask(challenge, now, draw),
        }
    }

    /// Asks the user, unless what the user has said before is the answer.
    fn ask(mut self, challenge: Challenge, now: i64, draw: Draw<'_>) -> Result<Step, AuthError> {
        let pending = PendingChallenge {
            name: challenge.name.clone(),
            typed: self.typed.clone(),
            username: self.username.clone(),
            session: challenge.session.clone(),
            parameters: challenge.parameters.clone(),
            available: challenge.available.clone(),
            asked_at: now,
            password: None,
        };
        match (&*pending.name, self.password.take()) {
            ("MFA_SETUP", _) => {
                let choices = pending.setup_choices();
                if let ["SOFTWARE_TOKEN_MFA"] = choices.as_slice() {
                    self.asked = Asked::Associate(pending.clone().with("CHOSEN", "SOFTWARE_TOKEN_MFA"));
                    // The question before is answered, so should there be no secret the choice of one is what is open.
                    return Ok(Step::Send(Box::new(self), Some(Box::new(pending))));
                }
                let chosen = match choices.as_slice() {
                    [] => return Err(unanswerable(&challenge)),
                    ["EMAIL_OTP"] => pending.with("CHOSEN", "EMAIL_OTP"),
                    _ => pending,
                };
                Ok(Step::Ask(Box::new(chosen), None))
            }
            // The app gave it along with the name.
            (name, Some(password)) if NEEDS_PASSWORD.contains(&name) => {
                let (parameters, ephemeral) = PendingChallenge::password_parameters(name, &password, draw)?;
                self.ephemeral = ephemeral;
                self.password = Some(password);
                Ok(self.respond(&challenge.name, challenge.session, parameters))
            }
            _ if Question::of(&pending).is_none() => Err(unanswerable(&challenge)),
            ("SELECT_CHALLENGE", password) => Ok(Step::Ask(Box::new(PendingChallenge { password, ..pending }), None)),
            _ => Ok(Step::Ask(Box::new(pending), None)),
        }
    }
}

fn unanswerable(challenge: &Challenge) -> AuthError {
    AuthError::new(
        Code::Unknown,
        format!(
            "The user pool asks for {}, which this client cannot answer here.",
            challenge.name
        ),
    )
}
