//! Hands what changed to the host, in order.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;

use crate::engine::notices::{Host, Notice};

/// Hands notices to the host, in the order they were committed.
///
/// A notice that arises while another is being handed over waits for its turn, so a host that calls back into the
/// client sees changes one after the other and never one inside the other.
pub(in crate::engine) struct Outbox {
    host: Box<dyn Host>,
    queue: RefCell<VecDeque<Notice>>,
    draining: Cell<bool>,
}

impl Outbox {
    pub(in crate::engine) fn new(host: impl Host + 'static) -> Self {
        Self {
            host: Box::new(host),
            queue: RefCell::default(),
            draining: Cell::new(false),
        }
    }

    pub(in crate::engine) fn is_listening(&self) -> bool {
        self.host.is_listening()
    }

    /// Must be called with nothing borrowed.
    pub(in crate::engine) fn emit(&self, notice: Notice) {
        self.queue.borrow_mut().push_back(notice);
        if self.draining.replace(true) {
            return;
        }
        loop {
            // Apart from the loop's condition, so that no borrow lives while the host runs.
            let next = self.queue.borrow_mut().pop_front();
            match next {
                Some(notice) => self.host.notify(&notice),
                None => break,
            }
        }
        self.draining.set(false);
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbox")
    }
}

#[cfg(test)]
mod tests {
    use std::rc::{Rc, Weak};

    use super::*;
    use crate::core::user_state::UserState;
    use crate::engine::notices::{Snapshot, UserStateInfo};

    struct Reentrant {
        events: Weak<Outbox>,
        log: RefCell<Vec<UserState>>,
    }

    impl Host for Reentrant {
        fn notify(&self, notice: &Notice) {
            let state = notice.snapshot.user_state;
            self.log.borrow_mut().push(state);
            if state == UserState::SignedIn {
                self.events.upgrade().unwrap().emit(self::notice(UserState::SignedOut));
                assert_eq!(
                    *self.log.borrow(),
                    [UserState::SignedIn],
                    "handed over inside the first"
                );
            } else {
                assert_eq!(*self.log.borrow(), [UserState::SignedIn, UserState::SignedOut]);
            }
        }

        fn is_listening(&self) -> bool {
            true
        }
    }

    fn notice(user_state: UserState) -> Notice {
        Notice {
            snapshot: Snapshot {
                user_state,
                ..Snapshot::default()
            },
            session: None,
            usable_for: 0,
            info: UserStateInfo::default(),
            is_state_change: false,
            event: None,
        }
    }

    #[test]
    fn a_notice_that_arises_inside_another_comes_after_it() {
        let events = Rc::new_cyclic(|events| {
            Outbox::new(Reentrant {
                events: events.clone(),
                log: RefCell::default(),
            })
        });
        events.emit(notice(UserState::SignedIn));
        assert!(events.queue.borrow().is_empty());
        assert!(!events.draining.get());
    }
}
