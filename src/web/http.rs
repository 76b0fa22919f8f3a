//! `fetch`.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use zeroize::Zeroizing;

use super::browser::Browser;
use super::cancel::{AbortController, Cancel};
use crate::core::api::http::{AWS_JSON, Request, Response};
use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_TEXT_BYTES;
use crate::ports::Http;

#[wasm_bindgen(module = "/src/web/http.js")]
extern "C" {
    /// Takes a request over that is under way already, for the next GET of its URL.
    pub(super) fn expect(request: JsValue);

    fn send(
        url: &str,
        content_type: &str,
        target: Option<&str>,
        body: Option<&str>,
        keepalive: bool,
        longest_answer: usize,
        controller: &AbortController,
    ) -> Promise;
}

impl Http for Browser {
    async fn send(&self, request: Request) -> Result<Response, AuthError> {
        match exchange(&request).await {
            Ok(answer) => answer.ok_or_else(|| request.too_long()),
            Err(reason) => Err(match reason.as_string() {
                Some(words) => request.unanswered(&words),
                None => AuthError::new(
                    Code::InvalidState,
                    "This environment has no `fetch`, without which the service cannot be reached.",
                ),
            }),
        }
    }
}

/// `None` for an answer that is too long.
async fn exchange(request: &Request) -> Result<Option<Response>, JsValue> {
    let aborts = Cancel::new();
    let body = request.body.as_ref();
    let answer = send(
        &request.url,
        AWS_JSON,
        body.map(|body| &*body.target),
        body.map(|body| &**body.json),
        // A user who signs out often leaves the page in the same moment.
        request.subject() == "RevokeToken",
        MAX_TEXT_BYTES,
        aborts.controller(),
    );
    let Some(answer) = JsFuture::from(answer).await?.as_string().map(Zeroizing::new) else {
        return Ok(None);
    };
    let mut lines = answer.splitn(4, '\n');
    let mut line = || lines.next().filter(|line| !line.is_empty());
    let mut facts = line().unwrap_or_default().split(' ');
    let mut number = || facts.next().and_then(|fact| fact.parse().ok());
    let (status, date, retry_after): (Option<i64>, _, _) = (number(), number(), number());
    let is_of_another_origin = number() == Some(1);
    Ok(Some(Response {
        status: status.and_then(|status| status.try_into().ok()).unwrap_or_default(),
        has_request_id: facts.next() == Some("true"),
        content_type: line().map(String::from),
        error_type: line().map(String::from),
        date,
        retry_after,
        is_of_another_origin,
        body: Zeroizing::new(line().unwrap_or_default().into()),
    }))
}
