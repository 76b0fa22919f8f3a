//! Answers as AWS JSON 1.1 sends them.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::Exception;
use crate::ops::Answer;

const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// The name of the exception that an answer carries, for the request log.
#[derive(Debug, Clone)]
pub struct ExceptionName(pub String);

/// What an operation answers.
pub fn respond(answer: Answer) -> Response {
    match answer {
        // Some operations answer with no body at all.
        Ok(Value::Null) => ([(header::CONTENT_TYPE, JSON_1_1)], Body::empty()).into_response(),
        Ok(answer) => ([(header::CONTENT_TYPE, JSON_1_1)], answer.to_string()).into_response(),
        Err(exception) => refusal(&exception),
    }
}

/// An exception: in the body, and again in headers. The colon after the name is AWS's.
pub fn refusal(exception: &Exception) -> Response {
    let body = json!({ "__type": exception.name, "message": exception.message }).to_string();
    let status = StatusCode::from_u16(exception.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, [(header::CONTENT_TYPE, JSON_1_1)], body).into_response();
    let headers = response.headers_mut();
    headers.insert("x-amzn-errortype", header_text(&format!("{}:", exception.name)));
    headers.insert("x-amzn-errormessage", header_text(&exception.message));
    response
        .extensions_mut()
        .insert(ExceptionName(exception.name.to_string()));
    response
}

/// A header holds no line ends and no letters beyond ASCII.
fn header_text(text: &str) -> HeaderValue {
    let plain: String = text
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c } else { ' ' })
        .collect();
    HeaderValue::from_str(plain.trim_end()).unwrap_or_else(|_| HeaderValue::from_static(""))
}
