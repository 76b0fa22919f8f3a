//! The tokens of a user pool session, and whether they are still usable.

use super::jwt::Claims;
use super::names::Username;
use super::secret::{AccessToken, IdToken, RefreshToken};

/// Seconds since 1970.
pub type UnixSeconds = i64;

/// Tokens are renewed this long before they expire, in seconds: a call that is made with them now still has to
/// travel and be checked.
pub const MARGIN: i64 = 120;

/// What a sign-in or refresh gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For Cognito's own operations and APIs that look at scopes.
    pub access: AccessToken,
    /// For identity pools and APIs that look at the user.
    pub id: IdToken,
    /// For new tokens.
    pub refresh: RefreshToken,
    /// When the first of access and ID token expires, by the clock of this device.
    pub expires_at: UnixSeconds,
}

impl Tokens {
    /// Takes tokens that arrived at `now`. The expiry is reckoned from their own life time (`exp - iat`), so that a
    /// device whose clock is wrong keeps them as long as any other. `None` when one of the two is not a JWT with
    /// both times.
    pub fn received(access: AccessToken, id: IdToken, refresh: RefreshToken, now: UnixSeconds) -> Option<Self> {
        let life = life_time(access.reveal())?.min(life_time(id.reveal())?);
        Some(Self {
            access,
            id,
            refresh,
            expires_at: now.saturating_add(life),
        })
    }

    /// Whether they may be handed out at `now`.
    pub fn usable_at(&self, now: UnixSeconds) -> bool {
        now < self.usable_until()
    }

    /// From when on they may not be handed out.
    pub fn usable_until(&self) -> UnixSeconds {
        self.expires_at.saturating_sub(MARGIN)
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

    /// Whether `RevokeToken` can end this session: only tokens with `origin_jti` are revocable.
    pub fn is_revocable(&self) -> bool {
        Claims::of(self.access.reveal()).is_some_and(|claims| claims.text("origin_jti").is_some())
    }
}

fn life_time(token: &str) -> Option<i64> {
    let claims = Claims::of(token)?;
    claims.seconds("exp")?.checked_sub(claims.seconds("iat")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::jwt;
    use serde_json::json;

    fn tokens(access: serde_json::Value, id: serde_json::Value, now: i64) -> Option<Tokens> {
        Tokens::received(
            AccessToken::new(jwt(&access)),
            IdToken::new(jwt(&id)),
            RefreshToken::new("r"),
            now,
        )
    }

    #[test]
    fn the_first_token_to_expire_counts_from_when_it_arrived() {
        let tokens = tokens(
            json!({"iat": 1000, "exp": 4600}),
            json!({"iat": 1000, "exp": 1300}),
            50_000,
        )
        .unwrap();
        assert_eq!(tokens.expires_at, 50_300);
        assert!(tokens.usable_at(50_179));
        assert!(!tokens.usable_at(50_180));
    }

    #[test]
    fn a_token_without_times_is_not_accepted() {
        assert!(tokens(json!({"exp": 4600}), json!({"iat": 0, "exp": 1}), 0).is_none());
        assert!(Tokens::received(AccessToken::new("x"), IdToken::new("y"), RefreshToken::new("r"), 0).is_none());
    }

    #[test]
    fn times_at_the_edge_of_numbers_do_not_overflow() {
        let tokens = tokens(
            json!({"iat": i64::MIN, "exp": i64::MAX}),
            json!({"iat": 0, "exp": 1}),
            0,
        );
        assert!(tokens.is_none());
        let tokens = self::tokens(
            json!({"iat": 0, "exp": i64::MAX}),
            json!({"iat": 0, "exp": i64::MAX}),
            i64::MAX,
        );
        assert!(tokens.is_some_and(|tokens| !tokens.usable_at(i64::MAX) && tokens.usable_at(0)));
    }

    #[test]
    fn the_username_falls_back_to_the_sub() {
        let times = |mut claims: serde_json::Value| {
            claims["iat"] = json!(0);
            claims["exp"] = json!(9);
            claims
        };
        let named = tokens(times(json!({"username": "alice", "sub": "s"})), times(json!({})), 0).unwrap();
        assert_eq!(
            (named.username(), named.user_sub()),
            (Some(Username::new("alice")), Some("s".into()))
        );
        let unnamed = tokens(times(json!({"sub": "s"})), times(json!({})), 0).unwrap();
        assert_eq!(unnamed.username(), Some(Username::new("s")));
        assert!(!unnamed.is_revocable());
    }
}
