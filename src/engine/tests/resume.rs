//! A sign-in that is half done, and a reload in the middle of it.

use serde_json::json;

use super::challenges::{asked, challenge};
use super::support::{KEY, LOCALLY, SIGNED_IN, Stage, tokens};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::{PendingChallenge, Question};
use crate::engine::SignInResult;

fn reload(stage: &Stage) -> Stage {
    let page = stage.another();
    page.initialize().unwrap();
    page
}

fn resume(stage: &Stage) -> Result<Option<SignInResult>, AuthError> {
    stage.run(stage.client.resume_sign_in())
}

/// What is stored of a half-done sign-in.
fn stored(stage: &Stage) -> Option<PendingChallenge> {
    PendingChallenge::decode(stage.env.stored().get(&format!("{KEY}/sign-in"))?)
}

#[test]
fn a_question_is_asked_again_after_a_reload_and_answered_there() {
    for name in [
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "SELECT_MFA_TYPE",
        "CUSTOM_CHALLENGE",
        "NEW_PASSWORD_REQUIRED",
        "SELECT_CHALLENGE",
        "WEB_AUTHN",
    ] {
        let page = reload(&asked(name));
        assert_eq!(page.client.asked_username(), None);
        let Ok(Some(SignInResult::Asked(_))) = resume(&page) else {
            panic!("{name} is lost")
        };
        assert_eq!(page.client.asked_username().as_deref(), Some("alice"));
        page.env.answer_passkey(Ok("{}"));
        page.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
        assert_eq!(page.answer("1"), Ok(SIGNED_IN));
        let body = &page.env.bodies()[0];
        assert_eq!((&body["ChallengeName"], &body["Session"]), (&json!(name), &json!("s1")));
        assert_eq!(body["ChallengeResponses"]["USERNAME"], "alice");
        assert!(stored(&page).is_none(), "it is over");
    }
}

#[test]
fn no_password_is_stored_and_who_chooses_it_is_asked_for_it() {
    let stage = Stage::ready();
    stage
        .env
        .answer("InitiateAuth", 200, &challenge("SELECT_CHALLENGE", "s1"));
    let options = json!({"username": "alice", "password": "Correct-Horse7Battery!", "authFlow": "USER_AUTH"});
    stage.sign_in_with(&options).unwrap();
    assert!(stored(&stage).is_some());
    assert!(!format!("{:?}", stage.env.stored()).contains("Correct-Horse7"));
    let page = reload(&stage);
    resume(&page).unwrap().unwrap();
    assert_eq!(page.answer("PASSWORD"), Ok(SignInResult::Asked(Question::Password)));
    // Also that survives a reload.
    let page = reload(&page);
    assert_eq!(resume(&page), Ok(Some(SignInResult::Asked(Question::Password))));
}

#[test]
fn an_authenticator_app_goes_on_being_set_up() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("MFA_SETUP", "s1"));
    let associated = json!({"SecretCode": "SECRET", "Session": "s2"});
    stage.env.answer("AssociateSoftwareToken", 200, &associated);
    let before = stage.sign_in().unwrap();
    let page = reload(&stage);
    assert_eq!(resume(&page), Ok(Some(before)));
    let verified = json!({"Status": "SUCCESS", "Session": "s3"});
    page.env.answer("VerifySoftwareToken", 200, &verified);
    page.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(page.answer("123456"), Ok(SIGNED_IN));
}

#[test]
fn a_page_that_was_not_reloaded_resumes_too() {
    let stage = asked("SMS_MFA");
    let first = resume(&stage);
    assert!(matches!(first, Ok(Some(SignInResult::Asked(Question::SmsMfa(_))))));
    assert_eq!(resume(&stage), first);
}

#[test]
fn a_question_is_offered_for_as_long_as_any_pool_lets_it_live() {
    let stage = asked("SMS_MFA");
    stage.env.pass(899_000);
    assert!(resume(&reload(&stage)).unwrap().is_some());
    stage.env.pass(1_000);
    let page = reload(&stage);
    assert_eq!(resume(&page), Ok(None));
    assert!(stored(&page).is_none());
    assert_eq!(resume(&stage), Ok(None), "also where it was asked");
    assert_eq!(stage.answer("1").unwrap_err().code, Code::InvalidState);
}

#[test]
fn a_question_that_the_service_has_forgotten_sooner_is_dropped_with_its_word() {
    let page = reload(&asked("SMS_MFA"));
    resume(&page).unwrap().unwrap();
    let expired =
        json!({"__type": "NotAuthorizedException", "message": "Invalid session for the user, session is expired."});
    page.env.answer("RespondToAuthChallenge", 400, &expired);
    assert_eq!(page.answer("1").unwrap_err().code, Code::NotAuthorized);
    assert!(stored(&page).is_none());
    assert_eq!(resume(&page), Ok(None));
}

#[test]
fn each_answer_of_the_service_gives_another_fifteen_minutes() {
    let stage = asked("SELECT_MFA_TYPE");
    stage.env.pass(890_000);
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &challenge("SMS_MFA", "s2"));
    stage.answer("SMS_MFA").unwrap();
    stage.env.pass(890_000);
    assert!(resume(&reload(&stage)).unwrap().is_some());
}

#[test]
fn a_question_that_ends_here_leaves_the_newer_one_of_another_tab() {
    let ends: [fn(&Stage); 2] = [
        |stage| {
            stage.env.pass(899_000);
            assert_eq!(resume(stage), Ok(None));
        },
        |stage| {
            stage.env.refuse("RespondToAuthChallenge", "NotAuthorizedException");
            stage.answer("1").unwrap_err();
        },
    ];
    for end in ends {
        let first = asked("SMS_MFA");
        first.env.pass(1_000);
        let second = reload(&first);
        second.env.answer("InitiateAuth", 200, &challenge("EMAIL_OTP", "other"));
        second.sign_in().unwrap();
        end(&first);
        first.env.settle();
        assert!(matches!(
            resume(&reload(&first)),
            Ok(Some(SignInResult::Asked(Question::EmailOtp(_))))
        ));
    }
}

#[test]
fn nothing_is_resumed_after_the_end() {
    let ended: [fn(&Stage); 4] = [
        |stage| stage.sign_out(LOCALLY).unwrap(),
        |stage| stage.run(stage.client.clear_storage()).unwrap(),
        |stage| {
            stage.env.refuse("InitiateAuth", "NotAuthorizedException");
            stage.sign_in().unwrap_err();
        },
        |stage| {
            stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
            stage.sign_in().unwrap();
        },
    ];
    for end in ended {
        let stage = asked("SMS_MFA");
        end(&stage);
        assert!(stored(&stage).is_none());
        assert_eq!(resume(&stage), Ok(None));
        assert_eq!(resume(&reload(&stage)), Ok(None));
    }
}

#[test]
fn signed_in_user_has_nothing_to_resume() {
    let stage = asked("SMS_MFA");
    let other = reload(&stage);
    other.env.answer("InitiateAuth", 200, &tokens("bob", "1"));
    // Another tab takes its own way.
    other.sign_in().unwrap();
    stage.client.signal(crate::ports::Signal::Changed);
    stage.env.settle();
    assert_eq!(resume(&stage), Ok(None));
    assert_eq!(stage.answer("1").unwrap_err().code, Code::InvalidState);
}

#[test]
fn each_tab_answers_its_own_question_and_after_a_reload_the_last() {
    let first = asked("SMS_MFA");
    let second = reload(&first);
    second.env.answer("InitiateAuth", 200, &challenge("EMAIL_OTP", "other"));
    let options = json!({"username": "bob", "preferredChallenge": "EMAIL_OTP"});
    second.sign_in_with(&options).unwrap();
    assert!(matches!(
        resume(&first),
        Ok(Some(SignInResult::Asked(Question::SmsMfa(_))))
    ));
    let third = reload(&first);
    assert!(matches!(
        resume(&third),
        Ok(Some(SignInResult::Asked(Question::EmailOtp(_))))
    ));
    first.env.sent();
    first.env.refuse("RespondToAuthChallenge", "CodeMismatchException");
    first.answer("1").unwrap_err();
    assert_eq!(first.env.bodies()[0]["Session"], "s1");
}

#[test]
fn what_cannot_be_read_is_nothing_to_resume() {
    let stage = asked("SMS_MFA");
    for damage in ["", "7", "1 2 {}"] {
        stage.env.put(&format!("{KEY}/sign-in"), damage);
        assert_eq!(resume(&reload(&stage)), Ok(None));
    }
    let stage = asked("SMS_MFA");
    stage.env.lose_key(true);
    assert_eq!(resume(&reload(&stage)), Ok(None));
    stage.env.refuse_reads(true);
    assert_eq!(resume(&reload(&stage)), Ok(None));
}

#[test]
fn a_store_that_refuses_loses_nothing_but_the_reload() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("SMS_MFA", "s1"));
    stage.env.refuse_writes(true);
    assert!(matches!(stage.sign_in(), Ok(SignInResult::Asked(_))));
    stage.env.refuse_writes(false);
    assert_eq!(resume(&reload(&stage)), Ok(None));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(stage.answer("1"), Ok(SIGNED_IN));
}

#[test]
fn before_initialize_there_is_nothing_to_look_into() {
    let stage = Stage::bare();
    assert_eq!(resume(&stage).unwrap_err().code, Code::InvalidConfiguration);
}
