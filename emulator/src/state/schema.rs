//! The attributes of a pool: OpenID Connect's standard claims and the pool's own, and what a value of each has to be.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::settings::{Problem, Validate};

/// The longest text of an attribute that has no bound of its own.
const LONGEST: usize = 2048;

/// One entry of `Schema`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SchemaAttribute {
    /// A standard name, or a custom one (with or without `custom:`).
    pub name: String,
    /// What its values are.
    pub attribute_data_type: DataType,
    /// Whether it can change after it is set.
    pub mutable: bool,
    /// Whether every user has it.
    pub required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    developer_only_attribute: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number_attribute_constraints: Option<NumberConstraints>,
    #[serde(skip_serializing_if = "Option::is_none")]
    string_attribute_constraints: Option<StringConstraints>,
}

/// `AttributeDataType`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Number,
    /// A date, with or without a time, as in ISO 8601.
    DateTime,
    /// `true` or `false`.
    Boolean,
}

/// `NumberAttributeConstraints`. The service takes its numbers as texts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NumberConstraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_value: Option<String>,
}

/// `StringAttributeConstraints`. The service takes its numbers as texts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct StringConstraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    min_length: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<String>,
}

impl Default for SchemaAttribute {
    fn default() -> Self {
        Self {
            name: String::new(),
            attribute_data_type: DataType::String,
            mutable: true,
            required: false,
            developer_only_attribute: None,
            number_attribute_constraints: None,
            string_attribute_constraints: None,
        }
    }
}

/// Those that every pool has.
const STANDARD_ATTRIBUTES: [(&str, DataType); 21] = [
    ("profile", DataType::String),
    ("address", DataType::String),
    ("birthdate", DataType::String),
    ("gender", DataType::String),
    ("preferred_username", DataType::String),
    ("updated_at", DataType::Number),
    ("website", DataType::String),
    ("picture", DataType::String),
    ("identities", DataType::String),
    ("sub", DataType::String),
    ("phone_number", DataType::String),
    ("phone_number_verified", DataType::Boolean),
    ("zoneinfo", DataType::String),
    ("locale", DataType::String),
    ("email", DataType::String),
    ("email_verified", DataType::Boolean),
    ("given_name", DataType::String),
    ("family_name", DataType::String),
    ("middle_name", DataType::String),
    ("name", DataType::String),
    ("nickname", DataType::String),
];

/// A date, and perhaps a time of it.
static DATE_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
    let time = r"T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?";
    Regex::new(&format!("^{date}({time})?$")).ok()
});

impl SchemaAttribute {
    /// The standard attributes as a pool has them that says nothing of them, with the bounds that the service shows.
    pub fn standard() -> Vec<Self> {
        STANDARD_ATTRIBUTES
            .into_iter()
            .map(|(name, data_type)| {
                let (min, max) = match name {
                    "birthdate" => ("10", "10"),
                    "sub" => ("1", "2048"),
                    _ => ("0", "2048"),
                };
                Self {
                    name: name.to_owned(),
                    attribute_data_type: data_type,
                    mutable: name != "sub",
                    required: name == "sub",
                    developer_only_attribute: None,
                    number_attribute_constraints: (data_type == DataType::Number).then(|| NumberConstraints {
                        min_value: Some("0".to_owned()),
                        max_value: None,
                    }),
                    string_attribute_constraints: (data_type == DataType::String).then(|| StringConstraints {
                        min_length: Some(min.to_owned()),
                        max_length: Some(max.to_owned()),
                    }),
                }
            })
            .collect()
    }

    /// What a pool says of a standard attribute; bounds that it does not give stay.
    pub fn over(&self, standard: &Self) -> Self {
        let mut own = self.clone();
        own.attribute_data_type = standard.attribute_data_type;
        let numbers = &standard.number_attribute_constraints;
        let strings = &standard.string_attribute_constraints;
        own.number_attribute_constraints = own.number_attribute_constraints.or_else(|| numbers.clone());
        own.string_attribute_constraints = own.string_attribute_constraints.or_else(|| strings.clone());
        own
    }

    /// What keeps a value from being one of this attribute.
    pub fn refusal(&self, value: &str) -> Option<String> {
        match self.attribute_data_type {
            DataType::String => self.refusal_of_text(value),
            DataType::Number => self.refusal_of_number(value),
            DataType::Boolean => {
                let is_boolean = value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false");
                (!is_boolean).then(|| "Attribute value could not be converted to boolean".to_owned())
            }
            DataType::DateTime => {
                (!is_date_time(value)).then(|| "Attribute value could not be converted to date time".to_owned())
            }
        }
    }

    fn refusal_of_text(&self, value: &str) -> Option<String> {
        let bounds = self.string_attribute_constraints.as_ref();
        let bound = |bound: Option<&String>| bound.and_then(|bound| bound.parse().ok());
        let longest = bound(bounds.and_then(|bounds| bounds.max_length.as_ref())).unwrap_or(LONGEST);
        let shortest = bound(bounds.and_then(|bounds| bounds.min_length.as_ref())).unwrap_or(0);
        let length = value.chars().count();
        if length > longest.min(LONGEST) {
            Some(format!(
                "String must be no longer than {} characters",
                longest.min(LONGEST)
            ))
        } else if length < shortest {
            Some(format!("String must be no shorter than {shortest} characters"))
        } else if self.name == "birthdate" && !is_date_time(value) {
            Some("String must be a date in the format YYYY-MM-DD".to_owned())
        } else {
            None
        }
    }

    fn refusal_of_number(&self, value: &str) -> Option<String> {
        let Ok(number) = value.parse::<i64>() else {
            return Some("Attribute value could not be converted to number".to_owned());
        };
        let bounds = self.number_attribute_constraints.as_ref();
        let bound = |bound: Option<&String>| bound.and_then(|bound| bound.parse::<i64>().ok());
        let least = bound(bounds.and_then(|bounds| bounds.min_value.as_ref()));
        let most = bound(bounds.and_then(|bounds| bounds.max_value.as_ref()));
        if let Some(most) = most.filter(|most| number > *most) {
            return Some(format!("Number must be no greater than {most}"));
        }
        least
            .filter(|least| number < *least)
            .map(|least| format!("Number must be no less than {least}"))
    }
}

impl Validate for SchemaAttribute {
    /// Finds a bound that is no number.
    fn validate(&self) -> Result<(), Problem> {
        let numbers = self.number_attribute_constraints.as_ref();
        let strings = self.string_attribute_constraints.as_ref();
        for (path, bound) in [
            (
                "NumberAttributeConstraints.MinValue",
                numbers.and_then(|bounds| bounds.min_value.as_ref()),
            ),
            (
                "NumberAttributeConstraints.MaxValue",
                numbers.and_then(|bounds| bounds.max_value.as_ref()),
            ),
            (
                "StringAttributeConstraints.MinLength",
                strings.and_then(|bounds| bounds.min_length.as_ref()),
            ),
            (
                "StringAttributeConstraints.MaxLength",
                strings.and_then(|bounds| bounds.max_length.as_ref()),
            ),
        ] {
            if bound.is_some_and(|bound| bound.parse::<i64>().is_err()) {
                return Err(Problem {
                    path: path.to_owned(),
                    problem: "expected a whole number as text".to_owned(),
                });
            }
        }
        Ok(())
    }
}

fn is_date_time(value: &str) -> bool {
    DATE_TIME.as_ref().is_some_and(|date_time| date_time.is_match(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attribute(of: Value) -> SchemaAttribute {
        serde_json::from_value(of).unwrap()
    }

    #[test]
    fn a_value_has_the_type_and_the_bounds_of_its_attribute() {
        let text =
            json!({"AttributeDataType": "String", "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "4"}});
        let number =
            json!({"AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "-1", "MaxValue": "9"}});
        let (flag, time) = (
            json!({"AttributeDataType": "Boolean"}),
            json!({"AttributeDataType": "DateTime"}),
        );
        for (of, fits, does_not) in [
            (&text, &["ab", "abcd", "\u{e9}\u{e9}"][..], &["a", "abcde"][..]),
            (&number, &["-1", "9"], &["-2", "10", "1.5", "one"]),
            (&flag, &["true", "False"], &["yes", "1"]),
            (
                &time,
                &["2026-12-31", "2026-12-31T23:59:59.5Z", "2026-12-31T23:59+01:00"],
                &["2026-13-31", "31.12.2026", "2026-12-31T24:00Z"],
            ),
        ] {
            for value in fits {
                assert_eq!(attribute(of.clone()).refusal(value), None, "{of} {value}");
            }
            for value in does_not {
                assert!(attribute(of.clone()).refusal(value).is_some(), "{of} {value}");
            }
        }
    }

    #[test]
    fn a_birthdate_is_ten_characters_and_a_date() {
        let standard = SchemaAttribute::standard();
        let birthdate = standard.iter().find(|attribute| attribute.name == "birthdate").unwrap();
        assert_eq!(birthdate.refusal("1990-01-31"), None);
        for wrong in ["1990-1-31", "31.01.1990", "1990-01-31T00:00Z"] {
            assert!(birthdate.refusal(wrong).is_some(), "{wrong}");
        }
    }
}
