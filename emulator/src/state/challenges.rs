//! Sign-ins that wait for the user's next answer.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use rand::RngCore;
use sha2::{Digest, Sha256};

use crate::clock::{HOUR, Millis};
use crate::error::Exception;
use crate::srp::Exchange;

type Fingerprint = [u8; 32];

/// The bytes of a `SECRET_BLOCK` and of a `Session`, about what AWS sends.
const SECRET_BLOCK_LENGTH: usize = 1024;
const SESSION_LENGTH: usize = 900;

/// How long an expired challenge is kept, so that a late answer can be told from an invented one.
const REMEMBERED: Millis = HOUR;

/// A PASSWORD_VERIFIER challenge.
#[derive(Debug, Clone)]
pub struct SrpChallenge {
    /// The client that asked.
    pub client_id: String,
    /// Who wants in; nobody for a simulated user.
    pub sub: Option<String>,
    /// The name in SRP's hashes.
    pub user_id_for_srp: String,
    /// Both sides' public values and the server's secret.
    pub exchange: Arc<Exchange>,
    /// When it can no longer be answered.
    pub expires: Millis,
}

/// A NEW_PASSWORD_REQUIRED challenge.
#[derive(Debug, Clone)]
pub struct NewPasswordSession {
    /// The client that asked.
    pub client_id: String,
    /// Who wants in.
    pub sub: String,
    /// When it can no longer be answered.
    pub expires: Millis,
}

#[derive(Debug, Clone)]
enum SessionEntry {
    Open(NewPasswordSession),
    Spent { expires: Millis },
}

/// Every challenge of a pool. Only fingerprints of what the client holds are kept.
#[derive(Debug, Clone, Default)]
pub struct Challenges {
    srp: HashMap<Fingerprint, SrpChallenge>,
    sessions: HashMap<Fingerprint, SessionEntry>,
}

impl Challenges {
    /// Remembers a challenge and returns its `SECRET_BLOCK`.
    pub fn open_srp(&mut self, challenge: SrpChallenge, now: Millis) -> String {
        self.srp.retain(|_, kept| now < kept.expires + REMEMBERED);
        let block = random_bytes(SECRET_BLOCK_LENGTH);
        self.srp.insert(fingerprint(&block), challenge);
        STANDARD.encode(block)
    }

    /// The challenge of a `SECRET_BLOCK`. It can be answered any number of times until it expires, as at AWS: wrong
    /// passwords are counted at the user.
    pub fn srp(&self, block: &[u8]) -> Option<SrpChallenge> {
        self.srp.get(&fingerprint(block)).cloned()
    }

    /// Remembers a challenge and returns its `Session`.
    pub fn open_session(&mut self, session: NewPasswordSession, now: Millis) -> String {
        self.sessions.retain(|_, kept| now < kept.expires() + REMEMBERED);
        let text = URL_SAFE.encode(random_bytes(SESSION_LENGTH));
        self.sessions
            .insert(fingerprint(text.as_bytes()), SessionEntry::Open(session));
        text
    }

    /// The challenge of a `Session` that is still open.
    pub fn session(&self, text: &str, now: Millis) -> Result<NewPasswordSession, Exception> {
        match self.sessions.get(&fingerprint(text.as_bytes())) {
            Some(SessionEntry::Open(session)) if now < session.expires => Ok(session.clone()),
            Some(SessionEntry::Open(_)) => Err(Exception::not_authorized(
                "Invalid session for the user, session is expired.",
            )),
            Some(SessionEntry::Spent { .. }) | None => Err(Exception::not_authorized("Invalid session for the user.")),
        }
    }

    /// A session works once.
    pub fn spend_session(&mut self, text: &str) {
        if let Some(entry) = self.sessions.get_mut(&fingerprint(text.as_bytes())) {
            *entry = SessionEntry::Spent {
                expires: entry.expires(),
            };
        }
    }
}

impl SessionEntry {
    fn expires(&self) -> Millis {
        match self {
            Self::Open(session) => session.expires,
            Self::Spent { expires } => *expires,
        }
    }
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::thread_rng().fill_bytes(&mut bytes);
    bytes
}

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Sha256::digest(bytes).into()
}
