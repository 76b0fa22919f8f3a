//! What goes wrong, and how often.

use std::cell::Cell;

use super::cognito::Mix;
use super::world::World;
use crate::ports::Millis;

/// A kind of thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A request or its answer was lost, cut or mixed up with another, or something else answered: a gateway, a throttle.
    Network,
    /// The store refused, was slow, or wrote and said that it had not.
    Storage,
    /// The store was emptied, a record damaged, or its key lost.
    Damage,
    /// A page was killed, or its client closed, in the middle of something.
    Crash,
    /// A page was frozen for a while.
    Freeze,
    /// The device's clock was set.
    Clock,
    /// The device slept.
    Sleep,
    /// There are no locks between pages.
    Unlocked,
    /// A lock was not given, or too late, or was taken from a page that held it.
    Lock,
    /// A page was not notified that another had written.
    Channel,
    /// There were no random numbers.
    Random,
}

impl Fault {
    pub(super) const ALL: &[Fault] = &[
        Self::Network,
        Self::Storage,
        Self::Damage,
        Self::Crash,
        Self::Freeze,
        Self::Clock,
        Self::Sleep,
        Self::Unlocked,
        Self::Lock,
        Self::Channel,
        Self::Random,
    ];
}

/// Which kinds of runs there are. A seed's is `seed % KINDS.len()`.
pub(super) const KINDS: [Kind; 11] = [
    Kind::named("calm", &[]),
    Kind::named("network", &[Fault::Network]),
    Kind::named("storage", &[Fault::Storage, Fault::Damage]),
    Kind::named("crashes", &[Fault::Crash]),
    Kind::named("freezes", &[Fault::Freeze]),
    Kind::named("clocks", &[Fault::Clock, Fault::Sleep]),
    Kind::named("no locks", &[Fault::Unlocked, Fault::Network, Fault::Crash]),
    Kind::named("bad locks", &[Fault::Lock]),
    Kind::named("lost words", &[Fault::Channel]),
    Kind::named("no random numbers", &[Fault::Random]),
    Kind::named(
        "everything",
        &[
            Fault::Network,
            Fault::Storage,
            Fault::Damage,
            Fault::Crash,
            Fault::Freeze,
            Fault::Clock,
            Fault::Sleep,
            Fault::Unlocked,
            Fault::Lock,
            Fault::Channel,
            Fault::Random,
        ],
    ),
];

/// A kind of run: what may go wrong in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    faults: &'static [Fault],
}

impl Kind {
    pub(super) const fn named(name: &'static str, faults: &'static [Fault]) -> Self {
        Self { name, faults }
    }

    pub(super) fn has(self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }
}

/// What may go wrong now, and what has.
#[derive(Debug)]
pub(super) struct Faults {
    pub(super) kind: Kind,
    /// `false` once the run quiets down.
    pub(super) is_active: Cell<bool>,
    pub(super) is_offline: Cell<bool>,
    /// Whether the browser knows that it is.
    pub(super) is_offline_known: Cell<bool>,
    /// Most requests fail.
    pub(super) is_outage: Cell<bool>,
    seen: Cell<u32>,
}

impl Faults {
    pub(super) fn of(kind: Kind) -> Self {
        Self {
            kind,
            is_active: Cell::new(true),
            is_offline: Cell::default(),
            is_offline_known: Cell::default(),
            is_outage: Cell::default(),
            seen: Cell::default(),
        }
    }

    /// From now on what this fault relaxes is relaxed.
    pub(super) fn saw(&self, fault: Fault) {
        self.seen.set(self.seen.get() | 1 << fault as u32);
    }

    pub(super) fn has_seen(&self, fault: Fault) -> bool {
        self.seen.get() & (1 << fault as u32) != 0
    }

    pub(super) fn heal(&self) {
        self.is_active.set(false);
        self.is_offline.set(false);
        self.is_offline_known.set(false);
        self.is_outage.set(false);
    }

    pub(super) fn may(&self, fault: Fault) -> bool {
        self.is_active.get() && self.kind.has(fault)
    }
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// The service is asked and its answer arrives.
    Through,
    /// The request never arrives.
    LostBefore,
    /// The service acts, and the answer never arrives.
    LostAfter,
    /// Nothing ever comes, not even the end of the connection.
    Silence,
    /// The service does not act, and something answers with this status.
    Refused(u16),
    /// The same, with a `Retry-After`.
    RefusedFor(i64),
    /// The service throttles.
    Throttled,
    /// The service acts, and a page of HTML arrives.
    Html,
    /// The service acts, and half its answer arrives.
    Half,
    /// The service acts, and its tokens arrive mixed up with others.
    Mixed(Mix),
    /// The service does not act, and something else refuses in its words, with a status that it does not refuse with.
    Impostor(u16),
    /// The service does not act, and something else says that all is well.
    Foreign,
}

/// How a request travels: how long there, what becomes of it, how long back.
pub(super) fn route(world: &World) -> (Millis, Route, Millis) {
    let (there, back) = (latency(world), latency(world));
    if world.faults.is_offline.get() {
        world.faults.saw(Fault::Network);
        return (there, Route::LostBefore, 0);
    }
    let often = if world.faults.is_outage.get() { 850 } else { 80 };
    if !world.faults.may(Fault::Network) || !world.chance(often) {
        return (there, Route::Through, back);
    }
    world.faults.saw(Fault::Network);
    let route = match world.draw(13) {
        0 | 1 => Route::LostBefore,
        2 | 3 => Route::LostAfter,
        4 => Route::Silence,
        5 => Route::Refused(world.one_of(&[403, 429, 500, 502, 503])),
        6 => Route::RefusedFor(world.one_of(&[3, 40])),
        7 => Route::Throttled,
        8 => Route::Html,
        9 => Route::Half,
        10 => Route::Mixed(world.one_of(&Mix::ALL)),
        11 => Route::Impostor(world.one_of(&[302, 401, 403, 500, 503])),
        _ => Route::Foreign,
    };
    (there, route, back)
}

fn latency(world: &World) -> Millis {
    match world.draw(10) {
        0..5 => 0,
        5..9 => world.draw(200) as Millis,
        _ => world.draw(2500) as Millis,
    }
}

/// What becomes of an operation on the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Done,
    /// It is not done, and fails.
    Failed,
    /// It is done, and fails all the same.
    DoneAndFailed,
}

/// How long an operation on the store takes, and what becomes of it.
pub(super) fn access(world: &World) -> (Millis, Access) {
    let usual = if world.chance(100) { world.draw(30) as Millis } else { 0 };
    if !world.faults.may(Fault::Storage) || !world.chance(60) {
        return (usual, Access::Done);
    }
    world.faults.saw(Fault::Storage);
    match world.draw(5) {
        0 => (usual, Access::DoneAndFailed),
        1 => (world.draw(9000) as Millis, Access::Done),
        _ => (usual, Access::Failed),
    }
}

/// What becomes of a page's wish for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// It has the lock when its turn comes, until it gives it up.
    Kept,
    /// It is refused at once: the browser has locks, and not for this page now.
    Refused,
    /// Its turn never comes, and it is notified so when its patience is over.
    Never,
    /// It is not even notified that. A browser's lock manager may hang.
    Silence,
    /// It is notified this much later than its turn came, and others wait meanwhile: a hidden page is slow.
    Late(Millis),
    /// It is taken away again so soon, and the page is not notified: `steal`, or a lease that a slow page did not renew.
    Taken(Millis),
}

/// What a page gets that wishes for a lock, and has so much patience.
pub(super) fn grant(world: &World, patience: Millis) -> Grant {
    if !world.faults.may(Fault::Lock) || !world.chance(250) {
        return Grant::Kept;
    }
    world.faults.saw(Fault::Lock);
    match world.draw(8) {
        0 => Grant::Refused,
        1 => Grant::Never,
        2 => Grant::Silence,
        // A client that waits no longer has to leave the lock to others.
        3 => Grant::Late(world.draw(patience as u64 + 2_000) as Millis),
        4 => Grant::Late(patience + world.draw(500) as Millis),
        _ => Grant::Taken(latency(world)),
    }
}

/// Whether a page that listens is not notified what another says.
pub(super) fn is_word_lost(world: &World) -> bool {
    let is_lost = world.faults.may(Fault::Channel) && world.chance(400);
    if is_lost {
        world.faults.saw(Fault::Channel);
    }
    is_lost
}

/// Whether there are random numbers when a page asks for some.
pub(super) fn has_random(world: &World) -> bool {
    let is_dry = world.faults.may(Fault::Random) && world.chance(500);
    if is_dry {
        world.faults.saw(Fault::Random);
    }
    !is_dry
}
