use futures_executor::block_on;

use super::support::{KEY, NOW, Stage, tokens};
use crate::core::error::Code;
use crate::core::session::Session;
use crate::core::user_state::UserState;

fn generation_of(session: &Session) -> String {
    session.tokens.as_ref().unwrap().refresh.reveal().to_owned()
}

#[test]
fn valid_tokens_come_from_the_cache() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 3600 - 121);
    let session = block_on(stage.client.get_tokens(false)).unwrap();
    assert_eq!(generation_of(&session), "refresh-1");
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn tokens_that_end_within_two_minutes_are_renewed_and_stored() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 3600 - 120);
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    let session = block_on(stage.client.get_tokens(false)).unwrap();
    assert_eq!(generation_of(&session), "refresh-2");
    assert_eq!(
        generation_of(&Session::decode(&stage.env.stored()[KEY]).unwrap()),
        "refresh-2"
    );
    assert_eq!((stage.state(), stage.told()), (UserState::SignedIn, vec![]));
    assert_eq!(stage.env.sent(), ["GetTokensFromRefreshToken"]);
    block_on(stage.client.get_tokens(false)).unwrap();
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
    stage.env.answer("GetTokensFromRefreshToken", 200, &answer);
    let session = block_on(stage.client.get_tokens(true)).unwrap();
    assert_eq!(generation_of(&session), "refresh-1");
}

#[test]
fn a_service_without_the_newer_operation_is_asked_by_the_older() {
    let stage = Stage::signed_in();
    stage
        .env
        .refuse("GetTokensFromRefreshToken", "UnknownOperationException");
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    block_on(stage.client.get_tokens(true)).unwrap();
    assert_eq!(stage.env.sent(), ["GetTokensFromRefreshToken", "InitiateAuth"]);
}

#[test]
fn a_refresh_that_gets_no_answer_changes_nothing() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    for _ in 0..2 {
        stage.env.cut("GetTokensFromRefreshToken");
        assert_eq!(
            block_on(stage.client.get_tokens(false)).unwrap_err().code,
            Code::Network
        );
    }
    stage
        .env
        .refuse("GetTokensFromRefreshToken", "TooManyRequestsException");
    assert_eq!(
        block_on(stage.client.get_tokens(false)).unwrap_err().code,
        Code::TooManyRequests
    );
    assert_eq!((stage.state(), stage.told()), (UserState::SignedIn, vec![]));
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    assert!(block_on(stage.client.get_tokens(false)).is_ok());
}

#[test]
fn a_definite_refusal_is_told_once_and_outlives_a_reload() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    stage.env.refuse("GetTokensFromRefreshToken", "NotAuthorizedException");
    let refused = block_on(stage.client.get_tokens(false)).unwrap_err();
    assert_eq!(refused.code, Code::NotSignedIn);
    assert_eq!(refused.service_exception.as_deref(), Some("NotAuthorizedException"));
    assert_eq!(
        block_on(stage.client.get_tokens(false)).unwrap_err().code,
        Code::NotSignedIn
    );
    assert_eq!(stage.env.sent(), ["GetTokensFromRefreshToken"]);
    let info = stage.notices.borrow()[0].tell.clone().unwrap();
    assert_eq!(info.username.as_deref(), Some("alice"));
    assert_eq!(stage.told(), [UserState::SignedOutUserPoolsTokenInvalid]);

    let reloaded = Stage::over(stage.env.clone());
    assert_eq!(reloaded.initialize(), Ok(UserState::SignedOutUserPoolsTokenInvalid));
    assert!(!stage.env.stored()[KEY].contains("refresh-1"));
}

#[test]
fn after_a_refusal_another_user_may_sign_in() {
    let stage = Stage::signed_in();
    stage.env.refuse("GetTokensFromRefreshToken", "NotAuthorizedException");
    block_on(stage.client.get_tokens(true)).unwrap_err();
    stage.script_sign_in("bob");
    stage.sign_in().unwrap();
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(
        stage.told(),
        [UserState::SignedOutUserPoolsTokenInvalid, UserState::SignedIn]
    );
}

#[test]
fn renewed_tokens_that_cannot_be_stored_still_serve_the_page() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    let session = block_on(stage.client.get_tokens(true)).unwrap();
    assert_eq!(generation_of(&session), "refresh-2");
    let cached = block_on(stage.client.get_tokens(false)).unwrap();
    assert_eq!(generation_of(&cached), "refresh-2");
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
                stage
                    .env
                    .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
            }
            block_on(stage.client.get_tokens(false)).unwrap();
            assert_eq!(stage.env.sent().len(), renewals, "{hours} {later}");
        }
    }
}
