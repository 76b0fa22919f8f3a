//! The tokens of a sign-in at a user pool, through its API or its hosted login.

use super::lifetime::{Lifetime, WallMillis};
use crate::core::jwt::Claims;
use crate::core::limits::MAX_ANSWER_AGE_SECONDS;
use crate::core::names::Username;
use crate::core::secret::{AccessToken, IdToken, RefreshToken};

/// What an app shows of its user, as far as the ID token says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The claim `email`.
    pub email: Option<String>,
    /// The claim `name`.
    pub name: Option<String>,
}

/// What a sign-in or a refresh of the user pool's API gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For Cognito's own operations and APIs that look at scopes.
    pub access: AccessToken,
    /// For identity pools and APIs that look at the user.
    pub id: IdToken,
    /// For new tokens.
    pub refresh: RefreshToken,
    /// When they arrived, and when the first of access token and ID token expires.
    pub life: Lifetime,
}

/// What the token endpoint of a hosted login gave: OAuth 2.0 requires an access token only, and not that it be a JWT.
#[derive(Clone, Debug)]
pub struct HostedTokens {
    /// For the APIs that it was asked for.
    pub access: AccessToken,
    /// Present where the scope `openid` was granted.
    pub id: Option<IdToken>,
    /// Absent where the login gives none: the user signs in again once the access token has expired.
    pub refresh: Option<RefreshToken>,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// When they arrived, and when the access token expires.
    pub life: Lifetime,
}

impl Tokens {
    /// Tokens that arrived at `now`. Their life is taken from their own times (`exp - iat`), so that a device whose clock
    /// is wrong keeps them as long as any other. `server_now`, in seconds by the service's clock, and `age`, in
    /// milliseconds, shorten it by what has passed already. `None` when one of the two is not a JWT with both times.
    pub fn received(
        access: AccessToken,
        id: IdToken,
        refresh: RefreshToken,
        now: WallMillis,
        server_now: Option<i64>,
        age: i64,
    ) -> Option<Self> {
        let life = remaining(access.reveal(), server_now)?.min(remaining(id.reveal(), server_now)?);
        Some(Self {
            access,
            id,
            refresh,
            life: Lifetime {
                received_at: now,
                expires_at: now.saturating_add(life.saturating_mul(1000).saturating_sub(age)),
            },
        })
    }

    /// Tokens that arrived at an unknown moment: their own times are compared with the device's clock.
    pub fn found(access: AccessToken, id: IdToken, refresh: RefreshToken) -> Option<Self> {
        let (received, expires) = times(access.reveal())?;
        let (_, id_expires) = times(id.reveal())?;
        Some(Self {
            access,
            id,
            refresh,
            life: Lifetime {
                received_at: received.saturating_mul(1000),
                expires_at: expires.min(id_expires).saturating_mul(1000),
            },
        })
    }

    /// Whether one of them had expired when it was made.
    pub fn never_lived(&self) -> bool {
        let never_lived = |token| times(token).is_some_and(|(issued, expires)| expires <= issued);
        never_lived(self.access.reveal()) || never_lived(self.id.reveal())
    }

    /// The name the service knows the user by: `username` of the access token, else `sub`.
    pub fn username(&self) -> Option<Username> {
        let claims = Claims::of(self.access.reveal())?;
        claims
            .text("username")
            .or_else(|| claims.text("sub"))
            .map(Username::new)
    }

    /// The user's `sub`.
    pub fn user_sub(&self) -> Option<String> {
        Claims::of(self.access.reveal())?.text("sub").map(String::from)
    }

    /// The user's email address or phone number, where the ID token has one.
    pub fn address(&self) -> Option<String> {
        let claims = Claims::of(self.id.reveal())?;
        claims
            .text("email")
            .or_else(|| claims.text("phone_number"))
            .map(String::from)
    }

    /// Whether `RevokeToken` can end this session: only tokens with `origin_jti` are revocable.
    pub fn is_revocable(&self) -> bool {
        Claims::of(self.access.reveal()).is_some_and(|claims| claims.text("origin_jti").is_some())
    }
}

impl Profile {
    /// That of an ID token.
    pub fn of(id: &IdToken) -> Self {
        let claims = Claims::of(id.reveal());
        let text = |name| Some(claims.as_ref()?.text(name)?.to_owned());
        Self {
            email: text("email"),
            name: text("name"),
        }
    }
}

/// `iat` and `exp`.
fn times(token: &str) -> Option<(i64, i64)> {
    let claims = Claims::of(token)?;
    Some((claims.seconds("iat")?, claims.seconds("exp")?))
}

fn remaining(token: &str, server_now: Option<i64>) -> Option<i64> {
    let (issued, expires) = times(token)?;
    let life = expires.checked_sub(issued)?;
    let age = server_now
        .and_then(|now| now.checked_sub(issued))
        .filter(|age| (0..=MAX_ANSWER_AGE_SECONDS.min(life / 2)).contains(age))
        .unwrap_or_default();
    Some(life - age)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::jwt;
    use serde_json::json;

    fn received(access: serde_json::Value, id: serde_json::Value, now: i64, server_now: Option<i64>) -> Option<Tokens> {
        Tokens::received(
            AccessToken::new(jwt(&access)),
            IdToken::new(jwt(&id)),
            RefreshToken::new("r"),
            now,
            server_now,
            0,
        )
    }

    fn hour() -> serde_json::Value {
        json!({"iat": 1000, "exp": 4600})
    }

    #[test]
    fn the_first_token_to_expire_counts_from_when_it_arrived() {
        let tokens = received(hour(), json!({"iat": 1000, "exp": 1300}), 50_000_000, None).unwrap();
        assert_eq!(tokens.life.expires_at, 50_300_000);
        assert!(tokens.life.usable_at(50_179_999));
        assert!(!tokens.life.usable_at(50_180_000));
        assert!(tokens.life.alive_at(50_299_999));
        assert!(!tokens.life.alive_at(50_300_000));
    }

    #[test]
    fn tokens_that_live_shortly_are_used_for_half_their_life() {
        let tokens = received(json!({"iat": 0, "exp": 3}), json!({"iat": 0, "exp": 3}), 0, None).unwrap();
        assert!(tokens.life.usable_at(1_499) && !tokens.life.usable_at(1_500));
    }

    #[test]
    fn what_tokens_have_lived_on_the_way_is_taken_off_by_the_service_s_clock() {
        let expires = |server_now| received(hour(), hour(), 0, Some(server_now)).unwrap().life.expires_at;
        assert_eq!(expires(1_010), 3_590_000);
        // A second is cut off in `Date`, so it may lie before `iat`; and a date that is minutes away is no date.
        for server_now in [999, 1_300, 90_000, i64::MIN] {
            assert_eq!(expires(server_now), 3_600_000, "{server_now}");
        }
        let minute = || json!({"iat": 1000, "exp": 1060});
        let expires = |server_now| {
            received(minute(), minute(), 0, Some(server_now))
                .unwrap()
                .life
                .expires_at
        };
        assert_eq!(
            (expires(1_030), expires(1_031), expires(1_060)),
            (30_000, 60_000, 60_000)
        );
    }

    #[test]
    fn a_clock_that_was_set_back_makes_the_age_unknown() {
        let tokens = received(hour(), hour(), 50_000_000, None).unwrap();
        assert!(tokens.life.usable_at(49_995_000));
        assert!(!tokens.life.usable_at(49_994_999) && !tokens.life.alive_at(49_994_999));
    }

    #[test]
    fn tokens_that_were_found_go_by_their_own_times() {
        let token = |claims| jwt(&claims);
        let tokens = Tokens::found(
            AccessToken::new(token(hour())),
            IdToken::new(token(json!({"iat": 1000, "exp": 4000}))),
            RefreshToken::new("r"),
        )
        .unwrap();
        assert_eq!(
            (tokens.life.received_at, tokens.life.expires_at),
            (1_000_000, 4_000_000)
        );
        assert!(!tokens.life.usable_at(0) && tokens.life.usable_at(2_000_000) && !tokens.life.usable_at(5_000_000));
    }

    #[test]
    fn a_token_without_times_is_not_accepted() {
        assert!(received(json!({"exp": 4600}), json!({"iat": 0, "exp": 1}), 0, None).is_none());
        let found = Tokens::found(AccessToken::new("x"), IdToken::new("y"), RefreshToken::new("r"));
        assert!(found.is_none());
    }

    #[test]
    fn times_at_the_edge_of_numbers_do_not_overflow() {
        let widest = || json!({"iat": i64::MIN, "exp": i64::MAX});
        assert!(received(widest(), json!({"iat": 0, "exp": 1}), 0, Some(i64::MAX)).is_none());
        let endless = || json!({"iat": 0, "exp": i64::MAX});
        let tokens = received(endless(), endless(), i64::MAX, None).unwrap();
        assert!(!tokens.life.usable_at(i64::MAX) && !tokens.life.usable_at(0));
        let found = Tokens::found(
            AccessToken::new(jwt(&widest())),
            IdToken::new(jwt(&widest())),
            RefreshToken::new("r"),
        )
        .unwrap();
        assert!(found.life.usable_at(0));
    }

    #[test]
    fn the_profile_is_the_email_and_the_name_of_the_id_token() {
        let of = |claims: serde_json::Value| {
            let mut id = hour();
            id.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
            Profile::of(&received(hour(), id, 0, None).unwrap().id)
        };
        let text = |text: &str| Some(text.to_owned());
        let full = of(json!({"email": "alice@example.com", "name": "Alice"}));
        assert_eq!((full.email, full.name), (text("alice@example.com"), text("Alice")));
        assert_eq!(of(json!({})), Profile::default());
        assert_eq!(of(json!({"email": true, "name": 7})), Profile::default());
    }

    #[test]
    fn the_username_falls_back_to_the_sub() {
        let times = |mut claims: serde_json::Value| {
            claims["iat"] = json!(0);
            claims["exp"] = json!(9);
            claims
        };
        let named = received(
            times(json!({"username": "alice", "sub": "s"})),
            times(json!({})),
            0,
            None,
        )
        .unwrap();
        assert_eq!(
            (named.username(), named.user_sub()),
            (Some(Username::new("alice")), Some("s".into()))
        );
        let unnamed = received(times(json!({"sub": "s"})), times(json!({})), 0, None).unwrap();
        assert_eq!(unnamed.username(), Some(Username::new("s")));
        assert!(!unnamed.is_revocable());
    }
}
