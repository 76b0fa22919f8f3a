//! The only way from a future to a Promise.
//!
//! A panic traps the WebAssembly and leaves its promise, and those of every other call under way, pending for
//! ever. So each `reject` is kept until its promise settles, and the panic hook, which runs before the trap,
//! calls them all; what is called afterwards is rejected at once. Locks would be held for ever as well: it gives them up.
//! No other future goes on, for nobody knows what is whole.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{self, PanicHookInfo};
use std::pin::Pin;
use std::task::Poll;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use zeroize::Zeroizing;

use super::{convert, lock};
use crate::core::error::{AuthError, Code};

/// What a promise settles with: the JSON text of a result, or of an error.
pub type Settled = Result<Zeroizing<String>, AuthError>;

thread_local! {
    static PENDING: RefCell<Vec<(u32, Function)>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u32> = const { Cell::new(0) };
    /// Set by a panic: the text of the error that everything is rejected with.
    static DEAD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs the future and settles the promise with its outcome.
pub fn export(future: impl Future<Output = Settled> + 'static) -> Promise {
    export_boxed(Box::pin(future))
}

/// Boxed, so that what drives a promise is compiled once and not once for each method.
fn export_boxed(future: Pin<Box<dyn Future<Output = Settled>>>) -> Promise {
    let mut future = Some(future);
    Promise::new(&mut |resolve, reject| {
        if let Some(error) = DEAD.with_borrow(Clone::clone) {
            settle(&reject, &error);
        } else if let Some(future) = future.take() {
            run(future, resolve, reject);
        }
    })
}

/// Installs the panic hook.
pub fn reject_all_on_panic() {
    panic::set_hook(Box::new(|info| {
        let error = convert::error(&internal(info));
        // A borrow can only be alive here if the panic came from this file; then nothing can be saved.
        let _ = DEAD.try_with(|dead| dead.try_borrow_mut().map(|mut dead| *dead = Some(error.to_string())));
        reject_pending(&error);
        lock::release_all();
    }));
}

/// Rejects every promise that has not settled.
pub(super) fn reject_pending(error: &str) {
    let pending = PENDING
        .with(|pending| {
            pending
                .try_borrow_mut()
                .map(|mut pending| std::mem::take(&mut *pending))
        })
        .unwrap_or_default();
    for (_, reject) in &pending {
        settle(reject, error);
    }
}

fn run(future: Pin<Box<dyn Future<Output = Settled>>>, resolve: Function, reject: Function) {
    let id = NEXT.replace(NEXT.get().wrapping_add(1));
    PENDING.with_borrow_mut(|pending| pending.push((id, reject.clone())));
    spawn_local(async move {
        let outcome = until_panic(future).await;
        PENDING.with_borrow_mut(|pending| pending.retain(|(other, _)| *other != id));
        match outcome {
            Ok(result) => settle(&resolve, &result),
            Err(error) => settle(&reject, &convert::error(&error)),
        }
    });
}

/// The future, which no longer moves once something has panicked: an answer that comes, a timer, or a lock that is given up
/// would have it refresh and write with what the panic has left half done.
pub(super) fn until_panic<T>(mut future: Pin<Box<dyn Future<Output = T>>>) -> impl Future<Output = T> {
    poll_fn(move |context| {
        if DEAD.with_borrow(Option::is_some) {
            return Poll::Pending;
        }
        future.as_mut().poll(context)
    })
}

fn settle(with: &Function, text: &str) {
    // A promise's own functions do not throw.
    let _ = with.call1(&JsValue::UNDEFINED, &JsValue::from_str(text));
}

/// Only the place: the text of a panic could quote what the code worked on.
fn internal(info: &PanicHookInfo<'_>) -> AuthError {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    AuthError::new(
        Code::Internal,
        format!("cognito-wasm failed at {place}. Reload the page, and please report it; the stored session is kept."),
    )
}
