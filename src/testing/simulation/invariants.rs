//! What is promised, and what relaxes it. The checks are in `record_checks.rs`, `refresh_checks.rs`, `call_checks.rs`,
//! `device_checks.rs` and `notice_checks.rs`, each called where something happens.

use super::faults::Fault;

pub(super) use super::call_checks::{begun, settled};
pub(super) use super::device_checks::{devices_cleared, devices_kept, forgotten, sent};
pub(super) use super::kept::{kept, kept_in_store};
pub(super) use super::notice_checks::{idle, notified, stepped};
pub(super) use super::record_checks::stored;
pub(super) use super::refresh_checks::attempted;

/// A promise of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Invariant {
    OneRefresh,
    Bounded,
    RefusedStays,
    EndedHere,
    EndedElsewhere,
    EndedInStore,
    OwnTokens,
    Alive,
    Whole,
    Grounds,
    Served,
    Pause,
    Order,
    Settles,
    Revoked,
    Agreement,
    Survives,
    OwnDevice,
    Unguessable,
    Forgotten,
}

/// A promise in words.
pub(super) struct Rule {
    pub(super) sentence: &'static str,
    /// Once one of these has happened in a run, it is not held to the promise any more.
    pub(super) relaxed_by: &'static [Fault],
}

impl Invariant {
    pub(super) const fn rule(self) -> Rule {
        use Fault::{Clock, Crash, Damage, Freeze, Network, Sleep, Storage, Unlocked};
        match self {
            // A token may be sent again when the attempt before brought nothing, or when its page was killed or frozen
            // before the outcome was stored; of a frozen one that holds the lock, by everybody who ran out of patience.
            // A store that fails hides the outcome from the others, and without locks two may send at once. A page that has
            // no lock, or has lost it unnoticed, is taken for closed by the page that has it, until its outcome is stored.
            // One that has lost it takes the others for dead ones.
            Self::OneRefresh => Rule {
                sentence: "At most one refresh per expiry.",
                relaxed_by: &[Storage, Damage],
            },
            // What was sent is counted in the record, by the device's clock.
            Self::Bounded => Rule {
                sentence: "A session is renewed 60 times in a row at most, and 120 times an hour.",
                relaxed_by: &[Storage, Damage, Clock],
            },
            // Likewise: what cannot be stored is not known to others, nor what is under way at once, nor a refusal that a
            // sign-out of its own page has overtaken.
            Self::RefusedStays => Rule {
                sentence: "A refresh token that was refused is not sent again.",
                relaxed_by: &[Storage, Damage, Unlocked],
            },
            // When the stored sign-out is lost, a page that slept stores its session again.
            Self::EndedHere => Rule {
                sentence: "After a sign-out its page hands out no token of that session.",
                relaxed_by: &[Damage],
            },
            // A page hears of it a second later, and then has to read the store. One that was not notified may go on until it
            // next reads the store, and no longer.
            Self::EndedElsewhere => Rule {
                sentence: "After a sign-out no page hands out a token of that session.",
                relaxed_by: &[Storage, Damage],
            },
            // A page that slept when the sign-out was stored, and finds nothing when it wakes, knows of no sign-out.
            Self::EndedInStore => Rule {
                sentence: "A session that has ended in the store does not come back.",
                relaxed_by: &[Damage],
            },
            Self::OwnTokens => Rule {
                sentence: "No caller gets another user's tokens.",
                relaxed_by: &[],
            },
            // By how much the clock was set back is allowed for: another page reckons the age by it.
            Self::Alive => Rule {
                sentence: "No token is handed out that has expired.",
                relaxed_by: &[],
            },
            Self::Whole => Rule {
                sentence: "A stored record is whole, newer than the last, and of one user and one issue of tokens.",
                relaxed_by: &[],
            },
            Self::Grounds => Rule {
                sentence: "Only a sign-out, a definite refusal or a damaged store ends a session.",
                relaxed_by: &[],
            },
            // Deadlines pass while a page is frozen.
            Self::Served => Rule {
                sentence: "A call does not fail without a reason.",
                relaxed_by: &[Network, Storage, Freeze],
            },
            // The pause is reckoned by the device's clock, and shared through the store.
            Self::Pause => Rule {
                sentence: "A service that fails is left alone for a while, for longer each time.",
                relaxed_by: &[Storage, Damage, Clock, Unlocked],
            },
            Self::Order => Rule {
                sentence: "Every change is notified once, in order, and before the result.",
                relaxed_by: &[],
            },
            Self::Settles => Rule {
                sentence: "Every call ends.",
                relaxed_by: &[],
            },
            // What is to be revoked is in the store or in the memory of a page, which may both be lost.
            Self::Revoked => Rule {
                sentence: "A session that has ended here ends at the service too.",
                relaxed_by: &[Storage, Damage, Crash],
            },
            Self::Agreement => Rule {
                sentence: "In the end every page agrees with the store.",
                relaxed_by: &[],
            },
            // Held to where a page is left that hears of it, and within the service's grace.
            Self::Survives => Rule {
                sentence: "A session outlives a page that dies in the middle of its refresh.",
                relaxed_by: &[],
            },
            Self::OwnDevice => Rule {
                sentence: "A device is used for its own user, and a session names the one that it is bound to.",
                relaxed_by: &[],
            },
            Self::Unguessable => Rule {
                sentence: "A secret is made of random numbers, or not at all.",
                relaxed_by: &[],
            },
            // What a page that dies or stands still, or a store that refuses, was about to remove stays.
            Self::Forgotten => Rule {
                sentence: "The secrets of a device that was forgotten, cleared or deleted with its user do not stay.",
                relaxed_by: &[Storage, Damage, Crash, Freeze, Sleep],
            },
        }
    }
}
