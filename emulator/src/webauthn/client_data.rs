//! `clientDataJSON`: what the browser says of the page and of what it was asked.

use serde_json::Value;

use super::{BASE64URL, Refusal, sha256};
use base64::Engine;

/// `CollectedClientData`, and the hash of its bytes, which is signed.
#[derive(Debug)]
pub struct ClientData {
    kind: String,
    origin: String,
    cross_origin: bool,
    pub challenge: Vec<u8>,
    pub hash: [u8; 32],
}

impl ClientData {
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let json: Value =
            serde_json::from_slice(bytes).map_err(|_| Refusal::Malformed("clientDataJSON is not JSON"))?;
        let text = |name: &str| {
            json.get(name)
                .and_then(Value::as_str)
                .ok_or(Refusal::Malformed("clientDataJSON lacks a member"))
        };
        Ok(Self {
            kind: text("type")?.to_owned(),
            origin: text("origin")?.to_owned(),
            cross_origin: json.get("crossOrigin").and_then(Value::as_bool).unwrap_or_default(),
            challenge: BASE64URL
                .decode(text("challenge")?)
                .map_err(|_| Refusal::Malformed("the challenge is not base64url"))?,
            hash: sha256(bytes),
        })
    }

    /// Whether it is about this ceremony, on a page of the relying party.
    pub fn check(&self, kind: &str, rp_id: &str) -> Result<(), Refusal> {
        if self.kind != kind {
            return Err(Refusal::Malformed("clientDataJSON is of another ceremony"));
        }
        // A page of someone else's in a frame: no sign-in of Cognito's happens there.
        if self.cross_origin || !may_speak_for(&self.origin, rp_id) {
            return Err(Refusal::Origin);
        }
        Ok(())
    }
}

/// A page may speak for its own host and for the domains above it. It needs https, except on this machine.
fn may_speak_for(origin: &str, rp_id: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    let below = |host: &str, domain: &str| {
        host == domain
            || host
                .strip_suffix(domain)
                .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
    };
    let is_safe = scheme == "https" || (scheme == "http" && below(host, "localhost"));
    is_safe && below(host, rp_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_speaks_for_its_host_and_the_domains_above_it() {
        for (origin, rp_id) in [
            ("http://localhost", "localhost"),
            ("http://localhost:7665", "localhost"),
            ("https://localhost:7665", "localhost"),
            ("http://app.localhost:80", "localhost"),
            ("https://example.com", "example.com"),
            ("https://auth.example.com:8443", "example.com"),
        ] {
            assert!(may_speak_for(origin, rp_id), "{origin} for {rp_id}");
        }
    }

    #[test]
    fn no_other_page_speaks_for_it() {
        for (origin, rp_id) in [
            ("http://127.0.0.1:7665", "localhost"),
            ("http://example.com", "example.com"),
            ("https://example.com", "auth.example.com"),
            ("https://notexample.com", "example.com"),
            ("https://.example.com", "example.com"),
            ("https://example.com.evil.org", "example.com"),
            ("ftp://localhost", "localhost"),
            ("android:apk-key-hash:abc", "localhost"),
            ("null", "localhost"),
        ] {
            assert!(!may_speak_for(origin, rp_id), "{origin} for {rp_id}");
        }
    }
}
