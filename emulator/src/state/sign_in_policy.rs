//! How users of a pool may begin to sign in: `SignInPolicy`, and the script that stands for the triggers of CUSTOM_AUTH.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::passkeys::WebAuthnConfiguration;
use super::{MfaConfiguration, PoolSettings, User};

/// A first factor, as `AllowedFirstAuthFactors` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FirstFactor {
    /// A password, proven by SRP or sent.
    Password,
    /// A code by email.
    EmailOtp,
    /// A code by SMS.
    SmsOtp,
    /// A passkey.
    WebAuthn,
}

/// `SignInPolicy`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SignInPolicy {
    /// What users may begin with.
    pub allowed_first_auth_factors: Vec<FirstFactor>,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            allowed_first_auth_factors: vec![FirstFactor::Password],
        }
    }
}

/// One question of a scripted CUSTOM_AUTH.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomQuestion {
    /// `ChallengeParameters`, beside the user's name.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// The one right `ANSWER`.
    pub answer: String,
}

/// What a `SELECT_CHALLENGE` offers, as `AvailableChallenges` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// A password that is sent.
    Password,
    /// A password that is proven.
    PasswordSrp,
    /// A code by email.
    EmailOtp,
    /// A code by SMS.
    SmsOtp,
    /// A passkey.
    WebAuthn,
}

const CHOICES: [Choice; 5] = [
    Choice::Password,
    Choice::PasswordSrp,
    Choice::EmailOtp,
    Choice::SmsOtp,
    Choice::WebAuthn,
];

impl Choice {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "PASSWORD",
            Self::PasswordSrp => "PASSWORD_SRP",
            Self::EmailOtp => "EMAIL_OTP",
            Self::SmsOtp => "SMS_OTP",
            Self::WebAuthn => "WEB_AUTHN",
        }
    }

    /// The choice of this name.
    pub fn named(name: &str) -> Option<Self> {
        CHOICES.into_iter().find(|choice| choice.as_str() == name)
    }

    fn factor(self) -> FirstFactor {
        match self {
            Self::Password | Self::PasswordSrp => FirstFactor::Password,
            Self::EmailOtp => FirstFactor::EmailOtp,
            Self::SmsOtp => FirstFactor::SmsOtp,
            Self::WebAuthn => FirstFactor::WebAuthn,
        }
    }
}

impl PoolSettings {
    /// Whether users may begin with this.
    pub fn begins_with(&self, factor: FirstFactor) -> bool {
        self.policies
            .sign_in_policy
            .allowed_first_auth_factors
            .contains(&factor)
    }

    /// Whether a user needs no password: one can begin with something that is sent to them.
    pub fn allows_no_password(&self) -> bool {
        self.begins_with(FirstFactor::EmailOtp) || self.begins_with(FirstFactor::SmsOtp)
    }

    /// What a user can begin with, or a name without a user. A second factor and a first one without a password exclude each
    /// other, as at AWS; only a passkey that counts as both goes with it.
    pub fn choices(&self, user: Option<&User>) -> Vec<Choice> {
        let has_mfa = self.mfa_configuration == MfaConfiguration::On
            || user.is_some_and(|user| !user.usable_factors(self).is_empty());
        CHOICES
            .into_iter()
            .filter(|choice| self.begins_with(choice.factor()))
            .filter(|choice| match choice.factor() {
                FirstFactor::Password => true,
                FirstFactor::EmailOtp | FirstFactor::SmsOtp => !has_mfa,
                FirstFactor::WebAuthn => !has_mfa || user.is_some_and(|user| self.takes_passkey_for_both(user)),
            })
            .filter(|choice| match (choice.factor(), user) {
                // A name without a user is treated like a user with a password and an address.
                (factor, None) => matches!(factor, FirstFactor::Password | FirstFactor::EmailOtp),
                (FirstFactor::Password, Some(user)) => user.password.is_some(),
                (FirstFactor::EmailOtp, Some(user)) => user.attribute("email").is_some(),
                (FirstFactor::SmsOtp, Some(user)) => user.attribute("phone_number").is_some(),
                (FirstFactor::WebAuthn, Some(user)) => self.has_passkey(user),
            })
            .collect()
    }

    fn has_passkey(&self, user: &User) -> bool {
        self.web_authn_configuration
            .as_ref()
            .is_some_and(|configuration| user.passkeys.any_for(configuration.relying_party()))
    }

    /// Whether a passkey with user verification is this user's first and second factor in one.
    pub fn takes_passkey_for_both(&self, user: &User) -> bool {
        user.mfa.web_authn && self.allows_passkey_for_both()
    }

    /// Whether users may have it so.
    pub fn allows_passkey_for_both(&self) -> bool {
        self.web_authn_configuration
            .as_ref()
            .is_some_and(WebAuthnConfiguration::counts_as_two_factors)
    }
}
