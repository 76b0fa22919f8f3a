use wasm_bindgen::prelude::wasm_bindgen;

use super::browser::Browser;
use super::storage::State;
use crate::ports::Channel;

#[wasm_bindgen(module = "/src/web/channel.js")]
extern "C" {
    #[wasm_bindgen(js_name = announce)]
    fn tell_others(state: &State, key: &str);
}

impl Channel for Browser {
    fn announce(&self, key: &str) {
        tell_others(&self.state, key);
    }
}
