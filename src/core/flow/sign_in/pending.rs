//! A challenge that only the user can answer: a value, so that it can be stored and taken up again after a reload.

use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::challenge_name::{APP, ChallengeName, EMAIL, MfaSetup, OpenChallenge, PasswordFactor};
use super::{Asked, Draw, Held, Method, Parameters, SignIn, Step, parameter};
use crate::core::devices::Devices;
use crate::core::envelope;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, ObjectWriter, StringMap, Value};
use crate::core::limits::QUESTION_LIFE;
use crate::core::names::Username;
use crate::core::secret::{ChallengeAnswer, ChallengeSession, ConfirmationCode, Password};
use crate::core::stores::StorageKind;

/// A challenge that only the user can answer. It stays open until an answer is accepted. Only its name prints.
#[derive(Clone)]
pub struct PendingChallenge {
    /// What is asked, and how far the user has come with it. Kept apart from the parameters, which the service fills: it
    /// would choose in the user's place.
    pub challenge: OpenChallenge,
    /// What the user typed.
    pub typed: Username,
    /// Who signs in, by the name that the service says.
    pub username: Username,
    /// Whether the service has said that name in a challenge: `USER_ID_FOR_SRP`.
    pub is_named: bool,
    /// `Session`.
    pub session: Option<ChallengeSession>,
    /// `ChallengeParameters`.
    pub parameters: StringMap,
    /// `AvailableChallenges`.
    pub available: Vec<String>,
    /// When it was asked, in milliseconds.
    pub asked_at: i64,
    /// How the user is to be recognised.
    pub method: Method,
    /// The store that the session is to be kept in, where the sign-in asks for one.
    pub storage: Option<StorageKind>,
    /// The password that came with the name, for a user who may choose it. Never stored.
    pub password: Option<Password>,
}

/// What the user answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The code, the choice, the password, the credential.
    pub response: Option<ChallengeAnswer>,
    /// Attributes that go with a new password.
    pub user_attributes: StringMap,
    /// `ClientMetadata`.
    pub client_metadata: StringMap,
    /// `FriendlyDeviceName` of an authenticator app that is set up.
    pub friendly_device_name: Option<String>,
}

impl fmt::Debug for PendingChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PendingChallenge({:?}, [redacted])", self.challenge)
    }
}

impl PendingChallenge {
    /// What a passkey has to sign, where one is asked for.
    pub fn credential_request(&self) -> Option<&str> {
        let request = self.parameter("CREDENTIAL_REQUEST_OPTIONS");
        request.filter(|_| self.challenge == OpenChallenge::WebAuthn)
    }

    /// Answers it: something to send, or another question that the client asks by itself.
    ///
    /// # Errors
    /// [`Code::InvalidParameter`] when there is no answer, or one that is none of the choices.
    pub fn answer(&self, answer: Answer, devices: Rc<Devices>, draw: Draw<'_>) -> Result<Step, AuthError> {
        let Answer {
            response,
            user_attributes,
            client_metadata,
            friendly_device_name,
        } = answer;
        let device = match self.username.as_str() {
            // The service has not said who that is.
            name if name == self.typed.as_str() => devices.of(name),
            name => devices.of_user(name),
        };
        let mut sign_in = SignIn {
            typed: self.typed.clone(),
            username: self.username.clone(),
            is_named: self.is_named,
            client_metadata,
            credentials: None,
            method: self.method,
            held: Held::Nothing,
            device: device.cloned(),
            devices,
            asked: Asked::Associate(self.clone()),
        };
        let response = response.ok_or_else(|| {
            AuthError::new(
                Code::InvalidParameter,
                "confirmSignIn() needs `challengeResponse` for this question.",
            )
        })?;
        let text = response.reveal();
        let with = |name: &str| vec![parameter(name, text)];
        let parameters = match &self.challenge {
            OpenChallenge::SmsMfa => with("SMS_MFA_CODE"),
            OpenChallenge::EmailOtp => with("EMAIL_OTP_CODE"),
            OpenChallenge::SmsOtp => with("SMS_OTP_CODE"),
            OpenChallenge::SoftwareTokenMfa => with("SOFTWARE_TOKEN_MFA_CODE"),
            OpenChallenge::WebAuthn => with("CREDENTIAL"),
            OpenChallenge::SelectMfaType | OpenChallenge::Custom => with("ANSWER"),
            OpenChallenge::NewPasswordRequired => {
                let attribute =
                    |(name, value): &(String, String)| parameter(&["userAttributes.", name].concat(), value);
                let mut parameters = with("NEW_PASSWORD");
                parameters.extend(user_attributes.iter().map(attribute));
                parameters
            }
            OpenChallenge::Password(factor) => sign_in.give_password(*factor, response.to_password(), draw)?,
            OpenChallenge::SelectChallenge(Some(factor)) => {
                sign_in.choose_password(*factor, response.to_password(), draw)?
            }
            OpenChallenge::SelectChallenge(None) => match (PasswordFactor::named(text), &self.password) {
                (Some(factor), Some(password)) => sign_in.choose_password(factor, password.clone(), draw)?,
                (Some(factor), None) => {
                    let chosen = OpenChallenge::SelectChallenge(Some(factor));
                    return Ok(Step::Ask(Box::new(self.clone().come_to(chosen)), None));
                }
                (None, _) => {
                    sign_in.method = Method::by_factor(text);
                    with("ANSWER")
                }
            },
            OpenChallenge::MfaSetup(MfaSetup::Choice) => {
                if !self.setup_choices().contains(&text) {
                    return Err(AuthError::new(
                        Code::InvalidParameter,
                        "confirmSignIn() needs `challengeResponse` to be one of `mfaTypes`.",
                    ));
                }
                if text == APP {
                    sign_in.asked = Asked::Associate(self.clone());
                    return Ok(Step::Send(Box::new(sign_in), None));
                }
                let email = OpenChallenge::MfaSetup(MfaSetup::Email);
                return Ok(Step::Ask(Box::new(self.clone().come_to(email)), None));
            }
            OpenChallenge::MfaSetup(MfaSetup::App(secret)) => {
                let code = ConfirmationCode::new(text);
                sign_in.asked = Asked::Verify(self.clone(), secret.clone(), code, friendly_device_name);
                return Ok(Step::Send(Box::new(sign_in), None));
            }
            OpenChallenge::MfaSetup(MfaSetup::AppVerified(_)) => Parameters::new(),
            OpenChallenge::MfaSetup(MfaSetup::Email) => with("EMAIL"),
        };
        sign_in.asked = Asked::Respond(self.challenge.name(), self.session.clone(), parameters);
        Ok(Step::Send(Box::new(sign_in), None))
    }

    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = self.parameters.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| &**value)
    }

    /// Whether every service has forgotten it by now. A clock that was set back makes it so.
    pub fn is_over_at(&self, now: i64) -> bool {
        !(0..QUESTION_LIFE).contains(&now.saturating_sub(self.asked_at))
    }

    /// As it is stored: without any password.
    pub fn encode(&self, generation: i64) -> Zeroizing<String> {
        let parameters = self.parameters.iter().map(|(name, value)| (&**name, &**value));
        let (step, secret) = self.challenge.progress();
        let document = ObjectWriter::new()
            .text("name", self.challenge.name().as_str())
            .text("typed", self.typed.as_str())
            .text("username", self.username.as_str())
            .flag("isNamed", self.is_named)
            .maybe_text("session", self.session.as_ref().map(|session| session.reveal()))
            .text_map("parameters", parameters)
            .texts("available", self.available.iter().map(|name| &**name))
            .integer("askedAt", self.asked_at)
            .text("method", self.method.as_str())
            .maybe_text("step", step)
            .maybe_text("secretCode", secret)
            .maybe_text("storage", self.storage.map(StorageKind::as_str));
        envelope::seal(generation, document)
    }

    /// What was stored; `None` where nothing is pending, or it cannot be read.
    pub fn decode(text: &str) -> Option<Self> {
        let read = envelope::open(text, |root| {
            Some(Self {
                challenge: OpenChallenge::stored(
                    ChallengeName::named(root.text("name")?)?,
                    root.text("step"),
                    root.text("secretCode"),
                )?,
                typed: Username::new(root.text("typed")?),
                username: Username::new(root.text("username")?),
                is_named: root.flag("isNamed")?,
                session: root.text("session").map(ChallengeSession::new),
                parameters: root.text_map("parameters"),
                available: root.texts("available"),
                asked_at: root.integer("askedAt")?,
                method: Method::stored(root.text("method")?)?,
                storage: root.text("storage").and_then(StorageKind::named),
                password: None,
            })
        });
        read.ok().map(|(_, pending)| pending)
    }

    /// The same, where the user has come to this step.
    #[must_use]
    pub(super) fn come_to(self, challenge: OpenChallenge) -> Self {
        Self { challenge, ..self }
    }

    /// In the session that the service has given, where it has.
    #[must_use]
    pub(super) fn at(mut self, session: Option<ChallengeSession>, now: i64) -> Self {
        if session.is_some() {
            self.session = session;
            self.asked_at = now;
        }
        self
    }

    /// The names in a parameter that is a list in JSON.
    pub(super) fn names(&self, parameter: &str) -> Vec<String> {
        let names = self.parameter(parameter).and_then(json::parse);
        let texts = |names: &[Value]| names.iter().filter_map(Value::as_text).map(String::from).collect();
        names.as_ref().and_then(Value::as_list).map(texts).unwrap_or_default()
    }

    /// What can be set up in the middle of a sign-in. A phone number cannot.
    pub(super) fn setup_choices(&self) -> Vec<&'static str> {
        let possible = self.names("MFAS_CAN_SETUP");
        let is_possible = |choice: &&str| possible.iter().any(|name| name == choice);
        [APP, EMAIL].into_iter().filter(is_possible).collect()
    }
}

impl SignIn {
    /// Gives the password as the user answers by this first factor: in clear, or as `SRP_A` and for the proof that follows.
    fn give_password(
        &mut self,
        factor: PasswordFactor,
        password: Password,
        draw: Draw<'_>,
    ) -> Result<Parameters, AuthError> {
        self.method = Method::by_factor(factor.as_str());
        if factor == PasswordFactor::Plain {
            return Ok(vec![parameter("PASSWORD", password.reveal())]);
        }
        let ephemeral = draw()?;
        let parameters = vec![parameter("SRP_A", &ephemeral.srp_a())];
        self.held = Held::Proof(password, ephemeral);
        Ok(parameters)
    }

    /// The same, for a user who had the choice.
    fn choose_password(
        &mut self,
        factor: PasswordFactor,
        password: Password,
        draw: Draw<'_>,
    ) -> Result<Parameters, AuthError> {
        let mut parameters = self.give_password(factor, password, draw)?;
        parameters.push(parameter("ANSWER", factor.as_str()));
        Ok(parameters)
    }
}
