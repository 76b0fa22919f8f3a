//! The record in the store: reading it, and writing it over what this tab has seen.
//!
//! Within a tab one thing happens after the other, in a [`Turn`]. Between tabs the store compares stamps: a write succeeds
//! only over what this tab has seen.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use crate::core::error::AuthError;
use crate::core::generation;
use crate::core::identity::Identity;
use crate::core::limits::{LOCAL_STORAGE_DELAY, STORE_DEADLINE};
use crate::core::record::{Record, Revocation, Unreadable, User};
use crate::core::session::Session;
use crate::core::user_state::Reason;
use crate::engine::runtime::{FairMutex, Runtime, Turn};
use crate::ports::{Env, StorageKind, Stored};

/// A handle on the store of one client.
#[derive(Debug)]
pub(in crate::engine) struct Store<E> {
    pub(super) runtime: Runtime<E>,
    pub(super) state: Rc<State>,
}

impl<E> Clone for Store<E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            state: Rc::clone(&self.state),
        }
    }
}

/// What this tab knows of the store.
#[derive(Debug)]
pub(super) struct State {
    pub(super) kind: Cell<StorageKind>,
    /// The store of sign-ins that ask for none, once it was chosen.
    pub(super) home: Cell<Option<StorageKind>>,
    /// Where a note led to a store that does not work.
    pub(super) unusable: Cell<Option<StorageKind>>,
    /// The stamp of the record when this tab last looked or wrote.
    stamp: RefCell<Option<String>>,
    /// The generation of this tab's session.
    generation: Cell<i64>,
    /// The store refused the newest record, so what it holds is older than what this tab knows.
    is_behind: Cell<bool>,
    /// Whether the record could be read.
    is_readable: Cell<bool>,
    /// Why no user was signed in by the record that this tab read or wrote last.
    signed_out: Cell<Option<Reason>>,
    /// Held while the record is read or written, so that what is found is not what the same tab is writing.
    record: Rc<FairMutex>,
    /// The same for what is stored beside the record, which the record does not wait for.
    pub(super) beside: Rc<FairMutex>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            kind: Cell::new(StorageKind::Memory),
            home: Cell::default(),
            unusable: Cell::default(),
            stamp: RefCell::default(),
            generation: Cell::default(),
            is_behind: Cell::default(),
            is_readable: Cell::default(),
            signed_out: Cell::default(),
            record: Rc::default(),
            beside: Rc::default(),
        }
    }
}

impl<E: Env> Store<E> {
    pub(in crate::engine) fn new(runtime: Runtime<E>) -> Self {
        Self {
            runtime,
            state: Rc::default(),
        }
    }

    /// The store that is used now.
    pub(in crate::engine) fn kind(&self) -> StorageKind {
        self.state.kind.get()
    }

    /// A turn at the record.
    pub(in crate::engine) async fn lock(&self) -> Turn {
        self.state.record.lock().await
    }

    /// Whether there was a record when this tab last looked, and it could be read.
    pub(in crate::engine) fn is_readable(&self) -> bool {
        self.state.is_readable.get()
    }

    /// Whether the store did not take the newest record.
    pub(in crate::engine) fn is_behind(&self) -> bool {
        self.state.is_behind.get()
    }

    /// Why no user is signed in, as the record says it. This tab's own listeners may know that another tab has done it.
    pub(in crate::engine) fn signed_out(&self) -> Reason {
        self.state.signed_out.get().unwrap_or(Reason::UserAction)
    }

    /// The generation of this tab's session.
    pub(in crate::engine) fn generation(&self) -> i64 {
        self.state.generation.get()
    }

    /// Whether this is the stamp that this tab saw last.
    pub(in crate::engine) fn is_seen(&self, stamp: Option<&str>) -> bool {
        stamp == self.state.stamp.borrow().as_deref()
    }

    /// Notes the stamp of a record that is written over next.
    pub(in crate::engine) fn note_stamp(&self, stamp: Option<String>) {
        self.state.stamp.replace(stamp);
    }

    /// Notes what was found: its stamp, and whether it could be read.
    pub(in crate::engine) fn note_seen(&self, stamp: Option<String>, record: Option<&Record>) {
        self.state.stamp.replace(stamp);
        self.state.is_readable.set(record.is_some());
        if let Some(record) = record {
            self.state.note_user(&record.user);
        }
    }

    /// This tab's session is the one of this record.
    pub(in crate::engine) fn note_adopted(&self, generation: i64) {
        self.state.generation.set(generation);
        self.state.is_behind.set(false);
    }

    /// A record of this generation is written over.
    pub(in crate::engine) fn note_superseded(&self, generation: i64) {
        self.state.generation.set(self.state.generation.get().max(generation));
    }

    /// Reads the record.
    pub(in crate::engine) async fn read(&self, key: &str) -> Result<Option<Stored>, AuthError> {
        self.in_time(self.runtime.env().read(self.kind(), key)).await
    }

    /// Reads a record's text, which has to fit the configuration.
    pub(in crate::engine) fn decode(&self, text: &str) -> Result<Record, Unreadable> {
        match self.runtime.known_setup() {
            Some(setup) => Record::decode_of(&setup.config, text),
            // Before `initialize` nothing is read.
            None => Err(Unreadable::Damaged),
        }
    }

    /// Writes the record over the one this tab has seen. `false` when another tab has written since.
    ///
    /// # Errors
    /// `storage` and `timeout`; whether the record is stored is then not known.
    pub(in crate::engine) async fn write(
        &self,
        _turn: &Turn,
        user: User,
        identity: Option<Identity>,
        revocations: Vec<Revocation>,
    ) -> Result<bool, AuthError> {
        let Some(key) = self.runtime.storage_key() else {
            return Ok(true);
        };
        let expected = self.state.stamp.borrow().clone();
        let seen = expected
            .as_deref()
            .and_then(|stamp| stamp.parse::<i64>().ok())
            .unwrap_or_default();
        // Never before the session's own number: with a clock that was set back, a later sign-in would get it again.
        let numbered = match &user {
            User::SignedIn(session) => session.id,
            User::SignedOut(_) => 0,
        };
        self.state.note_user(&user);
        let generation = self.next_generation(seen.max(numbered));
        let record = Record {
            generation,
            user,
            identity,
            revocations,
        };
        let text = record.encode();
        let swap = self.runtime.env().swap(self.kind(), &key, expected.as_deref(), &text);
        let outcome = self.in_time(swap).await;
        self.state.is_behind.set(outcome.is_err());
        if !matches!(outcome, Ok(false)) {
            self.state.generation.set(generation);
        }
        if matches!(outcome, Ok(true)) {
            self.state.stamp.replace(Some(generation.to_string()));
            self.runtime.env().announce(&key);
        }
        outcome
    }

    /// Begins a write that may fail or be given up: what is known of the store is then what it was.
    pub(in crate::engine) fn begin_write(&self) -> Write<E> {
        Write {
            store: self.clone(),
            view: View {
                kind: self.state.kind.get(),
                stamp: self.state.stamp.borrow().clone(),
                generation: self.state.generation.get(),
                is_behind: self.state.is_behind.get(),
            },
            is_kept: false,
        }
    }

    /// Nothing is known of what the store holds. The generation stays: it has been used.
    pub(super) fn forget_view(&self) {
        self.state.stamp.replace(None);
        self.state.is_behind.set(false);
        self.state.is_readable.set(false);
    }

    /// The session under a number that no other has.
    pub(in crate::engine) fn numbered(&self, session: &Session) -> Rc<Session> {
        Rc::new(Session {
            id: self.next_generation(0),
            ..session.clone()
        })
    }

    /// The number of the next write, after all that this tab has seen: see [`generation::next`].
    pub(in crate::engine) fn next_generation(&self, seen: i64) -> i64 {
        let mut drawn = [0; 4];
        let drawn = match self.runtime.env().fill(&mut drawn) {
            Ok(()) => u32::from_le_bytes(drawn),
            // Each page was loaded at a moment of its own, and has its monotonic clock from there; of that, the low bits.
            Err(_) => self.runtime.env().monotonic() as u32,
        };
        generation::next(self.runtime.env().now(), self.state.generation.get().max(seen), drawn)
    }

    /// Waits until a store that is not coherent shows what other tabs have written.
    pub(in crate::engine) async fn settle_writes(&self) {
        if matches!(self.kind(), StorageKind::LocalStorage | StorageKind::Custom) {
            self.runtime.env().sleep(LOCAL_STORAGE_DELAY).await;
        }
    }

    /// Gives the store its time.
    pub(in crate::engine) async fn in_time<T>(
        &self,
        operation: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        self.runtime.within(STORE_DEADLINE, "The store", operation).await
    }
}

impl State {
    fn note_user(&self, user: &User) {
        self.signed_out.set(match user {
            User::SignedIn(_) => None,
            User::SignedOut(reason) => Some(*reason),
        });
    }
}

/// A write of the record: dropped, it leaves what is known of the store as it was before. What was only read for a write
/// that was given up is not seen yet: the next write is over it knowingly, or not made at all.
#[derive(Debug)]
pub(in crate::engine) struct Write<E: Env> {
    store: Store<E>,
    view: View,
    is_kept: bool,
}

#[derive(Debug)]
struct View {
    kind: StorageKind,
    stamp: Option<String>,
    generation: i64,
    is_behind: bool,
}

impl<E: Env> Write<E> {
    /// The store that was used before.
    pub(in crate::engine) fn kind_before(&self) -> StorageKind {
        self.view.kind
    }

    /// The write counts.
    pub(in crate::engine) fn keep(mut self) {
        self.is_kept = true;
    }
}

impl<E: Env> Drop for Write<E> {
    fn drop(&mut self) {
        if !self.is_kept {
            let state = &self.store.state;
            state.kind.set(self.view.kind);
            state.stamp.replace(self.view.stamp.take());
            state.generation.set(self.view.generation);
            state.is_behind.set(self.view.is_behind);
        }
    }
}
