//! The end of the WebAssembly: boundary.js sees everything that is thrown through it.

use std::panic::{self, PanicHookInfo};

use wasm_bindgen::prelude::wasm_bindgen;

use super::core_client::JsHost;

#[wasm_bindgen(module = "/src/web/boundary.js")]
extern "C" {
    fn panicked(place: &str);

    pub(super) fn watch(host: &JsHost);

    pub(super) fn unwatch(host: &JsHost);
}

/// Installs the panic hook, which runs before the trap that boundary.js sees. It tells the place only: the text of a panic
/// could quote what the code worked on.
pub(super) fn tell_of_panics() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        panicked(&info.location().map(ToString::to_string).unwrap_or_default());
    }));
}
