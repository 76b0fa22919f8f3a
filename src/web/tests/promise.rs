use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use zeroize::Zeroizing;

use crate::core::error::{AuthError, Code};
use crate::web::promise::{export, reject_pending};

#[wasm_bindgen_test]
async fn an_outcome_settles_its_promise() {
    let good = export(async { Ok(Zeroizing::new("{}".into())) });
    assert_eq!(JsFuture::from(good).await.unwrap(), JsValue::from_str("{}"));
    let bad = export(async { Err(AuthError::new(Code::Network, "No answer.").caused_by("why")) });
    let text = JsFuture::from(bad).await.unwrap_err().as_string().unwrap();
    assert_eq!(
        text,
        r#"{"code":"network","message":"No answer.","retryable":true,"cause":"why"}"#
    );
}

#[wasm_bindgen_test]
async fn what_is_pending_can_be_rejected_from_outside() {
    let never = export(std::future::pending());
    reject_pending("{\"code\":\"internal\"}");
    assert_eq!(
        JsFuture::from(never).await.unwrap_err(),
        JsValue::from_str("{\"code\":\"internal\"}")
    );
}
