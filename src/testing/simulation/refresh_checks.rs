//! What every request for new tokens is held to.

use super::faults::Fault;
use super::invariants::Invariant;
use super::kept::LEEWAY;
use super::ledger::{Attempt, Disturbance, Fate};
use super::world::World;
use crate::ports::Millis;

/// A page is about to ask for new tokens.
pub(super) fn attempted(world: &World, attempt: &Attempt) {
    let ledger = world.ledger.borrow();
    // A page without a lock decides by the journal, and others may take it for closed before it has sent anything.
    let known = match attempt.disturbance {
        Disturbance::Unlocked => attempt.begun.0,
        _ => ledger.attempts.len(),
    };
    let known = &ledger.attempts[..known];
    let earlier = known
        .iter()
        .filter(|other| other.token == attempt.token && other.fate != Fate::Unbound)
        .collect::<Vec<_>>();
    let is_frozen = earlier.iter().any(|other| other.disturbance == Disturbance::Frozen);
    // What was sent without the lock is known to the page that has it once it is stored.
    let is_beside = |other: &Attempt| other.is_beside(attempt.begun.1);
    // Without the lock the journal keeps pages apart, until several wait for one that never answers, or a clock that is
    // set hides it.
    let has_seen = |fault| world.faults.has_seen(fault);
    let is_unlocked = has_seen(Fault::Unlocked) || attempt.disturbance == Disturbance::Unlocked;
    let hides_journal = [Fault::Crash, Fault::Network, Fault::Freeze, Fault::Clock, Fault::Sleep];
    let is_alone = is_unlocked && hides_journal.map(has_seen).contains(&true);
    // A page that has lost the lock does not know, and takes the others' journal for that of a page which is gone.
    let is_lock_lost = world.locks.is_taken_from(attempt.page);
    let within = |time: Millis| {
        let is_recent = |other: &&Attempt| other.family == attempt.family && other.sent > attempt.sent - time;
        1 + ledger.attempts.iter().filter(is_recent).count()
    };
    let is_bounded = within(60_000) <= 61 && within(3_600_000) <= 120;
    world.demand(Invariant::Bounded, is_bounded, || {
        format!(
            "Session {} is renewed {} times an hour.",
            attempt.family,
            within(3_600_000)
        )
    });
    let is_blind = world.is_lock_kept() || is_frozen || is_alone;
    let is_lock_broken = is_blind || is_lock_lost;
    let name = format!("refresh-{} by page {}", attempt.token, attempt.page);

    let refused = earlier.iter().filter(|other| other.fate == Fate::Refused);
    let is_open = |other: &Attempt| match other.disturbance {
        // A sign-out of its own page takes the refusal's place in the store, a little later.
        Disturbance::None => ledger.has_signed_out_since(other.page, other.ended),
        Disturbance::Unlocked => is_beside(other),
        Disturbance::Gone | Disturbance::Frozen => true,
    };
    let is_known = refused
        .into_iter()
        .any(|other| other.page == attempt.page || !is_open(other));
    // It still reads of a refusal before it sends anything.
    world.demand(Invariant::RefusedStays, !is_known || is_blind, || name.clone());

    let is_free = earlier
        .iter()
        .all(|other| other.is_inconclusive() || other.fate == Fate::Refused || is_beside(other));
    let is_spent = world.cognito.borrow().rotation.is_some() && !is_free;
    world.demand(Invariant::OneRefresh, !is_spent || is_lock_broken, || {
        format!("{name} is sent twice.")
    });

    let of_family = known
        .iter()
        .filter(|other| other.family == attempt.family && other.fate != Fate::Unbound)
        .collect::<Vec<_>>();
    if let Some(last) = of_family.last() {
        // Of two at once that one may be kept whose answer waited out a sleep, and its tokens look old.
        let looks_old =
            |other: &&Attempt| other.fate == Fate::Renewed && other.issue.is_none() && other.ended >= last.sent;
        let is_early = match (last.fate, last.disturbance) {
            (_, Disturbance::Gone | Disturbance::Frozen) | (Fate::Failed | Fate::Refused, _) => false,
            _ if is_beside(last) || of_family.iter().copied().any(|other| looks_old(&other)) => false,
            (Fate::Underway | Fate::Unbound, _) => true,
            (Fate::Renewed, _) => {
                attempt.sent < due(world, last) && !ledger.forced.iter().any(|forced| *forced >= last.sent)
            }
        };
        let is_early = is_early && !is_lock_broken && ledger.clock_sets() == 0;
        world.demand(Invariant::OneRefresh, !is_early, || format!("{name} comes too early."));

        let failures = of_family
            .iter()
            .rev()
            .take_while(|other| other.fate == Fate::Failed)
            .collect::<Vec<_>>();
        let is_undisturbed = failures.iter().all(|other| other.disturbance == Disturbance::None) && !is_lock_lost;
        let usual = match failures.len() {
            0 | 1 => 0,
            failures => 750 << (failures - 2).min(7),
        };
        let pause = usual.max(last.asked_pause.min(300) * 1000);
        let has_news = ledger.news.iter().any(|news| *news >= last.ended);
        let is_patient = failures.is_empty() || !is_undisturbed || has_news || attempt.sent - last.ended >= pause;
        world.demand(Invariant::Pause, is_patient, || {
            format!(
                "{name} comes {} ms after failure {}.",
                attempt.sent - last.ended,
                failures.len()
            )
        });
    }
}

/// From when on a page may want to renew what this attempt brought.
fn due(world: &World, attempt: &Attempt) -> Millis {
    let cognito = world.cognito.borrow();
    let Some(issue) = attempt.issue.map(|issue| cognito.issues[issue]) else {
        return 0;
    };
    let life = cognito.life * 1000;
    let usable = life - 120_000.min(life / 2);
    let has_background = world.pages.borrow().iter().any(|page| page.background_refresh);
    let early = if has_background { 180_000.min(usable / 2) } else { 0 };
    issue.expires - life + usable - early - LEEWAY
}
