//! The ports of [`FakeEnv`], each as its contract says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future as _, poll_fn};
use std::rc::Rc;
use std::task::Poll;

use futures_util::future::LocalBoxFuture;
use futures_util::task::LocalSpawnExt as _;
use zeroize::Zeroizing;

use super::{Alarm, FakeEnv};
use crate::core::api::http::{Request, Response};
use crate::core::error::{AuthError, Code};
use crate::ports::{
    Channel, Clock, ContextData, Http, Lock, Millis, Navigator, Note, Passkeys, Random, Spawn, Storage, StorageKind,
    Stored, Timer, Trial,
};

impl Http for FakeEnv {
    async fn send(&self, request: Request) -> Result<Response, AuthError> {
        let subject = request.subject().to_owned();
        self.0.sent.borrow_mut().push(request.clone());
        self.turn().await;
        while self.0.held.get() || self.0.held_operations.borrow().contains(&subject) {
            self.turn().await;
        }
        let mut answer = self.next_answer(&subject);
        if let Ok(response) = &mut answer {
            response.date = self.0.date.get();
            if let (true, Some(body)) = (self.0.quoted.borrow_mut().remove(&subject), &request.body) {
                let mut document: serde_json::Value = serde_json::from_str(&response.body).unwrap();
                document["message"] = format!("Values {} failed to satisfy constraints.", &*body.json).into();
                *response.body = document.to_string();
            }
        }
        answer
    }
}

impl Clock for FakeEnv {
    fn now(&self) -> Millis {
        self.0.wall.get()
    }

    fn monotonic(&self) -> Millis {
        self.0.monotonic.get()
    }
}

impl Timer for FakeEnv {
    async fn sleep(&self, time: Millis) {
        let alarm = Rc::new(Alarm::default());
        let due = self.0.monotonic.get() + time.max(0);
        self.0.timers.borrow_mut().push((due, Rc::clone(&alarm)));
        poll_fn(|context| {
            if alarm.has_rung.get() {
                return Poll::Ready(());
            }
            alarm.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

impl Spawn for FakeEnv {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        self.0.spawner.spawn_local(future).unwrap();
    }
}

impl Storage for FakeEnv {
    async fn probe(&self, kind: StorageKind, key: &str) -> Trial {
        self.turn().await;
        let has_record = self.store(kind).borrow().contains_key(key);
        match self.0.kind.get() {
            Some(offered) if kind != offered && kind != StorageKind::Memory => Trial::Absent,
            _ if kind == StorageKind::Memory => Trial::Works,
            _ if self.0.store_is_held.get() => Trial::Stalled,
            _ if self.0.store_refuses.get() && has_record => Trial::Readable,
            _ if self.0.store_refuses.get() => Trial::Refuses,
            _ => Trial::Works,
        }
    }

    async fn read(&self, kind: StorageKind, key: &str) -> Result<Option<Stored>, AuthError> {
        self.wait_for_store(kind).await;
        if self.0.store_is_unreadable.get() {
            return Err(AuthError::new(Code::Storage, "The store cannot be read."));
        }
        let is_lost = self.0.key_is_lost.get() && kind == StorageKind::IndexedDb;
        Ok(self.store(kind).borrow().get(key).map(|text| Stored {
            stamp: stamp_of(text).to_owned(),
            text: (!is_lost).then(|| Zeroizing::new(text.clone())),
        }))
    }

    async fn swap(
        &self,
        kind: StorageKind,
        key: &str,
        expected: Option<&str>,
        record: &str,
    ) -> Result<bool, AuthError> {
        self.wait_for_store(kind).await;
        if self.0.store_refuses.get() && kind != StorageKind::Memory {
            return Err(AuthError::new(Code::Storage, "The store is full."));
        }
        let fits = self.store(kind).borrow().get(key).map(|text| stamp_of(text)) == expected;
        if fits {
            self.0.key_is_lost.set(false);
            self.store(kind).borrow_mut().insert(key.into(), record.into());
        }
        self.turn().await;
        Ok(fits)
    }

    async fn remove(&self, kind: StorageKind, key: &str) -> Result<(), AuthError> {
        self.wait_for_store(kind).await;
        if self.0.store_refuses.get() {
            return Err(AuthError::new(Code::Storage, "The store is read-only."));
        }
        self.store(kind).borrow_mut().remove(key);
        Ok(())
    }

    async fn clear(&self, used: StorageKind, key: &str, keeps_record: bool) -> Result<(), AuthError> {
        self.wait_for_store(used).await;
        for kind in StorageKind::ALL.iter().filter(|kind| !(keeps_record && **kind == used)) {
            if self.0.store_refuses.get() {
                return Err(AuthError::new(Code::Storage, "The store is read-only."));
            }
            self.store(*kind).borrow_mut().remove(key);
        }
        Ok(())
    }

    fn note(&self, place: Note, key: &str) -> Option<String> {
        self.notes(place).borrow().get(key).cloned()
    }

    fn set_note(&self, place: Note, key: &str, note: Option<&str>) {
        let mut notes = self.notes(place).borrow_mut();
        notes.remove(key);
        notes.extend(note.map(|note| (key.to_owned(), note.to_owned())));
    }

    fn foreign(&self, key: &str) -> Option<Zeroizing<String>> {
        self.0.foreign.borrow().get(key).cloned().map(Zeroizing::new)
    }

    fn remove_foreign(&self, key: &str) {
        self.0.foreign.borrow_mut().remove(key);
    }
}

fn stamp_of(record: &str) -> &str {
    record.split(' ').next().unwrap_or_default()
}

impl Lock for FakeEnv {
    type Guard = Held;

    async fn lock(&self, name: &str, patience: Millis) -> Option<Held> {
        let until = self.0.monotonic.get() + patience;
        let mut timer = Box::pin(self.sleep(patience));
        poll_fn(|context| {
            if self.0.locks.borrow_mut().insert(name.into()) {
                return Poll::Ready(Some(Held(self.clone(), name.into())));
            }
            if self.0.monotonic.get() >= until || timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            self.0.lock_waiters.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await
    }
}

/// A lock that is held.
pub(crate) struct Held(FakeEnv, String);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.locks.borrow_mut().remove(&self.1);
        for waker in self.0.0.lock_waiters.take() {
            waker.wake();
        }
    }
}

impl Channel for FakeEnv {
    fn announce(&self, _: &str) {
        self.0.announced.set(self.0.announced.get() + 1);
    }
}

impl Navigator for FakeEnv {
    fn is_online(&self) -> bool {
        !self.0.offline.get()
    }
}

impl Random for FakeEnv {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError> {
        if self.0.has_no_random.get() {
            return Err(AuthError::new(Code::Internal, "There are no random numbers."));
        }
        let drawn = self.0.drawn.get().wrapping_add(1);
        self.0.drawn.set(drawn);
        bytes.fill(drawn);
        Ok(())
    }
}

impl ContextData for FakeEnv {
    fn context_data(&self, username: &str, pool_id: &str, client_id: &str) -> Option<String> {
        let knows = self.0.knows_context.get();
        knows.then(|| format!("{username}/{pool_id}/{client_id}"))
    }
}

impl Passkeys for FakeEnv {
    async fn create(&self, options: &str) -> Result<Zeroizing<String>, AuthError> {
        self.ceremony(format!("create {options}")).await
    }

    async fn get(&self, options: &str, is_conditional: bool) -> Result<Zeroizing<String>, AuthError> {
        let how = if is_conditional { "get conditionally" } else { "get" };
        self.ceremony(format!("{how} {options}")).await
    }
}

/// Says so when a dialog is ended from here.
struct Ceremony<'a>(&'a FakeEnv, bool);

impl Drop for Ceremony<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.0.ceremonies.borrow_mut().push("ended".into());
        }
    }
}

impl FakeEnv {
    async fn ceremony(&self, name: String) -> Result<Zeroizing<String>, AuthError> {
        self.0.ceremonies.borrow_mut().push(name);
        let mut ceremony = Ceremony(self, false);
        self.turn().await;
        while self.0.held.get() {
            self.turn().await;
        }
        let answer = self.0.passkey_answers.borrow_mut().pop_front();
        let Some(answer) = answer else {
            return std::future::pending().await;
        };
        ceremony.1 = true;
        answer
            .map(Zeroizing::new)
            .map_err(|code| AuthError::new(code, "The passkey dialog came to nothing."))
    }

    pub(super) fn store(&self, kind: StorageKind) -> &RefCell<BTreeMap<String, String>> {
        match kind {
            StorageKind::IndexedDb => &self.0.store,
            StorageKind::LocalStorage => &self.0.local,
            StorageKind::Custom => &self.0.custom,
            StorageKind::SessionStorage => &self.1.tab.session,
            StorageKind::Memory => &self.1.memory,
        }
    }

    fn notes(&self, place: Note) -> &RefCell<BTreeMap<String, String>> {
        match place {
            Note::Tab => &self.1.tab.notes,
            Note::Shared => &self.0.notes,
        }
    }

    fn next_answer(&self, subject: &str) -> Result<Response, AuthError> {
        let mut answers = self.0.answers.borrow_mut();
        let next = answers.iter().position(|(expected, _)| expected == subject);
        if let Some((_, answer)) = next.and_then(|next| answers.remove(next)) {
            return answer;
        }
        let standing = self.0.standing.borrow().get(subject).cloned();
        standing.unwrap_or_else(|| panic!("a request without a scripted response: {subject}"))
    }

    async fn wait_for_store(&self, kind: StorageKind) {
        self.turn().await;
        while self.0.store_is_held.get() && kind.is_shared() {
            self.turn().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::contracts::{channel_contract, lock_contract, storage_contract, timer_contract};
    use crate::testing::{clock_contract, context_data_contract, passkeys_contract, random_contract};
    use std::cell::Cell;
    use std::future::Future;

    use super::*;

    /// Lets time pass until the contract is kept.
    fn keep(env: &FakeEnv, contract: impl Future<Output = ()> + 'static) {
        let kept = Rc::new(Cell::new(false));
        let is_kept = Rc::clone(&kept);
        env.spawn(Box::pin(async move {
            contract.await;
            is_kept.set(true);
        }));
        env.pass(3_600_000);
        assert!(kept.get());
    }

    #[test]
    fn the_fake_store_keeps_the_contract() {
        for kind in StorageKind::ALL.iter().copied() {
            let env = FakeEnv::default();
            let other = if kind.is_shared() {
                env.another_page()
            } else {
                env.clone()
            };
            keep(&env, storage_contract(kind, env.clone(), other));
        }
    }

    #[test]
    fn the_fake_lock_keeps_the_contract() {
        let env = FakeEnv::default();
        keep(&env, lock_contract(env.clone(), env.another_page()));
    }

    #[test]
    fn the_fake_timer_keeps_the_contract() {
        let env = FakeEnv::default();
        keep(&env, timer_contract(env.clone()));
    }

    #[test]
    fn the_fake_channel_keeps_the_contract() {
        let env = FakeEnv::default();
        let hearing = env.clone();
        let heard = poll_fn(move |_| match hearing.announced() {
            0 => Poll::Pending,
            _ => Poll::Ready(()),
        });
        let channel = env.clone();
        keep(&env, async move { channel_contract(channel, "key", heard).await });
    }

    #[test]
    fn the_fake_passkeys_keep_the_contract() {
        let env = FakeEnv::default();
        env.answer_passkey(Ok(r#"{"id":"key"}"#));
        env.answer_passkey(Err(Code::PasskeyCancelled));
        env.answer_passkey(Err(Code::PasskeyCancelled));
        let (passkeys, watching) = (env.clone(), env.clone());
        let has_ended = move || watching.ceremonies().iter().any(|word| word == "ended");
        env.run(passkeys_contract(passkeys, "{}", has_ended));
    }

    #[test]
    fn the_fake_context_keeps_the_contract() {
        let env = FakeEnv::default();
        assert_eq!(env.context_data("alice", "us-east-1_Pool", "client1"), None);
        env.load_context_script();
        context_data_contract(&env);
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
