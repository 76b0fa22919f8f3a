//! A handle on the session engine.

use std::rc::Rc;

use super::state::{Live, State};
use crate::core::error::AuthError;
use crate::core::session::{Session, decide};
use crate::core::user_state::UserState;
use crate::engine::notices::{Host, Snapshot};
use crate::engine::runtime::Runtime;
use crate::engine::store::Store;
use crate::ports::Env;

/// The one true session of this origin and configuration, as far as this tab knows it.
#[derive(Debug)]
pub(in crate::engine) struct SessionEngine<E> {
    pub(super) runtime: Runtime<E>,
    pub(super) store: Store<E>,
    pub(super) state: Rc<State>,
}

impl<E> Clone for SessionEngine<E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            store: self.store.clone(),
            state: Rc::clone(&self.state),
        }
    }
}

impl<E: Env> SessionEngine<E> {
    /// `host` gets every committed change, in order.
    pub(in crate::engine) fn new(runtime: Runtime<E>, store: Store<E>, host: impl Host + 'static) -> Self {
        let state = Rc::new(State::new(host));
        let flight = state.refresh.flight.clone();
        runtime.on_supersede(move || flight.end());
        Self { runtime, store, state }
    }

    /// How things are.
    pub(in crate::engine) fn snapshot(&self) -> Snapshot {
        let live = self.live();
        let session = live.as_ref().map(|live| &live.session);
        let profile = session.map(|session| session.profile()).unwrap_or_default();
        Snapshot {
            user_state: self.user_state(),
            reason: self.state.reason.get(),
            username: session.and_then(|session| session.username()).map(String::from),
            user_sub: session.and_then(|session| session.subject()).map(String::from),
            email: profile.email,
            name: profile.name,
            storage: self.runtime.known_setup().map(|_| self.store.kind()),
            is_online: self.runtime.env().is_online(),
        }
    }

    pub(in crate::engine) fn user_state(&self) -> UserState {
        self.state.user_state.get()
    }

    /// The session in memory.
    pub(in crate::engine) fn live(&self) -> Option<Live> {
        self.state.live.borrow().clone()
    }

    /// The same, without the age of its tokens.
    pub(in crate::engine) fn session(&self) -> Option<Rc<Session>> {
        self.live().map(|live| live.session)
    }

    /// Whether the session may have ended without this tab knowing, or is about to.
    pub(in crate::engine) fn is_stale(&self) -> bool {
        self.state.staleness.is_open() || self.state.ending.get() > 0
    }

    /// How many sign-outs were ever called. A call that waits for those that came before it is ended by a later one.
    pub(in crate::engine) fn sign_outs(&self) -> u32 {
        self.state.sign_outs.get()
    }

    /// Whether it is known who is signed in.
    ///
    /// # Errors
    /// `storage`, retryable, while the store cannot be read.
    pub(in crate::engine) fn check_store(&self) -> Result<(), AuthError> {
        if self.state.staleness.is_open() {
            Err(decide::store_unread())
        } else {
            Ok(())
        }
    }
}
