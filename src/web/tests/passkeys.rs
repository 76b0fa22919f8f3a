use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use js_sys::Array;
use wasm_bindgen_test::wasm_bindgen_test;

use super::support::{hide_passkeys, stub_context, stub_passkeys, until};
use crate::core::error::{AuthError, Code};
use crate::ports::{ContextData as _, Passkeys as _};
use crate::testing::{context_data_contract, passkeys_contract};
use crate::web::browser::Browser;

const CREATION: &str = r#"{"challenge":"-_8","rp":{"id":"localhost","name":"r"},"user":{"id":"AQI","name":"n","displayName":"d"},"pubKeyCredParams":[{"type":"public-key","alg":-7}],"excludeCredentials":[{"type":"public-key","id":"AwQ"}]}"#;
const REQUEST: &str = r#"{"challenge":"-_8","rpId":"localhost","allowCredentials":[{"type":"public-key","id":"AwQ"}]}"#;

/// What the page was asked for, as one text.
fn asked(calls: &Array) -> String {
    let call = |call: wasm_bindgen::JsValue| call.as_string().unwrap();
    calls.iter().map(call).collect::<Vec<_>>().join("\n")
}

async fn failure(how: &str, creates: bool) -> AuthError {
    let _credentials = stub_passkeys(&Array::new(), how);
    let browser = Browser::default();
    let outcome = if creates {
        browser.create(CREATION).await
    } else {
        browser.get(REQUEST, false).await
    };
    outcome.unwrap_err()
}

#[wasm_bindgen_test]
async fn the_passkeys_keep_the_contract() {
    let calls = Array::new();
    let _credentials = stub_passkeys(&calls, "agree,NotAllowedError,AbortError,silent");
    let has_ended = || asked(&calls).ends_with("aborted");
    passkeys_contract(Browser::default(), CREATION, has_ended).await;
}

#[wasm_bindgen_test]
async fn options_become_bytes_and_answers_base64url() {
    let (asked, answers) = exchange("agree,agree").await;
    // 0xfb 0xff, and the other ids, as bytes.
    assert!(asked.contains("challenge=251,255"), "{asked}");
    assert!(asked.contains("user=1,2") && asked.contains("excluded=3,4"), "{asked}");
    assert!(asked.contains("allowed=3,4"), "{asked}");
    assert_eq!(
        answers[0],
        r#"{"id":"-_8","rawId":"-_8","type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"clientDataJSON":"AQ","attestationObject":"Ag","transports":["internal"]}}"#
    );
    assert_eq!(
        answers[1],
        r#"{"id":"-_8","rawId":"-_8","type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"clientDataJSON":"AQ","authenticatorData":"Aw","signature":"BA","userHandle":"BQ"}}"#
    );
}

#[wasm_bindgen_test]
async fn a_passkey_of_a_password_manager_is_read_without_the_browser_s_functions() {
    let (_, answers) = exchange("extension,extension").await;
    assert_eq!(
        answers[0],
        r#"{"id":"-_8","rawId":"-_8","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"AQ","attestationObject":"Ag","transports":["internal"]}}"#
    );
    assert_eq!(
        answers[1],
        r#"{"id":"-_8","rawId":"-_8","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"AQ","authenticatorData":"Aw","signature":"BA","userHandle":"BQ"}}"#
    );
}

async fn exchange(how: &str) -> (String, [String; 2]) {
    let calls = Array::new();
    let _credentials = stub_passkeys(&calls, how);
    let browser = Browser::default();
    let made = browser.create(CREATION).await.unwrap();
    let signed = browser.get(REQUEST, false).await.unwrap();
    (asked(&calls), [made.to_string(), signed.to_string()])
}

#[wasm_bindgen_test]
async fn each_failure_of_the_browser_has_its_code() {
    for (how, creates, code) in [
        ("NotAllowedError", true, Code::PasskeyCancelled),
        ("AbortError", false, Code::PasskeyCancelled),
        ("InvalidStateError", true, Code::PasskeyAlreadyExists),
        ("InvalidStateError", false, Code::Unknown),
        ("throw null", true, Code::Unknown),
        ("SecurityError", true, Code::PasskeyRelyingPartyMismatch),
        ("SecurityError", false, Code::PasskeyRelyingPartyMismatch),
        ("NotSupportedError", true, Code::PasskeyNotSupported),
        // What Chromium says while another dialog is open, also one that waits in a form.
        ("OperationError", true, Code::InvalidState),
        ("null", true, Code::PasskeyCancelled),
        // It says nothing of what the browser can do.
        ("TypeError", false, Code::Unknown),
        ("incomplete", true, Code::Unknown),
        ("incomplete", false, Code::Unknown),
    ] {
        assert_eq!(failure(how, creates).await.code, code, "{how}");
    }
    let words = failure("ConstraintError", true).await;
    assert_eq!(words.cause.as_deref(), Some("ConstraintError: the browser's words"));
    let part = failure("incomplete", true).await;
    assert_eq!(
        part.cause.as_deref(),
        Some("DataError: The passkey has no clientDataJSON.")
    );
    let _passkeys = hide_passkeys();
    let error = Browser::default().create(CREATION).await.unwrap_err();
    assert_eq!(error.code, Code::PasskeyNotSupported);
}

#[wasm_bindgen_test]
async fn autofill_is_asked_for_where_the_browser_has_it() {
    let calls = Array::new();
    let _credentials = stub_passkeys(&calls, "agree,agree");
    let browser = Browser::default();
    browser.get(REQUEST, true).await.unwrap();
    assert!(asked(&calls).contains("mediation=conditional"), "{}", asked(&calls));
    browser.get(REQUEST, false).await.unwrap();
    assert!(asked(&calls).ends_with("mediation=undefined"), "{}", asked(&calls));
    let _credentials = stub_passkeys(&calls, "no conditional");
    let error = browser.get(REQUEST, true).await.unwrap_err();
    assert_eq!(error.code, Code::PasskeyNotSupported);
}

#[wasm_bindgen_test]
async fn dialog_without_a_waiter_is_ended() {
    let calls = Array::new();
    let _credentials = stub_passkeys(&calls, "silent");
    let began = Rc::new(Cell::new(false));
    {
        let browser = Browser::default();
        let mut dialog = std::pin::pin!(browser.create(CREATION));
        assert!(dialog.as_mut().now_or_never().is_none());
        until(|| calls.length() > 0).await;
        began.set(true);
    }
    assert!(began.get() && asked(&calls).ends_with("aborted"));
}

#[wasm_bindgen_test]
fn the_context_data_keeps_the_contract() {
    let browser = Browser::default();
    let data = || browser.context_data("alice", "us-east-1_Pool", "client1");
    assert_eq!(data(), None, "the page has not loaded the script");
    {
        let _script = stub_context("joining");
        context_data_contract(&browser);
    }
    for how in ["throwing", "none", "nothing"] {
        let _script = stub_context(how);
        assert_eq!(data(), None, "{how}");
    }
}
