//! RS256 tokens and the keys they are signed with.

use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::RngCore;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::signature::{SignatureEncoding, Signer, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Map, Value, json};
use sha2::Sha256;

const KEY_BITS: usize = 2048;

/// The two signing keys of a pool: as at AWS, ID tokens and access tokens have one each.
#[derive(Debug)]
pub struct PoolKeys {
    /// Signs ID tokens.
    pub id: Key,
    /// Signs access tokens.
    pub access: Key,
}

impl PoolKeys {
    /// Keys that are made when they are first needed: making one takes a good part of a second.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            id: Key::new(),
            access: Key::new(),
        })
    }

    /// Makes both keys in the background, so that the first sign-in does not wait for them.
    pub fn warm_up(self: &Arc<Self>) {
        let (id, access) = (Arc::clone(self), Arc::clone(self));
        std::thread::spawn(move || id.id.material().is_some());
        std::thread::spawn(move || access.access.material().is_some());
    }

    /// The pool's `jwks.json`.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.id.jwk(), self.access.jwk()] })
    }
}

/// One RSA key and the name it is published under.
pub struct Key {
    kid: String,
    material: OnceLock<Option<RsaPrivateKey>>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Key")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl Key {
    fn new() -> Self {
        let mut kid = [0; 32];
        rand::thread_rng().fill_bytes(&mut kid);
        Self {
            kid: STANDARD.encode(kid),
            material: OnceLock::new(),
        }
    }

    fn material(&self) -> Option<&RsaPrivateKey> {
        self.material
            .get_or_init(|| RsaPrivateKey::new(&mut rand::thread_rng(), KEY_BITS).ok())
            .as_ref()
    }

    /// A signed token with these claims, or nothing if the machine could not make a key.
    pub fn sign(&self, claims: &Map<String, Value>) -> Option<String> {
        let header = json!({ "kid": self.kid, "alg": "RS256" }).to_string();
        let claims = serde_json::to_string(claims).ok()?;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = SigningKey::<Sha256>::new(self.material()?.clone()).sign(signed.as_bytes());
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes())))
    }

    /// Whether this key signed the token.
    pub fn signed(&self, token: &str) -> bool {
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return false;
        };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        let Ok(signature) = Signature::try_from(signature.as_slice()) else {
            return false;
        };
        let Some(key) = self.material() else { return false };
        VerifyingKey::<Sha256>::new(RsaPublicKey::from(key))
            .verify(signed.as_bytes(), &signature)
            .is_ok()
    }

    fn jwk(&self) -> Value {
        let Some(key) = self.material() else { return Value::Null };
        json!({
            "alg": "RS256",
            "e": URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
            "kid": self.kid,
            "kty": "RSA",
            "n": URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            "use": "sig",
        })
    }
}

/// The claims of a token, unverified, or nothing if it is not a token.
pub fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, claims, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
        return None;
    };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}
