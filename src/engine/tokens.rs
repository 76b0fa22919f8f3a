//! Valid tokens: from the cache, by one refresh that all callers share, or from a user who signs in again.

use std::rc::Rc;

use super::calls::{Task, superseded};
use super::client::Client;
use super::options::GetTokensOptions;
use super::refresh::Wish;
use super::session::Live;
use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_DECISIONS;
use crate::core::record::Content;
use crate::core::session::Session;
use crate::core::tokens::Tokens;
use crate::core::user_state::{Event, Reason, UserState};
use crate::ports::{Env, Millis};

impl<E: Env> Client<E> {
    /// The session with tokens that may be handed out: from the cache, and then nothing is sent, or from a refresh.
    ///
    /// When the service has refused the refresh token for good and the last tokens have expired, the call waits until
    /// the user has signed in again, if there is a listener who can ask for that, or `wait_for_sign_in` says so.
    ///
    /// # Errors
    /// `notSignedIn` without a session, or when its tokens are dead and nobody waits; `unableToSignIn` when the wait
    /// ended by a sign-out or [`release_sign_in_wait`](Self::release_sign_in_wait); `timeout`; `aborted` when another
    /// user has taken the place of the one who was signed in; `network` and the like when the service could not be
    /// asked, and then the session stays as it is.
    pub async fn get_tokens(&self, options: GetTokensOptions) -> Result<Rc<Session>, AuthError> {
        match options.timeout {
            Some(time) => self.within(time, "getTokens()", self.fetch_tokens(options)).await,
            None => self.fetch_tokens(options).await,
        }
    }

    async fn fetch_tokens(&self, options: GetTokensOptions) -> Result<Rc<Session>, AuthError> {
        self.user_pool()?;
        let mut forced_at = options.force_refresh.then(|| self.0.env.now());
        // Of one millisecond with the call may be what was there before it, and what came while it settled a doubt.
        let before = self.live().and_then(|live| received_at(&live.session));
        let mut user = None;
        for round in 0..MAX_DECISIONS {
            if round == 2 {
                // A clock that was set back makes every answer look older than the call.
                forced_at = None;
            }
            self.settle_doubt().await;
            let Some(live) = self.live() else {
                self.check_store()?;
                return Err(not_signed_in("Nobody is signed in. Call signIn() first."));
            };
            // A call that one user's page has made is never answered with another's tokens.
            let is_same_user = |live: &Live| user.as_ref().is_none_or(|user| *user == live.session.user_sub);
            if !is_same_user(&live) {
                return Err(superseded());
            }
            let is_new = round > 0 || received_at(&live.session) != before;
            let is_fresh = forced_at.is_none_or(|at| is_new && is_received_since(&live.session, at));
            if is_fresh && self.usable_for(&live) > 0 && self.0.ending.get() == 0 {
                return Ok(live.session);
            }
            user = Some(live.session.user_sub.clone());
            let wish = forced_at.map(|since| Wish {
                since,
                unwanted: Rc::clone(&live.session),
            });
            if self.alive_for(&live) == 0 && live.session.refusal.is_some() && live.session.tokens.is_some() {
                self.end_tokens(&live.session).await;
                if self.0.state.get() != UserState::SignedOutUserPoolsTokenInvalid {
                    continue;
                }
            }
            let error = if self.0.state.get() == UserState::SignedOutUserPoolsTokenInvalid {
                not_signed_in(match self.0.reason.get() {
                    Some(Reason::OtherTab) => {
                        "This tab is a copy of another tab, which has used this session's refresh token. Call signIn() in this tab."
                    }
                    _ => "The service no longer accepts this session's tokens. The user must sign in again.",
                })
            } else {
                match self.join_refresh(wish).await {
                    // New tokens that are to be renewed at once, because they live so shortly, are better than none.
                    Ok(Some(session)) if self.may_serve(&session, forced_at) => return Ok(session),
                    Ok(Some(session)) if session.tokens.as_ref().is_some_and(Tokens::never_lived) => {
                        return Err(AuthError::new(
                            Code::Unknown,
                            "The service's new tokens had expired when they were made: look how long the app client lets them live.",
                        ));
                    }
                    Ok(_) => continue,
                    Err(error) => error,
                }
            };
            let now = self.live();
            if error.code == Code::Aborted {
                // Whoever is signed in now may be the same user, with tokens from another tab.
                if now.is_some() {
                    continue;
                }
                return Err(error);
            }
            // A refresh that cannot be had is no reason to keep back tokens that the service still takes.
            if let (None, Some(now)) = (forced_at, &now)
                && self.alive_for(now) > 0
                && now.session.user_sub == live.session.user_sub
            {
                return Ok(Rc::clone(&now.session));
            }
            if now.is_some_and(|now| now.session.refusal.is_some() && now.session.tokens.is_some())
                && forced_at.is_none()
            {
                // Learned of another tab's refusal under the lock: the next round ends the tokens.
                continue;
            }
            let is_over = self.0.state.get() == UserState::SignedOutUserPoolsTokenInvalid;
            let may_wait = options.wait_for_sign_in.unwrap_or_else(|| self.0.events.is_listening());
            if !is_over || !may_wait {
                return Err(error);
            }
            // Whoever saw the tokens die was told of it then.
            self.wait_for_sign_in(live.session.tokens.is_some()).await?;
            forced_at = None;
            user = None;
        }
        Err(AuthError::new(
            Code::Aborted,
            "The session changed several times during this call. Call getTokens() again.",
        ))
    }

    /// Whether this call may answer with what its refresh came to.
    fn may_serve(&self, session: &Rc<Session>, forced_at: Option<Millis>) -> bool {
        let is_current = |live: &Live| Rc::ptr_eq(&live.session, session) && self.alive_for(live) > 0;
        !self.is_in_doubt()
            && forced_at.is_none_or(|at| is_received_since(session, at))
            && self.live().as_ref().is_some_and(is_current)
    }

    /// What was refused and has expired is dead, and everybody is told.
    async fn end_tokens(&self, session: &Rc<Session>) {
        let epoch = self.0.epoch.get();
        let turn = self.0.turns.take().await;
        self.sync(&turn).await;
        let is_current = |live: &Live| Rc::ptr_eq(&live.session, session);
        if let (Some(reason), true) = (session.refusal, self.live().as_ref().is_some_and(is_current)) {
            let dead = Rc::new(session.refused(reason, false));
            let written = self.put(&turn, Content::Session(Rc::clone(&dead))).await;
            if self.0.epoch.get() != epoch {
                return;
            }
            if written == Ok(false) {
                self.sync(&turn).await;
            } else {
                self.commit(Event::TokensInvalid, Some(dead), Some(reason), None);
            }
        }
    }

    /// Looks into the store when this tab may have missed something, and waits for a sign-out that is under way.
    pub(super) async fn settle_doubt(&self) {
        if self.0.ending.get() > 0 {
            drop(self.0.turns.take().await);
        }
        // A doubt that came while the store was being read asks for another look.
        for _ in 0..2 {
            if !self.0.doubts.are_open() || self.look().await.is_err() {
                break;
            }
        }
    }

    /// The look into the store that all callers share: one that hangs must not keep them waiting one after the other.
    fn look(&self) -> Task {
        if let Some(look) = self.0.watch.look.borrow().as_ref() {
            return look.clone();
        }
        let client = self.clone();
        let look = self.share(async move {
            let turn = client.0.turns.take().await;
            let is_read = !client.0.doubts.are_open() || client.sync(&turn).await;
            client.0.watch.look.replace(None);
            if is_read { Ok(None) } else { Err(superseded()) }
        });
        self.0.watch.look.replace(Some(look.clone()));
        look
    }
}

fn is_received_since(session: &Session, since: Millis) -> bool {
    received_at(session).is_some_and(|received_at| received_at >= since)
}

fn received_at(session: &Session) -> Option<Millis> {
    Some(session.tokens.as_ref()?.received_at)
}

pub(super) fn not_signed_in(message: &'static str) -> AuthError {
    AuthError::new(Code::NotSignedIn, message)
}
