//! Reading a request's members, once `model` has found nothing wrong with them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::attributes::Given;
use crate::error::Exception;
use crate::model::{self, wire_name, wrong_type};

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
    pub fn text(self, name: &str) -> Result<&'a str, Exception> {
        self.optional_text(name)?.ok_or_else(|| missing(name))
    }

    /// A text that may be missing.
    pub fn optional_text(self, name: &str) -> Result<Option<&'a str>, Exception> {
        self.present(name).map(as_text).transpose()
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
            Some(other) => Err(wrong_type(other, "a Boolean")),
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
                .ok_or_else(|| wrong_type(value, "an Integer")),
        }
    }

    /// How many entries of a list to send at most: all that fit on a page, where nothing or 0 is asked for.
    pub fn page_size(self, name: &str, largest: usize) -> Result<usize, Exception> {
        match self.number(name)? {
            None | Some(0) => Ok(largest),
            Some(size) => Ok(size.min(largest)),
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
            Some(other) => return Err(wrong_type(other, "a Map")),
        };
        Ok(TextMap(entries))
    }

    /// A list of `Name` and `Value`, such as `UserAttributes`.
    pub fn attributes(self, name: &str) -> Result<Given<'a>, Exception> {
        self.structures(name)?
            .into_iter()
            .map(|entry| Ok((entry.text("Name")?, entry.optional_text("Value")?.unwrap_or_default())))
            .collect()
    }

    /// A structure, if it is there.
    pub fn structure(self, name: &str) -> Result<Option<Self>, Exception> {
        match self.present(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members))),
            Some(other) => Err(wrong_type(other, "a Structure")),
        }
    }

    /// A list of structures.
    pub fn structures(self, name: &str) -> Result<Vec<Self>, Exception> {
        self.list(name)?
            .iter()
            .map(|entry| match entry {
                Value::Object(members) => Ok(Self(members)),
                other => Err(wrong_type(other, "a Structure")),
            })
            .collect()
    }

    fn list(self, name: &str) -> Result<&'a [Value], Exception> {
        match self.present(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) => Ok(list),
            Some(other) => Err(wrong_type(other, "a List")),
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

    /// `USERNAME`, which must be there and look like a user's name.
    pub fn username(&self) -> Result<&'a str, Exception> {
        let name = self.required("USERNAME")?;
        model::check_text("username", "UsernameType", name)?;
        Ok(name)
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
    value.as_str().ok_or_else(|| wrong_type(value, "a String"))
}
