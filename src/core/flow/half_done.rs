//! What a half-done sign-in and a half-done sign-up have in common where they are stored.

use zeroize::Zeroizing;

use crate::core::envelope;
use crate::core::json::ObjectWriter;

/// When the stored conversation last went on; `None` where none is stored.
pub fn asked_at(text: &str) -> Option<i64> {
    envelope::open(text, |root| root.integer("askedAt"))
        .ok()
        .map(|(_, asked_at)| asked_at)
}

/// What is stored once nothing is half done any more.
pub fn nothing(generation: i64) -> Zeroizing<String> {
    envelope::seal(generation, ObjectWriter::with_capacity(64))
}
