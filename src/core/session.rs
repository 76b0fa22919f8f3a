//! The one record that is persisted for a session.

use zeroize::Zeroizing;

use super::config::UserPoolConfig;
use super::json::{self, ObjectWriter};
use super::names::Username;
use super::secret::{AccessToken, IdToken, RefreshToken};
use super::tokens::Tokens;

/// The record's layout. A record of another version is not read.
const VERSION: i64 = 1;

/// A user's session, as the store keeps it.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose session.
    pub username: Username,
    /// The user's `sub`.
    pub user_sub: String,
    /// `None` once the service has refused to renew them.
    pub tokens: Option<Tokens>,
}

impl Session {
    /// A session of tokens that have just arrived. `None` when the access token does not say whose they are.
    pub fn begun_with(tokens: Tokens) -> Option<Self> {
        Some(Self {
            username: tokens.username()?,
            user_sub: tokens.user_sub()?,
            tokens: Some(tokens),
        })
    }

    /// The same session after the service refused its tokens.
    #[must_use]
    pub fn without_tokens(&self) -> Self {
        Self {
            tokens: None,
            ..self.clone()
        }
    }

    /// The key the record is stored under: one per user pool and app client, so that apps of one origin that use
    /// different ones do not meet.
    pub fn storage_key(pool: &UserPoolConfig) -> String {
        format!("cognito-wasm/{}/{}", pool.pool_id.as_str(), pool.client_id.as_str())
    }

    /// The record's text.
    pub fn encode(&self) -> Zeroizing<String> {
        let tokens = self.tokens.as_ref();
        let bytes = tokens.map_or(0, |tokens| {
            tokens.access.reveal().len() + tokens.id.reveal().len() + tokens.refresh.reveal().len()
        });
        let record = ObjectWriter::with_capacity(bytes + 1024)
            .integer("version", VERSION)
            .text("username", self.username.as_str())
            .text("userSub", &self.user_sub);
        match tokens {
            None => record.finish(),
            Some(tokens) => record
                .text("accessToken", tokens.access.reveal())
                .text("idToken", tokens.id.reveal())
                .text("refreshToken", tokens.refresh.reveal())
                .integer("expiresAt", tokens.expires_at)
                .finish(),
        }
    }

    /// Reads a record. `None` for a text that is damaged, of another version or not a record at all; there is no
    /// half a session.
    pub fn decode(text: &str) -> Option<Self> {
        let document = json::parse(text)?;
        json::read(&document, |record| {
            (record.integer("version")? == VERSION).then(|| Self {
                username: Username::new(record.required_text("username")),
                user_sub: record.required_text("userSub").into(),
                tokens: record.has("accessToken").then(|| Tokens {
                    access: AccessToken::new(record.required_text("accessToken")),
                    id: IdToken::new(record.required_text("idToken")),
                    refresh: RefreshToken::new(record.required_text("refreshToken")),
                    // Tokens of no known age are renewed.
                    expires_at: record.integer("expiresAt").unwrap_or_default(),
                }),
            })
        })
        .ok()?
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session() -> Session {
        Session {
            username: Username::new("jürgen \"x\""),
            user_sub: "sub".into(),
            tokens: Some(Tokens {
                access: AccessToken::new("a.b.c"),
                id: IdToken::new("d.e.f"),
                refresh: RefreshToken::new("r"),
                expires_at: 1_800_000_000,
            }),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let read = Session::decode(&session().encode()).unwrap();
        assert_eq!(read.username, session().username);
        assert_eq!(read.user_sub, "sub");
        let tokens = read.tokens.unwrap();
        assert_eq!(tokens.access.reveal(), "a.b.c");
        assert_eq!(tokens.id.reveal(), "d.e.f");
        assert_eq!(tokens.refresh.reveal(), "r");
        assert_eq!(tokens.expires_at, 1_800_000_000);
        assert!(
            Session::decode(&session().without_tokens().encode())
                .unwrap()
                .tokens
                .is_none()
        );
    }

    #[test]
    fn a_record_of_another_version_is_not_read() {
        let newer = session().encode().replace("\"version\":1", "\"version\":2");
        assert!(Session::decode(&newer).is_none());
    }

    #[test]
    fn a_truncated_record_is_no_session() {
        let whole = session().encode();
        for (end, _) in whole.char_indices() {
            assert!(Session::decode(whole.get(..end).unwrap()).is_none(), "{end}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = Session::decode(&text);
        }
    }
}
