//! Completed sign-ins and their refresh tokens.

use std::collections::{HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use rand::seq::SliceRandom;
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::error::Exception;
use crate::ids;

/// One sign-in: everything that was ever refreshed from it shares its `origin_jti`.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Its id, the `origin_jti` of its tokens.
    pub origin_jti: String,
    /// Its name in the list of a user's sessions.
    pub session_id: String,
    /// The client that signed in.
    pub client_id: String,
    /// The user who signed in.
    pub sub: String,
    /// When.
    pub auth_time: Millis,
    /// When it last got tokens.
    pub last_active: Millis,
    /// The device it was given, in a pool that tracks devices.
    pub device_key: Option<String>,
    revoked: bool,
}

#[derive(Debug, Clone)]
struct RefreshToken {
    origin_jti: String,
    /// 1 for the token of the sign-in, one more with each rotation.
    generation: u32,
    expires: Millis,
    /// After rotation, when its grace ends.
    spent: Option<Millis>,
}

/// Every sign-in of a pool. Only fingerprints of refresh tokens are kept.
#[derive(Debug, Clone, Default)]
pub struct SignIns {
    by_origin_jti: HashMap<String, SignIn>,
    refresh_tokens: HashMap<[u8; 32], RefreshToken>,
}

impl SignIns {
    /// Begins a sign-in.
    pub fn begin(&mut self, client_id: &str, sub: &str, device_key: Option<String>, now: Millis) -> SignIn {
        let sign_in = SignIn {
            origin_jti: ids::random(),
            session_id: session_id(),
            client_id: client_id.to_owned(),
            sub: sub.to_owned(),
            auth_time: now,
            last_active: now,
            device_key,
            revoked: false,
        };
        self.by_origin_jti.insert(sign_in.origin_jti.clone(), sign_in.clone());
        sign_in
    }

    /// The refresh token of a sign-in.
    pub fn issue(&mut self, origin_jti: &str, expires: Millis) -> String {
        self.add(RefreshToken {
            origin_jti: origin_jti.to_owned(),
            generation: 1,
            expires,
            spent: None,
        })
    }

    fn add(&mut self, entry: RefreshToken) -> String {
        let token = opaque_token();
        self.refresh_tokens.insert(fingerprint(&token), entry);
        token
    }

    /// The sign-in of a refresh token that may still be used.
    pub fn refresh(&self, token: &str, client_id: &str, now: Millis) -> Result<SignIn, Exception> {
        let (entry, sign_in) = self
            .find(token)
            .ok_or_else(|| Exception::not_authorized("Invalid Refresh Token."))?;
        if sign_in.client_id != client_id {
            return Err(Exception::not_authorized("Invalid Refresh Token."));
        }
        if sign_in.revoked {
            return Err(Exception::not_authorized("Refresh Token has been revoked"));
        }
        if now >= entry.expires {
            return Err(Exception::not_authorized("Refresh Token has expired"));
        }
        if entry.spent.is_some_and(|grace_ends| now >= grace_ends) {
            return Err(Exception::new(
                "RefreshTokenReuseException",
                "Refresh token has been reused.",
            ));
        }
        Ok(sign_in.clone())
    }

    /// Replaces a refresh token. The new one lives no longer than the old one; the old one works for the grace period,
    /// which begins at its first use and not again at each. A retry within it gets tokens of its own, and those that were
    /// lost stay good: AWS's documents speak of neither ending, nor of an end of the sign-in when a token is reused late.
    pub fn rotate(&mut self, token: &str, grace: Millis, now: Millis) -> Option<String> {
        let entry = self.refresh_tokens.get_mut(&fingerprint(token))?;
        let mut next = entry.clone();
        entry.spent.get_or_insert(now + grace);
        next.spent = None;
        next.generation += 1;
        Some(self.add(next))
    }

    /// How often the sign-in had been rotated when it got this token, and whether the token is spent.
    pub fn generation(&self, token: &str) -> Option<(u32, bool)> {
        let entry = self.refresh_tokens.get(&fingerprint(token))?;
        Some((entry.generation, entry.spent.is_some()))
    }

    /// Who signed in to get this refresh token, whether or not it still works.
    pub fn of_refresh_token(&self, token: &str) -> Option<&SignIn> {
        self.find(token).map(|(_, sign_in)| sign_in)
    }

    fn find(&self, token: &str) -> Option<(&RefreshToken, &SignIn)> {
        let entry = self.refresh_tokens.get(&fingerprint(token))?;
        Some((entry, self.by_origin_jti.get(&entry.origin_jti)?))
    }

    /// The sign-in of this `origin_jti`.
    pub fn get(&self, origin_jti: &str) -> Option<&SignIn> {
        self.by_origin_jti.get(origin_jti)
    }

    /// Notes that a sign-in got tokens again.
    pub fn touch(&mut self, origin_jti: &str, now: Millis) {
        if let Some(sign_in) = self.by_origin_jti.get_mut(origin_jti) {
            sign_in.last_active = now;
        }
    }

    /// The sign-ins of a user that can still be refreshed, the oldest first.
    pub fn active_of(&self, sub: &str, now: Millis) -> Vec<&SignIn> {
        let live: HashSet<&str> = self
            .refresh_tokens
            .values()
            .filter(|token| now < token.expires)
            .map(|token| token.origin_jti.as_str())
            .collect();
        let mut active: Vec<&SignIn> = self
            .by_origin_jti
            .values()
            .filter(|sign_in| sign_in.sub == sub && !sign_in.revoked && live.contains(sign_in.origin_jti.as_str()))
            .collect();
        active.sort_by_key(|sign_in| (sign_in.auth_time, &sign_in.session_id));
        active
    }

    /// Whether access tokens of this sign-in are refused.
    pub fn is_revoked(&self, origin_jti: &str) -> bool {
        self.by_origin_jti.get(origin_jti).is_none_or(|sign_in| sign_in.revoked)
    }

    /// Ends one sign-in.
    pub fn revoke(&mut self, origin_jti: &str) {
        if let Some(sign_in) = self.by_origin_jti.get_mut(origin_jti) {
            sign_in.revoked = true;
        }
    }

    /// Ends every sign-in of a user.
    pub fn revoke_all_of(&mut self, sub: &str) {
        for sign_in in self.by_origin_jti.values_mut().filter(|sign_in| sign_in.sub == sub) {
            sign_in.revoked = true;
        }
    }
}

/// A refresh token: five parts like the encrypted JWT that AWS sends, and as long, so that storage sizes are real.
fn opaque_token() -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}"#);
    let parts = [256, 12, 942, 16].map(|length| {
        let mut bytes = vec![0; length];
        rand::thread_rng().fill_bytes(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    });
    format!("{header}.{}", parts.join("."))
}

/// The id of a session that came without single sign-on: `tkn` and 25 small letters and digits.
fn session_id() -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = rand::thread_rng();
    let letters = (0..25)
        .filter_map(|_| LETTERS.choose(&mut random))
        .copied()
        .map(char::from);
    "tkn".chars().chain(letters).collect()
}

fn fingerprint(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_looks_like_an_encrypted_jwt_of_its_size() {
        let token = opaque_token();
        assert_eq!(token.split('.').count(), 5);
        assert!(token.starts_with("eyJjdHkiOiJKV1QiLCJlbmMi"));
        assert!((1650..1800).contains(&token.len()), "{}", token.len());
    }

    #[test]
    fn a_spent_token_works_for_the_grace_period_counted_from_its_first_use() {
        let mut sign_ins = SignIns::default();
        let sign_in = sign_ins.begin("client", "sub", None, 0);
        let first = sign_ins.issue(&sign_in.origin_jti, 1_000_000);
        let second = sign_ins.rotate(&first, 10_000, 0).unwrap();
        assert!(sign_ins.refresh(&first, "client", 9_999).is_ok());
        sign_ins.rotate(&first, 10_000, 9_999).unwrap();
        let refused = sign_ins.refresh(&first, "client", 10_000).unwrap_err();
        assert_eq!(refused.name, "RefreshTokenReuseException");
        assert!(sign_ins.refresh(&second, "client", 10_000).is_ok());
    }

    #[test]
    fn a_token_knows_its_generation_and_whether_it_is_spent() {
        let mut sign_ins = SignIns::default();
        let sign_in = sign_ins.begin("client", "sub", None, 0);
        let first = sign_ins.issue(&sign_in.origin_jti, 1_000);
        assert_eq!(sign_ins.generation(&first), Some((1, false)));
        let second = sign_ins.rotate(&first, 0, 0).unwrap();
        let retried = sign_ins.rotate(&first, 0, 0).unwrap();
        assert_eq!(sign_ins.generation(&first), Some((1, true)));
        assert_eq!(sign_ins.generation(&second), Some((2, false)));
        assert_eq!(sign_ins.generation(&retried), Some((2, false)));
        assert_eq!(sign_ins.generation("a.b.c.d.e"), None);
    }

    #[test]
    fn a_rotated_token_expires_when_the_first_one_would_have() {
        let mut sign_ins = SignIns::default();
        let sign_in = sign_ins.begin("client", "sub", None, 0);
        let first = sign_ins.issue(&sign_in.origin_jti, 100);
        let second = sign_ins.rotate(&first, 0, 50).unwrap();
        assert_eq!(
            sign_ins.refresh(&second, "client", 100).unwrap_err().message,
            "Refresh Token has expired"
        );
    }

    #[test]
    fn another_client_cannot_use_a_refresh_token() {
        let mut sign_ins = SignIns::default();
        let sign_in = sign_ins.begin("client", "sub", None, 0);
        let token = sign_ins.issue(&sign_in.origin_jti, 100);
        assert_eq!(
            sign_ins.refresh(&token, "other", 0).unwrap_err().message,
            "Invalid Refresh Token."
        );
    }
}
