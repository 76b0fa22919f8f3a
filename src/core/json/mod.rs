//! JSON in and out. Reading names the path of what does not fit; writing makes text at once and keeps no tree,
//! so that a password in a request body lies in one buffer, which is wiped.

mod read;
mod write;

use std::ops::Deref;

use zeroize::Zeroize as _;

pub use read::{Misfit, Reader, StringMap, read};
pub use serde_json::Value;
pub use write::ObjectWriter;

/// A document that was read from a text. It may hold a password or a token, so its texts are wiped when it goes.
#[derive(Debug)]
pub struct Document(Value);

/// The document in `text`, or `None` when it is not JSON.
pub fn parse(text: &str) -> Option<Document> {
    serde_json::from_str(text).ok().map(Document)
}

impl Deref for Document {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.0
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

/// As deep as the parser lets a document be, which is 128 levels.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_wiped_to_its_last_text() {
        let mut document = parse(r#"{"a":"secret","b":["secret",{"c":"secret"}],"d":1}"#).unwrap();
        wipe(&mut document.0);
        assert_eq!(document.to_string(), r#"{"a":"","b":["",{"c":""}],"d":1}"#);
    }

    #[test]
    fn a_document_that_is_too_deep_is_refused_and_not_overflown() {
        assert!(parse(&"[".repeat(100_000)).is_none());
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse(&deep).is_none());
    }
}
