//! Locks of the origin, in the order they were asked for. Some are asked for in vain, and some taken away.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::ledger::Disturbance;
use super::world::{PageId, World};
use crate::ports::Millis;

/// Who holds and who waits for each lock. The first who is not passed over holds it.
#[derive(Default)]
pub(super) struct Locks {
    queues: RefCell<BTreeMap<String, VecDeque<Place>>>,
    last: Cell<u64>,
}

struct Place {
    number: u64,
    page: PageId,
    waker: Option<Waker>,
    /// The lock is never given to this one, or it was taken away again, and the next has it.
    is_passed_over: bool,
}

impl Locks {
    /// Whether a page waits for a lock or holds one, or takes itself for a holder.
    pub(super) fn has(&self, page: PageId) -> bool {
        self.queues.borrow().values().flatten().any(|place| place.page == page)
    }

    /// Whether a page holds one.
    pub(super) fn is_held_by(&self, page: PageId) -> bool {
        let queues = self.queues.borrow();
        let mut holders = queues.values().filter_map(|queue| holder(queue));
        holders.any(|place| place.page == page)
    }

    /// Whether a page has lost one, and goes on as if it had it.
    pub(super) fn is_taken_from(&self, page: PageId) -> bool {
        let queues = self.queues.borrow();
        let mut places = queues.values().flatten();
        places.any(|place| place.page == page && place.is_passed_over)
    }

    /// The lock is not this one's, or not any more.
    fn pass_over(&self, number: u64) -> Option<PageId> {
        let mut queues = self.queues.borrow_mut();
        let place = queues.values_mut().flatten().find(|place| place.number == number)?;
        place.is_passed_over = true;
        let page = place.page;
        drop(queues);
        self.wake();
        Some(page)
    }

    /// A page that is gone holds nothing, whatever it has forgotten to drop.
    pub(super) fn release(&self, page: PageId) {
        self.leave(|place| place.page == page);
    }

    fn leave(&self, leaves: impl Fn(&Place) -> bool) {
        for queue in self.queues.borrow_mut().values_mut() {
            queue.retain(|place| !leaves(place));
        }
        self.wake();
    }

    /// The page that has a lock now goes on.
    fn wake(&self) {
        for queue in self.queues.borrow_mut().values_mut() {
            let holder = queue.iter_mut().find(|place| !place.is_passed_over);
            if let Some(waker) = holder.and_then(|place| place.waker.take()) {
                waker.wake();
            }
        }
    }
}

fn holder(queue: &VecDeque<Place>) -> Option<&Place> {
    queue.iter().find(|place| !place.is_passed_over)
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
            is_passed_over: false,
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

    /// This one is never given the lock.
    pub(super) fn pass_over(&self) {
        self.world.locks.pass_over(self.number);
    }

    /// After a while this one has the lock no more, and is not notified.
    pub(super) fn lose_after(&self, time: Millis) {
        let (world, number) = (Rc::clone(&self.world), self.number);
        let loss = async move {
            world.sleep(None, time).await;
            if let Some(page) = world.locks.pass_over(number) {
                world.note(|| format!("    page {page} has lost its lock"));
                world.ledger.borrow_mut().disturb(page, Disturbance::Unlocked);
            }
        };
        self.world.spawn("a lock is taken away".into(), None, None, loss);
    }

    /// Whether it is this one's turn.
    pub(super) fn poll_held(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut queues = self.world.locks.queues.borrow_mut();
        let queue = queues.entry(self.name.clone()).or_default();
        if holder(queue).is_some_and(|place| place.number == self.number) {
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
