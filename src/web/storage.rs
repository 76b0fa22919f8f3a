use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use super::browser::Browser;
use crate::core::error::{AuthError, Code};
use crate::ports::{Note, Storage, StorageKind, Stored, Trial};

#[wasm_bindgen(module = "/src/web/storage.js")]
extern "C" {
    /// What one client keeps in JavaScript: its store, and its channel.
    #[derive(Clone)]
    pub(super) type State;

    #[wasm_bindgen(js_name = newState)]
    pub(super) fn new_state() -> State;

    #[wasm_bindgen(js_name = useCustom)]
    pub(super) fn use_custom(state: &State, storage: JsValue) -> bool;

    #[wasm_bindgen(js_name = isCustom)]
    pub(super) fn is_custom(state: &State, storage: &JsValue) -> bool;

    fn probe(state: &State, kind: &str, key: &str) -> Promise;
    fn read(state: &State, kind: &str, key: &str) -> Promise;
    fn swap(state: &State, kind: &str, key: &str, expected: Option<&str>, record: &str) -> Promise;
    fn remove(state: &State, kind: &str, key: &str) -> Promise;
    fn clear(state: &State, used: &str, key: &str, keeps_record: bool) -> Promise;
    fn note(is_shared: bool, key: &str) -> Option<String>;
    #[wasm_bindgen(js_name = setNote)]
    fn set_note(is_shared: bool, key: &str, note: Option<&str>);
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
    async fn probe(&self, kind: StorageKind, key: &str) -> Trial {
        let tried = JsFuture::from(probe(&self.state, kind.as_str(), key)).await;
        match tried.ok().and_then(|trial| trial.as_string()).as_deref() {
            Some("works") => Trial::Works,
            Some("readable") => Trial::Readable,
            Some("refuses") => Trial::Refuses,
            Some("stalled") => Trial::Stalled,
            _ => Trial::Absent,
        }
    }

    async fn read(&self, kind: StorageKind, key: &str) -> Result<Option<Stored>, AuthError> {
        match JsFuture::from(read(&self.state, kind.as_str(), key)).await {
            Ok(found) => Ok(found.as_string().map(|found| stored(Zeroizing::new(found)))),
            Err(reason) => Err(refused(
                "The session's storage cannot be read. The user may have blocked it for this site.",
                &reason,
            )),
        }
    }

    async fn swap(
        &self,
        kind: StorageKind,
        key: &str,
        expected: Option<&str>,
        record: &str,
    ) -> Result<bool, AuthError> {
        match JsFuture::from(swap(&self.state, kind.as_str(), key, expected, record)).await {
            Ok(swapped) => Ok(swapped.is_truthy()),
            Err(reason) => Err(not_written(&reason)),
        }
    }

    async fn remove(&self, kind: StorageKind, key: &str) -> Result<(), AuthError> {
        match JsFuture::from(remove(&self.state, kind.as_str(), key)).await {
            Ok(_) => Ok(()),
            Err(reason) => Err(not_written(&reason)),
        }
    }

    async fn clear(&self, used: StorageKind, key: &str, keeps_record: bool) -> Result<(), AuthError> {
        match JsFuture::from(clear(&self.state, used.as_str(), key, keeps_record)).await {
            Ok(_) => Ok(()),
            Err(reason) => Err(not_written(&reason)),
        }
    }

    fn note(&self, place: Note, key: &str) -> Option<String> {
        note(place == Note::Shared, key)
    }

    fn set_note(&self, place: Note, key: &str, text: Option<&str>) {
        set_note(place == Note::Shared, key, text);
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
    let reason = reason.as_string().unwrap_or_default();
    if reason.ends_with("TimeoutError") {
        let mut error = AuthError::new(
            Code::Storage,
            "The session's storage did not answer. Another tab may be using it. Try again.",
        );
        error.retryable = true;
        return error.caused_by(reason);
    }
    AuthError::new(Code::Storage, message).caused_by(reason)
}
