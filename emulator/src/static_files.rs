//! The files of `--serve`, for a page that uses the emulator.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tower_http::services::ServeDir;

use crate::emulator::Emulator;
use crate::server::origin;

#[derive(Clone)]
struct Files {
    emulator: Arc<Emulator>,
    directory: Option<ServeDir>,
}

/// Everything that no other route answers.
pub fn router(emulator: Arc<Emulator>, directory: Option<PathBuf>) -> Router {
    Router::new().fallback(serve).with_state(Files {
        emulator,
        directory: directory.map(ServeDir::new),
    })
}

async fn serve(Shared(files): Shared<Files>, request: Request) -> Response {
    let wants_configuration = request.uri().path() == "/awsconfiguration.json" && request.method() == Method::GET;
    let origin = origin(request.headers());
    let serves = files.directory.is_some();
    let mut response = match files.directory {
        Some(mut directory) => match directory.try_call(request).await {
            Ok(response) => response.into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        None => StatusCode::NOT_FOUND.into_response(),
    };
    if response.status() == StatusCode::NOT_FOUND {
        response = match serves {
            _ if wants_configuration => configuration(&files.emulator, &origin),
            true => not_found("cognito-emulator: there is no such file in the directory it serves.\n"),
            false => not_found("This is cognito-emulator. Give it --serve DIR to serve a page here.\n"),
        };
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `awsconfiguration.json` of the pool and client that the emulator began with.
fn configuration(emulator: &Emulator, origin: &str) -> Response {
    let state = emulator.state();
    let found = state.default_client.as_ref().and_then(|(pool_id, client_id)| {
        let pool = state.pools.get(pool_id)?;
        Some((pool, pool.clients.get(client_id)?))
    });
    let Some((pool, client)) = found else {
        return not_found("cognito-emulator: the pool or the client that it began with is gone.\n");
    };
    axum::Json::<Value>(json!({
        "Version": "1.0",
        "CognitoUserPool": {
            "Default": {
                "PoolId": pool.id,
                "AppClientId": client.id,
                "Region": pool.region(),
                "Endpoint": origin,
            },
        },
    }))
    .into_response()
}

fn not_found(why: &'static str) -> Response {
    (StatusCode::NOT_FOUND, why).into_response()
}
