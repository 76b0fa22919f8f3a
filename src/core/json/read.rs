use serde_json::Value;

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

/// An object of a document, with the path that leads to it.
///
/// A member that is absent or `null` reads as `None`. A member of another type is a [`Misfit`].
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    object: Option<&'a serde_json::Map<String, Value>>,
    // Names, and not a text: a path is only wanted for a misfit, and most documents have none.
    path: [&'a str; DEPTH],
}

impl<'a> Reader<'a> {
    /// Reads a whole document.
    pub fn new(document: &'a Value) -> Result<Self, Misfit> {
        Self::at(document, [""; DEPTH])
    }

    fn at(value: &'a Value, path: [&'a str; DEPTH]) -> Result<Self, Misfit> {
        match value {
            Value::Object(object) => Ok(Self { object: Some(object), path }),
            other => Err(Misfit { path: join(&path), expected: "an object", found: kind(other) }),
        }
    }

    /// Whether the member is there and not `null`.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The members' names.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.object.into_iter().flatten().map(|(key, _)| key.as_str())
    }

    /// The object at `key`; one without members where there is none.
    pub fn section(&self, key: &'a str) -> Result<Reader<'a>, Misfit> {
        match self.get(key) {
            None => Ok(Reader { object: None, path: self.path_of(key) }),
            Some(value) => Reader::at(value, self.path_of(key)),
        }
    }

    /// A string.
    pub fn text(&self, key: &str) -> Result<Option<&'a str>, Misfit> {
        self.read(key, "a string", |value| value.as_str())
    }

    /// A string that has characters; the empty string reads as `None`.
    pub fn filled_text(&self, key: &str) -> Result<Option<&'a str>, Misfit> {
        Ok(self.text(key)?.filter(|text| !text.is_empty()))
    }

    /// A string that must be there.
    pub fn required_text(&self, key: &str) -> Result<&'a str, Misfit> {
        self.text(key)?.ok_or_else(|| self.misfit(key, "a string", "nothing"))
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, Misfit> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// A whole number.
    pub fn integer(&self, key: &str) -> Result<Option<i64>, Misfit> {
        self.read(key, "a whole number", Value::as_i64)
    }

    /// A list of strings.
    pub fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Misfit> {
        self.read(key, "a list of strings", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(String::from)).collect()
        })
    }

    /// An object whose members are all strings.
    pub fn text_map(&self, key: &'a str) -> Result<StringMap, Misfit> {
        let map = self.section(key)?;
        map.keys().map(|name| Ok((name.into(), map.required_text(name)?.into()))).collect()
    }

    /// The member as it is.
    pub fn get(&self, key: &str) -> Option<&'a Value> {
        self.object?.get(key).filter(|value| !value.is_null())
    }

    /// The misfit of a member.
    pub fn misfit(&self, key: &str, expected: &'static str, found: &'static str) -> Misfit {
        let section = join(&self.path);
        let path = if section.is_empty() { key.into() } else { format!("{section}.{key}") };
        Misfit { path, expected, found }
    }

    fn path_of(&self, key: &'a str) -> [&'a str; DEPTH] {
        let mut path = self.path;
        if let Some(end) = path.iter_mut().find(|name| name.is_empty()) {
            *end = key;
        }
        path
    }

    fn read<T>(
        &self,
        key: &str,
        expected: &'static str,
        as_type: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Misfit> {
        let Some(value) = self.get(key) else { return Ok(None) };
        match as_type(value) {
            Some(read) => Ok(Some(read)),
            None => Err(self.misfit(key, expected, kind(value))),
        }
    }
}

fn join(path: &[&str]) -> String {
    let names: Vec<&str> = path.iter().copied().filter(|name| !name.is_empty()).collect();
    names.join(".")
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_of_another_type_is_named_by_its_path() {
        let document = json!({"Outer": {"Inner": {"Name": 7, "List": ["a", 1], "Map": {"k": false}}}});
        let root = Reader::new(&document).unwrap();
        let inner = root.section("Outer").unwrap().section("Inner").unwrap();
        let misfit = inner.text("Name").unwrap_err();
        assert_eq!((misfit.path.as_str(), misfit.expected, misfit.found), ("Outer.Inner.Name", "a string", "a number"));
        assert_eq!(inner.texts("List").unwrap_err().expected, "a list of strings");
        assert_eq!(inner.text_map("Map").unwrap_err().path, "Outer.Inner.Map.k");
        assert_eq!(root.text("Outer").unwrap_err().found, "an object");
    }

    #[test]
    fn what_is_absent_or_null_reads_as_nothing() {
        let document = json!({"Nil": null, "Empty": ""});
        let root = Reader::new(&document).unwrap();
        assert_eq!(root.text("Nil"), Ok(None));
        assert_eq!(root.text("Absent"), Ok(None));
        assert_eq!(root.filled_text("Empty"), Ok(None));
        assert_eq!(root.section("Absent").unwrap().section("Deeper").unwrap().flag("x"), Ok(None));
        assert_eq!(root.required_text("Absent").unwrap_err().found, "nothing");
    }
}
