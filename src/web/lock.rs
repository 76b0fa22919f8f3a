use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use crate::ports::{Lock, Millis};

#[wasm_bindgen(module = "/src/web/lock.js")]
extern "C" {
    #[wasm_bindgen(js_name = lock)]
    fn request(name: &str, patience: f64, controller: &AbortController) -> Promise;
}

impl Lock for Browser {
    type Guard = Cancel;

    async fn lock(&self, name: &str, patience: Millis) -> Option<Cancel> {
        let releases = Cancel::new();
        let is_held = JsFuture::from(request(name, patience as f64, releases.controller())).await;
        is_held.is_ok_and(|held| held.is_truthy()).then_some(releases)
    }
}
