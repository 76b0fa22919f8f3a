//! The only place that changes a user state, and notifies of it.
//!
//! Every change goes in one order: store, state, waiters, listeners, result. This is the middle of it; a caller has written
//! the store before, and returns afterwards.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::engine::SessionEngine;
use super::state::Live;
use crate::core::session::{Change, Login, Session};
use crate::core::user_state::{self, Event, Transition, UserState};
use crate::engine::notices::{ClientEvent, Notice, UserStateInfo};
use crate::ports::Env;

impl<E: Env> SessionEngine<E> {
    /// Changes state and session in memory, releases the waiters, then notifies. The only place that does.
    pub(in crate::engine) fn commit(&self, change: Change) {
        let event = change.event();
        let (state, notifies) = match user_state::apply(self.user_state(), event) {
            Transition::Ignore => return,
            Transition::Enter(state) => (state, false),
            Transition::Notify(state) => (state, true),
        };
        self.state.user_state.set(state);
        self.state.reason.set(change.reason(self.state.reason.get()));
        match change.session() {
            Some(session) => self.replace_session(Rc::clone(session)),
            None => drop(self.state.live.replace(None)),
        }
        match event {
            Event::SignedIn | Event::SignedOut => {
                self.state.refresh.forget_failure();
                self.state.wait_over.notify();
            }
            Event::TokensRefreshed => self.state.refresh.forget_failure(),
            Event::TokensInvalid | Event::FederatedTokenRefused => {
                self.state.wait_count_at_expiry.set(self.state.wait_over.count());
            }
            Event::Restored(_) | Event::WaitBegun | Event::GuestAdmitted => {}
        }
        let failure = change.failure().cloned().map(ClientEvent::TokenRefreshFailed);
        let also = failure.or(change.has_newer_tokens().then_some(ClientEvent::TokensRefreshed));
        self.emit(notifies, also);
        self.plan_early_refresh();
    }

    /// Replaces the session without notifying listeners: what an app can see of it is as before.
    pub(in crate::engine) fn replace_session(&self, session: Rc<Session>) {
        let now = (self.runtime.env().now(), self.runtime.env().monotonic());
        let arrival = |session: &Session| session.received_at();
        let known = self.state.live.borrow().clone();
        let received = match known {
            Some(live) if arrival(&live.session) == arrival(&session) => live.received,
            _ => now
                .1
                .saturating_sub(now.0.saturating_sub(arrival(&session).unwrap_or(now.0)).max(0)),
        };
        self.state.live.replace(Some(Live { session, received }));
    }

    /// Hands the present state, tokens and info to the host. Tokens of a session that may have ended are left out.
    pub(in crate::engine) fn emit(&self, is_state_change: bool, event: Option<ClientEvent>) {
        let is_stale = self.is_stale();
        let live = self.state.live.borrow().clone().filter(|_| !is_stale);
        let usable_for = live.as_ref().map_or(0, |live| self.usable_for(live));
        // Of newer tokens that are withheld, listeners are notified once they are handed out.
        let event = match event {
            Some(ClientEvent::TokensRefreshed) if is_stale => {
                self.state.owes_refreshed.set(true);
                None
            }
            None | Some(ClientEvent::TokensRefreshed) if usable_for > 0 && self.state.owes_refreshed.replace(false) => {
                Some(ClientEvent::TokensRefreshed)
            }
            event => event,
        };
        let mut info = self.user_state_info(self.user_state());
        if is_stale && !is_state_change {
            info.token = None;
        }
        self.state.outbox.emit(Notice {
            snapshot: self.snapshot(),
            session: live.map(|live| live.session).filter(|_| usable_for > 0),
            usable_for,
            info,
            is_state_change,
            event,
        });
    }

    fn user_state_info(&self, state: UserState) -> UserStateInfo {
        let live = self.state.live.borrow();
        let session = live.as_ref().map(|live| &live.session);
        let info = UserStateInfo {
            reason: self.state.reason.get(),
            ..UserStateInfo::default()
        };
        match (state, session) {
            (UserState::SignedIn, Some(session)) => UserStateInfo {
                provider: match &session.login {
                    Login::UserPool(_) | Login::Hosted(_) => {
                        self.runtime.user_pool().ok().map(|pool| pool.provider_name())
                    }
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
}
