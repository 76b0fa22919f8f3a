//! An outside world in memory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use zeroize::Zeroizing;

use crate::core::api::http::{Request, Response};
use crate::core::error::{AuthError, Code};
use crate::core::tokens::UnixSeconds;
use crate::ports::{Clock, Http, Random, Storage};

/// An outside world that a test scripts and reads.
#[derive(Clone, Default)]
pub(crate) struct FakeEnv(Rc<World>);

/// Like the browser, it does not print what it stores.
impl fmt::Debug for FakeEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeEnv")
    }
}

#[derive(Default)]
struct World {
    now: Cell<UnixSeconds>,
    store: RefCell<BTreeMap<String, String>>,
    store_refuses: Cell<bool>,
    answers: RefCell<VecDeque<(String, Result<Response, AuthError>)>>,
    sent: RefCell<Vec<Request>>,
    held: Cell<bool>,
    drawn: Cell<u8>,
}

impl FakeEnv {
    /// The next request must be for this operation (or URL), and is answered so.
    pub(crate) fn answer(&self, subject: &str, status: u16, body: &serde_json::Value) {
        let response = Response {
            status,
            error_type: None,
            body: Zeroizing::new(body.to_string()),
        };
        self.0.answers.borrow_mut().push_back((subject.into(), Ok(response)));
    }

    /// The next request must be for this operation, and meets this exception.
    pub(crate) fn refuse(&self, subject: &str, exception: &str) {
        self.answer(subject, 400, &serde_json::json!({"__type": exception, "message": "no"}));
    }

    /// The next request must be for this operation, and gets no answer.
    pub(crate) fn cut(&self, subject: &str) {
        let error = AuthError::new(Code::Network, "No answer came.");
        self.0.answers.borrow_mut().push_back((subject.into(), Err(error)));
    }

    /// While held, no request is answered.
    pub(crate) fn hold_answers(&self, held: bool) {
        self.0.held.set(held);
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

    /// The bodies that were sent since the last look.
    pub(crate) fn bodies(&self) -> Vec<serde_json::Value> {
        let sent = self.0.sent.borrow_mut().drain(..).collect::<Vec<_>>();
        sent.iter()
            .map(|request| serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap())
            .collect()
    }

    pub(crate) fn set_now(&self, now: UnixSeconds) {
        self.0.now.set(now);
    }

    /// The whole store.
    pub(crate) fn stored(&self) -> BTreeMap<String, String> {
        self.0.store.borrow().clone()
    }

    pub(crate) fn put(&self, key: &str, text: &str) {
        self.0.store.borrow_mut().insert(key.into(), text.into());
    }

    /// Makes every write fail.
    pub(crate) fn refuse_writes(&self, refuses: bool) {
        self.0.store_refuses.set(refuses);
    }

    fn write(&self, write: impl FnOnce(&mut BTreeMap<String, String>)) -> Result<(), AuthError> {
        if self.0.store_refuses.get() {
            return Err(AuthError::new(Code::Storage, "The store is full."));
        }
        write(&mut self.0.store.borrow_mut());
        Ok(())
    }
}

impl Http for FakeEnv {
    async fn send(&self, request: Request) -> Result<Response, AuthError> {
        let subject = request.subject().to_owned();
        self.0.sent.borrow_mut().push(request);
        Yield::default().await;
        while self.0.held.get() {
            Yield::default().await;
        }
        let (expected, answer) = self
            .0
            .answers
            .borrow_mut()
            .pop_front()
            .expect("a request nobody scripted");
        assert_eq!(subject, expected);
        answer
    }
}

impl Clock for FakeEnv {
    fn now(&self) -> UnixSeconds {
        self.0.now.get()
    }
}

impl Storage for FakeEnv {
    async fn get(&self, key: &str) -> Result<Option<String>, AuthError> {
        Yield::default().await;
        Ok(self.0.store.borrow().get(key).cloned())
    }

    async fn set(&self, key: &str, text: &str) -> Result<(), AuthError> {
        let written = self.write(|store| {
            store.insert(key.into(), text.into());
        });
        Yield::default().await;
        written
    }

    async fn remove(&self, key: &str) -> Result<(), AuthError> {
        let written = self.write(|store| {
            store.remove(key);
        });
        Yield::default().await;
        written
    }
}

impl Random for FakeEnv {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError> {
        let drawn = self.0.drawn.get().wrapping_add(1);
        self.0.drawn.set(drawn);
        bytes.fill(drawn);
        Ok(())
    }
}

/// Long enough for everything else to run until it waits for something that is held.
pub(crate) async fn rest() {
    for _ in 0..100 {
        Yield::default().await;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{clock_contract, random_contract, storage_contract};
    use futures_executor::block_on;

    #[test]
    fn the_fake_storage_keeps_the_contract() {
        block_on(storage_contract(&FakeEnv::default()));
    }

    #[test]
    fn the_fake_random_source_keeps_the_contract() {
        random_contract(&FakeEnv::default());
    }

    #[test]
    fn the_fake_clock_keeps_the_contract() {
        let env = FakeEnv::default();
        env.set_now(1_800_000_000);
        clock_contract(&env);
    }
}
