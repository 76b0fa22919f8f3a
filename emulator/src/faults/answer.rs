//! What a fault makes of an answer.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{Content, Effect, Fault, Replacement};
use crate::cors::WithoutCors;
use crate::error::Exception;
use crate::stamp::DateOffset;
use crate::wire::refusal;

/// A gateway's page.
const PAGE: &str = "<!doctype html><html><head><title>Forbidden</title></head>\
                    <body><h1>Forbidden</h1><p>The request was blocked.</p></body></html>";

impl Fault {
    /// What is sent in place of the operation's answer, where that was made; nothing where the connection is reset.
    pub async fn answer(&self, made: Response) -> Option<Response> {
        let mut response = match &self.effect {
            Effect::None => made,
            Effect::Replace(replacement) => replacement.response(),
            Effect::Truncate => with_part_of_body(made, |length| length / 2).await,
            Effect::Empty => with_part_of_body(made, |_| 0).await,
            Effect::Reset => return None,
        };
        if self.drop_cors {
            response.extensions_mut().insert(WithoutCors);
        }
        response.extensions_mut().insert(DateOffset(self.date_offset));
        Some(response)
    }
}

impl Replacement {
    fn response(&self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or_default();
        let mut response = match &self.content {
            Content::Nothing => status.into_response(),
            Content::Body(Value::String(text)) => (status, text.clone()).into_response(),
            Content::Body(json) => (status, Json(json)).into_response(),
            Content::Html => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response(),
            Content::Exception { name, message } => refusal(&Exception {
                name: name.clone().into(),
                message: message.clone().into(),
                status: self.status,
            }),
        };
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

async fn with_part_of_body(response: Response, part: fn(usize) -> usize) -> Response {
    let (mut head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(body.slice(..part(body.len()))))
}
