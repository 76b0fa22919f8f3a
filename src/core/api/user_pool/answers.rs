//! Readers of the answers. What the service adds later is ignored; what it must have and lacks is an error that
//! names it.

use std::fmt;

use zeroize::Zeroizing;

use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Reader, StringMap, Value};
use crate::core::secret::{AccessToken, ChallengeSession, IdToken, RefreshToken};

/// `CodeDeliveryDetails`, as the parameters of a challenge have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeDelivery {
    /// `DeliveryMedium`: `SMS`, `EMAIL`, or what a later service may say.
    pub medium: String,
    /// `Destination`, masked.
    pub destination: Option<String>,
}

/// What `InitiateAuth` and `RespondToAuthChallenge` answer.
#[derive(Clone, Debug)]
pub enum AuthAnswer {
    /// The sign-in is complete.
    Tokens(AuthenticationResult),
    /// The service wants more.
    Challenge(Challenge),
}

/// `AuthenticationResult`.
#[derive(Clone, Debug)]
pub struct AuthenticationResult {
    /// `AccessToken`.
    pub access: AccessToken,
    /// `IdToken`.
    pub id: IdToken,
    /// `RefreshToken`: absent from a refresh without rotation.
    pub refresh: Option<RefreshToken>,
    /// `NewDeviceMetadata`, where the pool has not seen this device before: its `DeviceKey` and `DeviceGroupKey`. The
    /// tokens are bound to it.
    pub new_device: Option<(String, String)>,
}

/// What `AssociateSoftwareToken` and `VerifySoftwareToken` answer. Only the status prints.
pub struct SoftwareToken {
    /// `SecretCode`.
    pub secret_code: Option<Zeroizing<String>>,
    /// `Status`: `SUCCESS` or `ERROR`.
    pub status: Option<String>,
    /// `Session`, in the middle of a sign-in.
    pub session: Option<ChallengeSession>,
}

impl fmt::Debug for SoftwareToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SoftwareToken({:?}, [redacted])", self.status)
    }
}

/// A challenge. Only its name prints.
#[derive(Clone)]
pub struct Challenge {
    /// `ChallengeName`, as it came.
    pub name: String,
    /// `Session`, which the response gives back.
    pub session: Option<ChallengeSession>,
    /// `ChallengeParameters`.
    pub parameters: StringMap,
    /// `AvailableChallenges`.
    pub available: Vec<String>,
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Challenge({}, [redacted])", self.name)
    }
}

impl Challenge {
    /// A parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| &**value)
    }

    /// A parameter that the challenge is nothing without.
    ///
    /// # Errors
    /// [`Code::Unknown`], naming it.
    pub fn required(&self, name: &str) -> Result<&str, AuthError> {
        self.parameter(name)
            .ok_or_else(|| lacks(&format!("{} of the challenge {}", name, self.name)))
    }
}

/// Reads the answer of `InitiateAuth`, `RespondToAuthChallenge` or `GetTokensFromRefreshToken`.
///
/// # Errors
/// [`Code::Unknown`] when the answer has neither tokens nor a challenge.
pub fn parse_auth(document: &Value) -> Result<AuthAnswer, AuthError> {
    let answer = read(document, |root| {
        if root.has("AuthenticationResult") {
            let result = root.section("AuthenticationResult");
            return Some(AuthAnswer::Tokens(AuthenticationResult {
                access: AccessToken::new(result.required_text("AccessToken")),
                id: IdToken::new(result.required_text("IdToken")),
                refresh: result.filled_text("RefreshToken").map(RefreshToken::new),
                new_device: new_device(&result.section("NewDeviceMetadata")),
            }));
        }
        let name = root.filled_text("ChallengeName")?;
        Some(AuthAnswer::Challenge(Challenge {
            name: name.into(),
            session: session(root),
            parameters: root.text_map("ChallengeParameters"),
            available: root.texts("AvailableChallenges"),
        }))
    })?;
    answer.ok_or_else(|| lacks("AuthenticationResult or ChallengeName"))
}

/// Reads the answer of `AssociateSoftwareToken` or `VerifySoftwareToken`.
///
/// # Errors
/// [`Code::Unknown`] when a member has another type than the service says.
pub fn parse_software_token(document: &Value) -> Result<SoftwareToken, AuthError> {
    read(document, |root| SoftwareToken {
        secret_code: text(root, "SecretCode").map(Zeroizing::new),
        status: text(root, "Status"),
        session: session(root),
    })
}

/// `CredentialCreationOptions`, as JSON.
///
/// # Errors
/// `unknown` where the response has none.
pub fn parse_passkey_options(response: &Value) -> Result<Zeroizing<String>, AuthError> {
    let options = response.get("CredentialCreationOptions").map(json::write);
    options.ok_or_else(|| {
        AuthError::new(
            Code::Unknown,
            "The service's response has no CredentialCreationOptions.",
        )
    })
}

/// Whether the user is to be asked whether to remember the device that was confirmed.
pub fn asks_to_remember(response: &Value) -> bool {
    matches!(response.get("UserConfirmationNecessary"), Some(Value::Flag(true)))
}

/// Reads `Session`, where an answer has one.
///
/// # Errors
/// [`Code::Unknown`] when it has another type than the service says.
pub fn parse_session(document: &Value) -> Result<Option<ChallengeSession>, AuthError> {
    read(document, session)
}

/// How a code travelled, `DeliveryMedium`, as the app gets it.
pub fn delivery_medium(medium: &str) -> &'static str {
    match medium {
        "SMS" => "sms",
        "EMAIL" => "email",
        _ => "unknown",
    }
}

fn session(root: &Reader<'_>) -> Option<ChallengeSession> {
    root.filled_text("Session").map(ChallengeSession::new)
}

fn new_device(metadata: &Reader<'_>) -> Option<(String, String)> {
    Some((text(metadata, "DeviceKey")?, text(metadata, "DeviceGroupKey")?))
}

fn text(section: &Reader<'_>, key: &str) -> Option<String> {
    section.filled_text(key).map(String::from)
}

pub(super) fn read<T>(document: &Value, build: impl FnOnce(&Reader<'_>) -> T) -> Result<T, AuthError> {
    json::read(document, build).map_err(|misfit| lacks(&format!("{} as {}", misfit.path, misfit.expected)))
}

fn lacks(what: &str) -> AuthError {
    AuthError::new(Code::Unknown, format!("The service's answer does not have {what}."))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::testing::read;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn tokens_are_read() {
        let json = json!({"ChallengeParameters": {}, "AuthenticationResult": {
            "AccessToken": "a", "IdToken": "i", "RefreshToken": "r", "ExpiresIn": 3600, "TokenType": "Bearer"}});
        let Ok(AuthAnswer::Tokens(result)) = parse_auth(&read(json)) else {
            panic!("no tokens")
        };
        assert_eq!((result.access.reveal(), result.id.reveal()), ("a", "i"));
        assert_eq!(result.refresh.unwrap().reveal(), "r");
        let refreshed = json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "i"}});
        assert!(matches!(
            parse_auth(&read(refreshed)),
            Ok(AuthAnswer::Tokens(AuthenticationResult { refresh: None, .. }))
        ));
    }

    #[test]
    fn a_challenge_is_read_with_its_session_and_parameters() {
        let json = json!({"ChallengeName": "PASSWORD_VERIFIER", "Session": "s", "ChallengeParameters": {"SALT": "ab"}});
        let Ok(AuthAnswer::Challenge(challenge)) = parse_auth(&read(json)) else {
            panic!("no challenge")
        };
        assert_eq!(challenge.name, "PASSWORD_VERIFIER");
        assert_eq!(challenge.session.as_ref().unwrap().reveal(), "s");
        assert_eq!(challenge.required("SALT"), Ok("ab"));
        let error = challenge.required("SRP_B").unwrap_err();
        assert!(error.message.contains("SRP_B of the challenge PASSWORD_VERIFIER"));
    }

    #[test]
    fn an_answer_that_is_neither_says_what_it_lacks() {
        for (json, lack) in [
            (json!({}), "AuthenticationResult or ChallengeName"),
            (
                json!({"AuthenticationResult": {"IdToken": "i"}}),
                "AuthenticationResult.AccessToken",
            ),
            (
                json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": 7}}),
                "AuthenticationResult.IdToken",
            ),
            (
                json!({"ChallengeName": "X", "ChallengeParameters": {"a": 1}}),
                "ChallengeParameters.a",
            ),
        ] {
            let error = parse_auth(&read(json)).unwrap_err();
            assert_eq!(error.code, Code::Unknown);
            assert!(error.message.contains(lack), "{}", error.message);
        }
    }

    proptest! {
        #[test]
        fn no_document_makes_the_readers_panic(text in any::<String>(), place in 0..3usize) {
            let value = json!(text);
            let document = read(match place {
                0 => value,
                1 => json!({ "AuthenticationResult": value }),
                _ => json!({ "ChallengeName": value, "Session": value, "ChallengeParameters": value }),
            });
            let _ = parse_auth(&document);
        }
    }
}
