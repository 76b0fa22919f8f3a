//! What the session engine knows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::core::error::AuthError;
use crate::core::identity::Identity;
use crate::core::limits::{MAX_ENDED_SESSIONS, MAX_OVERWRITES_PER_SESSION};
use crate::core::record::Revocation;
use crate::core::session::Session;
use crate::core::user_state::{Reason, UserState};
use crate::engine::notices::Host;
use crate::engine::runtime::{Notify, Outbox, SingleFlight};
use crate::ports::Millis;

/// A session in memory, and the age of its tokens by a clock that no user can set.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Live {
    pub(in crate::engine) session: Rc<Session>,
    /// When the tokens arrived, by the monotonic clock.
    pub(super) received: Millis,
}

/// Nothing in here stays borrowed over an await: a second call may run in between.
#[derive(Debug)]
pub(super) struct State {
    pub(super) outbox: Outbox,
    pub(super) user_state: Cell<UserState>,
    pub(super) reason: Cell<Option<Reason>>,
    pub(super) live: RefCell<Option<Live>>,
    /// The identity of the record.
    pub(super) identity: RefCell<Option<Identity>>,
    pub(super) staleness: Staleness,
    pub(super) ended: EndedSessions,
    /// Listeners are still to be notified of `tokensRefreshed`.
    pub(super) owes_refreshed: Cell<bool>,
    /// Sign-outs that were called and are not stored yet: no tokens are served meanwhile.
    pub(super) ending: Cell<u32>,
    /// How many sign-outs were ever called.
    pub(super) sign_outs: Cell<u32>,
    pub(super) watch: Watch,
    pub(super) refresh: Refresh,
    /// Notifies when a wait for the user is over.
    pub(super) wait_over: Rc<Notify>,
    /// How often it had notified when the tokens expired for good.
    pub(super) wait_count_at_expiry: Cell<u32>,
    pub(super) is_announcing_wait: Cell<bool>,
    pub(super) revocations: RefCell<Vec<PendingRevocation>>,
    /// Of the session that a write replaces: to be revoked as soon as it is made.
    pub(super) replacing: RefCell<Option<Revocation>>,
    pub(super) revoking: SingleFlight<()>,
}

/// A session that has ended here and not yet at the service.
#[derive(Clone, Debug)]
pub(super) struct PendingRevocation {
    pub(super) revocation: Revocation,
    /// Whether this tab has ended the session. Then it sees to its end at the service itself, whatever becomes of the
    /// record; a token that is revoked twice does no harm.
    pub(super) is_ours: bool,
}

impl State {
    pub(super) fn new(host: impl Host + 'static) -> Self {
        Self {
            outbox: Outbox::new(host),
            user_state: Cell::default(),
            reason: Cell::default(),
            live: RefCell::default(),
            identity: RefCell::default(),
            staleness: Staleness::default(),
            ended: EndedSessions::default(),
            owes_refreshed: Cell::default(),
            ending: Cell::default(),
            sign_outs: Cell::default(),
            watch: Watch::default(),
            refresh: Refresh::default(),
            wait_over: Rc::default(),
            wait_count_at_expiry: Cell::default(),
            is_announcing_wait: Cell::default(),
            revocations: RefCell::default(),
            replacing: RefCell::default(),
            revoking: SingleFlight::default(),
        }
    }
}

/// Whether this tab may have missed a change of the store: the page was suspended, hidden, or could not read it. Counted,
/// because a page that is suspended again while it reads the store has to read it again.
#[derive(Debug, Default)]
pub(super) struct Staleness {
    raised: Cell<u32>,
    settled: Cell<u32>,
}

impl Staleness {
    pub(super) fn raise(&self) {
        self.raised.set(self.raised.get().wrapping_add(1));
    }

    /// The number to [`settle`](Self::settle) after a reading that begins now.
    pub(super) fn latest(&self) -> u32 {
        self.raised.get()
    }

    pub(super) fn settle(&self, number: u32) {
        self.settled.set(number);
    }

    pub(super) fn is_open(&self) -> bool {
        self.raised != self.settled
    }
}

/// Sessions that this tab has ended, or could not begin.
#[derive(Debug, Default)]
pub(super) struct EndedSessions {
    /// How often this tab still writes over each of them. A tab that stores one again did not know of its end; but two tabs
    /// that each believe that the other's session has ended must not go on for ever.
    overwrites: RefCell<Vec<(i64, u8)>>,
    /// A sign-out of a session that could not be read: its number, after those of all sessions that it has ended, and whether
    /// these are to be revoked. Until the store has taken it.
    pub(super) unread: Cell<Option<(i64, bool)>>,
}

impl EndedSessions {
    /// Remembers that a session is over.
    pub(super) fn note(&self, id: i64) {
        let mut overwrites = self.overwrites.borrow_mut();
        if overwrites.len() >= MAX_ENDED_SESSIONS {
            overwrites.remove(0);
        }
        overwrites.push((id, MAX_OVERWRITES_PER_SESSION));
    }

    /// Whether this tab may write over the session once more.
    pub(super) fn take_overwrite(&self, id: i64) -> bool {
        let mut overwrites = self.overwrites.borrow_mut();
        let left = overwrites.iter_mut().find(|(ended, left)| *ended == id && *left > 0);
        left.is_some_and(|(_, left)| {
            *left -= 1;
            true
        })
    }
}

/// What is known of refreshes.
#[derive(Debug, Default)]
pub(super) struct Refresh {
    pub(super) flight: SingleFlight<Option<Rc<Session>>>,
    /// A call asked for tokens and could not have them.
    pub(super) is_wanted: Cell<bool>,
    /// Attempts go on by themselves.
    pub(super) is_recovering: Cell<bool>,
    pub(super) last_failure: RefCell<Option<AuthError>>,
    /// How often in a row the store could be neither read nor written.
    pub(super) blind: Cell<u32>,
    /// The session of which listeners know that its tokens are renewed too often.
    pub(super) notified_limit_of: Cell<Option<i64>>,
    /// When the tokens arrived whose early renewal is planned.
    pub(super) planned: Cell<Option<Millis>>,
    /// When there was last reason to hope for a connection.
    pub(super) news_at: Cell<Millis>,
}

impl Refresh {
    /// The session is another, or has new tokens: what an earlier refresh came to says nothing about it.
    pub(super) fn forget_failure(&self) {
        self.is_wanted.set(false);
        self.last_failure.replace(None);
    }
}

/// What is in flight in following other tabs.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The look into the store that all callers of a stale tab share.
    pub(super) look: SingleFlight<()>,
    pub(super) is_following: Cell<bool>,
    /// Another tab has written while this one was reading.
    pub(super) follows_again: Cell<bool>,
    pub(super) is_watching_journal: Cell<bool>,
}
