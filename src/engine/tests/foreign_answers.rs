//! Answers that the service did not give: whatever they say, nothing ends, and nothing is reported as done.

use serde_json::json;

use super::support::{FORCE, REFRESH, Stage, every_operation};
use crate::core::api::user_pool::Shape;
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::testing::{self, FakeEnv};

/// What something in between may answer with the status 200 and, as its content type says, in the service's protocol.
const FOREIGN: [&str; 8] = [
    " ",
    "null",
    "[]",
    "ok",
    r#"{"status":"ok"}"#,
    r#"{"message":"done"}"#,
    r#"{"__type":"NotAuthorizedException"}"#,
    "<html>Sign in to the network</html>",
];

/// A refusal by this name, which the service sends with 400 only.
fn refuse_with(env: &FakeEnv, operation: &str, status: u16) {
    let body = json!({"__type": "NotAuthorizedException", "message": "Access Token has been revoked"});
    env.answer(operation, status, &body);
}

fn assert_nothing_has_happened(stage: &Stage, error: &AuthError, what: &str) {
    assert_eq!(error.code, Code::Network, "{what}");
    assert_eq!(stage.state(), UserState::SignedIn, "{what}");
    assert!(stage.stored_session().is_some(), "{what}");
    assert_eq!(stage.notified(), [], "{what}");
}

#[test]
fn a_success_that_the_service_did_not_give_does_nothing_for_any_operation() {
    for (operation, options) in every_operation() {
        let has_no_body = Shape::of(operation.name) == Shape::NoBody;
        let needs_members = !matches!(Shape::of(operation.name), Shape::NoBody | Shape::All([]));
        let empty = Some("").filter(|_| !has_no_body);
        let memberless = Some("{}").filter(|_| needs_members);
        for body in FOREIGN.into_iter().chain(empty).chain(memberless) {
            let stage = Stage::signed_in();
            stage.env.answer_text(operation.name, 200, body);
            let what = format!("{} {body}", operation.call);
            let error = stage.operate(operation.call, &options).expect_err(&what);
            assert_nothing_has_happened(&stage, &error, &what);
            assert_eq!(stage.env.sent(), [operation.name], "{what}");
        }
    }
}

#[test]
fn an_answer_without_a_body_or_a_mark_of_the_service_does_nothing_for_any_operation() {
    for (operation, options) in every_operation() {
        for (content_type, body) in [
            (None, ""),
            (Some("application/json"), ""),
            (Some("text/html"), "{}"),
            (None, "{}"),
        ] {
            let stage = Stage::signed_in();
            let mut answer = testing::answer(200, body);
            (answer.content_type, answer.has_request_id) = (content_type.map(String::from), false);
            stage.env.answer_with(operation.name, answer);
            let what = format!("{} {content_type:?} {body}", operation.call);
            let error = stage.operate(operation.call, &options).expect_err(&what);
            assert_nothing_has_happened(&stage, &error, &what);
        }
    }
}

#[test]
fn a_refusal_at_another_status_does_nothing_for_any_operation() {
    for (operation, options) in every_operation() {
        for status in [200, 202, 302, 401, 403, 404, 429, 500, 503] {
            let stage = Stage::signed_in();
            refuse_with(&stage.env, operation.name, status);
            let what = format!("{} {status}", operation.call);
            let error = stage.operate(operation.call, &options).expect_err(&what);
            assert_nothing_has_happened(&stage, &error, &what);
            assert_eq!(stage.env.sent(), [operation.name], "{what}: no token is renewed");
        }
    }
}

#[test]
fn a_refresh_that_something_in_between_refuses_leaves_the_session_alone() {
    for status in [200, 302, 401, 403, 404, 429, 500, 503] {
        let stage = Stage::signed_in();
        refuse_with(&stage.env, REFRESH, status);
        let error = stage.get_tokens(FORCE).unwrap_err();
        assert_nothing_has_happened(&stage, &error, &status.to_string());
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
    }
}

#[test]
fn a_global_sign_out_that_the_service_has_not_answered_is_none() {
    for body in FOREIGN.into_iter().chain([""]) {
        let stage = Stage::signed_in();
        stage.env.answer_text("GlobalSignOut", 200, body);
        let error = stage.sign_out(r#"{"signOutGlobally":true}"#).unwrap_err();
        assert_nothing_has_happened(&stage, &error, body);
    }
    for status in [403, 500, 503] {
        let stage = Stage::signed_in();
        refuse_with(&stage.env, "GlobalSignOut", status);
        let error = stage.sign_out(r#"{"signOutGlobally":true}"#).unwrap_err();
        assert_nothing_has_happened(&stage, &error, &status.to_string());
    }
}

#[test]
fn the_service_s_own_answer_without_a_body_ends_the_account() {
    let stage = Stage::signed_in();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert_eq!(stage.state(), UserState::SignedOut);
}
