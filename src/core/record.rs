//! The record of the session: what is persisted of it, in its [envelope].

use std::rc::Rc;

use zeroize::Zeroizing;

use super::config::{Config, UserPoolConfig};
use super::envelope;
pub use super::envelope::Unreadable;
use super::json::{ObjectWriter, Reader};
use super::names::Username;
use super::secret::{AccessToken, IdToken, RefreshToken};
use super::session::{Journal, Session};
use super::token_check::{self, Expected};
use super::tokens::Tokens;
use super::user_state::Reason;

/// What is stored for one user pool, app client and identity pool.
#[derive(Clone, Debug)]
pub struct Record {
    /// Grows with every write.
    pub generation: i64,
    /// Who is signed in.
    pub content: Content,
    /// Refresh tokens of sessions that have ended here and not yet at the service.
    pub revocations: Vec<RefreshToken>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub enum Content {
    /// A user.
    Session(Rc<Session>),
    /// Nobody, since a sign-out. The record stays, so that one which is missing was lost, and no sign-out.
    SignedOut(Reason),
}

/// Where the record of a configuration is stored. Apps of one origin that use other pools or clients do not meet. Nor do
/// two endpoints of one pool: whoever puts another endpoint into the configuration finds no session to send there.
pub fn storage_key(config: &Config) -> Option<String> {
    let pool = config.user_pool.as_ref()?;
    let identity_pool = config.identity_pool.as_ref().map_or("-", |pool| pool.pool_id.as_str());
    // An endpoint ends with a slash, and neither a client's id nor what follows it has one.
    let endpoint = match pool.other_endpoint() {
        None => "/".to_owned(),
        Some(endpoint) => format!("@{}", endpoint.url()),
    };
    Some(format!(
        "cognito-wasm/{}{endpoint}{}/{identity_pool}",
        pool.pool_id.as_str(),
        pool.client_id.as_str()
    ))
}

impl Record {
    /// The record's text.
    pub fn encode(&self) -> Zeroizing<String> {
        let json = match &self.content {
            Content::SignedOut(reason) => ObjectWriter::with_capacity(512).text("signedOut", reason.as_str()),
            Content::Session(session) => write_session(session),
        };
        let json = json.texts("revocations", self.revocations.iter().map(|token| token.reveal()));
        envelope::seal(self.generation, json)
    }

    /// Reads a record of this pool and client. One whose tokens are not of its user, or not of this pool and client, was
    /// put together from two, and counts as damaged.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode_of(pool: &UserPoolConfig, text: &str) -> Result<Self, Unreadable> {
        let record = Self::decode(text)?;
        if let Content::Session(session) = &record.content
            && let Some(tokens) = &session.tokens
        {
            let expected = Expected {
                pool,
                session: Some(session),
                named: None,
            };
            token_check::check(&tokens.access, &tokens.id, expected).map_err(|_| Unreadable::Damaged)?;
        }
        Ok(record)
    }

    /// Reads a record. There is no half a session: what does not fit makes the whole of it unreadable.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let (generation, (content, revocations)) = envelope::open(text, |record| {
            let revocations = record.texts("revocations").into_iter().map(RefreshToken::new);
            Some((read_content(record)?, revocations.collect()))
        })?;
        Ok(Self {
            generation,
            content,
            revocations,
        })
    }
}

fn write_session(session: &Session) -> ObjectWriter {
    let tokens = session.tokens.as_ref();
    let bytes = tokens.map_or(0, |tokens| {
        tokens.access.reveal().len() + tokens.id.reveal().len() + tokens.refresh.reveal().len()
    });
    let record = ObjectWriter::with_capacity(bytes + 1024)
        .integer("session", session.id)
        .text("username", session.username.as_str())
        .text("userSub", &session.user_sub)
        .maybe_text("deviceKey", session.device_key.as_deref())
        .maybe_text("refusal", session.refusal.map(Reason::as_str))
        .integer("bookedUntil", session.booked_until);
    let record = match tokens {
        None => record,
        Some(tokens) => record
            .text("accessToken", tokens.access.reveal())
            .text("idToken", tokens.id.reveal())
            .text("refreshToken", tokens.refresh.reveal())
            .integer("receivedAt", tokens.received_at)
            .integer("expiresAt", tokens.expires_at),
    };
    match session.journal {
        None => record,
        Some(journal) => record
            .integer("refreshSince", journal.since)
            .integer("sentAt", journal.sent_at)
            .integer("failures", journal.failures.into())
            .integer("failedAt", journal.failed_at)
            .integer("notBefore", journal.not_before)
            .integer("askedUntil", journal.asked_until),
    }
}

fn read_content(record: &Reader<'_>) -> Option<Content> {
    if let Some(reason) = record.text("signedOut") {
        return Reason::named(reason).map(Content::SignedOut);
    }
    let number = |key| record.integer(key);
    Some(Content::Session(Rc::new(Session {
        id: number("session")?,
        username: Username::new(record.required_text("username")),
        user_sub: record.required_text("userSub").into(),
        device_key: record.text("deviceKey").map(String::from),
        refusal: record.text("refusal").and_then(Reason::named),
        booked_until: number("bookedUntil")?,
        tokens: if record.has("accessToken") {
            Some(Tokens {
                access: AccessToken::new(record.required_text("accessToken")),
                id: IdToken::new(record.required_text("idToken")),
                refresh: RefreshToken::new(record.required_text("refreshToken")),
                received_at: number("receivedAt")?,
                expires_at: number("expiresAt")?,
            })
        } else {
            None
        },
        journal: if record.has("refreshSince") {
            Some(Journal {
                since: number("refreshSince")?,
                sent_at: number("sentAt")?,
                failures: u32::try_from(number("failures")?).ok()?,
                failed_at: number("failedAt")?,
                not_before: number("notBefore")?,
                asked_until: number("askedUntil")?,
            })
        } else {
            None
        },
    })))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::envelope::sealed;
    use crate::testing::config_text;
    use proptest::prelude::*;

    fn tokens() -> Tokens {
        Tokens {
            access: AccessToken::new("a.b.c"),
            id: IdToken::new("d.e.f"),
            refresh: RefreshToken::new("r"),
            received_at: 1_800_000_000_000,
            expires_at: 1_800_003_600_000,
        }
    }

    fn record(tokens: Option<Tokens>, journal: Option<Journal>) -> Record {
        Record {
            generation: 7,
            content: Content::Session(Rc::new(Session {
                id: 5,
                username: Username::new("jürgen \"x\""),
                user_sub: "sub".into(),
                device_key: Some("device".into()),
                tokens,
                refusal: Some(Reason::Reuse),
                journal,
                booked_until: 60_009,
            })),
            revocations: vec![RefreshToken::new("old")],
        }
    }

    fn session(record: Record) -> Rc<Session> {
        match record.content {
            Content::Session(session) => session,
            Content::SignedOut(_) => panic!("nobody is signed in"),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let journal = Journal::begun(9).failed(11, None, 3);
        let read = Record::decode(&record(Some(tokens()), Some(journal)).encode()).unwrap();
        assert_eq!((read.generation, read.revocations[0].reveal()), (7, "old"));
        let session = session(read);
        assert_eq!((session.id, session.username.as_str()), (5, "jürgen \"x\""));
        assert_eq!(
            (&*session.user_sub, session.device_key.as_deref()),
            ("sub", Some("device"))
        );
        assert_eq!((session.refusal, session.journal), (Some(Reason::Reuse), Some(journal)));
        assert_eq!(session.booked_until, 60_009);
        let tokens = session.tokens.as_ref().unwrap();
        assert_eq!(
            (tokens.access.reveal(), tokens.id.reveal(), tokens.refresh.reveal()),
            ("a.b.c", "d.e.f", "r")
        );
        assert_eq!(
            (tokens.received_at, tokens.expires_at),
            (1_800_000_000_000, 1_800_003_600_000)
        );
    }

    #[test]
    fn what_a_session_does_not_have_is_not_there_either() {
        let session = session(Record::decode(&record(None, None).encode()).unwrap());
        assert!(session.tokens.is_none() && session.journal.is_none());
    }

    #[test]
    fn a_sign_out_is_a_record_too() {
        let gone = Record {
            generation: 8,
            content: Content::SignedOut(Reason::UserAction),
            revocations: Vec::new(),
        };
        let read = Record::decode(&gone.encode()).unwrap();
        assert!(matches!(read.content, Content::SignedOut(Reason::UserAction)));
    }

    #[test]
    fn a_record_of_a_later_version_is_told_from_a_damaged_one() {
        let json = r#"{"version":2,"future":[]}"#;
        let newer = sealed("3", json);
        assert_eq!(Record::decode(&newer).unwrap_err(), Unreadable::Newer);
        assert_eq!(
            Record::decode(&newer.replace("3 ", "4 ")).unwrap_err(),
            Unreadable::Damaged
        );
    }

    #[test]
    fn a_record_that_was_cut_or_changed_anywhere_is_no_session() {
        let whole = record(Some(tokens()), None).encode();
        for (end, letter) in whole.char_indices() {
            assert!(Record::decode(whole.get(..end).unwrap()).is_err(), "{end}");
            let mut changed = whole.to_string();
            changed.replace_range(end..end + letter.len_utf8(), if letter == 'x' { "y" } else { "x" });
            assert!(Record::decode(&changed).is_err(), "{end}");
        }
    }

    #[test]
    fn the_key_names_user_pool_client_and_identity_pool() {
        let key = |text: &str| storage_key(&Config::parse(text).unwrap());
        assert_eq!(key(&config_text("")).unwrap(), "cognito-wasm/us-east-1_Pool/client1/-");
        let both = r#"{"CognitoUserPool":{"Default":{"PoolId":"us-east-1_Pool","AppClientId":"client1"}},
            "CredentialsProvider":{"CognitoIdentity":{"Default":{"PoolId":"us-east-1:0-1","Region":"us-east-1"}}}}"#;
        assert_eq!(key(both).unwrap(), "cognito-wasm/us-east-1_Pool/client1/us-east-1:0-1");
        let identity_pool = r#"{"CredentialsProvider":{"CognitoIdentity":{"Default":{"PoolId":"us-east-1:0-1","Region":"us-east-1"}}}}"#;
        assert_eq!(key(identity_pool), None);
    }

    #[test]
    fn the_key_names_an_endpoint_that_is_not_the_pools_own() {
        let key = |endpoint: &str| {
            let text = config_text(&format!(r#","Endpoint":"{endpoint}""#));
            storage_key(&Config::parse(&text).unwrap()).unwrap()
        };
        let own = "cognito-wasm/us-east-1_Pool/client1/-";
        for endpoint in [
            "cognito-idp.us-east-1.amazonaws.com",
            "https://cognito-idp.us-east-1.amazonaws.com/",
            // Replicas of a pool share its sessions.
            "cognito-idp.us-east-2.amazonaws.com",
        ] {
            assert_eq!(key(endpoint), own);
        }
        assert_eq!(
            key("http://127.0.0.1:9229"),
            "cognito-wasm/us-east-1_Pool@http://127.0.0.1:9229/client1/-"
        );
        let others = [
            "evil.example",
            "evil.example:8443",
            "https://evil.example/x",
            "https://evil.example/x/client1",
            "cognito-idp.us-east-2.amazonaws.com.evil.example",
        ];
        let mut keys: Vec<_> = others.iter().map(|endpoint| key(endpoint)).collect();
        keys.push(own.into());
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), others.len() + 1, "{keys:?}");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), generation in any::<i64>(), json in any::<String>()) {
            let _ = Record::decode(&text);
            let stamp = generation.to_string();
            let _ = Record::decode(&sealed(&stamp, &json));
        }

        #[test]
        fn no_document_with_a_true_checksum_makes_the_reader_panic(
            members in prop::collection::vec(("version|session|username|accessToken|failures|revocations|signedOut", "-?[0-9]{1,20}|\"[a-z]*\"|\\[\"x\"\\]|null"), 0..6),
        ) {
            let json = format!("{{{}}}", members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(","));
            let _ = Record::decode(&sealed("1", &json));
        }
    }
}
