//! In a browser: each adapter against its port's contract, and the bridge to JavaScript.

mod core_client;
mod promise;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::browser::Browser;
use crate::core::api::http::Request;
use crate::core::error::Code;
use crate::ports::Http as _;
use crate::testing::{clock_contract, random_contract, storage_contract};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn local_storage_keeps_the_contract() {
    storage_contract(&Browser).await;
}

#[wasm_bindgen_test]
fn the_random_source_keeps_the_contract() {
    random_contract(&Browser);
}

#[wasm_bindgen_test]
fn the_clock_keeps_the_contract() {
    clock_contract(&Browser);
}

#[wasm_bindgen_test]
async fn an_answer_of_any_status_is_an_answer() {
    let found = Browser
        .send(Request::get("data:application/json,%7B%7D"))
        .await
        .unwrap();
    assert_eq!((found.status, found.body.as_str()), (200, "{}"));
    let missing = Browser.send(Request::get("./no-such-file.json")).await.unwrap();
    assert_eq!(missing.status, 404);
}

#[wasm_bindgen_test]
async fn a_request_that_cannot_be_sent_is_a_network_error() {
    let error = Browser.send(Request::get("http://127.0.0.1:1/")).await.unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Network, true));
    assert!(error.cause.is_some());
}
