//! The tokens of a user pool session, and whether they are still usable.

use super::jwt::Claims;
use super::names::Username;
use super::secret::{AccessToken, IdToken, RefreshToken};
use crate::core::limits::{CLOCK_TOLERANCE, MAX_ANSWER_AGE_SECONDS, RENEWAL_MARGIN};

/// Milliseconds since 1970 by the clock of this device.
pub type WallMillis = i64;

/// What an app shows of its user, as far as the ID token says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The claim `email`.
    pub email: Option<String>,
    /// The claim `name`.
    pub name: Option<String>,
}

/// What a sign-in or refresh gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For Cognito's own operations and APIs that look at scopes.
    pub access: AccessToken,
    /// For identity pools and APIs that look at the user.
    pub id: IdToken,
    /// For new tokens.
    pub refresh: RefreshToken,
    /// When they arrived.
    pub received_at: WallMillis,
    /// When the first of access and ID token expires.
    pub expires_at: WallMillis,
}

impl Tokens {
    /// Takes tokens that arrived at `now`. The expiry is reckoned from their own life time (`exp - iat`), so that a
    /// device whose clock is wrong keeps them as long as any other; `server_now`, in seconds by the service's clock, and
    /// `age`, in milliseconds, take off what they have lived already. `None` when one of the two is not a JWT with both times.
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
            received_at: now,
            expires_at: now.saturating_add(life.saturating_mul(1000).saturating_sub(age)),
        })
    }

    /// Takes tokens that arrived at a moment nobody knows: their own times are compared with the device's clock.
    pub fn found(access: AccessToken, id: IdToken, refresh: RefreshToken) -> Option<Self> {
        let (received, expires) = times(access.reveal())?;
        let (_, id_expires) = times(id.reveal())?;
        Some(Self {
            access,
            id,
            refresh,
            received_at: received.saturating_mul(1000),
            expires_at: expires.min(id_expires).saturating_mul(1000),
        })
    }

    /// Whether they may be handed out at `now`. Not when the clock shows a time before they arrived: it was set back,
    /// and says nothing about their age.
    pub fn usable_at(&self, now: WallMillis) -> bool {
        self.is_age_known_at(now) && now < self.usable_until()
    }

    /// Whether the service itself would still take them at `now`. To be served when they cannot be renewed.
    pub fn alive_at(&self, now: WallMillis) -> bool {
        self.is_age_known_at(now) && now < self.expires_at
    }

    /// Whether one of them had expired when it was made.
    pub fn never_lived(&self) -> bool {
        let never_lived = |token| times(token).is_some_and(|(issued, expires)| expires <= issued);
        never_lived(self.access.reveal()) || never_lived(self.id.reveal())
    }

    /// From when on they are to be renewed before they are handed out.
    pub fn usable_until(&self) -> WallMillis {
        let life = self.expires_at.saturating_sub(self.received_at);
        self.expires_at.saturating_sub(RENEWAL_MARGIN.min(life / 2))
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

    /// The user's email address or phone number, as far as the id token tells it.
    pub fn address(&self) -> Option<String> {
        let claims = Claims::of(self.id.reveal())?;
        claims
            .text("email")
            .or_else(|| claims.text("phone_number"))
            .map(String::from)
    }

    /// What an app shows of its user.
    pub fn profile(&self) -> Profile {
        let claims = Claims::of(self.id.reveal());
        let text = |name| Some(claims.as_ref()?.text(name)?.to_owned());
        Profile {
            email: text("email"),
            name: text("name"),
        }
    }

    /// Whether `RevokeToken` can end this session: only tokens with `origin_jti` are revocable.
    pub fn is_revocable(&self) -> bool {
        Claims::of(self.access.reveal()).is_some_and(|claims| claims.text("origin_jti").is_some())
    }

    fn is_age_known_at(&self, now: WallMillis) -> bool {
        now >= self.received_at.saturating_sub(CLOCK_TOLERANCE)
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
        assert_eq!(tokens.expires_at, 50_300_000);
        assert!(tokens.usable_at(50_179_999));
        assert!(!tokens.usable_at(50_180_000));
        assert!(tokens.alive_at(50_299_999));
        assert!(!tokens.alive_at(50_300_000));
    }

    #[test]
    fn tokens_that_live_shortly_are_used_for_half_their_life() {
        let tokens = received(json!({"iat": 0, "exp": 3}), json!({"iat": 0, "exp": 3}), 0, None).unwrap();
        assert!(tokens.usable_at(1_499) && !tokens.usable_at(1_500));
    }

    #[test]
    fn what_tokens_have_lived_on_the_way_is_taken_off_by_the_service_s_clock() {
        let expires = |server_now| received(hour(), hour(), 0, Some(server_now)).unwrap().expires_at;
        assert_eq!(expires(1_010), 3_590_000);
        // A second is cut off in `Date`, so it may lie before `iat`; and a date that is minutes away is no date.
        for server_now in [999, 1_300, 90_000, i64::MIN] {
            assert_eq!(expires(server_now), 3_600_000, "{server_now}");
        }
        let minute = || json!({"iat": 1000, "exp": 1060});
        let expires = |server_now| received(minute(), minute(), 0, Some(server_now)).unwrap().expires_at;
        assert_eq!(
            (expires(1_030), expires(1_031), expires(1_060)),
            (30_000, 60_000, 60_000)
        );
    }

    #[test]
    fn a_clock_that_was_set_back_makes_the_age_unknown() {
        let tokens = received(hour(), hour(), 50_000_000, None).unwrap();
        assert!(tokens.usable_at(49_995_000));
        assert!(!tokens.usable_at(49_994_999) && !tokens.alive_at(49_994_999));
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
        assert_eq!((tokens.received_at, tokens.expires_at), (1_000_000, 4_000_000));
        assert!(!tokens.usable_at(0) && tokens.usable_at(2_000_000) && !tokens.usable_at(5_000_000));
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
        assert!(!tokens.usable_at(i64::MAX) && !tokens.usable_at(0));
        let found = Tokens::found(
            AccessToken::new(jwt(&widest())),
            IdToken::new(jwt(&widest())),
            RefreshToken::new("r"),
        )
        .unwrap();
        assert!(found.usable_at(0));
    }

    #[test]
    fn the_profile_is_the_email_and_the_name_of_the_id_token() {
        let of = |claims: serde_json::Value| {
            let mut id = hour();
            id.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
            received(hour(), id, 0, None).unwrap().profile()
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
