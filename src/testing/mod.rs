//! What tests share: a fake for every port, the contract each port is held to, and things to test with.

mod contracts;
#[cfg(not(target_arch = "wasm32"))]
mod fakes;
#[cfg(not(target_arch = "wasm32"))]
mod simulation;

#[cfg(target_arch = "wasm32")]
pub(crate) use contracts::{channel_contract, lock_contract, storage_contract, timer_contract};
pub(crate) use contracts::{clock_contract, context_data_contract, passkeys_contract, random_contract};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use fakes::FakeEnv;

use base64ct::{Base64UrlUnpadded, Encoding as _};
#[cfg(not(target_arch = "wasm32"))]
use zeroize::Zeroizing;

#[cfg(not(target_arch = "wasm32"))]
use crate::core::api::http::{AWS_JSON, Response};
use crate::core::config::{Config, UserPoolConfig};
use crate::core::json::StringMap;

/// The user pool of the tests: `us-east-1_Pool`, client `client1`.
pub(crate) fn pool_config(client_secret: Option<&str>) -> UserPoolConfig {
    let secret = client_secret.map(|secret| format!(r#","AppClientSecret":"{secret}""#));
    let text = config_text(&secret.unwrap_or_default());
    (*Config::parse(&text).unwrap().user_pool().unwrap()).clone()
}

/// The configuration of [`pool_config`], with more members in its pool section.
pub(crate) fn config_text(more: &str) -> String {
    format!(r#"{{"CognitoUserPool":{{"Default":{{"PoolId":"us-east-1_Pool","AppClientId":"client1"{more}}}}}}}"#)
}

/// A document as the client reads it.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn read(json: serde_json::Value) -> crate::core::json::Value {
    crate::core::json::parse(&json.to_string()).unwrap()
}

/// Shows that the work on ten times as much takes about ten times as long, and not a hundred times.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn assert_linear<T>(make: impl Fn(usize) -> T, work: impl Fn(&T)) {
    let shortest = |count: usize| {
        let made = make(count);
        let times = (0..5).map(|_| {
            let begun = std::time::Instant::now();
            work(&made);
            begun.elapsed()
        });
        times.min().unwrap_or_default()
    };
    let (few, many) = (shortest(3_000), shortest(30_000));
    assert!(many < few * 40, "{few:?} for 3,000, {many:?} for 30,000");
}

/// An answer as the service sends it, with this text as its body.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        content_type: Some(AWS_JSON.into()),
        has_request_id: true,
        error_type: None,
        date: None,
        retry_after: None,
        is_of_another_origin: false,
        body: Zeroizing::new(body.into()),
    }
}

/// The same, with an exception in its header.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn refusal(status: u16, error_type: &str, body: &str) -> Response {
    Response {
        error_type: Some(error_type.into()),
        ..answer(status, body)
    }
}

/// Names and texts.
pub(crate) fn map(pairs: &[(&str, &str)]) -> StringMap {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// A token with these claims and no true signature.
pub(crate) fn jwt(claims: &serde_json::Value) -> String {
    format!(
        "e30.{}.c2ln",
        Base64UrlUnpadded::encode_string(claims.to_string().as_bytes())
    )
}
