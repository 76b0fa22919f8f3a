//! A handle on the sign-ins of one client, and the challenge that waits for an answer.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::core::error::AuthError;
use crate::core::flow::sign_in::{self, PendingChallenge};
use crate::core::srp::Ephemeral;
use crate::core::user_state::UserState;
use crate::engine::runtime::Runtime;
use crate::engine::session::SessionEngine;
use crate::engine::store::Store;
use crate::ports::{Env, StorageKind};

/// The sign-ins of one client.
#[derive(Debug)]
pub(in crate::engine) struct SignInEngine<E> {
    pub(super) runtime: Runtime<E>,
    pub(super) store: Store<E>,
    pub(super) session: SessionEngine<E>,
    pub(super) state: Rc<State>,
}

impl<E> Clone for SignInEngine<E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            store: self.store.clone(),
            session: self.session.clone(),
            state: Rc::clone(&self.state),
        }
    }
}

/// What is known of the sign-in that is under way.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The challenge that waits for the user's answer. Dropped when it is superseded.
    pub(super) pending: RefCell<Option<Rc<PendingChallenge>>>,
    /// The store that the sign-in asks for.
    pub(super) asked_storage: Cell<Option<StorageKind>>,
    /// `a` and `A` of the next sign-in, computed while the page was idle.
    prepared: RefCell<Option<Ephemeral>>,
}

impl<E: Env> SignInEngine<E> {
    pub(in crate::engine) fn new(runtime: Runtime<E>, store: Store<E>, session: SessionEngine<E>) -> Self {
        let state = Rc::<State>::default();
        let pending = Rc::clone(&state);
        runtime.on_supersede(move || drop(pending.pending.replace(None)));
        Self {
            runtime,
            store,
            session,
            state,
        }
    }

    /// Whose sign-in waits for an answer, by the name that the user typed.
    pub(in crate::engine) fn asked_username(&self) -> Option<String> {
        let pending = self.state.pending.borrow();
        pending.as_ref().map(|pending| pending.typed.as_str().into())
    }

    /// Computes `A` of the next sign-in ahead, so that it does not stand between the user's click and the answer.
    ///
    /// # Errors
    /// `internal` when the device has no source of random bytes.
    pub(in crate::engine) fn prepare_sign_in(&self) -> Result<(), AuthError> {
        if self.session.user_state() != UserState::SignedIn && self.state.prepared.borrow().is_none() {
            let ephemeral = self.make_ephemeral()?;
            self.state.prepared.replace(Some(ephemeral));
        }
        Ok(())
    }

    /// An `a` serves one sign-in only.
    pub(super) fn take_ephemeral(&self) -> Result<Ephemeral, AuthError> {
        let prepared = self.state.prepared.borrow_mut().take();
        prepared.map_or_else(|| self.make_ephemeral(), Ok)
    }

    fn make_ephemeral(&self) -> Result<Ephemeral, AuthError> {
        let mut secret = Zeroizing::new([0; Ephemeral::SECRET_LEN]);
        self.runtime.env().fill(&mut *secret)?;
        Ephemeral::new(&*secret).map_err(sign_in::refuse)
    }
}
