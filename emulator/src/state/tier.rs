//! Feature plans: what a pool may have in which.

use serde::{Deserialize, Serialize};

use super::{FirstFactor, PoolSettings};
use crate::error::Exception;

/// `UserPoolTier`, the cheapest first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Tier {
    /// Lite.
    Lite,
    /// Essentials, what a new pool has at AWS.
    #[default]
    Essentials,
    /// Plus.
    Plus,
}

impl Tier {
    fn as_str(self) -> &'static str {
        match self {
            Self::Lite => "LITE",
            Self::Essentials => "ESSENTIALS",
            Self::Plus => "PLUS",
        }
    }
}

impl PoolSettings {
    /// Refuses what is switched on and needs a better plan.
    pub fn refuse_beyond_tier(&self) -> Result<(), Exception> {
        let is_passwordless = |factor: &FirstFactor| *factor != FirstFactor::Password;
        let factors = &self.policies.sign_in_policy.allowed_first_auth_factors;
        let beyond: Vec<_> = [
            (
                "Passwordless Sign-In",
                Tier::Essentials,
                factors.iter().any(is_passwordless),
            ),
            ("Email MFA", Tier::Essentials, self.email_mfa_configuration.is_some()),
            (
                "Password History",
                Tier::Essentials,
                self.policies.password_policy.history_size() > 0,
            ),
            ("Threat Protection", Tier::Plus, self.has_threat_protection()),
        ]
        .into_iter()
        .filter(|(_, needed, is_on)| *is_on && self.user_pool_tier < *needed)
        .map(|(feature, ..)| feature)
        .collect();
        if beyond.is_empty() {
            return Ok(());
        }
        Err(unavailable(format!(
            "The following features need to be disabled for the {} pricing tier configured: {}",
            self.user_pool_tier.as_str(),
            beyond.join(", ")
        )))
    }

    /// Refuses the flow USER_AUTH where the plan does not have it.
    pub fn refuse_choice_beyond_tier(&self) -> Result<(), Exception> {
        if self.user_pool_tier >= Tier::Essentials {
            return Ok(());
        }
        Err(unavailable(format!(
            "The following feature is not available for the {} pricing tier configured: Choice-Based Sign-In",
            self.user_pool_tier.as_str()
        )))
    }

    fn has_threat_protection(&self) -> bool {
        let mode = self
            .user_pool_add_ons
            .as_ref()
            .and_then(|add_ons| add_ons.get("AdvancedSecurityMode")?.as_str());
        mode.is_some_and(|mode| mode != "OFF")
    }
}

fn unavailable(message: String) -> Exception {
    Exception::new("FeatureUnavailableInTierException", message)
}
