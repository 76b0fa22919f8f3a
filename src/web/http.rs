//! `fetch`. Not through gloo-net: it meets a rejection that is no `Error` with a panic, and adds 5 KB.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestCache, RequestCredentials, RequestInit, RequestRedirect};
use zeroize::Zeroizing;

use super::browser::Browser;
use super::convert::describe;
use crate::core::api::http::{AWS_JSON, Request, Response};
use crate::core::error::{AuthError, Code};
use crate::ports::Http;

/// How long a service may take, in milliseconds: a pool's Lambda triggers may take five seconds each.
const DEADLINE: u32 = 30_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch, catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

impl Http for Browser {
    async fn send(&self, request: Request) -> Result<Response, AuthError> {
        exchange(&request).await.map_err(|reason| no_answer(&request, &reason))
    }
}

async fn exchange(request: &Request) -> Result<Response, JsValue> {
    let answer = JsFuture::from(fetch(&request.url, &init(request)?)?).await?;
    let answer: web_sys::Response = answer.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok(Response {
        status: answer.status(),
        error_type: answer.headers().get("x-amzn-errortype")?,
        body: Zeroizing::new(text.as_string().unwrap_or_default()),
    })
}

fn init(request: &Request) -> Result<RequestInit, JsValue> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::SameOrigin);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(DEADLINE)));
    if let Some(body) = &request.body {
        let headers = web_sys::Headers::new()?;
        headers.set("content-type", AWS_JSON)?;
        headers.set("x-amz-target", &body.target)?;
        init.set_method("POST");
        // A body with a password or a token goes where it was meant to go, or nowhere.
        init.set_redirect(RequestRedirect::Error);
        init.set_headers(&headers);
        init.set_body(&JsValue::from_str(&body.json));
    }
    Ok(init)
}

fn no_answer(request: &Request, reason: &JsValue) -> AuthError {
    let subject = request.subject();
    let name = js_sys::Reflect::get(reason, &JsValue::from_str("name"))
        .ok()
        .and_then(|name| name.as_string());
    // The deadline's signal is the only one; Chrome before 124 says AbortError for it.
    let error = if matches!(name.as_deref(), Some("TimeoutError" | "AbortError")) {
        AuthError::new(
            Code::Timeout,
            format!("{subject} got no answer within {} seconds. Try again.", DEADLINE / 1000),
        )
    } else {
        AuthError::new(
            Code::Network,
            format!(
                "{subject} could not reach the service. Check the connection, and that the page may connect to it."
            ),
        )
    };
    error.caused_by(describe(reason))
}
