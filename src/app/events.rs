//! Telling the outside what changed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use crate::core::session::Session;
use crate::core::user_state::UserState;

/// What is known without waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The state.
    pub user_state: UserState,
    /// Whose session, also when its tokens are no longer accepted.
    pub username: Option<String>,
    /// The user's `sub`.
    pub user_sub: Option<String>,
}

/// What a listener is told beside the state.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserStateInfo {
    /// `signedIn`: the login's key.
    pub provider: Option<String>,
    /// `signedIn`: the ID token.
    pub token: Option<String>,
    /// `signedOutUserPoolsTokenInvalid`: whose tokens.
    pub username: Option<String>,
}

impl fmt::Debug for UserStateInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserStateInfo")
            .field("provider", &self.provider)
            .field("token", &self.token.as_ref().map(|_| "[redacted]"))
            .field("username", &self.username)
            .finish()
    }
}

/// A committed change.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How things are from now on.
    pub snapshot: Snapshot,
    /// The session from now on, so that valid tokens can be read without asking.
    pub session: Option<Rc<Session>>,
    /// Set when user state listeners are to be told.
    pub tell: Option<UserStateInfo>,
}

/// Hands notices to the one sink, in the order they were committed.
///
/// A notice that arises while another is being handed over waits for its turn, so a sink that calls back into the
/// client sees changes one after the other and never one inside the other.
pub(super) struct Events {
    sink: Box<dyn Fn(&Notice)>,
    queue: RefCell<VecDeque<Notice>>,
    draining: Cell<bool>,
}

impl Events {
    pub(super) fn new(sink: impl Fn(&Notice) + 'static) -> Self {
        Self {
            sink: Box::new(sink),
            queue: RefCell::default(),
            draining: Cell::new(false),
        }
    }

    /// Must be called with nothing borrowed.
    pub(super) fn emit(&self, notice: Notice) {
        self.queue.borrow_mut().push_back(notice);
        if self.draining.replace(true) {
            return;
        }
        loop {
            // Apart from the loop's condition, so that no borrow lives while the sink runs.
            let next = self.queue.borrow_mut().pop_front();
            match next {
                Some(notice) => (self.sink)(&notice),
                None => break,
            }
        }
        self.draining.set(false);
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(user_state: UserState) -> Notice {
        Notice {
            snapshot: Snapshot {
                user_state,
                ..Snapshot::default()
            },
            session: None,
            tell: None,
        }
    }

    #[test]
    fn a_notice_that_arises_inside_another_comes_after_it() {
        let events = Rc::new_cyclic(|events: &std::rc::Weak<Events>| {
            let events = events.clone();
            let log = RefCell::new(Vec::new());
            Events::new(move |notice| {
                let state = notice.snapshot.user_state;
                log.borrow_mut().push(state);
                if state == UserState::SignedIn {
                    events.upgrade().unwrap().emit(self::notice(UserState::SignedOut));
                    assert_eq!(*log.borrow(), [UserState::SignedIn], "handed over inside the first");
                } else {
                    assert_eq!(*log.borrow(), [UserState::SignedIn, UserState::SignedOut]);
                }
            })
        });
        events.emit(notice(UserState::SignedIn));
        assert!(events.queue.borrow().is_empty());
        assert!(!events.draining.get());
    }
}
