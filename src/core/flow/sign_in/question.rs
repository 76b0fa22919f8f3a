//! What a pending challenge asks.

use super::pending::{PendingChallenge, VERIFIED};
use zeroize::Zeroizing;

use crate::core::api::user_pool::CodeDelivery;
use crate::core::json::{self, Reader, StringMap};
use crate::core::totp;

/// What a challenge asks the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// `SMS_MFA`: the code that was sent there.
    SmsMfa(CodeDelivery),
    /// `SOFTWARE_TOKEN_MFA`: the code of an authenticator app, which has this name.
    SoftwareTokenMfa(Option<String>),
    /// `EMAIL_OTP`.
    EmailOtp(CodeDelivery),
    /// `SMS_OTP`.
    SmsOtp(CodeDelivery),
    /// `SELECT_MFA_TYPE`: one of these.
    SelectMfaType(Vec<String>),
    /// `MFA_SETUP`: which of these to set up.
    SelectMfaSetup(Vec<String>),
    /// `MFA_SETUP`: the code of an authenticator app that has this secret.
    SetUpSoftwareToken(SecretCode),
    /// `MFA_SETUP`: an e-mail address.
    SetUpEmail,
    /// `SELECT_CHALLENGE`: one of these.
    SelectChallenge(Vec<String>),
    /// `PASSWORD`, `PASSWORD_SRP`, or one of the two chosen.
    Password,
    /// `WEB_AUTHN`: a passkey.
    WebAuthn,
    /// `NEW_PASSWORD_REQUIRED`: a password of the user's own, and the attributes the pool requires.
    NewPassword {
        /// Names without the wire's prefix.
        required_attributes: Vec<String>,
        /// What the pool knows already.
        user_attributes: StringMap,
    },
    /// `CUSTOM_CHALLENGE`, with the parameters of the pool's own making.
    Custom(StringMap),
}

/// What an authenticator app makes its codes from, and whose it is. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretCode {
    /// `SecretCode`.
    pub secret_code: String,
    /// Whose account.
    pub username: String,
}

impl SecretCode {
    /// What an authenticator app reads from a QR code.
    pub fn uri(&self, issuer: &str) -> Zeroizing<String> {
        totp::setup_uri(issuer, &self.username, &self.secret_code)
    }
}

impl std::fmt::Debug for SecretCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretCode([redacted])")
    }
}

impl Question {
    /// `None` for a challenge that this version has no answer to, and for a choice of nothing.
    pub fn of(pending: &PendingChallenge) -> Option<Self> {
        let chosen = pending.chosen.as_deref();
        Some(match (&*pending.name, chosen) {
            ("SMS_MFA", _) => Self::SmsMfa(delivery(pending, "SMS")),
            ("SMS_OTP", _) => Self::SmsOtp(delivery(pending, "SMS")),
            ("EMAIL_OTP", _) => Self::EmailOtp(delivery(pending, "EMAIL")),
            ("SOFTWARE_TOKEN_MFA", _) => {
                let name = pending
                    .parameter("FRIENDLY_DEVICE_NAME")
                    .filter(|name| !name.is_empty());
                Self::SoftwareTokenMfa(name.map(String::from))
            }
            ("SELECT_MFA_TYPE", _) => Self::SelectMfaType(non_empty(pending.names("MFAS_CAN_CHOOSE"))?),
            ("MFA_SETUP", Some("SOFTWARE_TOKEN_MFA" | VERIFIED)) => Self::SetUpSoftwareToken(SecretCode {
                secret_code: pending
                    .secret_code
                    .as_ref()
                    .map(|secret| secret.to_string())
                    .unwrap_or_default(),
                username: pending.typed.as_str().into(),
            }),
            ("MFA_SETUP", Some(_)) => Self::SetUpEmail,
            ("MFA_SETUP", None) => {
                Self::SelectMfaSetup(pending.setup_choices().into_iter().map(String::from).collect())
            }
            ("SELECT_CHALLENGE", None) => Self::SelectChallenge(non_empty(pending.available.clone())?),
            ("SELECT_CHALLENGE" | "PASSWORD" | "PASSWORD_SRP", _) => Self::Password,
            ("WEB_AUTHN", _) => pending.credential_request().map(|_| Self::WebAuthn)?,
            ("NEW_PASSWORD_REQUIRED", _) => {
                let strip = |name: String| name.strip_prefix("userAttributes.").map(String::from).unwrap_or(name);
                Self::NewPassword {
                    required_attributes: pending.names("requiredAttributes").into_iter().map(strip).collect(),
                    user_attributes: user_attributes(pending),
                }
            }
            ("CUSTOM_CHALLENGE", _) => Self::Custom(pending.parameters.clone()),
            _ => return None,
        })
    }
}

fn non_empty(choices: Vec<String>) -> Option<Vec<String>> {
    Some(choices).filter(|choices| !choices.is_empty())
}

fn delivery(pending: &PendingChallenge, medium: &str) -> CodeDelivery {
    let named = pending.parameter("CODE_DELIVERY_DELIVERY_MEDIUM");
    CodeDelivery {
        medium: named.unwrap_or(medium).into(),
        destination: pending.parameter("CODE_DELIVERY_DESTINATION").map(String::from),
    }
}

fn user_attributes(pending: &PendingChallenge) -> StringMap {
    let attributes = pending.parameter("userAttributes").and_then(json::parse);
    let texts = |attributes: &Reader<'_>| {
        let texts = attributes.members().iter();
        texts
            .filter_map(|(name, value)| Some((name.clone(), value.as_text()?.into())))
            .collect()
    };
    attributes
        .and_then(|attributes| json::read(&attributes, texts).ok())
        .unwrap_or_default()
}
