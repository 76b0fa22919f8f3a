//! The files of `--serve`, for a page that uses the emulator.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tower_http::services::ServeFile;

use crate::emulator::Emulator;
use crate::guard::Guard;
use crate::server::origin;

/// What `--serve` and `--follow` say.
#[derive(Debug, Clone)]
pub struct Site {
    /// The directory.
    root: PathBuf,
    /// What links in it may lead to as well: directories, with everything below, and files.
    followed: Vec<PathBuf>,
}

impl Site {
    /// A directory, and what its links may lead to beside itself.
    ///
    /// # Errors
    ///
    /// A sentence that names the option whose path does not exist.
    pub fn new(directory: &Path, followed: &[PathBuf]) -> Result<Self, String> {
        let root = directory.canonicalize().ok().filter(|root| root.is_dir());
        let root = root.ok_or_else(|| format!("--serve {}: not a directory", directory.display()))?;
        let followed = followed
            .iter()
            .map(|path| {
                path.canonicalize()
                    .map_err(|error| format!("--follow {}: {error}", path.display()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { root, followed })
    }

    /// What a path of a URL leads to. A name that begins with a dot is not served: such files hold what a page has no use
    /// for (`.env`, `.git`).
    fn find(&self, url_path: &str) -> Found {
        let Ok(decoded) = percent_decode_str(url_path).decode_utf8() else {
            return Found::Nothing;
        };
        let relative = Path::new(decoded.trim_start_matches('/'));
        if !is_shown(relative) {
            return Found::Nothing;
        }
        let Ok(real) = self.root.join(relative).canonicalize() else {
            return Found::Nothing;
        };
        if !real.is_dir() {
            return self.file(real);
        }
        if !self.holds(&real) {
            return Found::Outside;
        }
        if !decoded.ends_with('/') {
            return Found::Directory;
        }
        match real.join("index.html").canonicalize() {
            Ok(index) => self.file(index),
            Err(_) => Found::Nothing,
        }
    }

    fn file(&self, real: PathBuf) -> Found {
        if !self.holds(&real) {
            return Found::Outside;
        }
        if real.is_file() {
            Found::File(real)
        } else {
            Found::Nothing
        }
    }

    /// Whether a path, with all links resolved, may be served.
    fn holds(&self, real: &Path) -> bool {
        std::iter::once(&self.root)
            .chain(&self.followed)
            .any(|base| real.strip_prefix(base).is_ok_and(is_shown))
    }
}

fn is_shown(path: &Path) -> bool {
    path.components().all(|component| match component {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    })
}

/// What a path of a URL leads to.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    File(PathBuf),
    /// A directory whose URL lacks the slash at its end, without which the links of its page would lead elsewhere.
    Directory,
    /// A link out of what is served.
    Outside,
    Nothing,
}

#[derive(Debug, Clone)]
struct Files {
    emulator: Arc<Emulator>,
    guard: Arc<Guard>,
    site: Option<Arc<Site>>,
}

/// Everything that no other route answers.
pub fn router(emulator: Arc<Emulator>, guard: Arc<Guard>, site: Option<Site>) -> Router {
    Router::new().fallback(serve).with_state(Files {
        emulator,
        guard,
        site: site.map(Arc::new),
    })
}

async fn serve(Shared(files): Shared<Files>, request: Request) -> Response {
    let mut response = match files.guard.check_host(request.headers()) {
        Ok(()) => answer(&files, request).await,
        Err(reason) => told(StatusCode::FORBIDDEN, &reason),
    };
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without it, any website could still run a script of the page, and look at what it does.
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn answer(files: &Files, request: Request) -> Response {
    let found = match &files.site {
        Some(site) => {
            let (site, path) = (Arc::clone(site), request.uri().path().to_owned());
            let found = tokio::task::spawn_blocking(move || site.find(&path)).await;
            found.unwrap_or(Found::Nothing)
        }
        None => Found::Nothing,
    };
    match found {
        Found::File(file) => match ServeFile::new(file).try_call(request).await {
            Ok(response) => response.into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        // One slash at the beginning: with two, the rest would be the name of a host.
        Found::Directory => {
            Redirect::temporary(&format!("/{}/", request.uri().path().trim_matches('/'))).into_response()
        }
        Found::Outside => told(
            StatusCode::FORBIDDEN,
            "this link leads out of the directory that is served; --follow PATH lets links lead to PATH",
        ),
        Found::Nothing if request.uri().path() == "/awsconfiguration.json" && request.method() == Method::GET => {
            configuration(&files.emulator, &origin(request.headers()))
        }
        Found::Nothing if files.site.is_some() => told(
            StatusCode::NOT_FOUND,
            "there is no such file in the directory that is served",
        ),
        Found::Nothing => told(StatusCode::NOT_FOUND, "give it --serve DIR to serve a page here"),
    }
}

/// `awsconfiguration.json` of the pool and client that the emulator began with.
fn configuration(emulator: &Emulator, origin: &str) -> Response {
    let state = emulator.state();
    let found = state.default_client.as_ref().and_then(|(pool_id, client_id)| {
        let pool = state.pools.get(pool_id)?;
        Some((pool, pool.clients.get(client_id)?))
    });
    let Some((pool, client)) = found else {
        return told(
            StatusCode::NOT_FOUND,
            "the pool or the client that it began with is gone",
        );
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

fn told(status: StatusCode, what: &str) -> Response {
    (status, format!("cognito-emulator: {what}\n")).into_response()
}
