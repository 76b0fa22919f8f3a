//! A panic traps the WebAssembly and no code of it may run after that, so this test has a program of its own.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::panic, clippy::unwrap_used)]

use cognito_wasm::web::promise::{export, reject_all_on_panic};
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use zeroize::Zeroizing;

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_panic_rejects_what_is_pending_and_all_that_comes_after() {
    reject_all_on_panic();
    let pending = export(std::future::pending());
    let panics = Closure::<dyn Fn()>::new(|| panic!("with a secret, 4711"));
    let survive = Function::new_with_args("panics", "try { panics() } catch (trap) { return trap.name }");
    let trap = survive.call1(&JsValue::UNDEFINED, panics.as_ref()).unwrap();
    assert_eq!(trap, JsValue::from_str("RuntimeError"));

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
