//! The session in memory, and what listeners know of it.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::client::{Arrival, Client};
use super::events::{ClientEvent, Notice, UserStateInfo};
use crate::core::api::user_pool::AuthenticationResult;
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;
use crate::core::session::{Change, Lifetime, Login, Session, Tokens};
use crate::core::token_check::{self, Expected};
use crate::core::user_state::{self, Event, Transition, UserState};
use crate::ports::{Env, Millis};

/// A session, and the age of its tokens by a clock that nobody can set.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) session: Rc<Session>,
    /// When the tokens arrived, by the monotonic clock.
    received: Millis,
}

impl<E: Env> Client<E> {
    /// Changes state and session in memory, releases the waiters, then notifies. The only place that does.
    pub(super) fn commit(&self, change: Change) {
        let event = change.event();
        let (state, notifies) = match user_state::apply(self.0.state.get(), event) {
            Transition::Ignore => return,
            Transition::Enter(state) => (state, false),
            Transition::Tell(state) => (state, true),
        };
        self.0.state.set(state);
        self.0.reason.set(change.reason(self.0.reason.get()));
        match change.session() {
            Some(session) => self.replace_session(Rc::clone(session)),
            None => drop(self.0.live.replace(None)),
        }
        match event {
            Event::SignedIn | Event::SignedOut => {
                self.0.refresh.forget_failure();
                self.0.wait_over.ring();
            }
            Event::TokensRefreshed => self.0.refresh.forget_failure(),
            Event::TokensInvalid | Event::FederatedTokenRefused => self.0.rings_at_death.set(self.0.wait_over.rings()),
            Event::Restored(_) | Event::WaitBegun | Event::GuestAdmitted => {}
        }
        let failure = change.failure().cloned().map(ClientEvent::TokenRefreshFailed);
        let also = failure.or(change.has_newer_tokens().then_some(ClientEvent::TokensRefreshed));
        self.emit(notifies, also);
        self.plan_early_refresh();
    }

    /// Changes the session without a word: what an app can see of it is as before.
    pub(super) fn replace_session(&self, session: Rc<Session>) {
        let now = (self.0.env.now(), self.0.env.monotonic());
        let arrival = |session: &Session| session.received_at();
        let known = self.0.live.borrow().clone();
        let received = match known {
            Some(live) if arrival(&live.session) == arrival(&session) => live.received,
            _ => now
                .1
                .saturating_sub(now.0.saturating_sub(arrival(&session).unwrap_or(now.0)).max(0)),
        };
        self.0.live.replace(Some(Live { session, received }));
    }

    /// Hands the present state, tokens and info to the host. Tokens of a session that may have ended are left out.
    pub(super) fn emit(&self, is_state_change: bool, event: Option<ClientEvent>) {
        let is_in_doubt = self.is_in_doubt();
        let live = self.0.live.borrow().clone().filter(|_| !is_in_doubt);
        let usable_for = live.as_ref().map_or(0, |live| self.usable_for(live));
        // Newer tokens that are kept back are told of when they are there.
        let event = match event {
            Some(ClientEvent::TokensRefreshed) if is_in_doubt => {
                self.0.owes_refreshed.set(true);
                None
            }
            None | Some(ClientEvent::TokensRefreshed) if usable_for > 0 && self.0.owes_refreshed.replace(false) => {
                Some(ClientEvent::TokensRefreshed)
            }
            event => event,
        };
        let mut info = self.user_state_info(self.0.state.get());
        if is_in_doubt && !is_state_change {
            info.token = None;
        }
        self.0.events.emit(Notice {
            snapshot: self.snapshot(),
            session: live.map(|live| live.session).filter(|_| usable_for > 0),
            usable_for,
            info,
            is_state_change,
            event,
        });
    }

    /// Whether the session may have ended without this tab knowing, or is about to.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.0.doubts.are_open() || self.0.ending.get() > 0
    }

    pub(super) fn live(&self) -> Option<Live> {
        self.0.live.borrow().clone()
    }

    /// For how long the tokens may be handed out: by the wall clock, which goes on while the device sleeps, and by the
    /// monotonic one, which nobody sets.
    pub(super) fn usable_for(&self, live: &Live) -> Millis {
        let Some(life) = live.session.life() else {
            return 0;
        };
        if live.session.refusal.is_some() {
            return self.alive_for(live);
        }
        let now = self.0.env.now();
        if life.usable_at(now) {
            self.left(live, life.usable_until(), life, now)
        } else {
            0
        }
    }

    /// For how long the service itself takes them.
    pub(super) fn alive_for(&self, live: &Live) -> Millis {
        let now = self.0.env.now();
        match live.session.life() {
            Some(life) if life.alive_at(now) => self.left(live, life.expires_at, life, now),
            _ => 0,
        }
    }

    /// The tokens of the answer that has arrived in this moment: to be called before anything is awaited. `session` is the
    /// one that they renew, whose refresh token goes on where the answer has none; `named` is who signs in, where the
    /// service has said so.
    ///
    /// # Errors
    /// `tokenMismatch` when they are not that user's, or not of this pool and client; `unknown` when they cannot be read.
    pub(super) fn receive(
        &self,
        result: AuthenticationResult,
        session: Option<&Session>,
        named: Option<&Username>,
    ) -> Result<Tokens, AuthError> {
        let AuthenticationResult {
            access, id, refresh, ..
        } = result;
        let pool = self.user_pool()?;
        let expected = Expected {
            pool: &pool,
            login: session.and_then(Session::pool_login),
            named,
        };
        token_check::check(&access, &id, expected)?;
        let previous = session.and_then(Session::pool_tokens);
        let Arrival { date, age } = self.0.arrival.get();
        refresh
            .or_else(|| previous.map(|tokens| tokens.refresh.clone()))
            .and_then(|refresh| Tokens::received(access, id, refresh, self.0.env.now(), date, age))
            .ok_or_else(|| {
                AuthError::new(
                    Code::Unknown,
                    "The service's answer does not have tokens that can be read.",
                )
            })
    }

    fn user_state_info(&self, state: UserState) -> UserStateInfo {
        let live = self.0.live.borrow();
        let session = live.as_ref().map(|live| &live.session);
        let info = UserStateInfo {
            reason: self.0.reason.get(),
            ..UserStateInfo::default()
        };
        match (state, session) {
            (UserState::SignedIn, Some(session)) => UserStateInfo {
                provider: match &session.login {
                    Login::UserPool(_) | Login::Hosted(_) => self.user_pool().ok().map(|pool| pool.provider_name()),
                    Login::Federated(login) => Some(login.provider.clone()),
                },
                token: session.id_token().map(|id| Zeroizing::new(id.reveal().into())),
                ..info
            },
            (state, Some(session)) if state.needs_sign_in() => UserStateInfo {
                username: session.username().map(String::from),
                ..info
            },
            _ => info,
        }
    }

    fn left(&self, live: &Live, until: Millis, life: Lifetime, now: Millis) -> Millis {
        let age = self.0.env.monotonic().saturating_sub(live.received);
        let by_monotonic = until.saturating_sub(life.received_at).saturating_sub(age);
        until.saturating_sub(now).min(by_monotonic).max(0)
    }
}
