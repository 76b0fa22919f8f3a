//! Whether tokens are the right ones: of this user pool, of this app client, and of the user they are taken for.
//!
//! Tokens arrive over TLS, and their signature is not verified here. So this is no defence against a service that lies
//! well. It is one against a service, or a cache in front of it, that mixes up its answers, and against a stored text
//! that was put together from two sessions: without it, one user's page would show and change another user's account.
//!
//! What is compared follows OpenID Connect Core 1.0, sections 3.1.3.7 and 12.2 (`iss`, `sub`, `aud`), and Cognito's own
//! claims (`token_use`, `client_id`, `username`). Of `iss` it is the pool's id that counts, for a pool may be switched to
//! another form of it, and an emulator may be reached by several names. A claim that a token does not have is not compared: services other
//! than Amazon's leave some out. Not compared are `event_id`, `origin_jti` and `auth_time`. They tell two sign-ins of
//! one user apart, which does no harm, and whether a rotated token keeps them is nowhere documented.

use super::config::UserPoolConfig;
use super::error::{AuthError, Code};
use super::jwt::Claims;
use super::names::Username;
use super::secret::{AccessToken, IdToken};
use super::session::PoolLogin;

/// What tokens are held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The configured user pool and app client.
    pub pool: &'a UserPoolConfig,
    /// The user whose tokens they renew, or whom they are stored with.
    pub login: Option<&'a PoolLogin>,
    /// Who signs in, where the service has said so in a challenge: `USER_ID_FOR_SRP`.
    pub named: Option<&'a Username>,
}

/// Claims by which a service may name the user of a sign-in. Amazon's own `USER_ID_FOR_SRP` is the `username`;
/// emulators also answer the `sub`, or repeat the alias that was typed.
const NAMES: [&str; 6] = [
    "username",
    "cognito:username",
    "sub",
    "email",
    "phone_number",
    "preferred_username",
];

/// Claims that are compared, and have to be texts where they are there.
const COMPARED: [&str; 6] = ["token_use", "client_id", "sub", "username", "cognito:username", "iss"];

/// Compares two tokens with each other and with what is expected of them.
///
/// # Errors
/// [`Code::TokenMismatch`], naming the claim; its values are in no message.
pub fn check(access: &AccessToken, id: &IdToken, expected: Expected<'_>) -> Result<(), AuthError> {
    let Expected { pool, login, named } = expected;
    let (access, id) = (Claims::of(access.reveal()), Claims::of(id.reveal()));
    let of_access = |name: &str| access.as_ref()?.text(name);
    let of_id = |name: &str| id.as_ref()?.text(name);
    let client = pool.client_id.as_str();
    let user_sub = login.map(|login| &*login.user_sub);
    // Where the access token names no user, the session has the `sub` in its place, and that is compared by itself.
    let username = login
        .map(|login| login.username.as_str())
        .filter(|name| Some(*name) != user_sub);
    let is_senseless = |name: &&str| {
        [&access, &id]
            .into_iter()
            .flatten()
            .any(|claims| claims.is_senseless(name))
    };
    let differs =
        |(_, is, wanted): &(&str, Option<&str>, Option<&str>)| is.is_some() && wanted.is_some() && is != wanted;
    let mismatch = [
        ("token_use of the access token", of_access("token_use"), Some("access")),
        ("token_use of the ID token", of_id("token_use"), Some("id")),
        ("client_id of the access token", of_access("client_id"), Some(client)),
        ("sub of both tokens", of_id("sub"), of_access("sub")),
        (
            "username of both tokens",
            of_id("cognito:username"),
            of_access("username"),
        ),
        ("sub of the access token", of_access("sub"), user_sub),
        ("sub of the ID token", of_id("sub"), user_sub),
        ("username of the access token", of_access("username"), username),
        ("username of the ID token", of_id("cognito:username"), username),
    ]
    .into_iter()
    .find(differs)
    .map(|(what, ..)| what);
    let is_foreign = |issuer: Option<&str>| issuer.is_some_and(|issuer| !pool.is_issuer(issuer));
    let is_for_client = id.as_ref().and_then(|claims| claims.is_for(client)).unwrap_or(true);
    let is_named = named.is_none_or(|named| {
        let mut names = NAMES
            .into_iter()
            .flat_map(|name| [of_access(name), of_id(name)])
            .flatten()
            .peekable();
        names.peek().is_none() || names.any(|name| name.eq_ignore_ascii_case(named.as_str()))
    });
    let mismatch = COMPARED
        .into_iter()
        .find(is_senseless)
        .or(mismatch)
        .or((!is_for_client).then_some("aud of the ID token"))
        .or(is_foreign(of_access("iss")).then_some("iss of the access token"))
        .or(is_foreign(of_id("iss")).then_some("iss of the ID token"))
        .or((!is_named).then_some("username of the access token"));
    let Some(what) = mismatch else { return Ok(()) };
    let mut error = AuthError::new(
        Code::TokenMismatch,
        format!(
            "The tokens that arrived are not used: the {what} does not fit the user, the app client or the user pool. \
             Something between this page and the service, such as a cache, may have mixed up answers. Try again."
        ),
    );
    error.retryable = true;
    Err(error)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::secret::RefreshToken;
    use crate::core::session::Tokens;
    use crate::testing::{jwt, pool_config};
    use serde_json::{Value, json};

    const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool";

    fn access() -> Value {
        json!({"sub": "s", "username": "alice", "token_use": "access", "client_id": "client1", "iss": ISSUER,
            "iat": 1, "exp": 9})
    }

    fn id() -> Value {
        json!({"sub": "s", "cognito:username": "alice", "token_use": "id", "aud": "client1", "iss": ISSUER,
            "email": "alice@example.com", "iat": 1, "exp": 9})
    }

    fn with(mut claims: Value, name: &str, value: Value) -> Value {
        claims[name] = value;
        claims
    }

    fn without(mut claims: Value, name: &str) -> Value {
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn tokens(access: &Value, id: &Value) -> (AccessToken, IdToken) {
        (AccessToken::new(jwt(access)), IdToken::new(jwt(id)))
    }

    fn login(access: &Value, id: &Value) -> PoolLogin {
        let (access, id) = tokens(access, id);
        PoolLogin::of(Tokens::found(access, id, RefreshToken::new("r")).unwrap(), None).unwrap()
    }

    /// The claim that does not fit.
    fn refused(pool: &UserPoolConfig, access: &Value, id: &Value, login: Option<&PoolLogin>) -> Option<String> {
        let (access, id) = tokens(access, id);
        let expected = Expected {
            pool,
            login,
            named: None,
        };
        let error = check(&access, &id, expected).err()?;
        assert_eq!((error.code, error.retryable), (Code::TokenMismatch, true));
        let (_, rest) = error.message.split_once("not used: the ").unwrap();
        Some(rest.split_once(" does not fit").unwrap().0.into())
    }

    #[test]
    fn tokens_that_fit_are_taken_and_each_claim_that_does_not_is_named() {
        let pool = pool_config(None);
        let alice = login(&access(), &id());
        for (access, id, expected) in [
            (access(), id(), None),
            (id(), access(), Some("token_use of the access token")),
            (
                access(),
                with(id(), "token_use", json!("access")),
                Some("token_use of the ID token"),
            ),
            (
                with(access(), "client_id", json!("client2")),
                id(),
                Some("client_id of the access token"),
            ),
            (
                access(),
                with(id(), "aud", json!("client2")),
                Some("aud of the ID token"),
            ),
            (
                access(),
                with(id(), "aud", json!(["client2"])),
                Some("aud of the ID token"),
            ),
            (access(), with(id(), "aud", json!(["client2", "client1"])), None),
            (
                with(access(), "iss", json!("https://evil.example/us-east-1_Pool")),
                id(),
                Some("iss of the access token"),
            ),
            (
                access(),
                with(id(), "iss", json!(ISSUER.replace("Pool", "Other"))),
                Some("iss of the ID token"),
            ),
            (access(), with(id(), "sub", json!("other")), Some("sub of both tokens")),
            (
                access(),
                with(id(), "cognito:username", json!("bob")),
                Some("username of both tokens"),
            ),
            (
                with(access(), "sub", json!("x")),
                with(id(), "sub", json!("x")),
                Some("sub of the access token"),
            ),
            (
                without(access(), "sub"),
                with(id(), "sub", json!("x")),
                Some("sub of the ID token"),
            ),
            (
                with(access(), "username", json!("bob")),
                with(id(), "cognito:username", json!("bob")),
                Some("username of the access token"),
            ),
            (
                without(access(), "username"),
                with(id(), "cognito:username", json!("bob")),
                Some("username of the ID token"),
            ),
            (with(access(), "sub", json!(["s"])), id(), Some("sub")),
            (with(access(), "client_id", json!(["client2"])), id(), Some("client_id")),
            (access(), with(id(), "token_use", json!(1)), Some("token_use")),
            (
                access(),
                with(id(), "cognito:username", json!("")),
                Some("cognito:username"),
            ),
            (access(), with(id(), "iss", json!({})), Some("iss")),
            (access(), with(id(), "aud", json!(5)), Some("aud of the ID token")),
            (access(), with(id(), "aud", Value::Null), None),
            (access(), with(id(), "sub", Value::Null), None),
        ] {
            assert_eq!(
                refused(&pool, &access, &id, Some(&alice)).as_deref(),
                expected,
                "{access} {id}"
            );
        }
    }

    #[test]
    fn claims_that_a_token_lacks_are_not_compared() {
        let pool = pool_config(None);
        let alice = login(&access(), &id());
        for name in ["sub", "username", "token_use", "client_id", "iss"] {
            assert_eq!(
                refused(&pool, &without(access(), name), &id(), Some(&alice)),
                None,
                "{name}"
            );
        }
        for name in ["sub", "cognito:username", "token_use", "aud", "iss"] {
            assert_eq!(
                refused(&pool, &access(), &without(id(), name), Some(&alice)),
                None,
                "{name}"
            );
        }
        let opaque = AccessToken::new("opaque");
        let expected = Expected {
            pool: &pool,
            login: Some(&alice),
            named: None,
        };
        assert!(check(&opaque, &IdToken::new(jwt(&id())), expected).is_ok());
        let other = IdToken::new(jwt(&with(id(), "sub", json!("other"))));
        assert!(check(&opaque, &other, expected).is_err());
    }

    #[test]
    fn a_session_goes_on_when_its_pool_is_switched_to_the_other_form_of_issuer() {
        let pool = pool_config(None);
        let alice = login(&access(), &id());
        let switched = json!(ISSUER.replace("cognito-idp", "issuer-cognito-idp"));
        let (access, id) = (with(access(), "iss", switched.clone()), with(id(), "iss", switched));
        assert_eq!(refused(&pool, &access, &id, Some(&alice)), None);
    }

    #[test]
    fn a_sign_in_gives_tokens_of_the_user_whom_the_service_has_named() {
        let pool = pool_config(None);
        let fits = |access: &Value, id: &Value, name: &str| {
            let (access, id) = tokens(access, id);
            let name = Username::new(name);
            let expected = Expected {
                pool: &pool,
                login: None,
                named: Some(&name),
            };
            check(&access, &id, expected).is_ok()
        };
        for name in ["alice", "Alice", "s", "alice@example.com"] {
            assert!(fits(&access(), &id(), name), "{name}");
        }
        assert!(!fits(&access(), &id(), "bob"));
        assert!(
            fits(&json!({}), &json!({}), "bob"),
            "tokens that name no user are not compared"
        );
    }
}
