use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::signals::Listening;
use super::storage::{State, is_custom, new_state, use_custom};

/// The browser as the environment of one client. Each port is implemented in the file of its name. Cloning gives another
/// handle on the same one.
#[derive(Clone)]
pub(super) struct Browser {
    pub(super) state: State,
    pub(super) listening: Rc<RefCell<Option<Listening>>>,
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            state: new_state(),
            listening: Rc::default(),
        }
    }
}

impl Browser {
    /// Takes the app's own storage, for `StorageKind::Custom`. Whether there is one.
    pub(super) fn use_custom_storage(&self, storage: JsValue) -> bool {
        use_custom(&self.state, storage)
    }

    /// Whether this is the app's own storage that was taken.
    pub(super) fn has_custom_storage(&self, storage: &JsValue) -> bool {
        is_custom(&self.state, storage)
    }
}

/// Prints nothing of what is in there.
impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Browser")
    }
}
