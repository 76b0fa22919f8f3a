//! The claims of a JSON Web Token (RFC 7519). Read only: the client got its tokens from the service over TLS, and
//! a receiver that must trust a token verifies its signature.

use base64ct::{Base64, Encoding as _};

use super::json::{self, Value};

/// The claims of a token.
#[derive(Debug)]
pub struct Claims(Value);

impl Claims {
    /// `None` for a text that is not a JWT, such as Cognito's refresh token.
    pub fn of(token: &str) -> Option<Self> {
        let claims = json::parse(&payload(token)?)?;
        matches!(claims, Value::Object(_)).then_some(Self(claims))
    }

    /// A claim that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_text()
    }

    /// Whether this claim is there, and is not a string with something in it.
    pub fn is_senseless(&self, name: &str) -> bool {
        let claim = self.0.get(name).filter(|claim| !matches!(claim, Value::Null));
        claim.is_some_and(|claim| claim.as_text().is_none_or(str::is_empty))
    }

    /// Whether the audience, `aud`, is or has this one (RFC 7519, section 4.1.3: one text, or several). `None` without.
    pub fn is_for(&self, audience: &str) -> Option<bool> {
        match self.0.get("aud")? {
            Value::Text(only) => Some(only == audience),
            Value::List(several) => Some(several.iter().any(|one| one.as_text() == Some(audience))),
            Value::Null => None,
            _ => Some(false),
        }
    }

    /// A claim that is a time in seconds since 1970 (`NumericDate`, which may have a fraction).
    pub fn seconds(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Integer(seconds) => *seconds,
            Value::Fraction(seconds) => Some(*seconds),
            _ => None,
        }
    }
}

/// The JSON text of the claims, as the issuer wrote it. `None` for a text that is not a JWT.
pub fn payload(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let bytes = Base64::decode_vec(&standard(payload)).ok()?;
    String::from_utf8(bytes).ok()
}

/// base64url (RFC 4648, section 5) as base64 with its padding, so that one decoder serves both.
fn standard(text: &str) -> String {
    let mut standard = text.replace('-', "+").replace('_', "/");
    while !standard.len().is_multiple_of(4) {
        standard.push('=');
    }
    standard
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use base64ct::Base64UrlUnpadded;
    use proptest::prelude::*;
    use serde_json::json;

    fn token(claims: &serde_json::Value) -> String {
        format!(
            "e30.{}.c2ln",
            Base64UrlUnpadded::encode_string(claims.to_string().as_bytes())
        )
    }

    // U testClaims of AWSMobileClient for iOS; below testClaimsWithJapanese and testClaimsWithSpecialCharacters
    #[test]
    fn claims_are_read() {
        let claims = Claims::of(&token(&json!({"sub": "abc", "exp": 1_800_000_000, "iat": 1.5}))).unwrap();
        assert_eq!(claims.text("sub"), Some("abc"));
        assert_eq!(claims.seconds("exp"), Some(1_800_000_000));
        assert_eq!(claims.seconds("iat"), Some(1));
        assert_eq!(claims.text("exp"), None);
    }

    #[test]
    fn claims_with_japanese_and_special_characters_are_utf_8() {
        let name = "日本語 ÄÖÜß \"quoted\" ~?>";
        let claims = Claims::of(&token(&json!({ "name": name }))).unwrap();
        assert_eq!(claims.text("name"), Some(name));
    }

    #[test]
    fn a_text_that_is_no_jwt_has_no_claims() {
        for text in ["", "abc", "a.b.c", "e30.W10.x", "e30.e30", "a.b.c.d.e", "e30.eyJh.x"] {
            assert!(Claims::of(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), dotted in "[A-Za-z0-9_=-]*\\.[A-Za-z0-9_=-]*\\.[A-Za-z0-9_=-]*") {
            let _ = Claims::of(&text);
            let _ = Claims::of(&dotted);
        }
    }
}
