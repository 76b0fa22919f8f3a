//! What is stored beside the record, each a text of its own in the same store: the secrets of this device, a
//! half-done sign-in, and a half-done sign-up. Losing one of them ends nothing, so a failure of the store is no error.
//!
//! All tabs share them. Of two half-done sign-ins the later one is stored: a page goes on with its own, which it has in
//! memory, and looks here only after a reload.

use zeroize::Zeroizing;

use super::handle::Store;
use crate::core::error::AuthError;
use crate::core::flow::half_done;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::limits::MAX_WRITE_ATTEMPTS;
use crate::engine::runtime::Turn;
use crate::ports::{Env, Millis, StorageKind, Stored};

/// Maps the present text and the next generation to the new text; `None` leaves it as it is.
type Change<'a> = &'a dyn Fn(Option<&str>, i64) -> Option<Zeroizing<String>>;

/// One of the texts beside the record.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Beside {
    Devices,
    SignIn,
    SignUp,
    /// Refresh tokens that tabs with a store of their own have used up; in localStorage, where copies of a tab see it.
    Spent,
}

impl Beside {
    pub(in crate::engine) const ALL: [Self; 4] = [Self::Devices, Self::SignIn, Self::SignUp, Self::Spent];

    /// Those that lie in the store of the session.
    pub(in crate::engine) const OF_SESSION: [Self; 3] = [Self::Devices, Self::SignIn, Self::SignUp];

    const fn name(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
            Self::Spent => "spent",
        }
    }

    /// Where it is stored, beside the record of this name.
    pub(in crate::engine) fn place(self, key: &str) -> String {
        format!("{key}/{}", self.name())
    }
}

impl<E: Env> Store<E> {
    /// What is stored; `None` also where it cannot be read.
    pub(in crate::engine) async fn read_beside(&self, beside: Beside) -> Option<Zeroizing<String>> {
        self.read_beside_in(self.kind(), beside).await
    }

    /// What is stored in this store.
    pub(in crate::engine) async fn read_beside_in(
        &self,
        kind: StorageKind,
        beside: Beside,
    ) -> Option<Zeroizing<String>> {
        let place = beside.place(&self.runtime.storage_key()?);
        let _turn = self.state.beside.lock().await;
        self.look_beside(kind, &place).await.ok().flatten()?.text
    }

    /// Writes what `change` makes of the present text.
    pub(in crate::engine) async fn change_beside(&self, beside: Beside, change: Change<'_>) {
        self.change_beside_in(self.kind(), beside, change).await;
    }

    /// The same in this store.
    pub(in crate::engine) async fn change_beside_in(&self, kind: StorageKind, beside: Beside, change: Change<'_>) {
        let _turn = self.state.beside.lock().await;
        self.change_at(kind, beside, change).await;
    }

    /// To be called with the turn.
    async fn change_at(&self, kind: StorageKind, beside: Beside, change: Change<'_>) {
        let Some(key) = self.runtime.storage_key() else { return };
        let place = beside.place(&key);
        for _ in 0..MAX_WRITE_ATTEMPTS {
            let Ok(stored) = self.look_beside(kind, &place).await else {
                return;
            };
            let expected = stored.as_ref().map(|stored| stored.stamp.clone());
            let seen = expected.as_deref().and_then(|stamp| stamp.parse::<i64>().ok());
            let generation = self.next_generation(seen.unwrap_or_default());
            let found = stored.and_then(|stored| stored.text);
            let Some(text) = change(found.as_deref().map(String::as_str), generation) else {
                return;
            };
            let swap = self.runtime.env().swap(kind, &place, expected.as_deref(), &text);
            if self.in_time(swap).await != Ok(false) {
                return;
            }
        }
    }

    /// Stores a half-done sign-in. One whose session is to be kept in memory is not stored: it must not outlive the page.
    pub(in crate::engine) async fn keep_pending(&self, pending: &PendingChallenge) {
        let kind = match pending.storage {
            Some(StorageKind::Memory) => return,
            Some(kind) if !kind.is_shared() => kind,
            _ => self.kind(),
        };
        self.change_beside_in(kind, Beside::SignIn, &|_, generation| Some(pending.encode(generation)))
            .await;
    }

    /// The half-done sign-in: of this tab alone, or else of all of them.
    pub(in crate::engine) async fn read_pending(&self) -> Option<PendingChallenge> {
        for kind in self.pending_stores() {
            let stored = self.read_beside_in(kind, Beside::SignIn).await;
            if let Some(pending) = stored.and_then(|text| PendingChallenge::decode(&text)) {
                return Some(pending);
            }
        }
        None
    }

    /// Nothing is half done any more, in any tab.
    pub(in crate::engine) async fn forget_pending(&self, beside: Beside) {
        self.forget_asked_until(beside, Millis::MAX).await;
    }

    /// The same, but for what another tab has asked later.
    pub(in crate::engine) async fn forget_asked_until(&self, beside: Beside, last: Millis) {
        self.forget_pending_in(self.state.beside.queue_up(), beside, last).await;
    }

    /// A place in the queue for what is stored beside the record.
    pub(in crate::engine) fn queue_beside(&self) -> Turn {
        self.state.beside.queue_up()
    }

    /// The same, with a place in the queue that was taken before.
    pub(in crate::engine) async fn forget_pending_in(&self, turn: Turn, beside: Beside, last: Millis) {
        turn.comes().await;
        for kind in self.pending_stores() {
            self.forget_pending_at(kind, beside, last).await;
        }
    }

    /// The same in a store that is no longer used, in the background.
    pub(in crate::engine) fn forget_pending_of(&self, kind: StorageKind) {
        let client = self.clone();
        self.runtime.spawn(async move {
            let _turn = client.state.beside.lock().await;
            for beside in [Beside::SignIn, Beside::SignUp] {
                client.forget_pending_at(kind, beside, Millis::MAX).await;
            }
        });
    }

    async fn forget_pending_at(&self, kind: StorageKind, beside: Beside, last: Millis) {
        self.change_at(kind, beside, &|found, generation| {
            let is_meant = half_done::asked_at(found?)? <= last;
            is_meant.then(|| half_done::nothing(generation))
        })
        .await;
    }

    /// The same, in the background.
    pub(in crate::engine) fn forget_asked_in_background(&self, last: Millis) {
        let client = self.clone();
        self.runtime
            .spawn(async move { client.forget_asked_until(Beside::SignIn, last).await });
    }

    fn pending_stores(&self) -> impl Iterator<Item = StorageKind> + use<E> {
        let kind = self.kind();
        let of_tab = [StorageKind::SessionStorage]
            .into_iter()
            .filter(move |of_tab| *of_tab != kind);
        of_tab.chain([kind])
    }

    async fn look_beside(&self, kind: StorageKind, place: &str) -> Result<Option<Stored>, AuthError> {
        self.in_time(self.runtime.env().read(kind, place)).await
    }
}
