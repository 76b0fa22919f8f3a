//! Reading the options of a call: what every call has in common.

use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Misfit, Reader, Value};
use crate::core::limits::{MAX_TEXT_BYTES, MAX_TIMER};
use crate::core::names::Username;
use crate::ports::{Millis, StorageKind};

pub(super) fn read<T>(call: &str, text: &str, known: &[&str], build: fn(&Reader<'_>) -> T) -> Result<T, AuthError> {
    let document = checked(call, text, known)?;
    json::read(&document, build).map_err(|misfit| explain(call, misfit))
}

/// For a call that has no options but its signal, which stays in JavaScript.
///
/// # Errors
/// `invalidParameter`, naming what was given all the same.
pub fn none(call: &str, text: &str) -> Result<(), AuthError> {
    checked(call, text, &[]).map(drop)
}

/// The document, once all its members are known. Apart from [`read`], so that it is compiled once.
pub(in crate::engine) fn checked(call: &str, text: &str, known: &[&str]) -> Result<Value, AuthError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(refuse(format!(
            "{call}() takes options of at most {} bytes as JSON, and was given {}.",
            MAX_TEXT_BYTES,
            text.len()
        )));
    }
    let document = json::parse(text).ok_or_else(|| refuse(format!("{call}() takes an object of options.")))?;
    let unknown = json::read(&document, |options| {
        options.keys().find(|key| !known.contains(key)).map(String::from)
    });
    match unknown {
        Ok(None) => Ok(document),
        Ok(Some(unknown)) if known.is_empty() => Err(refuse(format!(
            "{call}() has no option `{unknown}`, and no other than `signal`."
        ))),
        Ok(Some(unknown)) => Err(refuse(format!(
            "{call}() has no option `{unknown}`. Its options are {}.",
            json::join(known, ", ")
        ))),
        Err(misfit) => Err(explain(call, misfit)),
    }
}

pub(in crate::engine) fn explain(call: &str, Misfit { path, expected, found }: Misfit) -> AuthError {
    refuse(if path.is_empty() {
        format!("{call}() takes an object of options, and was given {found}.")
    } else {
        format!("{call}() needs `{path}` to be {expected}; it is {found}.")
    })
}

fn refuse(message: String) -> AuthError {
    AuthError::new(Code::InvalidParameter, message)
}

pub(super) fn milliseconds(options: &Reader<'_>, key: &str) -> Option<Millis> {
    within(options, key, "whole milliseconds from 0 to 2147483647")
}

/// A time that a timer of the browser could hold.
pub(super) fn within(options: &Reader<'_>, key: &str, expected: &'static str) -> Option<i64> {
    options.integer_within(key, 0..=MAX_TIMER, expected)
}

pub(super) fn username(options: &Reader<'_>) -> Username {
    Username::new(options.required_filled_text("username"))
}

/// A text that may not be empty where it is given.
pub(super) fn filled<'a>(options: &Reader<'a>, key: &str) -> Option<&'a str> {
    options.has(key).then(|| options.required_filled_text(key))
}

/// A store by its name. An object of the app's own is given as such, and has no name.
pub(super) fn storage(options: &Reader<'_>) -> Option<StorageKind> {
    let name = options.text("storage")?;
    let kind = StorageKind::named(name).filter(|kind| *kind != StorageKind::Custom);
    if kind.is_none() {
        options.refuse(
            "storage",
            "indexedDB, localStorage, sessionStorage or memory",
            "a different string",
        );
    }
    kind
}
