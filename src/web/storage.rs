use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use super::browser::Browser;
use super::convert::describe;
use crate::core::error::{AuthError, Code};
use crate::ports::{Storage, StorageKind, Stored};

#[wasm_bindgen(module = "/src/web/storage.js")]
extern "C" {
    /// What one client keeps in JavaScript: its store, and its channel.
    #[derive(Clone)]
    pub(super) type State;

    #[wasm_bindgen(js_name = newState)]
    pub(super) fn new_state() -> State;

    #[wasm_bindgen(js_name = useCustom)]
    pub(super) fn use_custom(state: &State, storage: JsValue) -> bool;

    fn open(state: &State, wish: &str) -> Promise;
    fn read(state: &State, key: &str) -> Promise;
    fn swap(state: &State, key: &str, expected: Option<&str>, record: &str) -> Promise;
    fn clear(state: &State, key: &str, keeps_record: bool) -> Promise;
    fn foreign(key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = removeForeign)]
    fn remove_foreign(key: &str);
}

/// wasm-bindgen ships a JavaScript file only if something is imported from it, and storage.js imports this one.
#[wasm_bindgen(module = "/src/web/indexed_db.js")]
extern "C" {
    #[allow(dead_code)]
    #[wasm_bindgen(js_name = indexedDb)]
    type IndexedDb;
}

impl Storage for Browser {
    async fn open(&self, wish: StorageKind) -> StorageKind {
        let chosen = JsFuture::from(open(&self.state, wish.as_str())).await;
        let name = chosen.ok().and_then(|name| name.as_string()).unwrap_or_default();
        let kind = StorageKind::ALL.iter().find(|kind| kind.as_str() == name);
        kind.copied().unwrap_or(StorageKind::Memory)
    }

    async fn read(&self, key: &str) -> Result<Option<Stored>, AuthError> {
        match JsFuture::from(read(&self.state, key)).await {
            Ok(found) => Ok(found.as_string().map(|found| stored(Zeroizing::new(found)))),
            Err(reason) => Err(refused(
                "The session's storage cannot be read. The user may have blocked it for this site.",
                &reason,
            )),
        }
    }

    async fn swap(&self, key: &str, expected: Option<&str>, record: &str) -> Result<bool, AuthError> {
        match JsFuture::from(swap(&self.state, key, expected, record)).await {
            Ok(swapped) => Ok(swapped.is_truthy()),
            Err(reason) => Err(not_written(&reason)),
        }
    }

    async fn clear(&self, key: &str, keeps_record: bool) -> Result<(), AuthError> {
        match JsFuture::from(clear(&self.state, key, keeps_record)).await {
            Ok(_) => Ok(()),
            Err(reason) => Err(not_written(&reason)),
        }
    }

    fn foreign(&self, key: &str) -> Option<Zeroizing<String>> {
        foreign(key).map(Zeroizing::new)
    }

    fn remove_foreign(&self, key: &str) {
        remove_foreign(key);
    }
}

/// `+` and a record, or `-` and the stamp of one that can no longer be decrypted.
fn stored(mut found: Zeroizing<String>) -> Stored {
    match found.strip_prefix('-') {
        Some(stamp) => Stored {
            stamp: stamp.into(),
            text: None,
        },
        None => {
            found.drain(..1);
            Stored {
                stamp: found.split(' ').next().unwrap_or_default().into(),
                text: Some(found),
            }
        }
    }
}

fn not_written(reason: &JsValue) -> AuthError {
    refused(
        "The session's storage cannot be written. The user may have blocked it for this site, or it is full.",
        reason,
    )
}

fn refused(message: &'static str, reason: &JsValue) -> AuthError {
    AuthError::new(Code::Storage, message).caused_by(describe(reason))
}
