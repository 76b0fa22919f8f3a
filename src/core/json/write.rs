use std::fmt;

use zeroize::Zeroizing;

use super::Value;

/// Writes one JSON object, member by member, into a buffer that is wiped when dropped.
pub struct ObjectWriter {
    text: Buffer,
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ObjectWriter([redacted])")
    }
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl ObjectWriter {
    /// Large enough for a request with a refresh token.
    const CAPACITY: usize = 6 * 1024;

    /// An object without members.
    pub fn new() -> Self {
        Self::with_capacity(Self::CAPACITY)
    }

    /// An object whose text will probably fit into `bytes`.
    pub fn with_capacity(bytes: usize) -> Self {
        let mut text = Buffer::with_capacity(bytes);
        text.push('{');
        Self { text }
    }

    /// A string.
    #[must_use]
    pub fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        push_quoted(&mut self.text, value);
        self
    }

    /// A string where there is one.
    #[must_use]
    pub fn maybe_text(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn integer(self, key: &str, value: i64) -> Self {
        self.raw(key, &value.to_string())
    }

    /// `true` or `false`.
    #[must_use]
    pub fn flag(self, key: &str, value: bool) -> Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// An object of strings.
    #[must_use]
    pub fn text_map<'a>(self, key: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let map = pairs
            .into_iter()
            .fold(Self::new(), |map, (name, value)| map.text(name, value));
        self.object(key, map)
    }

    /// A list of strings.
    #[must_use]
    pub fn texts<'a>(self, key: &str, items: impl IntoIterator<Item = &'a str>) -> Self {
        self.list(key, items, push_quoted)
    }

    /// A list of objects.
    #[must_use]
    pub fn objects(self, key: &str, items: impl IntoIterator<Item = ObjectWriter>) -> Self {
        self.list(key, items, |text, item| text.push_str(&item.finish()))
    }

    /// An object.
    #[must_use]
    pub fn object(self, key: &str, value: ObjectWriter) -> Self {
        self.raw(key, &value.finish())
    }

    /// Text that is JSON already.
    #[must_use]
    pub fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        self.text.push_str(json);
        self
    }

    /// More members under a condition.
    #[must_use]
    pub fn when(self, condition: bool, more: impl FnOnce(Self) -> Self) -> Self {
        if condition { more(self) } else { self }
    }

    /// The members of another object as well, under names that this one does not have.
    #[must_use]
    pub fn with_members_of(mut self, other: &Self) -> Self {
        if let Some(members) = other.text.0.get(1..).filter(|members| !members.is_empty()) {
            if self.text.0.len() > 1 {
                self.text.push(',');
            }
            self.text.push_str(members);
        }
        self
    }

    /// The object's text.
    pub fn finish(mut self) -> Zeroizing<String> {
        self.text.push('}');
        self.text.0
    }

    fn list<T>(mut self, key: &str, items: impl IntoIterator<Item = T>, push: impl Fn(&mut Buffer, T)) -> Self {
        self.key(key);
        self.text.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            push(&mut self.text, item);
        }
        self.text.push(']');
        self
    }

    fn key(&mut self, key: &str) {
        if self.text.0.len() > 1 {
            self.text.push(',');
        }
        push_quoted(&mut self.text, key);
        self.text.push(':');
    }
}

/// A text that is wiped when it is dropped, and also where it grows: a `String` that grows leaves its old bytes behind as
/// they are, with the tokens in them.
struct Buffer(Zeroizing<String>);

impl Buffer {
    fn with_capacity(bytes: usize) -> Self {
        Self(Zeroizing::new(String::with_capacity(bytes)))
    }

    fn push(&mut self, character: char) {
        self.reserve(character.len_utf8());
        self.0.push(character);
    }

    fn push_str(&mut self, text: &str) {
        self.reserve(text.len());
        self.0.push_str(text);
    }

    fn reserve(&mut self, bytes: usize) {
        let needed = self.0.len() + bytes;
        if needed > self.0.capacity() {
            let mut larger = Self::with_capacity(2 * needed);
            larger.0.push_str(&self.0);
            *self = larger;
        }
    }
}

/// The document's text, of numbers what a [`Value`] keeps.
pub fn write(value: &Value) -> Zeroizing<String> {
    let mut text = Buffer::with_capacity(ObjectWriter::CAPACITY);
    push_value(&mut text, value);
    text.0
}

fn push_value(text: &mut Buffer, value: &Value) {
    match value {
        Value::Null | Value::Integer(None) => text.push_str("null"),
        Value::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Integer(Some(number)) | Value::Fraction(number) => text.push_str(&number.to_string()),
        Value::Text(string) => push_quoted(text, string),
        Value::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                push_value(text, item);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, item)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                push_quoted(text, name);
                text.push(':');
                push_value(text, item);
            }
            text.push('}');
        }
    }
}

/// Writes straight into the wiped buffer; serde_json would hand back a copy of the text that is not wiped.
fn push_quoted(text: &mut Buffer, value: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{0}'..='\u{1f}' => {
                let code = character as usize;
                text.push_str("\\u00");
                for digit in [code >> 4, code & 15].into_iter().filter_map(|digit| HEX.get(digit)) {
                    text.push(*digit);
                }
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn object_that_outgrows_its_buffer_is_whole() {
        let long = "token".repeat(100);
        let object = || {
            ObjectWriter::with_capacity(2)
                .text("a", &long)
                .texts("b", [&*long, "\u{1}"])
        };
        let expected = json!({ "a": long, "b": [long, "\u{1}"] });
        assert_eq!(parsed(object()), expected);
        assert_eq!(
            parsed(ObjectWriter::with_capacity(2).object("c", object())),
            json!({ "c": expected })
        );
    }

    #[test]
    fn debug_output_holds_no_value() {
        let object = ObjectWriter::new().text("RefreshToken", "secret");
        assert_eq!(format!("{object:?}"), "ObjectWriter([redacted])");
    }

    fn parsed(writer: ObjectWriter) -> serde_json::Value {
        serde_json::from_str(&writer.finish()).unwrap()
    }

    #[test]
    fn an_object_is_written_as_it_was_described() {
        let written = ObjectWriter::new()
            .text("a", "x")
            .maybe_text("none", None)
            .integer("n", -3)
            .flag("f", true)
            .text_map("m", [("k", "v"), ("l", "w")])
            .texts("t", ["p", "q"])
            .objects("o", [ObjectWriter::new().text("i", "j"), ObjectWriter::new()]);
        assert_eq!(
            parsed(written),
            json!({"a": "x", "n": -3, "f": true, "m": {"k": "v", "l": "w"}, "t": ["p", "q"], "o": [{"i": "j"}, {}]})
        );
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(key in ".*", value in any::<String>()) {
            let written = parsed(ObjectWriter::new().text(&key, &value));
            prop_assert_eq!(written, json!({ key: value }));
        }
    }
}
