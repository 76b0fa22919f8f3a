//! `/_emulator/`: what tests and a person at work see and move.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State as Shared};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::adjust;
use crate::clock::SECOND;
use crate::emulator::Emulator;
use crate::faults::Rule;
use crate::guard::Guard;
use crate::outbox::Message;
use crate::request_log::Which;
use crate::server::BODY_LIMIT;
use crate::state::Client;

type App = Shared<Arc<Emulator>>;

/// The routes below `/_emulator`.
pub fn router<S>(emulator: Arc<Emulator>, guard: Arc<Guard>) -> Router<S> {
    Router::new()
        .route("/health", get(health))
        .route("/outbox", get(outbox).delete(empty_outbox))
        .route("/totp", get(totp))
        .route("/clock", get(clock).post(move_clock))
        .route("/clients/{client_id}", post(adjust_client))
        .route("/pools/{pool_id}", post(adjust_pool))
        .route("/release", post(release))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/requests", get(requests).delete(clear_requests))
        .route("/pools", get(pools))
        .route("/reset", post(reset))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(guard, refuse_strangers))
        .with_state(emulator)
}

/// Codes are read and users are changed here, so it is for programs and for pages of the emulator's own origin.
async fn refuse_strangers(Shared(guard): Shared<Arc<Guard>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let allowed = guard
        .check_host(headers)
        .and_then(|()| Guard::check_same_origin(headers));
    match allowed {
        Ok(()) => next.run(request).await,
        Err(reason) => refused(StatusCode::FORBIDDEN, &reason),
    }
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

#[derive(Deserialize)]
struct TotpQuery {
    username: String,
}

async fn totp(Shared(emulator): App, query: Result<Query<TotpQuery>, QueryRejection>) -> Response {
    let username = match query {
        Ok(Query(query)) => query.username,
        Err(refused) => return bad_request(&refused.body_text()),
    };
    let now = emulator.clock.now();
    let mut state = emulator.state();
    let shown = state.pools.values_mut().find_map(|pool| {
        let user = pool.users.any_name(&pool.settings, &username)?;
        let token = user.associated_token.as_ref().or(user.software_token.as_ref())?;
        let shown = token.shown(now);
        Some(json!({
            "username": user.username,
            "code": shown.code,
            "secretCode": token.secret_code(),
            "expiresInSeconds": shown.expires_in_seconds,
            "used": shown.used,
            "verified": user.associated_token.is_none(),
        }))
    });
    match shown {
        Some(shown) => Json(shown).into_response(),
        None => not_found("no user of this name has a software token"),
    }
}

async fn clock(Shared(emulator): App) -> Json<Value> {
    Json(json!({ "now": emulator.clock.now() }))
}

async fn move_clock(Shared(emulator): App, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let seconds = asked.get("advanceSeconds").and_then(Value::as_f64);
    let now = asked.get("now").and_then(Value::as_i64);
    let moved = match (seconds, now) {
        (Some(seconds), None) => emulator.clock.advance((seconds * SECOND as f64) as i64),
        (None, Some(now)) => emulator.clock.set(now),
        _ => return bad_request("expected {\"advanceSeconds\": number} or {\"now\": milliseconds}"),
    };
    if !moved {
        return bad_request("advanceSeconds, now: the clock can be moved from 1970 to the end of 9998");
    }
    Json(json!({ "now": emulator.clock.now() })).into_response()
}

async fn adjust_client(Shared(emulator): App, Path(client_id): Path<String>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let now = emulator.clock.now();
    let mut state = emulator.state();
    let (pool, client) = match state.client(&client_id) {
        Ok(scope) => (scope.pool, scope.client),
        Err(refused) => return not_found(&refused.message),
    };
    match adjust::client(&client.settings, &asked) {
        Ok(settings) => {
            let client = client.updated(settings, now);
            let described = without_secret(&client, &pool.id);
            pool.clients.insert(client_id, client);
            Json(described).into_response()
        }
        Err(reason) => bad_request(&reason),
    }
}

async fn adjust_pool(Shared(emulator): App, Path(pool_id): Path<String>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let now = emulator.clock.now();
    let mut state = emulator.state();
    let pool = match state.pool(&pool_id) {
        Ok(pool) => pool,
        Err(refused) => return not_found(&refused.message),
    };
    match adjust::pool(&pool.settings, &asked) {
        Ok(settings) => {
            pool.settings = settings;
            pool.modified = now;
            Json(pool.describe()).into_response()
        }
        Err(reason) => bad_request(&reason),
    }
}

async fn release(Shared(emulator): App, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(which) = which(&asked) else {
        return bad_request("expected {}, {\"request\": id} or {\"operation\": name}");
    };
    let released = emulator.log().release(&which);
    Json(json!({ "released": released })).into_response()
}

fn which(asked: &Value) -> Option<Which> {
    let members = asked.as_object()?;
    match (members.len(), members.get("request"), members.get("operation")) {
        (0, _, _) => Some(Which::All),
        (1, Some(id), _) => Some(Which::Request(id.as_u64()?)),
        (1, _, Some(operation)) => Some(Which::Operation(operation.as_str()?.to_owned())),
        _ => None,
    }
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
        Ok(rule) => match emulator.faults().add(rule) {
            Some(rule) => Json(rule).into_response(),
            None => bad_request("there are too many rules: remove them with DELETE /_emulator/faults"),
        },
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
                .map(|client| without_secret(client, &pool.id))
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

fn without_secret(client: &Client, pool_id: &str) -> Value {
    let mut described = client.describe(pool_id);
    if let Some(members) = described.as_object_mut() {
        members.remove("ClientSecret");
        members.insert("HasClientSecret".to_owned(), json!(client.secret.is_some()));
    }
    described
}

async fn reset(Shared(emulator): App) -> Json<Value> {
    emulator.reset();
    Json(json!({}))
}

fn bad_request(reason: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, reason)
}

fn not_found(reason: &str) -> Response {
    refused(StatusCode::NOT_FOUND, reason)
}

fn refused(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}
