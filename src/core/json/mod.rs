//! JSON in and out. Reading names the path of what does not fit; writing makes text at once and keeps no tree,
//! so that a password in a request body lies in one buffer, which is wiped.

mod read;
mod write;

pub use read::{Misfit, Reader, StringMap, read};
pub use serde_json::{Map, Value};
pub use write::ObjectWriter;

/// The document in `text`, or `None` when it is not JSON.
pub fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
