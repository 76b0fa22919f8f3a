use super::support::{FORCE, KEY, NOW, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;

#[test]
fn valid_tokens_come_from_the_cache() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 3600 - 121);
    let session = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-1");
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn tokens_that_end_within_two_minutes_are_renewed_and_stored() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 3600 - 120);
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    let session = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    assert_eq!(stage.env.sent(), [REFRESH]);
    stage.get_tokens("{}").unwrap();
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn without_rotation_the_refresh_token_goes_on() {
    let stage = Stage::signed_in();
    let mut answer = tokens("alice", "2");
    answer["AuthenticationResult"]
        .as_object_mut()
        .unwrap()
        .remove("RefreshToken");
    stage.env.answer(REFRESH, 200, &answer);
    let session = stage.get_tokens(FORCE).unwrap();
    assert_eq!(refresh_token(&session), "refresh-1");
}

#[test]
fn a_service_without_the_newer_operation_is_asked_by_the_older() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "UnknownOperationException");
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(stage.env.sent(), [REFRESH, "InitiateAuth"]);
}

#[test]
fn a_refresh_that_gets_no_good_answer_changes_nothing_and_goes_on_by_itself() {
    const REVOKED: &str = r#"{"__type":"NotAuthorizedException","message":"Refresh Token has been revoked"}"#;
    let throttled = r#"{"__type":"TooManyRequestsException","message":"slow"}"#;
    for (status, text, code) in [
        (0, "", Code::Network),
        (400, throttled, Code::TooManyRequests),
        (500, r#"{"__type":"InternalErrorException"}"#, Code::InternalError),
        (503, "<html>busy</html>", Code::Network),
        (200, "", Code::Network),
        (200, r#"{"AuthenticationResult":{"AccessTok"#, Code::Network),
        (200, "{}", Code::Network),
        (503, REVOKED, Code::Network),
        (401, REVOKED, Code::Network),
    ] {
        let stage = Stage::signed_in();
        stage.env.pass(4_000_000);
        if status == 0 {
            stage.env.cut(REFRESH);
        } else {
            stage.env.answer_text(REFRESH, status, text);
        }
        assert_eq!(stage.get_tokens("{}").unwrap_err().code, code, "{status} {text}");
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
        stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
        stage.env.pass(1_000);
        assert_eq!(
            refresh_token(&stage.get_tokens("{}").unwrap()),
            "refresh-2",
            "{status} {text}"
        );
        assert_eq!(stage.env.sent().len(), 2);
    }
}

#[test]
fn a_definite_refusal_is_notified_once_and_outlives_a_reload() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    let refused = stage.get_tokens("{}").unwrap_err();
    assert_eq!(refused.code, Code::NotSignedIn);
    assert_eq!(refused.service_exception.as_deref(), Some("NotAuthorizedException"));
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.env.sent(), [REFRESH]);
    let info = stage.notices.borrow()[0].state_change().cloned().unwrap();
    assert_eq!(info.username.as_deref(), Some("alice"));
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);

    let reloaded = stage.another();
    assert_eq!(reloaded.initialize(), Ok(UserState::SignedOutUserPoolsTokenInvalid));
    assert!(!stage.env.stored()[KEY].contains("refresh-1"));
}

#[test]
fn after_a_refusal_another_user_may_sign_in() {
    let stage = Stage::signed_in();
    stage.env.pass(4_000_000);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens("{}").unwrap_err();
    stage.script_sign_in("bob");
    stage.sign_in().unwrap();
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(
        stage.notified(),
        [UserState::SignedOutUserPoolsTokenInvalid, UserState::SignedIn]
    );
}

#[test]
fn renewed_tokens_that_cannot_be_stored_still_serve_the_page() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    let session = stage.get_tokens(FORCE).unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    let cached = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&cached), "refresh-2");
}

#[test]
fn a_device_with_a_wrong_clock_keeps_its_tokens_as_long_as_any_other() {
    for hours in [-48, 48] {
        let stage = Stage::ready();
        let now = NOW + hours * 3600;
        stage.env.set_now(now);
        stage.script_sign_in("alice");
        stage.sign_in().unwrap();
        stage.env.sent();
        for (later, renewals) in [(60, 0), (3470, 0), (3490, 1)] {
            stage.env.set_now(now + later);
            if renewals == 1 {
                stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
            }
            stage.get_tokens("{}").unwrap();
            assert_eq!(stage.env.sent().len(), renewals, "{hours} {later}");
        }
    }
}
