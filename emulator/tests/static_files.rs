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

    fn link(&self, name: &str, target: PathBuf) {
        std::os::unix::fs::symlink(target, self.0.join(name)).unwrap();
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
    let outside = Directory::with(&[("secret.txt", "secret")]);
    let directory = Directory::with(&[("index.html", ""), ("a.txt", "a")]);
    let name = outside.0.file_name().unwrap().to_str().unwrap();
    let server = Server::start(&["--serve", directory.path()]);
    for path in [
        "/../../../../etc/passwd".to_owned(),
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd".to_owned(),
        "//etc/passwd".to_owned(),
        format!("/../{name}/secret.txt"),
        format!("/%2e%2e/{name}/secret.txt"),
        format!("/..%2f{name}%2fsecret.txt"),
        format!("/%2E%2E%2F{name}/secret.txt"),
        format!("/%252e%252e/{name}/secret.txt"),
        format!("/..\\{name}\\secret.txt"),
        format!("/a.txt/../../{name}/secret.txt"),
        format!("/%2f{}/secret.txt", outside.path()),
        "/a.txt%00".to_owned(),
        "/%ff".to_owned(),
    ] {
        let answer = server.get(&path);
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("secret"), "{path}: {answer:?}");
    }
    assert_eq!(server.get("/%61.txt").body, "a");
}

#[test]
fn a_name_that_begins_with_a_dot_is_not_served() {
    let directory = Directory::with(&[(".env", "secret"), ("index.html", "")]);
    std::fs::create_dir(directory.0.join(".git")).unwrap();
    std::fs::write(directory.0.join(".git/config"), "secret").unwrap();
    directory.link("env.txt", directory.0.join(".env"));
    let server = Server::start(&["--serve", directory.path()]);
    for path in ["/.env", "/%2eenv", "/.git/config", "/.git/", "/./.env", "/env.txt"] {
        let answer = server.get(path);
        assert!([403, 404].contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("secret"), "{path}: {answer:?}");
    }
}

#[test]
fn a_link_leads_out_of_the_directory_only_to_what_may_be_followed() {
    let outside = Directory::with(&[
        ("one.txt", "one"),
        ("two.txt", "two"),
        ("index.html", "index"),
        (".env", "secret"),
    ]);
    let directory = Directory::with(&[("own.txt", "own")]);
    directory.link("inside.txt", directory.0.join("own.txt"));
    directory.link("one.txt", outside.0.join("one.txt"));
    directory.link("two.txt", outside.0.join("two.txt"));
    directory.link("index.html", outside.0.join("index.html"));
    directory.link("all", outside.0.clone());

    let server = Server::start(&["--serve", directory.path()]);
    assert_eq!(server.get("/inside.txt").body, "own");
    for path in ["/one.txt", "/all/one.txt", "/all/", "/all", "/"] {
        let answer = server.get(path);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        assert!(answer.body.contains("--follow"), "{path}: {answer:?}");
    }

    let one = outside.0.join("one.txt");
    let server = Server::start(&["--serve", directory.path(), "--follow", one.to_str().unwrap()]);
    assert_eq!(server.get("/one.txt").body, "one");
    assert_eq!(server.get("/two.txt").status, 403);

    let server = Server::start(&["--serve", directory.path(), "--follow", outside.path()]);
    for (path, content) in [
        ("/one.txt", "one"),
        ("/all/two.txt", "two"),
        ("/all/", "index"),
        ("/", "index"),
    ] {
        assert_eq!(server.get(path).body, content, "{path}");
    }
    assert_eq!(server.get("/all/.env").status, 404);
}

#[test]
fn a_directory_without_its_slash_is_one_redirect_to_the_same_host() {
    let directory = Directory::with(&[]);
    std::fs::create_dir(directory.0.join("sub")).unwrap();
    std::fs::write(directory.0.join("sub/index.html"), "sub").unwrap();
    let server = Server::start(&["--serve", directory.path()]);
    for path in ["/sub", "//sub"] {
        let answer = server.get(path);
        assert_eq!(
            (answer.status, answer.header("location")),
            (307, Some("/sub/")),
            "{path}"
        );
    }
    assert_eq!(server.get("/sub/").body, "sub");
}

#[test]
fn files_are_served_under_names_of_this_machine_only_and_to_no_page_of_another_origin() {
    let directory = Directory::with(&[("index.html", "<p>hello"), ("a.js", "")]);
    let server = Server::start(&["--serve", directory.path(), "--allowed-host", "app.test"]);
    let under = |host: &str, path: &str| server.request("GET", path, &[("host", host)], "").unwrap();
    for host in ["localhost", "127.0.0.1:7665", "[::1]:7665", "app.test:7665"] {
        assert_eq!(under(host, "/index.html").status, 200, "{host}");
    }
    for path in ["/", "/index.html", "/awsconfiguration.json", "/missing"] {
        let answer = under("evil.example:7665", path);
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
        assert!(answer.body.contains("--allowed-host"), "{path}: {answer:?}");
    }
    // A website may not run the page's scripts as its own either.
    let script = server.get("/a.js");
    assert_eq!(script.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
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
