use wasm_bindgen::prelude::{Closure, wasm_bindgen};

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use super::storage::State;
use crate::ports::{Navigator, Signal};

#[wasm_bindgen(module = "/src/web/signals.js")]
extern "C" {
    #[wasm_bindgen(js_name = listen)]
    fn listen_to(state: &State, key: &str, notify: &Closure<dyn Fn(usize)>, controller: &AbortController);

    #[wasm_bindgen(js_name = isOnline)]
    fn is_online() -> bool;
}

/// By the numbers of signals.js.
const SIGNALS: [Signal; 6] = [
    Signal::Changed,
    Signal::Online,
    Signal::Offline,
    Signal::Visible,
    Signal::Suspended,
    Signal::Resumed,
];

/// Tells until dropped.
pub(super) struct Listening {
    // Dropped first: nothing calls the closure any more when it goes.
    _ends: Cancel,
    _notify: Closure<dyn Fn(usize)>,
}

impl Browser {
    /// Calls `notify` for every signal and for changes to the record at `key`, until closed. Only the last listener is called.
    pub(super) fn listen(&self, key: &str, notify: impl Fn(Signal) + 'static) {
        let notify = Closure::new(move |number: usize| {
            if let Some(signal) = SIGNALS.get(number) {
                notify(*signal);
            }
        });
        self.close();
        let ends = Cancel::new();
        listen_to(&self.state, key, &notify, ends.controller());
        self.listening.replace(Some(Listening {
            _ends: ends,
            _notify: notify,
        }));
    }

    /// Ends the listening.
    pub(super) fn close(&self) {
        let ended = self.listening.take();
        drop(ended);
    }
}

impl Navigator for Browser {
    fn is_online(&self) -> bool {
        is_online()
    }
}
