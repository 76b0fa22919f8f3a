//! What a pending challenge asks.

use zeroize::Zeroizing;

use super::challenge_name::{MfaSetup, OpenChallenge};
use super::pending::PendingChallenge;

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
    /// `None` for a choice of nothing, and for a passkey without a request.
    pub fn of(pending: &PendingChallenge) -> Option<Self> {
        Some(match &pending.challenge {
            OpenChallenge::SmsMfa => Self::SmsMfa(delivery(pending, "SMS")),
            OpenChallenge::SmsOtp => Self::SmsOtp(delivery(pending, "SMS")),
            OpenChallenge::EmailOtp => Self::EmailOtp(delivery(pending, "EMAIL")),
            OpenChallenge::SoftwareTokenMfa => {
                let name = pending
                    .parameter("FRIENDLY_DEVICE_NAME")
                    .filter(|name| !name.is_empty());
                Self::SoftwareTokenMfa(name.map(String::from))
            }
            OpenChallenge::SelectMfaType => Self::SelectMfaType(non_empty(pending.names("MFAS_CAN_CHOOSE"))?),
            OpenChallenge::MfaSetup(MfaSetup::App(secret) | MfaSetup::AppVerified(secret)) => {
                Self::SetUpSoftwareToken(SecretCode {
                    secret_code: secret.to_string(),
                    username: pending.typed.as_str().into(),
                })
            }
            OpenChallenge::MfaSetup(MfaSetup::Email) => Self::SetUpEmail,
            OpenChallenge::MfaSetup(MfaSetup::Choice) => {
                Self::SelectMfaSetup(pending.setup_choices().into_iter().map(String::from).collect())
            }
            OpenChallenge::SelectChallenge(None) => Self::SelectChallenge(non_empty(pending.available.clone())?),
            OpenChallenge::SelectChallenge(Some(_)) | OpenChallenge::Password(_) => Self::Password,
            OpenChallenge::WebAuthn => pending.credential_request().map(|_| Self::WebAuthn)?,
            OpenChallenge::NewPasswordRequired => {
                let strip = |name: String| name.strip_prefix("userAttributes.").map(String::from).unwrap_or(name);
                Self::NewPassword {
                    required_attributes: pending.names("requiredAttributes").into_iter().map(strip).collect(),
                    user_attributes: user_attributes(pending),
                }
            }
            OpenChallenge::Custom => Self::Custom(pending.parameters.clone()),
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
