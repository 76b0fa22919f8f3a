use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use zeroize::Zeroizing;

use crate::core::error::{AuthError, Code};
use crate::web::promise::export;

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
