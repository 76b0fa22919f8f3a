//! The book of a run: what the promises are held against. No page sees it.

use std::collections::{BTreeMap, BTreeSet};

use super::calls::{Ask, Call};
use super::world::PageId;
use crate::ports::Millis;

/// How long it takes at most to store what an attempt came to, and to read it.
const STORING: Millis = 500;

/// What has happened so far.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) attempts: Vec<Attempt>,
    pub(super) calls: Vec<Call>,
    /// Families that a record was stored over, with a sign-out or another's session, when by the waking device, and by whom.
    pub(super) ended: BTreeMap<usize, (Millis, PageId)>,
    /// Whether the last record was one session over another: by whom, which, over which.
    pub(super) over: Option<(PageId, usize, usize)>,
    /// Which family a stored session is of, by the session's number.
    pub(super) families: BTreeMap<i64, usize>,
    /// Which page got each issue of tokens from the service.
    pub(super) received: BTreeMap<usize, PageId>,
    /// On which page each family was begun.
    pub(super) begun: BTreeMap<usize, PageId>,
    /// Families whose tokens never reached a page that could keep or end them, and why that breaks no promise.
    pub(super) forgiven: BTreeSet<usize>,
    /// Devices that a call has forgotten, here or at the service.
    pub(super) forgotten: BTreeSet<usize>,
    /// When a call asked for tokens that are newer than itself.
    pub(super) forced: Vec<Millis>,
    /// When a page heard of a connection, or was looked at.
    pub(super) news: Vec<Millis>,
    /// When the device's clock was set, and by how much.
    clock: Vec<Millis>,
    set_back: Millis,
    pub(super) sent: u32,
    /// When a record was last stored, by the waking device.
    pub(super) stored: Millis,
}

/// One request to renew tokens.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) token: usize,
    pub(super) family: usize,
    pub(super) page: PageId,
    /// When the page stored its journal, and how many attempts there had been by then.
    pub(super) begun: (usize, Millis),
    pub(super) sent: Millis,
    /// For how long the device had slept by then.
    pub(super) slept: Millis,
    pub(super) fate: Fate,
    pub(super) ended: Millis,
    /// The tokens it brought.
    pub(super) issue: Option<usize>,
    /// What it came to is in the store.
    pub(super) is_stored: bool,
    pub(super) disturbance: Disturbance,
    /// For how long the service asked to be left alone, in seconds.
    pub(super) asked_pause: i64,
}

/// What the page learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Underway,
    Renewed,
    Refused,
    /// The service did not look at the token, for it does not know the device.
    Unbound,
    /// Nothing that says whether the token was used up.
    Failed,
}

/// What became of the page before the store knew the outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Disturbance {
    #[default]
    None,
    /// Its lock is free for the next.
    Gone,
    /// It may hold its lock for longer than others wait.
    Frozen,
    /// It has no lock, or lost it, and the page that has it takes this one for closed.
    Unlocked,
}

impl Attempt {
    pub(super) fn is_inconclusive(&self) -> bool {
        self.fate == Fate::Failed || matches!(self.disturbance, Disturbance::Gone | Disturbance::Frozen)
    }

    /// Whether it was sent beside the lock, and others may not know at this moment what came of it.
    pub(super) fn is_beside(&self, now: Millis) -> bool {
        let is_open = self.fate == Fate::Underway || now - self.ended < STORING;
        self.disturbance == Disturbance::Unlocked && is_open
    }
}

impl Ledger {
    /// Whether a page is signing this session out, and its app knows of no other outcome.
    pub(super) fn is_ending(&self, page: PageId, family: usize) -> bool {
        let is_local = |ask| matches!(ask, Ask::SignOut { globally: false, .. } | Ask::Clear);
        let mut calls = self.calls.iter().filter(|call| call.page == page && is_local(call.ask));
        calls.any(|call| {
            !call.is_over && !call.is_aborted && call.seen.as_ref().is_some_and(|seen| seen.family == Some(family))
        })
    }

    /// Whether a page was signing out when an attempt of its own ended, or began to a moment later.
    pub(super) fn has_signed_out_since(&self, page: PageId, moment: Millis) -> bool {
        let mut sign_outs = self
            .calls
            .iter()
            .filter(|call| call.page == page && call.ask.ends_session());
        sign_outs.any(|call| call.begun <= moment + STORING && (!call.is_over || call.ended >= moment))
    }

    pub(super) fn disturb(&mut self, page: PageId, disturbance: Disturbance) {
        for attempt in self
            .attempts
            .iter_mut()
            .filter(|attempt| attempt.page == page && !attempt.is_stored)
        {
            // A page that is frozen or closed may have no lock, either.
            if disturbance != Disturbance::Unlocked || attempt.disturbance == Disturbance::None {
                attempt.disturbance = disturbance;
            }
        }
    }

    pub(super) fn clock_was_set(&mut self, by: Millis) {
        self.set_back += (-by).max(0);
        self.clock.push(by);
    }

    /// By how much the clock was ever set back.
    pub(super) fn set_back(&self) -> Millis {
        self.set_back
    }

    pub(super) fn clock_sets(&self) -> usize {
        self.clock.len()
    }
}
