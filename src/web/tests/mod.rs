//! In a browser: each adapter against its port's contract, and the bridge to JavaScript.

mod core_client;
mod http;
mod lock;
mod passkeys;
mod promise;
mod signals;
mod storage;
mod support;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::browser::Browser;
use crate::ports::Spawn as _;
use crate::testing::{clock_contract, random_contract, timer_contract};
use support::until;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_random_source_keeps_the_contract() {
    random_contract(&Browser::default());
}

#[wasm_bindgen_test]
fn the_clock_keeps_the_contract() {
    clock_contract(&Browser::default());
}

#[wasm_bindgen_test]
async fn the_timer_keeps_the_contract() {
    timer_contract(Browser::default()).await;
}

#[wasm_bindgen_test]
async fn what_is_spawned_runs() {
    let has_run = std::rc::Rc::new(std::cell::Cell::new(false));
    let runs = std::rc::Rc::clone(&has_run);
    Browser::default().spawn(Box::pin(async move { runs.set(true) }));
    until(|| has_run.get()).await;
}
