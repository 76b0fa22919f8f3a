//! Waiting for one another inside a tab.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// Wakes everybody who waits for it.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rings: Cell<u32>,
    wakers: RefCell<Vec<Waker>>,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.rings.set(self.rings.get().wrapping_add(1));
        let wakers = self.wakers.take();
        for waker in wakers {
            waker.wake();
        }
    }

    /// Until it rings again.
    pub(super) fn next(self: &Rc<Self>) -> Ring {
        Ring {
            bell: Rc::clone(self),
            heard: self.rings.get(),
        }
    }

    /// Until it has rung at all.
    pub(super) fn first(self: &Rc<Self>) -> Ring {
        Ring {
            bell: Rc::clone(self),
            heard: 0,
        }
    }

    pub(super) fn has_rung(&self) -> bool {
        self.rings.get() != 0
    }
}

/// A wait for a [`Bell`].
#[derive(Debug)]
pub(super) struct Ring {
    bell: Rc<Bell>,
    heard: u32,
}

impl Future for Ring {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.bell.rings.get() != self.heard {
            return Poll::Ready(());
        }
        let mut wakers = self.bell.wakers.borrow_mut();
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
        Poll::Pending
    }
}

/// Ends a call from outside.
#[derive(Clone, Debug, Default)]
pub struct Abort(pub(super) Rc<Bell>);

impl Abort {
    /// The call that was given this ends with `aborted`.
    pub fn abort(&self) {
        self.0.ring();
    }
}

/// One at a time inside this tab.
#[derive(Debug, Default)]
pub(super) struct Turns {
    taken: Cell<bool>,
    freed: Rc<Bell>,
}

impl Turns {
    pub(super) async fn take(self: &Rc<Self>) -> Turn {
        while self.taken.replace(true) {
            self.freed.next().await;
        }
        Turn(Rc::clone(self))
    }
}

/// Somebody's turn, until dropped.
#[derive(Debug)]
pub(super) struct Turn(Rc<Turns>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.taken.set(false);
        self.0.freed.ring();
    }
}
