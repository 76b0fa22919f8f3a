//! A panic traps the WebAssembly and no code of it may run after that, so this test has a program of its own.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::rc::Rc;

use cognito_wasm::ports::{Lock as _, Spawn as _};
use cognito_wasm::web::browser::Browser;
use cognito_wasm::web::promise::{export, reject_all_on_panic};
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use zeroize::Zeroizing;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_panic_rejects_all_calls_gives_up_all_locks_and_ends_all_work() {
    reject_all_on_panic();
    let browser = Browser::default();
    let held = browser.lock("test/panic", 1_000).await.unwrap();
    let went_on = Rc::new(Cell::new(false));
    let (waiting, goes_on) = (browser.clone(), Rc::clone(&went_on));
    browser.spawn(Box::pin(async move {
        // Given up with the others, and so is the wait for it.
        waiting.lock("test/panic", 60_000).await;
        goes_on.set(true);
    }));
    // It runs, and asks for the lock.
    JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await.unwrap();
    let pending = export(std::future::pending());
    let panics = Closure::<dyn Fn()>::new(|| panic!("with a secret, 4711"));
    let survive = Function::new_with_args("panics", "try { panics() } catch (trap) { return trap.name }");
    let trap = survive.call1(&JsValue::UNDEFINED, panics.as_ref()).unwrap();
    assert_eq!(trap, JsValue::from_str("RuntimeError"));

    // Not by dropping it: what a panic interrupts is never dropped.
    std::mem::forget(held);
    assert!(
        browser.lock("test/panic", 1_000).await.is_some(),
        "nobody holds the lock any more"
    );

    assert!(!went_on.get(), "nothing of the broken WebAssembly goes on");

    let next = export(async { Ok(Zeroizing::new("{}".into())) });
    for promise in [pending, next] {
        let error = JsFuture::from(promise).await.unwrap_err().as_string().unwrap();
        assert!(
            error.contains(r#""code":"internal""#) && error.contains("panic.rs"),
            "{error}"
        );
        assert!(!error.contains("4711"), "{error}");
    }
}
