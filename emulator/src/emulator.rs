//! One running emulator: the state, the clock, the faults and the log, each behind its own lock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::faults::Faults;
use crate::ops::{self, Answer};
use crate::request_log::RequestLog;
use crate::state::State;
use crate::trace::{Trace, trace};

/// How many requests may be underway, those that are held or delayed among them. No test needs as many; without a bound, a
/// rule that holds everything would keep every request that ever comes.
pub const MOST_UNDERWAY: usize = 1000;

/// One running emulator.
#[derive(Debug)]
pub struct Emulator {
    initial: State,
    state: Mutex<State>,
    pub(crate) clock: Clock,
    faults: Mutex<Faults>,
    log: Mutex<RequestLog>,
    /// One for each request that may be underway.
    pub(crate) places: Arc<Semaphore>,
}

impl Emulator {
    /// An emulator that begins with these pools, and comes back to them.
    pub fn new(initial: State) -> Self {
        for pool in initial.pools.values() {
            pool.keys.warm_up();
        }
        Self {
            state: Mutex::new(initial.clone()),
            initial,
            clock: Clock::default(),
            faults: Mutex::default(),
            log: Mutex::default(),
            places: Arc::new(Semaphore::new(MOST_UNDERWAY)),
        }
    }

    /// Carries out an operation now, and says whom it was about.
    pub(crate) fn perform(&self, operation: &str, members: &Map<String, Value>) -> (Trace, Answer) {
        let mut state = self.state();
        let mut seen = trace(&mut state, operation, members);
        let answer = ops::perform(&mut state, operation, members, self.clock.now());
        if seen.username.is_none() {
            // A user who has just signed up.
            seen.username = trace(&mut state, operation, members).username;
        }
        (seen, answer)
    }

    /// Whom a request is about.
    pub(crate) fn trace(&self, operation: &str, members: &Map<String, Value>) -> Trace {
        trace(&mut self.state(), operation, members)
    }

    /// Everything as it was at the start.
    pub(crate) fn reset(&self) {
        *self.state() = self.initial.clone();
        self.clock.reset();
        self.faults().clear();
        self.log().cut_off();
    }

    /// What is remembered.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        unpoisoned(&self.state)
    }

    /// The fault rules.
    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        unpoisoned(&self.faults)
    }

    /// The requests so far.
    pub(crate) fn log(&self) -> MutexGuard<'_, RequestLog> {
        unpoisoned(&self.log)
    }
}

/// A panic in one request must not refuse all later ones.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
