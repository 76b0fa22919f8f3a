//! Locks of the origin, in the order they were asked for.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::world::{PageId, World};

/// Who holds and who waits for each lock. The first holds it.
#[derive(Default)]
pub(super) struct Locks {
    queues: RefCell<BTreeMap<String, VecDeque<Place>>>,
    last: Cell<u64>,
}

struct Place {
    number: u64,
    page: PageId,
    waker: Option<Waker>,
}

impl Locks {
    /// Whether a page waits for a lock or holds one.
    pub(super) fn has(&self, page: PageId) -> bool {
        self.queues.borrow().values().flatten().any(|place| place.page == page)
    }

    /// A page that is gone holds nothing, whatever it has forgotten to drop.
    pub(super) fn release(&self, page: PageId) {
        self.leave(|place| place.page == page);
    }

    fn leave(&self, leaves: impl Fn(&Place) -> bool) {
        for queue in self.queues.borrow_mut().values_mut() {
            queue.retain(|place| !leaves(place));
            if let Some(waker) = queue.front_mut().and_then(|place| place.waker.take()) {
                waker.wake();
            }
        }
    }
}

/// A place in the queue, until dropped.
pub(crate) struct Ticket {
    world: Rc<World>,
    name: String,
    number: u64,
}

impl Ticket {
    pub(super) fn draw(world: &Rc<World>, name: &str, page: PageId) -> Self {
        let number = world.locks.last.get() + 1;
        world.locks.last.set(number);
        let place = Place {
            number,
            page,
            waker: None,
        };
        world
            .locks
            .queues
            .borrow_mut()
            .entry(name.into())
            .or_default()
            .push_back(place);
        Self {
            world: Rc::clone(world),
            name: name.into(),
            number,
        }
    }

    /// Whether it is this one's turn.
    pub(super) fn poll_held(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queues = self.world.locks.queues.borrow_mut();
        let queue = queues.entry(self.name.clone()).or_default();
        if queue.front().is_some_and(|place| place.number == self.number) {
            return Poll::Ready(());
        }
        for place in queue.iter_mut().filter(|place| place.number == self.number) {
            place.waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.world.locks.leave(|place| place.number == self.number);
    }
}
