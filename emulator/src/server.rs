//! The wire: routes, Cognito's envelope, and the faults that replace an answer.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::connection::{Connection, Listener};
use crate::cors::{self, WithoutCors};
use crate::emulator::Emulator;
use crate::error::Exception;
use crate::faults::{Effect, Fault};
use crate::ops::Answer;
use crate::request_log::Entry;
use crate::{control, ops, static_files};

/// A request's body may be this long; Cognito's own requests are a few kilobytes.
const BODY_LIMIT: usize = 1 << 20;

/// What `x-amz-target` begins with.
const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";

const JSON_1_1: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// Serves until `stop` resolves.
pub async fn serve(
    listener: tokio::net::TcpListener,
    emulator: Arc<Emulator>,
    files: Option<PathBuf>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(emulator, files).into_make_service_with_connect_info::<Connection>();
    axum::serve(Listener::new(listener), service)
        .with_graceful_shutdown(stop)
        .await
}

fn router(emulator: Arc<Emulator>, directory: Option<PathBuf>) -> Router {
    let files = static_files::router(Arc::clone(&emulator), directory);
    Router::new()
        .route("/", post(user_pools).fallback_service(files.clone()))
        .route("/{pool_id}/.well-known/jwks.json", get(jwks))
        .route("/{pool_id}/.well-known/openid-configuration", get(discovery))
        .nest("/_emulator", control::router())
        .with_state(Arc::clone(&emulator))
        .fallback_service(files)
        .layer(middleware::from_fn_with_state(emulator, cors::layer))
}

/// `POST /`: an operation of the user pools API.
async fn user_pools(
    Shared(emulator): Shared<Arc<Emulator>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let target = target(&head.headers);
    // Another service's target stays whole, and is no operation here.
    let operation = target.strip_prefix(TARGET_PREFIX);
    let members = read_members(body).await;
    let nothing = Map::new();
    let entry = Entry::new(
        operation.unwrap_or(target),
        members.as_ref().unwrap_or(&nothing),
        &head.headers,
        emulator.clock.now(),
    );
    // Before the answer is made: a client that gives up waiting has still asked.
    let id = emulator.log().arrived(entry);

    let fault = emulator.faults().fire(operation.unwrap_or_default());
    if fault.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.latency_ms)).await;
    }
    let response = match instead(&fault) {
        Some(response) => response,
        None => afterwards(&fault, run(&emulator, target, members).await).await,
    };

    if matches!(fault.effect, Effect::Reset { .. }) {
        connection.reset();
    } else {
        let exception = response.extensions().get::<ExceptionName>().map(|name| name.0.clone());
        emulator.log().answered(id, response.status().as_u16(), exception);
    }
    response
}

fn target(headers: &HeaderMap) -> &str {
    headers
        .get("x-amz-target")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn read_members(body: Body) -> Result<Map<String, Value>, Exception> {
    let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Exception {
        status: 413,
        ..Exception::new(
            "RequestEntityTooLargeException",
            format!("A request may have {BODY_LIMIT} bytes."),
        )
    })?;
    match serde_json::from_slice(&body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Exception::serialization("The request's body is not a JSON object.")),
        Err(_) => Err(Exception::serialization("The request's body is not JSON.")),
    }
}

async fn run(emulator: &Arc<Emulator>, target: &str, members: Result<Map<String, Value>, Exception>) -> Response {
    let Some(operation) = target.strip_prefix(TARGET_PREFIX).filter(|name| ops::exists(name)) else {
        return refusal(&ops::unknown_operation(target));
    };
    let operation = operation.to_owned();
    let members = match members {
        Ok(members) => members,
        Err(refused) => return refusal(&refused),
    };
    let emulator = Arc::clone(emulator);
    // SRP and signing take tens of milliseconds: not on a thread that other requests wait for.
    let answer = tokio::task::spawn_blocking(move || emulator.perform(&operation, &members)).await;
    respond(answer.unwrap_or_else(|_| {
        Err(Exception {
            status: 500,
            ..Exception::new("InternalErrorException", "The emulator failed; see its output.")
        })
    }))
}

fn respond(answer: Answer) -> Response {
    match answer {
        // Some operations answer with no body at all.
        Ok(Value::Null) => ([(header::CONTENT_TYPE, JSON_1_1)], Body::empty()).into_response(),
        Ok(answer) => ([(header::CONTENT_TYPE, JSON_1_1)], answer.to_string()).into_response(),
        Err(exception) => refusal(&exception),
    }
}

/// An exception as AWS JSON 1.1 sends it: in the body, and again in headers. The colon after the name is AWS's.
fn refusal(exception: &Exception) -> Response {
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

/// For the request log.
#[derive(Debug, Clone)]
struct ExceptionName(String);

/// A header holds no line ends and no letters beyond ASCII.
fn header_text(text: &str) -> HeaderValue {
    let plain: String = text
        .chars()
        .map(|c| if (' '..='~').contains(&c) { c } else { ' ' })
        .collect();
    HeaderValue::from_str(plain.trim_end()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// The answer of a fault that keeps the operation from running.
fn instead(fault: &Fault) -> Option<Response> {
    match &fault.effect {
        Effect::None | Effect::Truncate | Effect::DropCors | Effect::Reset { after: true } => None,
        Effect::Reset { after: false } => Some(Body::empty().into_response()),
        Effect::Status(status) => Some(StatusCode::from_u16(*status).unwrap_or_default().into_response()),
        Effect::Html(status) => {
            const PAGE: &str = "<!doctype html><html><head><title>Forbidden</title></head>\
                                <body><h1>Forbidden</h1><p>The request was blocked.</p></body></html>";
            let status = StatusCode::from_u16(*status).unwrap_or_default();
            Some((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response())
        }
        Effect::Exception {
            name,
            message,
            status,
            retry_after_seconds,
        } => {
            let exception = Exception {
                name: name.clone().into(),
                message: message.clone().into(),
                status: *status,
            };
            let mut response = refusal(&exception);
            if let Some(seconds) = retry_after_seconds {
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Some(response)
        }
    }
}

/// What becomes of the answer of an operation that has run.
async fn afterwards(fault: &Fault, response: Response) -> Response {
    match fault.effect {
        Effect::Truncate => {
            let (mut head, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
            head.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(head, Body::from(first_half(&body)))
        }
        Effect::DropCors => {
            let mut response = response;
            response.extensions_mut().insert(WithoutCors);
            response
        }
        _ => response,
    }
}

fn first_half(body: &Bytes) -> Bytes {
    body.slice(..body.len() / 2)
}

async fn jwks(Shared(emulator): Shared<Arc<Emulator>>, Path(pool_id): Path<String>) -> Response {
    let keys = emulator.state().pools.get(&pool_id).map(|pool| Arc::clone(&pool.keys));
    match keys {
        // The keys may still be in the making.
        Some(keys) => match tokio::task::spawn_blocking(move || keys.jwks()).await {
            Ok(jwks) => axum::Json(jwks).into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        None => no_such_pool(&pool_id),
    }
}

async fn discovery(
    Shared(emulator): Shared<Arc<Emulator>>,
    Path(pool_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match emulator.state().pools.get(&pool_id) {
        Some(pool) => axum::Json(pool.discovery(&origin(&headers))).into_response(),
        None => no_such_pool(&pool_id),
    }
}

fn no_such_pool(id: &str) -> Response {
    let mut response = refusal(&Exception::no_pool(id));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Where the caller reached the emulator.
pub(crate) fn origin(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1");
    format!("http://{host}")
}

/// Binds, with a sentence for what goes wrong.
pub async fn bind(address: SocketAddr) -> Result<tokio::net::TcpListener, String> {
    tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                format!(
                    "port {} on {} is in use; choose another with --port, or 0 for any free one",
                    address.port(),
                    address.ip()
                )
            }
            std::io::ErrorKind::PermissionDenied => {
                format!(
                    "port {} needs permissions this user does not have; choose one above 1023 with --port",
                    address.port()
                )
            }
            _ => format!("cannot listen on {address}: {error}"),
        })
}
