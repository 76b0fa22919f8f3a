//! Second factors: which of them a pool offers, and which of them a user has switched on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{PoolSettings, User};

/// `MfaConfiguration`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MfaConfiguration {
    /// No user is asked for a second factor.
    #[default]
    Off,
    /// Every user is; one without a factor must set one up.
    On,
    /// A user who has switched one on is.
    Optional,
}

/// A second factor, named as `UserMFASettingList` and the challenges name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MfaFactor {
    /// A code by SMS.
    SmsMfa,
    /// A code of an authenticator app.
    SoftwareTokenMfa,
    /// A code by email.
    EmailOtp,
}

/// Every second factor.
pub const MFA_FACTORS: [MfaFactor; 3] = [MfaFactor::SmsMfa, MfaFactor::SoftwareTokenMfa, MfaFactor::EmailOtp];

impl MfaFactor {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmsMfa => "SMS_MFA",
            Self::SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
            Self::EmailOtp => "EMAIL_OTP",
        }
    }

    /// The factor of this name; AWS's documents also say `EMAIL_MFA`.
    pub fn named(name: &str) -> Option<Self> {
        MFA_FACTORS
            .into_iter()
            .find(|factor| factor.as_str() == name || (name == "EMAIL_MFA" && *factor == Self::EmailOtp))
    }
}

/// `SoftwareTokenMfaConfiguration`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SoftwareTokenMfaConfiguration {
    /// Whether the pool offers it.
    pub enabled: bool,
}

/// `SmsMfaConfiguration`. Where it is there, the pool offers codes by SMS.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SmsMfaConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    sms_authentication_message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sms_configuration: Option<Value>,
}

/// `EmailMfaConfiguration`. Where it is there, the pool offers codes by email.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct EmailMfaConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Value>,
}

impl PoolSettings {
    /// The second factors that the pool offers, with MFA switched on.
    pub fn mfa_factors(&self) -> Vec<MfaFactor> {
        if self.mfa_configuration == MfaConfiguration::Off {
            return Vec::new();
        }
        MFA_FACTORS
            .into_iter()
            .filter(|factor| self.has_set_up(*factor))
            .collect()
    }

    fn has_set_up(&self, factor: MfaFactor) -> bool {
        match factor {
            MfaFactor::SmsMfa => self.sms_mfa_configuration.is_some(),
            MfaFactor::SoftwareTokenMfa => self
                .software_token_mfa_configuration
                .as_ref()
                .is_some_and(|configuration| configuration.enabled),
            MfaFactor::EmailOtp => self.email_mfa_configuration.is_some(),
        }
    }

    /// Offers these second factors and no others.
    pub fn set_mfa_factors(&mut self, factors: &[MfaFactor]) {
        let wants = |factor| factors.contains(&factor);
        self.sms_mfa_configuration =
            wants(MfaFactor::SmsMfa).then(|| self.sms_mfa_configuration.take().unwrap_or_default());
        self.software_token_mfa_configuration = Some(SoftwareTokenMfaConfiguration {
            enabled: wants(MfaFactor::SoftwareTokenMfa),
        });
        self.email_mfa_configuration =
            wants(MfaFactor::EmailOtp).then(|| self.email_mfa_configuration.take().unwrap_or_default());
    }

    /// Takes over what only SetUserPoolMfaConfig sets.
    pub fn keep_mfa_of(&mut self, before: &Self) {
        self.software_token_mfa_configuration
            .clone_from(&before.software_token_mfa_configuration);
        self.email_mfa_configuration.clone_from(&before.email_mfa_configuration);
        self.sms_mfa_configuration.clone_from(&before.sms_mfa_configuration);
        self.take_sms_for_mfa();
    }

    /// With MFA on, what CreateUserPool and UpdateUserPool are told of SMS serves the second factor too.
    pub fn take_sms_for_mfa(&mut self) {
        if self.mfa_configuration != MfaConfiguration::Off && self.sms_configuration.is_some() {
            self.sms_mfa_configuration.get_or_insert_with(|| SmsMfaConfiguration {
                sms_authentication_message: self.sms_authentication_message.clone(),
                sms_configuration: self.sms_configuration.clone(),
            });
        }
    }
}

/// The second factors that a user has switched on.
#[derive(Debug, Clone, Default)]
pub struct MfaPreference {
    /// Those switched on.
    pub enabled: BTreeSet<MfaFactor>,
    /// The one that is asked for without a choice.
    pub preferred: Option<MfaFactor>,
    /// Whether a passkey with user verification stands for a second factor too.
    pub web_authn: bool,
}

impl MfaPreference {
    /// Switches a factor on; the first one is preferred.
    pub fn enrol(&mut self, factor: MfaFactor) {
        if self.enabled.is_empty() {
            self.preferred = Some(factor);
        }
        self.enabled.insert(factor);
    }

    /// Switches a factor off.
    pub fn disable(&mut self, factor: MfaFactor) {
        self.enabled.remove(&factor);
        self.preferred = self.preferred.filter(|preferred| *preferred != factor);
    }

    /// `UserMFASettingList`.
    pub fn names(&self) -> Vec<&'static str> {
        self.enabled.iter().map(|factor| factor.as_str()).collect()
    }
}

impl User {
    /// Whether the user has what a second factor needs: a verified address, or an authenticator app that has shown a code.
    pub fn can_use(&self, factor: MfaFactor) -> bool {
        match factor {
            MfaFactor::SmsMfa => self.is_verified("phone_number"),
            MfaFactor::SoftwareTokenMfa => self.software_token.is_some(),
            MfaFactor::EmailOtp => self.is_verified("email"),
        }
    }

    /// The second factors that this user can be asked for. Where MFA is required, a user who has switched none on is asked for
    /// whatever they have.
    pub fn usable_factors(&self, settings: &PoolSettings) -> Vec<MfaFactor> {
        let takes_any = settings.mfa_configuration == MfaConfiguration::On && self.mfa.enabled.is_empty();
        settings
            .mfa_factors()
            .into_iter()
            .filter(|factor| (takes_any || self.mfa.enabled.contains(factor)) && self.can_use(*factor))
            .collect()
    }
}
