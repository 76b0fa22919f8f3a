//! A session that Amplify (5 or 6) or amazon-cognito-identity-js has left in the browser's storage.
//!
//! Both use the same keys, so both are read alike. What they store as `clockDrift` is not read: one means seconds, the
//! other milliseconds of the opposite sign, under the same name.

use zeroize::Zeroizing;

use super::config::UserPoolConfig;
use super::names::{ClientId, Username};
use super::secret::{AccessToken, IdToken, RefreshToken};
use super::session::{PoolLogin, Session, Tokens};
use super::token_check::{self, Expected};

/// The keys of one app client. User names may hold any character, so they are built and never taken apart.
#[derive(Debug)]
pub struct ForeignKeys {
    prefix: String,
}

/// What those packages store of a user beside device keys, which stay.
const OF_USER: &[&str] = &[
    "accessToken",
    "idToken",
    "refreshToken",
    "clockDrift",
    "userData",
    "signInDetails",
    "tokenScopesString",
    "oauthMetadata",
];

impl ForeignKeys {
    /// The keys of this app client.
    pub fn of(client: &ClientId) -> Self {
        Self {
            prefix: format!("CognitoIdentityServiceProvider.{}", client.as_str()),
        }
    }

    /// The session of the user who signed in last. `None` when there is none, it lacks a token, or its tokens are not of this
    /// pool and client, or of two users, or of another than the keys say.
    pub fn session(&self, pool: &UserPoolConfig, get: impl Fn(&str) -> Option<Zeroizing<String>>) -> Option<Session> {
        let user = get(&self.last_user())?;
        // What was typed, or what the service has made of it: one of the names in the tokens.
        let named = Username::new(&**user);
        let of_user = |name: &str| get(&self.of_user(&user, name)).filter(|text| !text.is_empty());
        let tokens = Tokens::found(
            AccessToken::new(&**of_user("accessToken")?),
            IdToken::new(&**of_user("idToken")?),
            RefreshToken::new(&**of_user("refreshToken")?),
        )?;
        let expected = Expected {
            pool,
            login: None,
            named: Some(&named),
        };
        token_check::check(&tokens.access, &tokens.id, expected).ok()?;
        let device_key = of_user("deviceKey").map(|key| key.to_string());
        PoolLogin::of(tokens, device_key).map(Session::begun_by)
    }

    /// The keys to remove once the session is ours: tokens in two places would outlive a sign-out in one.
    pub fn to_remove(&self, get: impl Fn(&str) -> Option<Zeroizing<String>>) -> Vec<String> {
        let last_user = self.last_user();
        let Some(user) = get(&last_user) else {
            return Vec::new();
        };
        let mut keys: Vec<String> = OF_USER.iter().map(|name| self.of_user(&user, name)).collect();
        keys.push(last_user);
        keys
    }

    fn last_user(&self) -> String {
        format!("{}.LastAuthUser", self.prefix)
    }

    fn of_user(&self, user: &str, name: &str) -> String {
        format!("{}.{user}.{name}", self.prefix)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{jwt, pool_config};
    use serde_json::json;

    fn keys() -> ForeignKeys {
        ForeignKeys::of(&pool_config(None).client_id)
    }

    fn stored(user: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let prefix = "CognitoIdentityServiceProvider.client1";
        let token = jwt(&json!({"sub": "s", "username": user, "iat": 1000, "exp": 4600}));
        let mut store = BTreeMap::from([(format!("{prefix}.LastAuthUser"), user.to_owned())]);
        let tokens = [("accessToken", &*token), ("idToken", &*token), ("refreshToken", "r")];
        for (name, text) in tokens.iter().chain(more) {
            store.insert(format!("{prefix}.{user}.{name}"), (*text).to_owned());
        }
        store
    }

    fn read(store: &BTreeMap<String, String>) -> Option<Session> {
        keys().session(&pool_config(None), |key| store.get(key).cloned().map(Zeroizing::new))
    }

    #[test]
    fn a_session_with_dots_in_the_user_name_is_found() {
        let session = read(&stored(
            "alice.b@example.com",
            &[("deviceKey", "d"), ("clockDrift", "7200")],
        ))
        .unwrap();
        assert_eq!(
            (session.username(), session.pool_login().unwrap().device_key.as_deref()),
            (Some("alice.b@example.com"), Some("d"))
        );
        assert_eq!(session.life().unwrap().expires_at, 4_600_000);
    }

    #[test]
    fn a_session_that_lacks_a_token_is_none() {
        for name in ["accessToken", "idToken", "refreshToken"] {
            let mut store = stored("alice", &[]);
            let key = format!("CognitoIdentityServiceProvider.client1.alice.{name}");
            store.insert(key.clone(), String::new());
            assert!(read(&store).is_none(), "{name}");
            store.remove(&key);
            assert!(read(&store).is_none(), "{name}");
        }
        assert!(read(&BTreeMap::new()).is_none());
    }

    #[test]
    fn a_session_of_another_client_or_of_two_users_is_none() {
        let key = |name: &str| format!("CognitoIdentityServiceProvider.client1.alice.{name}");
        for (name, claims) in [
            (
                "accessToken",
                json!({"sub": "s", "username": "alice", "client_id": "client2", "iat": 1000, "exp": 4600}),
            ),
            ("idToken", json!({"sub": "other", "iat": 1000, "exp": 4600})),
        ] {
            let mut store = stored("alice", &[]);
            store.insert(key(name), jwt(&claims));
            assert!(read(&store).is_none(), "{name}");
        }
    }

    #[test]
    fn tokens_under_the_name_of_another_user_are_no_session_and_those_under_an_alias_are() {
        let key = |name: &str| format!("CognitoIdentityServiceProvider.client1.alice.{name}");
        for (username, email, is_session) in [("bob", "bob@example.com", false), ("bob", "ALICE", true)] {
            let mut store = stored("alice", &[]);
            let claims = json!({"sub": "s", "username": username, "email": email, "iat": 1000, "exp": 4600});
            for name in ["accessToken", "idToken"] {
                store.insert(key(name), jwt(&claims));
            }
            assert_eq!(read(&store).is_some(), is_session, "{email}");
        }
    }

    #[test]
    fn everything_but_the_device_is_to_be_removed() {
        let mut store = stored("a.b", &[("deviceKey", "d"), ("clockDrift", "0")]);
        for key in keys().to_remove(|key| store.get(key).cloned().map(Zeroizing::new)) {
            store.remove(&key);
        }
        assert_eq!(
            store.into_keys().collect::<Vec<_>>(),
            ["CognitoIdentityServiceProvider.client1.a.b.deviceKey"]
        );
    }

    proptest! {
        #[test]
        fn no_store_makes_the_reader_panic(texts in proptest::collection::vec(any::<String>(), 1..4), key in any::<u8>()) {
            let text = |key: &str| Some(Zeroizing::new(texts[key.len() % texts.len()].clone()));
            read_all(&text);
            read_all(&|name| text(name).filter(|_| name.len() % 256 != usize::from(key)));
        }

        #[test]
        fn no_claims_of_a_stored_token_make_the_reader_panic(user in any::<String>(), iat in any::<i64>(), exp in any::<i64>(), far in any::<f64>()) {
            for claims in [json!({"sub": user, "username": user, "iat": iat, "exp": exp}), json!({"sub": "s", "username": "u", "iat": far, "exp": far})] {
                let token = jwt(&claims);
                read_all(&|_| Some(Zeroizing::new(token.clone())));
            }
        }
    }

    fn read_all(get: &dyn Fn(&str) -> Option<Zeroizing<String>>) {
        let _ = keys().session(&pool_config(None), get);
        let _ = keys().to_remove(get);
    }
}
