//! One at a time inside this tab, in the order in which they came.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::notify::Notify;

/// A mutex of this tab, fair: turns come in the order in which they were asked for.
#[derive(Debug, Default)]
pub(in crate::engine) struct FairMutex {
    last: Cell<u32>,
    /// Whose turn it is, and then who waits.
    queue: RefCell<Vec<u32>>,
    moved: Rc<Notify>,
}

impl FairMutex {
    pub(in crate::engine) async fn lock(self: &Rc<Self>) -> Turn {
        let turn = self.queue_up();
        turn.comes().await;
        turn
    }

    /// A place in the queue, from now on.
    pub(in crate::engine) fn queue_up(self: &Rc<Self>) -> Turn {
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        self.queue.borrow_mut().push(number);
        Turn {
            mutex: Rc::clone(self),
            number,
        }
    }
}

/// A turn, or a place in the queue, until it is dropped.
#[derive(Debug)]
pub(in crate::engine) struct Turn {
    mutex: Rc<FairMutex>,
    number: u32,
}

impl Turn {
    /// Resolves once all earlier turns are over.
    pub(in crate::engine) async fn comes(&self) {
        while self.mutex.queue.borrow().first() != Some(&self.number) {
            self.mutex.moved.next().await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.mutex.queue.borrow_mut().retain(|other| *other != self.number);
        self.mutex.moved.notify();
    }
}
