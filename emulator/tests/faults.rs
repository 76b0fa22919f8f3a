//! Faults on the wire. `SignUp` shows whether the operation ran: its user exists afterwards, or not.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Answer, CLIENT, POOL, Server};

fn server_with(fault: Value) -> Server {
    let server = Server::start(&[]);
    let answer = server.post("/_emulator/faults", json!({"operation": "SignUp", "fault": fault}));
    assert_eq!(answer.status, 200, "{answer:?}");
    server
}

fn sign_up(server: &Server) -> std::io::Result<Answer> {
    server.try_call(
        "SignUp",
        json!({"ClientId": CLIENT, "Username": "alice", "Password": "Passw0rd!"}),
    )
}

fn ran(server: &Server) -> bool {
    server
        .call("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}))
        .status
        == 200
}

#[test]
fn a_status_comes_without_a_body_and_the_operation_does_not_run() {
    let server = server_with(json!({"status": 503}));
    let answer = sign_up(&server).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (503, ""));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(!ran(&server));
}

#[test]
fn a_status_can_carry_a_body_and_say_when_to_come_back() {
    for (fault, content_type, body) in [
        (
            json!({"status": 502, "body": "upstream failed"}),
            "text/plain; charset=utf-8",
            "upstream failed",
        ),
        (
            json!({"status": 502, "body": {"message": "no"}}),
            "application/json",
            r#"{"message":"no"}"#,
        ),
    ] {
        let server = server_with(fault);
        let answer = sign_up(&server).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (502, body));
        assert_eq!(answer.header("content-type"), Some(content_type));
        assert_eq!(answer.header("retry-after"), None);
        assert!(!ran(&server));
    }
    for status in [429, 503] {
        let server = server_with(json!({"status": status, "retryAfterSeconds": 7}));
        let answer = sign_up(&server).unwrap();
        assert_eq!((answer.status, answer.header("retry-after")), (status, Some("7")));
        assert!(!ran(&server));
    }
}

#[test]
fn any_other_answer_can_come_after_the_operation_has_run() {
    for fault in [
        json!({"status": 504, "after": true}),
        json!({"html": true, "status": 504, "after": true}),
        json!({"exception": "InternalErrorException", "status": 504, "after": true}),
    ] {
        let server = server_with(fault);
        assert_eq!(sign_up(&server).unwrap().status, 504);
        assert!(ran(&server));
    }
}

#[test]
fn an_answer_can_come_without_its_body() {
    let server = server_with(json!({"empty": true}));
    let answer = sign_up(&server).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("content-length"), Some("0"));
    assert!(ran(&server));
}

#[test]
fn a_date_can_be_wrong_and_stays_one_that_can_be_named() {
    let date = |answer: &Answer| httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    for (offset, days) in [(-86_400_i64, 1), (86_400, -1)] {
        let server = server_with(json!({"dateOffsetSeconds": offset}));
        let (wrong, right) = (date(&sign_up(&server).unwrap()), date(&server.get("/_emulator/clock")));
        let behind = right.duration_since(wrong).map_or_else(
            |error| -(error.duration().as_secs() as i64),
            |ahead| ahead.as_secs() as i64,
        );
        assert!((behind - days * 86_400).abs() < 60, "{behind}");
        assert!(ran(&server));
    }
    for offset in [i64::MIN / 1000, i64::MAX / 1000] {
        let server = server_with(json!({"dateOffsetSeconds": offset}));
        let answer = sign_up(&server).unwrap();
        let named = answer.header("date").unwrap().to_owned();
        assert!(named.contains(if offset < 0 { " 1970 " } else { " 9999 " }), "{named}");
    }
}

#[test]
fn a_gateway_that_answers_in_the_services_place_can_lack_the_cors_headers() {
    let server = server_with(json!({"status": 503, "dropCors": true}));
    let answer = sign_up(&server).unwrap();
    assert_eq!(answer.status, 503);
    assert!(!answer.headers.keys().any(|name| name.starts_with("access-control")));
    assert!(!ran(&server));
}

#[test]
fn an_exception_comes_as_the_service_would_send_it() {
    let server = server_with(
        json!({"exception": "TooManyRequestsException", "message": "Rate exceeded", "retryAfterSeconds": 2}),
    );
    let answer = sign_up(&server).unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("x-amzn-errortype"), Some("TooManyRequestsException:"));
    assert_eq!(answer.header("retry-after"), Some("2"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.json(),
        json!({"__type": "TooManyRequestsException", "message": "Rate exceeded"})
    );
    assert!(!ran(&server));
    assert_eq!(sign_up(&server).unwrap().status, 200);
}

#[test]
fn a_page_comes_as_html() {
    let server = server_with(json!({"html": true, "status": 403}));
    let answer = sign_up(&server).unwrap();
    assert_eq!(answer.status, 403);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    assert!(answer.body.starts_with("<!doctype html>"));
    assert!(!ran(&server));
}

#[test]
fn a_truncated_answer_is_half_of_the_real_one() {
    let server = server_with(json!({"truncate": true}));
    let answer = sign_up(&server).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-length"),
        Some(answer.body.len().to_string().as_str())
    );
    assert!(answer.body.starts_with("{\""));
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
    assert!(ran(&server));
}

#[test]
fn a_reset_ends_the_connection_before_the_operation_runs() {
    let server = server_with(json!({"reset": true}));
    assert_eq!(
        sign_up(&server).unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    assert!(!ran(&server));
    assert_eq!(sign_up(&server).unwrap().status, 200);
}

#[test]
fn a_reset_can_lose_the_answer_of_an_operation_that_ran() {
    let server = server_with(json!({"reset": "after"}));
    assert_eq!(
        sign_up(&server).unwrap_err().kind(),
        std::io::ErrorKind::ConnectionReset
    );
    assert!(ran(&server));
}

#[test]
fn dropped_cors_hides_a_real_answer_from_a_browser() {
    let server = server_with(json!({"dropCors": true}));
    let answer = sign_up(&server).unwrap();
    assert_eq!(answer.status, 200);
    assert!(
        !answer.headers.keys().any(|name| name.starts_with("access-control")),
        "{answer:?}"
    );
    assert!(ran(&server));
}

#[test]
fn latency_delays_a_real_answer() {
    let server = server_with(json!({"latencyMs": 150}));
    let start = Instant::now();
    assert_eq!(sign_up(&server).unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn rules_are_listed_with_how_often_they_fired_and_can_be_deleted() {
    let server = Server::start(&[]);
    server.post(
        "/_emulator/faults",
        json!({"operation": "*", "count": null, "fault": {"status": 500}}),
    );
    for _ in 0..3 {
        assert_eq!(sign_up(&server).unwrap().status, 500);
    }
    assert_eq!(
        server.get("/_emulator/faults").json(),
        json!({"rules": [{"id": 1, "operation": "*", "remaining": null, "fired": 3, "fault": {"status": 500}}]})
    );
    server.delete("/_emulator/faults");
    assert_eq!(server.get("/_emulator/faults").json(), json!({"rules": []}));
    assert_eq!(sign_up(&server).unwrap().status, 200);
}

#[test]
fn a_rule_that_makes_no_sense_is_refused_with_its_reason() {
    let server = Server::start(&[]);
    let answer = server.post(
        "/_emulator/faults",
        json!({"operation": "*", "fault": {"explode": true}}),
    );
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"].as_str().unwrap().contains("fault.explode"));
    let answer = server.request("POST", "/_emulator/faults", &[], "{").unwrap();
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"error": "the body is not JSON"}))
    );
}
