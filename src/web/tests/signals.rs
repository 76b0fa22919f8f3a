use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{
    announce_from, block_storage_area, get_item, go_offline, happen, hide_broadcast_channel, hide_broadcast_channel_in,
    in_other_document, in_worker, remove_document, until,
};
use crate::ports::{Channel as _, Navigator as _, Signal, Storage as _, StorageKind};
use crate::testing::channel_contract;
use crate::web::browser::Browser;

const KEY: &str = "cognito-wasm/test/channel";

type Heard = Rc<RefCell<Vec<Signal>>>;

fn listening() -> (Browser, Heard) {
    let browser = Browser::default();
    let heard = Heard::default();
    let log = Rc::clone(&heard);
    browser.listen(KEY, move |signal| log.borrow_mut().push(signal));
    (browser, heard)
}

async fn until_changed(heard: &Heard) {
    until(|| heard.borrow().contains(&Signal::Changed)).await;
}

#[wasm_bindgen_test]
async fn the_channel_keeps_the_contract() {
    let ((announcer, own), (_other, heard)) = (listening(), listening());
    channel_contract(announcer.clone(), KEY, until_changed(&heard)).await;
    assert!(own.borrow().is_empty(), "the announcer knows");
    heard.borrow_mut().clear();
    channel_contract(Browser::default(), KEY, until_changed(&heard)).await;
    assert!(
        own.borrow().contains(&Signal::Changed),
        "also of one that does not listen itself"
    );
}

#[wasm_bindgen_test]
async fn another_document_is_heard() {
    let (_browser, heard) = listening();
    let other = in_other_document("channel.js").await;
    announce_from(&other, "cognito-wasm/test/another");
    announce_from(&other, KEY);
    until_changed(&heard).await;
    assert_eq!(*heard.borrow(), [Signal::Changed], "once, and nothing of other records");
    remove_document(&other);
}

#[wasm_bindgen_test]
async fn another_document_is_heard_by_way_of_local_storage() {
    let other = in_other_document("channel.js").await;
    let _channels = (hide_broadcast_channel(), hide_broadcast_channel_in(&other));
    let (browser, heard) = listening();
    for times in 1..=2 {
        announce_from(&other, KEY);
        until(|| heard.borrow().len() >= times).await;
    }
    assert_eq!(*heard.borrow(), [Signal::Changed; 2]);
    browser.announce(KEY);
    assert_eq!(get_item("cognito-wasm/test/channel/changed"), None, "nothing is left");
    remove_document(&other);
}

#[wasm_bindgen_test]
async fn where_nothing_tells_the_store_is_looked_at_again_and_again() {
    let _channel = hide_broadcast_channel();
    let _area = block_storage_area("localStorage");
    let (browser, heard) = listening();
    browser.announce(KEY);
    until(|| heard.borrow().len() >= 2).await;
    assert!(heard.borrow().iter().all(|signal| *signal == Signal::Changed));
}

#[wasm_bindgen_test]
async fn a_worker_stores_locks_and_announces() {
    let (browser, heard) = listening();
    assert_eq!(
        in_worker(KEY).await,
        r#"{"trials":["absent","works"],"found":"+1 of a worker","locked":true,"foreign":null,"online":true}"#
    );
    until_changed(&heard).await;
    let stored = browser.read(StorageKind::IndexedDb, KEY).await.unwrap().unwrap();
    assert_eq!(stored.text.unwrap().as_str(), "1 of a worker");
    browser.clear(StorageKind::IndexedDb, KEY, false).await.unwrap();
}

#[wasm_bindgen_test]
fn what_happens_to_the_page_is_told() {
    let (_browser, heard) = listening();
    for (target, name, persisted) in [
        ("globalThis", "offline", false),
        ("globalThis", "online", false),
        ("document", "visibilitychange", false),
        ("document", "freeze", false),
        ("document", "resume", false),
        ("globalThis", "pageshow", false),
        ("globalThis", "pagehide", true),
        ("document", "freeze", false),
        ("document", "resume", false),
        ("globalThis", "pageshow", true),
    ] {
        happen(target, name, persisted);
    }
    assert_eq!(
        *heard.borrow(),
        [
            Signal::Offline,
            Signal::Online,
            Signal::Visible,
            Signal::Suspended,
            Signal::Resumed,
            Signal::Suspended,
            Signal::Resumed,
        ],
        "each pause once, and the first showing of a page is none"
    );
}

#[wasm_bindgen_test]
async fn the_channel_is_put_away_with_the_page_and_comes_back_with_it() {
    let (sleeper, heard) = listening();
    happen("globalThis", "pagehide", true);
    let (_awake, witnessed) = listening();
    Browser::default().announce(KEY);
    until_changed(&witnessed).await;
    assert!(!heard.borrow().contains(&Signal::Changed), "it was put away");
    sleeper.announce(KEY);
    until(|| witnessed.borrow().len() == 2).await;
    happen("globalThis", "pageshow", true);
    Browser::default().announce(KEY);
    until_changed(&heard).await;
    assert_eq!(*heard.borrow(), [Signal::Suspended, Signal::Resumed, Signal::Changed]);
}

#[wasm_bindgen_test]
async fn closed_client_hears_nothing_any_more() {
    let ((closed, silent), (_other, heard)) = (listening(), listening());
    closed.close();
    closed.close();
    happen("globalThis", "offline", false);
    Browser::default().announce(KEY);
    until_changed(&heard).await;
    assert!(silent.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn a_listener_may_close_while_it_is_told() {
    let browser = Browser::default();
    let times = Rc::new(RefCell::new(0));
    let (closes, count) = (browser.clone(), Rc::clone(&times));
    browser.listen(KEY, move |_| {
        closes.close();
        *count.borrow_mut() += 1;
    });
    happen("globalThis", "offline", false);
    happen("globalThis", "offline", false);
    assert_eq!(*times.borrow(), 1);
}

#[wasm_bindgen_test]
fn only_the_last_listener_is_told() {
    let (browser, first) = listening();
    let second = Heard::default();
    let log = Rc::clone(&second);
    browser.listen(KEY, move |signal| log.borrow_mut().push(signal));
    happen("globalThis", "offline", false);
    assert_eq!((first.borrow().len(), second.borrow().len()), (0, 1));
}

#[wasm_bindgen_test]
fn a_browser_that_is_certainly_offline_says_so() {
    assert!(Browser::default().is_online());
    let _offline = go_offline();
    assert!(!Browser::default().is_online());
}
