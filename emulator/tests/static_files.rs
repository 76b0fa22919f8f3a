//! `--serve DIR`.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::path::PathBuf;

use serde_json::json;
use support::{CLIENT, POOL, Server};

/// A directory that goes away with the test.
struct Directory(PathBuf);

impl Directory {
    fn with(files: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("cognito-emulator-{}", rand::random::<u64>()));
        std::fs::create_dir(&path).unwrap();
        for (name, content) in files {
            std::fs::write(path.join(name), content).unwrap();
        }
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_have_their_types_and_are_never_cached() {
    let directory = Directory::with(&[
        ("index.html", "<p>hello"),
        ("a.wasm", "\0asm"),
        ("a.mjs", "export {}"),
        ("a.js", ""),
        ("a.css", ""),
    ]);
    let server = Server::start(&["--serve", directory.path()]);
    for (path, kind) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/a.wasm", "application/wasm"),
        ("/a.js", "text/javascript"),
        ("/a.mjs", "application/javascript"),
        ("/a.css", "text/css"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(
            answer
                .header("content-type")
                .map(|kind| kind.split(';').next().unwrap()),
            Some(kind),
            "{path}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(server.get("/").body, "<p>hello");
}

#[test]
fn what_is_not_there_is_told_in_one_line() {
    let directory = Directory::with(&[]);
    let serving = Server::start(&["--serve", directory.path()]);
    let bare = Server::start(&[]);
    for (server, path, reason) in [
        (&serving, "/missing", "no such file"),
        (&serving, "/_emulator/missing", "no such file"),
        (&bare, "/missing", "--serve DIR"),
        (&bare, "/", "--serve DIR"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains(reason), "{path}: {answer:?}");
        assert_eq!(answer.body.lines().count(), 1, "{path}: {answer:?}");
    }
    bare.call("DeleteUserPoolClient", json!({"UserPoolId": POOL, "ClientId": CLIENT}));
    let answer = bare.get("/awsconfiguration.json");
    assert_eq!(answer.status, 404);
    assert!(answer.body.contains("is gone"), "{answer:?}");
}

#[test]
fn nothing_outside_of_the_directory_is_served() {
    let directory = Directory::with(&[("index.html", "")]);
    let server = Server::start(&["--serve", directory.path()]);
    for path in [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
    ] {
        assert_ne!(server.get(path).status, 200, "{path}");
    }
}

#[test]
fn the_configuration_of_the_default_pool_is_there_unless_a_file_has_another() {
    let empty = Directory::with(&[]);
    let own = Directory::with(&[("awsconfiguration.json", r#"{"mine":true}"#)]);
    for server in [Server::start(&[]), Server::start(&["--serve", empty.path()])] {
        let answer = server.get("/awsconfiguration.json");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(
            answer.json()["CognitoUserPool"]["Default"],
            json!({
                "PoolId": POOL,
                "AppClientId": CLIENT,
                "Region": "us-east-1",
                "Endpoint": format!("http://{}", server.address),
            })
        );
    }
    let server = Server::start(&["--serve", own.path()]);
    assert_eq!(server.get("/awsconfiguration.json").json(), json!({"mine": true}));
}
