//! What the client answers by itself, and what it asks the user.

use super::pending::PendingChallenge;
use super::policy::{Verdict, verdict};
use super::proof::Claim;
use super::{Asked, Draw, Held, Method, Parameters, Question, SignIn, Step, parameter};
use crate::core::api::user_pool::{Challenge, Service};
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;
use crate::core::secret::Password;

impl SignIn {
    pub(super) fn challenged(
        mut self,
        service: Service<'_>,
        challenge: Challenge,
        now: i64,
        draw: Draw<'_>,
    ) -> Result<Step, AuthError> {
        let named = self.device.as_ref().map(|device| device.key.clone());
        // From the first challenge on, the user has the name that the service says, and keeps it: what is proven and typed
        // on the way to the tokens is this user's.
        if let Some(id) = challenge.parameter("USER_ID_FOR_SRP") {
            if self.is_named && !id.eq_ignore_ascii_case(self.username.as_str()) {
                return Err(renamed());
            }
            self.username = Username::new(id);
            self.is_named = true;
            // An alias may have gone to somebody else since its device was kept.
            self.device = self.devices.of_user(id).cloned();
        } else if let Some(named) = challenge.parameter("USERNAME").filter(|_| !self.is_named) {
            // What was typed says nothing new, and who asks the device has seen whose it is.
            let says_nothing = named == self.typed.as_str() || challenge.name.starts_with("DEVICE_");
            let own = self.devices.of_user(named).cloned();
            self.device = own.or(self.device.filter(|_| says_nothing));
            self.username = Username::new(named);
        }
        let has_named_device = named.is_some() && named == self.device.as_ref().map(|device| device.key.clone());
        let held = std::mem::replace(&mut self.held, Held::Nothing);
        match verdict(self.method, held, has_named_device, &challenge.name) {
            Verdict::ProvePassword(password, ephemeral) => {
                let claim = Claim {
                    ephemeral: &ephemeral,
                    group: service.pool.pool_id.pool_name(),
                    name: self.username.as_str(),
                    password: password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond(challenge, parameters))
            }
            Verdict::BeginProof(password) => {
                let ephemeral = draw()?;
                let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
                self.method = Method::PasswordSrp;
                self.held = Held::Proof(password, ephemeral);
                Ok(self.respond(challenge, parameters))
            }
            Verdict::SendPassword(password) => {
                let parameters = vec![parameter("PASSWORD", password.reveal())];
                Ok(self.respond(challenge, parameters))
            }
            Verdict::BeginDeviceProof => {
                let ephemeral = draw()?;
                let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
                self.held = Held::DeviceProof(ephemeral);
                Ok(self.respond(challenge, parameters))
            }
            Verdict::ProveDevice(ephemeral) => {
                let Some(device) = &self.device else {
                    return Err(self.method.refuses(&challenge.name));
                };
                let claim = Claim {
                    ephemeral: &ephemeral,
                    group: &device.group_key,
                    name: &device.key,
                    password: device.password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond(challenge, parameters))
            }
            Verdict::Ask(password) => self.ask(challenge, password, now),
            Verdict::Refuse => Err(self.method.refuses(&challenge.name)),
            Verdict::Unknown => Err(unanswerable(&challenge)),
        }
    }

    /// Asks the user, who may choose the password that was given, if there is one.
    fn ask(mut self, challenge: Challenge, password: Option<Password>, now: i64) -> Result<Step, AuthError> {
        let pending = PendingChallenge {
            name: challenge.name.clone(),
            typed: self.typed.clone(),
            username: self.username.clone(),
            is_named: self.is_named,
            session: challenge.session.clone(),
            parameters: challenge.parameters.clone(),
            available: challenge.available.clone(),
            asked_at: now,
            method: self.method,
            chosen: None,
            secret_code: None,
            password,
            storage: None,
        };
        if pending.name == "MFA_SETUP" {
            let choices = pending.setup_choices();
            if let ["SOFTWARE_TOKEN_MFA"] = choices.as_slice() {
                self.asked = Asked::Associate(pending.clone().choosing("SOFTWARE_TOKEN_MFA"));
                // The question before is answered, so should there be no secret the choice of one is what is open.
                return Ok(Step::Send(Box::new(self), Some(Box::new(pending))));
            }
            let chosen = match choices.as_slice() {
                [] => return Err(unanswerable(&challenge)),
                ["EMAIL_OTP"] => pending.choosing("EMAIL_OTP"),
                _ => pending,
            };
            return Ok(Step::Ask(Box::new(chosen), None));
        }
        if Question::of(&pending).is_none() {
            return Err(unanswerable(&challenge));
        }
        Ok(Step::Ask(Box::new(pending), None))
    }

    /// Responds to a challenge.
    fn respond(mut self, challenge: Challenge, parameters: Parameters) -> Step {
        self.asked = Asked::Respond(challenge.name, challenge.session, parameters);
        Step::Send(Box::new(self), None)
    }
}

/// The error of a challenge that is for another user than an earlier one was.
fn renamed() -> AuthError {
    AuthError::new(
        Code::UnexpectedChallenge,
        "The sign-in was stopped, and the challenge was not answered: it is for another user than an earlier one of the \
         same sign-in. Something between this app and the pool, such as a cache, may have mixed up answers.",
    )
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
