//! localStorage. Not through gloo-storage: it panics where storage is blocked, and writes every text as JSON.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::browser::Browser;
use super::convert::describe;
use crate::core::error::{AuthError, Code};
use crate::ports::Storage;

#[wasm_bindgen]
extern "C" {
    type Global;

    // Reading the property throws where the user has blocked storage, and it is absent in a worker.
    #[wasm_bindgen(method, getter, catch, js_name = localStorage)]
    fn local_storage(this: &Global) -> Result<Option<web_sys::Storage>, JsValue>;
}

impl Storage for Browser {
    async fn get(&self, key: &str) -> Result<Option<String>, AuthError> {
        open()?.get_item(key).map_err(|reason| refused("read", &reason))
    }

    async fn set(&self, key: &str, text: &str) -> Result<(), AuthError> {
        open()?
            .set_item(key, text)
            .map_err(|reason| refused("written", &reason))
    }

    async fn remove(&self, key: &str) -> Result<(), AuthError> {
        open()?.remove_item(key).map_err(|reason| refused("written", &reason))
    }
}

fn open() -> Result<web_sys::Storage, AuthError> {
    let global = js_sys::global().unchecked_into::<Global>();
    match global.local_storage() {
        Ok(Some(storage)) => Ok(storage),
        Ok(None) => Err(AuthError::new(Code::Storage, "This environment has no localStorage.")),
        Err(reason) => Err(refused("opened", &reason)),
    }
}

fn refused(what: &str, reason: &JsValue) -> AuthError {
    AuthError::new(
        Code::Storage,
        format!("localStorage cannot be {what}. The user may have blocked it for this site, or it is full."),
    )
    .caused_by(describe(reason))
}
