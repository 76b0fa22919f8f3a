//! An authenticator and a browser in front of it, for tests. Whatever it says can be made to be wrong.

use cbor4ii::core::{Value as Cbor, enc::Encode, utils::BufWriter};
use rsa::signature::{SignatureEncoding, Signer};
use rsa::traits::PublicKeyParts;
use serde_json::json;

use super::*;

enum PrivateKey {
    P256(p256::ecdsa::SigningKey),
    Rsa(Box<rsa::pkcs1v15::SigningKey<Sha256>>),
}

/// One credential in an authenticator.
pub(crate) struct Authenticator {
    key: PrivateKey,
    id: Vec<u8>,
    /// What the page's origin is.
    pub(crate) origin: &'static str,
    /// What the credential is made and used for.
    pub(crate) rp_id: &'static str,
    /// User present, user verified.
    pub(crate) flags: u8,
    /// Goes up with every signature, unless the authenticator does not count.
    pub(crate) counter: u32,
    /// Whether the new key vouches for itself.
    pub(crate) attests_itself: bool,
    /// Of whom it says that the credential is.
    pub(crate) user_handle: Option<String>,
}

pub(crate) const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 1 << 2;

impl Authenticator {
    pub(crate) fn es256() -> Self {
        Self::with_key(PrivateKey::P256(p256::ecdsa::SigningKey::random(
            &mut rand::thread_rng(),
        )))
    }

    pub(crate) fn rs256() -> Self {
        let key = rsa::RsaPrivateKey::new(&mut rand::thread_rng(), 2048).unwrap();
        Self::with_key(PrivateKey::Rsa(Box::new(rsa::pkcs1v15::SigningKey::new(key))))
    }

    fn with_key(key: PrivateKey) -> Self {
        Self {
            key,
            id: rand::random::<[u8; 16]>().to_vec(),
            origin: "http://localhost:7665",
            rp_id: "localhost",
            flags: PRESENT | VERIFIED,
            counter: 1,
            attests_itself: false,
            user_handle: None,
        }
    }

    pub(crate) fn credential_id(&self) -> String {
        BASE64URL.encode(&self.id)
    }

    /// `navigator.credentials.create()` with these options.
    pub(crate) fn create(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.authenticator_data(1 << 6);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(encode(&self.cose_key()));
        let (format, statement) = if self.attests_itself {
            let signature = self.sign(&[&data[..], &sha256(&client_data)].concat());
            ("packed", vec![(text("sig"), Cbor::Bytes(signature))])
        } else {
            ("none", vec![])
        };
        let object = Cbor::Map(vec![
            (text("fmt"), text(format)),
            (text("attStmt"), Cbor::Map(statement)),
            (text("authData"), Cbor::Bytes(data)),
        ]);
        json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64URL.encode(client_data),
                "attestationObject": BASE64URL.encode(encode(&object)),
                "transports": ["internal"],
            },
        })
    }

    /// `navigator.credentials.get()` with these options.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        if self.counter != 0 {
            self.counter += 1;
        }
        let client_data = self.client_data("webauthn.get", options);
        let data = self.authenticator_data(0);
        let signature = self.sign(&[&data[..], &sha256(&client_data)].concat());
        json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": BASE64URL.encode(client_data),
                "authenticatorData": BASE64URL.encode(data),
                "signature": BASE64URL.encode(signature),
                "userHandle": self.user_handle.as_ref().map(|handle| BASE64URL.encode(handle)),
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn authenticator_data(&self, more_flags: u8) -> Vec<u8> {
        let mut data = sha256(self.rp_id.as_bytes()).to_vec();
        data.push(self.flags | more_flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            PrivateKey::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            PrivateKey::Rsa(key) => key.sign(message).to_vec(),
        }
    }

    fn cose_key(&self) -> Cbor {
        let label = |number: i128| Cbor::Integer(number);
        match &self.key {
            PrivateKey::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                Cbor::Map(vec![
                    (label(1), label(2)),
                    (label(3), label(-7)),
                    (label(-1), label(1)),
                    (label(-2), Cbor::Bytes(point.x().unwrap().to_vec())),
                    (label(-3), Cbor::Bytes(point.y().unwrap().to_vec())),
                ])
            }
            PrivateKey::Rsa(key) => {
                let key: &rsa::RsaPrivateKey = (**key).as_ref();
                Cbor::Map(vec![
                    (label(1), label(3)),
                    (label(3), label(-257)),
                    (label(-1), Cbor::Bytes(key.n().to_bytes_be())),
                    (label(-2), Cbor::Bytes(key.e().to_bytes_be())),
                ])
            }
        }
    }
}

fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

fn encode(value: &Cbor) -> Vec<u8> {
    let mut writer = BufWriter::new(Vec::new());
    value.encode(&mut writer).unwrap();
    writer.into_inner()
}
