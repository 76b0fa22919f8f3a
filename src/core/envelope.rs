//! What every stored text is wrapped in: `<generation> <checksum> <json>`.
//!
//! The generation grows with every write, whichever tab writes; it is the stamp by which a tab sees that another has
//! written since.

use zeroize::Zeroizing;

use super::generation;
use super::json::{self, ObjectWriter, Reader, Value};

/// The layout of everything that is stored. What has a later one is left alone.
const VERSION: i64 = 2;

/// Why a stored text cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is damaged, or none of ours.
    Damaged,
    /// An earlier version of this package wrote it, in a layout that was never published. It counts as absent.
    Older,
    /// A later version of this package wrote it.
    Newer,
}

/// The text of a document.
pub fn seal(generation: i64, document: ObjectWriter) -> Zeroizing<String> {
    let json = document.integer("version", VERSION).finish();
    let generation = generation.to_string();
    let sum = checksum(&generation, &json).to_string();
    let mut text = Zeroizing::new(String::with_capacity(json.len() + 64));
    for part in [&*generation, " ", &*sum, " ", &**json] {
        text.push_str(part);
    }
    text
}

/// The generation of a text, and what `build` reads in its document. What does not fit makes the whole of it
/// unreadable.
///
/// # Errors
/// Why it cannot be read.
pub fn open<T>(text: &str, build: impl FnOnce(&Reader<'_>) -> Option<T>) -> Result<(i64, T), Unreadable> {
    let (generation, document) = checked(text)?;
    let built = json::read(&document, build).ok().flatten();
    Ok((generation, built.ok_or(Unreadable::Damaged)?))
}

/// Apart from [`open`], so that it is compiled once.
fn checked(text: &str) -> Result<(i64, Value), Unreadable> {
    let mut parts = text.splitn(3, ' ');
    let (Some(stamp), Some(sum), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Unreadable::Damaged);
    };
    let generation = stamp.parse().map_err(|_| Unreadable::Damaged)?;
    if !generation::is_plausible(generation) || sum != checksum(stamp, json).to_string() {
        return Err(Unreadable::Damaged);
    }
    let document = json::parse(json).ok_or(Unreadable::Damaged)?;
    match json::read(&document, |root| root.integer("version")) {
        Ok(Some(VERSION)) => Ok((generation, document)),
        Ok(Some(version)) if version > VERSION => Err(Unreadable::Newer),
        Ok(Some(1)) => Err(Unreadable::Older),
        _ => Err(Unreadable::Damaged),
    }
}

/// FNV-1a: against damage, not against people.
fn checksum(stamp: &str, json: &str) -> u32 {
    let bytes = stamp.bytes().chain(json.bytes());
    bytes.fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// A text with any document in it, for tests of those who read one.
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn sealed(stamp: &str, json: &str) -> String {
    format!("{stamp} {} {json}", checksum(stamp, json))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_that_no_write_has_is_damage() {
        let opened = |stamp: i64| open(&sealed(&stamp.to_string(), r#"{"version":2}"#), |_| Some(()));
        assert_eq!(opened(7), Ok((7, ())));
        for stamp in [i64::MIN, -1, i64::MAX - 1, i64::MAX] {
            assert_eq!(opened(stamp), Err(Unreadable::Damaged), "{stamp}");
        }
    }
}
