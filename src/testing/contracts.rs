//! What every implementation of a port promises, in a browser as here.
//!
//! In virtual time, the caller lets time pass while the contract runs.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;

use futures_util::FutureExt as _;
use futures_util::future::{Either, join, join_all, select};

use crate::core::error::Code;
use crate::ports::{
    Channel, Clock, ContextData, Lock, Millis, Note, Passkeys, Random, Storage, StorageKind, Stored, Timer, Trial,
};

/// What every [`Storage`] promises of this store. `other` is a handle on the same store, as another tab has one.
pub(crate) async fn storage_contract(kind: StorageKind, storage: impl Storage, other: impl Storage) {
    let (key, neighbour) = ("cognito-wasm/contract/ключ", "cognito-wasm/contract");
    for key in [key, neighbour] {
        storage.clear(kind, key, false).await.unwrap();
        assert_eq!(read(kind, &other, key).await, None);
    }
    assert_eq!(storage.probe(kind, key).await, Trial::Works);
    assert!(
        !storage.swap(kind, key, Some("0"), "1 a").await.unwrap(),
        "nothing is there"
    );
    assert!(storage.swap(kind, key, None, "1 a").await.unwrap());
    assert_eq!(read(kind, &other, key).await, found("1", "1 a"));
    for expected in [None, Some("2"), Some("1 a"), Some("")] {
        assert!(!other.swap(kind, key, expected, "2 b").await.unwrap(), "{expected:?}");
    }
    assert_eq!(
        read(kind, &storage, key).await,
        found("1", "1 a"),
        "what did not fit changed nothing"
    );

    let mut stamp = "1".to_owned();
    for text in ["20 {\"a\":\"\u{1f600}\"}", "3 ", "4", "5 two words\nand a line"] {
        assert!(other.swap(kind, key, Some(&stamp), text).await.unwrap(), "{text}");
        stamp = text.split(' ').next().unwrap().to_owned();
        assert_eq!(read(kind, &storage, key).await, found(&stamp, text));
    }
    assert_eq!(
        read(kind, &storage, neighbour).await,
        None,
        "no other record is touched"
    );

    let race = join(
        storage.swap(kind, key, Some("5"), "6 mine"),
        other.swap(kind, key, Some("5"), "7 other"),
    );
    let (mine, others) = race.await;
    assert_ne!(mine.unwrap(), others.unwrap(), "one of the two was first");

    assert!(other.swap(kind, neighbour, None, "1 n").await.unwrap());
    let kept = read(kind, &other, key).await;
    storage.clear(kind, key, true).await.unwrap();
    assert_eq!(read(kind, &other, key).await, kept, "the store in use keeps its record");
    storage.clear(kind, key, false).await.unwrap();
    assert_eq!(read(kind, &other, key).await, None);
    assert_eq!(read(kind, &other, neighbour).await, found("1", "1 n"));
    assert!(
        !other.swap(kind, key, Some("6"), "8 late").await.unwrap(),
        "what was removed is not replaced"
    );
    storage.remove(kind, neighbour).await.unwrap();
    assert_eq!(read(kind, &other, neighbour).await, None);
    for key in [key, neighbour] {
        storage.clear(kind, key, false).await.unwrap();
    }

    for place in [Note::Tab, Note::Shared] {
        storage.set_note(place, neighbour, Some("memory"));
        assert_eq!(storage.note(place, neighbour).as_deref(), Some("memory"));
        storage.clear(kind, neighbour, false).await.unwrap();
        assert!(storage.note(place, neighbour).is_some(), "other tabs go by it");
        storage.set_note(place, neighbour, None);
        assert_eq!(storage.note(place, neighbour), None);
    }
    assert!(storage.foreign("cognito-wasm/contract/foreign").is_none());
    storage.remove_foreign("cognito-wasm/contract/foreign");
}

async fn read(kind: StorageKind, storage: &impl Storage, key: &str) -> Option<(String, Option<String>)> {
    let stored = storage.read(kind, key).await.unwrap();
    stored.map(|Stored { stamp, text }| (stamp, text.map(|text| text.to_string())))
}

fn found(stamp: &str, text: &str) -> Option<(String, Option<String>)> {
    Some((stamp.to_owned(), Some(text.to_owned())))
}

/// What every [`Lock`] promises. `other` is another tab's.
pub(crate) async fn lock_contract(lock: impl Lock, other: impl Lock) {
    let name = "cognito-wasm/contract/lock";
    let held = lock.lock(name, LONG).await;
    assert!(held.is_some());
    assert!(other.lock(name, SHORT).await.is_none(), "one holds it at a time");
    assert!(lock.lock(name, SHORT).await.is_none(), "also in one tab");
    assert!(other.lock("cognito-wasm/contract/lock2", LONG).await.is_some());

    assert!(other.lock(name, LONG).now_or_never().is_none(), "this wait is given up");
    let (next, ()) = join(other.lock(name, LONG), async { drop(held) }).await;
    assert!(next.is_some(), "a waiter gets what was released");
    drop(next);

    let holders = Cell::new(0);
    let contenders = (0..4).map(|_| async {
        let held = other.lock(name, LONG).await;
        assert!(held.is_some(), "no waiter is forgotten");
        holders.set(holders.get() + 1);
        assert!(lock.lock(name, SHORT).await.is_none());
        assert_eq!(holders.replace(holders.get() - 1), 1);
        drop(held);
    });
    join_all(contenders).await;
    assert!(lock.lock(name, LONG).await.is_some());
}

/// How long a lock is waited for that comes, and one that does not.
const LONG: Millis = 30_000;
const SHORT: Millis = 50;

/// What every [`Timer`] promises.
pub(crate) async fn timer_contract(env: impl Timer + Clock) {
    let start = env.monotonic();
    env.sleep(0).await;
    env.sleep(30).await;
    let passed = env.monotonic() - start;
    // Clocks and timers each round by a millisecond.
    assert!(passed >= 28, "{passed} ms");
    let (longer, shorter) = (pin!(env.sleep(600_000)), pin!(env.sleep(5)));
    assert!(
        matches!(select(longer, shorter).await, Either::Right(_)),
        "the shorter one ends first"
    );
    assert!(
        env.sleep(60 * 24 * 3_600_000).now_or_never().is_none(),
        "sixty days are not over at once"
    );
}

/// What every [`Channel`] promises. `heard` resolves once another tab was notified of a change to the record at `key`.
pub(crate) async fn channel_contract(channel: impl Channel, key: &str, heard: impl Future<Output = ()>) {
    let mut heard = pin!(heard);
    assert!(heard.as_mut().now_or_never().is_none(), "nothing was said yet");
    channel.announce(key);
    heard.await;
}

/// What every [`Passkeys`] promises, when the user agrees to the first dialog, has the second and third closed, and does
/// nothing about the last. `has_ended` says whether that one was ended from here.
pub(crate) async fn passkeys_contract(passkeys: impl Passkeys, options: &str, has_ended: impl Fn() -> bool) {
    let made = passkeys.create(options).await.unwrap();
    assert!(made.starts_with('{') && made.contains("\"id\""), "{}", *made);
    let refused = passkeys.get(options, false).await.unwrap_err();
    assert_eq!(refused.code, Code::PasskeyCancelled);
    let refused = passkeys.get(options, true).await.unwrap_err();
    assert_eq!(refused.code, Code::PasskeyCancelled);
    {
        let mut dialog = pin!(passkeys.get(options, false));
        assert!(dialog.as_mut().now_or_never().is_none());
        assert!(!has_ended());
    }
    assert!(has_ended(), "no waiter is left");
}

/// What every [`ContextData`] promises, when the page's script says its three arguments, joined by `/`.
pub(crate) fn context_data_contract(context: &impl ContextData) {
    let data = context.context_data("alice", "us-east-1_Pool", "client1");
    assert_eq!(data.as_deref(), Some("alice/us-east-1_Pool/client1"));
}

/// What every [`Random`] promises.
pub(crate) fn random_contract(random: &impl Random) {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    random.fill(&mut first).unwrap();
    random.fill(&mut second).unwrap();
    assert_ne!(first, [0; 32]);
    assert_ne!(first, second);
}

/// What every [`Clock`] promises.
pub(crate) fn clock_contract(clock: &impl Clock) {
    let first = clock.now();
    assert!(
        first > 1_700_000_000_000,
        "milliseconds since 1970, not seconds and not since start"
    );
    assert!(first < 100_000_000_000_000);
    let first = clock.monotonic();
    assert!(clock.monotonic() >= first);
}
