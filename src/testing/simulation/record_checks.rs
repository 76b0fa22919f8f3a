//! What every stored record is held to.

use super::invariants::Invariant;
use super::kept::{consistency, kept, kept_in};
use super::ledger::Fate;
use super::world::{PageId, World};
use crate::core::record::{Record, User};

/// A page has stored a record in place of another, or removed it.
pub(super) fn stored(world: &World, page: PageId, before: Option<&str>, after: Option<&str>) {
    let was = before.and_then(|before| kept_in(world, before));
    let record = after.map(Record::decode);
    let is_whole = !matches!(record, Some(Err(_)));
    world.demand(Invariant::Whole, is_whole, || "It cannot be read.".into());
    let session = match record {
        Some(Ok(record)) => {
            let last = before
                .and_then(|before| Record::decode(before).ok())
                .map(|before| before.generation);
            let is_newer = last.is_none_or(|last| last < record.generation);
            world.demand(Invariant::Whole, is_newer, || {
                format!("{} follows {last:?}.", record.generation)
            });
            match record.user {
                User::SignedIn(session) => Some(session),
                User::SignedOut(_) => None,
            }
        }
        _ => None,
    };
    if let Some(session) = &session {
        let (is_consistent, detail) = consistency(world, session);
        world.demand(Invariant::Whole, is_consistent, || detail);
        let family = kept(world, session).family;
        if let Some(family) = family {
            let known = world.ledger.borrow_mut().families.insert(session.id, family);
            let is_unique = known.is_none_or(|known| known == family);
            world.demand(Invariant::OwnTokens, is_unique, || {
                format!("Two sign-ins are session {}.", session.id)
            });
        }
    }
    let is = session.as_ref().map(|session| kept(world, session));
    let (old, new) = (was.and_then(|was| was.family), is.and_then(|is| is.family));
    let mut ledger = world.ledger.borrow_mut();
    ledger.stored = world.awake();
    if after.is_none() {
        // Another page may have signed in the moment before, and no check has seen its tokens.
        ledger.forgiven.extend(old);
    }
    if let Some(old) = old.filter(|old| after.is_some() && new != Some(*old)) {
        ledger.ended.entry(old).or_insert((world.awake(), page));
    }
    // A sign-in that was overtaken while it was stored puts back what it has stored itself over, before it has begun.
    let is_put_back = |(by, begun, replaced): &(PageId, usize, usize)| {
        let has_begun = world.pages.borrow()[page].notified.borrow().has_begun(*begun);
        *by == page && old == Some(*begun) && new == Some(*replaced) && !has_begun
    };
    if let Some((.., replaced)) = ledger.over.filter(is_put_back) {
        ledger.ended.remove(&replaced);
    }
    let is_other = |(old, new): &(usize, usize)| old != new;
    ledger.over = old.zip(new).filter(is_other).map(|(old, new)| (page, new, old));
    let is_back = is
        .filter(|is| is.issue.is_some())
        .and_then(|is| is.family)
        .filter(|family| ledger.ended.contains_key(family));
    for attempt in ledger
        .attempts
        .iter_mut()
        .filter(|attempt| attempt.fate != Fate::Underway)
    {
        attempt.is_stored |= match is {
            Some(is) if is.family == Some(attempt.family) => match attempt.fate {
                Fate::Renewed => is.issue >= attempt.issue || is.is_refused,
                Fate::Refused => is.is_refused,
                Fate::Failed | Fate::Unbound | Fate::Underway => false,
            },
            _ => true,
        };
    }
    drop(ledger);
    world.demand(Invariant::EndedInStore, is_back.is_none(), || {
        format!("Session {is_back:?} is stored again.")
    });
}
