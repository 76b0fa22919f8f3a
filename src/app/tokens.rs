//! Valid tokens: from the cache, by one refresh that all callers share, or from a user who signs in again.

use std::rc::Rc;

use super::client::Client;
use super::options::GetTokensOptions;
use crate::core::error::{AuthError, Code};
use crate::core::session::Session;
use crate::core::user_state::{Event, UserState};
use crate::ports::{Env, Millis};

/// How often one call asks again when the session changes under it.
const ROUNDS: usize = 5;

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
        let mut told = false;
        for round in 0..ROUNDS {
            if round == 2 {
                // A clock that was set back makes every answer look older than the call.
                forced_at = None;
            }
            self.settle_doubt().await;
            let Some(live) = self.live() else {
                return Err(not_signed_in("Nobody is signed in. Call signIn() first."));
            };
            let is_fresh = forced_at.is_none_or(|at| round > 0 && is_received_since(&live.session, at));
            if is_fresh && self.usable_for(&live) > 0 {
                return Ok(live.session);
            }
            if self.alive_for(&live) == 0 && live.session.refusal.is_some() {
                self.end_tokens(&live.session).await;
                if self.0.state.get() != UserState::SignedOutUserPoolsTokenInvalid {
                    continue;
                }
            }
            let error = if self.0.state.get() == UserState::SignedOutUserPoolsTokenInvalid {
                not_signed_in("The service no longer accepts this session's tokens. The user must sign in again.")
            } else {
                match self.join_refresh(forced_at).await {
                    Ok(_) => continue,
                    Err(error) => error,
                }
            };
            let now = self.live();
            if error.code == Code::Aborted {
                // Whoever is signed in now may be the same user, with tokens from another tab.
                match now {
                    Some(now) if now.session.user_sub == live.session.user_sub => continue,
                    _ => return Err(error),
                }
            }
            // A refresh that cannot be had is no reason to keep back tokens that the service still takes.
            if let (None, Some(now)) = (forced_at, now)
                && self.alive_for(&now) > 0
            {
                return Ok(now.session);
            }
            let is_over = self.0.state.get() == UserState::SignedOutUserPoolsTokenInvalid;
            let may_wait = options.wait_for_sign_in.unwrap_or_else(|| self.0.events.is_listening());
            if !is_over || !may_wait {
                return Err(error);
            }
            // Whoever saw the tokens die was told of it then.
            told = told || live.session.tokens.is_some();
            self.wait_for_sign_in(told).await?;
            forced_at = None;
        }
        Err(AuthError::new(
            Code::Aborted,
            "The session changed again and again while this call waited.",
        ))
    }

    /// What was refused and has expired is dead, and everybody is told.
    async fn end_tokens(&self, session: &Rc<Session>) {
        let turn = self.0.turns.take().await;
        self.sync(&turn).await;
        let is_current = |live: &super::session::Live| Rc::ptr_eq(&live.session, session) && session.tokens.is_some();
        if let (Some(reason), true) = (session.refusal, self.live().as_ref().is_some_and(is_current)) {
            let dead = Rc::new(session.refused(reason, self.0.env.now()));
            let _ = self.put(&turn, crate::core::record::Content::Session(Rc::clone(&dead))).await;
            self.commit(Event::TokensInvalid, Some(dead), Some(reason), None);
        }
    }

    /// Looks into the store when this tab may have missed something.
    pub(super) async fn settle_doubt(&self) {
        if self.0.is_doubtful.get() {
            let turn = self.0.turns.take().await;
            if self.0.is_doubtful.get() && self.sync(&turn).await {
                self.emit(None, None);
            }
        }
    }
}

fn is_received_since(session: &Session, since: Millis) -> bool {
    session.tokens.as_ref().is_some_and(|tokens| tokens.received_at >= since)
}

pub(super) fn not_signed_in(message: &'static str) -> AuthError {
    AuthError::new(Code::NotSignedIn, message)
}
