//! Everything the emulator remembers. An operation is a function of this, the time and a request.

mod challenges;
mod client;
mod client_settings;
mod devices;
pub mod passkeys;
mod pool;
mod sign_ins;
mod user;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use challenges::{Candidate, Challenge, Challenges, Session, SrpChallenge};
pub use client::Client;
pub use client_settings::{AuthFlow, ClientSettings};
pub use devices::{Device, Devices, NewDevice};
pub use pool::{DeviceConfiguration, Pool, PoolSettings, SchemaAttribute};
pub use sign_ins::{SignIn, SignIns};
pub use user::{Password, User, UserStatus};
pub use users::Users;

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
}

impl State {
    /// The pool of an administrative operation.
    pub(crate) fn pool(&mut self, id: &str) -> Result<&mut Pool, Exception> {
        self.pools.get_mut(id).ok_or_else(|| Exception::no_pool(id))
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
