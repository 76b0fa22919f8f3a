//! Sign-ins that wait for the user's next answer.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use rand::RngCore;
use sha2::{Digest, Sha256};

use super::{Choice, MfaFactor};
use crate::clock::{HOUR, Millis};
use crate::codes::Code;
use crate::error::Exception;
use crate::srp::Exchange;

type Fingerprint = [u8; 32];

/// The bytes of a `SECRET_BLOCK` and of a `Session`, about what AWS sends.
const SECRET_BLOCK_LENGTH: usize = 1024;
const SESSION_LENGTH: usize = 900;

/// How long an expired challenge is kept, so that a late answer can be told from an invented one.
const REMEMBERED: Millis = HOUR;

/// The user who is signing in, from the first request to the tokens.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The client that asked.
    pub client_id: String,
    /// Who signs in; `None` for a simulated user.
    pub sub: Option<String>,
    /// The name in SRP's hashes and in challenges.
    pub user_id_for_srp: String,
    /// The device the client says it runs on.
    pub device_key: Option<String>,
    /// The flow that was begun.
    pub flow: Flow,
}

/// What a right password leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A second factor, where one is due, and tokens.
    Standard,
    /// The questions of CUSTOM_AUTH.
    Custom,
}

/// A PASSWORD_VERIFIER or DEVICE_PASSWORD_VERIFIER challenge.
#[derive(Debug, Clone)]
pub struct SrpChallenge {
    /// Who is to answer it.
    pub candidate: Candidate,
    /// Both sides' public values and the server's secret.
    pub exchange: Arc<Exchange>,
    /// When it can no longer be answered.
    pub expires: Millis,
}

/// What a `Session` waits for.
#[derive(Debug, Clone)]
pub enum Challenge {
    /// `NEW_PASSWORD_REQUIRED`.
    NewPasswordRequired,
    /// `SELECT_MFA_TYPE` among these.
    SelectMfaType(Vec<MfaFactor>),
    /// `SOFTWARE_TOKEN_MFA`.
    SoftwareTokenMfa,
    /// A code that was sent.
    SentCode(SentCode, Code),
    /// `MFA_SETUP`, and whether an authenticator app has been verified within it.
    MfaSetup {
        /// Whether VerifySoftwareToken has accepted a code.
        verified: bool,
    },
    /// `CUSTOM_CHALLENGE`.
    Custom {
        /// The question of the script, counted from 0.
        question: usize,
        /// The wrong answers so far, to all questions.
        wrong: u32,
    },
    /// `SELECT_CHALLENGE` among these.
    Select(Vec<Choice>),
    /// `PASSWORD`.
    Password,
    /// `PASSWORD_SRP`.
    PasswordSrp,
    /// `WEB_AUTHN`, and what else could have been chosen.
    WebAuthn(Vec<Choice>),
    /// `DEVICE_SRP_AUTH`.
    DeviceSrp,
    /// No challenge: a sign-up that waits for its confirmation.
    SignUp,
    /// No challenge: a sign-up that was just confirmed.
    ConfirmedSignUp,
}

impl Challenge {
    /// Its name; `None` for what has a session and is no challenge.
    pub fn name(&self) -> Option<&'static str> {
        Some(match self {
            Self::NewPasswordRequired => "NEW_PASSWORD_REQUIRED",
            Self::SelectMfaType(_) => "SELECT_MFA_TYPE",
            Self::SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
            Self::SentCode(SentCode::SmsMfa, _) => "SMS_MFA",
            Self::SentCode(SentCode::EmailMfa | SentCode::EmailMfaSetup | SentCode::EmailOtp, _) => "EMAIL_OTP",
            Self::SentCode(SentCode::SmsOtp, _) => "SMS_OTP",
            Self::MfaSetup { .. } => "MFA_SETUP",
            Self::Custom { .. } => "CUSTOM_CHALLENGE",
            Self::Select(_) => "SELECT_CHALLENGE",
            Self::Password => "PASSWORD",
            Self::PasswordSrp => "PASSWORD_SRP",
            Self::WebAuthn(_) => "WEB_AUTHN",
            Self::DeviceSrp => "DEVICE_SRP_AUTH",
            Self::SignUp | Self::ConfirmedSignUp => return None,
        })
    }
}

/// What a code was sent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentCode {
    /// `SMS_MFA`.
    SmsMfa,
    /// `EMAIL_OTP` as the second factor.
    EmailMfa,
    /// `EMAIL_OTP` to an address that is to become the second factor.
    EmailMfaSetup,
    /// `SMS_OTP`, the first factor.
    SmsOtp,
    /// `EMAIL_OTP` as the first factor.
    EmailOtp,
}

/// An open challenge that has a `Session`.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who is to answer it.
    pub candidate: Candidate,
    /// What is asked.
    pub challenge: Challenge,
    expires: Millis,
}

#[derive(Debug, Clone)]
enum SessionEntry {
    Open(Session),
    Spent { expires: Millis },
}

/// Every challenge of a pool. Only fingerprints of what the client holds are kept.
#[derive(Debug, Clone, Default)]
pub struct Challenges {
    srp: HashMap<Fingerprint, SrpChallenge>,
    device_srp: HashMap<Fingerprint, SrpChallenge>,
    sessions: HashMap<Fingerprint, SessionEntry>,
}

impl Challenges {
    /// Remembers a challenge and returns its `SECRET_BLOCK`.
    pub fn open_srp(&mut self, challenge: SrpChallenge, now: Millis) -> String {
        open_srp(&mut self.srp, challenge, now)
    }

    /// The challenge of a `SECRET_BLOCK`. It can be answered any number of times until it expires, as at AWS: wrong
    /// passwords are counted at the user.
    pub fn srp(&self, block: &[u8]) -> Option<SrpChallenge> {
        self.srp.get(&fingerprint(block)).cloned()
    }

    /// Remembers a device's challenge and returns its `SECRET_BLOCK`.
    pub fn open_device_srp(&mut self, challenge: SrpChallenge, now: Millis) -> String {
        open_srp(&mut self.device_srp, challenge, now)
    }

    /// The challenge of a device's `SECRET_BLOCK`.
    pub fn device_srp(&self, block: &[u8]) -> Option<SrpChallenge> {
        self.device_srp.get(&fingerprint(block)).cloned()
    }

    /// A device proves itself once: a proof that is seen again must not bring tokens without a password.
    pub fn spend_device_srp(&mut self, block: &[u8]) {
        self.device_srp.remove(&fingerprint(block));
    }

    /// Remembers a challenge that waits this long and returns its `Session`.
    pub fn open(&mut self, candidate: Candidate, challenge: Challenge, lifetime: Millis, now: Millis) -> String {
        self.sessions.retain(|_, kept| now < kept.expires() + REMEMBERED);
        let text = URL_SAFE.encode(random_bytes(SESSION_LENGTH));
        let session = Session {
            candidate,
            challenge,
            expires: now + lifetime,
        };
        self.sessions
            .insert(fingerprint(text.as_bytes()), SessionEntry::Open(session));
        text
    }

    /// The challenge of a `Session` that is still open.
    pub fn session(&self, text: &str, now: Millis) -> Result<Session, Exception> {
        match self.sessions.get(&fingerprint(text.as_bytes())) {
            Some(SessionEntry::Open(session)) if now < session.expires => Ok(session.clone()),
            Some(SessionEntry::Open(_)) => Err(Exception::expired_session()),
            Some(SessionEntry::Spent { .. }) | None => Err(Exception::invalid_session()),
        }
    }

    /// Whether the `Session` is one of this pool's, open or not.
    pub fn knows(&self, text: &str) -> bool {
        self.sessions.contains_key(&fingerprint(text.as_bytes()))
    }

    /// A session works once.
    pub fn spend(&mut self, text: &str) {
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

fn open_srp(open: &mut HashMap<Fingerprint, SrpChallenge>, challenge: SrpChallenge, now: Millis) -> String {
    open.retain(|_, kept| now < kept.expires + REMEMBERED);
    let block = random_bytes(SECRET_BLOCK_LENGTH);
    open.insert(fingerprint(&block), challenge);
    STANDARD.encode(block)
}

fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rand::thread_rng().fill_bytes(&mut bytes);
    bytes
}

fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Sha256::digest(bytes).into()
}
