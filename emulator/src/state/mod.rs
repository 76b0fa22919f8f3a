//! Everything the emulator remembers. An operation is a function of this, the time and a request.

mod account;
mod challenges;
mod client;
mod client_settings;
mod devices;
mod groups;
mod mfa;
pub mod passkeys;
mod pool;
mod schema;
mod sign_in_policy;
mod sign_ins;
mod software_token;
mod tier;
mod user;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use account::{AccountRecoverySetting, DeletionProtection, UserAttributeUpdateSettings};
pub use challenges::{Candidate, Challenge, Challenges, Flow, SentCode, Session, SrpChallenge};
pub use client::Client;
pub use client_settings::{AuthFlow, ClientSettings};
pub use devices::{Device, Devices, NewDevice};
pub use groups::{Group, Groups};
pub use mfa::{
    EmailMfaConfiguration, MFA_FACTORS, MfaConfiguration, MfaFactor, MfaPreference, SmsMfaConfiguration,
    SoftwareTokenMfaConfiguration,
};
pub use pool::{DeviceConfiguration, Pool, PoolSettings};
pub use schema::SchemaAttribute;
pub use sign_in_policy::{Choice, CustomQuestion, FirstFactor, SignInPolicy};
pub use sign_ins::{SignIn, SignIns};
pub use software_token::{Refused, SoftwareToken};
pub use tier::Tier;
pub use user::{Password, User, UserStatus};
pub use users::Users;

use crate::clock::Millis;
use crate::error::Exception;
use crate::outbox::Outbox;

/// The pools and the messages sent from them.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// By pool id.
    pub(crate) pools: BTreeMap<String, Pool>,
    /// The messages sent.
    pub(crate) outbox: Outbox,
    /// The pool and client of `awsconfiguration.json`.
    pub(crate) default_client: Option<(String, String)>,
}

/// What an operation that names a client works on.
#[derive(Debug)]
pub struct ClientScope<'a> {
    /// The client's pool.
    pub pool: &'a mut Pool,
    /// The client.
    pub client: Arc<Client>,
    /// Where messages go.
    pub outbox: &'a mut Outbox,
}

impl ClientScope<'_> {
    /// The user who is signing in, if there is one.
    pub fn user(&self, candidate: &Candidate) -> Result<&User, Exception> {
        let sub = candidate.sub.as_deref();
        sub.and_then(|sub| self.pool.users.get(sub))
            .ok_or_else(Exception::wrong_password)
    }

    /// The user who is signing in, to be changed.
    pub fn user_mut(&mut self, candidate: &Candidate) -> Option<&mut User> {
        self.pool.users.get_mut(candidate.sub.as_deref()?)
    }

    /// Ends the session that has just been answered, where there was one.
    pub fn spend(&mut self, session_text: Option<&str>) {
        if let Some(text) = session_text {
            self.pool.challenges.spend(text);
        }
    }
}

impl State {
    /// The pool of an administrative operation.
    pub(crate) fn pool(&mut self, id: &str) -> Result<&mut Pool, Exception> {
        self.pools.get_mut(id).ok_or_else(|| Exception::no_pool(id))
    }

    /// An open session whose client is not named, with its pool.
    pub(crate) fn session(&mut self, text: &str, now: Millis) -> Result<(&mut Pool, Session), Exception> {
        let pool = self
            .pools
            .values_mut()
            .find(|pool| pool.challenges.knows(text))
            .ok_or_else(Exception::invalid_session)?;
        let session = pool.challenges.session(text, now)?;
        Ok((pool, session))
    }

    /// The pool that a client belongs to, with the client.
    pub(crate) fn client(&mut self, client_id: &str) -> Result<ClientScope<'_>, Exception> {
        for pool in self.pools.values_mut() {
            if let Some(client) = pool.clients.get(client_id).map(Arc::clone) {
                return Ok(ClientScope {
                    pool,
                    client,
                    outbox: &mut self.outbox,
                });
            }
        }
        Err(Exception::no_client(client_id))
    }
}
