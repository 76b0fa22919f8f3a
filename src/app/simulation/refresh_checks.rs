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
    let earlier = ledger
        .attempts
        .iter()
        .filter(|other| other.token == attempt.token && other.fate != Fate::Unbound)
        .collect::<Vec<_>>();
    let is_frozen = earlier.iter().any(|other| other.disturbance == Disturbance::Frozen);
    // Without locks the journal keeps pages apart, until several wait for one that never answers.
    let has_seen = |fault| world.faults.has_seen(fault);
    let is_alone = has_seen(Fault::Unlocked) && (has_seen(Fault::Crash) || has_seen(Fault::Network));
    let is_lock_broken = world.is_lock_kept() || is_frozen || is_alone;
    let name = format!("refresh-{} by page {}", attempt.token, attempt.page);

    let refused = earlier.iter().filter(|other| other.fate == Fate::Refused);
    let is_known = refused
        .into_iter()
        .any(|other| other.page == attempt.page || other.disturbance == Disturbance::None);
    world.demand(Invariant::RefusedStays, !is_known || is_lock_broken, || name.clone());

    let is_free = earlier
        .iter()
        .all(|other| other.is_inconclusive() || other.fate == Fate::Refused);
    let is_spent = world.cognito.borrow().rotation.is_some() && !is_free;
    world.demand(Invariant::OneRefresh, !is_spent || is_lock_broken, || {
        format!("{name} is sent twice.")
    });

    let of_family = ledger
        .attempts
        .iter()
        .filter(|other| other.family == attempt.family && other.fate != Fate::Unbound)
        .collect::<Vec<_>>();
    if let Some(last) = of_family.last() {
        let is_early = match (last.fate, last.disturbance) {
            (_, Disturbance::Gone | Disturbance::Frozen) | (Fate::Failed | Fate::Refused, _) => false,
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
        let is_undisturbed = failures.iter().all(|other| other.disturbance == Disturbance::None);
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
