//! `/_emulator/`: what tests and a person at work see and move.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::SECOND;
use crate::emulator::Emulator;
use crate::faults::Rule;
use crate::outbox::Message;

type App = Shared<Arc<Emulator>>;

/// The routes below `/_emulator`.
pub fn router() -> Router<Arc<Emulator>> {
    Router::new()
        .route("/health", get(health))
        .route("/outbox", get(outbox).delete(empty_outbox))
        .route("/clock", get(clock).post(advance_clock))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/pools", get(pools))
        .route("/reset", post(reset))
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

#[derive(Deserialize)]
struct OutboxQuery {
    username: Option<String>,
}

async fn outbox(Shared(emulator): App, query: Result<Query<OutboxQuery>, QueryRejection>) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(refused) => return bad_request(&refused.body_text()),
    };
    let state = emulator.state();
    let is_wanted = |message: &&Message| query.username.as_deref().is_none_or(|name| message.is_for(name));
    let messages: Vec<_> = state.outbox.messages().iter().filter(is_wanted).collect();
    Json(json!({ "messages": messages })).into_response()
}

async fn empty_outbox(Shared(emulator): App) -> Json<Value> {
    emulator.state().outbox.clear();
    Json(json!({}))
}

async fn clock(Shared(emulator): App) -> Json<Value> {
    Json(json!({ "now": emulator.clock.now() }))
}

async fn advance_clock(Shared(emulator): App, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(seconds) = asked.get("advanceSeconds").and_then(Value::as_f64) else {
        return bad_request("expected {\"advanceSeconds\": number}");
    };
    if !emulator.clock.advance((seconds * SECOND as f64) as i64) {
        return bad_request("advanceSeconds: the clock can be moved from 1970 to the end of 9998");
    }
    Json(json!({ "now": emulator.clock.now() })).into_response()
}

async fn faults(Shared(emulator): App) -> Json<Value> {
    Json(json!({ "rules": emulator.faults().rules() }))
}

async fn add_fault(Shared(emulator): App, body: Bytes) -> Response {
    let asked: Value = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(_) => return bad_request("the body is not JSON"),
    };
    match Rule::parse(&asked) {
        Ok(rule) => Json(emulator.faults().add(rule)).into_response(),
        Err(reason) => bad_request(&reason),
    }
}

async fn clear_faults(Shared(emulator): App) -> Json<Value> {
    emulator.faults().clear();
    Json(json!({}))
}

#[derive(Deserialize)]
struct RequestsQuery {
    operation: Option<String>,
}

async fn requests(Shared(emulator): App, query: Result<Query<RequestsQuery>, QueryRejection>) -> Response {
    let query = match query {
        Ok(Query(query)) => query,
        Err(refused) => return bad_request(&refused.body_text()),
    };
    let log = emulator.log();
    let entries: Vec<_> = log
        .entries()
        .filter(|entry| query.operation.as_ref().is_none_or(|name| entry.is_for(name)))
        .collect();
    Json(json!({ "requests": entries })).into_response()
}

async fn clear_requests(Shared(emulator): App) -> Json<Value> {
    emulator.log().clear();
    Json(json!({}))
}

async fn pools(Shared(emulator): App) -> Json<Value> {
    let state = emulator.state();
    let pools: Vec<Value> = state
        .pools
        .values()
        .map(|pool| {
            let clients: Vec<Value> = pool
                .clients
                .values()
                .map(|client| {
                    let mut described = client.describe(&pool.id);
                    if let Some(members) = described.as_object_mut() {
                        members.remove("ClientSecret");
                        members.insert("HasClientSecret".to_owned(), json!(client.secret.is_some()));
                    }
                    described
                })
                .collect();
            let mut described = pool.describe();
            if let Some(members) = described.as_object_mut() {
                members.insert("Clients".to_owned(), json!(clients));
            }
            described
        })
        .collect();
    Json(json!({ "pools": pools }))
}

async fn reset(Shared(emulator): App) -> Json<Value> {
    emulator.reset();
    Json(json!({}))
}

fn bad_request(reason: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": reason }))).into_response()
}
