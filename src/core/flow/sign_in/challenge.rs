//! What the client answers by itself, and what it asks the user.

use super::challenge_name::{APP, ChallengeName, EMAIL, MfaSetup, OpenChallenge};
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
        let name = ChallengeName::named(&challenge.name);
        let named = self.device.as_ref().map(|device| device.key.clone());
        // From the first challenge on, the user has the name that the service says, and keeps it: what is proven and typed
        // on the way to the tokens is this user's.
        if let Some(id) = challenge.parameter("USER_ID_FOR_SRP") {
            if self.is_named && !id.eq_ignore_ascii_case(self.username.as_str()) {
                return Err(renamed());
            }
            self.username = Username::new(id);
            self.is_named = true;
            // The alias may belong to another user by now.
            self.device = self.devices.of_user(id).cloned();
        } else if let Some(named) = challenge.parameter("USERNAME").filter(|_| !self.is_named) {
            // The typed name says nothing new, and a DEVICE_* challenge implies that the service has matched device and user.
            let says_nothing = named == self.typed.as_str() || name.is_some_and(ChallengeName::is_of_device);
            let own = self.devices.of_user(named).cloned();
            self.device = own.or(self.device.filter(|_| says_nothing));
            self.username = Username::new(named);
        }
        let has_named_device = named.is_some() && named == self.device.as_ref().map(|device| device.key.clone());
        let Some(name) = name else {
            return Err(unanswerable(&challenge));
        };
        let held = std::mem::replace(&mut self.held, Held::Nothing);
        match verdict(self.method, held, has_named_device, name) {
            Verdict::ProvePassword(password, ephemeral) => {
                let claim = Claim {
                    ephemeral: &ephemeral,
                    group: service.pool.pool_id.pool_name(),
                    name: self.username.as_str(),
                    password: password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond(name, challenge, parameters))
            }
            Verdict::BeginProof(password) => {
                let ephemeral = draw()?;
                let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
                self.method = Method::PasswordSrp;
                self.held = Held::Proof(password, ephemeral);
                Ok(self.respond(name, challenge, parameters))
            }
            Verdict::SendPassword(password) => {
                let parameters = vec![parameter("PASSWORD", password.reveal())];
                Ok(self.respond(name, challenge, parameters))
            }
            Verdict::BeginDeviceProof => {
                let ephemeral = draw()?;
                let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
                self.held = Held::DeviceProof(ephemeral);
                Ok(self.respond(name, challenge, parameters))
            }
            Verdict::ProveDevice(ephemeral) => {
                let Some(device) = &self.device else {
                    return Err(self.method.refuses(name));
                };
                let claim = Claim {
                    ephemeral: &ephemeral,
                    group: &device.group_key,
                    name: &device.key,
                    password: device.password.reveal(),
                };
                let parameters = claim.answer(&challenge, now)?;
                Ok(self.respond(name, challenge, parameters))
            }
            Verdict::Ask(open, password) => self.ask(open, challenge, password, now),
            Verdict::Refuse => Err(self.method.refuses(name)),
        }
    }

    /// Asks the user, who may choose the password that was given, if there is one.
    fn ask(
        mut self,
        open: OpenChallenge,
        challenge: Challenge,
        password: Option<Password>,
        now: i64,
    ) -> Result<Step, AuthError> {
        let pending = PendingChallenge {
            challenge: open,
            typed: self.typed.clone(),
            username: self.username.clone(),
            is_named: self.is_named,
            session: challenge.session.clone(),
            parameters: challenge.parameters.clone(),
            available: challenge.available.clone(),
            asked_at: now,
            method: self.method,
            password,
            storage: None,
        };
        if pending.challenge == OpenChallenge::MfaSetup(MfaSetup::Choice) {
            return match pending.setup_choices().as_slice() {
                [] => Err(unanswerable(&challenge)),
                [APP] => {
                    self.asked = Asked::Associate(pending.clone());
                    // The question before is answered. Should the secret not come, the choice of the app is what is open.
                    Ok(Step::Send(Box::new(self), Some(Box::new(pending))))
                }
                [EMAIL] => {
                    let email = pending.come_to(OpenChallenge::MfaSetup(MfaSetup::Email));
                    Ok(Step::Ask(Box::new(email), None))
                }
                _ => Ok(Step::Ask(Box::new(pending), None)),
            };
        }
        if Question::of(&pending).is_none() {
            return Err(unanswerable(&challenge));
        }
        Ok(Step::Ask(Box::new(pending), None))
    }

    /// Responds to a challenge.
    fn respond(mut self, name: ChallengeName, challenge: Challenge, parameters: Parameters) -> Step {
        self.asked = Asked::Respond(name, challenge.session, parameters);
        Step::Send(Box::new(self), None)
    }
}

/// The error of a challenge that is for another user than an earlier one was.
fn renamed() -> AuthError {
    AuthError::new(
        Code::UnexpectedChallenge,
        "The sign-in was stopped, and the challenge was not answered: it is for another user than an earlier one of the \
         same sign-in. Something between this app and the pool, such as a cache, may have mixed up responses.",
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
