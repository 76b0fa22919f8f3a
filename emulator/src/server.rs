//! The wire: routes, Cognito's envelope, and the faults that replace an answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, options};
use serde_json::{Map, Value};

use crate::connection::{Connection, Listener};
use crate::emulator::{Emulator, MOST_UNDERWAY};
use crate::error::Exception;
use crate::faults::{Fault, Hold};
use crate::guard::Guard;
use crate::ops::Answer;
use crate::request_log::Entry;
use crate::static_files::{self, Site};
use crate::wire::{self, ExceptionName};
use crate::{control, cors, ops, stamp};

/// A request's body may be this long; Cognito's own requests are a few kilobytes.
pub(crate) const BODY_LIMIT: usize = 1 << 18;

/// What `x-amz-target` begins with.
const TARGET_PREFIX: &str = "AWSCognitoIdentityProviderService.";

/// Serves until `stop` resolves.
pub async fn serve(
    listener: tokio::net::TcpListener,
    emulator: Arc<Emulator>,
    guard: Guard,
    site: Option<Site>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(emulator, Arc::new(guard), site).into_make_service_with_connect_info::<Connection>();
    axum::serve(Listener::new(listener), service)
        .with_graceful_shutdown(stop)
        .await
}

#[derive(Debug, Clone)]
struct App {
    emulator: Arc<Emulator>,
    guard: Arc<Guard>,
}

fn router(emulator: Arc<Emulator>, guard: Arc<Guard>, site: Option<Site>) -> Router {
    let files = static_files::router(Arc::clone(&emulator), Arc::clone(&guard), site);
    // A layer reaches what stands before it: the answers of the service are for every origin, the files are not.
    let service = |routes: MethodRouter<App>| routes.layer(middleware::from_fn(cors::layer));
    let preflight = || options(async || StatusCode::OK);
    Router::new()
        .route(
            "/",
            service(preflight().post(user_pools)).fallback_service(files.clone()),
        )
        .route("/{pool_id}/.well-known/jwks.json", service(preflight().get(jwks)))
        .route(
            "/{pool_id}/.well-known/openid-configuration",
            service(preflight().get(discovery)),
        )
        .nest("/_emulator", control::router(Arc::clone(&emulator), Arc::clone(&guard)))
        .with_state(App {
            emulator: Arc::clone(&emulator),
            guard,
        })
        .fallback_service(files)
        .layer(middleware::from_fn_with_state(emulator, stamp::layer))
}

/// `POST /`: an operation of the user pools API.
async fn user_pools(
    Shared(App { emulator, guard }): Shared<App>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
) -> Response {
    // Held until the operation has run, also where its client has gone.
    let Ok(place) = Arc::clone(&emulator.places).try_acquire_owned() else {
        return wire::refusal(&too_many_requests());
    };
    let (head, body) = request.into_parts();
    let target = target(&head.headers).to_owned();
    // Another service's target stays whole, and is no operation here.
    let operation = target.strip_prefix(TARGET_PREFIX).unwrap_or(&target);
    if ops::is_administrative(operation) && !guard.is_from_here(&head.headers) {
        return wire::refusal(&administration_from_afar(operation));
    }
    let members = read_members(body).await;
    let nothing = Map::new();
    let now = emulator.clock.now();
    let entry = Entry::new(operation, members.as_ref().unwrap_or(&nothing), &head.headers, now);
    let (rule, fault) = emulator
        .faults()
        .fire(target.strip_prefix(TARGET_PREFIX).unwrap_or_default())
        .map_or((None, Fault::default()), |(id, fault)| (Some(id), fault));
    // Before the answer is made: a client that gives up waiting has still asked.
    let id = emulator.log().arrived(entry.with_fault(rule));

    // And what it asked for is carried out, as it would be far away: hence a task that does not end with the connection.
    let carried_out = carry_out(Arc::clone(&emulator), id, target, members, fault);
    let task = tokio::spawn(async move {
        let _place = place;
        carried_out.await
    });
    match task.await.unwrap_or_else(|_| Some(failed())) {
        Some(response) => {
            let exception = response.extensions().get::<ExceptionName>().map(|name| name.0.clone());
            let (status, now) = (response.status().as_u16(), emulator.clock.now());
            emulator.log().answered(id, status, exception, now);
            response
        }
        None => {
            connection.reset();
            Body::empty().into_response()
        }
    }
}

/// The answer to a request, or nothing if its connection is to be reset.
async fn carry_out(
    emulator: Arc<Emulator>,
    id: u64,
    target: String,
    members: Result<Map<String, Value>, Exception>,
    fault: Fault,
) -> Option<Response> {
    let operation = target.strip_prefix(TARGET_PREFIX).unwrap_or(&target);
    if let Ok(members) = &members {
        trace(&emulator, id, operation, members).await;
    }
    if fault.latency_ms > 0 {
        tokio::time::sleep(Duration::from_millis(fault.latency_ms)).await;
    }
    if fault.hold == Some(Hold::Before) {
        hold(&emulator, id, operation).await?;
    }
    let made = if fault.lets_run() {
        let answer = run(&emulator, id, &target, members).await;
        let exception = answer.as_ref().err().map(|exception| exception.name.to_string());
        emulator.log().carried_out(id, exception.as_deref());
        wire::respond(answer)
    } else {
        Body::empty().into_response()
    };
    if fault.hold == Some(Hold::After) {
        hold(&emulator, id, operation).await?;
    }
    fault.answer(made).await
}

/// Notes whom the request is about before anything happens to it: it may never be carried out.
async fn trace(emulator: &Arc<Emulator>, id: u64, operation: &str, members: &Map<String, Value>) {
    let (traced, operation, members) = (Arc::clone(emulator), operation.to_owned(), members.clone());
    let trace = tokio::task::spawn_blocking(move || traced.trace(&operation, &members)).await;
    emulator.log().traced(id, trace.unwrap_or_default());
}

/// Waits until the request is released; nothing if it is cut off instead.
async fn hold(emulator: &Emulator, id: u64, operation: &str) -> Option<()> {
    let released = emulator.log().hold(id, operation);
    released.await.ok()
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

async fn run(
    emulator: &Arc<Emulator>,
    id: u64,
    target: &str,
    members: Result<Map<String, Value>, Exception>,
) -> Answer {
    let operation = target
        .strip_prefix(TARGET_PREFIX)
        .filter(|name| ops::exists(name))
        .ok_or_else(|| ops::unknown_operation(target))?
        .to_owned();
    let members = members?;
    let performing = Arc::clone(emulator);
    // SRP and signing take tens of milliseconds: not on a thread that other requests wait for.
    let performed = tokio::task::spawn_blocking(move || performing.perform(&operation, &members)).await;
    let (trace, answer) = performed.map_err(|_| internal_error())?;
    emulator.log().traced(id, trace);
    answer
}

fn too_many_requests() -> Exception {
    Exception {
        status: 503,
        ..Exception::new(
            "ServiceUnavailableException",
            format!("The emulator has {MOST_UNDERWAY} requests underway: release or reset those that are held."),
        )
    }
}

/// The service asks for a signature, which no website has. The emulator asks for none, so it looks where a request comes
/// from.
fn administration_from_afar(operation: &str) -> Exception {
    Exception {
        status: 403,
        ..Exception::new(
            "AccessDeniedException",
            format!("{operation} is for administrators: call it from a program, or from a page of this machine."),
        )
    }
}

fn failed() -> Response {
    wire::refusal(&internal_error())
}

fn internal_error() -> Exception {
    Exception {
        status: 500,
        ..Exception::new("InternalErrorException", "The emulator failed; see its output.")
    }
}

async fn jwks(Shared(App { emulator, .. }): Shared<App>, Path(pool_id): Path<String>) -> Response {
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
    Shared(App { emulator, .. }): Shared<App>,
    Path(pool_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match emulator.state().pools.get(&pool_id) {
        Some(pool) => axum::Json(pool.discovery(&origin(&headers))).into_response(),
        None => no_such_pool(&pool_id),
    }
}

fn no_such_pool(id: &str) -> Response {
    let mut response = wire::refusal(&Exception::no_pool(id));
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
