use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use super::Value;

/// Names and texts in the order of the document.
pub type StringMap = Vec<(String, String)>;

/// The deepest section of any document that is read; a deeper one would lose the last names of its path.
const DEPTH: usize = 5;

/// A value that is not what its place asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Where: member names joined by dots.
    pub path: String,
    /// What the place asks for, as in "expected a string".
    pub expected: &'static str,
    /// What stands there, without its content.
    pub found: &'static str,
}

/// Reads a document. What does not fit does not stop the reading: the first misfit is remembered, and is the
/// result in the end. So the code that reads is as flat as the document, and small.
///
/// # Errors
/// The first [`Misfit`].
pub fn read<T>(document: &Value, build: impl FnOnce(&Reader<'_>) -> T) -> Result<T, Misfit> {
    let misfit = RefCell::new(None);
    let read = build(&Reader::at(Some(document), [""; DEPTH], &misfit));
    match misfit.into_inner() {
        None => Ok(read),
        Some(misfit) => Err(misfit),
    }
}

/// An object of a document, with the path that leads to it.
///
/// A member that is absent or `null` reads as `None`; so does one of another type, which is then the misfit.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    object: Option<&'a Value>,
    // Names, and not a text: a path is only wanted for a misfit, and most documents have none.
    path: [&'a str; DEPTH],
    misfit: &'a RefCell<Option<Misfit>>,
}

impl<'a> Reader<'a> {
    fn at(value: Option<&'a Value>, path: [&'a str; DEPTH], misfit: &'a RefCell<Option<Misfit>>) -> Self {
        let object = value.filter(|value| matches!(value, Value::Object(_)));
        let reader = Self { object, path, misfit };
        if let (None, Some(value)) = (object, value) {
            reader.remember(join(&path, "."), "an object", kind(value));
        }
        reader
    }

    /// Whether the member is there and not `null`.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The members' names.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.members().iter().map(|(key, _)| key.as_str())
    }

    /// The members, each once if the document names none twice.
    pub fn members(&self) -> &'a [(String, Value)] {
        match self.object {
            Some(Value::Object(members)) => members,
            _ => &[],
        }
    }

    /// The object at `key`; one without members where there is none.
    pub fn section(&self, key: &'a str) -> Reader<'a> {
        Reader::at(self.get(key), self.path_to(key), self.misfit)
    }

    /// A string.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.member(key, "a string", Value::as_text)
    }

    /// A string that has characters; the empty string reads as `None`.
    pub fn filled_text(&self, key: &str) -> Option<&'a str> {
        self.text(key).filter(|text| !text.is_empty())
    }

    /// A string that must be there.
    pub fn required_text(&self, key: &str) -> &'a str {
        if !self.has(key) {
            self.refuse(key, "a string", "missing");
        }
        self.text(key).unwrap_or_default()
    }

    /// A string that must be there and have characters.
    pub fn required_filled_text(&self, key: &str) -> &'a str {
        let text = self.required_text(key);
        if text.is_empty() {
            self.refuse(key, "a string with characters", "empty");
        }
        text
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.member(key, "true or false", |value| match value {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        })
    }

    /// A number, cut off at its point: a service's times may have fractions of a second.
    pub fn integer(&self, key: &str) -> Option<i64> {
        self.member(key, "a whole number", |value| match value {
            Value::Integer(number) => *number,
            Value::Fraction(number) => Some(*number),
            _ => None,
        })
    }

    /// A whole number in this range, and no other.
    pub fn integer_within(&self, key: &str, range: RangeInclusive<i64>, expected: &'static str) -> Option<i64> {
        let found = match self.get(key)? {
            Value::Integer(Some(number)) if range.contains(number) => return Some(*number),
            Value::Integer(_) => "outside of that",
            other => kind(other),
        };
        self.refuse(key, expected, found);
        None
    }

    /// A list of strings; an empty one where there is none.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let items = self.member(key, "a list of strings", Value::as_list);
        let mut texts = Vec::new();
        for item in items.into_iter().flatten() {
            match item.as_text() {
                Some(text) => texts.push(text.into()),
                None => self.refuse(key, "a list of strings", "a list"),
            }
        }
        texts
    }

    /// A list of objects; an empty one where there is none.
    pub fn objects(&self, key: &'a str) -> Vec<Reader<'a>> {
        let items = self.member(key, "a list of objects", Value::as_list);
        let path = self.path_to(key);
        let object = |item| Reader::at(Some(item), path, self.misfit);
        items.into_iter().flatten().map(object).collect()
    }

    /// An object whose members are all strings; an empty one where there is none. In one pass, for it may be long.
    pub fn text_map(&self, key: &'a str) -> StringMap {
        let map = self.section(key);
        if has_twice(map.keys()) {
            self.refuse(key, "an object", "one that names a member twice");
        }
        let mut texts = StringMap::with_capacity(map.members().len());
        for (name, value) in map.members() {
            match value.as_text() {
                Some(text) => texts.push((name.clone(), text.into())),
                None => map.refuse(name, "a string", kind(value)),
            }
        }
        texts
    }

    /// The member as it is.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| !matches!(value, Value::Null))
    }

    /// Remembers that the member does not fit.
    pub fn refuse(&self, key: &str, expected: &'static str, found: &'static str) {
        let mut path = join(&self.path, ".");
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        self.remember(path, expected, found);
    }

    fn path_to(&self, key: &'a str) -> [&'a str; DEPTH] {
        let mut path = self.path;
        if let Some(end) = path.iter_mut().find(|name| name.is_empty()) {
            *end = key;
        }
        path
    }

    fn remember(&self, path: String, expected: &'static str, found: &'static str) {
        self.misfit.borrow_mut().get_or_insert(Misfit { path, expected, found });
    }

    fn member<T>(&self, key: &str, expected: &'static str, as_type: fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let read = as_type(value);
        if read.is_none() {
            self.refuse(key, expected, kind(value));
        }
        read
    }
}

/// Whether a name stands twice among these.
pub fn has_twice<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    let mut seen = BTreeSet::new();
    !names.into_iter().all(|name| seen.insert(name))
}

/// The names that are not empty. The standard library's `join` costs three times the bytes.
pub fn join(names: &[&str], separator: &str) -> String {
    let mut joined = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        if !joined.is_empty() {
            joined.push_str(separator);
        }
        joined.push_str(name);
    }
    joined
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Flag(_) => "true or false",
        Value::Integer(_) => "a number",
        Value::Fraction(_) => "a number with a fraction",
        Value::Text(_) => "a string",
        Value::List(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::json;
    use crate::testing;
    use serde_json::json;

    fn misfit<T>(document: &Value, build: impl FnOnce(&Reader<'_>) -> T) -> Misfit {
        read(document, build).map(|_| ()).unwrap_err()
    }

    #[test]
    fn a_member_of_another_type_is_named_by_its_path() {
        let document = testing::read(json!({"Outer": {"Inner": {"Name": 7, "List": ["a", 1], "Map": {"k": false}}}}));
        let inner = |root: &Reader<'_>| root.section("Outer").section("Inner").path.join("/");
        assert_eq!(read(&document, inner), Ok("Outer/Inner///".into()));
        let name = misfit(&document, |root| {
            root.section("Outer").section("Inner").text("Name").is_some()
        });
        assert_eq!(
            (name.path.as_str(), name.expected, name.found),
            ("Outer.Inner.Name", "a string", "a number")
        );
        let list = misfit(&document, |root| root.section("Outer").section("Inner").texts("List"));
        assert_eq!(list.expected, "a list of strings");
        let map = misfit(&document, |root| root.section("Outer").section("Inner").text_map("Map"));
        assert_eq!(map.path, "Outer.Inner.Map.k");
        assert_eq!(
            misfit(&document, |root| root.text("Outer").is_some()).found,
            "an object"
        );
        assert_eq!(misfit(&testing::read(json!(7)), |_| ()).path, "");
    }

    #[test]
    fn a_map_that_names_a_member_twice_is_refused() {
        let document = json::parse(r#"{"Map": {"a": "1", "b": "2", "a": "3"}}"#).unwrap();
        let misfit = misfit(&document, |root| root.text_map("Map"));
        assert_eq!(
            (misfit.path.as_str(), misfit.found),
            ("Map", "one that names a member twice")
        );
    }

    #[test]
    fn a_map_is_read_in_time_that_grows_with_its_length() {
        testing::assert_linear(
            |count| {
                let members: serde_json::Map<_, _> = (0..count).map(|n| (format!("n{n}"), json!(""))).collect();
                testing::read(json!({ "Map": members }))
            },
            |document| assert!(read(document, |root| root.text_map("Map")).is_ok()),
        );
    }

    #[test]
    fn the_first_misfit_is_the_one_that_is_told() {
        let document = testing::read(json!({"a": 1, "b": 2}));
        let first = misfit(&document, |root| (root.text("b").is_some(), root.text("a").is_some()));
        assert_eq!(first.path, "b");
    }

    #[test]
    fn what_is_absent_or_null_reads_as_nothing() {
        let document = testing::read(json!({"Nil": null, "Empty": ""}));
        let all = read(&document, |root| {
            (
                root.text("Nil").is_none(),
                root.filled_text("Empty").is_none(),
                root.section("No").section("No").flag("x"),
            )
        });
        assert_eq!(all, Ok((true, true, None)));
        assert_eq!(
            misfit(&document, |root| root.required_text("Absent").len()).found,
            "missing"
        );
    }
}
