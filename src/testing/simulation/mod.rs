//! Many tabs in one world: the client against everything that can happen to it, in virtual time.
//!
//! A run is a story made from one number, its seed. Up to four tabs share one store, one set of locks, one device and one
//! scripted Cognito with rotation, which may ask for codes or track devices. Things happen to them: calls, aborts, sign-ins
//! and sign-outs, questions that several tabs answer, devices that are forgotten, crashes, reloads, frozen tabs, lost
//! requests and answers, a store that fails or is damaged, locks that are not given or taken away, words to other tabs
//! that are lost, random numbers that are not there, clocks that jump. Who runs next is drawn at every await, so anything
//! can come between any two steps. At the end everything is quiet, and everything has to end well.
//!
//! `invariants.rs` says what is promised, and which faults relax it and why. `exhaustive.rs` leaves nothing to chance: it
//! tries every order of a few small cases.
//!
//! | command | what it does |
//! |---|---|
//! | `cargo test simulation` | some thousand stories, and all orders of the small cases |
//! | `SIMULATION_SEEDS=9000 cargo test simulation` | more of them, of each kind |
//! | `SIMULATION_SEED=123 cargo test simulation -- --nocapture` | one story, notified |

mod call_checks;
mod calls;
mod choices;
mod cognito;
mod device_checks;
mod exhaustive;
mod faults;
mod invariants;
mod kept;
mod ledger;
mod locks;
mod network;
mod notice_checks;
mod page;
mod record_checks;
mod refresh_checks;
mod script;
mod store;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};

use faults::{Fault, KINDS};
use script::{kind_of, run};

/// How many stories of each kind are notified.
const STORIES: u64 = 1000;

/// Tells stories of the kind at `index`, or the one that was asked for.
fn tell(index: u64) {
    let kinds = KINDS.len() as u64;
    match number("SIMULATION_SEED") {
        Some(seed) if seed % kinds == index => {
            let (trace, violation) = run(seed, true);
            println!("{}", trace.join("\n"));
            assert_eq!(violation, None, "seed {seed}");
        }
        Some(_) => {}
        None => {
            let count = number("SIMULATION_SEEDS").unwrap_or(STORIES);
            for seed in (0..count).map(|story| story * kinds + index) {
                let end = catch_unwind(AssertUnwindSafe(|| run(seed, false).1));
                let violation = end.unwrap_or_else(|_| Some("It panicked.".into()));
                if let Some(violation) = violation {
                    report(seed, &violation);
                }
            }
            println!("{count} stories: {}", kind_of(index).name);
        }
    }
}

/// Fails, with what has happened.
fn report(seed: u64, violation: &str) {
    let trace = catch_unwind(AssertUnwindSafe(|| run(seed, true).0)).unwrap_or_default();
    // What the tabs did by themselves is indented.
    let steps = trace
        .iter()
        .filter(|line| !line.get(11..).is_some_and(|line| line.starts_with("    ")));
    let steps = steps.map(|line| &**line).collect::<Vec<_>>().join("\n");
    panic!(
        "seed {seed} ({}): {violation}\n{steps}\nAll of it: SIMULATION_SEED={seed} cargo test simulation -- --nocapture",
        kind_of(seed).name
    );
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn every_promise_is_kept_while_nothing_goes_wrong() {
    tell(0);
}

#[test]
fn every_promise_is_kept_when_the_network_fails() {
    tell(1);
}

#[test]
fn every_promise_is_kept_when_the_store_fails() {
    tell(2);
}

#[test]
fn every_promise_is_kept_when_tabs_crash() {
    tell(3);
}

#[test]
fn every_promise_is_kept_when_tabs_freeze() {
    tell(4);
}

#[test]
fn every_promise_is_kept_when_clocks_jump_and_devices_sleep() {
    tell(5);
}

#[test]
fn every_promise_is_kept_without_locks() {
    tell(6);
}

#[test]
fn every_promise_is_kept_when_locks_are_not_given_or_are_taken_away() {
    tell(7);
}

#[test]
fn every_promise_is_kept_when_words_to_other_tabs_are_lost() {
    tell(8);
}

#[test]
fn every_promise_is_kept_without_random_numbers() {
    tell(9);
}

#[test]
fn every_promise_is_kept_when_everything_goes_wrong() {
    tell(10);
}

#[test]
fn a_story_is_the_same_whenever_it_is_notified() {
    for seed in 0..KINDS.len() as u64 {
        assert_eq!(run(seed, true), run(seed, true));
    }
}

#[test]
fn every_kind_of_fault_has_stories() {
    for fault in Fault::ALL {
        assert!(KINDS.iter().any(|kind| kind.has(*fault)), "{fault:?}");
    }
}
