//! What becomes of a refresh: its tokens are kept, the session is refused, or it is tried again later.

use std::rc::Rc;

use super::engine::SessionEngine;
use super::refresh::{Refreshed, has_other_tokens};
use super::state::Live;
use crate::core::error::{AuthError, Code};
use crate::core::limits::{MAX_REFRESH_WRITE_ATTEMPTS, MAX_RENEWALS};
use crate::core::record::User;
use crate::core::refusal::Exception;
use crate::core::secret::RefreshToken;
use crate::core::session::decide::superseded;
use crate::core::session::{Change, Journal, Session, Tokens};
use crate::core::spent::Spent;
use crate::core::user_state::Reason;
use crate::engine::notices::ClientEvent;
use crate::engine::runtime::{Attempt, Turn};
use crate::engine::store::Beside;
use crate::ports::{Env, Millis, StorageKind};

impl<E: Env> SessionEngine<E> {
    /// Stores and commits new tokens.
    pub(super) async fn keep(&self, turn: &Turn, attempt: &Attempt, old: &Tokens, renewed: Session) -> Refreshed {
        let renewed = Rc::new(renewed);
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            if self.is_ended_by_reuse(&renewed) {
                return Err(self.drop_late(Some(&renewed)));
            }
            // Tokens that cannot be stored are better than none: the old refresh token may be used up by now.
            let write = self.write(turn, User::SignedIn(Rc::clone(&renewed)));
            let Ok(written) = attempt.run(write).await else {
                return Err(self.drop_late(Some(&renewed)));
            };
            if written == Ok(true) {
                self.note_spent(old, &renewed).await;
            }
            if written != Ok(false) {
                let session = Rc::clone(&renewed);
                self.commit(if self.user_state().needs_sign_in() {
                    // Another tab was refused while this one's answer was on its way.
                    Change::SignedIn {
                        session,
                        reason: Reason::OtherTab,
                        is_renewal: true,
                    }
                } else {
                    Change::Renewed(session)
                });
                return Ok(Some(renewed));
            }
            // Another tab came first although this one had the lock: it took this one for closed.
            if attempt.run(self.sync(turn)).await.is_err() {
                return Err(self.drop_late(Some(&renewed)));
            }
            if let Some(theirs) = self.live().filter(|live| has_other_tokens(&live.session, old)) {
                return Ok(Some(theirs.session));
            }
        }
        // Other tabs come first again and again; what they have is older.
        self.commit(Change::Renewed(Rc::clone(&renewed)));
        Ok(Some(renewed))
    }

    /// Whether another tab has revoked the family of these tokens while they were on their way.
    fn is_ended_by_reuse(&self, renewed: &Session) -> bool {
        let is_ended = |live: Live| {
            let session = live.session;
            session.id == renewed.id && session.refusal == Some(Reason::Reuse) && session.needs_sign_in()
        };
        self.live().is_some_and(is_ended) && renewed.revocable_token().is_some()
    }

    /// The service will not renew these tokens any more, unless another tab has newer ones.
    pub(super) async fn give_up(
        &self,
        turn: &Turn,
        attempt: &Attempt,
        old: &Tokens,
        mut error: AuthError,
    ) -> Refreshed {
        let reason = if error.is_refusal(Exception::RefreshTokenReuse) {
            Reason::Reuse
        } else if error.service_exception.is_none() {
            Reason::OtherTab
        } else {
            Reason::RefreshRefused
        };
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            attempt.run(self.sync(turn)).await?;
            let live = self.live().ok_or_else(superseded)?;
            if has_other_tokens(&live.session, old) {
                return Ok(Some(live.session));
            }
            // Another party may have the tokens that the refresh token was used for. So all of this sign-in's tokens are
            // ended at the service, the living access token too. Not those of the user's other sign-ins (`GlobalSignOut`):
            // a lost answer leads here as well, and RFC 9700, section 4.14.2, asks for no more.
            let is_ended = reason == Reason::Reuse && live.session.revocable_token().is_some();
            if is_ended {
                self.replace_soon(Some(&User::SignedIn(Rc::clone(&live.session))));
            }
            let is_alive = !is_ended && self.alive_for(&live) > 0;
            let refused = Rc::new(live.session.refused(reason, is_alive));
            let written = self.write(turn, User::SignedIn(Rc::clone(&refused))).await;
            let ended = self.state.replacing.take();
            if written == Ok(false) {
                continue;
            }
            if ended.is_some() {
                self.remember_revocations(ended.into_iter().collect(), true);
                drop(self.revoke_in_background());
            }
            if refused.needs_sign_in() {
                self.commit(Change::Invalid(refused, Some(error.clone())));
                error.code = Code::NotSignedIn;
            } else {
                self.commit(Change::Refused(refused, error.clone()));
            }
            return Err(error);
        }
        Err(superseded())
    }

    /// The service could not be asked. Notes when to try again, for all tabs.
    pub(super) async fn postpone(
        &self,
        turn: &Turn,
        attempt: &Attempt,
        session: Rc<Session>,
        error: AuthError,
    ) -> AuthError {
        let mut jitter = [0];
        // Without randomness the pause is the longest.
        let _ = self.runtime.env().fill(&mut jitter);
        let now = self.runtime.env().now();
        let journal = session.journal.unwrap_or_else(|| Journal::begun(now));
        let [jitter] = jitter;
        let failed = journal.failed(now, error.retry_after, jitter);
        let noted = |session: &Session| {
            Rc::new(Session {
                journal: Some(failed),
                ..session.clone()
            })
        };
        let mut failure = noted(&session);
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            if self.write(turn, User::SignedIn(Rc::clone(&failure))).await != Ok(false) {
                self.replace_session(failure);
                break;
            }
            if let Err(late) = attempt.run(self.sync(turn)).await {
                return late.into();
            }
            // What another tab has written may be about something else. Then the pause is still to be stored for all tabs.
            let is_same = |live: &Live| live.session.id == session.id && live.session.journal == session.journal;
            let Some(live) = self.live().filter(is_same) else {
                break;
            };
            failure = noted(&live.session);
        }
        self.state.refresh.last_failure.replace(Some(error.clone()));
        self.state.refresh.is_wanted.set(true);
        self.emit(false, Some(ClientEvent::TokenRefreshFailed(error.clone())));
        self.recover_later();
        error
    }

    /// More renewals than the tokens' lives explain: they live for no time, or a clock makes them look so. A page tells of
    /// it once.
    pub(super) fn too_many_renewals(&self, session: &Session, pause: Millis) -> AuthError {
        let seconds = (pause + 999) / 1000;
        let mut error = AuthError::new(
            Code::LimitExceeded,
            format!(
                "This session's tokens were renewed {MAX_RENEWALS} times in a short time. They are renewed once a minute at most now; the next renewal is possible in {seconds} s. Check the token lifetimes of the app client, calls of getTokens({{ forceRefresh: true }}), and this device's clock."
            ),
        );
        error.retryable = true;
        error.retry_after = Some(seconds);
        if self.state.refresh.notified_limit_of.replace(Some(session.id)) != Some(session.id) {
            self.emit(false, Some(ClientEvent::TokenRefreshFailed(error.clone())));
        }
        error
    }

    /// Not now: another tab has tried a moment ago, or is trying, or nothing can be known. Goes on by itself.
    pub(super) fn put_off(&self, error: Option<AuthError>) -> AuthError {
        self.state.refresh.is_wanted.set(true);
        self.recover_later();
        let error = error.or_else(|| self.state.refresh.last_failure.borrow().clone());
        error.unwrap_or_else(|| {
            AuthError::new(
                Code::Network,
                "The service could not be asked a moment ago; another tab has tried. It is asked again soon.",
            )
        })
    }

    /// Lets copies of this tab know that its old refresh token is used up, where the service has given another one. After
    /// the new one was stored: until then this tab itself may have to send the old one again.
    async fn note_spent(&self, old: &Tokens, renewed: &Session) {
        let new = renewed.refresh_token().map(RefreshToken::reveal);
        if self.store.kind() != StorageKind::SessionStorage || new == Some(old.refresh.reveal()) {
            return;
        }
        self.store
            .change_beside_in(StorageKind::LocalStorage, Beside::Spent, &|found, generation| {
                let mut spent = found.map(Spent::decode).unwrap_or_default();
                spent.add(&old.refresh);
                Some(spent.encode(generation))
            })
            .await;
    }

    /// Tokens that will not be used are revoked.
    pub(super) fn drop_late(&self, late: Option<&Session>) -> AuthError {
        if let Some(late) = late {
            self.revoke_later(late);
        }
        superseded()
    }
}
