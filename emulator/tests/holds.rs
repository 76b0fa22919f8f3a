//! Requests that wait until a test lets them go on.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::Read;
use std::net::TcpStream;

use serde_json::{Value, json};
use support::{CLIENT, POOL, Server};

fn hold(server: &Server, fault: Value) {
    let answer = server.post("/_emulator/faults", json!({"operation": "SignUp", "fault": fault}));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Sends a sign-up that is held, and waits until it is.
fn held_sign_up(server: &Server, name: &str) -> TcpStream {
    let body = json!({"ClientId": CLIENT, "Username": name, "Password": "Passw0rd!"}).to_string();
    let target = [("x-amz-target", "AWSCognitoIdentityProviderService.SignUp")];
    let before = held(server);
    let stream = server.send("POST", "/", &target, &body).unwrap();
    // Each look is a round trip; the request needs one, and SRP's verifier some milliseconds.
    let arrived = (0..10_000).any(|_| held(server) == before + 1);
    assert!(arrived, "{name} is not held");
    stream
}

fn held(server: &Server) -> usize {
    let requests = server.get("/_emulator/requests").json()["requests"].clone();
    let requests = requests.as_array().unwrap();
    requests.iter().filter(|request| request["held"] == true).count()
}

fn ran(server: &Server, name: &str) -> bool {
    server
        .call("AdminGetUser", json!({"UserPoolId": POOL, "Username": name}))
        .status
        == 200
}

fn release(server: &Server, which: Value) -> Value {
    let answer = server.post("/_emulator/release", which);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["released"].clone()
}

fn status(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn a_request_held_before_it_is_carried_out_runs_when_it_is_released() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "before"}));
    let waiting = held_sign_up(&server, "alice");
    assert!(!ran(&server, "alice"));
    assert_eq!(release(&server, json!({})), json!([1]));
    assert_eq!(status(waiting), "200");
    assert!(ran(&server, "alice"));
    assert_eq!((held(&server), release(&server, json!({}))), (0, json!([])));
}

#[test]
fn a_request_held_after_it_is_carried_out_has_run_already() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "after"}));
    let waiting = held_sign_up(&server, "alice");
    assert!(ran(&server, "alice"));
    let entry = server.get("/_emulator/requests?operation=SignUp").json()["requests"][0].clone();
    assert_eq!(
        (&entry["outcome"], &entry["status"], &entry["answeredAt"]),
        (&json!("ok"), &Value::Null, &Value::Null)
    );
    release(&server, json!({"operation": "SignUp"}));
    assert_eq!(status(waiting), "200");
}

#[test]
fn held_requests_are_released_in_any_order() {
    let server = Server::start(&[]);
    server.post(
        "/_emulator/faults",
        json!({"operation": "SignUp", "count": 2, "fault": {"hold": "before"}}),
    );
    let (first, second) = (held_sign_up(&server, "alice"), held_sign_up(&server, "alice"));
    let requests = server.get("/_emulator/requests?operation=SignUp").json()["requests"].clone();
    let (one, two) = (requests[0]["id"].clone(), requests[1]["id"].clone());
    assert_eq!(release(&server, json!({"operation": "GetUser"})), json!([]));
    assert_eq!(release(&server, json!({"request": two})), json!([two]));
    assert_eq!(status(second), "200");
    assert_eq!(release(&server, json!({"request": one})), json!([one]));
    assert_eq!(status(first), "400", "the name is taken by then");
}

#[test]
fn a_fault_happens_when_its_request_is_released() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "after", "status": 504, "after": true}));
    let waiting = held_sign_up(&server, "alice");
    release(&server, json!({}));
    assert_eq!(status(waiting), "504");
    assert!(ran(&server, "alice"));
}

#[test]
fn a_request_is_carried_out_although_its_client_has_gone_away() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "before"}));
    drop(held_sign_up(&server, "alice"));
    release(&server, json!({}));
    assert!((0..10_000).any(|_| ran(&server, "alice")));
}

#[test]
fn what_is_held_stays_held_when_rules_and_log_are_emptied() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "before"}));
    let waiting = held_sign_up(&server, "alice");
    server.delete("/_emulator/faults");
    server.delete("/_emulator/requests");
    assert_eq!(release(&server, json!({"request": 1})), json!([1]));
    assert_eq!(status(waiting), "200");
}

#[test]
fn a_reset_cuts_off_what_is_held_and_it_never_runs() {
    let server = Server::start(&[]);
    hold(&server, json!({"hold": "before"}));
    let mut waiting = held_sign_up(&server, "alice");
    server.post("/_emulator/reset", json!({}));
    let ended = waiting.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(ended.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(!ran(&server, "alice"));
}

#[test]
fn a_release_of_nothing_that_can_be_meant_is_refused() {
    let server = Server::start(&[]);
    for wrong in [
        json!([]),
        json!({"request": "1"}),
        json!({"all": true}),
        json!({"operation": 1}),
    ] {
        let answer = server.post("/_emulator/release", wrong);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.json()["error"].as_str().unwrap().contains("request"),
            "{answer:?}"
        );
    }
}
