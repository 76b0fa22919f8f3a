//! Signing in with a user pool: `InitiateAuth`, then `RespondToAuthChallenge` until there are tokens.
//!
//! A [`SignIn`] waits for a response of the service; [`SignIn::next`] takes it and says what comes next. What only the
//! user can answer is a [`PendingChallenge`]; [`PendingChallenge::answer`] makes a [`SignIn`] of it again.

mod challenge;
mod challenge_name;
mod pending;
mod policy;
mod proof;
mod question;
mod start;
mod trouble;

pub use challenge_name::{ChallengeName, MfaSetup, OpenChallenge, PasswordFactor};
pub use pending::{Answer, PendingChallenge};
pub use policy::Method;
pub use proof::refuse;
pub use question::Question;
pub use start::{Credentials, start};
pub use trouble::{Failed, Outdated, ends_challenge, is_unknown_device};

use std::rc::Rc;

use zeroize::Zeroizing;

use crate::core::api::http::Request;
use crate::core::api::user_pool::{self, AuthAnswer, AuthenticationResult, Service};
use crate::core::devices::{Device, Devices};
use crate::core::error::{AuthError, Code};
use crate::core::json::{StringMap, Value};
use crate::core::names::Username;
use crate::core::secret::{ChallengeSession, ConfirmationCode, Password};
use crate::core::srp::Ephemeral;

/// A sign-in that waits for a response of the service.
#[derive(Debug)]
pub struct SignIn {
    /// What the user typed.
    typed: Username,
    /// From the first challenge on, the name that the service says: `USER_ID_FOR_SRP`.
    username: Username,
    /// Whether the service has said that name.
    is_named: bool,
    /// `ClientMetadata` of every response.
    client_metadata: StringMap,
    /// To begin again without a device that the service has forgotten. `None` once the user was asked something.
    credentials: Option<Box<Credentials>>,
    /// How the user is to be recognised. What may be answered follows from it.
    method: Method,
    held: Held,
    devices: Rc<Devices>,
    device: Option<Device>,
    asked: Asked,
}

/// What a sign-in holds of the password, and of a proof that has begun.
#[derive(Debug)]
enum Held {
    /// No password was given, or it was used.
    Nothing,
    /// The password, where the method has a use for it.
    Password(Password),
    /// The password, and what its `SRP_A` was made of: its proof is due.
    Proof(Password, Ephemeral),
    /// What the device's `SRP_A` was made of: its proof is due.
    DeviceProof(Ephemeral),
}

impl Held {
    fn into_password(self) -> Option<Password> {
        match self {
            Self::Password(password) | Self::Proof(password, _) => Some(password),
            Self::Nothing | Self::DeviceProof(_) => None,
        }
    }
}

/// What the service was asked.
#[derive(Debug)]
enum Asked {
    /// `InitiateAuth`, with these parameters beside the user's name.
    Initiate(&'static str, Parameters, Option<ChallengeSession>),
    /// `RespondToAuthChallenge`, to the challenge of this name.
    Respond(ChallengeName, Option<ChallengeSession>, Parameters),
    /// `AssociateSoftwareToken`.
    Associate(PendingChallenge),
    /// `VerifySoftwareToken`, for an app with this secret.
    Verify(PendingChallenge, Zeroizing<String>, ConfirmationCode, Option<String>),
}

/// `AuthParameters` or `ChallengeResponses`.
type Parameters = Vec<(String, Zeroizing<String>)>;

/// Makes the client's half of an SRP exchange.
pub type Draw<'a> = &'a dyn Fn() -> Result<Ephemeral, AuthError>;

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// Send its request. A challenge beside it is what is open from now on, should there be no good response.
    Send(Box<SignIn>, Option<Box<PendingChallenge>>),
    /// Ask the user. An error beside it says why the last answer was refused.
    Ask(Box<PendingChallenge>, Option<AuthError>),
    /// The tokens.
    Done(Box<Done>),
}

/// A sign-in that is complete.
#[derive(Debug)]
pub struct Done {
    /// The tokens.
    pub result: AuthenticationResult,
    /// What the user typed.
    pub typed: Username,
    /// Whose tokens they have to be, where the service has said so in a challenge: `USER_ID_FOR_SRP`.
    pub named: Option<Username>,
    /// The device that was named last. The tokens are bound to it if it is their user's.
    pub device: Option<Device>,
}

impl SignIn {
    /// What to send. The same again once the device has been dropped: without its key.
    pub fn request(&self, service: Service<'_>) -> Request {
        let device_key = self.device.as_ref().map(|device| &*device.key);
        match &self.asked {
            Asked::Initiate(flow, parameters, session) => {
                let metadata = self
                    .credentials
                    .as_ref()
                    .map(|credentials| &credentials.initial_metadata);
                let user = (&self.username, device_key);
                let metadata = metadata.unwrap_or(&self.client_metadata);
                user_pool::initiate_auth(service, flow, user, parameters, session.as_ref(), metadata)
            }
            Asked::Respond(challenge, session, parameters) => {
                let user = (&self.username, device_key);
                let metadata = &self.client_metadata;
                user_pool::respond_to_auth_challenge(
                    service,
                    challenge.as_str(),
                    user,
                    parameters,
                    session.as_ref(),
                    metadata,
                )
            }
            Asked::Associate(pending) => user_pool::associate_in_session(service, pending.session.as_ref()),
            Asked::Verify(pending, _, code, device_name) => {
                user_pool::verify_in_session(service, pending.session.as_ref(), code, device_name.as_deref())
            }
        }
    }

    /// Who signs in, by the name that the next request has.
    pub fn username(&self) -> &Username {
        &self.username
    }

    /// Takes the service's response, which arrived at `now`, in milliseconds.
    ///
    /// # Errors
    /// [`Code::UnexpectedChallenge`] for a challenge that has no place in this sign-in, and for one in another user's
    /// name; [`Code::NotAuthorized`] when the
    /// service's numbers would give the password away; [`Code::Unknown`] for a challenge that this version has no answer
    /// to, or one that is incomplete.
    pub fn next(self, service: Service<'_>, response: &Value, now: i64, draw: Draw<'_>) -> Result<Step, AuthError> {
        match self.asked {
            Asked::Associate(pending) => {
                let response = user_pool::parse_software_token(response)?;
                let secret = response
                    .secret_code
                    .ok_or_else(|| AuthError::new(Code::Unknown, "The service's response has no SecretCode."))?;
                let pending = pending.come_to(OpenChallenge::MfaSetup(MfaSetup::App(secret)));
                Ok(Step::Ask(Box::new(pending.at(response.session, now)), None))
            }
            Asked::Verify(pending, secret, ..) => {
                let response = user_pool::parse_software_token(response)?;
                let pending = pending.at(response.session, now);
                if response.status.as_deref() != Some("SUCCESS") {
                    let error = AuthError::new(Code::CodeMismatch, "The code of the authenticator app is wrong.");
                    return Ok(Step::Ask(Box::new(pending), Some(error)));
                }
                let sign_in = Self {
                    asked: Asked::Respond(ChallengeName::MfaSetup, pending.session.clone(), Vec::new()),
                    ..self
                };
                let verified = pending.come_to(OpenChallenge::MfaSetup(MfaSetup::AppVerified(secret)));
                Ok(Step::Send(Box::new(sign_in), Some(Box::new(verified))))
            }
            Asked::Initiate(..) | Asked::Respond(..) => match user_pool::parse_auth(response)? {
                AuthAnswer::Tokens(result) => Ok(Step::Done(Box::new(Done {
                    result,
                    typed: self.typed,
                    named: self.is_named.then_some(self.username),
                    device: self.device,
                }))),
                AuthAnswer::Challenge(challenge) => self.challenged(service, challenge, now, draw),
            },
        }
    }
}

/// One parameter.
fn parameter(name: &str, value: &str) -> (String, Zeroizing<String>) {
    (name.into(), Zeroizing::new(value.into()))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
