//! The headers of every answer: CORS as Cognito sends it, a request id, and the emulator's time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::clock::{LAST_DATE, Millis};
use crate::emulator::Emulator;
use crate::ids;

/// What a browser may read of an answer. `Date` is among them, so a client can see how wrong its own clock is.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date,Retry-After");

/// How long a browser may keep a preflight's answer, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("172800");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Marks an answer that a gateway in between has sent: it has no CORS headers.
#[derive(Debug, Clone, Copy)]
pub struct WithoutCors;

/// Marks an answer whose `Date` is wrong by this much.
#[derive(Debug, Clone, Copy)]
pub struct DateOffset(pub Millis);

/// Answers preflights, and adds the headers to every other answer.
pub async fn layer(Shared(emulator): Shared<Arc<Emulator>>, request: Request, next: Next) -> Response {
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight {
        preflight(request.headers())
    } else {
        next.run(request).await
    };
    let with_cors = response.extensions().get::<WithoutCors>().is_none();
    let DateOffset(offset) = response.extensions().get().copied().unwrap_or(DateOffset(0));
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&ids::random()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(date) = http_date(emulator.clock.now().saturating_add(offset)) {
        headers.insert(header::DATE, date);
    }
    if with_cors {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
    response
}

/// The asked headers are echoed: `*` would not cover `authorization`.
fn preflight(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// A wrong date is still one that the header can name.
fn http_date(now: Millis) -> Option<HeaderValue> {
    let nameable = now.clamp(0, LAST_DATE);
    let since_epoch = Duration::from_millis(u64::try_from(nameable).ok()?);
    HeaderValue::from_str(&httpdate::fmt_http_date(
        SystemTime::UNIX_EPOCH.checked_add(since_epoch)?,
    ))
    .ok()
}
