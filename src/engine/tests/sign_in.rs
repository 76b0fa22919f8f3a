use serde_json::json;

use super::support::{HOUR, LOCALLY, NOW, SIGNED_IN, Stage, password_verifier, tokens};
use crate::core::error::Code;
use crate::core::flow::sign_in::Question;
use crate::core::user_state::{Reason, UserState};
use crate::engine::options::ConfirmSignInOptions;
use crate::engine::{SignInResult, UserStateInfo};

fn answer_with(password: &str) -> ConfirmSignInOptions {
    ConfirmSignInOptions::parse(&json!({ "challengeResponse": password }).to_string()).unwrap()
}

fn new_password_required() -> serde_json::Value {
    json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s1", "ChallengeParameters": {
        "USER_ID_FOR_SRP": "alice", "requiredAttributes": "[]", "userAttributes": "{}"}})
}

#[test]
fn a_sign_in_is_stored_before_it_is_notified() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert_eq!(stage.env.sent(), ["InitiateAuth", "RespondToAuthChallenge"]);
    assert_eq!(stage.state(), UserState::SignedIn);
    let session = stage.stored_session().unwrap();
    assert_eq!(session.username(), Some("alice"));
    assert_eq!(session.life().unwrap().expires_at, (NOW + 3600) * 1000);
    let notices = stage.notices.borrow().clone();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].snapshot.username.as_deref(), Some("alice"));
    let id_token = session.id_token().unwrap().reveal().to_owned();
    let expected = UserStateInfo {
        provider: Some("cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool".into()),
        token: Some(id_token.into()),
        username: None,
        reason: Some(Reason::UserAction),
    };
    assert_eq!(notices[0].state_change(), Some(&expected));
    assert!(!format!("{notices:?}").contains("e30."), "a notice prints its token");
}

#[test]
fn a_sign_in_that_is_refused_changes_nothing() {
    for (exception, code) in [
        ("NotAuthorizedException", Code::NotAuthorized),
        ("UserNotFoundException", Code::UserNotFound),
        ("TooManyRequestsException", Code::TooManyRequests),
        ("UserLambdaValidationException", Code::UserLambdaValidation),
    ] {
        let stage = Stage::ready();
        stage.env.answer("InitiateAuth", 200, &password_verifier());
        stage.env.refuse("RespondToAuthChallenge", exception);
        assert_eq!(stage.sign_in().unwrap_err().code, code);
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
        assert!(stage.stored_session().is_none());
    }
}

#[test]
fn what_the_user_has_to_do_first_is_a_result_and_no_error() {
    for (exception, result) in [
        ("UserNotConfirmedException", SignInResult::ConfirmSignUp),
        ("PasswordResetRequiredException", SignInResult::ResetPassword),
    ] {
        let stage = Stage::ready();
        stage.env.refuse("InitiateAuth", exception);
        assert_eq!(stage.sign_in(), Ok(result.clone()));
        stage.env.answer("InitiateAuth", 200, &password_verifier());
        stage.env.refuse("RespondToAuthChallenge", exception);
        assert_eq!(stage.sign_in(), Ok(result));
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
        assert_eq!(stage.answer("1").unwrap_err().code, Code::InvalidState);
    }
}

#[test]
fn a_sign_in_without_an_answer_changes_nothing() {
    let stage = Stage::ready();
    stage.env.cut("InitiateAuth");
    let error = stage.sign_in().unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Network, true));
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
}

#[test]
fn a_sign_in_that_cannot_be_stored_does_not_begin() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    stage.env.refuse_writes(true);
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.sign_in().unwrap_err().code, Code::Storage);
    assert_eq!(
        stage.env.sent(),
        ["InitiateAuth", "RespondToAuthChallenge", "RevokeToken"]
    );
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
}

#[test]
fn while_a_user_is_signed_in_another_cannot_sign_in() {
    let stage = Stage::signed_in();
    assert_eq!(stage.sign_in().unwrap_err().code, Code::InvalidState);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stage.state(), UserState::SignedIn);
}

#[test]
fn a_new_password_is_asked_for_until_one_is_accepted() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &new_password_required());
    let asked = SignInResult::Asked(Question::NewPassword {
        required_attributes: vec![],
        user_attributes: vec![],
    });
    assert_eq!(stage.sign_in(), Ok(asked));
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));

    stage.env.refuse("RespondToAuthChallenge", "InvalidPasswordException");
    let weak = stage
        .run(stage.client.confirm_sign_in(answer_with("weak")))
        .unwrap_err();
    assert_eq!(weak.code, Code::InvalidPassword);

    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    let done = stage.run(stage.client.confirm_sign_in(answer_with("Better-Horse8!")));
    assert_eq!(done, Ok(SIGNED_IN));
    assert_eq!(stage.notified(), [UserState::SignedIn]);

    let again = stage.run(stage.client.confirm_sign_in(answer_with("x"))).unwrap_err();
    assert_eq!(again.code, Code::InvalidState);
}

#[test]
fn a_challenge_that_took_too_long_is_over() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &new_password_required());
    stage.sign_in().unwrap();
    stage.env.refuse("RespondToAuthChallenge", "NotAuthorizedException");
    let late = stage
        .run(stage.client.confirm_sign_in(answer_with("Better-Horse8!")))
        .unwrap_err();
    assert_eq!(late.code, Code::NotAuthorized);
    let over = stage
        .run(stage.client.confirm_sign_in(answer_with("Better-Horse8!")))
        .unwrap_err();
    assert_eq!(over.code, Code::InvalidState);
}

#[test]
fn an_answer_without_a_question_says_what_to_do() {
    let stage = Stage::ready();
    let error = stage.run(stage.client.confirm_sign_in(answer_with("x"))).unwrap_err();
    assert_eq!(error.code, Code::InvalidState);
    assert!(error.message.contains("signIn()"));
}

#[test]
fn tokens_that_cannot_be_read_begin_no_session() {
    for result in [
        json!({"AccessToken": "a", "IdToken": "i", "RefreshToken": "r"}),
        json!({"AccessToken": tokens("alice", "1")["AuthenticationResult"]["AccessToken"], "IdToken": "i", "RefreshToken": "r"}),
        json!({}),
    ] {
        let stage = Stage::ready();
        stage
            .env
            .answer("InitiateAuth", 200, &json!({ "AuthenticationResult": result }));
        // A refresh token that came along is revoked.
        stage.env.answer("RevokeToken", 200, &json!({}));
        assert_eq!(stage.sign_in().unwrap_err().code, Code::Unknown);
        assert_eq!(stage.state(), UserState::SignedOut);
        assert!(stage.stored_session().is_none());
    }
}

#[test]
fn a_prepared_secret_serves_one_sign_in_only() {
    let stage = Stage::ready();
    stage.client.prepare_sign_in().unwrap();
    let mut keys = Vec::new();
    for _ in 0..2 {
        stage.env.cut("InitiateAuth");
        assert!(stage.sign_in().is_err());
        keys.extend(stage.env.bodies());
    }
    let srp_a = |body: &serde_json::Value| body["AuthParameters"]["SRP_A"].as_str().unwrap().to_owned();
    assert_ne!(srp_a(&keys[0]), srp_a(&keys[1]));
}

#[test]
fn without_random_numbers_no_password_is_proven_and_everything_else_goes_on() {
    let stage = Stage::signed_in();
    stage.env.refuse_random(true);
    stage.env.pass(HOUR);
    stage.script_refresh("2");
    stage.get_tokens("{}").unwrap();
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    stage.sign_out(LOCALLY).unwrap();
    stage.env.sent();
    assert_eq!(stage.sign_in().unwrap_err().code, Code::Internal);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stage.state(), UserState::SignedOut);
}
