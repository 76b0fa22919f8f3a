//! "Does this still count?", asked in one place.
//!
//! A sign-in that begins, a sign-out, and a session that another tab has begun or ended supersede what is in flight. Work
//! that comes back from an await and finds itself superseded must not change anything.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::rc::Rc;

use super::notify::Notify;
use crate::core::error::AuthError;
use crate::core::session::decide;

/// Numbers what begins, so that what began before can tell.
#[derive(Default)]
pub(super) struct Attempts {
    number: Cell<u64>,
    pub(super) superseded: Rc<Notify>,
    /// What no longer counts is dropped at once: a refresh in flight, a challenge with its secrets.
    cleanups: RefCell<Vec<Box<dyn Fn()>>>,
}

impl fmt::Debug for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempts({})", self.number.get())
    }
}

impl Attempts {
    /// What counts now.
    pub(super) fn current(self: &Rc<Self>) -> Attempt {
        Attempt {
            attempts: Rc::clone(self),
            number: self.number.get(),
        }
    }

    /// Supersedes everything in flight, and gives what begins now.
    pub(super) fn supersede(self: &Rc<Self>) -> Attempt {
        self.number.set(self.number.get().wrapping_add(1));
        for cleanup in &*self.cleanups.borrow() {
            cleanup();
        }
        self.superseded.notify();
        self.current()
    }

    /// Has this done whenever something is superseded.
    pub(super) fn on_supersede(&self, cleanup: impl Fn() + 'static) {
        self.cleanups.borrow_mut().push(Box::new(cleanup));
    }
}

/// Work that counts until it is superseded.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Attempt {
    attempts: Rc<Attempts>,
    number: u64,
}

/// What work has given that was superseded meanwhile. It must not be used, but may have to be undone.
#[derive(Debug)]
pub(in crate::engine) struct Superseded<T>(pub(in crate::engine) T);

impl<T> From<Superseded<T>> for AuthError {
    fn from(_: Superseded<T>) -> Self {
        decide::superseded()
    }
}

impl Attempt {
    /// Does the work, and asks afterwards whether it still counts.
    pub(in crate::engine) async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T, Superseded<T>> {
        let done = work.await;
        if self.is_superseded() {
            Err(Superseded(done))
        } else {
            Ok(done)
        }
    }

    /// Whether it no longer counts.
    pub(in crate::engine) fn is_superseded(&self) -> bool {
        self.attempts.number.get() != self.number
    }
}
