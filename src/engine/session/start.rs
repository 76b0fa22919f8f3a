//! The start: what `initialize` finds in the store, and makes of it.

use std::rc::Rc;

use super::engine::SessionEngine;
use super::sync::is_guest;
use crate::core::config::UserPoolConfig;
use crate::core::error::AuthError;
use crate::core::foreign::ForeignKeys;
use crate::core::record::{Unreadable, User};
use crate::core::session::{Change, Found, Session};
use crate::core::user_state::Reason;
use crate::engine::runtime::{Setup, Turn};
use crate::engine::store::Beside;
use crate::ports::{Env, StorageKind, Stored};

/// Where the key of the configuration is noted that last signed a user in.
pub(crate) const CONFIGURATION_KEY: &str = "cognito-wasm/configuration";

impl<E: Env> SessionEngine<E> {
    /// Opens the store and begins with what is in it.
    pub(in crate::engine) async fn restore(&self, turn: &Turn, setup: Setup) {
        let has_answered = self.store.open(&setup).await;
        let key = setup.key.clone();
        let foreign = setup.config.user_pool.clone().filter(|_| setup.options.import_session);
        self.runtime.set_up(setup);
        let Some(key) = key else {
            return self.commit(Change::Started(Found::NoSession(None)));
        };
        // A store that has kept the start waiting is not waited for a second time.
        let stored = if has_answered {
            self.store.read(&key).await.ok()
        } else {
            None
        };
        let found = match stored {
            // What cannot be read now may be readable later: the next call looks again.
            None => {
                self.state.staleness.raise();
                Found::Lost(Reason::StorageLost)
            }
            Some(stored) => match stored.and_then(|stored| self.begin_with(stored)) {
                None => match self.found_elsewhere(turn, foreign).await {
                    Some(session) => Found::Session(session),
                    None => self.nothing_found(&key).await,
                },
                Some(found) => {
                    let session = match &found {
                        Found::Session(session) => Some(&**session),
                        _ => None,
                    };
                    self.sweep_leftovers(turn, session).await;
                    found
                }
            },
        };
        self.commit(Change::Started(found));
    }

    /// Notes which configuration signed a user in, so that the next start can tell that it has changed.
    pub(in crate::engine) async fn note_configuration(&self) {
        let Some(key) = self.runtime.storage_key() else { return };
        let read = self.runtime.env().read(self.store.kind(), CONFIGURATION_KEY);
        let Ok(noted) = self.store.in_time(read).await else {
            return;
        };
        let noted = noted.map(|noted| noted.stamp);
        if noted.as_deref() != Some(&*key) {
            let swap = self
                .runtime
                .env()
                .swap(self.store.kind(), CONFIGURATION_KEY, noted.as_deref(), &key);
            let _ = self.store.in_time(swap).await;
        }
    }

    /// Forgets all that was ever stored for this configuration, but for the sign-out where that could be stored: without
    /// it other tabs would take the record for lost.
    ///
    /// # Errors
    /// `storage` and `timeout`.
    pub(in crate::engine) async fn erase(&self, _turn: &Turn, keeps_record: bool) -> Result<(), AuthError> {
        let Some(key) = self.runtime.storage_key() else {
            return Ok(());
        };
        let cleared = async {
            let kind = self.store.kind();
            self.runtime.env().clear(kind, CONFIGURATION_KEY, false).await?;
            for beside in Beside::ALL {
                self.runtime.env().clear(kind, &beside.place(&key), false).await?;
            }
            self.runtime.env().clear(kind, &key, keeps_record).await
        };
        self.store.in_time(cleared).await
    }

    /// Takes over the record that `initialize` has found; `None` where it counts as absent.
    fn begin_with(&self, stored: Stored) -> Option<Found> {
        let decoded = stored.text.map(|text| self.store.decode(&text));
        let record = match decoded {
            Some(Ok(record)) => record,
            unreadable => {
                self.store.note_seen(Some(stored.stamp), None);
                return match unreadable {
                    None => Some(Found::Lost(Reason::KeyLost)),
                    Some(Err(Unreadable::Older)) => None,
                    Some(_) => Some(Found::Lost(Reason::StorageLost)),
                };
            }
        };
        self.store.note_seen(Some(stored.stamp), Some(&record));
        self.store.note_adopted(record.generation);
        self.replace_revocations(record.revocations);
        let is_guest = is_guest(record.identity.as_ref());
        self.state.identity.replace(record.identity);
        Some(match record.user {
            User::SignedIn(session) => Found::Session(session),
            User::SignedOut(_) if is_guest => Found::Guest,
            User::SignedOut(reason) => Found::NoSession(Some(reason)),
        })
    }

    async fn nothing_found(&self, key: &str) -> Found {
        match self.store.read(CONFIGURATION_KEY).await {
            Ok(Some(noted)) if noted.stamp != key => {
                self.note_configuration().await;
                Found::Lost(Reason::ConfigChanged)
            }
            _ => Found::NoSession(None),
        }
    }

    /// A session that lies elsewhere and is to be ours: one that was kept unencrypted while the encrypted store could not
    /// be used, or another package's.
    async fn found_elsewhere(&self, turn: &Turn, foreign: Option<Rc<UserPoolConfig>>) -> Option<Rc<Session>> {
        match self.adopt_leftover(turn).await {
            Some(session) => Some(session),
            None => self.import(turn, foreign).await,
        }
    }

    /// Makes another package's session ours.
    async fn import(&self, turn: &Turn, pool: Option<Rc<UserPoolConfig>>) -> Option<Rc<Session>> {
        let pool = pool?;
        let keys = ForeignKeys::of(&pool.client_id);
        let session = self
            .store
            .numbered(&keys.session(&pool, |key| self.runtime.env().foreign(key))?);
        let is_kept = self.write(turn, User::SignedIn(Rc::clone(&session))).await == Ok(true);
        if is_kept && self.store.kind() != StorageKind::Memory {
            for key in keys.to_remove(|key| self.runtime.env().foreign(key)) {
                self.runtime.env().remove_foreign(&key);
            }
        }
        Some(session)
    }
}
