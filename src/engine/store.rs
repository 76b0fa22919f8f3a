//! The record in the store: reading it, writing it, and taking over what another tab has written.
//!
//! Everything here is done in a [`Turn`], so that within a tab one thing happens after the other. Between tabs the
//! store compares stamps: a write succeeds only over what this tab has seen.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use super::aside::Aside;
use super::bell::Turn;
use super::client::{Client, Setup};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::foreign::ForeignKeys;
use crate::core::generation;
use crate::core::identity::{Identity, Owner};
use crate::core::limits::{MAX_ENDED_SESSIONS, MAX_OVERWRITES_PER_SESSION, MAX_WRITE_ATTEMPTS, STORE_DEADLINE};
use crate::core::record::{Record, Unreadable, User};
use crate::core::session::{Change, Found, Session, decide};
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Env, StorageKind, Stored};

/// Where the key of the configuration is noted that last signed somebody in.
pub(crate) const CONFIGURATION_KEY: &str = "cognito-wasm/configuration";

/// What this tab knows of the store.
#[derive(Debug)]
pub(super) struct StoreFacts {
    pub(super) kind: Cell<StorageKind>,
    /// The store of sign-ins that ask for none, once it was chosen.
    pub(super) home: Cell<Option<StorageKind>>,
    /// The stamp of what was there when this tab last looked or wrote.
    stamp: RefCell<Option<String>>,
    /// The generation of this tab's session.
    generation: Cell<i64>,
    /// The store refused the newest record, so what it holds is older than what this tab knows.
    is_behind: Cell<bool>,
    /// Whether what was there could be read.
    is_readable: Cell<bool>,
    /// Why nobody was signed in by the record that this tab read or wrote last.
    signed_out: Cell<Option<Reason>>,
    /// Sessions that this tab has ended, or could not begin, and how often it still writes over one. Whoever stores one
    /// again did not know; but two tabs that each hold the other's for ended must not go on for ever.
    ended: RefCell<Vec<(i64, u8)>>,
    /// A sign-out of a session that could not be read: its number, after those of all sessions that it has ended, and whether
    /// these are to be revoked. Until the store has taken it.
    pub(super) ended_unread: Cell<Option<(i64, bool)>>,
    /// Where a note led to a store that does not work.
    pub(super) unusable: Cell<Option<StorageKind>>,
}

impl StoreFacts {
    /// Whether there was a record when this tab last looked, and it could be read.
    pub(super) fn is_readable(&self) -> bool {
        self.is_readable.get()
    }

    /// Why nobody is signed in, for whoever reads it later: what this tab was told may be that another has done it.
    pub(super) fn signed_out(&self) -> Reason {
        self.signed_out.get().unwrap_or(Reason::UserAction)
    }

    fn note_user(&self, user: &User) {
        self.signed_out.set(match user {
            User::SignedIn(_) => None,
            User::SignedOut(reason) => Some(*reason),
        });
    }

    /// Whether the store did not take the newest record.
    pub(super) fn is_behind(&self) -> bool {
        self.is_behind.get()
    }

    /// What a write that was not made has to leave as it was. What was only read for it is not seen yet: whoever writes
    /// next writes over it knowingly, or not at all.
    pub(super) fn view(&self) -> View {
        View {
            kind: self.kind.get(),
            stamp: self.stamp.borrow().clone(),
            generation: self.generation.get(),
            is_behind: self.is_behind.get(),
        }
    }

    pub(super) fn restore_view(&self, view: View) {
        self.kind.set(view.kind);
        self.stamp.replace(view.stamp);
        self.generation.set(view.generation);
        self.is_behind.set(view.is_behind);
    }

    /// Nothing is known of what the store holds. The generation stays: it has been used.
    pub(super) fn forget_view(&self) {
        self.stamp.replace(None);
        self.is_behind.set(false);
        self.is_readable.set(false);
    }
}

/// See [`StoreFacts::view`].
#[derive(Debug)]
pub(super) struct View {
    pub(super) kind: StorageKind,
    stamp: Option<String>,
    generation: i64,
    is_behind: bool,
}

impl Default for StoreFacts {
    fn default() -> Self {
        Self {
            kind: Cell::new(StorageKind::Memory),
            home: Cell::default(),
            stamp: RefCell::default(),
            generation: Cell::default(),
            is_behind: Cell::default(),
            is_readable: Cell::default(),
            signed_out: Cell::default(),
            ended: RefCell::default(),
            ended_unread: Cell::default(),
            unusable: Cell::default(),
        }
    }
}

impl<E: Env> Client<E> {
    /// Opens the store and begins with what is in it.
    pub(super) async fn restore(&self, turn: &Turn, setup: Setup) {
        let has_answered = self.open_store(&setup).await;
        let key = setup.key.clone();
        let foreign = setup.config.user_pool.clone().filter(|_| setup.options.import_session);
        self.0.setup.replace(Some(Rc::new(setup)));
        let Some(key) = key else {
            return self.commit(Change::Started(Found::NoSession(None)));
        };
        // A store that has kept the start waiting is not waited for a second time.
        let stored = if has_answered { self.read(&key).await.ok() } else { None };
        let found = match stored {
            // What cannot be read now may be readable later: the next call looks again.
            None => {
                self.0.doubts.raise();
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

    /// Looks into the store and takes over what another tab has written. Whether it could be read.
    pub(super) async fn sync(&self, turn: &Turn) -> bool {
        let Some(key) = self.storage_key() else {
            return true;
        };
        self.follow_note();
        let was_in_doubt = self.0.doubts.are_open();
        let doubt = self.0.doubts.latest();
        let Ok(stored) = self.read(&key).await else {
            return false;
        };
        self.0.doubts.settle(doubt);
        self.take_over(turn, stored).await;
        if was_in_doubt {
            // What was kept back may be served again.
            self.emit(false, None);
        }
        true
    }

    async fn take_over(&self, turn: &Turn, stored: Option<Stored>) {
        let facts = &self.0.store;
        let stamp = stored.as_ref().map(|stored| stored.stamp.clone());
        let is_unchanged = stamp == *facts.stamp.borrow();
        let decoded = stored.and_then(|stored| stored.text).map(|text| self.decode(&text));
        if let Some(Err(Unreadable::Newer)) = decoded {
            // Its stamp is not taken, so this tab writes nothing over it unless somebody signs in or out here.
            if self.live().is_some() {
                self.begin_epoch();
                self.commit(Change::SignedOut(Reason::StorageLost));
            }
            return;
        }
        facts.stamp.replace(stamp);
        facts.is_readable.set(matches!(decoded, Some(Ok(_))));
        if let Some(Ok(record)) = &decoded {
            facts.note_user(&record.user);
        }
        match decoded {
            Some(Ok(record)) if record.generation == facts.generation.get() => facts.is_behind.set(false),
            Some(Ok(record)) if !self.is_ours_newer(&record, is_unchanged) => self.adopt(record),
            // Evicted, damaged, its key gone, or never written: none of it is a sign-out.
            decoded => {
                let is_theirs = match decoded {
                    Some(Ok(record)) => {
                        facts.generation.set(facts.generation.get().max(record.generation));
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
        let facts = &self.0.store;
        let User::SignedIn(theirs) = &record.user else {
            return facts.is_behind.get() && is_unchanged;
        };
        let mut ended = facts.ended.borrow_mut();
        if let Some((_, left)) = ended.iter_mut().find(|(id, left)| *id == theirs.id && *left > 0) {
            *left -= 1;
            return true;
        }
        drop(ended);
        if let Some((ended_at, revokes)) = facts.ended_unread.get()
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
        let is_from_before = facts.is_behind.get() || record.generation < facts.generation.get();
        (facts.is_behind.get() && is_unchanged)
            || (is_from_before && self.live().is_some_and(|live| has_newer_tokens(&live.session)))
    }

    /// Remembers that a session is over, whoever stores it again.
    pub(super) fn note_ended(&self, id: i64) {
        let mut ended = self.0.store.ended.borrow_mut();
        if ended.len() >= MAX_ENDED_SESSIONS {
            ended.remove(0);
        }
        ended.push((id, MAX_OVERWRITES_PER_SESSION));
    }

    /// Writes the record over the one this tab has seen. `false` when another tab has written since.
    ///
    /// # Errors
    /// `storage` and `timeout`; whether the record is there is then not known.
    pub(super) async fn put(&self, _turn: &Turn, user: User) -> Result<bool, AuthError> {
        let Some(key) = self.storage_key() else {
            return Ok(true);
        };
        let facts = &self.0.store;
        let expected = facts.stamp.borrow().clone();
        let seen = expected
            .as_deref()
            .and_then(|stamp| stamp.parse::<i64>().ok())
            .unwrap_or_default();
        // Never before the session's own number: with a clock that was set back, a later sign-in would get it again.
        let numbered = match &user {
            User::SignedIn(session) => session.id,
            User::SignedOut(_) => 0,
        };
        facts.note_user(&user);
        let generation = self.next_generation(seen.max(numbered));
        let record = Record {
            generation,
            user,
            identity: self.0.identity.borrow().clone(),
            revocations: self.storable_revocations(),
        };
        let text = record.encode();
        let swap = self.0.env.swap(self.kind(), &key, expected.as_deref(), &text);
        let outcome = self.within(STORE_DEADLINE, "The store", swap).await;
        facts.is_behind.set(outcome.is_err());
        if !matches!(outcome, Ok(false)) {
            facts.generation.set(generation);
        }
        if matches!(outcome, Ok(true)) {
            facts.ended_unread.set(None);
            facts.stamp.replace(Some(generation.to_string()));
            self.0.env.announce(&key);
        }
        outcome
    }

    /// Writes the record whatever is there. `user` is given what another tab has stored since this one looked, and
    /// says what to write over it; where it says nothing, nothing is written, and the result is `false`.
    ///
    /// # Errors
    /// `storage` and `timeout`, and `storage` when other tabs come first again and again.
    pub(super) async fn put_over(
        &self,
        turn: &Turn,
        user: &dyn Fn(Option<&User>) -> Option<User>,
    ) -> Result<bool, AuthError> {
        let Some(key) = self.storage_key() else {
            return Ok(true);
        };
        let mut found = None;
        for _ in 0..MAX_WRITE_ATTEMPTS {
            let Some(user) = user(found.as_ref()) else {
                return Ok(false);
            };
            if self.put(turn, user).await? {
                return Ok(true);
            }
            let stored = self.read(&key).await?;
            self.0
                .store
                .stamp
                .replace(stored.as_ref().map(|stored| stored.stamp.clone()));
            let record = stored
                .and_then(|stored| stored.text)
                .and_then(|text| self.decode(&text).ok());
            found = record.map(|record| {
                let facts = &self.0.store.generation;
                facts.set(facts.get().max(record.generation));
                // Whoever writes over a record takes on what it has left to do.
                self.remember_revocations(record.revocations, false);
                record.user
            });
        }
        Err(AuthError::new(
            Code::Storage,
            "Other tabs keep changing the stored session.",
        ))
    }

    /// Notes which configuration signed somebody in, so that the next start can tell that it has changed.
    pub(super) async fn note_configuration(&self) {
        let Some(key) = self.storage_key() else { return };
        let read = self.0.env.read(self.kind(), CONFIGURATION_KEY);
        let Ok(noted) = self.within(STORE_DEADLINE, "The store", read).await else {
            return;
        };
        let noted = noted.map(|noted| noted.stamp);
        if noted.as_deref() != Some(&*key) {
            let swap = self.0.env.swap(self.kind(), CONFIGURATION_KEY, noted.as_deref(), &key);
            let _ = self.within(STORE_DEADLINE, "The store", swap).await;
        }
    }

    /// Forgets all that was ever stored for this configuration, but for the sign-out where that could be stored: without
    /// it other tabs would take the record for lost.
    ///
    /// # Errors
    /// `storage` and `timeout`.
    pub(super) async fn erase(&self, _turn: &Turn, keeps_record: bool) -> Result<(), AuthError> {
        let Some(key) = self.storage_key() else {
            return Ok(());
        };
        let cleared = async {
            let kind = self.kind();
            self.0.env.clear(kind, CONFIGURATION_KEY, false).await?;
            for aside in Aside::ALL {
                self.0.env.clear(kind, &aside.place(&key), false).await?;
            }
            self.0.env.clear(kind, &key, keeps_record).await
        };
        self.in_store_time(cleared).await
    }

    /// The session under a number that no other has.
    pub(super) fn numbered(&self, session: &Session) -> Rc<Session> {
        Rc::new(Session {
            id: self.next_generation(0),
            ..session.clone()
        })
    }

    pub(super) fn storage_key(&self) -> Option<String> {
        self.0.setup.borrow().as_ref()?.key.clone()
    }

    /// The number of the next write, after all that this tab has seen: see [`generation::next`].
    pub(super) fn next_generation(&self, seen: i64) -> i64 {
        let mut drawn = [0; 4];
        let drawn = match self.0.env.fill(&mut drawn) {
            Ok(()) => u32::from_le_bytes(drawn),
            // Each page was loaded at a moment of its own, and has its monotonic clock from there; of that, the low bits.
            Err(_) => self.0.env.monotonic() as u32,
        };
        generation::next(self.0.env.now(), self.0.store.generation.get().max(seen), drawn)
    }

    /// Whether it is known who is signed in.
    ///
    /// # Errors
    /// `storage`, retryable, while the store cannot be read.
    pub(super) fn check_store(&self) -> Result<(), AuthError> {
        if !self.0.doubts.are_open() {
            return Ok(());
        }
        Err(decide::store_unread())
    }

    /// Reads a record, which has to be of the configured pool and client.
    pub(super) fn decode(&self, text: &str) -> Result<Record, Unreadable> {
        match self.setup() {
            Ok(setup) => Record::decode_of(&setup.config, text),
            // Before `initialize` nothing is read.
            Err(_) => Err(Unreadable::Damaged),
        }
    }

    async fn read(&self, key: &str) -> Result<Option<Stored>, AuthError> {
        self.in_store_time(self.0.env.read(self.kind(), key)).await
    }

    /// Gives the store its time.
    pub(super) async fn in_store_time<T>(
        &self,
        operation: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        self.within(STORE_DEADLINE, "The store", operation).await
    }

    /// Writes again what this tab knows, where the store has lost it or never took it. That nobody is signed in is
    /// written over a session that this tab has ended, and not into an empty store, which another tab may fill.
    async fn heal(&self, turn: &Turn, is_theirs: bool) {
        let user = match self.live() {
            Some(live) => User::SignedIn(live.session),
            None if is_theirs => User::SignedOut(Reason::UserAction),
            None => return,
        };
        let _ = self.put(turn, user).await;
    }

    /// Takes over the record that `initialize` has found; `None` where it counts as absent.
    fn begin_with(&self, stored: Stored) -> Option<Found> {
        let facts = &self.0.store;
        facts.stamp.replace(Some(stored.stamp));
        let Some(text) = stored.text else {
            return Some(Found::Lost(Reason::KeyLost));
        };
        let record = match self.decode(&text) {
            Ok(record) => record,
            Err(Unreadable::Older) => return None,
            Err(Unreadable::Damaged | Unreadable::Newer) => return Some(Found::Lost(Reason::StorageLost)),
        };
        facts.generation.set(record.generation);
        facts.note_user(&record.user);
        self.replace_revocations(record.revocations);
        let is_guest = is_guest(record.identity.as_ref());
        self.0.identity.replace(record.identity);
        Some(match record.user {
            User::SignedIn(session) => Found::Session(session),
            User::SignedOut(_) if is_guest => Found::Guest,
            User::SignedOut(reason) => Found::NoSession(Some(reason)),
        })
    }

    async fn nothing_found(&self, key: &str) -> Found {
        match self.read(CONFIGURATION_KEY).await {
            Ok(Some(noted)) if noted.stamp != key => {
                self.note_configuration().await;
                Found::Lost(Reason::ConfigChanged)
            }
            _ => Found::NoSession(None),
        }
    }

    /// A session that lies elsewhere and is to be ours: one that was kept in the clear while the encrypted store could not
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
        let session = self.numbered(&keys.session(&pool, |key| self.0.env.foreign(key))?);
        let is_kept = self.put(turn, User::SignedIn(Rc::clone(&session))).await == Ok(true);
        if is_kept && self.kind() != StorageKind::Memory {
            for key in keys.to_remove(|key| self.0.env.foreign(key)) {
                self.0.env.remove_foreign(&key);
            }
        }
        Some(session)
    }

    /// Takes over what another tab has stored.
    fn adopt(&self, record: Record) {
        let facts = &self.0.store;
        facts.generation.set(record.generation);
        facts.is_behind.set(false);
        self.replace_revocations(record.revocations);
        let is_guest = is_guest(record.identity.as_ref());
        self.0.identity.replace(record.identity);
        let ours = self.0.live.borrow().as_ref().map(|live| Rc::clone(&live.session));
        match (record.user, ours) {
            (User::SignedOut(_), ours) => {
                if ours.is_some() || (!is_guest && self.0.state.get() == UserState::Guest) {
                    self.begin_epoch();
                    self.commit(Change::SignedOut(Reason::OtherTab));
                }
                if is_guest {
                    self.commit(Change::GuestAdmitted);
                }
            }
            (User::SignedIn(theirs), ours) => {
                let is_same = ours.as_ref().is_some_and(|ours| ours.is_same_as(&theirs));
                let is_invalid = self.0.state.get().needs_sign_in();
                if !is_same {
                    self.begin_epoch();
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

fn is_guest(identity: Option<&Identity>) -> bool {
    identity.is_some_and(|identity| identity.owner == Owner::Guest)
}
