//! What the service's own model says of the members of a request, and the service's words for what breaks it.
//!
//! `model.json` holds the facts of that model (botocore's `cognito-idp/2016-04-18/service-2.json`): which members there
//! are, which must be there, their bounds, patterns and names, and what is sensitive. A password is not as in that model:
//! the service answers with the pattern `^[\S]+.*[\S]+$`, and says that a blank one is as good as none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Exception;

#[derive(Debug, Deserialize)]
struct Model {
    /// The structure that each operation takes.
    operations: BTreeMap<String, String>,
    shapes: BTreeMap<String, Shape>,
}

#[derive(Debug, Deserialize)]
struct Shape {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    members: BTreeMap<String, String>,
    #[serde(default)]
    required: Vec<String>,
    /// The shape of a list's or a map's entries.
    member: Option<String>,
    min: Option<i64>,
    max: Option<i64>,
    pattern: Option<Pattern>,
    #[serde(rename = "enum", default)]
    names: Vec<String>,
    /// Whether an empty text passes, as if it were missing.
    #[serde(default)]
    blank: bool,
    /// Whether the service keeps the value out of its messages.
    #[serde(default)]
    sensitive: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Boolean,
    Structure,
    List,
    Map,
    Any,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Pattern {
    /// As the service prints it.
    text: String,
    regex: Regex,
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    /// The service's patterns are Java's: they match whole texts, and `\w` and `\s` are of ASCII.
    fn try_from(text: String) -> Result<Self, regex::Error> {
        let ascii = text
            .replace(r"[\S]", r"[^\t-\r ]")
            .replace(r"\w", "0-9A-Za-z_")
            .replace(r"\s", r"\t-\r ")
            .replace("9-_", r"9\-_");
        let regex = Regex::new(&format!("^(?:{ascii})$"))?;
        Ok(Self { text, regex })
    }
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    serde_json::from_str(include_str!("model.json")).unwrap_or_else(|_| Model {
        operations: BTreeMap::new(),
        shapes: BTreeMap::new(),
    })
});

/// Checks the members of a request as the service does before it looks at what they mean. All that is wrong is told at
/// once, but for a member of the wrong type, which cannot be read.
pub fn check(operation: &str, members: &Map<String, Value>) -> Result<(), Exception> {
    let Some(shape) = MODEL.operations.get(operation).and_then(|name| MODEL.shapes.get(name)) else {
        return Ok(());
    };
    let mut broken = Vec::new();
    check_structure(shape, members, "", &mut broken)?;
    refuse(&broken)
}

/// Checks a text that is not a member of a request of its own, such as the `USERNAME` among `AuthParameters`.
pub fn check_text(path: &str, shape: &str, text: &str) -> Result<(), Exception> {
    let mut broken = Vec::new();
    if let Some(shape) = MODEL.shapes.get(shape) {
        check_value(shape, &Value::String(text.to_owned()), path, &mut broken)?;
    }
    refuse(&broken)
}

fn refuse(broken: &[String]) -> Result<(), Exception> {
    let count = match broken.len() {
        0 => return Ok(()),
        1 => "1 validation error".to_owned(),
        several => format!("{several} validation errors"),
    };
    Err(Exception::invalid_parameter(format!(
        "{count} detected: {}",
        broken.join("; ")
    )))
}

fn check_structure(
    shape: &Shape,
    members: &Map<String, Value>,
    path: &str,
    broken: &mut Vec<String>,
) -> Result<(), Exception> {
    for (name, member) in &shape.members {
        let path = match path {
            "" => wire_name(name),
            above => format!("{above}.{}", wire_name(name)),
        };
        match members.get(name).filter(|value| !value.is_null()) {
            Some(value) => {
                if let Some(shape) = MODEL.shapes.get(member) {
                    check_value(shape, value, &path, broken)?;
                }
            }
            None if shape.required.contains(name) => {
                broken.push(format!(
                    "Value null at '{path}' failed to satisfy constraint: Member must not be null"
                ));
            }
            None => {}
        }
    }
    Ok(())
}

fn check_value(shape: &Shape, value: &Value, path: &str, broken: &mut Vec<String>) -> Result<(), Exception> {
    match (shape.kind, value) {
        (Kind::Structure, Value::Object(members)) => return check_structure(shape, members, path, broken),
        (Kind::List, Value::Array(entries)) => {
            check_size(shape, entries.len(), value, path, broken);
            return check_entries(shape, entries, value, path, broken);
        }
        (Kind::Map, Value::Object(entries)) => {
            check_size(shape, entries.len(), value, path, broken);
            for entry in entries.values().filter(|entry| !entry.is_null()) {
                check_type(entry_shape(shape), entry)?;
            }
        }
        _ => {
            check_type(Some(shape), value)?;
            let is_blank = shape.blank && value.as_str() == Some("");
            for constraint in constraints(shape) {
                if !is_blank && !constraint.holds(value) {
                    broken.push(failed(shape, value, path, &constraint.words()));
                }
            }
        }
    }
    Ok(())
}

/// Structures in a list are looked at one by one. Of a list of texts, the service shows the whole list, and all that its
/// entries have to satisfy.
fn check_entries(
    list: &Shape,
    entries: &[Value],
    value: &Value,
    path: &str,
    broken: &mut Vec<String>,
) -> Result<(), Exception> {
    let Some(shape) = entry_shape(list) else { return Ok(()) };
    for (index, entry) in entries.iter().enumerate() {
        check_type(Some(shape), entry)?;
        if let (Kind::Structure, Value::Object(members)) = (shape.kind, entry) {
            check_structure(shape, members, &format!("{path}.{}.member", index + 1), broken)?;
        }
    }
    let constraints = constraints(shape);
    let is_broken = |entry: &Value| constraints.iter().any(|constraint| !constraint.holds(entry));
    if entries.iter().any(is_broken) {
        let words: Vec<_> = constraints
            .iter()
            .map(|constraint| format!("Member must {}", constraint.words()))
            .collect();
        let words = format!("satisfy constraint: [{}]", words.join(", "));
        broken.push(failed(shape, value, path, &words));
    }
    Ok(())
}

fn check_size(shape: &Shape, size: usize, value: &Value, path: &str, broken: &mut Vec<String>) {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    if let Some(max) = shape.max.filter(|max| size > *max) {
        broken.push(failed(
            shape,
            value,
            path,
            &format!("have length less than or equal to {max}"),
        ));
    }
    if let Some(min) = shape.min.filter(|min| size < *min) {
        let words = format!("have length greater than or equal to {min}");
        broken.push(failed(shape, value, path, &words));
    }
}

fn entry_shape(shape: &Shape) -> Option<&'static Shape> {
    MODEL.shapes.get(shape.member.as_ref()?)
}

fn check_type(shape: Option<&Shape>, value: &Value) -> Result<(), Exception> {
    let wanted = match (shape.map(|shape| shape.kind), value) {
        (Some(Kind::String), Value::String(_))
        | (Some(Kind::Boolean), Value::Bool(_))
        | (Some(Kind::Structure | Kind::Map), Value::Object(_))
        | (Some(Kind::List), Value::Array(_))
        | (Some(Kind::Any) | None, _) => return Ok(()),
        (Some(Kind::Integer), Value::Number(number)) if number.is_i64() => return Ok(()),
        (Some(Kind::String), _) => "a String",
        (Some(Kind::Boolean), _) => "a Boolean",
        (Some(Kind::Integer), _) => "an Integer",
        (Some(Kind::Structure), _) => "a Structure",
        (Some(Kind::List), _) => "a List",
        (Some(Kind::Map), _) => "a Map",
    };
    Err(wrong_type(value, wanted))
}

/// A member of a type that the operation does not take.
pub fn wrong_type(value: &Value, wanted: &str) -> Exception {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        Value::Array(_) => return Exception::serialization("Start of list found where not expected"),
        Value::Object(_) => return Exception::serialization("Start of structure or map found where not expected."),
    };
    Exception::serialization(format!("{found} can not be converted to {wanted}"))
}

/// What a text or a number has to be.
enum Constraint<'a> {
    Names(&'a [String]),
    MinLength(i64),
    MaxLength(i64),
    Matches(&'a Pattern),
    MinValue(i64),
    MaxValue(i64),
}

fn constraints(shape: &Shape) -> Vec<Constraint<'_>> {
    let mut all = Vec::new();
    match shape.kind {
        Kind::String => {
            all.extend((!shape.names.is_empty()).then_some(Constraint::Names(&shape.names)));
            all.extend(shape.min.map(Constraint::MinLength));
            all.extend(shape.max.map(Constraint::MaxLength));
            all.extend(shape.pattern.as_ref().map(Constraint::Matches));
        }
        Kind::Integer => {
            all.extend(shape.min.map(Constraint::MinValue));
            all.extend(shape.max.map(Constraint::MaxValue));
        }
        Kind::Boolean | Kind::Structure | Kind::List | Kind::Map | Kind::Any => {}
    }
    all
}

impl Constraint<'_> {
    fn holds(&self, value: &Value) -> bool {
        let length = |text: &str| i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        match (self, value) {
            (Self::Names(names), Value::String(text)) => names.contains(text),
            (Self::MinLength(min), Value::String(text)) => length(text) >= *min,
            (Self::MaxLength(max), Value::String(text)) => length(text) <= *max,
            (Self::Matches(pattern), Value::String(text)) => pattern.regex.is_match(text),
            (Self::MinValue(min), value) => value.as_i64().is_none_or(|number| number >= *min),
            (Self::MaxValue(max), value) => value.as_i64().is_none_or(|number| number <= *max),
            _ => true,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Names(names) => format!("satisfy enum value set: [{}]", names.join(", ")),
            Self::MinLength(min) => format!("have length greater than or equal to {min}"),
            Self::MaxLength(max) => format!("have length less than or equal to {max}"),
            Self::Matches(pattern) => format!("satisfy regular expression pattern: {}", pattern.text),
            Self::MinValue(min) => format!("have value greater than or equal to {min}"),
            Self::MaxValue(max) => format!("have value less than or equal to {max}"),
        }
    }
}

fn failed(shape: &Shape, value: &Value, path: &str, words: &str) -> String {
    let shown = if shape.sensitive {
        String::new()
    } else {
        format!("'{}' ", shown(value))
    };
    format!("Value {shown}at '{path}' failed to satisfy constraint: Member must {words}")
}

/// A value as Java prints it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => format!("[{}]", entries.iter().map(shown).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// Messages name members as AWS's own code does: `ClientId` is `clientId`.
pub fn wire_name(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ops;

    #[test]
    fn every_operation_has_its_structure_and_every_shape_is_there() {
        for operation in ops::names() {
            let name = MODEL.operations.get(operation).unwrap_or_else(|| panic!("{operation}"));
            assert_eq!(MODEL.shapes[name].kind, Kind::Structure, "{operation}");
        }
        assert_eq!(MODEL.operations.len(), ops::names().count());
        for (name, shape) in &MODEL.shapes {
            for inner in shape.members.values().chain(&shape.member) {
                assert!(MODEL.shapes.contains_key(inner), "{name}: {inner}");
            }
        }
    }

    #[test]
    fn patterns_match_whole_texts_of_ascii_words() {
        for (shape, text, fits) in [
            ("TokenModelType", "a-b_c=.9", true),
            ("TokenModelType", "a b", false),
            ("TokenModelType", "a:b", false),
            ("ClientIdType", "abc_+1", true),
            ("ClientIdType", "caf\u{e9}", false),
            ("PasswordType", "two words", true),
            ("PasswordType", "word ", false),
            ("PasswordType", "w", false),
            ("PasswordType", "", true),
            ("UsernameType", "caf\u{e9}@example.com", true),
            ("UsernameType", "two names", false),
            ("ConfirmationCodeType", "123456", true),
            ("ConfirmationCodeType", "1 12 123", false),
            ("DeviceKeyType", "us-east-1_0a-f", true),
            ("DeviceKeyType", "laptop", false),
            ("AttributeNameType", "custom:a b", true),
        ] {
            assert_eq!(check_text("x", shape, text).is_ok(), fits, "{shape} {text:?}");
        }
    }

    #[test]
    fn what_the_model_marks_sensitive_is_not_repeated_and_the_rest_is() {
        let told = |operation: &str, request: Value| {
            let refused = check(operation, request.as_object().unwrap()).unwrap_err();
            refused.message.into_owned()
        };
        let secret = "a secret value";
        for (operation, request) in [
            (
                "SignUp",
                json!({"ClientId": secret, "Username": secret, "Password": " a secret value", "SecretHash": secret}),
            ),
            ("GetUser", json!({"AccessToken": secret})),
            ("VerifySoftwareToken", json!({"UserCode": secret, "Session": secret})),
            ("RevokeToken", json!({"Token": secret, "ClientId": secret})),
        ] {
            let told = told(operation, request);
            assert!(!told.contains(secret), "{told}");
        }
        let code = json!({"ClientId": "c", "Username": "u", "ConfirmationCode": "1 12 123"});
        assert_eq!(
            told("ConfirmSignUp", code),
            "1 validation error detected: Value '1 12 123' at 'confirmationCode' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\S]+"
        );
    }

    #[test]
    fn a_number_where_text_belongs_is_a_serialization_error() {
        let request = json!({"ClientId": "c", "Username": 7, "Password": ""});
        let refused = check("SignUp", request.as_object().unwrap()).unwrap_err();
        assert_eq!(
            (refused.name.as_ref(), refused.message.as_ref()),
            (
                "SerializationException",
                "NUMBER_VALUE can not be converted to a String"
            )
        );
    }
}
