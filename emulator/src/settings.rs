//! Reading settings that come as JSON, by request or from a file.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Exception;

/// What is wrong in a settings object, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path, such as `Policies.PasswordPolicy.MinimumLength`.
    pub path: String,
    /// What was expected.
    pub problem: String,
}

/// Settings whose values have bounds.
pub trait Validate {
    /// Finds a value out of bounds.
    fn validate(&self) -> Result<(), Problem>;

    /// The same for settings that are a member of others.
    fn validate_below(&self, member: &str) -> Result<(), Problem> {
        self.validate().map_err(|wrong| Problem {
            path: format!("{member}.{}", wrong.path),
            ..wrong
        })
    }
}

/// Refuses a number out of bounds.
pub fn in_range(path: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), Problem> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(Problem {
        path: path.to_owned(),
        problem: format!("expected {} to {}", range.start(), range.end()),
    })
}

/// Reads settings from a request. Members that are not settings are left alone, as AWS does.
pub fn read_settings<T: DeserializeOwned + Validate>(members: &Map<String, Value>) -> Result<T, Exception> {
    let (settings, _) = read(members).map_err(|Problem { path, problem }| {
        Exception::invalid_parameter(format!(
            "1 validation error detected: Value at '{path}' failed to satisfy constraint: {problem}"
        ))
    })?;
    Ok(settings)
}

/// Reads settings and lists the paths of the members that nothing asked for.
pub fn read<T: DeserializeOwned + Validate>(members: &Map<String, Value>) -> Result<(T, Vec<String>), Problem> {
    let present: Map<String, Value> = members
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut unknown = Vec::new();
    let mut track = serde_path_to_error::Track::new();
    let value = Value::Object(present);
    let deserializer = serde_path_to_error::Deserializer::new(&value, &mut track);
    let settings: Result<T, _> = serde_ignored::deserialize(deserializer, |path| unknown.push(path.to_string()));
    let settings = settings.map_err(|error| Problem {
        path: track.path().to_string(),
        problem: error.to_string(),
    })?;
    settings.validate()?;
    Ok((settings, unknown))
}
