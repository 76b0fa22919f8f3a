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
    waiters: Cell<u32>,
    wakers: RefCell<Vec<(u32, Waker)>>,
}

impl Bell {
    pub(super) fn ring(&self) {
        self.rings.set(self.rings.get().wrapping_add(1));
        let wakers = self.wakers.take();
        for (_, waker) in wakers {
            waker.wake();
        }
    }

    /// How often it has rung.
    pub(super) fn rings(&self) -> u32 {
        self.rings.get()
    }

    /// Until it has rung once more than so often.
    pub(super) fn after(self: &Rc<Self>, heard: u32) -> Ring {
        let waiter = self.waiters.get().wrapping_add(1);
        self.waiters.set(waiter);
        Ring {
            bell: Rc::clone(self),
            heard,
            waiter,
        }
    }

    /// Until it rings again.
    pub(super) fn next(self: &Rc<Self>) -> Ring {
        self.after(self.rings())
    }

    /// Until it has rung at all.
    pub(super) fn first(self: &Rc<Self>) -> Ring {
        self.after(0)
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
    waiter: u32,
}

impl Future for Ring {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.bell.rings.get() != self.heard {
            return Poll::Ready(());
        }
        let mut wakers = self.bell.wakers.borrow_mut();
        match wakers.iter_mut().find(|(waiter, _)| *waiter == self.waiter) {
            Some((_, waker)) => waker.clone_from(context.waker()),
            None => wakers.push((self.waiter, context.waker().clone())),
        }
        Poll::Pending
    }
}

/// Whoever gives up waiting leaves nothing behind: some bells ring once in the life of a page, or never.
impl Drop for Ring {
    fn drop(&mut self) {
        self.bell
            .wakers
            .borrow_mut()
            .retain(|(waiter, _)| *waiter != self.waiter);
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

/// One at a time inside this tab, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Turns {
    last: Cell<u32>,
    /// Whose turn it is, and who waits.
    queue: RefCell<Vec<u32>>,
    moved: Rc<Bell>,
}

impl Turns {
    pub(super) async fn take(self: &Rc<Self>) -> Turn {
        let turn = self.line_up();
        turn.comes().await;
        turn
    }

    /// A place in the queue, from now on.
    pub(super) fn line_up(self: &Rc<Self>) -> Turn {
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        self.queue.borrow_mut().push(number);
        Turn {
            turns: Rc::clone(self),
            number,
        }
    }
}

/// Somebody's turn, or place in the queue, until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Rc<Turns>,
    number: u32,
}

impl Turn {
    /// Until whoever came before is done.
    pub(super) async fn comes(&self) {
        while self.turns.queue.borrow().first() != Some(&self.number) {
            self.turns.moved.next().await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.queue.borrow_mut().retain(|other| *other != self.number);
        self.turns.moved.ring();
    }
}
