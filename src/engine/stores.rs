//! Which store the session is kept in: at the start, for a sign-in that asks for another, and as other tabs have chosen.
//!
//! `initialize` chooses a store for all sign-ins, and a sign-in may ask for another. Where that is one of all tabs, a note
//! leads them there; where it is of this tab alone, a note leads this tab there after a reload, and memory needs none. The
//! store that was used before keeps no session.

use std::rc::Rc;

use super::aside::Aside;
use super::bell::Turn;
use super::client::{Client, Setup};
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::limits::MAX_WRITE_ATTEMPTS;
use crate::core::record::{Record, User};
use crate::core::session::Session;
use crate::core::stores::Choice;
use crate::core::user_state::Reason;
use crate::ports::{Env, Note, StorageKind, Trial};

/// The stores that may have stood in for an encrypted one, and are in the clear.
const PLAIN: [StorageKind; 2] = [StorageKind::LocalStorage, StorageKind::SessionStorage];

impl<E: Env> Client<E> {
    /// The store that is used now.
    pub(super) fn kind(&self) -> StorageKind {
        self.0.store.kind.get()
    }

    /// Chooses the store to begin with: where a sign-in has noted that the session is, or else the one that was asked for.
    /// Whether it has answered in time.
    pub(super) async fn open_store(&self, setup: &Setup) -> bool {
        let noted = Self::follows_notes(setup).then(|| self.noted_store(setup)).flatten();
        let wish = noted.unwrap_or(Self::wished_storage(setup));
        let (kind, trial) = self.choose_store(wish, setup).await;
        self.0.store.kind.set(kind);
        if noted.is_none() {
            self.0.store.home.set(Some(kind));
        }
        self.0.store.unusable.set(noted.filter(|noted| *noted != kind));
        trial != Trial::Stalled
    }

    /// The store of a sign-in that asks for this one, or for none.
    pub(super) async fn store_for(&self, wish: Option<StorageKind>) -> StorageKind {
        let Ok(setup) = self.setup() else {
            return self.kind();
        };
        let home = Self::wished_storage(&setup);
        let wish = wish.filter(|_| Self::follows_notes(&setup)).unwrap_or(home);
        match self.0.store.home.get() {
            Some(chosen) if wish == home => return chosen,
            _ if wish == self.kind() => return wish,
            _ => {}
        }
        let (kind, _) = self.choose_store(wish, &setup).await;
        if wish == home {
            self.0.store.home.set(Some(kind));
        }
        kind
    }

    /// Goes on with another store. What is in it is not known yet.
    pub(super) fn use_store(&self, kind: StorageKind) {
        if kind != self.kind() {
            self.0.store.forget_view();
            self.0.store.kind.set(kind);
        }
    }

    /// Goes where the session of all tabs is kept by now; a session of this tab alone stays where it is.
    pub(super) fn follow_note(&self) {
        let Ok(setup) = self.setup() else { return };
        if Self::follows_notes(&setup) && (self.kind().is_shared() || self.live().is_none()) {
            let kind = self.noted_store(&setup).or(self.0.store.home.get());
            self.use_store(kind.unwrap_or(self.kind()));
        }
    }

    /// Notes where the session is that a sign-in has just stored, after one in the store `before`, and ends what that has.
    pub(super) async fn leave_store(&self, turn: &Turn, before: StorageKind) {
        let Ok(setup) = self.setup() else { return };
        let (Some(key), true) = (&setup.key, Self::follows_notes(&setup)) else {
            return;
        };
        let kind = self.kind();
        // A store that only stands in for another is left as soon as that one works.
        let wish = self.0.asked_storage.get().unwrap_or(Self::wished_storage(&setup));
        let is_of_tab = kind == StorageKind::SessionStorage && wish == kind;
        self.0.env.set_note(Note::Tab, key, is_of_tab.then_some(kind.as_str()));
        let is_noted = self.0.env.note(Note::Shared, key).is_some();
        if kind.is_shared() && (is_noted || self.0.store.home.get() != Some(kind)) {
            self.0.env.set_note(Note::Shared, key, Some(kind.as_str()));
        }
        if kind != before {
            self.end_in(turn, before).await;
            self.forget_pending_of(before);
            self.0.env.announce(key);
        }
    }

    /// After a sign-out from a store of this tab alone: nothing stays there, and the tab goes back to the others. Whether
    /// it does.
    pub(super) async fn return_to_shared(&self) -> bool {
        let kind = self.kind();
        let Ok(setup) = self.setup() else { return false };
        let (Some(key), true) = (&setup.key, Self::follows_notes(&setup) && !kind.is_shared()) else {
            return false;
        };
        self.0.env.set_note(Note::Tab, key, None);
        let next = match self.noted_store(&setup) {
            Some(noted) => noted,
            None => self.store_for(None).await,
        };
        if next == kind {
            return false;
        }
        for place in Aside::OF_SESSION.map(|aside| aside.place(key)).iter().chain([key]) {
            let _ = self.in_store_time(self.0.env.remove(kind, place)).await;
        }
        self.use_store(next);
        true
    }

    /// Ends the session that a store has, here and at the service.
    pub(super) async fn end_in(&self, _turn: &Turn, kind: StorageKind) {
        let Some(key) = self.storage_key() else { return };
        for _ in 0..MAX_WRITE_ATTEMPTS {
            let Ok(Some(stored)) = self.in_store_time(self.0.env.read(kind, &key)).await else {
                return;
            };
            let record = stored.text.and_then(|text| self.decode(&text).ok());
            let generation = self.next_generation(record.as_ref().map_or(0, |record| record.generation));
            let Some(User::SignedIn(session)) = record.as_ref().map(|record| &record.user) else {
                return;
            };
            self.remember_revocation(session);
            self.note_ended(session.id);
            self.remember_revocations(
                record.iter().flat_map(|record| record.revocations.clone()).collect(),
                true,
            );
            let ended = Record {
                generation,
                user: User::SignedOut(Reason::UserAction),
                identity: None,
                revocations: Vec::new(),
            };
            let text = ended.encode();
            let swap = self.0.env.swap(kind, &key, Some(&stored.stamp), &text);
            if self.in_store_time(swap).await != Ok(false) {
                break;
            }
        }
        if !kind.is_shared() {
            let _ = self.in_store_time(self.0.env.remove(kind, &key)).await;
        }
    }

    /// The session that lies in the clear in a store which once stood in for the encrypted one, taken over into that, for
    /// it has none.
    pub(super) async fn adopt_leftover(&self, turn: &Turn) -> Option<Rc<Session>> {
        let key = self.storage_key()?;
        for kind in self.plain_stores() {
            let Some(User::SignedIn(session)) = self.leftover(kind, &key).await else {
                continue;
            };
            if session.needs_sign_in() {
                continue;
            }
            if self.put(turn, User::SignedIn(Rc::clone(&session))).await == Ok(true) {
                self.sweep(kind, &key).await;
                self.sweep_leftovers(turn, Some(&session)).await;
            }
            return Some(session);
        }
        self.sweep_leftovers(turn, None).await;
        None
    }

    /// Removes what lies in the clear beside the encrypted store, and ends other sessions than this at the service.
    pub(super) async fn sweep_leftovers(&self, _turn: &Turn, session: Option<&Session>) {
        let Some(key) = self.storage_key() else { return };
        for kind in self.plain_stores() {
            if let Some(User::SignedIn(left)) = self.leftover(kind, &key).await
                && session.is_none_or(|session| !session.is_same_as(&left))
            {
                self.remember_revocation(&left);
            }
            self.sweep(kind, &key).await;
        }
    }

    async fn leftover(&self, kind: StorageKind, key: &str) -> Option<User> {
        let stored = self.in_store_time(self.0.env.read(kind, key)).await.ok()??;
        Some(self.decode(&stored.text?).ok()?.user)
    }

    /// Removes the texts of one store; the devices go on in the encrypted one, where that has none.
    async fn sweep(&self, kind: StorageKind, key: &str) {
        let place = Aside::Devices.place(key);
        if let Ok(Some(devices)) = self.in_store_time(self.0.env.read(kind, &place)).await
            && let Some(text) = devices.text
        {
            let _ = self
                .in_store_time(self.0.env.swap(self.kind(), &place, None, &text))
                .await;
        }
        // A sign-in that asks for this store has its question there.
        let keeps_question = match self.read_aside_in(kind, Aside::SignIn).await {
            Some(text) => PendingChallenge::decode(&text).is_some_and(|pending| pending.storage == Some(kind)),
            None => false,
        } && kind == StorageKind::SessionStorage;
        let mut has_left = false;
        for place in Aside::OF_SESSION
            .map(|aside| aside.place(key))
            .iter()
            .map(|place| &**place)
            .chain([key])
        {
            if keeps_question && place == Aside::SignIn.place(key) {
                continue;
            }
            if let Ok(Some(_)) = self.in_store_time(self.0.env.read(kind, place)).await {
                has_left = true;
                let _ = self.in_store_time(self.0.env.remove(kind, place)).await;
            }
        }
        if has_left && kind.is_shared() {
            // A page that was told to use that store has to follow.
            self.0.env.set_note(Note::Shared, key, Some(self.kind().as_str()));
            self.0.env.announce(key);
        }
    }

    fn plain_stores(&self) -> impl Iterator<Item = StorageKind> + use<E> {
        let is_encrypted = self.kind() == StorageKind::IndexedDb;
        PLAIN.into_iter().filter(move |_| is_encrypted)
    }

    async fn choose_store(&self, wish: StorageKind, setup: &Setup) -> (StorageKind, Trial) {
        let key = setup.key.as_deref().unwrap_or_default();
        let mut kind = wish;
        loop {
            let trial = self.0.env.probe(kind, key).await;
            match kind.after(trial) {
                Choice::Use(kind) => return (kind, trial),
                Choice::Try(next) => kind = next,
            }
        }
    }

    /// Where a note says that the session is.
    fn noted_store(&self, setup: &Setup) -> Option<StorageKind> {
        let key = setup.key.as_deref()?;
        let note = |place| StorageKind::named(&self.0.env.note(place, key)?);
        let of_tab = note(Note::Tab).filter(|kind| *kind == StorageKind::SessionStorage);
        let is_usable = |kind: &StorageKind| {
            kind.is_shared() && (*kind != StorageKind::Custom || setup.options.storage == StorageKind::Custom)
        };
        let noted = of_tab.or_else(|| note(Note::Shared).filter(is_usable));
        noted.filter(|kind| self.0.store.unusable.get() != Some(*kind))
    }

    /// Not where the configuration says that no session outlives the page.
    fn follows_notes(setup: &Setup) -> bool {
        setup.config.user_pool.as_ref().is_none_or(|pool| pool.is_persistent)
    }
}
