//! The exported class, as the facade drives it.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::testing::config_text;
use crate::web::Core;

/// Nobody answers here, and at once.
const UNREACHABLE: &str = r#","Endpoint":"http://127.0.0.1:1""#;

fn sink(call: impl Fn(JsValue, JsValue) + 'static) -> Function {
    Closure::<dyn Fn(JsValue, JsValue)>::new(call)
        .into_js_value()
        .unchecked_into()
}

async fn rejection(promise: Promise) -> String {
    JsFuture::from(promise).await.unwrap_err().as_string().unwrap()
}

#[wasm_bindgen_test]
async fn a_bad_argument_rejects_and_nothing_is_thrown() {
    let core = Core::new(sink(|_, _| ()));
    let error = rejection(core.call("signIn".into(), "{\"user\":1}".into())).await;
    assert!(
        error.contains("invalidParameter") && error.contains("`user`"),
        "{error}"
    );
}

#[wasm_bindgen_test]
async fn a_call_may_run_while_another_is_pending() {
    let core = Core::new(sink(|_, _| ()));
    JsFuture::from(core.initialize(Some(config_text(UNREACHABLE)), String::new()))
        .await
        .unwrap();
    let options = || r#"{"username":"a","password":"p"}"#.to_owned();
    let pending = [
        core.call("signIn".into(), options()),
        core.call("signUp".into(), options()),
        core.call("signOut".into(), "{}".into()),
    ];
    let settled = JsFuture::from(Promise::all_settled(&Array::from_iter(&pending)))
        .await
        .unwrap();
    let outcome = |result: JsValue| {
        let reason = Reflect::get(&result, &JsValue::from_str("reason")).unwrap();
        reason.as_string().unwrap_or_else(|| "fulfilled".into())
    };
    let outcomes: Vec<String> = settled.unchecked_into::<Array>().iter().map(outcome).collect();
    for (outcome, expected) in outcomes.iter().zip(["aborted", "network", "fulfilled"]) {
        assert!(outcome.contains(expected), "{outcomes:?}");
    }
    assert!(
        rejection(core.call("getTokens".into(), "{}".into()))
            .await
            .contains("notSignedIn")
    );
}

#[wasm_bindgen_test]
async fn a_sink_that_throws_harms_no_call() {
    let throws = Function::new_no_args("throw new Error('listener')");
    let core = Core::new(throws);
    JsFuture::from(core.initialize(Some(config_text("")), String::new()))
        .await
        .unwrap();
    JsFuture::from(core.call("signOut".into(), "{}".into())).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_sink_may_call_back_into_the_client() {
    let told = Array::new();
    let core = std::rc::Rc::new(std::cell::OnceCell::<Core>::new());
    let made = Core::new(sink({
        let (told, core) = (told.clone(), std::rc::Rc::clone(&core));
        move |snapshot, _| {
            told.push(&snapshot);
            if told.length() < 3 {
                drop(
                    core.get()
                        .unwrap()
                        .call("signOut".into(), r#"{"invalidateTokens":false}"#.into()),
                );
            }
        }
    }));
    core.set(made).unwrap();
    let core = core.get().unwrap();
    JsFuture::from(core.initialize(Some(config_text("")), String::new()))
        .await
        .unwrap();
    while told.length() < 3 {
        JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await.unwrap();
    }
    assert!(
        told.iter()
            .all(|snapshot| snapshot.as_string().unwrap().contains("signedOut"))
    );
}
