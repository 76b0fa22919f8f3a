//! Work that any number of callers share.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, Shared};

use crate::core::error::AuthError;

/// Work that goes on whether or not a caller still waits for it.
pub(in crate::engine) type Task<T> = Shared<LocalBoxFuture<'static, Result<T, AuthError>>>;

/// Work of which at most one is in flight: every caller that asks meanwhile gets the same.
pub(in crate::engine) struct SingleFlight<T>(Rc<RefCell<Option<Task<T>>>>);

impl<T> Clone for SingleFlight<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Default for SingleFlight<T> {
    fn default() -> Self {
        Self(Rc::default())
    }
}

impl<T> fmt::Debug for SingleFlight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.borrow().is_some() { "in flight" } else { "idle" })
    }
}

impl<T> SingleFlight<T> {
    /// The flight, or a new one.
    pub(in crate::engine) fn join(&self, begin: impl FnOnce() -> Task<T>) -> Task<T> {
        let known = self.0.borrow().clone();
        known.unwrap_or_else(|| {
            let task = begin();
            self.0.replace(Some(Shared::clone(&task)));
            task
        })
    }

    /// The flight is over, or superseded: the next caller begins another.
    pub(in crate::engine) fn end(&self) {
        self.0.replace(None);
    }
}
