//! Web Authentication as a relying party does it: what an authenticator sends is read, and held against what was asked.
//!
//! Credentials come as the JSON of `PublicKeyCredential.toJSON()`. An answer is read first, so that its challenge can be
//! looked up, and verified then: the caller of `verify` has found the challenge among those that were given out.

mod authenticator_data;
mod client_data;
mod key;
#[cfg(test)]
pub(crate) mod software;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use cbor4ii::core::{Value as Cbor, dec::Decode, utils::SliceReader};
use serde_json::Value;
use sha2::{Digest, Sha256};

use authenticator_data::AuthenticatorData;
use client_data::ClientData;
pub use key::{ALGORITHMS, PublicKey};

/// Base64 of URLs, as WebAuthn's JSON has it: written without padding, read with it as well.
pub const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Who asks for credentials.
#[derive(Debug, Clone, Copy)]
pub struct RelyingParty<'a> {
    /// The domain that credentials belong to.
    pub id: &'a str,
    /// Whether the authenticator must have made sure of its user, by a PIN or a fingerprint.
    pub requires_user_verification: bool,
}

/// Why a credential is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is not what `toJSON()` gives.
    Malformed(&'static str),
    /// It was made on a page that may not speak for the relying party.
    Origin,
    /// It belongs to another relying party.
    RelyingParty,
    /// A kind of key, or an authenticator, that cannot be used here.
    Unsupported(&'static str),
    /// It proves nothing.
    Unproven,
}

/// A `RegistrationResponseJSON`.
#[derive(Debug)]
pub struct Registration {
    credential: Credential,
    authenticator_data: Vec<u8>,
    attestation: Attestation,
    transports: Vec<String>,
}

/// What is kept of a registration.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The authenticator's name for it.
    pub id: Vec<u8>,
    /// Checks what it signs.
    pub public_key: PublicKey,
    /// How often it has signed, or 0 for ever where the authenticator does not count.
    pub counter: u32,
    /// `platform` or `cross-platform`, where the browser says.
    pub attachment: Option<String>,
    /// How a browser reaches it.
    pub transports: Vec<String>,
}

impl Registration {
    /// Reads an answer to `navigator.credentials.create()`.
    pub fn read(json: &Value) -> Result<Self, Refusal> {
        let credential = Credential::read(json)?;
        let object = cbor(&bytes(response(json, "attestationObject")?)?)?;
        let authenticator_data = match entry(&object, "authData") {
            Some(Cbor::Bytes(bytes)) => bytes.clone(),
            _ => return Err(Refusal::Malformed("attestationObject has no authData")),
        };
        let attestation = Attestation::read(&object)?;
        let transports = json
            .pointer("/response/transports")
            .and_then(Value::as_array)
            .map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        Ok(Self {
            credential,
            authenticator_data,
            attestation,
            transports,
        })
    }

    /// The challenge that it answers.
    pub fn challenge(&self) -> &[u8] {
        &self.credential.client_data.challenge
    }

    /// Checks everything else.
    pub fn verify(self, party: RelyingParty<'_>) -> Result<NewCredential, Refusal> {
        self.credential.client_data.check("webauthn.create", party.id)?;
        let (data, attested) = AuthenticatorData::read_attested(&self.authenticator_data)?;
        data.check(party)?;
        if attested.credential_id != self.credential.id {
            return Err(Refusal::Malformed("id is not the id in authData"));
        }
        let public_key = PublicKey::from_cose(&attested.public_key)?;
        if let Attestation::OfItself(signature) = &self.attestation {
            let signed = [&self.authenticator_data[..], &self.credential.client_data.hash].concat();
            public_key.verify(&signed, signature)?;
        }
        Ok(NewCredential {
            id: self.credential.id,
            public_key,
            counter: data.counter,
            attachment: self.credential.attachment,
            transports: self.transports,
        })
    }
}

/// An `AuthenticationResponseJSON`.
#[derive(Debug)]
pub struct Assertion {
    credential: Credential,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
    user_handle: Option<Vec<u8>>,
}

/// What an assertion that holds says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// How often the credential has signed.
    pub counter: u32,
    /// Whether the authenticator made sure of its user.
    pub user_verified: bool,
}

impl Assertion {
    /// Reads an answer to `navigator.credentials.get()`.
    pub fn read(json: &Value) -> Result<Self, Refusal> {
        Ok(Self {
            credential: Credential::read(json)?,
            authenticator_data: bytes(response(json, "authenticatorData")?)?,
            signature: bytes(response(json, "signature")?)?,
            user_handle: match json.pointer("/response/userHandle") {
                None | Some(Value::Null) => None,
                Some(handle) => Some(bytes(handle)?),
            },
        })
    }

    /// The challenge that it answers.
    pub fn challenge(&self) -> &[u8] {
        &self.credential.client_data.challenge
    }

    /// The credential that it was made with.
    pub fn credential_id(&self) -> &[u8] {
        &self.credential.id
    }

    /// The user that the authenticator keeps the credential for, if it says.
    pub fn user_handle(&self) -> Option<&[u8]> {
        self.user_handle.as_deref().filter(|handle| !handle.is_empty())
    }

    /// Checks everything else. A counter that does not grow betrays a copy of the credential.
    pub fn verify(&self, party: RelyingParty<'_>, key: &PublicKey, last_counter: u32) -> Result<Asserted, Refusal> {
        let client_data = &self.credential.client_data;
        client_data.check("webauthn.get", party.id)?;
        let data = AuthenticatorData::read(&self.authenticator_data)?;
        data.check(party)?;
        let signed = [&self.authenticator_data[..], &client_data.hash].concat();
        key.verify(&signed, &self.signature)?;
        let counts = data.counter != 0 || last_counter != 0;
        if counts && data.counter <= last_counter {
            return Err(Refusal::Unproven);
        }
        Ok(Asserted {
            counter: data.counter,
            user_verified: data.user_verified,
        })
    }
}

/// What both answers have in common.
#[derive(Debug)]
struct Credential {
    id: Vec<u8>,
    attachment: Option<String>,
    client_data: ClientData,
}

impl Credential {
    fn read(json: &Value) -> Result<Self, Refusal> {
        if json.get("type").and_then(Value::as_str) != Some("public-key") {
            return Err(Refusal::Malformed("type is not public-key"));
        }
        let id = bytes(json.get("id").unwrap_or(&Value::Null))?;
        if json.get("rawId").is_some_and(|raw| bytes(raw).as_ref() != Ok(&id)) {
            return Err(Refusal::Malformed("id and rawId differ"));
        }
        Ok(Self {
            id,
            attachment: json
                .get("authenticatorAttachment")
                .and_then(Value::as_str)
                .map(str::to_owned),
            client_data: ClientData::read(&bytes(response(json, "clientDataJSON")?)?)?,
        })
    }
}

/// What an attestation object says of its authenticator.
#[derive(Debug)]
enum Attestation {
    /// Nothing that counts here. Who made an authenticator is not asked for, and no maker is trusted or distrusted: a
    /// statement with certificates says no more than none.
    None,
    /// A signature made with the new key itself.
    OfItself(Vec<u8>),
}

impl Attestation {
    fn read(object: &Cbor) -> Result<Self, Refusal> {
        let Some(Cbor::Text(format)) = entry(object, "fmt") else {
            return Err(Refusal::Malformed("attestationObject has no fmt"));
        };
        let Some(statement @ Cbor::Map(members)) = entry(object, "attStmt") else {
            return Err(Refusal::Malformed("attestationObject has no attStmt"));
        };
        match (format.as_str(), entry(statement, "sig"), entry(statement, "x5c")) {
            ("none", ..) if !members.is_empty() => Err(Refusal::Malformed("attStmt of none is not empty")),
            ("packed", Some(Cbor::Bytes(signature)), None) => Ok(Self::OfItself(signature.clone())),
            ("packed", None, None) => Err(Refusal::Malformed("attStmt of packed has no sig")),
            _ => Ok(Self::None),
        }
    }
}

/// Text in base64 of URLs.
fn bytes(value: &Value) -> Result<Vec<u8>, Refusal> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .and_then(|text| BASE64URL.decode(text).ok())
        .ok_or(Refusal::Malformed("a member is missing or not base64url"))
}

fn response<'a>(json: &'a Value, name: &str) -> Result<&'a Value, Refusal> {
    json.get("response")
        .and_then(|response| response.get(name))
        .ok_or(Refusal::Malformed("a member of response is missing"))
}

fn cbor(bytes: &[u8]) -> Result<Cbor, Refusal> {
    Cbor::decode(&mut SliceReader::new(bytes)).map_err(|_| Refusal::Malformed("it holds no CBOR"))
}

fn entry<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    let Cbor::Map(entries) = map else { return None };
    entries
        .iter()
        .find(|(key, _)| matches!(key, Cbor::Text(text) if text == name))
        .map(|(_, value)| value)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
