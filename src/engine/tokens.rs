//! Valid tokens: from the cache, by one refresh that all callers share, or from a user who signs in again.

use std::rc::Rc;

use super::calls::Task;
use super::client::Client;
use super::options::GetTokensOptions;
use super::refresh::Wish;
use super::session::Live;
use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_DECISIONS;
use crate::core::record::User;
use crate::core::session::decide::{self, Known, Step, superseded};
use crate::core::session::{Change, Session};
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
        let mut call = Call {
            wanted_since: options.force_refresh.then(|| self.0.env.now()),
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
            self.settle_doubt().await;
            call.is_changed |= round > 0;
            let before = self.live();
            let mut step = self.decide(&call, decide::first);
            call.caller = before.as_ref().map(|live| Rc::clone(&live.session));
            if step == Step::EndTokens {
                self.end_tokens(before.as_ref()).await;
                if !self.0.state.get().needs_sign_in() {
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
        let state = self.0.state.get();
        decide(Known {
            session: live.as_ref().map(|live| &*live.session),
            is_usable: live.as_ref().is_some_and(|live| self.usable_for(live) > 0),
            is_alive: live.as_ref().is_some_and(|live| self.alive_for(live) > 0),
            caller: call.caller.as_deref(),
            wanted_since: call.wanted_since,
            is_changed: call.is_changed || live.as_ref().and_then(|live| live.session.received_at()) != call.found,
            is_stale: self.0.doubts.are_open(),
            is_signing_out: self.0.ending.get() > 0,
            invalid: state.needs_sign_in().then(|| self.0.reason.get()),
            may_wait: call.may_wait.unwrap_or_else(|| self.0.events.is_listening()),
        })
    }

    /// What was refused and has expired is dead, and everybody is told.
    async fn end_tokens(&self, refused: Option<&Live>) {
        let Some(session) = refused.map(|live| &live.session) else {
            return;
        };
        let epoch = self.0.epoch.get();
        let turn = self.0.turns.take().await;
        self.sync(&turn).await;
        let is_current = |live: &Live| Rc::ptr_eq(&live.session, session);
        if let (Some(reason), true) = (session.refusal, self.live().as_ref().is_some_and(is_current)) {
            let dead = Rc::new(session.refused(reason, false));
            let written = self.put(&turn, User::SignedIn(Rc::clone(&dead))).await;
            if self.0.epoch.get() != epoch {
                return;
            }
            if written == Ok(false) {
                self.sync(&turn).await;
            } else {
                self.commit(Change::Invalid(dead, None));
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
