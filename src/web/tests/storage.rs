use futures_util::future::join3;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{
    Stub, block_storage_area, break_custom_storage, break_indexed_db, corrupt_database, custom_storage, damage,
    delete_database, get_item, hide_locks, hide_storage_area, hide_subtle, hold_database, inspect,
    make_foreign_database, refuse_keys, replace_storage_area, set_item, set_session_item,
};
use crate::core::error::{AuthError, Code};
use crate::core::stores::Choice;
use crate::ports::{Clock as _, Lock as _, Storage as _, StorageKind, Stored, Trial};
use crate::testing::storage_contract;
use crate::web::browser::Browser;

const KEY: &str = "cognito-wasm/test/record";

/// A handle on one store.
struct Opened(StorageKind, Browser);

impl Opened {
    async fn read(&self, key: &str) -> Result<Option<Stored>, AuthError> {
        self.1.read(self.0, key).await
    }

    async fn swap(&self, key: &str, expected: Option<&str>, record: &str) -> Result<bool, AuthError> {
        self.1.swap(self.0, key, expected, record).await
    }

    async fn clear(&self, key: &str, keeps_record: bool) -> Result<(), AuthError> {
        self.1.clear(self.0, key, keeps_record).await
    }
}

async fn opened(kind: StorageKind) -> Opened {
    let browser = Browser::default();
    assert_eq!(browser.probe(kind, KEY).await, Trial::Works);
    Opened(kind, browser)
}

async fn with_custom(storage: JsValue) -> Opened {
    let browser = Browser::default();
    assert!(browser.use_custom_storage(storage));
    assert_eq!(browser.probe(StorageKind::Custom, KEY).await, Trial::Works);
    Opened(StorageKind::Custom, browser)
}

/// The store that is used where this one was asked for.
async fn chosen(browser: &Browser, wish: StorageKind) -> StorageKind {
    let mut kind = wish;
    loop {
        match kind.after(browser.probe(kind, KEY).await) {
            Choice::Use(kind) => return kind,
            Choice::Try(next) => kind = next,
        }
    }
}

/// A handle on a store with the record `1 secret` at [`KEY`].
async fn filled(kind: StorageKind) -> Opened {
    let browser = opened(kind).await;
    browser.clear(KEY, false).await.unwrap();
    assert!(browser.swap(KEY, None, "1 secret").await.unwrap());
    browser
}

async fn text(browser: &Opened) -> Option<String> {
    let stored = browser.read(KEY).await.unwrap();
    stored.and_then(|stored| stored.text).map(|text| text.to_string())
}

fn assert_tells_no_secret(error: &AuthError) {
    assert_eq!(error.code, Code::Storage);
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[wasm_bindgen_test]
async fn every_store_of_the_browser_keeps_the_contract() {
    for kind in [
        StorageKind::IndexedDb,
        StorageKind::LocalStorage,
        StorageKind::SessionStorage,
    ] {
        storage_contract(kind, Browser::default(), Browser::default()).await;
    }
}

#[wasm_bindgen_test]
async fn memory_keeps_the_contract_and_each_client_has_its_own() {
    let browser = Browser::default();
    storage_contract(StorageKind::Memory, browser.clone(), browser).await;
    let memory = opened(StorageKind::Memory).await;
    assert!(memory.swap(KEY, None, "1 secret").await.unwrap());
    assert_eq!(text(&opened(StorageKind::Memory).await).await, None);
}

#[wasm_bindgen_test]
async fn an_app_s_own_storage_keeps_the_contract() {
    for how in ["sync", "null", "async"] {
        let storage = custom_storage(how);
        let Opened(kind, browser) = with_custom(storage.clone()).await;
        storage_contract(kind, browser, with_custom(storage).await.1).await;
    }
}

#[wasm_bindgen_test]
async fn local_storage_keeps_the_contract_where_there_are_no_locks() {
    let _locks = hide_locks();
    storage_contract(StorageKind::LocalStorage, Browser::default(), Browser::default()).await;
}

#[wasm_bindgen_test]
async fn a_record_outlives_its_page_but_not_in_memory() {
    for kind in [
        StorageKind::IndexedDb,
        StorageKind::LocalStorage,
        StorageKind::SessionStorage,
    ] {
        filled(kind).await;
        assert_eq!(text(&opened(kind).await).await.as_deref(), Some("1 secret"), "{kind:?}");
        opened(kind).await.clear(KEY, false).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn what_indexed_db_holds_is_encrypted_with_a_key_that_cannot_be_read_out() {
    let browser = filled(StorageKind::IndexedDb).await;
    let first = inspect(KEY).await;
    assert!(
        first.contains(r#""stamp":"1","ivBytes":12,"#) && first.contains(r#""extractable":false"#),
        "{first}"
    );
    assert!(!first.contains("secret"), "{first}");
    assert!(browser.swap(KEY, Some("1"), "1 secret").await.unwrap());
    assert_ne!(
        inspect(KEY).await,
        first,
        "each write has an initialization vector of its own"
    );
}

#[wasm_bindgen_test]
async fn a_record_that_cannot_be_decrypted_is_there_and_can_be_replaced() {
    for (how, stamp) in [
        ("loseKey", "1"),
        ("replaceKey", "1"),
        ("corrupt", "1"),
        ("moveStamp", "9"),
        ("garble", "undefined"),
    ] {
        let browser = filled(StorageKind::IndexedDb).await;
        damage(KEY, how).await;
        let stored = browser.read(KEY).await.unwrap().unwrap();
        assert_eq!((&*stored.stamp, stored.text.is_none()), (stamp, true), "{how}");
        assert!(
            !browser.swap(KEY, None, "2 b").await.unwrap(),
            "{how}: it is not nothing"
        );
        assert!(browser.swap(KEY, Some(stamp), "2 b").await.unwrap(), "{how}");
        assert_eq!(text(&browser).await.as_deref(), Some("2 b"), "{how}: healed");
        assert!(browser.swap(KEY, Some("2"), "3 c").await.unwrap(), "{how}");
        assert_eq!(text(&browser).await.as_deref(), Some("3 c"), "{how}");
    }
}

#[wasm_bindgen_test]
async fn no_connection_to_indexed_db_stays_open() {
    let browser = filled(StorageKind::IndexedDb).await;
    assert_eq!(delete_database().await, "deleted");
    assert!(browser.read(KEY).await.unwrap().is_none(), "and it is made anew");
    assert!(browser.swap(KEY, None, "1 secret").await.unwrap());
}

#[wasm_bindgen_test]
async fn a_store_that_fails_its_trial_is_passed_over() {
    use StorageKind::{IndexedDb, LocalStorage, Memory, SessionStorage};
    let browser = Browser::default();
    let chosen = |wish| chosen(&browser, wish);
    let databases: [fn() -> Stub; 5] = [
        || break_indexed_db("refusing"),
        || hide_storage_area("indexedDB"),
        || block_storage_area("indexedDB"),
        hide_subtle,
        refuse_keys,
    ];
    for broken in databases {
        let _database = broken();
        assert_eq!(chosen(IndexedDb).await, LocalStorage);
    }
    type Break = fn(&str) -> Stub;
    let areas: [(&str, Break); 4] = [
        ("blocked", block_storage_area),
        ("hidden", hide_storage_area),
        ("full", |name| replace_storage_area(name, "full")),
        ("forgetful", |name| replace_storage_area(name, "forgetful")),
    ];
    for (how, broken) in areas {
        let _local = broken("localStorage");
        assert_eq!(chosen(LocalStorage).await, SessionStorage, "{how}");
        let _session = broken("sessionStorage");
        let trial = browser.probe(SessionStorage, KEY).await;
        assert_eq!(chosen(LocalStorage).await, Memory, "{how}: {trial:?}");
        assert_eq!(chosen(IndexedDb).await, IndexedDb, "{how}");
        let _database = hide_subtle();
        assert_eq!(chosen(IndexedDb).await, Memory, "{how}");
    }
}

#[wasm_bindgen_test]
async fn a_wish_is_granted_although_a_better_store_works() {
    for wish in [
        StorageKind::IndexedDb,
        StorageKind::LocalStorage,
        StorageKind::SessionStorage,
        StorageKind::Memory,
    ] {
        assert_eq!(chosen(&Browser::default(), wish).await, wish);
    }
}

#[wasm_bindgen_test]
async fn an_indexed_db_that_never_answers_is_told_from_one_that_is_not_there_in_time() {
    let _silent = break_indexed_db("silent");
    let browser = Browser::default();
    let start = browser.monotonic();
    assert_eq!(browser.probe(StorageKind::IndexedDb, KEY).await, Trial::Stalled);
    assert!(browser.monotonic() - start < 6_000);
}

#[wasm_bindgen_test]
async fn an_indexed_db_that_another_tab_holds_has_stalled_and_works_again_afterwards() {
    let browser = filled(StorageKind::IndexedDb).await;
    let let_go = hold_database().await;
    assert_eq!(browser.1.probe(StorageKind::IndexedDb, KEY).await, Trial::Stalled);
    let error = browser.read(KEY).await.unwrap_err();
    assert!(error.retryable, "{error:?}");
    assert_tells_no_secret(&error);
    drop(let_go);
    assert_eq!(browser.1.probe(StorageKind::IndexedDb, KEY).await, Trial::Works);
    assert_eq!(text(&browser).await.as_deref(), Some("1 secret"));
}

#[wasm_bindgen_test]
async fn a_database_without_our_tables_gets_them_and_keeps_its_own() {
    for table in ["records", "keys", "of another"] {
        make_foreign_database(table).await;
        let browser = filled(StorageKind::IndexedDb).await;
        assert_eq!(text(&browser).await.as_deref(), Some("1 secret"), "{table}");
    }
    assert_eq!(delete_database().await, "deleted");
}

#[wasm_bindgen_test]
async fn a_database_that_cannot_be_opened_is_made_anew_at_the_start_and_by_clearing() {
    let browser = filled(StorageKind::IndexedDb).await;
    let broken = corrupt_database();
    assert_tells_no_secret(&browser.read(KEY).await.unwrap_err());
    assert_eq!(browser.1.probe(StorageKind::IndexedDb, KEY).await, Trial::Works);
    assert_eq!(text(&browser).await, None);
    drop(broken);
    let browser = filled(StorageKind::IndexedDb).await;
    let broken = corrupt_database();
    browser.clear(KEY, false).await.unwrap();
    drop(broken);
    assert!(browser.swap(KEY, None, "1 b").await.unwrap());
}

#[wasm_bindgen_test]
async fn a_store_that_takes_nothing_says_whether_it_has_a_record() {
    let _filled = filled(StorageKind::LocalStorage).await;
    let full = replace_storage_area("localStorage", "full");
    let browser = Browser::default();
    assert_eq!(browser.probe(StorageKind::LocalStorage, KEY).await, Trial::Readable);
    assert_eq!(
        browser.probe(StorageKind::LocalStorage, "nothing").await,
        Trial::Refuses
    );
    drop(full);
}

#[wasm_bindgen_test]
async fn a_store_that_stops_answering_rejects_in_time() {
    let browser = filled(StorageKind::IndexedDb).await;
    let silent = break_indexed_db("silent");
    let swap = browser.swap(KEY, Some("1"), "2 secret");
    let (read, swap, clear) = join3(browser.read(KEY), swap, browser.clear(KEY, false)).await;
    for error in [read.unwrap_err(), swap.unwrap_err(), clear.unwrap_err()] {
        assert_tells_no_secret(&error);
        assert_eq!(error.cause.as_deref(), Some("indexedDB: TimeoutError"));
    }
    drop(silent);
    assert_eq!(text(&browser).await.as_deref(), Some("1 secret"), "and changes nothing");
}

#[wasm_bindgen_test]
async fn a_local_storage_that_is_blocked_or_full_says_so() {
    let browser = filled(StorageKind::LocalStorage).await;
    let full = replace_storage_area("localStorage", "full");
    let error = browser.swap(KEY, Some("1"), "2 secret").await.unwrap_err();
    assert_tells_no_secret(&error);
    assert_eq!(error.cause.as_deref(), Some("localStorage: QuotaExceededError"));
    assert_eq!(text(&browser).await.as_deref(), Some("1 secret"));
    drop(full);
    let blocked = block_storage_area("localStorage");
    assert_tells_no_secret(&browser.read(KEY).await.unwrap_err());
    assert_tells_no_secret(&browser.clear(KEY, false).await.unwrap_err());
    assert!(browser.1.foreign("any").is_none());
    browser.1.remove_foreign("any");
    drop(blocked);
    assert!(
        browser.swap(KEY, Some("1"), "2 b").await.unwrap(),
        "until it works again"
    );
}

#[wasm_bindgen_test]
async fn an_app_s_own_storage_that_does_not_work_is_passed_over_for_memory() {
    for how in ["throwing", "rejecting", "numbers"] {
        let browser = Browser::default();
        browser.use_custom_storage(custom_storage(how));
        assert_eq!(
            chosen(&browser, StorageKind::Custom).await,
            StorageKind::Memory,
            "{how}"
        );
    }
    let browser = Browser::default();
    assert!(!browser.use_custom_storage(JsValue::UNDEFINED));
    assert_eq!(chosen(&browser, StorageKind::Custom).await, StorageKind::Memory);
    browser.use_custom_storage(js_sys::Object::new().into());
    assert_eq!(chosen(&browser, StorageKind::Custom).await, StorageKind::Memory);
}

#[wasm_bindgen_test]
async fn what_an_app_s_own_storage_throws_is_not_repeated() {
    let storage = custom_storage("sync");
    let browser = with_custom(storage.clone()).await;
    assert!(browser.swap(KEY, None, "1 secret").await.unwrap());
    break_custom_storage(&storage);
    assert_tells_no_secret(&browser.read(KEY).await.unwrap_err());
    assert_tells_no_secret(&browser.swap(KEY, Some("1"), "2 secret").await.unwrap_err());
}

#[wasm_bindgen_test]
async fn a_write_waits_for_another_tab_s_and_not_for_ever() {
    let browser = filled(StorageKind::LocalStorage).await;
    let other = Browser::default().lock(&format!("{KEY}/store"), 5_000).await;
    assert!(other.is_some());
    let error = browser.swap(KEY, Some("1"), "2 b").await.unwrap_err();
    assert_eq!(error.cause.as_deref(), Some("localStorage: TimeoutError"));
    drop(other);
    assert!(browser.swap(KEY, Some("1"), "2 b").await.unwrap());
}

#[wasm_bindgen_test]
async fn clearing_empties_every_other_store_and_the_one_in_use_where_it_is_to_keep_nothing() {
    let (indexed_db, custom) = (filled(StorageKind::IndexedDb).await, custom_storage("async"));
    let browser = with_custom(custom).await;
    assert!(browser.swap(KEY, None, "1 c").await.unwrap());
    let [local, session] = [StorageKind::LocalStorage, StorageKind::SessionStorage];
    for name in ["", "/refresh/lease", "/changed"] {
        set_item(&format!("{KEY}{name}"), "1 l");
    }
    set_item("cognito-wasm/test/record2", "1 other");
    set_session_item(KEY, "1 s");
    browser.clear(KEY, true).await.unwrap();
    assert_eq!(
        text(&browser).await.as_deref(),
        Some("1 c"),
        "the store in use keeps its record"
    );
    for kind in [local, session] {
        assert_eq!(text(&opened(kind).await).await, None);
    }
    for name in ["", "/refresh/lease", "/changed"] {
        assert_eq!(get_item(&format!("{KEY}{name}")), None);
    }
    assert_eq!(text(&indexed_db).await, None);
    assert_eq!(inspect(KEY).await, r#"{"bytes":""}"#, "the key is gone as well");
    browser.clear(KEY, false).await.unwrap();
    assert_eq!(text(&browser).await, None);
    assert_eq!(get_item("cognito-wasm/test/record2").as_deref(), Some("1 other"));
    browser.1.remove_foreign("cognito-wasm/test/record2");
}

#[wasm_bindgen_test]
async fn clearing_fails_only_for_the_store_in_use() {
    let browser = filled(StorageKind::LocalStorage).await;
    let broken = break_indexed_db("refusing");
    browser.clear(KEY, false).await.unwrap();
    assert_eq!(text(&browser).await, None);
    drop(broken);
    let browser = filled(StorageKind::IndexedDb).await;
    let broken = break_indexed_db("refusing");
    assert_tells_no_secret(&browser.clear(KEY, false).await.unwrap_err());
    drop(broken);
    assert_eq!(text(&browser).await.as_deref(), Some("1 secret"));
}

#[wasm_bindgen_test]
fn what_another_package_has_stored_is_read_and_removed() {
    let browser = Browser::default();
    set_item("Cognito.ключ", "text");
    assert_eq!(browser.foreign("Cognito.ключ").unwrap().as_str(), "text");
    browser.remove_foreign("Cognito.ключ");
    assert!(browser.foreign("Cognito.ключ").is_none());
}
