//! What tests do to the page, by stubs.js.

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::ports::{Clock as _, Timer as _};
use crate::web::browser::Browser;

#[wasm_bindgen(module = "/src/web/tests/stubs.js")]
extern "C" {
    #[wasm_bindgen(js_name = hideLocks)]
    fn hide_locks_js() -> Function;
    #[wasm_bindgen(js_name = refuseLocks)]
    fn refuse_locks_js() -> Function;
    #[wasm_bindgen(js_name = hangLocks)]
    fn hang_locks_js() -> Function;
    #[wasm_bindgen(js_name = hideBroadcastChannel)]
    fn hide_broadcast_channel_js() -> Function;
    #[wasm_bindgen(js_name = hideStorageArea)]
    fn hide_storage_area_js(name: &str) -> Function;
    #[wasm_bindgen(js_name = blockStorageArea)]
    fn block_storage_area_js(name: &str) -> Function;
    #[wasm_bindgen(js_name = replaceStorageArea)]
    fn replace_storage_area_js(name: &str, how: &str) -> Function;
    #[wasm_bindgen(js_name = hideSubtle)]
    fn hide_subtle_js() -> Function;
    #[wasm_bindgen(js_name = goOffline)]
    fn go_offline_js() -> Function;
    #[wasm_bindgen(js_name = breakIndexedDb)]
    fn break_indexed_db_js(how: &str) -> Function;
    #[wasm_bindgen(js_name = makeForeignDatabase)]
    fn make_foreign_database_js(table: &str) -> Promise;
    #[wasm_bindgen(js_name = corruptDatabase)]
    fn corrupt_database_js() -> Function;
    #[wasm_bindgen(js_name = holdDatabase)]
    fn hold_database_js() -> Promise;
    #[wasm_bindgen(js_name = refuseKeys)]
    fn refuse_keys_js() -> Function;
    #[wasm_bindgen(js_name = stubFetch)]
    fn stub_fetch_js(calls: &Array, status: u16, headers: &str, body: &str) -> Function;
    #[wasm_bindgen(js_name = stubPasskeys)]
    fn stub_passkeys_js(calls: &Array, how: &str) -> Function;
    #[wasm_bindgen(js_name = hidePasskeys)]
    fn hide_passkeys_js() -> Function;
    #[wasm_bindgen(js_name = stubContext)]
    fn stub_context_js(how: &str) -> Function;
    #[wasm_bindgen(js_name = shadowLocksIn)]
    fn hide_locks_in_js(document: &Object) -> Function;
    #[wasm_bindgen(js_name = hideBroadcastChannelIn)]
    fn hide_broadcast_channel_in_js(document: &Object) -> Function;

    #[wasm_bindgen(js_name = damage)]
    fn damage_js(place: &str, how: &str) -> Promise;
    #[wasm_bindgen(js_name = inspect)]
    fn inspect_js(place: &str) -> Promise;
    #[wasm_bindgen(js_name = deleteDatabase)]
    fn delete_database_js() -> Promise;
    #[wasm_bindgen(js_name = inOtherDocument)]
    fn in_other_document_js(module: &str) -> Promise;
    #[wasm_bindgen(js_name = inWorker)]
    fn in_worker_js(key: &str) -> Promise;
    #[wasm_bindgen(js_name = lockFrom)]
    fn lock_from_js(document: &Object, name: &str, patience: f64) -> Promise;

    #[wasm_bindgen(js_name = customStorage)]
    pub(super) fn custom_storage(how: &str) -> JsValue;
    #[wasm_bindgen(js_name = breakCustomStorage)]
    pub(super) fn break_custom_storage(storage: &JsValue);
    #[wasm_bindgen(js_name = removeDocument)]
    pub(super) fn remove_document(document: &Object);
    #[wasm_bindgen(js_name = announceFrom)]
    pub(super) fn announce_from(document: &Object, key: &str);
    #[wasm_bindgen(js_name = unlockFrom)]
    pub(super) fn unlock_from(document: &Object);
    #[wasm_bindgen(js_name = happen)]
    pub(super) fn happen(target: &str, name: &str, persisted: bool);
    #[wasm_bindgen(js_name = setItem)]
    pub(super) fn set_item(key: &str, text: &str);
    #[wasm_bindgen(js_name = getItem)]
    pub(super) fn get_item(key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = setSessionItem)]
    pub(super) fn set_session_item(key: &str, text: &str);
}

/// A change to the page that ends when this is dropped.
pub(super) struct Stub(Function);

impl Drop for Stub {
    fn drop(&mut self) {
        self.0.call0(&JsValue::UNDEFINED).unwrap();
    }
}

pub(super) fn hide_locks() -> Stub {
    Stub(hide_locks_js())
}

pub(super) fn refuse_locks() -> Stub {
    Stub(refuse_locks_js())
}

pub(super) fn hang_locks() -> Stub {
    Stub(hang_locks_js())
}

pub(super) fn hide_broadcast_channel() -> Stub {
    Stub(hide_broadcast_channel_js())
}

pub(super) fn hide_storage_area(name: &str) -> Stub {
    Stub(hide_storage_area_js(name))
}

pub(super) fn block_storage_area(name: &str) -> Stub {
    Stub(block_storage_area_js(name))
}

pub(super) fn replace_storage_area(name: &str, how: &str) -> Stub {
    Stub(replace_storage_area_js(name, how))
}

pub(super) fn hide_subtle() -> Stub {
    Stub(hide_subtle_js())
}

pub(super) fn go_offline() -> Stub {
    Stub(go_offline_js())
}

pub(super) fn break_indexed_db(how: &str) -> Stub {
    Stub(break_indexed_db_js(how))
}

pub(super) async fn make_foreign_database(table: &str) {
    JsFuture::from(make_foreign_database_js(table)).await.unwrap();
}

pub(super) fn corrupt_database() -> Stub {
    Stub(corrupt_database_js())
}

pub(super) async fn hold_database() -> Stub {
    Stub(JsFuture::from(hold_database_js()).await.unwrap().into())
}

pub(super) fn refuse_keys() -> Stub {
    Stub(refuse_keys_js())
}

pub(super) fn stub_fetch(calls: &Array, status: u16, headers: &str, body: &str) -> Stub {
    Stub(stub_fetch_js(calls, status, headers, body))
}

/// Dialogs that end so, one after the other: `agree`, `extension`, `incomplete`, `silent`, `null` or the name of an error.
pub(super) fn stub_passkeys(calls: &Array, how: &str) -> Stub {
    Stub(stub_passkeys_js(calls, how))
}

pub(super) fn hide_passkeys() -> Stub {
    Stub(hide_passkeys_js())
}

pub(super) fn stub_context(how: &str) -> Stub {
    Stub(stub_context_js(how))
}

pub(super) fn hide_locks_in(document: &Object) -> Stub {
    Stub(hide_locks_in_js(document))
}

pub(super) fn hide_broadcast_channel_in(document: &Object) -> Stub {
    Stub(hide_broadcast_channel_in_js(document))
}

pub(super) async fn damage(place: &str, how: &str) {
    JsFuture::from(damage_js(place, how)).await.unwrap();
}

pub(super) async fn inspect(place: &str) -> String {
    JsFuture::from(inspect_js(place)).await.unwrap().as_string().unwrap()
}

pub(super) async fn delete_database() -> String {
    JsFuture::from(delete_database_js()).await.unwrap().as_string().unwrap()
}

/// Another document of this origin, with one of the modules beside this directory.
pub(super) async fn in_other_document(module: &str) -> Object {
    JsFuture::from(in_other_document_js(module)).await.unwrap().into()
}

pub(super) async fn lock_from(document: &Object, name: &str, patience: f64) -> bool {
    JsFuture::from(lock_from_js(document, name, patience))
        .await
        .unwrap()
        .is_truthy()
}

/// What the adapters do in a worker, as JSON.
pub(super) async fn in_worker(key: &str) -> String {
    JsFuture::from(in_worker_js(key)).await.unwrap().as_string().unwrap()
}

/// Waits for something to be so.
pub(super) async fn until(is_so: impl Fn() -> bool) {
    let browser = Browser::default();
    let end = browser.monotonic() + 20_000;
    while !is_so() {
        assert!(browser.monotonic() < end, "it never came to be");
        browser.sleep(5).await;
    }
}
