//! A reader of JSON (RFC 8259). Ours, and not a library: serde_json costs 6.6 KB of the 60 KB that the whole package
//! may weigh (brotli), this a fifth of that, and its strings can be wiped. serde_json is the oracle of the tests.

use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use super::decimal::Decimal;
use crate::core::limits::{MAX_JSON_DEPTH, MAX_TEXT_BYTES};

/// A document, or a part of one. Its texts may be passwords or tokens, so they do not print and are wiped when it goes.
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A whole number, and any number that is out of range, as `None`.
    Integer(Option<i64>),
    /// A number with a fraction, cut off at its point.
    Fraction(i64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object's members in their order.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// A member of an object; of two that have the same name, the last.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let Self::Object(members) = self else { return None };
        members
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of the list at `key`, to be changed.
    pub fn list_mut(&mut self, key: &str) -> Option<&mut Vec<Value>> {
        let Self::Object(members) = self else {
            return None;
        };
        match members.iter_mut().find(|(name, _)| name == key)? {
            (_, Self::List(items)) => Some(items),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value([redacted])")
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Self::Text(text) = self {
            text.zeroize();
        }
    }
}

/// The document in `text`, or `None` when it is not JSON, or longer than [`MAX_TEXT_BYTES`].
pub fn parse(text: &str) -> Option<Value> {
    if text.len() > MAX_TEXT_BYTES {
        return None;
    }
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(MAX_JSON_DEPTH)?;
    (parser.at == text.len()).then_some(value)
}

/// Every method leaves `at` behind what it has read, or answers `None`, and then the whole document is refused.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        let deeper = depth.checked_sub(1)?;
        self.space();
        let value = match self.peek()? {
            b'{' => self.object(deeper)?,
            b'[' => self.list(deeper)?,
            b'"' => Value::Text(self.string()?),
            b't' => self.word("true", Value::Flag(true))?,
            b'f' => self.word("false", Value::Flag(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => self.number()?,
        };
        self.space();
        Some(value)
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Vec::new();
        self.at += 1;
        self.space();
        if !self.eat(b'}') {
            loop {
                self.space();
                let name = self.string()?;
                self.space();
                self.expect(b':')?;
                members.push((name, self.value(depth)?));
                if self.eat(b'}') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Some(Value::Object(members))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        if !self.eat(b']') {
            loop {
                items.push(self.value(depth)?);
                if self.eat(b']') {
                    break;
                }
                self.expect(b',')?;
            }
        }
        Some(Value::List(items))
    }

    fn word(&mut self, word: &str, value: Value) -> Option<Value> {
        self.text.get(self.at..)?.starts_with(word).then(|| {
            self.at += word.len();
            value
        })
    }

    fn number(&mut self) -> Option<Value> {
        let is_negative = self.eat(b'-');
        let starts_with_zero = self.peek() == Some(b'0');
        let mut number = Decimal::default();
        let whole = self.digits(|digit| number.push(digit, false))?;
        if starts_with_zero && whole > 1 {
            return None;
        }
        if self.eat(b'.') {
            self.digits(|digit| number.push(digit, true))?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let is_small = self.eat(b'-');
            if !is_small {
                self.eat(b'+');
            }
            // A power that is out of range is as good as the last that is in it.
            let mut power = 0_i64;
            self.digits(|digit| power = power.saturating_mul(10).saturating_add(digit.into()))?;
            number.exponent = number.exponent.saturating_add(if is_small { -power } else { power });
        }
        Some(number.value(is_negative))
    }

    /// Reads digits, and says how many. At least one must be there.
    fn digits(&mut self, mut take: impl FnMut(u8)) -> Option<usize> {
        let start = self.at;
        while let Some(digit) = self.digit() {
            take(digit);
        }
        (self.at > start).then_some(self.at - start)
    }

    fn digit(&mut self) -> Option<u8> {
        let digit = self.peek()?.checked_sub(b'0').filter(|digit| *digit < 10)?;
        self.at += 1;
        Some(digit)
    }

    fn string(&mut self) -> Option<String> {
        self.expect(b'"')?;
        // All of it at once: a text that grows leaves its old bytes behind unwiped.
        let mut string = Zeroizing::new(String::with_capacity(self.bytes_to_quote()));
        loop {
            let start = self.at;
            while !matches!(self.peek()?, b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            string.push_str(self.text.get(start..self.at)?);
            if self.eat(b'"') {
                return Some(std::mem::take(&mut *string));
            }
            self.expect(b'\\')?;
            string.push(self.escaped()?);
        }
    }

    /// How far the string goes; with its escapes it is no shorter than without.
    fn bytes_to_quote(&self) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let mut is_escaped = false;
        let is_end = |byte: &u8| {
            let is_end = *byte == b'"' && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            is_end
        };
        rest.iter().position(is_end).unwrap_or(rest.len())
    }

    fn escaped(&mut self) -> Option<char> {
        let escape = self.peek()?;
        self.at += 1;
        Some(match escape {
            b'"' | b'\\' | b'/' => char::from(escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.utf_16()?,
            _ => return None,
        })
    }

    /// One unit of UTF-16, or the two of a surrogate pair. A surrogate without its other half is no text.
    fn utf_16(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let second = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.eat(byte).then_some(())
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_here = self.peek() == Some(byte);
        self.at += usize::from(is_here);
        is_here
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Whether both readers see the same document. Numbers that are no whole ones are only seen to be numbers.
    fn is_same(ours: &Value, theirs: &serde_json::Value) -> bool {
        match (ours, theirs) {
            (Value::Null, serde_json::Value::Null) => true,
            (Value::Flag(ours), serde_json::Value::Bool(theirs)) => ours == theirs,
            (Value::Integer(ours), serde_json::Value::Number(theirs)) => {
                theirs.as_i64().is_none_or(|theirs| *ours == Some(theirs))
            }
            (Value::Fraction(_), serde_json::Value::Number(theirs)) => theirs.is_f64(),
            (Value::Text(ours), serde_json::Value::String(theirs)) => ours == theirs,
            (Value::List(ours), serde_json::Value::Array(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| is_same(ours, theirs))
            }
            (Value::Object(members), serde_json::Value::Object(theirs)) => {
                members.iter().all(|(name, _)| theirs.contains_key(name))
                    && theirs
                        .iter()
                        .all(|(name, value)| ours.get(name).is_some_and(|ours| is_same(ours, value)))
            }
            _ => false,
        }
    }

    fn check(text: &str) {
        let theirs = serde_json::from_str::<serde_json::Value>(text);
        match (parse(text), &theirs) {
            (Some(ours), Ok(theirs)) => assert!(is_same(&ours, theirs), "{text}"),
            (None, Err(_)) => {}
            // They refuse a number that no f64 can hold; the grammar does not.
            (Some(_), Err(error)) if error.to_string().contains("number out of range") => {}
            (ours, theirs) => panic!("{text}: {ours:?} {theirs:?}"),
        }
    }

    #[test]
    fn what_is_json_and_what_is_not_is_seen_as_the_oracle_sees_it() {
        for text in [
            "",
            " ",
            "{}",
            " { } ",
            "[]",
            "[1,2]",
            "[1,]",
            "[,1]",
            "{\"a\":1}",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\"1}",
            "nul",
            "null",
            "nullx",
            "true",
            "false",
            "tru",
            "\"\"",
            "\"a",
            "\"\\u00e9\"",
            "\"\\ud83d\\ude00\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\u12\"",
            "\"\\x\"",
            "\"\n\"",
            "\"\\n\\t\\b\\f\\r\\/\\\\\\\"\"",
            "0",
            "-0",
            "01",
            "-",
            "+1",
            "1.",
            ".5",
            "1.5",
            "1e",
            "1e+",
            "1e5",
            "1E-2",
            "1e+2",
            "-12.50e1",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775807",
            "1e400",
            "1e99999999999999999999",
            "\u{feff}1",
            "1 2",
            "[1] ]",
            "{\"a\":1,\"a\":2}",
            "\"\u{1f600}\"",
            "[\"a\",null,true,{\"b\":[]}]",
            "//",
            "1//",
        ] {
            check(text);
        }
    }

    #[test]
    fn a_number_is_cut_off_at_its_point() {
        for (text, whole) in [
            ("1.9", 1),
            ("-1.9", -1),
            ("-0.5", 0),
            ("1.7920694456E9", 1_792_069_445),
            ("1792069445.12345678901234567890", 1_792_069_445),
            ("12e-1", 1),
            ("1e-999999999", 0),
            ("0.00000000000000000000000001", 0),
        ] {
            let read = parse(text).unwrap();
            assert!(matches!(read, Value::Fraction(read) if read == whole), "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        for (text, whole) in [
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("0e999999999", Some(0)),
            ("1e19", None),
            ("99999999999999999999", None),
            ("7.0", Some(7)),
            ("-7.00000000000000000000000000", Some(-7)),
            ("1.5e1", Some(15)),
            ("150e-1", Some(15)),
            ("0.0", Some(0)),
        ] {
            let read = parse(text).unwrap();
            assert!(matches!(read, Value::Integer(read) if read == whole), "{text}");
        }
    }

    #[test]
    fn a_document_that_is_too_deep_is_refused() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_JSON_DEPTH)).is_some());
        assert!(parse(&nested(MAX_JSON_DEPTH + 1)).is_none());
        assert!(parse(&"[".repeat(1_000_000)).is_none());
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(serde_json::Value::from),
            any::<i64>().prop_map(serde_json::Value::from),
            any::<f64>().prop_map(serde_json::Value::from),
            any::<String>().prop_map(serde_json::Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn a_document_is_read_to_its_limit_and_no_further() {
        let texts = |length: usize| format!("\"{}\"", "x".repeat(length - 2));
        assert!(parse(&texts(MAX_TEXT_BYTES)).is_some());
        assert!(parse(&texts(MAX_TEXT_BYTES + 1)).is_none());
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(&nested(MAX_JSON_DEPTH)).is_some());
        assert!(parse(&nested(MAX_JSON_DEPTH + 1)).is_none());
        assert!(parse(&nested(MAX_TEXT_BYTES / 2)).is_none());
    }

    proptest! {
        #[test]
        fn any_document_is_read_as_the_oracle_reads_it(document in any_json()) {
            check(&document.to_string());
            check(&serde_json::to_string_pretty(&document).unwrap());
        }

        #[test]
        fn any_damage_is_seen_as_the_oracle_sees_it(document in any_json(), place in any::<prop::sample::Index>(), with in "[\\[\\]{}\",:\\\\0-9eE.+-]{0,3}") {
            let mut text: Vec<char> = document.to_string().chars().collect();
            let at = place.index(text.len());
            text.splice(at..=at, with.chars());
            check(&text.into_iter().collect::<String>());
        }

        #[test]
        fn any_text_is_seen_as_the_oracle_sees_it(text in any::<String>()) {
            check(&text);
        }
    }
}
