//! Settings about a user's account: how a lost password is recovered, what becomes of a changed address, and whether the
//! pool can be deleted.

use serde::{Deserialize, Serialize};

use super::{MfaFactor, PoolSettings, User};
use crate::error::Exception;
use crate::settings::{Problem, Validate};

/// `AccountRecoverySetting`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AccountRecoverySetting {
    recovery_mechanisms: Vec<RecoveryMechanism>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RecoveryMechanism {
    /// 1 is tried first.
    priority: u8,
    name: RecoveryName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecoveryName {
    VerifiedEmail,
    VerifiedPhoneNumber,
    AdminOnly,
}

impl Validate for AccountRecoverySetting {
    fn validate(&self) -> Result<(), Problem> {
        let is_admin_only = |mechanism: &RecoveryMechanism| mechanism.name == RecoveryName::AdminOnly;
        if self.recovery_mechanisms.len() > 1 && self.recovery_mechanisms.iter().any(is_admin_only) {
            return Err(Problem {
                path: "RecoveryMechanisms".to_owned(),
                problem: "admin_only cannot be together with another mechanism".to_owned(),
            });
        }
        Ok(())
    }
}

/// `UserAttributeUpdateSettings`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UserAttributeUpdateSettings {
    attributes_require_verification_before_update: Vec<String>,
}

/// `DeletionProtection`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DeletionProtection {
    /// DeleteUserPool is refused.
    Active,
    /// It is not.
    #[default]
    Inactive,
}

impl PoolSettings {
    /// The attribute that a user's recovery code goes to. An address that is the user's second factor does not count:
    /// its holder would need nothing else. Without a setting, the phone number comes first, whatever the second factor.
    pub fn recovery_address(&self, user: &User) -> Result<&'static str, Exception> {
        let known = self.account_recovery_setting.as_ref();
        let mut mechanisms = known
            .map(|setting| setting.recovery_mechanisms.clone())
            .unwrap_or_default();
        mechanisms.sort_by_key(|mechanism| mechanism.priority);
        if mechanisms
            .iter()
            .any(|mechanism| mechanism.name == RecoveryName::AdminOnly)
        {
            return Err(Exception::not_authorized("Contact administrator to reset password."));
        }
        let candidates: Vec<(&'static str, MfaFactor)> = if mechanisms.is_empty() {
            vec![PHONE, EMAIL]
        } else {
            let of = |mechanism: &RecoveryMechanism| match mechanism.name {
                RecoveryName::VerifiedPhoneNumber => PHONE,
                RecoveryName::VerifiedEmail | RecoveryName::AdminOnly => EMAIL,
            };
            mechanisms
                .iter()
                .map(of)
                .filter(|(_, factor)| !user.mfa.enabled.contains(factor))
                .collect()
        };
        candidates
            .into_iter()
            .map(|(attribute, _)| attribute)
            .find(|attribute| user.attribute(attribute).is_some() && user.is_verified(attribute))
            .ok_or_else(|| {
                Exception::invalid_parameter(
                    "Cannot reset password for the user as there is no registered/verified email or phone_number",
                )
            })
    }

    /// Whether a changed address counts only once its user has shown a code from it.
    pub fn verifies_before_update(&self, attribute: &str) -> bool {
        self.user_attribute_update_settings.as_ref().is_some_and(|settings| {
            let names = &settings.attributes_require_verification_before_update;
            names.iter().any(|name| name == attribute)
        })
    }
}

const PHONE: (&str, MfaFactor) = ("phone_number", MfaFactor::SmsMfa);
const EMAIL: (&str, MfaFactor) = ("email", MfaFactor::EmailOtp);
