//! An outside world in memory: what a test scripts and reads. Its ports are in `ports.rs`.

mod ports;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_executor::{LocalPool, LocalSpawner};
use futures_util::future::{Either, select};

use crate::core::api::http::{Request, Response};
use crate::core::error::{AuthError, Code};
use crate::ports::{Millis, StorageKind};
use crate::testing::answer;

/// An outside world that a test scripts and reads, as one page sees it.
#[derive(Clone, Default)]
pub(crate) struct FakeEnv(Rc<World>, Rc<Page>);

/// What each page has for itself.
#[derive(Default)]
struct Page {
    tab: Rc<BrowserTab>,
    memory: RefCell<BTreeMap<String, String>>,
}

/// What the pages of one tab have, one after the other.
#[derive(Default)]
struct BrowserTab {
    session: RefCell<BTreeMap<String, String>>,
    notes: RefCell<BTreeMap<String, String>>,
}

/// Like the browser, it does not print what it stores.
impl fmt::Debug for FakeEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeEnv")
    }
}

struct World {
    pool: RefCell<LocalPool>,
    spawner: LocalSpawner,
    wall: Cell<Millis>,
    monotonic: Cell<Millis>,
    turn: Cell<u64>,
    turn_waiters: RefCell<Vec<Waker>>,
    timers: RefCell<Vec<(Millis, Rc<Alarm>)>>,
    /// IndexedDB, localStorage and the app's own.
    store: RefCell<BTreeMap<String, String>>,
    local: RefCell<BTreeMap<String, String>>,
    custom: RefCell<BTreeMap<String, String>>,
    notes: RefCell<BTreeMap<String, String>>,
    foreign: RefCell<BTreeMap<String, String>>,
    store_refuses: Cell<bool>,
    store_is_held: Cell<bool>,
    store_is_unreadable: Cell<bool>,
    key_is_lost: Cell<bool>,
    kind: Cell<Option<StorageKind>>,
    answers: RefCell<VecDeque<(String, Result<Response, AuthError>)>>,
    standing: RefCell<BTreeMap<String, Result<Response, AuthError>>>,
    quoted: RefCell<BTreeSet<String>>,
    sent: RefCell<Vec<Request>>,
    held: Cell<bool>,
    held_operations: RefCell<BTreeSet<String>>,
    locks: RefCell<BTreeSet<String>>,
    lock_waiters: RefCell<Vec<Waker>>,
    announced: Cell<u32>,
    offline: Cell<bool>,
    date: Cell<Option<i64>>,
    drawn: Cell<u8>,
    has_no_random: Cell<bool>,
    knows_context: Cell<bool>,
    passkey_answers: RefCell<VecDeque<Result<String, Code>>>,
    ceremonies: RefCell<Vec<String>>,
}

impl Default for World {
    fn default() -> Self {
        let pool = LocalPool::new();
        Self {
            spawner: pool.spawner(),
            pool: RefCell::new(pool),
            wall: Cell::default(),
            monotonic: Cell::default(),
            turn: Cell::default(),
            turn_waiters: RefCell::default(),
            timers: RefCell::default(),
            store: RefCell::default(),
            local: RefCell::default(),
            custom: RefCell::default(),
            notes: RefCell::default(),
            foreign: RefCell::default(),
            store_refuses: Cell::default(),
            store_is_held: Cell::default(),
            store_is_unreadable: Cell::default(),
            key_is_lost: Cell::default(),
            kind: Cell::default(),
            answers: RefCell::default(),
            standing: RefCell::default(),
            quoted: RefCell::default(),
            sent: RefCell::default(),
            held: Cell::default(),
            held_operations: RefCell::default(),
            locks: RefCell::default(),
            lock_waiters: RefCell::default(),
            announced: Cell::default(),
            offline: Cell::default(),
            date: Cell::default(),
            drawn: Cell::default(),
            has_no_random: Cell::default(),
            knows_context: Cell::default(),
            passkey_answers: RefCell::default(),
            ceremonies: RefCell::default(),
        }
    }
}

impl FakeEnv {
    /// Another page of the same world.
    pub(crate) fn another_page(&self) -> Self {
        Self(Rc::clone(&self.0), Rc::default())
    }

    /// The next page of the same tab, as after a reload.
    pub(crate) fn reloaded(&self) -> Self {
        let page = Page {
            tab: Rc::clone(&self.1.tab),
            ..Page::default()
        };
        Self(Rc::clone(&self.0), Rc::new(page))
    }

    /// A page of a tab that the browser has made as a copy of this one.
    pub(crate) fn duplicated(&self) -> Self {
        let tab = BrowserTab {
            session: self.1.tab.session.clone(),
            notes: self.1.tab.notes.clone(),
        };
        let page = Page {
            tab: Rc::new(tab),
            ..Page::default()
        };
        Self(Rc::clone(&self.0), Rc::new(page))
    }

    /// Runs a future and, meanwhile, what was spawned; then what was spawned goes on until it waits for something.
    /// A future that waits for something that is held, or for time to pass, fails the test.
    pub(crate) fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let bounded = async {
            match select(pin!(future), pin!(self.turn_often(1000))).await {
                Either::Left((result, _)) => Some(result),
                Either::Right(_) => None,
            }
        };
        let result = self.0.pool.borrow_mut().run_until(bounded);
        let result = result.expect("the call waits for what does not come");
        self.settle();
        result
    }

    /// Lets everything that was spawned run until it waits for something that is held.
    pub(crate) fn settle(&self) {
        for _ in 0..100 {
            self.begin_turn();
            self.0.pool.borrow_mut().run_until_stalled();
            if self.0.turn_waiters.borrow().is_empty() {
                break;
            }
        }
    }

    /// Lets everything run for a few turns only.
    pub(crate) fn take_turns(&self, turns: u32) {
        for _ in 0..turns {
            self.begin_turn();
            self.0.pool.borrow_mut().run_until_stalled();
        }
    }

    /// The next request for this operation (or URL) is answered so.
    pub(crate) fn answer(&self, subject: &str, status: u16, body: &serde_json::Value) {
        self.answer_text(subject, status, &body.to_string());
    }

    /// The next request for this operation is answered with this text, JSON or not.
    pub(crate) fn answer_text(&self, subject: &str, status: u16, text: &str) {
        self.answer_with(subject, answer(status, text));
    }

    /// The next request for this operation is refused by this exception, with all that was sent in the message.
    pub(crate) fn quote(&self, subject: &str, exception: &str) {
        self.refuse(subject, exception);
        self.0.quoted.borrow_mut().insert(subject.into());
    }

    /// The next request for this operation is answered with exactly this.
    pub(crate) fn answer_with(&self, subject: &str, answer: Response) {
        self.0.answers.borrow_mut().push_back((subject.into(), Ok(answer)));
    }

    /// Requests for this operation that nothing else was scripted for are answered so.
    pub(crate) fn always_answer(&self, subject: &str, status: u16, body: &serde_json::Value) {
        let answer = Ok(answer(status, &body.to_string()));
        self.0.standing.borrow_mut().insert(subject.into(), answer);
    }

    /// Requests for this operation that nothing else was scripted for get no answer.
    pub(crate) fn always_cut(&self, subject: &str) {
        self.0.standing.borrow_mut().insert(subject.into(), Err(no_answer()));
    }

    /// The next request for this operation is answered with 503 and `Retry-After`.
    pub(crate) fn answer_later(&self, subject: &str, retry_after: i64) {
        self.answer(subject, 503, &serde_json::json!({}));
        if let Some((_, Ok(response))) = self.0.answers.borrow_mut().back_mut() {
            response.retry_after = Some(retry_after);
        }
    }

    /// The next request for this operation meets this exception.
    pub(crate) fn refuse(&self, subject: &str, exception: &str) {
        self.answer(subject, 400, &serde_json::json!({"__type": exception, "message": "no"}));
    }

    /// The next request for this operation gets no answer.
    pub(crate) fn cut(&self, subject: &str) {
        self.0
            .answers
            .borrow_mut()
            .push_back((subject.into(), Err(no_answer())));
    }

    /// While held, no request is answered.
    pub(crate) fn hold_answers(&self, held: bool) {
        self.0.held.set(held);
    }

    /// While held, no request for this operation is answered.
    pub(crate) fn hold_answers_to(&self, subject: &str, held: bool) {
        let mut operations = self.0.held_operations.borrow_mut();
        if held {
            operations.insert(subject.into());
        } else {
            operations.remove(subject);
        }
    }

    /// The operations that were asked for since the last look.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.0
            .sent
            .borrow_mut()
            .drain(..)
            .map(|request| request.subject().to_owned())
            .collect()
    }

    /// Where requests were sent since the last look.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.0.sent.borrow_mut().drain(..).map(|request| request.url).collect()
    }

    /// The bodies that were sent since the last look.
    pub(crate) fn bodies(&self) -> Vec<serde_json::Value> {
        let sent = self.0.sent.borrow_mut().drain(..).collect::<Vec<_>>();
        sent.iter()
            .map(|request| serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap())
            .collect()
    }

    /// Sets the device's clock, in seconds, as a user would: no time passes.
    pub(crate) fn set_now(&self, now: i64) {
        self.0.wall.set(now * 1000);
    }

    /// Lets time pass, and everything that waits for it happen.
    pub(crate) fn pass(&self, time: Millis) {
        let end = self.0.monotonic.get() + time;
        loop {
            self.settle();
            // A waiter that has given up has dropped the other half.
            self.0
                .timers
                .borrow_mut()
                .retain(|(_, alarm)| Rc::strong_count(alarm) > 1);
            let next = self.0.timers.borrow().iter().map(|(due, _)| *due).min();
            let now = next
                .filter(|due| *due <= end)
                .unwrap_or(end)
                .max(self.0.monotonic.get());
            let step = now - self.0.monotonic.get();
            self.0.monotonic.set(now);
            self.0.wall.set(self.0.wall.get() + step);
            let (due, later) = self
                .0
                .timers
                .take()
                .into_iter()
                .partition::<Vec<_>, _>(|(due, _)| *due <= now);
            self.0.timers.borrow_mut().extend(later);
            if due.is_empty() && now == end {
                break;
            }
            for (_, alarm) in due {
                alarm.has_rung.set(true);
                if let Some(waker) = alarm.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    /// The device sleeps: the wall clock goes on, the monotonic one does not.
    pub(crate) fn sleep_device(&self, time: Millis) {
        self.0.wall.set(self.0.wall.get() + time);
    }

    /// The shared stores, of all pages; of one key in several, the encrypted one's text.
    pub(crate) fn stored(&self) -> BTreeMap<String, String> {
        let mut stored = self.0.local.borrow().clone();
        stored.extend(self.0.custom.borrow().clone());
        stored.extend(self.0.store.borrow().clone());
        stored
    }

    /// One store, as this page sees it.
    pub(crate) fn stored_in(&self, kind: StorageKind) -> BTreeMap<String, String> {
        self.store(kind).borrow().clone()
    }

    pub(crate) fn put_in(&self, kind: StorageKind, key: &str, text: &str) {
        self.store(kind).borrow_mut().insert(key.into(), text.into());
    }

    pub(crate) fn put(&self, key: &str, text: &str) {
        self.0.store.borrow_mut().insert(key.into(), text.into());
    }

    /// The store is emptied from outside.
    pub(crate) fn evict(&self) {
        for store in [&self.0.store, &self.0.local, &self.0.custom] {
            store.borrow_mut().clear();
        }
    }

    /// What another package has stored.
    pub(crate) fn foreign_store(&self) -> std::cell::RefMut<'_, BTreeMap<String, String>> {
        self.0.foreign.borrow_mut()
    }

    /// While held, the store neither reads nor writes.
    pub(crate) fn hold_store(&self, held: bool) {
        self.0.store_is_held.set(held);
    }

    /// Makes every write fail.
    pub(crate) fn refuse_writes(&self, refuses: bool) {
        self.0.store_refuses.set(refuses);
    }

    /// Makes every read fail.
    pub(crate) fn refuse_reads(&self, refuses: bool) {
        self.0.store_is_unreadable.set(refuses);
    }

    /// Records are there and cannot be decrypted.
    pub(crate) fn lose_key(&self, lost: bool) {
        self.0.key_is_lost.set(lost);
    }

    /// The only store that there is beside memory.
    pub(crate) fn offer_store(&self, kind: StorageKind) {
        self.0.kind.set(Some(kind));
    }

    /// Every store is there.
    pub(crate) fn offer_stores(&self) {
        self.0.kind.set(None);
    }

    /// What answers say the service's time is when they come, in seconds.
    pub(crate) fn date_answers(&self, date: i64) {
        self.0.date.set(Some(date));
    }

    pub(crate) fn go_offline(&self, offline: bool) {
        self.0.offline.set(offline);
    }

    /// There are no random numbers.
    pub(crate) fn refuse_random(&self, refuses: bool) {
        self.0.has_no_random.set(refuses);
    }

    /// The page has loaded Amazon's script, which says who asks and for what.
    pub(crate) fn load_context_script(&self) {
        self.0.knows_context.set(true);
    }

    /// What the user's next passkey dialog comes to. Where nothing was said, the user does nothing.
    pub(crate) fn answer_passkey(&self, answer: Result<&str, Code>) {
        self.0.passkey_answers.borrow_mut().push_back(answer.map(String::from));
    }

    /// The passkey dialogs since the last look: `create`, `get` or `get conditionally`, and the options. One that was
    /// ended from here is followed by `ended`.
    pub(crate) fn ceremonies(&self) -> Vec<String> {
        self.0.ceremonies.take()
    }

    /// How often other tabs were notified since the last look.
    pub(crate) fn announced(&self) -> u32 {
        self.0.announced.replace(0)
    }

    /// What comes from outside comes in a later turn: a call of this turn has begun by then.
    async fn turn(&self) {
        let turn = self.0.turn.get();
        poll_fn(|context| {
            if self.0.turn.get() != turn {
                return Poll::Ready(());
            }
            self.0.turn_waiters.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    async fn turn_often(&self, turns: u32) {
        for _ in 0..turns {
            self.begin_turn();
            Yield::default().await;
        }
    }

    fn begin_turn(&self) {
        self.0.turn.set(self.0.turn.get() + 1);
        for waker in self.0.turn_waiters.take() {
            waker.wake();
        }
    }
}

fn no_answer() -> AuthError {
    AuthError::new(Code::Network, "No answer came.")
}

/// Rings when time has passed, also when it was no time at all, and never by itself.
#[derive(Default)]
struct Alarm {
    has_rung: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// Lets everything else run once.
#[derive(Debug, Default)]
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
