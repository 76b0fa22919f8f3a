//! The exported class, as the facade drives it.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::testing::config_text;
use crate::web::core_client::{Core, JsHost};

/// Nothing answers here, and the refusal comes at once.
const UNREACHABLE: &str = r#","Endpoint":"http://127.0.0.1:1""#;

/// A host whose `changed` is this function.
fn host(changed: &JsValue) -> JsHost {
    let host = Object::new();
    let is_listening = Function::new_no_args("return false");
    Reflect::set(&host, &"changed".into(), changed).unwrap();
    Reflect::set(&host, &"isListening".into(), &is_listening).unwrap();
    host.unchecked_into()
}

fn telling(changed: impl Fn(JsValue) + 'static) -> JsHost {
    host(&Closure::<dyn Fn(JsValue)>::new(changed).into_js_value())
}

/// Initialized, with nothing kept.
async fn initialize(core: &Core, more: &str) {
    let options = r#"{"storage":"memory"}"#.to_owned();
    let initialized = core.initialize(
        Some(config_text(more)),
        String::new(),
        options,
        JsValue::UNDEFINED,
        JsValue::UNDEFINED,
    );
    JsFuture::from(initialized).await.unwrap();
}

async fn rejection(promise: Promise) -> String {
    JsFuture::from(promise).await.unwrap_err().as_string().unwrap()
}

#[wasm_bindgen_test]
async fn a_bad_argument_rejects_and_nothing_is_thrown() {
    let core = Core::new(telling(|_| ()));
    let error = rejection(core.call(1, "signIn".into(), "{\"user\":1}".into())).await;
    assert!(
        error.contains("invalidParameter") && error.contains("`user`"),
        "{error}"
    );
}

#[wasm_bindgen_test]
async fn a_call_may_run_while_another_is_pending() {
    let core = Core::new(telling(|_| ()));
    initialize(&core, UNREACHABLE).await;
    let options = || r#"{"username":"a","password":"p"}"#.to_owned();
    let pending = [
        core.call(2, "signIn".into(), options()),
        core.call(3, "signUp".into(), options()),
        core.call(4, "signOut".into(), "{}".into()),
    ];
    let settled = JsFuture::from(Promise::all_settled(&Array::from_iter(&pending)))
        .await
        .unwrap();
    let outcome = |result: JsValue| {
        let reason = Reflect::get(&result, &JsValue::from_str("reason")).unwrap();
        reason.as_string().unwrap_or_else(|| "fulfilled".into())
    };
    let outcomes: Vec<String> = settled.unchecked_into::<Array>().iter().map(outcome).collect();
    // The sign-out overtakes the sign-in, unless the network has refused it before.
    for (outcome, expected) in outcomes
        .iter()
        .zip([&["aborted", "network"][..], &["network"], &["fulfilled"]])
    {
        assert!(
            expected.iter().any(|expected| outcome.contains(expected)),
            "{outcomes:?}"
        );
    }
    assert!(
        rejection(core.call(5, "getTokens".into(), "{}".into()))
            .await
            .contains("notSignedIn")
    );
}

#[wasm_bindgen_test]
async fn a_host_that_throws_harms_no_call() {
    let throws = Function::new_no_args("throw new Error('listener')");
    let core = Core::new(host(&throws));
    initialize(&core, "").await;
    JsFuture::from(core.call(6, "signOut".into(), "{}".into()))
        .await
        .unwrap();
}

#[wasm_bindgen_test]
async fn a_host_may_call_back_into_the_client() {
    let told = Array::new();
    let core = std::rc::Rc::new(std::cell::OnceCell::<Core>::new());
    let made = Core::new(telling({
        let (told, core) = (told.clone(), std::rc::Rc::clone(&core));
        move |snapshot| {
            told.push(&snapshot);
            if told.length() < 3 {
                drop(
                    core.get()
                        .unwrap()
                        .call(7, "signOut".into(), r#"{"invalidateTokens":false}"#.into()),
                );
            }
        }
    }));
    core.set(made).unwrap();
    let core = core.get().unwrap();
    initialize(core, "").await;
    while told.length() < 3 {
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await.unwrap();
    }
    assert!(
        told.iter()
            .all(|snapshot| snapshot.as_string().unwrap().contains("signedOut"))
    );
}
