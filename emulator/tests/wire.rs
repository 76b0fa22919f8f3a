//! What goes over the wire.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::json;
use support::{Answer, CLIENT, POOL, Server};

#[test]
fn a_preflight_is_answered_with_the_headers_that_were_asked_for() {
    let server = Server::start(&[]);
    let asked = "authorization,content-type,x-amz-target,x-amz-user-agent";
    let answer = server
        .request(
            "OPTIONS",
            "/",
            &[
                ("origin", "http://localhost:3000"),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", asked),
            ],
            "",
        )
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-headers"), Some(asked));
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
    assert_eq!(answer.header("access-control-max-age"), Some("172800"));
}

#[test]
fn every_answer_of_the_service_can_be_read_by_a_page_of_any_origin() {
    let server = Server::start(&[]);
    let answers = [
        server.call("ListUserPools", json!({"MaxResults": 1})),
        server.call("GetUser", json!({"AccessToken": "x"})),
        server.call("MakeTea", json!({})),
        server.get(&format!("/{POOL}/.well-known/openid-configuration")),
        server.get(&format!("/{POOL}/.well-known/jwks.json")),
        server.get("/us-east-1_Nobody/.well-known/jwks.json"),
    ];
    for answer in answers {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{answer:?}");
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
            "{answer:?}"
        );
        has_an_id_and_a_date(&answer);
    }
}

#[test]
fn no_page_of_another_origin_reads_files_or_the_control_interface() {
    let server = Server::start(&[]);
    let preflight = [
        ("origin", "http://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answers = [
        server.get("/_emulator/health"),
        server.get("/_emulator/nothing"),
        server.get("/missing.html"),
        server.get("/awsconfiguration.json"),
        server.get("/"),
        server.request("PUT", "/_emulator/health", &[], "").unwrap(),
        server.request("OPTIONS", "/_emulator/clock", &preflight, "").unwrap(),
        server.request("OPTIONS", "/index.html", &preflight, "").unwrap(),
    ];
    for answer in answers {
        for (name, value) in &answer.headers {
            assert!(!name.starts_with("access-control-"), "{name}: {value}");
        }
        has_an_id_and_a_date(&answer);
    }
}

fn has_an_id_and_a_date(answer: &Answer) {
    assert_eq!(answer.header("x-amzn-requestid").map(str::len), Some(36), "{answer:?}");
    assert!(answer.header("date").unwrap().ends_with(" GMT"), "{answer:?}");
}

#[test]
fn an_exception_is_in_the_body_and_in_the_headers() {
    let server = Server::start(&[]);
    let answer = server.call(
        "GetTokensFromRefreshToken",
        json!({"ClientId": CLIENT, "RefreshToken": "a.b.c.d.e"}),
    );
    assert_eq!(answer.status, 400);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.header("x-amzn-errortype"), Some("NotAuthorizedException:"));
    assert_eq!(answer.header("x-amzn-errormessage"), Some("Invalid Refresh Token."));
    assert_eq!(
        answer.body,
        r#"{"__type":"NotAuthorizedException","message":"Invalid Refresh Token."}"#
    );
}

#[test]
fn a_message_beyond_ascii_still_has_its_header() {
    let server = Server::start(&[]);
    let answer = server.call("InitiateAuth", json!({"ClientId": CLIENT, "AuthFlow": "fl\u{f6}w\n"}));
    assert_eq!(answer.status, 400);
    assert!(answer.json()["message"].as_str().unwrap().contains("fl\u{f6}w\n"));
    assert!(answer.header("x-amzn-errormessage").unwrap().contains("'fl w '"));
}

#[test]
fn a_success_is_aws_json() {
    let server = Server::start(&[]);
    let answer = server.call("ListUserPools", json!({"MaxResults": 1}));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(answer.json()["UserPools"][0]["Id"], POOL);
    assert_eq!(answer.header("x-amzn-errortype"), None);
}

#[test]
fn some_operations_answer_with_no_body() {
    let server = Server::start(&[]);
    let answer = server.call("DeleteUserPoolClient", json!({"UserPoolId": POOL, "ClientId": CLIENT}));
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[test]
fn what_is_no_operation_is_an_unknown_operation() {
    let server = Server::start(&[]);
    let without_target = server.request("POST", "/", &[], "{}").unwrap();
    let of_another_service = server
        .request(
            "POST",
            "/",
            &[("x-amz-target", "AWSCognitoIdentityService.SignUp")],
            "{}",
        )
        .unwrap();
    let without_service = server
        .request("POST", "/", &[("x-amz-target", "SignUp")], "{}")
        .unwrap();
    let answers = [
        server.call("MakeTea", json!({})),
        without_target,
        of_another_service,
        without_service,
    ];
    for answer in answers {
        assert_eq!(answer.status, 400);
        assert_eq!(answer.header("x-amzn-errortype"), Some("UnknownOperationException:"));
        assert_eq!(answer.json()["__type"], "UnknownOperationException");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_a_serialization_exception() {
    let server = Server::start(&[]);
    let headers = [("x-amz-target", "AWSCognitoIdentityProviderService.SignUp")];
    for body in ["", "{", "[]", "7", "\"{}\""] {
        let answer = server.request("POST", "/", &headers, body).unwrap();
        assert_eq!(
            (answer.status, &answer.json()["__type"]),
            (400, &json!("SerializationException")),
            "{body}"
        );
    }
}

#[test]
fn a_body_without_end_is_refused() {
    let server = Server::start(&[]);
    let answer = server.call("SignUp", json!({"Username": "x".repeat(1 << 20)}));
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn administration_is_refused_to_websites_and_done_for_pages_of_this_machine() {
    let server = Server::start(&[]);
    let call = |operation: &str, origin: &str| {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("origin", origin)];
        let body = json!({"UserPoolId": POOL, "ClientId": CLIENT, "AccessToken": "x"}).to_string();
        server.request("POST", "/", &headers, &body).unwrap()
    };
    let refused = call("ListUsers", "https://evil.example");
    assert_eq!(
        (refused.status, &refused.json()["__type"]),
        (403, &json!("AccessDeniedException"))
    );
    assert_eq!(call("ListUsers", "http://localhost:3000").status, 200);
    let of_a_client = call("GetUser", "https://app.example");
    assert_eq!(
        of_a_client.json()["__type"],
        "NotAuthorizedException",
        "the service answers every website"
    );
}

#[test]
fn a_pool_publishes_its_keys_and_where_they_are() {
    let server = Server::start(&[]);
    let discovery = server.get(&format!("/{POOL}/.well-known/openid-configuration")).json();
    assert_eq!(
        discovery["issuer"],
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Emulator1"
    );
    assert_eq!(
        discovery["jwks_uri"],
        format!("http://{}/{POOL}/.well-known/jwks.json", server.address)
    );
    let jwks = server.get(&format!("/{POOL}/.well-known/jwks.json")).json();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert_eq!(server.get("/us-east-1_Nobody/.well-known/jwks.json").status, 404);
    assert_eq!(
        server.get("/us-east-1_Nobody/.well-known/openid-configuration").status,
        404
    );
}

#[test]
fn a_signed_request_is_as_good_as_an_unsigned_one() {
    let server = Server::start(&[]);
    let headers = [
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=x/20270115/us-east-1/cognito-idp/aws4_request, Signature=0",
        ),
        ("x-amz-target", "AWSCognitoIdentityProviderService.DescribeUserPool"),
    ];
    let answer = server
        .request("POST", "/", &headers, &json!({"UserPoolId": POOL}).to_string())
        .unwrap();
    assert_eq!(answer.json()["UserPool"]["Id"], POOL);
}
