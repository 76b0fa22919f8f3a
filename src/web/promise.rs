//! The only way from a future to a Promise.
//!
//! Whatever ends the WebAssembly, a panic or another trap, leaves its promises pending for ever: boundary.js tells the
//! facade, which ends its calls.

use std::future::Future;
use std::pin::Pin;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use zeroize::Zeroizing;

use super::convert;
use crate::core::error::AuthError;

/// What a promise settles with: the JSON text of a result, or of an error.
pub(super) type Settled = Result<Zeroizing<String>, AuthError>;

/// Runs the future and settles the promise with its outcome.
pub(super) fn export(future: impl Future<Output = Settled> + 'static) -> Promise {
    export_boxed(Box::pin(future))
}

/// Boxed, so that what drives a promise is compiled once and not once for each method.
fn export_boxed(future: Pin<Box<dyn Future<Output = Settled>>>) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        if let Some(future) = future.take() {
            run(future, resolve, reject);
        }
    })
}

fn run(future: Pin<Box<dyn Future<Output = Settled>>>, resolve: Function, reject: Function) {
    spawn_local(async move {
        match future.await {
            Ok(result) => settle(&resolve, &result),
            Err(error) => settle(&reject, &convert::error(&error)),
        }
    });
}

fn settle(with: &Function, text: &str) {
    // A promise's own functions do not throw.
    let _ = with.call1(&JsValue::UNDEFINED, &JsValue::from_str(text));
}
