//! `getTokens()`: the tokens in memory, those of one refresh that all callers share, or those of a user who signs in again.

use std::rc::Rc;

use super::engine::SessionEngine;
use super::refresh::Wish;
use super::state::Live;
use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_DECISIONS;
use crate::core::record::User;
use crate::core::session::decide::{self, Known, Step, superseded};
use crate::core::session::{Change, Session};
use crate::engine::options::GetTokensOptions;
use crate::ports::{Env, Millis};

impl<E: Env> SessionEngine<E> {
    /// The session with tokens that may be handed out: from the cache, and then nothing is sent, or from a refresh.
    ///
    /// When the service has refused the refresh token for good and the last tokens have expired, the call waits until
    /// the user has signed in again, if there is a listener who can ask for that, or `wait_for_sign_in` says so.
    ///
    /// # Errors
    /// `notSignedIn` without a session, or when its tokens have ended and the call does not wait; `unableToSignIn` when the wait
    /// ended by a sign-out or [`release_sign_in_wait`](Self::release_sign_in_wait); `timeout`; `aborted` when another
    /// user has taken the place of the one who was signed in; `network` and the like when the service could not be
    /// asked, and then the session stays as it is.
    pub(in crate::engine) async fn get_tokens(&self, options: GetTokensOptions) -> Result<Rc<Session>, AuthError> {
        match options.timeout {
            Some(time) => {
                self.runtime
                    .within(time, "getTokens()", self.fetch_tokens(options))
                    .await
            }
            None => self.fetch_tokens(options).await,
        }
    }

    async fn fetch_tokens(&self, options: GetTokensOptions) -> Result<Rc<Session>, AuthError> {
        self.runtime.user_pool()?;
        let mut call = Call {
            wanted_since: options.force_refresh.then(|| self.runtime.env().now()),
            // Tokens of the same millisecond as the call may be older or newer than it.
            found: self.live().and_then(|live| live.session.received_at()),
            is_changed: false,
            caller: None,
            may_wait: options.wait_for_sign_in,
        };
        for round in 0..MAX_DECISIONS {
            if round == 2 {
                // With a clock that was set back every response looks older than the call.
                call.wanted_since = None;
            }
            self.look_if_stale().await;
            call.is_changed |= round > 0;
            let before = self.live();
            let mut step = self.decide(&call, decide::first);
            call.caller = before.as_ref().map(|live| Rc::clone(&live.session));
            if step == Step::EndTokens {
                self.end_tokens(before.as_ref()).await;
                if !self.user_state().needs_sign_in() {
                    continue;
                }
                step = self.decide(&call, decide::first);
            } else if step == Step::Refresh {
                let outcome = self.join_refresh(call.wish()).await;
                let renewed = outcome.as_ref().map(|session| session.as_deref());
                step = self.decide(&call, |known| {
                    decide::after_refresh(known, renewed.map_err(Clone::clone))
                });
            }
            match step {
                Step::Serve => return self.live().map(|live| live.session).ok_or_else(superseded),
                Step::Fail(error) => return Err(error),
                Step::Wait => {
                    // A caller that had tokens was notified when they were ended.
                    let was_notified = before.is_some_and(|live| !live.session.needs_sign_in());
                    self.wait_for_sign_in(was_notified).await?;
                    call.wanted_since = None;
                    call.caller = None;
                }
                Step::EndTokens | Step::Refresh | Step::LookAgain => {}
            }
        }
        Err(AuthError::new(
            Code::Aborted,
            "The session changed several times during this call. Call getTokens() again.",
        ))
    }

    /// What is decided with what is known now.
    fn decide(&self, call: &Call, decide: impl FnOnce(Known<'_>) -> Step) -> Step {
        let live = self.live();
        let state = self.user_state();
        decide(Known {
            session: live.as_ref().map(|live| &*live.session),
            is_usable: live.as_ref().is_some_and(|live| self.usable_for(live) > 0),
            is_alive: live.as_ref().is_some_and(|live| self.alive_for(live) > 0),
            caller: call.caller.as_deref(),
            wanted_since: call.wanted_since,
            is_changed: call.is_changed || live.as_ref().and_then(|live| live.session.received_at()) != call.found,
            is_stale: self.state.staleness.is_open(),
            is_signing_out: self.state.ending.get() > 0,
            invalid: state.needs_sign_in().then(|| self.state.reason.get()),
            may_wait: call.may_wait.unwrap_or_else(|| self.state.outbox.is_listening()),
        })
    }

    /// Tokens that were refused and have expired are over, and listeners are notified.
    async fn end_tokens(&self, refused: Option<&Live>) {
        let Some(session) = refused.map(|live| &live.session) else {
            return;
        };
        let attempt = self.runtime.attempt();
        let turn = self.store.lock().await;
        self.sync(&turn).await;
        let is_current = |live: &Live| Rc::ptr_eq(&live.session, session);
        if let (Some(reason), true) = (session.refusal, self.live().as_ref().is_some_and(is_current)) {
            let ended = Rc::new(session.refused(reason, false));
            let write = self.write(&turn, User::SignedIn(Rc::clone(&ended)));
            let Ok(written) = attempt.run(write).await else { return };
            if written == Ok(false) {
                self.sync(&turn).await;
            } else {
                self.commit(Change::Invalid(ended, None));
            }
        }
    }
}

/// What one call of `getTokens()` wants, and has seen.
struct Call {
    /// Since when tokens must have arrived.
    wanted_since: Option<Millis>,
    /// When the tokens arrived that it found first.
    found: Option<Millis>,
    is_changed: bool,
    /// The session that it found last.
    caller: Option<Rc<Session>>,
    may_wait: Option<bool>,
}

impl Call {
    /// What its refresh must bring.
    fn wish(&self) -> Option<Wish> {
        Some(Wish {
            since: self.wanted_since?,
            unwanted: Rc::clone(self.caller.as_ref()?),
        })
    }
}
