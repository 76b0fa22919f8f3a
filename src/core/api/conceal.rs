//! Takes the secrets of a request out of every text that comes back for it. The service quotes what it refuses ("Value
//! '123 456' at 'confirmationCode' failed to satisfy constraint"), and so may whatever answers in its place.
//!
//! All texts of a request are secrets, but for the members in [`PUBLIC`]: a member that a later version adds is hidden
//! until that is decided otherwise. User names and attributes are no secrets: they say which value is wrong. What the
//! client decides by the service's words it has decided before ([`Refusal`](crate::core::refusal::Refusal)).

use zeroize::Zeroizing;

use super::http::Request;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Value};
use crate::core::limits::MAX_MESSAGE_BYTES;

/// What stands in a secret's place.
const CONCEALED: &str = "[redacted]";

/// A shorter secret is hidden only where it stands by itself, and not as a part of a word: the code `1` would make
/// gaps in every sentence.
const SHORTEST_PART: usize = 4;

/// So many of a secret's first bytes are hidden, too, where the rest was cut off.
const START_BYTES: usize = 16;

/// How often a text is taken for an encoded one: JSON in JSON in a URL.
const ENCODINGS: usize = 3;

/// Members of requests that are no secrets, nor is what they contain.
const PUBLIC: &[&str] = &[
    "AttributeName",
    "AuthFlow",
    "CHALLENGE_NAME",
    "ChallengeName",
    "ClientId",
    "DEVICE_KEY",
    "DeviceKey",
    "DeviceName",
    "DeviceRememberedStatus",
    "EMAIL",
    "FriendlyDeviceName",
    "MAX_AGE",
    "Name",
    "PREFERRED_CHALLENGE",
    "RevokeAssociatedSessions",
    "TARGET_ACR_VALUES",
    "TIMESTAMP",
    "USERNAME",
    "UserAttributeNames",
    "UserAttributes",
    "Username",
];

/// Challenges whose `ANSWER` is one of the service's own words.
const CHOICES: [&str; 2] = ["SELECT_CHALLENGE", "SELECT_MFA_TYPE"];

/// What the service says whatever was sent. It quotes nothing, and a gap in it would tell which of its words is the
/// password.
const FIXED: &[&str] = &[
    "Access Token has been revoked",
    "Access Token has expired",
    "Incorrect username or password.",
    "Invalid Access Token",
    "Invalid Refresh Token",
    "Invalid Refresh Token.",
    "Invalid code provided, please request a code again.",
    "Invalid code received for user",
    "Invalid session for the user, session is expired.",
    "Invalid session for the user.",
    "Invalid verification code provided, please try again.",
    "Password attempts exceeded",
    "Refresh Token has been revoked",
    "Refresh Token has expired",
    "User does not exist.",
];

/// The error as the app may see it: without what was secret in the request.
pub fn conceal(request: &Request, mut error: AuthError) -> AuthError {
    let Some(body) = &request.body else { return error };
    let mut secrets = Vec::new();
    if let Some(document) = json::parse(&body.json) {
        let is_choice = document
            .get("ChallengeName")
            .and_then(Value::as_text)
            .is_some_and(|name| CHOICES.contains(&name));
        collect(&document, is_choice, &mut secrets);
    }
    if let Some(message) = without(&secrets, &error.message) {
        error.message = message.into();
    }
    if let Some(cause) = error.cause.as_deref().and_then(|cause| without(&secrets, cause)) {
        error.cause = Some(cause);
    }
    // A name that the client knows is no echo.
    let unknown = error
        .service_exception
        .as_deref()
        .filter(|_| error.code == Code::Unknown && error.refusal.is_none());
    if let Some(exception) = unknown.and_then(|exception| without(&secrets, exception)) {
        error.service_exception = Some(exception);
    }
    error
}

fn collect(value: &Value, is_choice: bool, secrets: &mut Vec<Zeroizing<String>>) {
    match value {
        Value::Text(text) if !text.is_empty() => {
            // A passkey's answer: it may be quoted in parts.
            if let Some(nested @ Value::Object(_)) = json::parse(text) {
                collect(&nested, is_choice, secrets);
            }
            // A code is typed with blanks, and quoted without by what has cleaned it.
            if text.contains(char::is_whitespace) {
                let bare = text.chars().filter(|character| !character.is_whitespace()).collect();
                secrets.extend([Zeroizing::new(bare), Zeroizing::new(text.trim().into())]);
            }
            secrets.push(Zeroizing::new(text.clone()));
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, is_choice, secrets)),
        Value::Object(members) => {
            for (name, member) in members {
                let is_public =
                    PUBLIC.contains(&&**name) || name.starts_with("userAttributes.") || (is_choice && name == "ANSWER");
                if !is_public {
                    collect(member, is_choice, secrets);
                }
            }
        }
        _ => {}
    }
}

/// The text without the secrets, and without what is too long; `None` where it stays as it is.
fn without(secrets: &[Zeroizing<String>], text: &str) -> Option<String> {
    if FIXED.contains(&text) {
        return None;
    }
    let mut ends = (0..=MAX_MESSAGE_BYTES.min(text.len())).rev();
    let end = ends.find(|end| text.is_char_boundary(*end))?;
    let (text, is_cut) = (text.get(..end)?, end < text.len());
    let mut is_hidden = vec![false; text.len()];
    let units: Vec<Unit> = text
        .bytes()
        .enumerate()
        .map(|(at, byte)| Unit {
            byte,
            from: at,
            to: at + 1,
        })
        .collect();
    search(secrets, &units, is_cut, ENCODINGS, &mut is_hidden);
    if !is_cut && !is_hidden.contains(&true) {
        return None;
    }
    let mut rest = String::with_capacity(text.len());
    let mut was_hidden = false;
    for (at, character) in text.char_indices() {
        let bytes = is_hidden.get(at..at + character.len_utf8()).unwrap_or_default();
        let is_secret = bytes.contains(&true);
        match (is_secret, was_hidden) {
            (false, _) => rest.push(character),
            (true, false) => rest.push_str(CONCEALED),
            (true, true) => {}
        }
        was_hidden = is_secret;
    }
    if is_cut {
        rest.push_str(" ...");
    }
    Some(rest)
}

/// A byte of a text that may have been encoded, and the place in the text as it came.
#[derive(Clone, Copy)]
struct Unit {
    byte: u8,
    from: usize,
    to: usize,
}

/// How a text may be written inside another.
#[derive(Clone, Copy)]
enum Encoding {
    Json,
    Url,
    Html,
}

/// Marks every place where a secret stands, in the text as it is and decoded. One encoding at a time, in every order: `\` is
/// an escape in JSON, and stands for itself in HTML.
fn search(secrets: &[Zeroizing<String>], text: &[Unit], is_cut: bool, encodings: usize, is_hidden: &mut [bool]) {
    for secret in secrets {
        hide(secret.as_bytes(), text, is_cut, is_hidden);
    }
    let Some(left) = encodings.checked_sub(1) else { return };
    for encoding in [Encoding::Json, Encoding::Url, Encoding::Html] {
        let decoded = decode(text, encoding);
        if decoded.len() < text.len() {
            search(secrets, &decoded, is_cut, left, is_hidden);
        }
    }
}

/// Marks every place where the secret stands.
fn hide(secret: &[u8], text: &[Unit], is_cut: bool, is_hidden: &mut [bool]) {
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|unit| is_of_word(unit.byte));
    for start in 0..text.len() {
        let rest = text.get(start..).unwrap_or_default();
        let same = rest
            .iter()
            .zip(secret)
            .take_while(|(unit, byte)| is_same(unit.byte, **byte))
            .count();
        let is_whole = same == secret.len()
            && (same >= SHORTEST_PART || !(is_word(start.checked_sub(1)) || is_word(Some(start + same))));
        let is_start = same >= START_BYTES || (is_cut && same == rest.len());
        if !is_whole && !is_start {
            continue;
        }
        for unit in rest.iter().take(same) {
            if let Some(places) = is_hidden.get_mut(unit.from..unit.to) {
                places.fill(true);
            }
        }
    }
}

/// In any case, and with a form's `+` for a blank. Letters beyond ASCII are all alike here: their case is in tables that
/// the package does not have.
fn is_same(found: u8, secret: u8) -> bool {
    found.eq_ignore_ascii_case(&secret) || (found >= 0x80 && secret >= 0x80) || (found == b'+' && secret == b' ')
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Reads every escape of this encoding.
fn decode(text: &[Unit], encoding: Encoding) -> Vec<Unit> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(unit) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let (character, length) = escape(rest, encoding).unwrap_or((Escaped::Byte(unit.byte), 1));
        let to = rest.get(length - 1).map_or(unit.to, |last| last.to);
        let mut push = |byte| {
            decoded.push(Unit {
                byte,
                from: unit.from,
                to,
            })
        };
        match character {
            Escaped::Byte(byte) => push(byte),
            Escaped::Character(character) => character.encode_utf8(&mut [0; 4]).bytes().for_each(push),
        }
        at += length;
    }
    decoded
}

enum Escaped {
    Byte(u8),
    Character(char),
}

/// What the escape at the beginning stands for, and how long it is.
fn escape(text: &[Unit], encoding: Encoding) -> Option<(Escaped, usize)> {
    let byte = |at: usize| text.get(at).map(|unit| unit.byte);
    match (encoding, byte(0)?, byte(1)?) {
        (Encoding::Url, b'%', _) => Some((Escaped::Byte(u8::try_from(number(text, 1, 2, 16)?).ok()?), 3)),
        (Encoding::Json, b'\\', b'u') => {
            let first = number(text, 2, 4, 16)?;
            if !(0xd800..0xdc00).contains(&first) {
                return Some((Escaped::Character(char::from_u32(first)?), 6));
            }
            let second = number(text, 8, 4, 16)?.checked_sub(0xdc00)?;
            let character = char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)?;
            Some((Escaped::Character(character), 12))
        }
        (Encoding::Json, b'\\', escaped) => {
            let byte = match escaped {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                other if other.is_ascii_punctuation() => other,
                _ => return None,
            };
            Some((Escaped::Byte(byte), 2))
        }
        (Encoding::Html, b'&', b'#') => {
            let is_hexadecimal = matches!(byte(2), Some(b'x' | b'X'));
            let (from, radix) = if is_hexadecimal { (3, 16) } else { (2, 10) };
            let digits = text.iter().skip(from).take(7).position(|unit| unit.byte == b';')?;
            let character = char::from_u32(number(text, from, digits, radix)?)?;
            Some((Escaped::Character(character), from + digits + 1))
        }
        (Encoding::Html, b'&', _) => {
            let named = [
                ("&quot;", b'"'),
                ("&amp;", b'&'),
                ("&lt;", b'<'),
                ("&gt;", b'>'),
                ("&apos;", b'\''),
            ];
            let is_here = |name: &str| {
                name.bytes()
                    .enumerate()
                    .all(|(at, expected)| byte(at) == Some(expected))
            };
            let (name, byte) = named.into_iter().find(|(name, _)| is_here(name))?;
            Some((Escaped::Byte(byte), name.len()))
        }
        _ => None,
    }
}

fn number(text: &[Unit], from: usize, digits: usize, radix: u32) -> Option<u32> {
    let places = text.get(from..from.checked_add(digits)?)?;
    let mut number = None;
    for unit in places {
        number = Some(number.unwrap_or(0) * radix + char::from(unit.byte).to_digit(radix)?);
    }
    number
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::api::http::Body;
    use crate::core::refusal::Exception;
    use proptest::prelude::*;
    use serde_json::json;

    fn request(body: &serde_json::Value) -> Request {
        Request {
            url: "https://example.com/".into(),
            body: Some(Body {
                target: "Service.Operation".into(),
                json: Zeroizing::new(body.to_string()),
            }),
        }
    }

    fn message(body: &serde_json::Value, message: &str) -> String {
        let error = AuthError::from_service("InvalidParameterException", message);
        conceal(&request(body), error).message.to_string()
    }

    fn percent(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    fn units(text: &str) -> String {
        text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
    }

    fn entities(text: &str) -> String {
        text.chars()
            .map(|character| format!("&#{};", character as u32))
            .collect()
    }

    fn hexadecimal_entities(text: &str) -> String {
        text.chars()
            .map(|character| format!("&#x{:x};", character as u32))
            .collect()
    }

    fn html(text: &str) -> String {
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
    }

    /// The text inside the quotes of a JSON string.
    fn escaped(text: &str) -> String {
        let quoted = json!(text).to_string();
        let inside = quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"'));
        inside.unwrap().to_owned()
    }

    fn slashed(text: &str) -> String {
        text.replace('\\', "\\\\").replace('\'', "\\'").replace('/', "\\/")
    }

    const FORMS: [fn(&str) -> String; 13] = [
        |text| text.to_owned(),
        |text| text.to_ascii_uppercase(),
        |text| text.to_ascii_lowercase(),
        escaped,
        |text| escaped(&escaped(text)),
        slashed,
        percent,
        |text| percent(&escaped(text)),
        |text| percent(text).replace("%20", "+"),
        units,
        entities,
        hexadecimal_entities,
        html,
    ];

    #[test]
    fn a_secret_is_taken_out_in_whatever_form_it_is_quoted() {
        for secret in [
            "123456",
            "1 12 123",
            "Correct-Horse7Battery!",
            "pa\"ss\\wo'rd/ <&> 100%",
            "P\u{e4}ssw\u{f6}rter\u{1f600}x",
            "%41%42",
            "\\\" a",
        ] {
            for (index, form) in FORMS.into_iter().enumerate() {
                let quoted = form(secret);
                let text = format!("1 error: Value '{quoted}' at 'confirmationCode' (\"{quoted}\") failed.");
                let told = message(&json!({"ConfirmationCode": secret}), &text);
                assert_eq!(
                    told, "1 error: Value '[redacted]' at 'confirmationCode' (\"[redacted]\") failed.",
                    "{secret} in form {index}: {quoted}"
                );
            }
        }
    }

    #[test]
    fn letters_beyond_ascii_are_found_in_another_case() {
        let told = message(
            &json!({"Password": "\u{e4}pfel\u{df}\u{d6}l"}),
            "No \u{c4}PFEL\u{df}\u{f6}L here",
        );
        assert_eq!(told, "No [redacted] here");
    }

    #[test]
    fn a_code_that_was_typed_with_blanks_is_taken_out_without_them_too() {
        for typed in ["445 566", " 445566 ", "445566\n", "445\u{a0}566"] {
            for text in ["Invalid code 445566", "Invalid code 445 566", "Invalid code '445566'."] {
                let told = message(&json!({"ConfirmationCode": typed}), text);
                let is_typed_so = typed == "445 566" || !text.contains("445 566");
                assert_eq!(told.contains("[redacted]"), is_typed_so, "{typed:?} {text}");
                assert!(!told.contains("445566"), "{typed:?} {text}");
            }
        }
    }

    #[test]
    fn a_short_secret_is_taken_out_where_it_stands_by_itself() {
        let body = json!({"ConfirmationCode": "1"});
        for (text, told) in [
            (
                "Value '1' at 'code1' has 10 errors.",
                "Value '[redacted]' at 'code1' has 10 errors.",
            ),
            ("code=1", "code=[redacted]"),
            ("1", "[redacted]"),
            ("%31 and \"\\u0031\"", "[redacted] and \"[redacted]\""),
            ("Version 1.2", "Version [redacted].2"),
        ] {
            assert_eq!(message(&body, text), told);
        }
    }

    #[test]
    fn what_the_service_says_whatever_was_sent_stays_whole() {
        let body = json!({"Password": "password", "Code": "Invalid", "Token": "Token"});
        for text in FIXED {
            assert_eq!(message(&body, text), *text);
        }
        assert_eq!(
            message(&body, "The password is too short."),
            "The [redacted] is too short."
        );
    }

    #[test]
    fn names_attributes_and_choices_stay() {
        let body = json!({"Username": "alice@example.com", "ClientId": "client1",
            "UserAttributes": [{"Name": "email", "Value": "alice@example.com"}], "ClientMetadata": {"k": "captcha-token"},
            "ValidationData": [{"Name": "captcha", "Value": "data-token"}], "ChallengeName": "SELECT_CHALLENGE",
            "ChallengeResponses": {"USERNAME": "alice@example.com", "ANSWER": "EMAIL_OTP", "userAttributes.name": "Alice"}});
        let text =
            "alice@example.com, Alice: captcha EMAIL_OTP of SELECT_CHALLENGE at client1: captcha-token data-token";
        assert_eq!(
            message(&body, text),
            "alice@example.com, Alice: captcha EMAIL_OTP of SELECT_CHALLENGE at client1: [redacted] [redacted]"
        );
        let custom = json!({"ChallengeName": "CUSTOM_CHALLENGE", "ChallengeResponses": {"ANSWER": "my first dog"}});
        assert_eq!(message(&custom, "My first dog is wrong"), "[redacted] is wrong");
    }

    #[test]
    fn the_parts_of_a_passkey_s_answer_are_taken_out() {
        let credential = json!({"id": "credential-id", "response": {"signature": "MEUCIQ-signature"}});
        for body in [
            json!({"Credential": credential}),
            json!({"ChallengeResponses": {"CREDENTIAL": credential.to_string()}}),
        ] {
            assert_eq!(message(&body, "MEUCIQ-signature is wrong"), "[redacted] is wrong");
        }
    }

    #[test]
    fn the_beginning_of_a_long_secret_is_taken_out_where_the_rest_was_cut_off() {
        let token = "eyJraWQiOiJLIiwiYWxnIjoiUlMyNTYifQ.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let body = json!({"AccessToken": token});
        assert_eq!(
            message(&body, &format!("Token {}... is bad", token.get(..40).unwrap())),
            "Token [redacted]... is bad"
        );
        let long = format!("{}{}", "x".repeat(MAX_MESSAGE_BYTES - 5), token);
        let told = message(&body, &long);
        assert!(
            told.len() < MAX_MESSAGE_BYTES + 20 && !told.contains("eyJ"),
            "{}",
            told.len()
        );
        assert!(told.ends_with("x[redacted] ..."));
    }

    #[test]
    fn the_cause_and_an_unknown_exception_are_searched_as_well_and_a_decision_stays() {
        let body = json!({"Password": "Session"});
        let error = AuthError::from_service("NotAuthorizedException", "Bad session: Session").caused_by("SESSION");
        let told = conceal(&request(&body), error);
        assert_eq!(
            (&*told.message, told.cause.as_deref()),
            ("Bad [redacted]: [redacted]", Some("[redacted]"))
        );
        let refusal = told.refusal.unwrap();
        assert!(
            refusal.exception == Exception::NotAuthorized && refusal.is_about(crate::core::refusal::Topic::Session)
        );
        let body = json!({"Password": "Exception"});
        let known = conceal(&request(&body), AuthError::from_service("NotAuthorizedException", ""));
        assert_eq!(known.service_exception.as_deref(), Some("NotAuthorizedException"));
        let unknown = conceal(&request(&body), AuthError::from_service("Exception", ""));
        assert_eq!(unknown.service_exception.as_deref(), Some("[redacted]"));
    }

    #[test]
    fn a_request_without_a_body_and_a_text_without_a_secret_change_nothing() {
        let error = AuthError::from_service("InvalidParameterException", "Value 'x' is wrong: 100% \\u00zz &x; %zz");
        assert_eq!(conceal(&Request::get("/"), error.clone()), error);
        assert_eq!(
            conceal(
                &request(&json!({"Password": "", "Code": 7, "Flag": true})),
                error.clone()
            ),
            error
        );
    }

    proptest! {
        #[test]
        fn no_secret_is_left_in_any_text(
            secret in "[ -~\u{e4}\u{1f600}]{4,40}", before in "[ -~]{0,30}", after in "\\PC{0,30}", form in 0..FORMS.len(),
        ) {
            let quoted = FORMS[form](&secret);
            let told = message(&json!({"Password": secret}), &format!("{before}'{quoted}'{after}"));
            prop_assert!(!told.contains(&quoted) || FIXED.contains(&&*told), "{} in {}", quoted, told);
            prop_assert!(told.contains(CONCEALED));
        }

        #[test]
        fn no_text_makes_the_search_panic(secret in any::<String>(), text in any::<String>()) {
            let _ = message(&json!({"Password": secret}), &text);
        }
    }
}
