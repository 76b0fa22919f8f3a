//! Following the store: reading the record, writing it, and taking over what another tab has written.

use std::rc::Rc;

use super::engine::SessionEngine;
use crate::core::error::{AuthError, Code};
use crate::core::identity::{Identity, Owner};
use crate::core::limits::MAX_WRITE_ATTEMPTS;
use crate::core::record::{Record, Unreadable, User};
use crate::core::session::decide::superseded;
use crate::core::session::{Change, Session};
use crate::core::user_state::{Reason, UserState};
use crate::engine::runtime::{Task, Turn};
use crate::ports::{Env, Stored};

impl<E: Env> SessionEngine<E> {
    /// Looks into the store when this tab may have missed something, and waits for a sign-out that is under way.
    pub(in crate::engine) async fn look_if_stale(&self) {
        if self.state.ending.get() > 0 {
            drop(self.store.lock().await);
        }
        // A tab that became stale again while the store was being read has to read it again.
        for _ in 0..2 {
            if !self.state.staleness.is_open() || self.look().await.is_err() {
                break;
            }
        }
    }

    /// Looks into the store and takes over what another tab has written. Whether it could be read.
    pub(in crate::engine) async fn sync(&self, turn: &Turn) -> bool {
        let Some(key) = self.runtime.storage_key() else {
            return true;
        };
        self.store.follow_note(self.live().is_some());
        let was_stale = self.state.staleness.is_open();
        let seen = self.state.staleness.latest();
        let Ok(stored) = self.store.read(&key).await else {
            return false;
        };
        self.state.staleness.settle(seen);
        self.take_over(turn, stored).await;
        if was_stale {
            // What was kept back may be served again.
            self.emit(false, None);
        }
        true
    }

    /// Writes the record over the one this tab has seen. `false` when another tab has written since.
    ///
    /// # Errors
    /// `storage` and `timeout`; whether the record is stored is then not known.
    pub(in crate::engine) async fn write(&self, turn: &Turn, user: User) -> Result<bool, AuthError> {
        let identity = self.state.identity.borrow().clone();
        let written = self
            .store
            .write(turn, user, identity, self.storable_revocations())
            .await;
        if written == Ok(true) {
            self.state.ended.unread.set(None);
        }
        written
    }

    /// Writes the record whatever is there. `user` is given what another tab has stored since this one looked, and
    /// says what to write over it; where it says nothing, nothing is written, and the result is `false`.
    ///
    /// # Errors
    /// `storage` and `timeout`, and `storage` when other tabs come first again and again.
    pub(in crate::engine) async fn write_over(
        &self,
        turn: &Turn,
        user: &dyn Fn(Option<&User>) -> Option<User>,
    ) -> Result<bool, AuthError> {
        let Some(key) = self.runtime.storage_key() else {
            return Ok(true);
        };
        let mut found = None;
        for _ in 0..MAX_WRITE_ATTEMPTS {
            let Some(user) = user(found.as_ref()) else {
                return Ok(false);
            };
            if self.write(turn, user).await? {
                return Ok(true);
            }
            let stored = self.store.read(&key).await?;
            self.store
                .note_stamp(stored.as_ref().map(|stored| stored.stamp.clone()));
            let record = stored
                .and_then(|stored| stored.text)
                .and_then(|text| self.store.decode(&text).ok());
            found = record.map(|record| {
                self.store.note_superseded(record.generation);
                // The tab that writes over a record takes on the revocations that it lists.
                self.remember_revocations(record.revocations, false);
                record.user
            });
        }
        Err(AuthError::new(
            Code::Storage,
            "Other tabs keep changing the stored session.",
        ))
    }

    /// The look into the store that all callers share: one that hangs must not keep them waiting one after the other.
    fn look(&self) -> Task<()> {
        self.state.watch.look.join(|| {
            let client = self.clone();
            self.runtime.share(async move {
                let turn = client.store.lock().await;
                let is_read = !client.state.staleness.is_open() || client.sync(&turn).await;
                client.state.watch.look.end();
                if is_read { Ok(()) } else { Err(superseded()) }
            })
        })
    }

    async fn take_over(&self, turn: &Turn, stored: Option<Stored>) {
        let stamp = stored.as_ref().map(|stored| stored.stamp.clone());
        let is_unchanged = self.store.is_seen(stamp.as_deref());
        let decoded = stored
            .and_then(|stored| stored.text)
            .map(|text| self.store.decode(&text));
        if let Some(Err(Unreadable::Newer)) = decoded {
            // Its stamp is not taken, so this tab writes nothing over it unless a user signs in or out here.
            if self.live().is_some() {
                self.runtime.supersede();
                self.commit(Change::SignedOut(Reason::StorageLost));
            }
            return;
        }
        self.store
            .note_seen(stamp, decoded.as_ref().and_then(|decoded| decoded.as_ref().ok()));
        match decoded {
            Some(Ok(record)) if record.generation == self.store.generation() => {
                self.store.note_adopted(record.generation);
            }
            Some(Ok(record)) if !self.is_ours_newer(&record, is_unchanged) => self.adopt(record),
            // Evicted, damaged, its key gone, or never written: none of it is a sign-out.
            decoded => {
                let is_theirs = match decoded {
                    Some(Ok(record)) => {
                        self.store.note_superseded(record.generation);
                        true
                    }
                    _ => false,
                };
                self.heal(turn, is_theirs).await;
            }
        }
    }

    /// Whether what this tab knows is newer than the record. Generations do not say so: one that could not be written
    /// has its number before those that other tabs wrote meanwhile.
    fn is_ours_newer(&self, record: &Record, is_unchanged: bool) -> bool {
        let is_behind = self.store.is_behind();
        let User::SignedIn(theirs) = &record.user else {
            return is_behind && is_unchanged;
        };
        if self.state.ended.take_overwrite(theirs.id) {
            return true;
        }
        if let Some((ended_at, revokes)) = self.state.ended.unread.get()
            && theirs.id < ended_at
        {
            if revokes {
                self.remember_revocation(theirs);
                drop(self.revoke_in_background());
            }
            return true;
        }
        let has_newer_tokens = |ours: &Session| {
            ours.id == theirs.id && !theirs.needs_sign_in() && ours.received_at() > theirs.received_at()
        };
        // A store that has gone back to what it held before shows what this tab has replaced.
        let is_from_before = is_behind || record.generation < self.store.generation();
        (is_behind && is_unchanged) || (is_from_before && self.session().is_some_and(|ours| has_newer_tokens(&ours)))
    }

    /// Writes again what this tab knows, where the store has lost it or never took it. A sign-out is
    /// written over a session that this tab has ended, and not into an empty store, which another tab may fill.
    async fn heal(&self, turn: &Turn, is_theirs: bool) {
        let user = match self.live() {
            Some(live) => User::SignedIn(live.session),
            None if is_theirs => User::SignedOut(Reason::UserAction),
            None => return,
        };
        let _ = self.write(turn, user).await;
    }

    /// Takes over what another tab has stored.
    fn adopt(&self, record: Record) {
        self.store.note_adopted(record.generation);
        self.replace_revocations(record.revocations);
        let is_guest = is_guest(record.identity.as_ref());
        self.state.identity.replace(record.identity);
        let ours = self.session();
        match (record.user, ours) {
            (User::SignedOut(_), ours) => {
                if ours.is_some() || (!is_guest && self.user_state() == UserState::Guest) {
                    self.runtime.supersede();
                    self.commit(Change::SignedOut(Reason::OtherTab));
                }
                if is_guest {
                    self.commit(Change::GuestAdmitted);
                }
            }
            (User::SignedIn(theirs), ours) => {
                let is_same = ours.as_ref().is_some_and(|ours| ours.is_same_as(&theirs));
                let is_invalid = self.user_state().needs_sign_in();
                if !is_same {
                    self.runtime.supersede();
                }
                if !is_same || (is_invalid && !theirs.needs_sign_in()) {
                    self.commit(Change::SignedIn {
                        session: Rc::clone(&theirs),
                        reason: Reason::OtherTab,
                        is_renewal: false,
                    });
                }
                if theirs.needs_sign_in() {
                    self.commit(Change::Invalid(theirs, None));
                } else if is_same && ours.is_some_and(|ours| ours.received_at() != theirs.received_at()) {
                    self.commit(Change::Renewed(theirs));
                } else if is_same {
                    self.replace_session(theirs);
                }
            }
        }
    }
}

pub(super) fn is_guest(identity: Option<&Identity>) -> bool {
    identity.is_some_and(|identity| identity.owner == Owner::Guest)
}
