use wasm_bindgen::prelude::{Closure, wasm_bindgen};

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use super::storage::State;
use crate::ports::{Navigator, Signal};

#[wasm_bindgen(module = "/src/web/signals.js")]
extern "C" {
    #[wasm_bindgen(js_name = listen)]
    fn listen_to(state: &State, key: &str, tell: &Closure<dyn Fn(usize)>, controller: &AbortController);

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
    _tell: Closure<dyn Fn(usize)>,
}

impl Browser {
    /// Tells of every signal and of changes to the record at `key`, until closed. Only the last listener is told.
    pub(super) fn listen(&self, key: &str, tell: impl Fn(Signal) + 'static) {
        let tell = Closure::new(move |number: usize| {
            if let Some(signal) = SIGNALS.get(number) {
                tell(*signal);
            }
        });
        self.close();
        let ends = Cancel::new();
        listen_to(&self.state, key, &tell, ends.controller());
        self.listening.replace(Some(Listening {
            _ends: ends,
            _tell: tell,
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
