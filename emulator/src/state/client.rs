//! An app client of a pool.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use rand::Rng;
use serde_json::{Value, json};

use super::ClientSettings;
use crate::clock::{Millis, timestamp};
use crate::error::Exception;
use crate::srp::hmac;

/// An app client.
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret, where it has one.
    pub secret: Option<String>,
    /// How it is set up.
    pub settings: ClientSettings,
    created: Millis,
    modified: Millis,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Client")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client as it is first made.
    pub fn new(id: String, secret: Option<String>, settings: ClientSettings, now: Millis) -> Arc<Self> {
        Arc::new(Self {
            id,
            secret,
            settings,
            created: now,
            modified: now,
        })
    }

    /// The same client with other settings.
    pub fn updated(&self, settings: ClientSettings, now: Millis) -> Arc<Self> {
        Arc::new(Self {
            id: self.id.clone(),
            secret: self.secret.clone(),
            settings,
            created: self.created,
            modified: now,
        })
    }

    /// A client id that is not in use.
    pub fn random_id() -> String {
        random_text(26)
    }

    /// A client secret.
    pub fn random_secret() -> String {
        random_text(52)
    }

    /// Checks the `SECRET_HASH` of a request that begins something.
    pub fn check_secret_hash(&self, username: &str, given: Option<&str>) -> Result<(), Exception> {
        if self.secret.is_none() && given.is_some() {
            return Err(Exception::invalid_parameter(format!(
                "App client {} is not configured for secret but secret hash was received",
                self.id
            )));
        }
        self.check_later_secret_hash(username, given)
    }

    /// Checks the `SECRET_HASH` of a refresh or of a challenge's answer, where a needless one is ignored.
    pub fn check_later_secret_hash(&self, username: &str, given: Option<&str>) -> Result<(), Exception> {
        let Some(secret) = &self.secret else { return Ok(()) };
        let Some(given) = given else {
            return Err(Exception::not_authorized(format!(
                "Client {} is configured with secret but SECRET_HASH was not received",
                self.id
            )));
        };
        let mut mac = hmac(secret.as_bytes());
        mac.update(username.as_bytes());
        mac.update(self.id.as_bytes());
        let matches = STANDARD
            .decode(given)
            .is_ok_and(|given| mac.verify_slice(&given).is_ok());
        if matches {
            return Ok(());
        }
        Err(Exception::not_authorized(format!(
            "Unable to verify secret hash for client {}",
            self.id
        )))
    }

    /// Checks `ClientSecret`, of the two operations that send the secret itself.
    pub fn check_secret(&self, given: Option<&str>) -> Result<(), Exception> {
        let Some(secret) = &self.secret else { return Ok(()) };
        if given == Some(secret.as_str()) {
            return Ok(());
        }
        Err(Exception::not_authorized(format!(
            "Unable to verify secret for client {}",
            self.id
        )))
    }

    /// `UserPoolClient` of DescribeUserPoolClient.
    pub fn describe(&self, pool_id: &str) -> Value {
        let mut described = serde_json::to_value(&self.settings).unwrap_or_default();
        if let Some(members) = described.as_object_mut() {
            let validity = self.settings.shown_refresh_token_validity();
            members.insert("RefreshTokenValidity".to_owned(), json!(validity));
            members.insert("UserPoolId".to_owned(), json!(pool_id));
            members.insert("ClientId".to_owned(), json!(self.id));
            if let Some(secret) = &self.secret {
                members.insert("ClientSecret".to_owned(), json!(secret));
            }
            members.insert("CreationDate".to_owned(), timestamp(self.created));
            members.insert("LastModifiedDate".to_owned(), timestamp(self.modified));
        }
        described
    }
}

fn random_text(length: usize) -> String {
    const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut random = rand::thread_rng();
    (0..length)
        .filter_map(|_| LETTERS.get(random.gen_range(0..LETTERS.len())))
        .copied()
        .map(char::from)
        .collect()
}
