use wasm_bindgen::prelude::wasm_bindgen;

use super::browser::Browser;
use crate::ports::{Clock, Millis};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

impl Clock for Browser {
    fn now(&self) -> Millis {
        date_now() as Millis
    }

    fn monotonic(&self) -> Millis {
        performance_now() as Millis
    }
}
