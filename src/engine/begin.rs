//! The end of a sign-in, which is the beginning of a session.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::bell::Turn;
use super::calls::Outcome;
use super::client::Client;
use super::sign_in::SignInResult;
use super::store::View;
use crate::core::api::user_pool::AuthenticationResult;
use crate::core::devices::Device;
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::Done;
use crate::core::names::Username;
use crate::core::record::User;
use crate::core::secret::RefreshToken;
use crate::core::session::decide::superseded;
use crate::core::session::{Change, PoolLogin, Session};
use crate::core::user_state::Reason;
use crate::ports::{Env, Millis, StorageKind};

impl<E: Env> Client<E> {
    /// Registers the device of a sign-in that is complete, and begins its session. In that order: the service renews no
    /// tokens on a device that it was not told of, and a page may leave as soon as listeners know of the session.
    pub(super) async fn begin(&self, epoch: u64, done: Done) -> Result<SignInResult, AuthError> {
        let has_ended = Rc::new(Cell::new(false));
        let _guard = EndOnDrop {
            client: self,
            epoch,
            has_ended: Rc::clone(&has_ended),
        };
        let Done {
            result,
            typed,
            named,
            device,
        } = done;
        let client = self.clone();
        let refresh = result.refresh.clone();
        let new_device = result.new_device.clone();
        let session = self.session_of(result, named.as_ref(), device);
        // Tokens of another user are not revoked: that would end a session of somebody who has done nothing.
        let is_ours = !matches!(&session, Err(error) if error.code == Code::TokenMismatch);
        let refresh = refresh.filter(|_| is_ours);
        let is_necessary = Rc::new(Cell::new(false));
        let answer = Rc::clone(&is_necessary);
        let storage = self.0.asked_storage.get();
        // A task of its own: nobody's abort leaves a session that is stored and not begun, or a device half registered.
        let begun = self.share(async move {
            let kind = client.store_for(storage).await;
            let registered = match (&session, new_device) {
                (Ok(session), Some(device)) => client.register_device(epoch, kind, session, &typed, device).await,
                _ => None,
            };
            let begun = client.begin_session(epoch, kind, session, refresh).await;
            has_ended.set(true);
            match (&begun, registered) {
                (Ok(Some(session)), Some(device)) => answer.set(client.keep_registered(session, device)),
                (_, Some(device)) => client.drop_device_in_background(device.key),
                (Ok(Some(session)), None) => {
                    let login = session.pool_login().filter(|login| login.device_key.is_some());
                    let user = login.map(|login| login.username.clone());
                    client.note_typed_in_background(typed, user);
                }
                _ => {}
            }
            begun
        });
        begun.await.map(|_| SignInResult::SignedIn {
            user_confirmation_necessary: is_necessary.get(),
        })
    }

    /// Stores the session and commits it. One that cannot begin here does not live on at the service.
    async fn begin_session(
        &self,
        epoch: u64,
        kind: StorageKind,
        session: Result<Session, AuthError>,
        refresh: Option<RefreshToken>,
    ) -> Outcome {
        let turn = self.0.turns.take().await;
        let begun = match session {
            Ok(session) if self.0.epoch.get() == epoch => {
                let view = self.0.store.view();
                self.use_store(kind);
                // Before, for nothing may come between the commit and the answer; a note too many does no harm.
                if kind.is_shared() || kind == view.kind {
                    self.note_configuration().await;
                }
                self.store_session(&turn, epoch, session, view).await
            }
            Ok(_) => Err(superseded()),
            Err(error) => Err(error),
        };
        // The service has used up the challenge's session, whether ours begins or not.
        if self.0.epoch.get() == epoch {
            self.0.pending_challenge.replace(None);
            self.forget_asked_in_background(Millis::MAX);
        }
        let has_failed = begun.is_err();
        if has_failed {
            let revocation = refresh.and_then(|token| self.revocation(token));
            self.remember_revocations(revocation.into_iter().collect(), true);
        }
        drop(turn);
        if self.has_revocations() {
            // Nobody waits for the end of a session that this one has replaced.
            let revoked = self.revoke_in_background();
            if has_failed {
                let _ = revoked.await;
            }
        }
        begun
    }

    /// `view` is what was known of the store that was used before, which is gone back to where no session begins.
    async fn store_session(&self, turn: &Turn, epoch: u64, session: Session, view: View) -> Outcome {
        if self.0.epoch.get() != epoch {
            self.0.store.restore_view(view);
            return Err(superseded());
        }
        let before = view.kind;
        let has_moved = self.kind() != before;
        let stored = RefCell::new(Rc::new(session));
        // What is written over: a session that this tab has begun since this sign-in did, or another tab's.
        let ours = self.live().filter(|_| !has_moved);
        let ours = ours.map(|live| User::SignedIn(live.session));
        let theirs = RefCell::new(None);
        let user = |other: Option<&User>| {
            if self.0.epoch.get() != epoch {
                return None;
            }
            theirs.replace(other.cloned());
            // Whoever signed in last is signed in, and nobody else.
            self.replace_soon(other.or(ours.as_ref()));
            // Numbered at each attempt: a number that another tab has used meanwhile would make two sessions one.
            let numbered = self.numbered(&stored.borrow());
            stored.replace(Rc::clone(&numbered));
            Some(User::SignedIn(numbered))
        };
        let written = self.put_over(turn, &user).await;
        let replaced = self.0.replacing.take();
        if let Err(error) = written.and_then(|is_written| is_written.then_some(()).ok_or_else(superseded)) {
            // Nothing was kept, so what is there is not behind anything.
            self.0.store.restore_view(view);
            self.note_ended(stored.borrow().id);
            return Err(error);
        }
        if self.0.epoch.get() != epoch {
            self.note_ended(stored.borrow().id);
            let theirs = theirs.into_inner();
            let is_theirs = theirs.is_some();
            let other = theirs.or(ours).unwrap_or(User::SignedOut(Reason::UserAction));
            let _ = self.put(turn, other).await;
            if is_theirs || has_moved {
                // It is still to be taken over.
                self.0.store.restore_view(view);
            }
            return Err(superseded());
        }
        self.remember_revocations(replaced.into_iter().collect(), true);
        self.leave_store(turn, before).await;
        let session = stored.into_inner();
        self.commit(Change::SignedIn {
            session: Rc::clone(&session),
            reason: Reason::UserAction,
            is_renewal: false,
        });
        Ok(Some(session))
    }

    /// On the device that the service has just given, or else the one that was named: if it is of this user, and not of
    /// another whose alias was typed.
    fn session_of(
        &self,
        result: AuthenticationResult,
        named: Option<&Username>,
        device: Option<Device>,
    ) -> Result<Session, AuthError> {
        let new_key = result.new_device.as_ref().map(|(key, _)| key.clone());
        let mut login = PoolLogin::of(self.receive(result, None, named)?, new_key)
            .ok_or_else(|| AuthError::new(Code::Unknown, "The service's access token does not say whose it is."))?;
        let own = device.filter(|device| device.user == login.username.as_str());
        login.device_key = login.device_key.or(own.map(|device| device.key));
        Ok(Session::begun_by(login))
    }
}

/// Makes a sign-in stale whose caller has gone before the session has begun. Afterwards it would be the session's own
/// calls that became so.
struct EndOnDrop<'a, E: Env> {
    client: &'a Client<E>,
    epoch: u64,
    has_ended: Rc<Cell<bool>>,
}

impl<E: Env> Drop for EndOnDrop<'_, E> {
    fn drop(&mut self) {
        if !self.has_ended.get() && self.client.0.epoch.get() == self.epoch {
            self.client.begin_epoch();
        }
    }
}
