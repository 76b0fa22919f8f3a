//! From a sign-up that is confirmed straight into a sign-in.

use serde_json::{Value, json};

use super::challenges::challenge;
use super::support::{KEY, LOCALLY, Overlap, SIGNED_IN, Stage, tokens};
use crate::core::api::user_pool::Operation;
use crate::core::error::{AuthError, Code};
use crate::engine::SignInResult;
use crate::engine::options::AutoSignInOptions;
use crate::ports::Spawn as _;

fn script_sign_up(stage: &Stage) {
    let answer = json!({"UserConfirmed": false, "UserSub": "s", "Session": "signed-up"});
    stage.env.answer("SignUp", 200, &answer);
}

fn sign_up(stage: &Stage) {
    script_sign_up(stage);
    stage.operate("signUp", &json!({"username": "alice"})).unwrap();
}

fn confirm(stage: &Stage) -> Result<Value, AuthError> {
    let code = json!({"username": "alice", "confirmationCode": "123456"});
    stage.operate("confirmSignUp", &code)
}

/// With a sign-up that was confirmed a moment ago.
fn confirmed() -> Stage {
    let stage = Stage::ready();
    sign_up(&stage);
    stage.env.answer("ConfirmSignUp", 200, &json!({"Session": "confirmed"}));
    confirm(&stage).unwrap();
    stage.env.sent();
    stage
}

fn reload(stage: &Stage) -> Stage {
    let page = stage.another();
    page.initialize().unwrap();
    page
}

fn auto_sign_in(stage: &Stage) -> Result<SignInResult, AuthError> {
    stage.run(stage.client.auto_sign_in(AutoSignInOptions::default()))
}

#[test]
fn the_session_of_a_sign_up_leads_through_its_confirmation_into_a_sign_in() {
    for reloads in [false, true] {
        let turn = |stage: Stage| if reloads { reload(&stage) } else { stage };
        let stage = Stage::ready();
        sign_up(&stage);
        let stage = turn(stage);
        stage.env.answer("ConfirmSignUp", 200, &json!({"Session": "confirmed"}));
        confirm(&stage).unwrap();
        let stage = turn(stage);
        stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
        assert_eq!(auto_sign_in(&stage), Ok(SIGNED_IN));
        let bodies = stage.env.bodies();
        assert_eq!(bodies[1]["Session"], "signed-up");
        assert_eq!(
            bodies[2],
            json!({"ClientId": "client1", "AuthFlow": "USER_AUTH", "Session": "confirmed", "AuthParameters": {"USERNAME": "alice"}})
        );
        assert_eq!(stage.client.snapshot().username.as_deref(), Some("alice"));
    }
}

#[test]
fn it_may_ask_for_more_like_any_sign_in() {
    let stage = confirmed();
    stage.env.answer("InitiateAuth", 200, &challenge("SMS_MFA", "s1"));
    assert!(matches!(auto_sign_in(&stage), Ok(SignInResult::Asked(_))));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(stage.answer("1"), Ok(SIGNED_IN));
}

#[test]
fn a_session_serves_once_and_what_was_not_answered_may_be_tried_again() {
    let stage = confirmed();
    stage.env.cut("InitiateAuth");
    assert_eq!(auto_sign_in(&stage).unwrap_err().code, Code::Network);
    stage.env.refuse("InitiateAuth", "NotAuthorizedException");
    assert_eq!(auto_sign_in(&stage).unwrap_err().code, Code::NotAuthorized);
    let over = auto_sign_in(&stage).unwrap_err();
    assert_eq!(over.code, Code::InvalidState);
    assert!(over.message.contains("signIn()"));
}

#[test]
fn without_a_confirmation_a_moment_ago_there_is_nothing_to_go_on_from() {
    assert_eq!(auto_sign_in(&Stage::ready()).unwrap_err().code, Code::InvalidState);
    let signed_up = Stage::ready();
    sign_up(&signed_up);
    assert_eq!(auto_sign_in(&signed_up).unwrap_err().code, Code::InvalidState);
    let late = confirmed();
    late.env.pass(900_000);
    assert_eq!(auto_sign_in(&reload(&late)).unwrap_err().code, Code::InvalidState);
    let out = confirmed();
    out.sign_out(LOCALLY).unwrap();
    assert_eq!(auto_sign_in(&out).unwrap_err().code, Code::InvalidState);
    let cleared = confirmed();
    cleared.run(cleared.client.clear_storage()).unwrap();
    assert_eq!(auto_sign_in(&cleared).unwrap_err().code, Code::InvalidState);
    // A pool that gives no session leaves none of another user behind either.
    let none = confirmed();
    none.env.answer("ConfirmSignUp", 200, &json!({}));
    none.operate("confirmSignUp", &json!({"username": "bob", "confirmationCode": "1"}))
        .unwrap();
    assert_eq!(auto_sign_in(&none).unwrap_err().code, Code::InvalidState);
}

#[test]
fn auto_sign_in_is_refused_while_a_user_is_signed_in() {
    let stage = confirmed();
    stage.env.answer("InitiateAuth", 200, &tokens("bob", "1"));
    stage.sign_in().unwrap();
    assert_eq!(auto_sign_in(&stage).unwrap_err().code, Code::InvalidState);
}

#[test]
fn the_session_is_that_of_the_user_who_is_confirmed_and_of_no_other() {
    let stage = Stage::ready();
    sign_up(&stage);
    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    stage
        .operate("confirmSignUp", &json!({"username": "bob", "confirmationCode": "1"}))
        .unwrap();
    assert!(stage.env.bodies()[1].get("Session").is_none());
}

#[test]
fn a_session_that_the_service_has_forgotten_is_no_reason_to_refuse_the_code() {
    let stage = Stage::ready();
    sign_up(&stage);
    let expired =
        json!({"__type": "NotAuthorizedException", "message": "Invalid session for the user, session is expired."});
    stage.env.answer("ConfirmSignUp", 400, &expired);
    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    assert!(confirm(&stage).is_ok());
    let bodies = stage.env.bodies();
    assert_eq!(bodies[1]["Session"], "signed-up");
    assert!(bodies[2].get("Session").is_none());
}

#[test]
fn a_wrong_code_leaves_the_session_for_the_right_one() {
    let stage = Stage::ready();
    sign_up(&stage);
    stage.env.refuse("ConfirmSignUp", "CodeMismatchException");
    assert_eq!(confirm(&stage).unwrap_err().code, Code::CodeMismatch);
    stage.env.answer("ConfirmSignUp", 200, &json!({"Session": "confirmed"}));
    confirm(&stage).unwrap();
    assert_eq!(stage.env.bodies()[2]["Session"], "signed-up");
}

#[test]
fn what_is_kept_of_a_sign_up_is_no_question_to_resume() {
    let stage = confirmed();
    assert_eq!(stage.run(stage.client.resume_sign_in()), Ok(None));
    assert!(stage.env.stored().contains_key(&format!("{KEY}/sign-up")));
}

#[test]
fn a_sign_up_that_a_listener_begins_as_it_is_notified_of_a_sign_out_is_not_forgotten_by_that() {
    let stage = Stage::signed_in();
    script_sign_up(&stage);
    let (client, env) = (stage.client.clone(), stage.env.clone());
    stage.react(move |notice| {
        if notice.state_change().is_none() {
            return;
        }
        // Slower than the service.
        env.hold_store(true);
        let client = client.clone();
        env.spawn(Box::pin(async move {
            let sign_up = Operation::of_call("signUp").unwrap();
            client.operate(sign_up, r#"{"username":"alice"}"#).await.unwrap();
        }));
    });
    let overlap = Overlap::of(&stage);
    let out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle_until_sent(&stage, "SignUp");
    stage.env.hold_answers(false);
    stage.env.take_turns(20);
    stage.env.hold_store(false);
    overlap.settle();
    assert_eq!(out.outcome(), Ok(()));
    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    stage.env.bodies();
    confirm(&stage).unwrap();
    assert_eq!(stage.env.bodies().last().unwrap()["Session"], "signed-up");
}
