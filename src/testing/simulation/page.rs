//! A tab: a page with a client, and the ports that the world gives it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, LocalBoxFuture, select};
use zeroize::Zeroizing;

use super::calls::Ask;
use super::faults::{Fault, Grant, grant, has_random, is_word_lost};
use super::invariants::{self, Invariant};
use super::ledger::Disturbance;
use super::locks::Ticket;
use super::world::{PageId, World, pause};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::engine::{Client, Host, Notice};
use crate::ports::{Channel, Clock, ContextData, Lock, Millis, Navigator, Passkeys, Random, Signal, Spawn, Timer};

/// For how long a client may wait for a lock, and some.
const LOCK_PATIENCE: Millis = 30_000;

/// A page, from its loading to its end.
pub(super) struct Page {
    pub(super) id: PageId,
    pub(super) client: RefCell<Option<Client<Tab>>>,
    pub(super) born: Millis,
    /// Its monotonic clock began at another moment than others'.
    epoch: Millis,
    /// Whether the app could ask the user to sign in.
    pub(super) is_listening: Cell<bool>,
    pub(super) background_refresh: bool,
    habit: Cell<Habit>,
    /// How often the habit may still be followed.
    patience: Cell<u32>,
    pub(super) is_ready: Cell<bool>,
    pub(super) is_frozen: Cell<bool>,
    /// It was notified before it froze, and will be when it wakes.
    knows_of_freeze: Cell<bool>,
    /// It hears no other tab while it is frozen.
    is_deaf: Cell<bool>,
    pub(super) thawed: Cell<Millis>,
    /// When it last was not notified that another had written, until it looks into the store.
    pub(super) missed: Cell<Option<Millis>>,
    /// When it looked after that.
    pub(super) looked: Cell<Millis>,
    /// It held a lock when it froze, or waited for one, and others go on without.
    keeps_lock: Cell<bool>,
    /// When it last stored a record, and how many attempts to renew tokens there had been by then.
    pub(super) stored: Cell<(usize, Millis)>,
    pub(super) knew_of_last_freeze: Cell<bool>,
    pub(super) is_gone: Cell<bool>,
    is_telling: Cell<bool>,
    pub(super) notified: RefCell<Told>,
}

/// What a page was notified.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) last_state: UserState,
    /// The last state that listeners were notified, and whose.
    pub(super) last: Option<(UserState, Option<usize>)>,
    /// How many calls there had been by then, and when that was.
    pub(super) last_at_call: usize,
    pub(super) last_at: Millis,
    pub(super) refreshed: Option<usize>,
    /// Each family whose sign-in was notified, and when.
    pub(super) signed_in: Vec<(usize, Millis)>,
    pub(super) signed_out: Option<Millis>,
    /// How often the user's own sign-out was notified.
    pub(super) sign_outs: usize,
    pub(super) invalid: Option<Millis>,
    /// Families that this page itself has signed out.
    pub(super) ended_here: Vec<usize>,
}

impl Told {
    /// Whether the family's sign-in was notified.
    pub(super) fn has_begun(&self, family: usize) -> bool {
        self.signed_in.iter().any(|(known, _)| *known == family)
    }
}

/// What the app on a page does when it is notified something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    Nothing,
    /// Asks for tokens whatever it is notified.
    GetsTokens,
    /// Signs in when no user is signed in.
    SignsIn,
    /// Signs out when a user has signed in.
    SignsOut,
    /// Ends every wait.
    Releases,
    /// Does at once what makes the client tell something more.
    Interrupts,
}

/// A page's hold on the world: the environment of its client.
#[derive(Clone)]
pub(super) struct Tab {
    pub(super) world: Rc<World>,
    pub(super) page: Rc<Page>,
}

impl World {
    /// Loads a page.
    pub(super) fn open_page(self: &Rc<Self>) -> Rc<Page> {
        let page = Rc::new(Page {
            id: self.pages.borrow().len(),
            client: RefCell::default(),
            born: self.awake(),
            epoch: self.awake() - self.draw(100_000) as Millis,
            is_listening: Cell::new(self.draw(2) == 0),
            background_refresh: self.chance(250),
            habit: Cell::new(self.one_of(&[
                Habit::Nothing,
                Habit::Nothing,
                Habit::Nothing,
                Habit::GetsTokens,
                Habit::SignsIn,
                Habit::SignsOut,
                Habit::Releases,
                Habit::Interrupts,
            ])),
            patience: Cell::new(2),
            is_ready: Cell::default(),
            is_frozen: Cell::default(),
            knows_of_freeze: Cell::default(),
            is_deaf: Cell::default(),
            thawed: Cell::default(),
            missed: Cell::default(),
            looked: Cell::default(),
            keeps_lock: Cell::default(),
            stored: Cell::default(),
            knew_of_last_freeze: Cell::default(),
            is_gone: Cell::default(),
            is_telling: Cell::default(),
            notified: RefCell::default(),
        });
        self.pages.borrow_mut().push(Rc::clone(&page));
        let tab = Tab {
            world: Rc::clone(self),
            page: Rc::clone(&page),
        };
        page.client.replace(Some(Client::new(tab.clone(), tab)));
        self.note(|| {
            format!(
                "page {} is opened, {:?}, listening {}",
                page.id,
                page.habit.get(),
                page.is_listening.get()
            )
        });
        self.ask(&page, Ask::Initialize);
        page
    }

    /// The pages that are there.
    pub(super) fn open_pages(&self) -> Vec<Rc<Page>> {
        self.pages
            .borrow()
            .iter()
            .filter(|page| !page.is_gone.get())
            .cloned()
            .collect()
    }

    /// The page is gone in the middle of whatever it does.
    pub(super) fn kill(&self, page: &Page) {
        self.note(|| format!("page {} is killed", page.id));
        self.faults.saw(Fault::Crash);
        page.is_frozen.set(false);
        page.thawed.set(self.awake());
        self.leave(page);
        self.drop_tasks_of(page.id);
        self.locks.release(page.id);
        page.client.take();
        self.forget_calls_of(page.id);
    }

    /// The app closes the client. Its calls have to end.
    pub(super) fn close(&self, page: &Page) {
        self.note(|| format!("the client of page {} is closed", page.id));
        self.faults.saw(Fault::Crash);
        self.leave(page);
        if let Some(client) = page.client() {
            client.close();
        }
    }

    /// A page does nothing any more, and what it did is left as it is.
    fn leave(&self, page: &Page) {
        page.is_gone.set(true);
        self.ledger.borrow_mut().disturb(page.id, Disturbance::Gone);
    }

    pub(super) fn freeze(&self, page: &Page) {
        let is_notified = self.draw(2) == 0;
        self.note(|| format!("page {} is frozen, notified {is_notified}", page.id));
        self.faults.saw(Fault::Freeze);
        if let (Some(client), true) = (page.client(), is_notified) {
            client.signal(Signal::Suspended);
        }
        page.knows_of_freeze.set(is_notified);
        page.is_deaf.set(is_notified && self.draw(2) == 0);
        page.is_frozen.set(true);
        page.keeps_lock.set(self.locks.has(page.id));
        self.ledger.borrow_mut().disturb(page.id, Disturbance::Frozen);
    }

    /// Whether a frozen page keeps others from a lock, or did so a moment ago.
    pub(super) fn is_lock_kept(&self) -> bool {
        let pages = self.pages.borrow();
        let mut keepers = pages.iter().filter(|page| page.keeps_lock.get());
        keepers.any(|page| page.is_frozen.get() || self.awake() - page.thawed.get() < LOCK_PATIENCE)
    }

    pub(super) fn thaw(self: &Rc<Self>, page: &Rc<Page>) {
        self.note(|| format!("page {} is thawed", page.id));
        page.is_frozen.set(false);
        page.is_deaf.set(false);
        page.thawed.set(self.awake());
        page.knew_of_last_freeze.set(page.knows_of_freeze.get());
        if page.knows_of_freeze.replace(false) {
            self.signal(page, Signal::Resumed);
        }
        self.fire();
    }

    /// Tells a page, which hears of it when it runs.
    pub(super) fn signal(self: &Rc<Self>, page: &Rc<Page>, signal: Signal) {
        let (world, notified) = (Rc::clone(self), Rc::clone(page));
        let name = format!("page {} is notified: {signal:?}", page.id);
        let tell = async move {
            if matches!(signal, Signal::Online | Signal::Visible | Signal::Resumed) {
                world.ledger.borrow_mut().news.push(world.now());
            }
            if let Some(client) = notified.client() {
                client.signal(signal);
            }
        };
        self.spawn(name, Some(page.id), Some(page.id), tell);
    }
}

impl Page {
    pub(super) fn client(&self) -> Option<Client<Tab>> {
        self.client.borrow().clone()
    }

    pub(super) fn state(&self) -> UserState {
        // Not from a snapshot, which reads the ID token each time.
        self.client().map(|client| client.user_state()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Tab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tab({})", self.page.id)
    }
}

impl Host for Tab {
    fn notify(&self, notice: &Notice) {
        let page = &self.page;
        let is_inside = page.is_telling.replace(true);
        self.world.demand(Invariant::Order, !is_inside, || {
            format!("Page {} was notified while it was being notified.", page.id)
        });
        invariants::notified(&self.world, page, notice);
        if notice.state_change().is_some() {
            self.react(notice.snapshot.user_state);
        }
        page.is_telling.set(false);
    }

    fn is_listening(&self) -> bool {
        self.page.is_listening.get()
    }
}

impl Tab {
    /// What the app does inside its listener.
    fn react(&self, state: UserState) {
        let (world, page) = (&self.world, &self.page);
        if page.patience.get() == 0 || page.is_gone.get() || !world.faults.is_active.get() {
            return;
        }
        let ask = match (page.habit.get(), state) {
            (Habit::GetsTokens, _) => Ask::tokens(),
            (Habit::SignsIn, UserState::SignedOut | UserState::SignedOutUserPoolsTokenInvalid) => Ask::SignIn(0, true),
            (Habit::SignsOut, UserState::SignedIn) => Ask::SignOut {
                globally: false,
                revokes: true,
            },
            (Habit::Interrupts, _) => {
                if let Some(client) = page.client() {
                    client.signal(Signal::Offline);
                }
                return;
            }
            (Habit::Releases, _) => {
                if let Some(client) = page.client() {
                    client.release_sign_in_wait();
                }
                return;
            }
            _ => return,
        };
        page.patience.set(page.patience.get() - 1);
        world.ask(page, ask);
    }
}

impl Clock for Tab {
    fn now(&self) -> Millis {
        self.world.wall()
    }

    fn monotonic(&self) -> Millis {
        self.world.awake() - self.page.epoch
    }
}

impl Timer for Tab {
    async fn sleep(&self, time: Millis) {
        self.world.sleep(Some(self.page.id), time).await;
    }
}

impl Spawn for Tab {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        if self.page.client.borrow().is_some() {
            self.world.spawn(
                format!("page {}", self.page.id),
                Some(self.page.id),
                Some(self.page.id),
                future,
            );
        }
    }
}

impl Lock for Tab {
    type Guard = Ticket;

    async fn lock(&self, name: &str, patience: Millis) -> Option<Ticket> {
        pause().await;
        if self.world.faults.has_seen(Fault::Unlocked) {
            return None;
        }
        let ticket = Ticket::draw(&self.world, name, self.page.id);
        let grant = grant(&self.world, patience);
        self.world
            .note(|| format!("    page {} wants the lock: {grant:?}", self.page.id));
        let patience = match grant {
            Grant::Refused => return None,
            Grant::Silence => Millis::MAX / 2,
            _ => patience,
        };
        if matches!(grant, Grant::Never | Grant::Silence) {
            ticket.pass_over();
        }
        let turn = poll_fn(|context| ticket.poll_held(context));
        let Either::Left(_) = select(turn, pin!(self.sleep(patience))).await else {
            return None;
        };
        match grant {
            Grant::Late(time) => self.sleep(time).await,
            Grant::Taken(time) => ticket.lose_after(time),
            _ => {}
        }
        Some(ticket)
    }
}

impl Channel for Tab {
    fn announce(&self, _: &str) {
        for page in self.world.open_pages() {
            if page.id == self.page.id || !page.is_ready.get() || page.is_deaf.get() {
                continue;
            }
            if is_word_lost(&self.world) {
                self.world.note(|| {
                    format!(
                        "    page {} is not notified that page {} has written",
                        page.id, self.page.id
                    )
                });
                page.missed.set(Some(self.world.awake()));
                continue;
            }
            let delay = if self.world.chance(300) {
                self.world.draw(500) as Millis
            } else {
                0
            };
            let (world, listener) = (Rc::clone(&self.world), Rc::clone(&page));
            let tell = async move {
                if delay > 0 {
                    world.sleep(Some(listener.id), delay).await;
                }
                if let Some(client) = listener.client() {
                    client.signal(Signal::Changed);
                }
            };
            let name = format!("page {} hears that page {} has written", page.id, self.page.id);
            self.world.spawn(name, Some(page.id), Some(page.id), tell);
        }
    }
}

impl Navigator for Tab {
    fn is_online(&self) -> bool {
        !(self.world.faults.is_offline.get() && self.world.faults.is_offline_known.get())
    }
}

/// No story is notified of these.
impl Passkeys for Tab {
    async fn create(&self, _: &str) -> Result<Zeroizing<String>, AuthError> {
        std::future::pending().await
    }

    async fn get(&self, _: &str, _: bool) -> Result<Zeroizing<String>, AuthError> {
        std::future::pending().await
    }
}

impl ContextData for Tab {
    fn context_data(&self, _: &str, _: &str, _: &str) -> Option<String> {
        None
    }
}

impl Random for Tab {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError> {
        if !has_random(&self.world) {
            return Err(AuthError::new(Code::Internal, "There are no random numbers."));
        }
        bytes.fill_with(|| self.world.draw(256) as u8);
        Ok(())
    }
}
