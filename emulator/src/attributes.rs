//! User attributes: what may be set, by whom, to what.

use std::collections::BTreeMap;

use crate::error::Exception;
use crate::state::{Client, PoolSettings, SchemaAttribute};

/// Attributes only an administrator sets.
const ADMIN_ONLY: [&str; 2] = ["email_verified", "phone_number_verified"];

/// Attributes whose case does not matter in a case-insensitive pool.
const FOLDED: [&str; 2] = ["email", "preferred_username"];

/// Attributes as a request gives them: names and values.
pub type Given<'a> = Vec<(&'a str, &'a str)>;

/// Who sets attributes.
#[derive(Debug, Clone, Copy)]
pub enum Writer<'a> {
    /// A user, through a client.
    Client(&'a Client),
    /// An administrator.
    Admin,
}

/// Checks attributes for a new user: what is given must be settable, and what the schema requires must be given.
pub fn for_new_user(
    settings: &PoolSettings,
    writer: Writer<'_>,
    given: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Exception> {
    let attributes = given_to_new_user(settings, writer, given)?;
    let missing: Vec<_> = required(settings)
        .into_iter()
        .filter(|name| !attributes.contains_key(name))
        .map(|name| (name, "The attribute is required".to_owned()))
        .collect();
    refuse_nonconforming(&missing)?;
    Ok(attributes)
}

/// Checks attributes for a user whom an administrator makes.
pub fn for_invitation(settings: &PoolSettings, given: &[(&str, &str)]) -> Result<BTreeMap<String, String>, Exception> {
    given_to_new_user(settings, Writer::Admin, given)
}

/// Checks attributes for a user who exists.
pub fn for_change(
    settings: &PoolSettings,
    writer: Writer<'_>,
    given: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Exception> {
    let schema = settings.attributes();
    for (name, _) in given {
        if find(&schema, name).is_some_and(|attribute| !attribute.mutable) {
            return Err(immutable(name));
        }
    }
    checked(settings, writer, given)
}

/// The attributes that the schema requires of every user, `sub` excepted.
pub fn required(settings: &PoolSettings) -> Vec<String> {
    settings
        .attributes()
        .into_iter()
        .filter(|entry| entry.required && entry.name != "sub")
        .map(|entry| entry.name)
        .collect()
}

/// A new user has no attribute that an empty value could take away, and an address of theirs is verified or it is not.
fn given_to_new_user(
    settings: &PoolSettings,
    writer: Writer<'_>,
    given: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Exception> {
    let mut attributes = checked(settings, writer, given)?;
    attributes.retain(|_, value| !value.is_empty());
    for (address, mark) in [("email", "email_verified"), ("phone_number", "phone_number_verified")] {
        if attributes.contains_key(address) {
            attributes.entry(mark.to_owned()).or_insert_with(|| false.to_string());
        }
    }
    Ok(attributes)
}

fn checked(
    settings: &PoolSettings,
    writer: Writer<'_>,
    given: &[(&str, &str)],
) -> Result<BTreeMap<String, String>, Exception> {
    let schema = settings.attributes();
    let mut attributes = BTreeMap::new();
    let mut nonconforming = Vec::new();
    for &(name, value) in given {
        let Some(attribute) = find(&schema, name) else {
            return Err(Exception::invalid_parameter(format!(
                "Attributes did not conform to the schema: Type for attribute {{{name}}} could not be determined"
            )));
        };
        if name == "sub" {
            return Err(immutable(name));
        }
        if let Writer::Client(client) = writer {
            if ADMIN_ONLY.contains(&name) {
                return Err(Exception::not_authorized(format!(
                    "Cannot modify the non-mutable attribute {name}"
                )));
            }
            if !client.settings.can_write(name) {
                return Err(Exception::not_authorized(
                    "A client attempted to write unauthorized attribute",
                ));
            }
        }
        check_address(name, value)?;
        // An empty value takes an attribute away.
        if let Some(refusal) = attribute.refusal(value).filter(|_| !value.is_empty()) {
            nonconforming.push((name.to_owned(), refusal));
        }
        let value = if FOLDED.contains(&name) {
            settings.fold(value)
        } else if ADMIN_ONLY.contains(&name) {
            value.to_lowercase()
        } else {
            value.to_owned()
        };
        attributes.insert(name.to_owned(), value);
    }
    refuse_nonconforming(&nonconforming)?;
    Ok(attributes)
}

/// Tells of each attribute what is wrong with it, all at once.
pub fn refuse_nonconforming(wrong: &[(String, String)]) -> Result<(), Exception> {
    if wrong.is_empty() {
        return Ok(());
    }
    let lines: String = wrong
        .iter()
        .map(|(name, reason)| format!("{name}: {reason}\n"))
        .collect();
    Err(Exception::invalid_parameter(format!(
        "Attributes did not conform to the schema: {lines}"
    )))
}

fn find<'a>(schema: &'a [SchemaAttribute], name: &str) -> Option<&'a SchemaAttribute> {
    schema.iter().find(|attribute| attribute.name == name)
}

fn immutable(name: &str) -> Exception {
    Exception::invalid_parameter(format!("user.{name}: Attribute cannot be updated.\n"))
}

fn check_address(name: &str, value: &str) -> Result<(), Exception> {
    match name {
        "email" if !value.is_empty() && !is_email(value) => {
            Err(Exception::invalid_parameter("Invalid email address format."))
        }
        "phone_number" if !value.is_empty() && !is_phone_number(value) => {
            Err(Exception::invalid_parameter("Invalid phone number format."))
        }
        _ => Ok(()),
    }
}

/// Something, one `@`, and a domain with a dot in it.
pub fn is_email(value: &str) -> bool {
    let Some((local, domain)) = value.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !value.contains(char::is_whitespace)
        && !domain.contains('@')
        && domain
            .split_once('.')
            .is_some_and(|(before, after)| !before.is_empty() && !after.is_empty())
}

/// E.164: a plus and digits.
pub fn is_phone_number(value: &str) -> bool {
    value
        .strip_prefix('+')
        .is_some_and(|digits| (5..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_what_only_looks_like_one() {
        assert!(is_email("alice@example.com"));
        for wrong in [
            "alice",
            "@example.com",
            "alice@",
            "alice@host",
            "a b@example.com",
            "a@b@example.com",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn phone_numbers_are_a_plus_and_digits() {
        assert!(is_phone_number("+12065551212"));
        for wrong in ["12065551212", "+1 206 555 1212", "+", "+1206x551212"] {
            assert!(!is_phone_number(wrong), "{wrong}");
        }
    }
}
