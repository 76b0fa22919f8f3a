//! The beginning of a session: it is stored, and committed.

use std::cell::RefCell;
use std::rc::Rc;

use super::engine::SessionEngine;
use crate::core::error::AuthError;
use crate::core::record::User;
use crate::core::secret::RefreshToken;
use crate::core::session::decide::superseded;
use crate::core::session::{Change, Session};
use crate::core::user_state::Reason;
use crate::engine::runtime::{Attempt, Turn};
use crate::engine::store::Write;
use crate::ports::{Env, StorageKind};

/// Where a session that begins is kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Place {
    /// The store that its sign-in asked for.
    pub(in crate::engine) wish: Option<StorageKind>,
    /// The store that is used for it.
    pub(in crate::engine) kind: StorageKind,
}

impl<E: Env> SessionEngine<E> {
    /// Stores the session and commits it. One that cannot begin here does not live on at the service: its refresh token is
    /// revoked.
    pub(in crate::engine) async fn begin(
        &self,
        attempt: &Attempt,
        place: Place,
        session: Result<Session, AuthError>,
        refresh: Option<RefreshToken>,
    ) -> Result<Rc<Session>, AuthError> {
        let turn = self.store.lock().await;
        let begun = match session {
            Ok(session) if !attempt.is_superseded() => {
                let write = self.store.begin_write();
                self.store.switch_to(place.kind);
                // Before, for nothing may come between the commit and the result; a note too many does no harm.
                if place.kind.is_shared() || place.kind == write.kind_before() {
                    self.note_configuration().await;
                }
                self.store_session(&turn, attempt, place, session, write).await
            }
            Ok(_) => Err(superseded()),
            Err(error) => Err(error),
        };
        if begun.is_err() {
            let revocation = refresh.and_then(|token| self.revocation(token));
            self.remember_revocations(revocation.into_iter().collect(), true);
        }
        drop(turn);
        if self.has_revocations() {
            drop(self.revoke_in_background());
        }
        begun
    }

    /// `write` goes back to the store that was used before, where no session begins.
    async fn store_session(
        &self,
        turn: &Turn,
        attempt: &Attempt,
        place: Place,
        session: Session,
        write: Write<E>,
    ) -> Result<Rc<Session>, AuthError> {
        if attempt.is_superseded() {
            return Err(superseded());
        }
        let before = write.kind_before();
        let has_moved = self.store.kind() != before;
        let stored = RefCell::new(Rc::new(session));
        // What is written over: a session that this tab has begun since this sign-in did, or another tab's.
        let ours = self.session().filter(|_| !has_moved).map(User::SignedIn);
        let theirs = RefCell::new(None);
        let user = |other: Option<&User>| {
            if attempt.is_superseded() {
                return None;
            }
            theirs.replace(other.cloned());
            // The user who signed in last is signed in, and no other.
            self.replace_soon(other.or(ours.as_ref()));
            // Numbered at each attempt: a number that another tab has used meanwhile would make two sessions one.
            let numbered = self.store.numbered(&stored.borrow());
            stored.replace(Rc::clone(&numbered));
            Some(User::SignedIn(numbered))
        };
        let written = self.write_over(turn, &user).await;
        let replaced = self.state.replacing.take();
        if let Err(error) = written.and_then(|is_written| is_written.then_some(()).ok_or_else(superseded)) {
            // Nothing was kept, so what the store holds is not behind anything.
            self.state.ended.note(stored.borrow().id);
            return Err(error);
        }
        if attempt.is_superseded() {
            self.state.ended.note(stored.borrow().id);
            let theirs = theirs.into_inner();
            let is_theirs = theirs.is_some();
            let other = theirs.or(ours).unwrap_or(User::SignedOut(Reason::UserAction));
            let _ = self.write(turn, other).await;
            if !is_theirs && !has_moved {
                // Otherwise it is still to be taken over.
                write.keep();
            }
            return Err(superseded());
        }
        write.keep();
        self.remember_revocations(replaced.into_iter().collect(), true);
        self.leave_store(turn, before, place.wish).await;
        let session = stored.into_inner();
        self.commit(Change::SignedIn {
            session: Rc::clone(&session),
            reason: Reason::UserAction,
            is_renewal: false,
        });
        Ok(session)
    }
}
