//! The `Filter` of ListUsers: `attribute = "value"`, or `^=` for a beginning.

use crate::error::Exception;
use crate::state::User;

const SEARCHABLE: [&str; 10] = [
    "username",
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "cognito:user_status",
    "status",
    "sub",
];

/// A parsed filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    attribute: String,
    value: String,
    is_prefix: bool,
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, Exception> {
        let malformed = || Exception::invalid_parameter(format!("One or more filter parameters are incorrect: {text}"));
        let (left, value) = text.split_once('=').ok_or_else(malformed)?;
        let (attribute, is_prefix) = match left.trim_end().strip_suffix('^') {
            Some(attribute) => (attribute, true),
            None => (left, false),
        };
        let attribute = attribute.trim().trim_matches('"').to_owned();
        let value = value
            .trim()
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .ok_or_else(malformed)?;
        if !SEARCHABLE.contains(&attribute.as_str()) {
            return Err(malformed());
        }
        Ok(Self {
            attribute,
            value: value.replace("\\\"", "\""),
            is_prefix,
        })
    }

    /// Whether a user passes.
    pub fn matches(&self, user: &User) -> bool {
        let value = match self.attribute.as_str() {
            "username" => Some(user.username.as_str()),
            "cognito:user_status" => Some(user.status.as_str()),
            "status" => Some(if user.enabled { "Enabled" } else { "Disabled" }),
            name => user.attribute(name),
        };
        value.is_some_and(|value| {
            if self.is_prefix {
                value.starts_with(&self.value)
            } else {
                value == self.value
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::UserStatus;

    #[test]
    fn users_are_found_by_a_value_or_its_beginning() {
        let mut user = User::new("id".into(), "alice".into(), UserStatus::Confirmed, 0);
        user.attributes.insert("email".into(), "alice@example.com".into());
        for found in [
            r#"email = "alice@example.com""#,
            r#"email ^= "alice""#,
            r#"username="alice""#,
            r#"status = "Enabled""#,
            r#"cognito:user_status = "CONFIRMED""#,
            r#""email"="alice@example.com""#,
        ] {
            assert!(Filter::parse(found).unwrap().matches(&user), "{found}");
        }
        assert!(!Filter::parse(r#"email = "alice""#).unwrap().matches(&user));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in ["email", "email = alice", "shoe_size = \"42\"", "= \"x\""] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
    }
}
