//! What stores keep of earlier sessions: of a store that a sign-in has left, and of one that stood in for the encrypted one.

use std::rc::Rc;

use super::engine::SessionEngine;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::limits::MAX_WRITE_ATTEMPTS;
use crate::core::record::{Record, User};
use crate::core::session::Session;
use crate::core::user_state::Reason;
use crate::engine::runtime::Turn;
use crate::engine::store::Beside;
use crate::ports::{Env, Note, StorageKind};

/// The stores that may have stood in for the encrypted one, and do not encrypt.
const PLAIN: [StorageKind; 2] = [StorageKind::LocalStorage, StorageKind::SessionStorage];

impl<E: Env> SessionEngine<E> {
    /// Notes where the session is that a sign-in has just stored, which asked for the store `wish`, after one in the store
    /// `before`; and ends what that has.
    pub(in crate::engine) async fn leave_store(&self, turn: &Turn, before: StorageKind, wish: Option<StorageKind>) {
        self.store.note_choice(wish);
        let is_persistent = self.runtime.setup().is_ok_and(|setup| setup.is_persistent());
        let Some(key) = self.runtime.storage_key().filter(|_| is_persistent) else {
            return;
        };
        if self.store.kind() != before {
            self.end_in(turn, before).await;
            self.store.forget_pending_of(before);
            self.runtime.env().announce(&key);
        }
    }

    /// Ends the session that a store has, here and at the service.
    pub(in crate::engine) async fn end_in(&self, _turn: &Turn, kind: StorageKind) {
        let Some(key) = self.runtime.storage_key() else { return };
        for _ in 0..MAX_WRITE_ATTEMPTS {
            let Ok(Some(stored)) = self.store.in_time(self.runtime.env().read(kind, &key)).await else {
                return;
            };
            let record = stored.text.and_then(|text| self.store.decode(&text).ok());
            let generation = self
                .store
                .next_generation(record.as_ref().map_or(0, |record| record.generation));
            let Some(User::SignedIn(session)) = record.as_ref().map(|record| &record.user) else {
                return;
            };
            self.remember_revocation(session);
            self.state.ended.note(session.id);
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
            let swap = self.runtime.env().swap(kind, &key, Some(&stored.stamp), &text);
            if self.store.in_time(swap).await != Ok(false) {
                break;
            }
        }
        if !kind.is_shared() {
            let _ = self.store.in_time(self.runtime.env().remove(kind, &key)).await;
        }
    }

    /// The session that lies unencrypted in a store which once stood in for the encrypted one, taken over into that, for
    /// it has none.
    pub(in crate::engine) async fn adopt_leftover(&self, turn: &Turn) -> Option<Rc<Session>> {
        let key = self.runtime.storage_key()?;
        for kind in self.plain_stores() {
            let Some(User::SignedIn(session)) = self.leftover(kind, &key).await else {
                continue;
            };
            if session.needs_sign_in() {
                continue;
            }
            if self.write(turn, User::SignedIn(Rc::clone(&session))).await == Ok(true) {
                self.sweep(kind, &key).await;
                self.sweep_leftovers(turn, Some(&session)).await;
            }
            return Some(session);
        }
        self.sweep_leftovers(turn, None).await;
        None
    }

    /// Removes what lies unencrypted beside the encrypted store, and ends other sessions than this at the service.
    pub(in crate::engine) async fn sweep_leftovers(&self, _turn: &Turn, session: Option<&Session>) {
        let Some(key) = self.runtime.storage_key() else { return };
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
        let stored = self.store.in_time(self.runtime.env().read(kind, key)).await.ok()??;
        Some(self.store.decode(&stored.text?).ok()?.user)
    }

    /// Removes the texts of one store; the devices go on in the encrypted one, where that has none.
    async fn sweep(&self, kind: StorageKind, key: &str) {
        let place = Beside::Devices.place(key);
        if let Ok(Some(devices)) = self.store.in_time(self.runtime.env().read(kind, &place)).await
            && let Some(text) = devices.text
        {
            let _ = self
                .store
                .in_time(self.runtime.env().swap(self.store.kind(), &place, None, &text))
                .await;
        }
        // A sign-in that asks for this store has its question there.
        let keeps_question = match self.store.read_beside_in(kind, Beside::SignIn).await {
            Some(text) => PendingChallenge::decode(&text).is_some_and(|pending| pending.storage == Some(kind)),
            None => false,
        } && kind == StorageKind::SessionStorage;
        let mut has_left = false;
        for place in Beside::OF_SESSION
            .map(|beside| beside.place(key))
            .iter()
            .map(|place| &**place)
            .chain([key])
        {
            if keeps_question && place == Beside::SignIn.place(key) {
                continue;
            }
            if let Ok(Some(_)) = self.store.in_time(self.runtime.env().read(kind, place)).await {
                has_left = true;
                let _ = self.store.in_time(self.runtime.env().remove(kind, place)).await;
            }
        }
        if has_left && kind.is_shared() {
            // A page that a note led to that store has to follow.
            self.runtime
                .env()
                .set_note(Note::Shared, key, Some(self.store.kind().as_str()));
            self.runtime.env().announce(key);
        }
    }

    fn plain_stores(&self) -> impl Iterator<Item = StorageKind> + use<E> {
        let is_encrypted = self.store.kind() == StorageKind::IndexedDb;
        PLAIN.into_iter().filter(move |_| is_encrypted)
    }
}
