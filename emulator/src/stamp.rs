//! The headers that every answer has: a request id and the emulator's time.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::extract::{Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::clock::{LAST_DATE, Millis};
use crate::emulator::Emulator;
use crate::ids;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Marks an answer whose `Date` is wrong by this much.
#[derive(Debug, Clone, Copy)]
pub struct DateOffset(pub Millis);

/// Adds them.
pub async fn layer(Shared(emulator): Shared<Arc<Emulator>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let DateOffset(offset) = response.extensions().get().copied().unwrap_or(DateOffset(0));
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&ids::random()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(date) = http_date(emulator.clock.now().saturating_add(offset)) {
        headers.insert(header::DATE, date);
    }
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
