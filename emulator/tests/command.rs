//! The command: its flags, its start and its end.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::Read;
use std::net::TcpListener;

use serde_json::json;
use support::{Server, command};

/// Runs a command that must end on its own with an error, and returns what it said.
fn refused(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_eq!(
        refused(&["--port", &port]),
        format!(
            "cognito-emulator: port {port} on 127.0.0.1 is in use; choose another with --port, or 0 for any free one\n"
        )
    );
}

#[test]
fn an_address_that_others_reach_is_refused() {
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let said = refused(&["--port", "0", "--host", host]);
        assert!(said.contains("--allow-remote") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn it_listens_on_loopback() {
    assert!(Server::start(&[]).address.starts_with("127.0.0.1:"));
    assert!(
        Server::start(&["--host", "localhost"])
            .address
            .starts_with("127.0.0.1:")
    );
}

#[test]
fn a_file_of_pools_takes_the_place_of_the_built_in_one() {
    let file = std::env::temp_dir().join(format!("cognito-emulator-{}.json", rand::random::<u64>()));
    let user = json!({"Username": "alice", "Password": "pw-of-alice"});
    let client = json!({"ClientId": "mine", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let pools = json!({"userPools": [{"Id": "eu-west-1_Mine", "Clients": [client], "Users": [user]}]});
    std::fs::write(&file, pools.to_string()).unwrap();
    let server = Server::start(&["--config", file.to_str().unwrap()]);
    let parameters = json!({"USERNAME": "alice", "PASSWORD": "pw-of-alice"});
    let request = json!({"ClientId": "mine", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let answer = server.call("InitiateAuth", request).json();
    assert!(answer["AuthenticationResult"]["IdToken"].is_string(), "{answer}");
    let configuration = server.get("/awsconfiguration.json").json();
    assert_eq!(configuration["CognitoUserPool"]["Default"]["Region"], "eu-west-1");

    std::fs::write(
        &file,
        r#"{"userPools":[{"Id":"eu-west-1_Mine","Clients":[{"ClientId":"a","Color":1}]}]}"#,
    )
    .unwrap();
    let said = refused(&["--config", file.to_str().unwrap()]);
    assert!(
        said.ends_with("userPools[0].Clients[0].Color: unknown field\n"),
        "{said}"
    );
    std::fs::remove_file(&file).unwrap();
    let said = refused(&["--config", file.to_str().unwrap()]);
    assert!(said.contains("cannot read it"), "{said}");
}

#[test]
fn a_directory_that_is_none_is_refused() {
    let said = refused(&["--port", "0", "--serve", "/no/such/directory"]);
    assert_eq!(said, "cognito-emulator: --serve /no/such/directory: not a directory\n");
    let said = refused(&["--port", "0", "--serve", "/tmp", "--follow", "/no/such/file"]);
    assert!(
        said.starts_with("cognito-emulator: --follow /no/such/file: ") && said.lines().count() == 1,
        "{said}"
    );
}

#[test]
fn it_ends_although_an_answer_is_still_being_waited_for() {
    let mut server = Server::start(&[]);
    let _waiting = server.hang("GetUser");
    stop(&server, "TERM");
    assert!(server.process.wait().unwrap().success());
}

fn stop(server: &Server, signal: &str) {
    let pid = server.process.id().to_string();
    let kill = std::process::Command::new("kill").args(["-s", signal, &pid]).status();
    assert!(kill.unwrap().success());
}

#[test]
fn it_ends_well_when_it_is_asked_to_and_has_said_one_line() {
    for signal in ["INT", "TERM"] {
        let mut server = Server::start(&[]);
        server.get("/_emulator/health");
        stop(&server, signal);
        assert!(server.process.wait().unwrap().success(), "{signal}");
        let mut rest = String::new();
        server.process.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        server.process.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}
