//! The world of one run: time, tasks, and who runs next.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::choices::Choices;
use super::cognito::Cognito;
use super::faults::{Fault, Faults};
use super::invariants::Invariant;
use super::ledger::Ledger;
use super::locks::Locks;
use super::page::Page;
use super::store::Store;
use crate::ports::Millis;

/// When runs begin, in milliseconds since 1970.
pub(super) const START: Millis = 1_800_000_000_000;

/// What a page waits for by itself comes this soon.
const SOON: Millis = 2_000;

/// A page's number.
pub(super) type PageId = usize;

/// What is due, in order: whose it is, and who waits.
type Timers = BTreeMap<(Millis, u64), (Option<PageId>, Waker)>;

/// Everything that a run has.
pub(super) struct World {
    pub(super) choices: RefCell<Choices>,
    pub(super) faults: Faults,
    pub(super) store: RefCell<Store>,
    pub(super) locks: Locks,
    pub(super) cognito: RefCell<Cognito>,
    pub(super) ledger: RefCell<Ledger>,
    pub(super) pages: RefCell<Vec<Rc<Page>>>,
    /// For how long the device has been awake.
    awake: Cell<Millis>,
    /// For how long it has slept.
    slept: Cell<Millis>,
    /// By how much its clock is wrong.
    clock_error: Cell<Millis>,
    tasks: RefCell<BTreeMap<u32, Task>>,
    last_task: Cell<u32>,
    /// Whose task ran last.
    last_side: Cell<Side>,
    timers: RefCell<Timers>,
    last_timer: Cell<u64>,
    violation: RefCell<Option<String>>,
    trace: RefCell<Option<Vec<String>>>,
}

/// Whose doing something is: a page's, with all that the world does for it, or the script's.
type Side = Option<PageId>;

struct Task {
    name: String,
    /// The page that runs it. `None`: the world itself, whatever becomes of the page.
    owner: Option<PageId>,
    side: Side,
    /// Taken out while it is polled.
    future: Option<LocalBoxFuture<'static, ()>>,
    flag: Arc<Flag>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl World {
    pub(super) fn new(choices: Choices, cognito: Cognito, faults: Faults, is_traced: bool) -> Rc<Self> {
        Rc::new(Self {
            choices: RefCell::new(choices),
            faults,
            store: RefCell::default(),
            locks: Locks::default(),
            cognito: RefCell::new(cognito),
            ledger: RefCell::default(),
            pages: RefCell::default(),
            awake: Cell::default(),
            slept: Cell::default(),
            clock_error: Cell::default(),
            tasks: RefCell::default(),
            last_task: Cell::default(),
            last_side: Cell::default(),
            timers: RefCell::default(),
            last_timer: Cell::default(),
            violation: RefCell::default(),
            trace: RefCell::new(is_traced.then(Vec::new)),
        })
    }

    // Time

    /// The service's time, which is the true one.
    pub(super) fn now(&self) -> Millis {
        START + self.awake.get() + self.slept.get()
    }

    /// The device's.
    pub(super) fn wall(&self) -> Millis {
        self.now() + self.clock_error.get()
    }

    /// For how long the device has been awake.
    pub(super) fn awake(&self) -> Millis {
        self.awake.get()
    }

    /// For how long it has slept.
    pub(super) fn slept(&self) -> Millis {
        self.slept.get()
    }

    pub(super) fn set_clock(&self, by: Millis) {
        self.clock_error.set(self.clock_error.get() + by);
        self.ledger.borrow_mut().clock_was_set(by);
        self.faults.saw(Fault::Clock);
    }

    /// Time passes, and nothing runs.
    pub(super) fn sleep_device(&self, time: Millis) {
        self.slept.set(self.slept.get() + time);
        self.faults.saw(Fault::Sleep);
    }

    /// When the next timer of a page that is awake is due.
    pub(super) fn next_due(&self) -> Option<Millis> {
        let timers = self.timers.borrow();
        let mut awake = timers.iter().filter(|(_, (owner, _))| !self.is_frozen(*owner));
        awake.next().map(|((due, _), _)| *due)
    }

    /// Time passes up to this moment.
    pub(super) fn advance_to(&self, moment: Millis) {
        self.awake.set(moment.max(self.awake.get()));
        self.fire();
    }

    /// Fires what is due, also what was due while its page was frozen.
    pub(super) fn fire(&self) {
        let now = self.awake.get();
        let due = self
            .timers
            .borrow()
            .range(..=(now, u64::MAX))
            .map(|(key, (owner, _))| (*key, *owner))
            .collect::<Vec<_>>();
        for (key, owner) in due {
            if !self.is_frozen(owner)
                && let Some((_, waker)) = self.timers.borrow_mut().remove(&key)
            {
                waker.wake();
            }
        }
    }

    /// Waits as `owner`. Also without any time it resolves later.
    pub(super) fn sleep(self: &Rc<Self>, owner: Option<PageId>, time: Millis) -> Sleep {
        self.last_timer.set(self.last_timer.get() + 1);
        Sleep {
            world: Rc::clone(self),
            key: (self.awake.get() + time.max(0), self.last_timer.get()),
            owner,
            has_begun: false,
        }
    }

    // Tasks

    /// Adds a task of a page, or one that the world does for a page.
    pub(super) fn spawn(
        &self,
        name: String,
        owner: Option<PageId>,
        side: Side,
        future: impl Future<Output = ()> + 'static,
    ) {
        let id = self.last_task.get() + 1;
        self.last_task.set(id);
        let task = Task {
            name,
            owner,
            side,
            future: Some(future.boxed_local()),
            flag: Arc::new(Flag(AtomicBool::new(true))),
        };
        self.tasks.borrow_mut().insert(id, task);
    }

    /// Drops all that a page runs, wherever it stands.
    pub(super) fn drop_tasks_of(&self, page: PageId) {
        let ids = self
            .tasks
            .borrow()
            .iter()
            .filter(|(_, task)| task.owner == Some(page))
            .map(|(id, _)| *id)
            .collect::<Vec<_>>();
        for id in ids {
            let task = self.tasks.borrow_mut().remove(&id);
            drop(task);
        }
    }

    /// What can run now. What goes on with the page that ran last comes first.
    pub(super) fn ready(&self) -> Vec<u32> {
        let tasks = self.tasks.borrow();
        let ready = tasks
            .iter()
            .filter(|(_, task)| task.flag.0.load(Ordering::Relaxed) && !self.is_frozen(task.owner));
        let mut ready = ready
            .map(|(id, task)| (task.side != self.last_side.get(), *id))
            .collect::<Vec<_>>();
        ready.sort_unstable();
        ready.into_iter().map(|(_, id)| id).collect()
    }

    /// Runs one of them up to its next await.
    pub(super) fn run_one(&self, ready: &[u32]) {
        let goes_on = ready.first().is_some_and(|id| {
            self.tasks
                .borrow()
                .get(id)
                .is_some_and(|task| task.side == self.last_side.get())
        });
        let index = self.choices.borrow_mut().pick(ready.len(), goes_on && ready.len() > 1);
        let Some(id) = ready.get(index) else { return };
        let (mut future, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            let Some(task) = tasks.get_mut(id) else { return };
            task.flag.0.store(false, Ordering::Relaxed);
            self.last_side.set(task.side);
            self.note(|| format!("    {}", task.name));
            (
                task.future.take().expect("a task is not run inside itself"),
                Waker::from(Arc::clone(&task.flag)),
            )
        };
        let state = future.as_mut().poll(&mut Context::from_waker(&waker));
        let mut tasks = self.tasks.borrow_mut();
        match (state, tasks.get_mut(id)) {
            (Poll::Pending, Some(task)) => task.future = Some(future),
            _ => {
                let task = tasks.remove(id);
                drop(tasks);
                drop((task, future));
            }
        }
    }

    /// Whether the world still does something for a page, or a lock or a short pause is to come.
    pub(super) fn is_busy_for(&self, page: PageId) -> bool {
        let tasks = self.tasks.borrow();
        let soon = ..(self.awake.get() + SOON, 0);
        self.locks.has(page)
            || tasks
                .values()
                .any(|task| task.owner.is_none() && task.side == Some(page))
            || self
                .timers
                .borrow()
                .range(soon)
                .any(|(_, (owner, _))| *owner == Some(page))
    }

    /// Ends the world: its parts hold one another.
    pub(super) fn end(&self) {
        while let Some((_, task)) = { self.tasks.borrow_mut().pop_first() } {
            drop(task);
        }
        let pages = self.pages.take();
        for page in &pages {
            page.client.take();
        }
        self.timers.take();
    }

    // Chance, faults and failures

    /// A number below `n`.
    pub(super) fn draw(&self, n: u64) -> u64 {
        self.choices.borrow_mut().draw(n)
    }

    /// Whether something happens that does so this often in a thousand times.
    pub(super) fn chance(&self, in_a_thousand: u64) -> bool {
        in_a_thousand > 0 && self.draw(1000) >= 1000 - in_a_thousand
    }

    /// One of these.
    pub(super) fn one_of<T: Copy>(&self, list: &[T]) -> T {
        list[self.draw(list.len() as u64) as usize]
    }

    /// Holds the client to a promise, unless what has happened in this run relaxes it.
    pub(super) fn demand(&self, invariant: Invariant, holds: bool, detail: impl FnOnce() -> String) {
        if holds
            || invariant
                .rule()
                .relaxed_by
                .iter()
                .any(|fault| self.faults.has_seen(*fault))
        {
            return;
        }
        let text = format!("{} {}", invariant.rule().sentence, detail());
        self.note(|| format!("!!! {text}"));
        self.violation.borrow_mut().get_or_insert(text);
    }

    pub(super) fn violation(&self) -> Option<String> {
        self.violation.borrow().clone()
    }

    /// Adds a line to the trace.
    pub(super) fn note(&self, line: impl FnOnce() -> String) {
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            let (seconds, millis) = (self.awake.get() / 1000, self.awake.get() % 1000);
            trace.push(format!("{seconds:>6}.{millis:03} {}", line()));
        }
    }

    pub(super) fn take_trace(&self) -> Vec<String> {
        self.trace.take().unwrap_or_default()
    }

    fn is_frozen(&self, owner: Option<PageId>) -> bool {
        owner.is_some_and(|page| self.pages.borrow()[page].is_frozen.get())
    }
}

/// A wait in virtual time.
pub(super) struct Sleep {
    world: Rc<World>,
    key: (Millis, u64),
    owner: Option<PageId>,
    has_begun: bool,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_due = self.world.awake.get() >= self.key.0;
        if is_due && self.has_begun {
            return Poll::Ready(());
        }
        self.has_begun = true;
        self.world
            .timers
            .borrow_mut()
            .insert(self.key, (self.owner, context.waker().clone()));
        if is_due {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.world.timers.borrow_mut().remove(&self.key);
    }
}

/// Lets another task run.
pub(super) async fn pause() {
    let mut has_paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What the world does for a page, and the page waits for. The page may give up waiting.
pub(super) struct Slot<T> {
    value: RefCell<Option<T>>,
    waker: RefCell<Option<Waker>>,
    is_given_up: Cell<bool>,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            value: RefCell::default(),
            waker: RefCell::default(),
            is_given_up: Cell::default(),
        })
    }

    pub(super) fn fill(&self, value: T) {
        self.value.replace(Some(value));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.is_given_up.get()
    }

    pub(super) fn wait(self: &Rc<Self>) -> Waiting<T> {
        Waiting(Rc::clone(self))
    }
}

/// Waits for a [`Slot`].
pub(super) struct Waiting<T>(Rc<Slot<T>>);

impl<T> Future for Waiting<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if let Some(value) = self.0.value.take() {
            return Poll::Ready(value);
        }
        self.0.waker.replace(Some(context.waker().clone()));
        Poll::Pending
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        self.0.is_given_up.set(true);
    }
}
