use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use crate::core::limits::MAX_TIMER;
use crate::ports::{Millis, Timer};

#[wasm_bindgen(module = "/src/web/timer.js")]
extern "C" {
    #[wasm_bindgen(js_name = sleep)]
    fn wait(time: f64, controller: &AbortController) -> Promise;
}

impl Timer for Browser {
    async fn sleep(&self, mut time: Millis) {
        loop {
            let clears = Cancel::new();
            // It never rejects.
            let _ = JsFuture::from(wait(time.min(MAX_TIMER) as f64, clears.controller())).await;
            time = time.saturating_sub(MAX_TIMER);
            if time <= 0 {
                return;
            }
        }
    }
}
