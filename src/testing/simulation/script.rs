//! What happens in a run: a seed's story, and the quiet after it.

use std::rc::Rc;

use super::calls::Ask;
use super::choices::Choices;
use super::cognito::{Cognito, USERS};
use super::faults::{Fault, Faults, KINDS, Kind};
use super::invariants::{self, Invariant};
use super::page::Page;
use super::world::World;
use crate::core::user_state::UserState;
use crate::ports::{Millis, Signal, StorageKind};

/// How many things happen in a run, at most.
const ACTIONS: u64 = 40;

/// The most pages at a time.
const MOST_PAGES: usize = 4;

/// How long everything may take to end after the last thing has happened: the longest wait for a sign-in, and some.
const QUIET: Millis = 720_000;

/// How long it may take until every page has heard of a change.
const HEARING: Millis = 2_000;

/// How much may run in one moment, and in one run. More is a loop.
const MOST_AT_ONCE: u32 = 3_000;
const MOST_IN_A_RUN: u32 = 60_000;

/// The kind of run that a seed gives.
pub(super) fn kind_of(seed: u64) -> Kind {
    KINDS[(seed % KINDS.len() as u64) as usize]
}

/// Runs a seed's story. Gives the trace, where one was asked for, and the promise that was broken.
pub(super) fn run(seed: u64, is_traced: bool) -> (Vec<String>, Option<String>) {
    let mut choices = Choices::seeded(seed);
    let mut one_of = |list: &[i64]| list[choices.draw(list.len() as u64) as usize];
    let rotation = match one_of(&[-1, 0, 10, 30, 60, 60]) {
        -1 => None,
        seconds => Some(seconds * 1000),
    };
    let life = one_of(&[300, 600, 3600]);
    let is_modern = rotation.is_some() || one_of(&[0, 1, 1]) == 1;
    let kind = match one_of(&[0, 0, 0, 1]) {
        0 => StorageKind::IndexedDb,
        _ => StorageKind::LocalStorage,
    };
    let (asks_codes, tracks_devices) = (one_of(&[0, 0, 0, 1]) == 1, one_of(&[0, 0, 0, 0, 0, 0, 0, 1]) == 1);
    // Where locks may go wrong, some stories are without any.
    let faults = Faults::of(kind_of(seed));
    if faults.kind.has(Fault::Unlocked) && (!faults.kind.has(Fault::Lock) || one_of(&[0, 0, 1]) == 1) {
        faults.saw(Fault::Unlocked);
    }
    let mut cognito = Cognito::new(rotation, life, is_modern);
    (cognito.asks_codes, cognito.tracks_devices) = (asks_codes, tracks_devices);
    let world = World::new(choices, cognito, faults, is_traced);
    world.store.borrow_mut().kind = kind;
    world.note(|| format!("rotation {rotation:?} ms, tokens live {life} s, {kind:?}"));
    let is_unlocked = world.faults.has_seen(Fault::Unlocked);
    world.note(|| format!("codes {asks_codes}, devices {tracks_devices}, no locks {is_unlocked}"));
    let mut story = Story::of(&world);
    let violation = story.tell().and_then(|()| story.quiet_down());
    let trace = world.take_trace();
    world.end();
    (trace, violation.err())
}

/// A run under way. Whatever it does ends with the promise that was broken, if one was.
pub(super) struct Story {
    pub(super) world: Rc<World>,
    resume_at: Millis,
    ran: u32,
    ran_at_once: u32,
}

impl Story {
    pub(super) fn of(world: &Rc<World>) -> Self {
        Self {
            world: Rc::clone(world),
            resume_at: 0,
            ran: 0,
            ran_at_once: 0,
        }
    }

    fn tell(&mut self) -> Result<(), String> {
        let pages = 1 + self.world.draw(3);
        for _ in 0..pages {
            self.world.open_page();
        }
        // Most runs begin with a signed-in user.
        if self.world.chance(800) {
            self.run_for(1_000)?;
            let page = self.any_page();
            self.world.ask(&page, Ask::SignIn(0, true));
            self.run_for(8_000)?;
        }
        let mut left = 5 + self.world.draw(ACTIONS - 5);
        while left > 0 {
            let is_due = self.world.awake() >= self.resume_at;
            let ready = self.world.ready();
            if is_due && (ready.is_empty() || self.world.chance(80)) {
                left -= 1;
                self.act();
                self.check()?;
            } else if ready.is_empty() {
                let due = self.world.next_due().unwrap_or(self.resume_at);
                self.pass(due.min(self.resume_at.max(self.world.awake())))?;
            } else {
                self.run_one(&ready)?;
            }
        }
        Ok(())
    }

    /// One thing happens, and then the next at once, soon, or much later.
    fn act(&mut self) {
        let world = Rc::clone(&self.world);
        self.resume_at = world.awake()
            + match world.draw(20) {
                0..11 => 0,
                11..15 => world.draw(50) as Millis,
                15..18 => world.draw(20_000) as Millis,
                18 => world.draw(120_000) as Millis,
                _ => world.cognito.borrow().life * 1000 - world.draw(200_000) as Millis,
            };
        let page = self.any_page();
        match world.draw(100) {
            0..40 => self.get_tokens(&page),
            40..50 => {
                world.ask(
                    &page,
                    Ask::SignIn(world.draw(USERS.len() as u64) as usize, world.chance(900)),
                );
            }
            50..58 => {
                let (globally, revokes) = (world.chance(200), world.chance(850));
                world.ask(&page, Ask::SignOut { globally, revokes });
            }
            58 => {
                world.ask(&page, Ask::Clear);
            }
            59..62 => {
                world.note(|| format!("page {} ends the waits", page.id));
                if let Some(client) = page.client() {
                    client.release_sign_in_wait();
                }
            }
            62..66 => self.abort_one(),
            66..69 => page.is_listening.set(!page.is_listening.get()),
            69..72 => world.signal(&page, Signal::Visible),
            72..75 => {
                if world.open_pages().len() < MOST_PAGES {
                    world.open_page();
                }
            }
            75..77 => {
                let user = world.draw(USERS.len() as u64) as usize;
                world.note(|| format!("an administrator ends the sessions of {}", USERS[user]));
                world.cognito.borrow_mut().revoke_user(user);
            }
            77..82 => self.use_pool(&page),
            _ => self.go_wrong(&page),
        }
    }

    /// What only some pools have: questions, devices. And the end of an account.
    fn use_pool(&self, page: &Rc<Page>) {
        let world = &self.world;
        let (asks_codes, tracks_devices) = {
            let cognito = world.cognito.borrow();
            (cognito.asks_codes, cognito.tracks_devices)
        };
        match world.draw(8) {
            0..4 if asks_codes => {
                for page in world.open_pages() {
                    world.ask(&page, Ask::Resume);
                }
            }
            4 if asks_codes => drop(world.ask(page, Ask::Confirm(world.chance(800)))),
            0..3 if tracks_devices => drop(world.ask(page, Ask::ForgetDevice)),
            3 if tracks_devices => {
                let user = world.draw(USERS.len() as u64) as usize;
                world.note(|| format!("an administrator forgets the devices of {}", USERS[user]));
                world.cognito.borrow_mut().forget_devices_of(user);
            }
            5 if tracks_devices => drop(world.ask(page, Ask::Clear)),
            6 => drop(world.ask(page, Ask::DeleteUser)),
            _ => {}
        }
    }

    /// Something of what may go wrong in this kind of run does.
    fn go_wrong(&mut self, page: &Rc<Page>) {
        let world = Rc::clone(&self.world);
        let may = |fault| world.faults.may(fault);
        match world.draw(8) {
            0 if may(Fault::Crash) => world.kill(page),
            1 if may(Fault::Crash) => {
                world.kill(page);
                world.open_page();
            }
            2 if may(Fault::Crash) => world.close(page),
            0 | 1 | 3 if may(Fault::Freeze) && !page.is_frozen.get() => world.freeze(page),
            2 | 4 if may(Fault::Freeze) => {
                let frozen = world.open_pages().into_iter().find(|page| page.is_frozen.get());
                if let Some(frozen) = frozen {
                    world.thaw(&frozen);
                }
            }
            5 if may(Fault::Damage) && world.chance(400) => world.damage_store(),
            3 | 4 if may(Fault::Clock) => {
                let by = if world.chance(300) {
                    // The tokens look as if they had just come.
                    -world.cognito.borrow().age_of_last(world.now())
                } else {
                    world.one_of(&[
                        -86_400_000,
                        -7_200_000,
                        -600_000,
                        -60_000,
                        -3_000,
                        3_000,
                        60_000,
                        7_200_000,
                        86_400_000,
                    ])
                };
                world.note(|| format!("the clock is set by {by} ms"));
                world.set_clock(by);
            }
            5 | 6 if may(Fault::Sleep) => {
                let time = world.one_of(&[60_000, 1_000_000, 30_000_000]);
                world.note(|| format!("the device sleeps for {time} ms"));
                world.sleep_device(time);
            }
            6 if may(Fault::Network) => {
                let is_outage = !world.faults.is_outage.get();
                world.note(|| format!("outage: {is_outage}"));
                world.faults.is_outage.set(is_outage);
            }
            7 if may(Fault::Network) => self.connect(!world.faults.is_offline.get()),
            // Nothing goes wrong: time goes on.
            _ => self.resume_at = self.resume_at.max(world.awake() + world.draw(400_000) as Millis),
        }
        if world.open_pages().is_empty() {
            world.open_page();
        }
    }

    /// The connection goes or comes. The browser may not know.
    fn connect(&self, is_offline: bool) {
        let world = &self.world;
        let is_known = is_offline && world.chance(700);
        let was_known = world.faults.is_offline_known.replace(is_known);
        world.note(|| format!("offline: {is_offline}, known {is_known}"));
        world.faults.saw(Fault::Network);
        world.faults.is_offline.set(is_offline);
        for page in world.open_pages() {
            if is_known {
                world.signal(&page, Signal::Offline);
            } else if was_known {
                world.signal(&page, Signal::Online);
            }
        }
    }

    fn get_tokens(&self, page: &Rc<Page>) {
        let world = &self.world;
        let ask = Ask::GetTokens {
            forces: world.chance(150),
            waits: world.one_of(&[None, None, Some(false), Some(true)]),
            timeout: world.one_of(&[None, None, None, Some(3_000)]),
        };
        // Apps ask for tokens in several places, and in every tab.
        let times = 1 + world.draw(3) * world.draw(2);
        for _ in 0..times {
            world.ask(page, ask);
        }
        if world.chance(400) {
            for other in world.open_pages() {
                world.ask(&other, ask);
            }
        }
    }

    fn abort_one(&self) {
        let mut ledger = self.world.ledger.borrow_mut();
        let pending = ledger
            .calls
            .iter_mut()
            .filter(|call| !call.is_over && call.ask != Ask::Initialize)
            .collect::<Vec<_>>();
        let count = pending.len() as u64;
        if let Some(call) = pending.into_iter().nth(self.world.draw(count) as usize) {
            self.world
                .note(|| format!("{:?} on page {} is aborted", call.ask, call.page));
            call.is_aborted = true;
            call.abort.abort();
        }
    }

    fn any_page(&self) -> Rc<Page> {
        let pages = self.world.open_pages();
        Rc::clone(&pages[self.world.draw(pages.len() as u64) as usize])
    }

    /// Nothing goes wrong any more, and everything has to end well.
    pub(super) fn quiet_down(&mut self) -> Result<(), String> {
        let world = Rc::clone(&self.world);
        world.note(|| "quiet".into());
        world.faults.heal();
        let frozen = world
            .pages
            .borrow()
            .iter()
            .filter(|page| page.is_frozen.get())
            .cloned()
            .collect::<Vec<_>>();
        for page in frozen {
            world.thaw(&page);
        }
        for page in world.open_pages() {
            page.is_listening.set(false);
            world.signal(&page, Signal::Online);
        }
        self.run_for(QUIET)?;
        let pending = world.ledger.borrow().calls.iter().position(|call| !call.is_over);
        let name = || {
            format!(
                "Call {pending:?}: {:?}",
                pending.map(|number| world.ledger.borrow().calls[number].ask)
            )
        };
        world.demand(Invariant::Settles, pending.is_none(), name);
        // A user who comes back to a page looks at it.
        for _ in 0..2 {
            for page in world.open_pages() {
                world.signal(&page, Signal::Visible);
            }
            self.run_for(60_000)?;
        }
        self.agree()?;
        self.check_revocations();
        invariants::forgotten(&world);
        self.check()
    }

    /// Every page is asked for tokens, and all have the same.
    fn agree(&mut self) -> Result<(), String> {
        let world = Rc::clone(&self.world);
        let pages = world.open_pages();
        for _ in 0..2 {
            // The first may end what no call has asked for since it was refused; the others hear of it.
            for page in &pages {
                let ask = Ask::GetTokens {
                    forces: false,
                    waits: Some(false),
                    timeout: None,
                };
                world.ask(page, ask);
            }
            self.run_for(60_000)?;
        }
        // A page may have renewed tokens just now, and not all have heard of it.
        while world.awake() - world.ledger.borrow().stored < HEARING {
            self.run_for(HEARING)?;
        }
        let stored = invariants::kept_in_store(&world);
        for page in &pages {
            let expected = match stored {
                None => UserState::SignedOut,
                Some(kept) if kept.issue.is_none() => UserState::SignedOutUserPoolsTokenInvalid,
                Some(_) => UserState::SignedIn,
            };
            let has = page
                .client()
                .and_then(|client| invariants::kept(&world, client.session_in_memory()?.as_ref()).into());
            let is_same = page.state() == expected && has == stored;
            world.demand(Invariant::Agreement, is_same, || {
                format!(
                    "Page {} is {:?} with {has:?}, and the store has {stored:?}.",
                    page.id,
                    page.state()
                )
            });
        }
        self.check()
    }

    /// Sessions that have ended here have ended at the service.
    fn check_revocations(&self) {
        let world = &self.world;
        let stored = invariants::kept_in_store(world).and_then(|kept| kept.family);
        let ledger = world.ledger.borrow();
        let spares = ledger
            .calls
            .iter()
            .any(|call| matches!(call.ask, Ask::SignOut { revokes: false, .. }));
        for (number, family) in world.cognito.borrow().families.iter().enumerate() {
            let is_forgiven = spares || ledger.forgiven.contains(&number) || family.is_over_at(world.now());
            let is_over = family.is_revoked || stored == Some(number) || is_forgiven;
            world.demand(Invariant::Revoked, is_over, || {
                let token = world
                    .cognito
                    .borrow()
                    .refresh_tokens
                    .iter()
                    .position(|token| token.family == number);
                format!(
                    "Session {number}, which began with refresh-{}, lives on.",
                    token.unwrap_or_default()
                )
            });
        }
    }

    /// Runs everything until this much time has passed.
    pub(super) fn run_for(&mut self, time: Millis) -> Result<(), String> {
        let end = self.world.awake() + time;
        loop {
            let ready = self.world.ready();
            if !ready.is_empty() {
                self.run_one(&ready)?;
                continue;
            }
            match self.world.next_due().filter(|due| *due <= end) {
                Some(due) => self.pass(due)?,
                None => return self.pass(end),
            }
        }
    }

    fn run_one(&mut self, ready: &[u32]) -> Result<(), String> {
        self.world.run_one(ready);
        self.ran += 1;
        self.ran_at_once += 1;
        let is_loop = self.ran_at_once > MOST_AT_ONCE || self.ran > MOST_IN_A_RUN;
        self.world
            .demand(Invariant::Settles, !is_loop, || "The run never ends.".into());
        invariants::stepped(&self.world);
        self.check()
    }

    fn pass(&mut self, moment: Millis) -> Result<(), String> {
        invariants::idle(&self.world);
        if moment > self.world.awake() {
            self.ran_at_once = 0;
        }
        self.world.advance_to(moment);
        self.check()
    }

    pub(super) fn check(&self) -> Result<(), String> {
        match self.world.violation() {
            Some(violation) => Err(violation),
            None => Ok(()),
        }
    }
}
