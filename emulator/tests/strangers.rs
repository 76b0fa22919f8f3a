//! What a website, or a name that DNS rebinding has pointed here, gets of the control interface; and how much is kept.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{CLIENT, Server};

const CALLS: [(&str, &str); 4] = [
    ("GET", "/_emulator/outbox"),
    ("POST", "/_emulator/reset"),
    ("POST", "/_emulator/clock"),
    ("DELETE", "/_emulator/requests"),
];

fn refused(server: &Server, headers: &[(&str, &str)]) {
    for (method, path) in CALLS {
        let answer = server.request(method, path, headers, "{}").unwrap();
        assert_eq!(answer.status, 403, "{method} {path} {headers:?}: {answer:?}");
        assert!(answer.json()["error"].is_string(), "{answer:?}");
    }
}

#[test]
fn the_control_interface_answers_no_other_host() {
    let server = Server::start(&[]);
    for host in ["evil.example", "evil.example:7665", "localhost.evil.example"] {
        refused(&server, &[("host", host)]);
    }
    refused(&server, &[("host", "localhost"), ("host", "localhost")]);
    for host in ["localhost:1", "127.0.0.1", "[::1]:80"] {
        let answer = server
            .request("GET", "/_emulator/clock", &[("host", host)], "")
            .unwrap();
        assert_eq!(answer.status, 200, "{host}: {answer:?}");
    }
}

#[test]
fn the_control_interface_is_for_programs_and_for_pages_of_its_own_origin() {
    let server = Server::start(&[]);
    // What a form sends is sent without a preflight.
    let form = ("content-type", "text/plain");
    refused(&server, &[form, ("origin", "https://evil.example")]);
    refused(&server, &[form, ("origin", "null")]);
    refused(&server, &[form, ("origin", "http://localhost:3000")]);
    refused(&server, &[("sec-fetch-site", "cross-site")]);

    let own = format!("http://{}", server.address);
    for headers in [
        &[form][..],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        &[("origin", own.as_str())],
        &[("sec-fetch-site", "none")],
    ] {
        let answer = server.request("POST", "/_emulator/reset", headers, "{}").unwrap();
        assert_eq!(answer.status, 200, "{headers:?}: {answer:?}");
    }
}

#[test]
fn a_control_call_may_not_be_without_end() {
    let server = Server::start(&[]);
    let answer = server.post("/_emulator/faults", json!({"operation": "x".repeat(1 << 18)}));
    assert_eq!(answer.status, 413, "{answer:?}");
}

#[test]
fn no_more_than_a_thousand_rules_are_kept() {
    let server = Server::start(&[]);
    let rule = json!({"operation": "SignUp", "fault": {"status": 500}});
    for _ in 0..1000 {
        assert_eq!(server.post("/_emulator/faults", rule.clone()).status, 200);
    }
    assert_eq!(server.post("/_emulator/faults", rule.clone()).status, 400);
    server.delete("/_emulator/faults");
    assert_eq!(server.post("/_emulator/faults", rule).status, 200);
}

#[test]
fn no_more_than_a_thousand_requests_are_held() {
    let server = Server::start(&[]);
    let rule = json!({"operation": "GetUser", "count": null, "fault": {"hold": "before"}});
    server.post("/_emulator/faults", rule);
    let target = [("x-amz-target", "AWSCognitoIdentityProviderService.GetUser")];
    let held = || {
        let requests = server.get("/_emulator/requests").json()["requests"].clone();
        let held = |request: &&Value| request["held"] == true;
        requests.as_array().unwrap().iter().filter(held).count()
    };
    for hundreds in 1..=10 {
        let clients: Vec<_> = (0..100)
            .map(|_| server.send("POST", "/", &target, "{}").unwrap())
            .collect();
        assert!((0..10_000).any(|_| held() == hundreds * 100), "they did not arrive");
        // Their clients go, and they stay.
        drop(clients);
    }
    let answer = server.call("SignUp", json!({"ClientId": CLIENT}));
    assert_eq!(
        (answer.status, &answer.json()["__type"]),
        (503, &json!("ServiceUnavailableException"))
    );
    assert_eq!(
        server.post("/_emulator/release", json!({})).json()["released"]
            .as_array()
            .unwrap()
            .len(),
        1000
    );
    let is_free = || server.call("SignUp", json!({"ClientId": CLIENT})).status == 400;
    assert!((0..10_000).any(|_| is_free()), "their places were not given back");
}

#[test]
fn what_the_log_keeps_of_a_request_is_short() {
    let server = Server::start(&[]);
    let (target, long) = ("x".repeat(5000), "y".repeat(3000));
    let headers = [
        ("x-amz-target", target.as_str()),
        ("x-one", long.as_str()),
        ("x-two", long.as_str()),
    ];
    let body = json!({"ClientId": "z".repeat(100_000), "AuthFlow": "z".repeat(100_000)}).to_string();
    server.request("POST", "/", &headers, &body).unwrap();
    let kept = server.get("/_emulator/requests").body;
    assert!(kept.len() < 6000, "{}", kept.len());
}
