//! Which store the session is kept in: at the start, for a sign-in that asks for another, and as other tabs have chosen.
//!
//! `initialize` chooses a store for all sign-ins, and a sign-in may ask for another. Where that is one of all tabs, a note
//! leads them there; where it is of this tab alone, a note leads this tab there after a reload, and memory needs none. The
//! store that was used before keeps no session.

use super::beside::Beside;
use super::handle::Store;
use crate::core::stores::Choice;
use crate::engine::runtime::Setup;
use crate::ports::{Env, Note, StorageKind, Trial};

impl<E: Env> Store<E> {
    /// Chooses the store to begin with: where a sign-in has noted that the session is, or else the one that was asked for.
    /// Whether it has answered in time.
    pub(in crate::engine) async fn open(&self, setup: &Setup) -> bool {
        let noted = setup.is_persistent().then(|| self.noted_store(setup)).flatten();
        let wish = noted.unwrap_or(setup.wished_storage());
        let (kind, trial) = self.choose(wish, setup).await;
        self.state.kind.set(kind);
        if noted.is_none() {
            self.state.home.set(Some(kind));
        }
        self.state.unusable.set(noted.filter(|noted| *noted != kind));
        trial != Trial::Stalled
    }

    /// The store of a sign-in that asks for this one, or for none.
    pub(in crate::engine) async fn for_sign_in(&self, wish: Option<StorageKind>) -> StorageKind {
        let Ok(setup) = self.runtime.setup() else {
            return self.kind();
        };
        let home = setup.wished_storage();
        let wish = wish.filter(|_| setup.is_persistent()).unwrap_or(home);
        match self.state.home.get() {
            Some(chosen) if wish == home => return chosen,
            _ if wish == self.kind() => return wish,
            _ => {}
        }
        let (kind, _) = self.choose(wish, &setup).await;
        if wish == home {
            self.state.home.set(Some(kind));
        }
        kind
    }

    /// Goes on with another store. What is in it is not known yet.
    pub(in crate::engine) fn switch_to(&self, kind: StorageKind) {
        if kind != self.kind() {
            self.forget_view();
            self.state.kind.set(kind);
        }
    }

    /// Goes where the session of all tabs is kept by now; a session of this tab alone stays where it is.
    pub(in crate::engine) fn follow_note(&self, has_session: bool) {
        let Ok(setup) = self.runtime.setup() else { return };
        if setup.is_persistent() && (self.kind().is_shared() || !has_session) {
            let kind = self.noted_store(&setup).or(self.state.home.get());
            self.switch_to(kind.unwrap_or(self.kind()));
        }
    }

    /// Notes where the session is that a sign-in has just stored, which asked for the store `wish`.
    pub(in crate::engine) fn note_choice(&self, wish: Option<StorageKind>) {
        let Ok(setup) = self.runtime.setup() else { return };
        let (Some(key), true) = (&setup.key, setup.is_persistent()) else {
            return;
        };
        let kind = self.kind();
        let is_of_tab = kind == StorageKind::SessionStorage && wish.unwrap_or(setup.wished_storage()) == kind;
        let env = self.runtime.env();
        env.set_note(Note::Tab, key, is_of_tab.then_some(kind.as_str()));
        let is_noted = env.note(Note::Shared, key).is_some();
        // A store that only stands in for another is left as soon as that one works.
        if kind.is_shared() && (is_noted || self.state.home.get() != Some(kind)) {
            env.set_note(Note::Shared, key, Some(kind.as_str()));
        }
    }

    /// After a sign-out from a store of this tab alone: nothing stays there, and the tab goes back to the others. Whether
    /// it does.
    pub(in crate::engine) async fn return_to_shared(&self) -> bool {
        let kind = self.kind();
        let Ok(setup) = self.runtime.setup() else { return false };
        let (Some(key), true) = (&setup.key, setup.is_persistent() && !kind.is_shared()) else {
            return false;
        };
        self.runtime.env().set_note(Note::Tab, key, None);
        let next = match self.noted_store(&setup) {
            Some(noted) => noted,
            None => self.for_sign_in(None).await,
        };
        if next == kind {
            return false;
        }
        for place in Beside::OF_SESSION.map(|beside| beside.place(key)).iter().chain([key]) {
            let _ = self.in_time(self.runtime.env().remove(kind, place)).await;
        }
        self.switch_to(next);
        true
    }

    async fn choose(&self, wish: StorageKind, setup: &Setup) -> (StorageKind, Trial) {
        let key = setup.key.as_deref().unwrap_or_default();
        let mut kind = wish;
        loop {
            let trial = self.runtime.env().probe(kind, key).await;
            match kind.after(trial) {
                Choice::Use(kind) => return (kind, trial),
                Choice::Try(next) => kind = next,
            }
        }
    }

    /// Where a note says that the session is.
    fn noted_store(&self, setup: &Setup) -> Option<StorageKind> {
        let key = setup.key.as_deref()?;
        let note = |place| StorageKind::named(&self.runtime.env().note(place, key)?);
        let of_tab = note(Note::Tab).filter(|kind| *kind == StorageKind::SessionStorage);
        let is_usable = |kind: &StorageKind| {
            kind.is_shared() && (*kind != StorageKind::Custom || setup.options.storage == StorageKind::Custom)
        };
        let noted = of_tab.or_else(|| note(Note::Shared).filter(is_usable));
        noted.filter(|kind| self.state.unusable.get() != Some(*kind))
    }
}
