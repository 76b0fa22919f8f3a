//! The public keys of credentials: ECDSA on P-256 and RSA, the two that every authenticator has one of.

use cbor4ii::core::Value as Cbor;
use p256::EncodedPoint;
use p256::ecdsa;
use rsa::signature::Verifier;
use rsa::{BigUint, RsaPublicKey, pkcs1v15};
use sha2::Sha256;

use super::Refusal;

/// What COSE calls ES256 and RS256, in the order of preference.
pub const ALGORITHMS: [i64; 2] = [-7, -257];

/// A key that verifies.
#[derive(Debug, Clone)]
pub enum PublicKey {
    /// ES256.
    P256(ecdsa::VerifyingKey),
    /// RS256.
    Rsa(Box<pkcs1v15::VerifyingKey<Sha256>>),
}

/// The labels of a COSE key.
mod label {
    pub const TYPE: i128 = 1;
    pub const ALGORITHM: i128 = 3;
    pub const CURVE: i128 = -1;
    pub const X: i128 = -2;
    pub const Y: i128 = -3;
    pub const MODULUS: i128 = -1;
    pub const EXPONENT: i128 = -2;
}

impl PublicKey {
    /// Reads a COSE key.
    pub fn from_cose(key: &Cbor) -> Result<Self, Refusal> {
        match (number(key, label::TYPE), number(key, label::ALGORITHM)) {
            (Some(2), Some(-7)) => p256(key).map(Self::P256),
            (Some(3), Some(-257)) => rsa(key).map(Box::new).map(Self::Rsa),
            (Some(_), Some(_)) => return Err(Refusal::Unsupported("the key is neither of ES256 nor of RS256")),
            _ => None,
        }
        .ok_or(Refusal::Malformed("the public key is none"))
    }

    /// Whether this key's owner signed the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refusal> {
        match self {
            Self::P256(key) => {
                ecdsa::Signature::from_der(signature).and_then(|signature| key.verify(message, &signature))
            }
            Self::Rsa(key) => {
                pkcs1v15::Signature::try_from(signature).and_then(|signature| key.verify(message, &signature))
            }
        }
        .map_err(|_| Refusal::Unproven)
    }
}

fn p256(key: &Cbor) -> Option<ecdsa::VerifyingKey> {
    const CURVE_P256: i128 = 1;
    if number(key, label::CURVE) != Some(CURVE_P256) {
        return None;
    }
    let (x, y): ([u8; 32], [u8; 32]) = (
        bytes(key, label::X)?.try_into().ok()?,
        bytes(key, label::Y)?.try_into().ok()?,
    );
    let point = EncodedPoint::from_affine_coordinates(&x.into(), &y.into(), false);
    ecdsa::VerifyingKey::from_encoded_point(&point).ok()
}

fn rsa(key: &Cbor) -> Option<pkcs1v15::VerifyingKey<Sha256>> {
    let modulus = BigUint::from_bytes_be(bytes(key, label::MODULUS)?);
    let exponent = BigUint::from_bytes_be(bytes(key, label::EXPONENT)?);
    Some(pkcs1v15::VerifyingKey::new(RsaPublicKey::new(modulus, exponent).ok()?))
}

fn number(map: &Cbor, label: i128) -> Option<i128> {
    match entry(map, label)? {
        Cbor::Integer(number) => Some(*number),
        _ => None,
    }
}

fn bytes(map: &Cbor, label: i128) -> Option<&[u8]> {
    match entry(map, label)? {
        Cbor::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

fn entry(map: &Cbor, label: i128) -> Option<&Cbor> {
    let Cbor::Map(entries) = map else { return None };
    entries
        .iter()
        .find(|(key, _)| matches!(key, Cbor::Integer(number) if *number == label))
        .map(|(_, value)| value)
}
