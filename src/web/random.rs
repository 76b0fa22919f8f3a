use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::browser::Browser;
use crate::core::error::{AuthError, Code};
use crate::ports::Random;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(bytes: &mut [u8]) -> Result<JsValue, JsValue>;
}

impl Random for Browser {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError> {
        match get_random_values(bytes) {
            Ok(_) => Ok(()),
            // There is no other reason for so few bytes.
            Err(_) => Err(AuthError::new(
                Code::InvalidState,
                "This environment has no `crypto.getRandomValues()`, without which there is no sign-in.",
            )),
        }
    }
}
