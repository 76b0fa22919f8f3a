use futures_util::FutureExt as _;
use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use zeroize::Zeroizing;

use super::support::{stub_fetch, until};
use crate::core::api::http::{Body, Request, Response};
use crate::core::error::Code;
use crate::core::limits::MAX_TEXT_BYTES;
use crate::ports::Http as _;
use crate::web::browser::Browser;

fn operation(name: &str) -> Request {
    Request {
        url: "./service".into(),
        body: Some(Body {
            target: format!("Service.{name}"),
            json: Zeroizing::new("{\"a\":\"\u{1f600}\"}".into()),
        }),
    }
}

fn member(object: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(object.clone(), |object, name| {
        Reflect::get(&object, &JsValue::from_str(name)).unwrap()
    })
}

async fn answered(status: u16, headers: &str) -> Response {
    let _fetch = stub_fetch(&Array::new(), status, headers, "two\nlines");
    Browser::default().send(operation("InitiateAuth")).await.unwrap()
}

#[wasm_bindgen_test]
async fn an_answer_of_any_status_is_an_answer() {
    let browser = Browser::default();
    let found = browser
        .send(Request::get("data:application/json,%7B%7D"))
        .await
        .unwrap();
    assert_eq!((found.status, found.body.as_str()), (200, "{}"));
    let missing = browser.send(Request::get("./no-such-file.json")).await.unwrap();
    assert_eq!(missing.status, 404);
}

#[wasm_bindgen_test]
async fn a_request_that_cannot_be_sent_is_a_network_error() {
    let request = Request::get("http://127.0.0.1:1/?secret");
    let error = Browser::default().send(request).await.unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Network, true));
    assert!(error.cause.is_some());
    assert!(!format!("{error:?}").contains("secret"), "{error:?}");
}

#[wasm_bindgen_test]
async fn a_post_request_carries_its_operation_and_follows_no_redirect() {
    let calls = Array::new();
    let _fetch = stub_fetch(&calls, 200, "{}", "");
    for name in ["InitiateAuth", "RevokeToken"] {
        Browser::default().send(operation(name)).await.unwrap();
    }
    Browser::default().send(Request::get("./config.json")).await.unwrap();
    let [sign_in, revocation, get] = [0, 1, 2].map(|call| calls.get(call));
    let text = |path: &str| member(&sign_in, path).as_string().unwrap();
    assert_eq!(text("method"), "POST");
    assert_eq!(text("body"), "{\"a\":\"\u{1f600}\"}");
    assert_eq!(text("headers.content-type"), "application/x-amz-json-1.1");
    assert_eq!(text("headers.x-amz-target"), "Service.InitiateAuth");
    assert_eq!(text("redirect"), "error");
    assert_eq!(text("cache"), "no-store");
    assert_eq!(text("credentials"), "same-origin");
    assert!(
        !member(&sign_in, "keepalive").is_truthy(),
        "a sign-in ends with its page"
    );
    assert!(
        member(&revocation, "keepalive").is_truthy(),
        "a revocation outlives its page"
    );
    assert!(member(&get, "method").is_undefined() && member(&get, "body").is_undefined());
}

#[wasm_bindgen_test]
async fn an_answer_that_is_too_long_is_cut_off_and_named() {
    let long = "\u{e4}".repeat(MAX_TEXT_BYTES / 2);
    let _fetch = stub_fetch(&Array::new(), 200, "{}", &long);
    let browser = Browser::default();
    assert_eq!(browser.send(operation("GetUser")).await.unwrap().body.len(), long.len());
    let _fetch = stub_fetch(&Array::new(), 200, "{}", &format!("{long}."));
    for (request, code, subject) in [
        (operation("GetUser"), Code::Network, "GetUser"),
        (
            Request::get("./config.json"),
            Code::InvalidConfiguration,
            "./config.json",
        ),
    ] {
        let error = browser.send(request).await.unwrap_err();
        assert_eq!(error.code, code);
        assert!(
            error.message.contains(subject) && error.message.contains("1048576 bytes"),
            "{error}"
        );
    }
}

#[wasm_bindgen_test]
async fn request_without_a_waiter_is_aborted() {
    let calls = Array::new();
    let _fetch = stub_fetch(&calls, 0, "{}", "");
    let browser = Browser::default();
    {
        let mut sending = std::pin::pin!(browser.send(operation("InitiateAuth")));
        assert!(sending.as_mut().now_or_never().is_none());
        until(|| calls.length() == 1).await;
        assert!(!member(&calls.get(0), "signal.aborted").is_truthy());
    }
    assert!(member(&calls.get(0), "signal.aborted").is_truthy());
}

#[wasm_bindgen_test]
async fn what_the_headers_say_is_read() {
    let answer = answered(
        429,
        r#"{"Date":"Fri, 15 Jan 2027 08:00:00 GMT","Retry-After":"7","x-amzn-errortype":"Two words",
            "x-amzn-requestid":"id","content-type":"application/x-amz-json-1.1"}"#,
    )
    .await;
    assert_eq!((answer.status, answer.body.as_str()), (429, "two\nlines"));
    assert_eq!((answer.date, answer.retry_after), (Some(1_800_000_000), Some(7)));
    assert_eq!(answer.error_type.as_deref(), Some("Two words"));
    assert_eq!(answer.content_type.as_deref(), Some("application/x-amz-json-1.1"));
    assert!(answer.has_request_id);
}

#[wasm_bindgen_test]
async fn a_date_to_retry_after_is_counted_from_the_service_s_own_time() {
    let answer = answered(
        503,
        r#"{"Date":"Fri, 15 Jan 2027 08:00:00 GMT","Retry-After":"Fri, 15 Jan 2027 08:02:00 GMT"}"#,
    )
    .await;
    assert_eq!(answer.retry_after, Some(120));
    let answer = answered(
        503,
        r#"{"Date":"Fri, 15 Jan 2027 08:00:00 GMT","Retry-After":"Fri, 15 Jan 2027 07:00:00 GMT"}"#,
    )
    .await;
    assert_eq!(answer.retry_after, Some(0), "it is over already");
    let answer = answered(503, r#"{"Retry-After":"Fri, 15 Jan 2027 08:00:00 GMT"}"#).await;
    assert!(
        answer.retry_after.is_some(),
        "without a date this device's clock has to do"
    );
}

#[wasm_bindgen_test]
async fn headers_that_are_missing_or_senseless_say_nothing() {
    for headers in [
        "{}",
        r#"{"Date":"2027","Retry-After":"soon"}"#,
        r#"{"Date":"GMT","Retry-After":"-5"}"#,
        r#"{"Date":"","Retry-After":"99999999999999999999999"}"#,
    ] {
        let answer = answered(200, headers).await;
        assert_eq!((answer.date, answer.retry_after), (None, None), "{headers}");
        assert_eq!((answer.error_type, answer.has_request_id), (None, false));
    }
}
