//! The record: what is persisted of the session, of the identity and of what is still to be revoked, in its [envelope].

mod session;

use std::rc::Rc;

use zeroize::Zeroizing;

use super::config::{Config, OAuthConfig, UserPoolConfig};
use super::envelope;
pub use super::envelope::Unreadable;
use super::identity::{Identity, Owner};
use super::json::{ObjectWriter, Reader};
use super::secret::RefreshToken;
use super::session::Session;
use super::token_check::{self, Expected};
use super::user_state::Reason;
use session::{read_user, size, write_session};

/// What is stored for one configuration.
#[derive(Clone, Debug)]
pub struct Record {
    /// Differs with every write.
    pub generation: i64,
    /// Who is signed in.
    pub user: User,
    /// The identity of the identity pool; a guest's where no user is signed in.
    pub identity: Option<Identity>,
    /// Sessions that have ended here and not yet at the service.
    pub revocations: Vec<Revocation>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub enum User {
    /// A user.
    SignedIn(Rc<Session>),
    /// No user, for this reason. A record stays behind after a sign-out (a tombstone), so that a missing record means that
    /// it was lost, and not a sign-out.
    SignedOut(Reason),
}

/// A refresh token that is still to be revoked.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// The endpoint that has issued it. It is sent to no other.
    pub endpoint: String,
    /// The token.
    pub token: RefreshToken,
}

/// Where the record of a configuration is stored. Apps of one origin that use other pools or clients do not meet. Nor do
/// two endpoints of one pool: with another endpoint in the configuration there is no stored session to send there.
pub fn storage_key(config: &Config) -> Option<String> {
    let identity_pool = config.identity_pool.as_ref().map(|pool| pool.pool_id.as_str());
    let user_pool = config.user_pool.as_ref().map(|pool| pool_key(pool));
    let hosted = config.oauth.as_ref().filter(|_| user_pool.is_none()).map(hosted_key);
    let login = user_pool.or(hosted);
    if login.is_none() && identity_pool.is_none() {
        return None;
    }
    Some(format!(
        "cognito-wasm/{}/{}",
        login.as_deref().unwrap_or("-/-"),
        identity_pool.unwrap_or("-")
    ))
}

fn pool_key(pool: &UserPoolConfig) -> String {
    // An endpoint ends with a slash, and neither a client's id nor what follows it has one.
    let endpoint = match pool.other_endpoint() {
        None => "/".to_owned(),
        Some(endpoint) => format!("@{}", endpoint.url()),
    };
    [pool.pool_id.as_str(), &endpoint, pool.client_id.as_str()].concat()
}

fn hosted_key(login: &OAuthConfig) -> String {
    let server = login.web_domain.as_deref().or(login.token_uri.as_deref());
    let server = server.unwrap_or_default().trim_end_matches('/');
    ["@", server, "/", login.client_id.as_str()].concat()
}

impl Record {
    /// The record's text.
    pub fn encode(&self) -> Zeroizing<String> {
        let json = match &self.user {
            User::SignedOut(reason) => ObjectWriter::with_capacity(512).text("reason", reason.as_str()),
            User::SignedIn(session) => {
                ObjectWriter::with_capacity(size(session) + 1024).object("user", write_session(session))
            }
        };
        let json = match &self.identity {
            None => json,
            Some(identity) => json.object("identity", write_identity(identity)),
        };
        let revocations = self.revocations.iter().map(|revocation| {
            ObjectWriter::new()
                .text("endpoint", &revocation.endpoint)
                .text("token", revocation.token.reveal())
        });
        envelope::seal(self.generation, json.objects("revocations", revocations))
    }

    /// Reads a record of this configuration. One whose tokens are not of its user, or not of the configured pool and
    /// client, was put together from two, and counts as damaged.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode_of(config: &Config, text: &str) -> Result<Self, Unreadable> {
        let record = Self::decode(text)?;
        if let User::SignedIn(session) = &record.user
            && let Some(login) = session.pool_login()
        {
            let pool = config.user_pool.as_ref().ok_or(Unreadable::Damaged)?;
            let expected = Expected {
                pool,
                login: Some(login),
                named: None,
            };
            if let Some(tokens) = &login.tokens {
                token_check::check(&tokens.access, &tokens.id, expected).map_err(|_| Unreadable::Damaged)?;
            }
        }
        Ok(record)
    }

    /// Reads a record. What does not fit makes the whole of it unreadable: half a session is of no use.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let (generation, (user, identity, revocations)) = envelope::open(text, |record| {
            let identity = record
                .has("identity")
                .then(|| read_identity(record.section("identity")));
            let revocations = record.objects("revocations").into_iter().map(|revocation| Revocation {
                endpoint: revocation.required_text("endpoint").into(),
                token: RefreshToken::new(revocation.required_text("token")),
            });
            let identity = match identity {
                Some(None) => return None,
                Some(identity) => identity,
                None => None,
            };
            Some((read_user(record)?, identity, revocations.collect()))
        })?;
        Ok(Self {
            generation,
            user,
            identity,
            revocations,
        })
    }
}

fn write_identity(identity: &Identity) -> ObjectWriter {
    let written = ObjectWriter::new().text("id", &identity.id);
    match identity.owner {
        Owner::Guest => written,
        Owner::Session(id) => written.integer("session", id),
    }
}

fn read_identity(identity: Reader<'_>) -> Option<Identity> {
    Some(Identity {
        id: identity.filled_text("id")?.into(),
        owner: identity.integer("session").map_or(Owner::Guest, Owner::Session),
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::envelope::sealed;
    use crate::core::names::Username;
    use crate::core::secret::{AccessToken, IdToken, ProviderToken};
    use crate::core::session::{
        FederatedLogin, HostedLogin, HostedTokens, Journal, Lifetime, Login, PoolLogin, Tokens,
    };
    use crate::testing::config_text;
    use proptest::prelude::*;

    fn tokens() -> Tokens {
        Tokens {
            access: AccessToken::new("a.b.c"),
            id: IdToken::new("d.e.f"),
            refresh: RefreshToken::new("r"),
            life: Lifetime {
                received_at: 1_800_000_000_000,
                expires_at: 1_800_003_600_000,
            },
        }
    }

    fn record(tokens: Option<Tokens>, journal: Option<Journal>) -> Record {
        Record {
            generation: 7,
            user: User::SignedIn(Rc::new(Session {
                id: 5,
                login: Login::UserPool(PoolLogin {
                    username: Username::new("jürgen \"x\""),
                    user_sub: "sub".into(),
                    device_key: Some("device".into()),
                    tokens,
                }),
                refusal: Some(Reason::Reuse),
                journal,
                booked_until: 60_009,
            })),
            identity: Some(Identity {
                id: "us-east-1:1".into(),
                owner: Owner::Session(5),
            }),
            revocations: vec![Revocation {
                endpoint: "https://pool.example/".into(),
                token: RefreshToken::new("old"),
            }],
        }
    }

    fn session(record: Record) -> Rc<Session> {
        match record.user {
            User::SignedIn(session) => session,
            User::SignedOut(_) => panic!("no user is signed in"),
        }
    }

    #[test]
    fn a_record_reads_back_as_it_was_written() {
        let journal = Journal::begun(9).failed(11, None, 3);
        let read = Record::decode(&record(Some(tokens()), Some(journal)).encode()).unwrap();
        let [revocation] = &*read.revocations else { panic!() };
        assert_eq!(
            (&*revocation.endpoint, revocation.token.reveal()),
            ("https://pool.example/", "old")
        );
        assert_eq!(read.generation, 7);
        assert_eq!(
            read.identity,
            Some(Identity {
                id: "us-east-1:1".into(),
                owner: Owner::Session(5)
            })
        );
        let session = session(read);
        assert_eq!((session.id, session.username()), (5, Some("jürgen \"x\"")));
        assert_eq!(session.subject(), Some("sub"));
        assert_eq!(session.pool_login().unwrap().device_key.as_deref(), Some("device"));
        assert_eq!((session.refusal, session.journal), (Some(Reason::Reuse), Some(journal)));
        assert_eq!(session.booked_until, 60_009);
        let tokens = session.pool_tokens().unwrap();
        assert_eq!(
            (tokens.access.reveal(), tokens.id.reveal(), tokens.refresh.reveal()),
            ("a.b.c", "d.e.f", "r")
        );
        assert_eq!(
            (tokens.life.received_at, tokens.life.expires_at),
            (1_800_000_000_000, 1_800_003_600_000)
        );
    }

    fn of(login: impl Into<Login>) -> Record {
        Record {
            user: User::SignedIn(Rc::new(Session::begun_by(login))),
            identity: None,
            ..record(None, None)
        }
    }

    #[test]
    fn hosted_login_reads_back_with_and_without_optional_tokens() {
        for (id, refresh) in [(Some("i"), Some("r")), (None, None)] {
            let hosted = HostedLogin {
                subject: "sub".into(),
                username: id.map(Username::new),
                tokens: Some(HostedTokens {
                    access: AccessToken::new("opaque"),
                    id: id.map(IdToken::new),
                    refresh: refresh.map(RefreshToken::new),
                    scopes: vec!["openid".into(), "email".into()],
                    life: Lifetime {
                        received_at: 1,
                        expires_at: 2,
                    },
                }),
            };
            let session = session(Record::decode(&of(hosted).encode()).unwrap());
            assert_eq!((session.subject(), session.username()), (Some("sub"), id));
            assert_eq!(session.access_token().map(AccessToken::reveal), Some("opaque"));
            assert_eq!(session.id_token().map(IdToken::reveal), id);
            assert_eq!(session.refresh_token().map(RefreshToken::reveal), refresh);
            let Login::Hosted(login) = &session.login else { panic!() };
            assert_eq!(login.tokens.as_ref().unwrap().scopes, ["openid", "email"]);
            assert_eq!((session.received_at(), session.needs_sign_in()), (Some(1), false));
            assert!(session.pool_login().is_none());
        }
        let ended = HostedLogin {
            subject: "sub".into(),
            username: None,
            tokens: None,
        };
        assert!(session(Record::decode(&of(ended).encode()).unwrap()).needs_sign_in());
    }

    #[test]
    fn federated_login_reads_back_with_and_without_its_token() {
        for (token, expires_at) in [(Some("t"), Some(7)), (None, None)] {
            let federated = FederatedLogin {
                provider: "accounts.google.com".into(),
                subject: Some("sub".into()),
                username: None,
                token: token.map(ProviderToken::new),
                expires_at,
            };
            let session = session(Record::decode(&of(federated).encode()).unwrap());
            let Login::Federated(login) = &session.login else {
                panic!()
            };
            assert_eq!(login.provider, "accounts.google.com");
            assert_eq!(login.token.as_ref().map(ProviderToken::reveal), token);
            assert_eq!(login.expires_at, expires_at);
            assert_eq!((session.subject(), session.username()), (Some("sub"), None));
            assert_eq!(session.needs_sign_in(), token.is_none());
        }
    }

    #[test]
    fn guest_has_a_record_without_a_user() {
        let guest = Identity {
            id: "us-east-1:1".into(),
            owner: Owner::Guest,
        };
        let record = Record {
            generation: 8,
            user: User::SignedOut(Reason::UserAction),
            identity: Some(guest.clone()),
            revocations: Vec::new(),
        };
        assert_eq!(Record::decode(&record.encode()).unwrap().identity, Some(guest));
    }

    #[test]
    fn record_of_version_1_is_of_an_older_version() {
        let older = sealed("3", r#"{"version":1,"signedOut":"userAction"}"#);
        assert_eq!(Record::decode(&older).unwrap_err(), Unreadable::Older);
    }

    #[test]
    fn record_of_a_user_pool_is_damaged_where_none_is_configured() {
        let config = r#"{"CredentialsProvider":{"CognitoIdentity":{"Default":{"PoolId":"us-east-1:0-1","Region":"us-east-1"}}}}"#;
        let config = Config::parse(config).unwrap();
        let text = record(None, None).encode();
        assert_eq!(Record::decode_of(&config, &text).unwrap_err(), Unreadable::Damaged);
    }

    #[test]
    fn what_a_session_does_not_have_is_not_there_either() {
        let session = session(Record::decode(&record(None, None).encode()).unwrap());
        assert!(session.needs_sign_in() && session.journal.is_none());
    }

    #[test]
    fn a_sign_out_is_a_record_too() {
        let gone = Record {
            generation: 8,
            user: User::SignedOut(Reason::UserAction),
            identity: None,
            revocations: Vec::new(),
        };
        let read = Record::decode(&gone.encode()).unwrap();
        assert!(matches!(read.user, User::SignedOut(Reason::UserAction)));
    }

    #[test]
    fn a_record_of_a_later_version_is_told_from_a_damaged_one() {
        let json = r#"{"version":3,"future":[]}"#;
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
        assert_eq!(key(identity_pool).unwrap(), "cognito-wasm/-/-/us-east-1:0-1");
        let hosted = r#"{"Auth":{"Default":{"OAuth":{"AppClientId":"c","WebDomain":"login.example","Scopes":["openid"],
            "SignInRedirectURI":"https://a.example/","SignOutRedirectURI":"https://a.example/"}}}}"#;
        assert_eq!(key(hosted).unwrap(), "cognito-wasm/@login.example/c/-");
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
            members in prop::collection::vec(("version|user|identity|revocations|reason", "-?[0-9]{1,20}|\"[a-z]*\"|\\[\"x\"\\]|null|\\{\"(session|login|username|accessToken|failures|id)\":[0-9]\\}"), 0..6),
        ) {
            let json = format!("{{{}}}", members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect::<Vec<_>>().join(","));
            let _ = Record::decode(&sealed("1", &json));
        }
    }
}
