use wasm_bindgen::prelude::wasm_bindgen;

use super::browser::Browser;
use crate::ports::ContextData;

#[wasm_bindgen(module = "/src/web/context_data.js")]
extern "C" {
    #[wasm_bindgen(js_name = contextData)]
    fn data_of(username: &str, pool_id: &str, client_id: &str) -> Option<String>;
}

impl ContextData for Browser {
    fn context_data(&self, username: &str, pool_id: &str, client_id: &str) -> Option<String> {
        data_of(username, pool_id, client_id)
    }
}
