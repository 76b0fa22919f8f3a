use std::fmt;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Not through web-sys, whose constructor may throw; this one does not.
    pub(super) type AbortController;

    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;

    #[wasm_bindgen(method)]
    fn abort(this: &AbortController);
}

/// Ends in JavaScript, when dropped, what was given its controller: a request, a wait, a lock, a set of listeners.
pub(super) struct Cancel(AbortController);

impl Cancel {
    pub(super) fn new() -> Self {
        Self(AbortController::new())
    }

    pub(super) fn controller(&self) -> &AbortController {
        &self.0
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cancel")
    }
}
