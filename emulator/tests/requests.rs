//! The request log: who asked for what, with which refresh token, and how it ended.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{CLIENT, POOL, ROTATING, Server};

fn server_with_alice() -> Server {
    let server = Server::start(&[]);
    let alice = json!({"UserPoolId": POOL, "Username": "Alice"});
    assert_eq!(server.call("AdminCreateUser", alice.clone()).status, 200);
    let mut request = alice;
    request["Password"] = json!("Passw0rd!");
    request["Permanent"] = json!(true);
    assert_eq!(server.call("AdminSetUserPassword", request).status, 200);
    server.delete("/_emulator/requests");
    server
}

fn sign_in(server: &Server, client: &str) -> Value {
    let parameters = json!({"USERNAME": "ALICE", "PASSWORD": "Passw0rd!"});
    let request = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    server.call("InitiateAuth", request).json()["AuthenticationResult"].clone()
}

fn refresh(server: &Server, client: &str, tokens: &Value) -> Value {
    let request = json!({"ClientId": client, "RefreshToken": tokens["RefreshToken"]});
    let answer = server.try_call("GetTokensFromRefreshToken", request);
    answer.map_or(Value::Null, |answer| answer.json()["AuthenticationResult"].clone())
}

fn log(server: &Server, path: &str) -> Vec<Value> {
    let answer = server.get(&format!("/_emulator/requests{path}")).json();
    answer["requests"].as_array().unwrap().clone()
}

fn members(entries: &[Value], names: &[&str]) -> Value {
    entries
        .iter()
        .map(|entry| names.iter().map(|name| entry[*name].clone()).collect::<Value>())
        .collect()
}

#[test]
fn each_request_has_its_user_its_client_its_times_and_its_outcome() {
    let server = server_with_alice();
    let tokens = sign_in(&server, CLIENT);
    let access = json!({"AccessToken": tokens["AccessToken"]});
    server.call("GetUser", access.clone());
    refresh(&server, CLIENT, &tokens);
    server.call(
        "RevokeToken",
        json!({"ClientId": CLIENT, "Token": tokens["RefreshToken"]}),
    );
    server.call("GetUser", access);
    server.call("MakeTea", json!({}));
    let entries = log(&server, "");
    assert_eq!(
        members(&entries, &["operation", "username", "clientId", "outcome", "status"]),
        json!([
            ["InitiateAuth", "alice", CLIENT, "ok", 200],
            ["GetUser", "alice", null, "ok", 200],
            ["GetTokensFromRefreshToken", "alice", CLIENT, "ok", 200],
            ["RevokeToken", "alice", CLIENT, "ok", 200],
            ["GetUser", "alice", null, "NotAuthorizedException", 400],
            ["MakeTea", null, null, "UnknownOperationException", 400],
        ])
    );
    for entry in &entries {
        assert!(entry["answeredAt"].as_i64().unwrap() >= entry["at"].as_i64().unwrap());
        assert_eq!((&entry["held"], &entry["fault"]), (&json!(false), &Value::Null));
    }
    let text = json!(entries).to_string();
    for name in ["AccessToken", "IdToken", "RefreshToken"] {
        assert!(!text.contains(tokens[name].as_str().unwrap()), "{name}");
    }
}

#[test]
fn a_name_is_shown_only_if_there_is_such_a_user() {
    let server = server_with_alice();
    for name in ["alice", "my-password"] {
        let parameters = json!({"USERNAME": name, "PASSWORD": "wrong"});
        let request = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
        server.call("InitiateAuth", request);
    }
    let attributes = json!([{"Name": "email", "Value": "bob@example.com"}]);
    let request = json!({"ClientId": CLIENT, "Username": "Bob", "Password": "Passw0rd!", "UserAttributes": attributes});
    server.call("SignUp", request);
    assert_eq!(
        members(&log(&server, ""), &["username", "outcome"]),
        json!([
            ["alice", "NotAuthorizedException"],
            [null, "NotAuthorizedException"],
            ["bob", "ok"]
        ])
    );
}

#[test]
fn each_refresh_says_which_generation_it_brings_and_whether_that_was_spent() {
    let server = server_with_alice();
    let path = format!("/_emulator/clients/{ROTATING}");
    assert_eq!(server.post(&path, json!({"rotationGraceSeconds": 60})).status, 200);
    let first = sign_in(&server, ROTATING);
    let second = refresh(&server, ROTATING, &first);
    refresh(&server, ROTATING, &first);
    let third = refresh(&server, ROTATING, &second);
    server.post("/_emulator/clock", json!({"advanceSeconds": 61}));
    refresh(&server, ROTATING, &first);
    refresh(&server, ROTATING, &third);
    refresh(&server, ROTATING, &json!({"RefreshToken": "a.b.c.d.e"}));
    let of = |generation: u32, reuse: bool| json!({"generation": generation, "reuse": reuse});
    assert_eq!(
        members(
            &log(&server, "?operation=GetTokensFromRefreshToken"),
            &["refresh", "outcome"]
        ),
        json!([
            [of(1, false), "ok"],
            [of(1, true), "ok"],
            [of(2, false), "ok"],
            [of(1, true), "RefreshTokenReuseException"],
            [of(3, false), "ok"],
            [null, "NotAuthorizedException"],
        ])
    );
    assert_eq!(log(&server, "?operation=InitiateAuth")[0]["refresh"], Value::Null);
}

#[test]
fn a_refresh_by_the_older_flow_is_one_too_and_a_revocation_is_none() {
    let server = server_with_alice();
    let tokens = sign_in(&server, CLIENT);
    let parameters = json!({"REFRESH_TOKEN": tokens["RefreshToken"]});
    let request = json!({"ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters});
    server.call("InitiateAuth", request);
    server.call(
        "RevokeToken",
        json!({"ClientId": CLIENT, "Token": tokens["RefreshToken"]}),
    );
    assert_eq!(
        members(&log(&server, ""), &["username", "refresh"]),
        json!([["alice", null], ["alice", {"generation": 1, "reuse": false}], ["alice", null]])
    );
}

#[test]
fn what_was_done_and_what_was_answered_are_told_apart() {
    let server = server_with_alice();
    let tokens = sign_in(&server, CLIENT);
    server.delete("/_emulator/requests");
    for fault in [
        json!({"reset": true}),
        json!({"reset": "after"}),
        json!({"status": 504}),
        json!({"status": 504, "after": true}),
        json!({"exception": "TooManyRequestsException"}),
    ] {
        let rule = json!({"operation": "RevokeToken", "fault": fault});
        assert_eq!(server.post("/_emulator/faults", rule).status, 200);
        let _ = server.try_call(
            "RevokeToken",
            json!({"ClientId": CLIENT, "Token": tokens["RefreshToken"]}),
        );
    }
    assert_eq!(
        members(
            &log(&server, ""),
            &["fault", "outcome", "status", "exception", "username"]
        ),
        json!([
            [1, null, null, null, "alice"],
            [2, "ok", null, null, "alice"],
            [3, null, 504, null, "alice"],
            [4, "ok", 504, null, "alice"],
            [5, null, 400, "TooManyRequestsException", "alice"],
        ])
    );
}
