//! Reading a request's members, with AWS's own words for what is wrong with one.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::attributes::Given;
use crate::error::Exception;

/// What a text member must be.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    min: usize,
    max: usize,
    pattern: Option<Pattern>,
    /// Its value is left out of messages.
    secret: bool,
}

#[derive(Debug, Clone, Copy)]
struct Pattern {
    /// As AWS prints it.
    regex: &'static str,
    accepts: fn(&str) -> bool,
}

impl Text {
    const fn new(min: usize, max: usize) -> Self {
        Self {
            min,
            max,
            pattern: None,
            secret: false,
        }
    }

    const fn matching(self, regex: &'static str, accepts: fn(&str) -> bool) -> Self {
        Self {
            pattern: Some(Pattern { regex, accepts }),
            ..self
        }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }
}

/// A user's name.
pub const USERNAME: Text = Text::new(1, 128).matching(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+", |text| {
    !text.chars().any(|c| c.is_whitespace() || c.is_control())
});
/// A password.
pub const PASSWORD: Text = Text::new(0, 256)
    .matching(r"^[\S]+.*[\S]+$", |text| {
        text.is_empty()
            || (text.chars().count() > 1
                && !text.starts_with(char::is_whitespace)
                && !text.ends_with(char::is_whitespace))
    })
    .secret();
/// A client's id.
pub const CLIENT_ID: Text = Text::new(1, 128).matching(r"[\w+]+", |text| {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "_+".contains(c))
});
/// A pool's id.
pub const POOL_ID: Text = Text::new(1, 55).matching(r"[\w-]+_[0-9a-zA-Z]+", |text| {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    text.rsplit_once('_').is_some_and(|(region, name)| {
        !region.is_empty()
            && region.chars().all(word)
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    })
});
/// A code the user entered.
pub const CODE: Text = Text::new(1, 2048)
    .matching(r"[\S]+", |text| !text.contains(char::is_whitespace))
    .secret();
/// The code of an authenticator app.
pub const TOTP_CODE: Text = Text::new(6, 6)
    .matching(r"[0-9]+", |text| text.bytes().all(|byte| byte.is_ascii_digit()))
    .secret();
/// An access or refresh token.
pub const TOKEN: Text = Text::new(0, 8192)
    .matching(r"[A-Za-z0-9-_=.]+", |text| {
        text.chars().all(|c| c.is_ascii_alphanumeric() || "-_=.".contains(c))
    })
    .secret();
/// The key of a device.
pub const DEVICE_KEY: Text = Text::new(1, 55).matching(r"[\w-]+_[0-9a-f-]+", |text| {
    text.rsplit_once('_').is_some_and(|(region, id)| {
        !region.is_empty()
            && region.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
            && !id.is_empty()
            && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'))
    })
});
/// What a device calls itself.
pub const DEVICE_NAME: Text = Text::new(1, 1024);
/// The handle of a challenge.
pub const SESSION: Text = Text::new(20, 4096).secret();
/// The id of a user's session.
pub const SESSION_ID: Text = Text::new(28, 28).matching(r"(tkn|sso)[a-z0-9]{25}", |text| {
    (text.starts_with("tkn") || text.starts_with("sso"))
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
});
/// A client's secret or a hash made with it.
pub const SECRET: Text = Text::new(1, 128).secret();
/// The name of an attribute.
pub const ATTRIBUTE_NAME: Text = Text::new(1, 32);
/// Any other text.
pub const ANY: Text = Text::new(0, 131_072);

/// The members of a request.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(&'a Map<String, Value>);

impl<'a> Input<'a> {
    /// Reads these members.
    pub fn new(members: &'a Map<String, Value>) -> Self {
        Self(members)
    }

    /// The members as they are.
    pub fn members(self) -> &'a Map<String, Value> {
        self.0
    }

    /// A text that must be there.
    pub fn text(self, name: &str, text: &Text) -> Result<&'a str, Exception> {
        self.optional_text(name, text)?.ok_or_else(|| missing(name))
    }

    /// A text that may be missing.
    pub fn optional_text(self, name: &str, text: &Text) -> Result<Option<&'a str>, Exception> {
        let Some(value) = self.present(name) else {
            return Ok(None);
        };
        let value = as_text(value)?;
        let length = value.chars().count();
        let broken = if length < text.min {
            format!("have length greater than or equal to {}", text.min)
        } else if length > text.max {
            format!("have length less than or equal to {}", text.max)
        } else if let Some(pattern) = text.pattern.filter(|pattern| !(pattern.accepts)(value)) {
            format!("satisfy regular expression pattern: {}", pattern.regex)
        } else {
            return Ok(Some(value));
        };
        let shown = if text.secret {
            String::new()
        } else {
            format!("'{value}' ")
        };
        Err(Exception::invalid_parameter(format!(
            "1 validation error detected: Value {shown}at '{}' failed to satisfy constraint: Member must {broken}",
            wire_name(name)
        )))
    }

    /// A flag; false where it is missing.
    pub fn flag(self, name: &str) -> Result<bool, Exception> {
        Ok(self.optional_flag(name)?.unwrap_or_default())
    }

    /// A flag that may be missing.
    pub fn optional_flag(self, name: &str) -> Result<Option<bool>, Exception> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(wrong_type(other, "Boolean")),
        }
    }

    /// A whole number.
    pub fn number(self, name: &str) -> Result<Option<usize>, Exception> {
        match self.present(name) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
                .map(Some)
                .ok_or_else(|| wrong_type(value, "Integer")),
        }
    }

    /// How many entries of a list to send at most: all that fit on a page, where nothing or 0 is asked for.
    pub fn page_size(self, name: &str, largest: usize) -> Result<usize, Exception> {
        match self.number(name)? {
            None | Some(0) => Ok(largest),
            Some(size) if size > largest => Err(Exception::invalid_parameter(format!(
                "1 validation error detected: Value '{size}' at '{}' failed to satisfy constraint: \
                 Member must have value less than or equal to {largest}",
                wire_name(name)
            ))),
            Some(size) => Ok(size),
        }
    }

    /// JSON of any form, which must be there.
    pub fn document(self, name: &str) -> Result<&'a Value, Exception> {
        self.present(name).ok_or_else(|| missing(name))
    }

    /// A list of texts.
    pub fn texts(self, name: &str) -> Result<Vec<&'a str>, Exception> {
        self.list(name)?.iter().map(as_text).collect()
    }

    /// A map of texts, such as `AuthParameters`.
    pub fn text_map(self, name: &str) -> Result<TextMap<'a>, Exception> {
        let entries = match self.present(name) {
            None => BTreeMap::new(),
            Some(Value::Object(entries)) => entries
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| Ok((key.as_str(), as_text(value)?)))
                .collect::<Result<_, Exception>>()?,
            Some(other) => return Err(wrong_type(other, "Map")),
        };
        Ok(TextMap(entries))
    }

    /// A list of `Name` and `Value`, such as `UserAttributes`.
    pub fn attributes(self, name: &str) -> Result<Given<'a>, Exception> {
        self.structures(name)?
            .into_iter()
            .map(|entry| {
                Ok((
                    entry.text("Name", &ATTRIBUTE_NAME)?,
                    entry.optional_text("Value", &ANY)?.unwrap_or_default(),
                ))
            })
            .collect()
    }

    /// A structure, if it is there.
    pub fn structure(self, name: &str) -> Result<Option<Self>, Exception> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members))),
            Some(other) => Err(wrong_type(other, "Structure")),
        }
    }

    /// A list of structures.
    pub fn structures(self, name: &str) -> Result<Vec<Self>, Exception> {
        self.list(name)?
            .iter()
            .map(|entry| match entry {
                Value::Object(members) => Ok(Self(members)),
                other => Err(wrong_type(other, "Structure")),
            })
            .collect()
    }

    fn list(self, name: &str) -> Result<&'a [Value], Exception> {
        match self.present(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(wrong_type(other, "List")),
        }
    }

    fn present(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }
}

/// `AuthParameters` or `ChallengeResponses`.
#[derive(Debug, Clone)]
pub struct TextMap<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> TextMap<'a> {
    /// An entry, if it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).copied().filter(|value| !value.is_empty())
    }

    /// An entry that must be there.
    pub fn required(&self, name: &str) -> Result<&'a str, Exception> {
        self.get(name).ok_or_else(|| Exception::missing_parameter(name))
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries whose name begins so, without that beginning.
    pub fn with_prefix(&self, prefix: &str) -> Given<'a> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?, *value)))
            .collect()
    }
}

fn missing(name: &str) -> Exception {
    Exception::invalid_parameter(format!(
        "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
        wire_name(name)
    ))
}

fn as_text(value: &Value) -> Result<&str, Exception> {
    value.as_str().ok_or_else(|| wrong_type(value, "String"))
}

fn wrong_type(value: &Value, wanted: &str) -> Exception {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => return Exception::serialization("Start of list found where not expected"),
        Value::Object(_) => return Exception::serialization("Start of structure or map found where not expected."),
    };
    let article = if wanted == "Integer" { "an" } else { "a" };
    Exception::serialization(format!("{found} can not be converted to {article} {wanted}"))
}

/// Messages name members as AWS's own code does: `ClientId` is `clientId`.
fn wire_name(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(members: Value, read: impl Fn(Input<'_>) -> Option<Exception>) -> String {
        let Value::Object(members) = members else {
            panic!("an object")
        };
        read(Input::new(&members)).unwrap().message.into_owned()
    }

    #[test]
    fn a_missing_member_is_named_as_aws_names_it() {
        assert_eq!(
            message(json!({}), |input| input.text("ClientId", &CLIENT_ID).err()),
            "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn a_password_is_not_repeated_in_a_message() {
        assert_eq!(
            message(json!({"Password": " hunter2"}), |input| input
                .text("Password", &PASSWORD)
                .err()),
            "1 validation error detected: Value at 'password' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$"
        );
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        let long = "x".repeat(129);
        let message = message(json!({"Username": long}), |input| {
            input.text("Username", &USERNAME).err()
        });
        assert!(
            message.ends_with("Member must have length less than or equal to 128"),
            "{message}"
        );
    }

    #[test]
    fn a_number_where_text_belongs_is_a_serialization_error() {
        let members = json!({"Username": 7});
        let refused = Input::new(members.as_object().unwrap())
            .text("Username", &USERNAME)
            .unwrap_err();
        assert_eq!(
            (refused.name.as_ref(), refused.message.as_ref()),
            (
                "SerializationException",
                "NUMBER_VALUE can not be converted to a String"
            )
        );
    }
}
