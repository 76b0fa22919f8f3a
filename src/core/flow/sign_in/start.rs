//! The first request of a sign-in.

use std::rc::Rc;

use super::{Asked, Draw, Held, Method, Parameters, SignIn, parameter};
use crate::core::config::AuthFlow;
use crate::core::devices::Devices;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, StringMap};
use crate::core::names::Username;
use crate::core::secret::{ChallengeSession, Password};

/// What the user typed, and what the app adds.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name, or an alias of it.
    pub username: Username,
    /// The password, where the flow begins with one.
    pub password: Option<Password>,
    /// `AuthFlow`.
    pub flow: AuthFlow,
    /// `PREFERRED_CHALLENGE`, of `USER_AUTH` only.
    pub preferred_challenge: Option<String>,
    /// `TARGET_ACR_VALUES`, of `USER_AUTH` only, the best first.
    pub target_acr_values: Vec<String>,
    /// `MAX_AGE` in seconds, of `USER_AUTH` only.
    pub max_age: Option<i64>,
    /// `Session`: what `ConfirmSignUp` has answered, of `USER_AUTH` only.
    pub session: Option<ChallengeSession>,
    /// `ClientMetadata` of `InitiateAuth`.
    pub initial_metadata: StringMap,
    /// `ClientMetadata` of every response to a challenge.
    pub client_metadata: StringMap,
}

impl Credentials {
    /// `USER_AUTH` of this user, and nothing else.
    pub fn of_user(username: Username) -> Self {
        Self {
            username,
            password: None,
            flow: AuthFlow::UserAuth,
            preferred_challenge: None,
            target_acr_values: Vec::new(),
            max_age: None,
            session: None,
            initial_metadata: StringMap::new(),
            client_metadata: StringMap::new(),
        }
    }
}

/// Begins a sign-in. `draw` gives the client's half of SRP where the flow has it.
///
/// # Errors
/// [`Code::InvalidParameter`] when the flow begins with a password and there is none.
pub fn start(credentials: Credentials, devices: Rc<Devices>, draw: Draw<'_>) -> Result<SignIn, AuthError> {
    let method = Method::of(credentials.flow, credentials.preferred_challenge.as_deref());
    let (flow, secret) = match credentials.flow {
        AuthFlow::UserSrp => ("USER_SRP_AUTH", Some("SRP_A")),
        AuthFlow::UserPassword => ("USER_PASSWORD_AUTH", Some("PASSWORD")),
        AuthFlow::Custom => ("CUSTOM_AUTH", Some("SRP_A").filter(|_| credentials.password.is_some())),
        AuthFlow::UserAuth => ("USER_AUTH", preferred_secret(method, &credentials)),
    };
    let mut parameters = Parameters::new();
    let held = match (secret, credentials.password.clone()) {
        (Some("PASSWORD"), Some(password)) => {
            parameters.push(parameter("PASSWORD", password.reveal()));
            match method {
                Method::Password => Held::Password(password),
                _ => Held::Nothing,
            }
        }
        (Some(srp_a), Some(password)) => {
            let ephemeral = draw()?;
            parameters.push(parameter(srp_a, &ephemeral.srp_a()));
            if method == Method::Custom {
                parameters.push(parameter("CHALLENGE_NAME", "SRP_A"));
            }
            Held::Proof(password, ephemeral)
        }
        (Some(_), None) => {
            return Err(AuthError::new(
                Code::InvalidParameter,
                format!("signIn() needs `password` for {flow}."),
            ));
        }
        (None, Some(password)) => Held::Password(password),
        (None, None) => Held::Nothing,
    };
    if let Some(preferred) = &credentials.preferred_challenge {
        parameters.push(parameter("PREFERRED_CHALLENGE", preferred));
    }
    if !credentials.target_acr_values.is_empty() {
        let values: Vec<_> = credentials.target_acr_values.iter().map(|value| &**value).collect();
        parameters.push(parameter("TARGET_ACR_VALUES", &json::join(&values, " ")));
    }
    if let Some(max_age) = credentials.max_age {
        parameters.push(parameter("MAX_AGE", &max_age.to_string()));
    }
    let username = credentials.username.clone();
    Ok(SignIn {
        device: devices.of(username.as_str()).cloned(),
        devices,
        typed: username.clone(),
        username,
        is_named: false,
        client_metadata: credentials.client_metadata.clone(),
        method,
        held,
        asked: Asked::Initiate(flow, parameters, credentials.session.clone()),
        credentials: Some(Box::new(credentials)),
    })
}

/// What of the password goes into the first request of `USER_AUTH` already: that of the first factor, where it is one.
fn preferred_secret(method: Method, credentials: &Credentials) -> Option<&'static str> {
    credentials.password.as_ref()?;
    match method {
        Method::Password => Some("PASSWORD"),
        Method::PasswordSrp => Some("SRP_A"),
        _ => None,
    }
}
