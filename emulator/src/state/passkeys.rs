//! The passkeys of a user, and the relying party of a pool that they are made for.

use std::collections::HashMap;
use std::net::IpAddr;

use base64::Engine;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::{MINUTE, Millis, timestamp};
use crate::settings::{Problem, Validate};
use crate::webauthn::{BASE64URL, NewCredential, PublicKey, RelyingParty};

/// How many passkeys a user may have.
pub const MOST_PASSKEYS: usize = 20;

/// How long a challenge can be answered.
pub const CHALLENGE_LIFETIME: Millis = 3 * MINUTE;

const CHALLENGE_LENGTH: usize = 32;

/// `WebAuthnConfiguration`, which SetUserPoolMfaConfig takes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WebAuthnConfiguration {
    #[serde(skip_serializing_if = "Option::is_none")]
    relying_party_id: Option<String>,
    user_verification: UserVerification,
    factor_configuration: FactorConfiguration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum UserVerification {
    Required,
    #[default]
    Preferred,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FactorConfiguration {
    #[default]
    SingleFactor,
    MultiFactorWithUserVerification,
}

impl WebAuthnConfiguration {
    /// Who asks for passkeys. Where AWS falls back on the pool's domain, this is the host that browsers allow without
    /// https.
    pub fn relying_party(&self) -> RelyingParty<'_> {
        RelyingParty {
            id: self.relying_party_id.as_deref().unwrap_or("localhost"),
            requires_user_verification: self.user_verification == UserVerification::Required,
        }
    }

    /// `userVerification` of the options that browsers are given.
    pub fn user_verification(&self) -> Value {
        json!(self.user_verification)
    }

    /// Whether a passkey with user verification is two factors.
    pub fn counts_as_two_factors(&self) -> bool {
        self.factor_configuration == FactorConfiguration::MultiFactorWithUserVerification
    }
}

impl Validate for WebAuthnConfiguration {
    /// A browser makes passkeys for domains only.
    fn validate(&self) -> Result<(), Problem> {
        let id = self.relying_party().id;
        let fits = (1..=127).contains(&id.len()) && !id.contains([':', '/']) && id.parse::<IpAddr>().is_err();
        if fits {
            return Ok(());
        }
        Err(Problem {
            path: "RelyingPartyId".to_owned(),
            problem: "expected a domain name, not an address, a port or a URL".to_owned(),
        })
    }
}

/// One passkey.
#[derive(Debug, Clone)]
pub struct Passkey {
    /// The authenticator's name for it.
    pub id: Vec<u8>,
    /// Checks what it signs.
    pub public_key: PublicKey,
    /// How often it has signed.
    pub counter: u32,
    rp_id: String,
    name: String,
    attachment: Option<String>,
    transports: Vec<String>,
    created: Millis,
}

impl Passkey {
    /// One of `Credentials` of ListWebAuthnCredentials.
    pub fn describe(&self) -> Value {
        let mut described = json!({
            "CredentialId": BASE64URL.encode(&self.id),
            "FriendlyCredentialName": self.name,
            "RelyingPartyId": self.rp_id,
            "AuthenticatorTransports": self.transports,
            "CreatedAt": timestamp(self.created),
        });
        if let (Some(attachment), Some(members)) = (&self.attachment, described.as_object_mut()) {
            members.insert("AuthenticatorAttachment".to_owned(), json!(attachment));
        }
        described
    }

    /// The passkey as browsers are told of it.
    fn descriptor(&self) -> Value {
        let mut descriptor = json!({ "type": "public-key", "id": BASE64URL.encode(&self.id) });
        if let (false, Some(members)) = (self.transports.is_empty(), descriptor.as_object_mut()) {
            members.insert("transports".to_owned(), json!(self.transports));
        }
        descriptor
    }
}

/// What a challenge was given out for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Making a passkey, by a user of this client.
    Registration {
        /// The client's id.
        client_id: String,
    },
    /// Signing in.
    SignIn,
}

#[derive(Debug, Clone)]
struct Challenge {
    purpose: Purpose,
    expires: Millis,
}

/// The passkeys of a user and the challenges that they have not answered yet.
#[derive(Debug, Clone, Default)]
pub struct Passkeys {
    /// In the order they were made.
    list: Vec<Passkey>,
    challenges: HashMap<Vec<u8>, Challenge>,
    /// Numbers the names.
    made: u32,
}

impl Passkeys {
    /// All of them, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Passkey> {
        self.list.iter()
    }

    /// Whether the user can sign in with one at this relying party.
    pub fn any_for(&self, party: RelyingParty<'_>) -> bool {
        self.list.iter().any(|passkey| passkey.rp_id == party.id)
    }

    /// The passkey with this id, at this relying party.
    pub fn get_mut(&mut self, id: &[u8], party: RelyingParty<'_>) -> Option<&mut Passkey> {
        self.list
            .iter_mut()
            .find(|passkey| passkey.id == id && passkey.rp_id == party.id)
    }

    /// `excludeCredentials` and `allowCredentials`.
    pub fn descriptors(&self, party: RelyingParty<'_>) -> Vec<Value> {
        self.list
            .iter()
            .filter(|passkey| passkey.rp_id == party.id)
            .map(Passkey::descriptor)
            .collect()
    }

    /// Keeps a new one.
    pub fn add(&mut self, credential: NewCredential, party: RelyingParty<'_>, now: Millis) {
        self.made += 1;
        self.list.push(Passkey {
            id: credential.id,
            public_key: credential.public_key,
            counter: credential.counter,
            rp_id: party.id.to_owned(),
            name: format!("Passkey {}", self.made),
            attachment: credential.attachment,
            transports: credential.transports,
            created: now,
        });
    }

    /// Takes one away; whether it was there.
    pub fn remove(&mut self, id: &[u8]) -> bool {
        let before = self.list.len();
        self.list.retain(|passkey| passkey.id != id);
        self.list.len() < before
    }

    /// Gives out a challenge.
    pub fn challenge(&mut self, purpose: Purpose, now: Millis) -> Vec<u8> {
        self.challenges.retain(|_, challenge| now < challenge.expires);
        let mut bytes = vec![0; CHALLENGE_LENGTH];
        rand::thread_rng().fill_bytes(&mut bytes);
        let expires = now + CHALLENGE_LIFETIME;
        self.challenges.insert(bytes.clone(), Challenge { purpose, expires });
        bytes
    }

    /// What this challenge was given out for, if it still waits for an answer.
    pub fn purpose_of(&self, challenge: &[u8], now: Millis) -> Option<&Purpose> {
        self.challenges
            .get(challenge)
            .filter(|challenge| now < challenge.expires)
            .map(|challenge| &challenge.purpose)
    }

    /// A challenge is answered once.
    pub fn answered(&mut self, challenge: &[u8]) {
        self.challenges.remove(challenge);
    }
}
