//! The password policy of a pool.

use serde::{Deserialize, Serialize};

use crate::error::Exception;

const SYMBOLS: &str = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ";

/// `Policies.PasswordPolicy`; what is not given is Cognito's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PasswordPolicy {
    /// Characters, 6 to 99.
    pub minimum_length: i64,
    /// At least one of A-Z.
    pub require_uppercase: bool,
    /// At least one of a-z.
    pub require_lowercase: bool,
    /// At least one of 0-9.
    pub require_numbers: bool,
    /// At least one symbol.
    pub require_symbols: bool,
    /// How long an invitation's password works.
    pub temporary_password_validity_days: i64,
    /// How many of a user's passwords, with the one they have, cannot be taken again; 0 to 24.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_history_size: Option<i64>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            minimum_length: 8,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            temporary_password_validity_days: 7,
            password_history_size: None,
        }
    }
}

impl PasswordPolicy {
    /// How many passwords cannot be taken again.
    pub fn history_size(&self) -> usize {
        let size = self.password_history_size.unwrap_or_default();
        usize::try_from(size).unwrap_or_default()
    }

    /// Refuses a password that does not conform, naming the first rule it breaks.
    pub fn check(&self, password: &str) -> Result<(), Exception> {
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let broken = if i64::try_from(password.chars().count()).is_ok_and(|length| length < self.minimum_length) {
            "Password not long enough"
        } else if self.require_uppercase && !has(|c| c.is_ascii_uppercase()) {
            "Password must have uppercase characters"
        } else if self.require_lowercase && !has(|c| c.is_ascii_lowercase()) {
            "Password must have lowercase characters"
        } else if self.require_numbers && !has(|c| c.is_ascii_digit()) {
            "Password must have numeric characters"
        } else if self.require_symbols && !has(|c| SYMBOLS.contains(c)) {
            "Password must have symbol characters"
        } else {
            return Ok(());
        };
        Err(Exception::new(
            "InvalidPasswordException",
            format!("Password did not conform with policy: {broken}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_broken_rule_is_named() {
        for (password, rule) in [
            ("Ab1!", "Password not long enough"),
            ("abcdefg1!", "Password must have uppercase characters"),
            ("ABCDEFG1!", "Password must have lowercase characters"),
            ("Abcdefgh!", "Password must have numeric characters"),
            ("Abcdefg12", "Password must have symbol characters"),
        ] {
            let refused = PasswordPolicy::default().check(password).unwrap_err();
            assert_eq!(refused.name, "InvalidPasswordException");
            assert_eq!(refused.message, format!("Password did not conform with policy: {rule}"));
        }
    }

    #[test]
    fn a_password_that_breaks_no_rule_conforms() {
        for password in ["Abcdefg1!", "Pass phrase 1", "Umlaut-äöü1X"] {
            assert_eq!(PasswordPolicy::default().check(password), Ok(()));
        }
    }

    #[test]
    fn a_pool_can_ask_for_less() {
        let policy: PasswordPolicy = serde_json::from_str(
            r#"{"MinimumLength":6,"RequireUppercase":false,"RequireNumbers":false,"RequireSymbols":false}"#,
        )
        .unwrap();
        assert_eq!(policy.check("simple"), Ok(()));
        assert!(policy.check("SIMPLE").is_err());
    }
}
