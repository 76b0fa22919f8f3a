//! Waiting inside a tab for something to happen.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Wakes everything that waits for it.
#[derive(Debug, Default)]
pub(in crate::engine) struct Notify {
    count: Cell<u32>,
    last_waiter: Cell<u32>,
    wakers: RefCell<Vec<(u32, Waker)>>,
}

impl Notify {
    pub(in crate::engine) fn notify(&self) {
        self.count.set(self.count.get().wrapping_add(1));
        let wakers = self.wakers.take();
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// How often it has notified.
    pub(in crate::engine) fn count(&self) -> u32 {
        self.count.get()
    }

    /// Resolves once the count is no longer `count`.
    pub(in crate::engine) fn after(self: &Rc<Self>, count: u32) -> Notified {
        let waiter = self.last_waiter.get().wrapping_add(1);
        self.last_waiter.set(waiter);
        Notified {
            notify: Rc::clone(self),
            count,
            waiter,
        }
    }

    /// Resolves at the next notification.
    pub(in crate::engine) fn next(self: &Rc<Self>) -> Notified {
        self.after(self.count())
    }

    /// Resolves once it has notified at all.
    pub(in crate::engine) fn first(self: &Rc<Self>) -> Notified {
        self.after(0)
    }

    pub(in crate::engine) fn has_notified(&self) -> bool {
        self.count.get() != 0
    }
}

/// A wait for a [`Notify`].
#[derive(Debug)]
pub(in crate::engine) struct Notified {
    notify: Rc<Notify>,
    count: u32,
    waiter: u32,
}

impl Future for Notified {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.notify.count.get() != self.count {
            return Poll::Ready(());
        }
        let mut wakers = self.notify.wakers.borrow_mut();
        match wakers.iter_mut().find(|(waiter, _)| *waiter == self.waiter) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => wakers.push((self.waiter, context.waker().clone())),
        }
        Poll::Pending
    }
}

/// A wait that is given up leaves no waker behind: some notifications come once in the life of a page, or never.
impl Drop for Notified {
    fn drop(&mut self) {
        self.notify
            .wakers
            .borrow_mut()
            .retain(|(waiter, _)| *waiter != self.waiter);
    }
}

/// Ends a call from outside.
#[derive(Clone, Debug, Default)]
pub struct Abort(pub(super) Rc<Notify>);

impl Abort {
    /// The call that was given this ends with `aborted`.
    pub fn abort(&self) {
        self.0.notify();
    }
}
