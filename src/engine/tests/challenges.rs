//! Challenges, one after the other: what is asked, wrong answers and right ones, and what comes in between.

use serde_json::{Value, json};

use super::support::{LOCALLY, Overlap, SIGNED_IN, Stage, password_verifier, tokens};
use crate::core::error::Code;
use crate::core::flow::sign_in::Question;
use crate::core::user_state::UserState;
use crate::engine::SignInResult;
use crate::engine::options::{ConfirmSignInOptions, SignInOptions};
use crate::testing::map;

pub(super) fn challenge(name: &str, session: &str) -> Value {
    json!({"ChallengeName": name, "Session": session, "ChallengeParameters": {
        "USER_ID_FOR_SRP": "alice", "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*****14",
        "MFAS_CAN_CHOOSE": "[\"SMS_MFA\",\"SOFTWARE_TOKEN_MFA\"]", "MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\"]",
        "CREDENTIAL_REQUEST_OPTIONS": "{\"challenge\":\"c\"}"},
        "AvailableChallenges": ["PASSWORD_SRP", "WEB_AUTHN", "EMAIL_OTP"]})
}

/// A sign-in that is asked this: after the password, or for a choice of first factors instead of it.
pub(super) fn asked(name: &str) -> Stage {
    let stage = Stage::ready();
    let result = if name == "SELECT_CHALLENGE" {
        stage.env.answer("InitiateAuth", 200, &challenge(name, "s1"));
        stage.sign_in_with(&json!({"username": "alice", "authFlow": "USER_AUTH"}))
    } else {
        stage.env.answer("InitiateAuth", 200, &password_verifier());
        respond(&stage, &challenge(name, "s1"));
        stage.sign_in()
    };
    assert!(matches!(result, Ok(SignInResult::Asked(_))));
    stage.env.sent();
    stage
}

/// What the service says to the next response.
fn respond(stage: &Stage, answer: &Value) {
    stage.env.answer("RespondToAuthChallenge", 200, answer);
}

fn refuse(stage: &Stage, exception: &str, message: &str) {
    let body = json!({"__type": exception, "message": message});
    stage.env.answer("RespondToAuthChallenge", 400, &body);
}

fn question(result: Result<SignInResult, crate::core::error::AuthError>) -> Question {
    match result {
        Ok(SignInResult::Asked(question)) => question,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_code_may_be_wrong_and_then_right() {
    for (name, member) in [
        ("SMS_MFA", "SMS_MFA_CODE"),
        ("SMS_OTP", "SMS_OTP_CODE"),
        ("EMAIL_OTP", "EMAIL_OTP_CODE"),
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE"),
    ] {
        let stage = asked(name);
        stage.env.refuse("RespondToAuthChallenge", "CodeMismatchException");
        assert_eq!(stage.answer("000000").unwrap_err().code, Code::CodeMismatch);
        assert_eq!(stage.state(), UserState::SignedOut);
        respond(&stage, &tokens("alice", "1"));
        assert_eq!(stage.answer("123456"), Ok(SIGNED_IN));
        let bodies = stage.env.bodies();
        for (body, code) in bodies.iter().zip(["000000", "123456"]) {
            assert_eq!(body["ChallengeName"], name);
            assert_eq!(body["ChallengeResponses"][member], code);
            assert_eq!(body["Session"], "s1", "the same challenge, in the same session");
        }
        assert_eq!(stage.notified(), [UserState::SignedIn]);
        assert_eq!(stage.answer("123456").unwrap_err().code, Code::InvalidState);
    }
}

#[test]
fn too_many_attempts_end_the_sign_in_when_the_service_says_so() {
    let stage = asked("CUSTOM_CHALLENGE");
    for _ in 0..2 {
        respond(&stage, &challenge("CUSTOM_CHALLENGE", "s2"));
        question(stage.answer("wrong"));
    }
    refuse(&stage, "NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(stage.answer("wrong").unwrap_err().code, Code::NotAuthorized);
    assert_eq!(stage.answer("right").unwrap_err().code, Code::InvalidState);
    let sessions: Vec<_> = stage.env.bodies().iter().map(|body| body["Session"].clone()).collect();
    assert_eq!(
        sessions,
        ["s1", "s2", "s2"],
        "each answer in the session that came last"
    );
}

#[test]
fn challenges_follow_one_another() {
    let stage = asked("NEW_PASSWORD_REQUIRED");
    respond(&stage, &challenge("SELECT_MFA_TYPE", "s2"));
    let types = ["SMS_MFA", "SOFTWARE_TOKEN_MFA"].map(String::from).to_vec();
    assert_eq!(question(stage.answer("Better-Horse8!")), Question::SelectMfaType(types));
    respond(&stage, &challenge("SOFTWARE_TOKEN_MFA", "s3"));
    question(stage.answer("SOFTWARE_TOKEN_MFA"));
    respond(&stage, &challenge("CUSTOM_CHALLENGE", "s4"));
    question(stage.answer("123456"));
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.answer("42"), Ok(SIGNED_IN));
    let sent: Vec<_> = stage.env.bodies().iter().map(|body| body["Session"].clone()).collect();
    assert_eq!(sent, ["s1", "s2", "s3", "s4"]);
}

#[test]
fn custom_auth_goes_on_for_as_long_as_the_pool_asks() {
    let stage = Stage::ready();
    stage
        .env
        .answer("InitiateAuth", 200, &challenge("CUSTOM_CHALLENGE", "s1"));
    let asked = question(stage.sign_in_with(&json!({"username": "alice", "authFlow": "CUSTOM_AUTH"})));
    let Question::Custom(parameters) = asked else {
        panic!("{asked:?}")
    };
    assert!(parameters.contains(&("USER_ID_FOR_SRP".into(), "alice".into())));
    respond(&stage, &tokens("alice", "1"));
    let answer = json!({"challengeResponse": "4", "clientMetadata": {"m": "1"}});
    assert_eq!(stage.confirm(&answer), Ok(SIGNED_IN));
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["AuthFlow"], "CUSTOM_AUTH");
    assert_eq!(bodies[1]["ClientMetadata"], json!({"m": "1"}));
}

#[test]
fn the_flow_of_a_call_goes_before_that_of_the_configuration() {
    let stage = Stage::ready();
    for (options, flow) in [
        (json!({"username": "a", "password": "p"}), "USER_SRP_AUTH"),
        (
            json!({"username": "a", "password": "p", "authFlow": "USER_PASSWORD_AUTH"}),
            "USER_PASSWORD_AUTH",
        ),
        (json!({"username": "a", "preferredChallenge": "EMAIL_OTP"}), "USER_AUTH"),
        (
            json!({"username": "a", "targetAcrValues": ["strong"], "maxAge": 60}),
            "USER_AUTH",
        ),
    ] {
        stage.env.cut("InitiateAuth");
        assert_eq!(stage.sign_in_with(&options).unwrap_err().code, Code::Network);
        assert_eq!(stage.env.bodies()[0]["AuthFlow"], flow);
    }
    let refused = stage.sign_in_with(&json!({"username": "a", "authFlow": "CUSTOM_AUTH", "maxAge": 60}));
    assert_eq!(refused.unwrap_err().code, Code::InvalidParameter);
    let refused = stage.sign_in_with(&json!({"username": "a"}));
    assert_eq!(
        refused.unwrap_err().code,
        Code::InvalidParameter,
        "SRP needs a password"
    );
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_step_up_asks_for_its_levels_and_its_age() {
    let stage = Stage::ready();
    stage.env.cut("InitiateAuth");
    let levels = ["urn:cognito:loa:4", "urn:cognito:loa:3"];
    let options = json!({"username": "alice", "targetAcrValues": levels, "maxAge": 300});
    assert_eq!(stage.sign_in_with(&options).unwrap_err().code, Code::Network);
    assert_eq!(
        stage.env.bodies()[0]["AuthParameters"],
        json!({"USERNAME": "alice", "TARGET_ACR_VALUES": "urn:cognito:loa:4 urn:cognito:loa:3", "MAX_AGE": "300"})
    );
}

#[test]
fn validation_data_goes_into_the_first_request_alone() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    let options = json!({"username": "alice", "password": "p", "validationData": {"v": "1", "m": "2"}, "clientMetadata": {"m": "3"}});
    stage.sign_in_with(&options).unwrap();
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["ClientMetadata"], json!({"v": "1", "m": "2"}));
    assert_eq!(bodies[1]["ClientMetadata"], json!({"m": "3"}));
}

#[test]
fn a_first_factor_is_chosen_and_the_password_asked_for_here() {
    let stage = Stage::ready();
    stage
        .env
        .answer("InitiateAuth", 200, &challenge("SELECT_CHALLENGE", "s1"));
    let choose = question(stage.sign_in_with(&json!({"username": "alice", "authFlow": "USER_AUTH"})));
    let challenges = ["PASSWORD_SRP", "WEB_AUTHN", "EMAIL_OTP"].map(String::from).to_vec();
    assert_eq!(choose, Question::SelectChallenge(challenges));
    stage.env.sent();
    assert_eq!(question(stage.answer("PASSWORD_SRP")), Question::Password);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    respond(&stage, &password_verifier());
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.answer("Correct-Horse7Battery!"), Ok(SIGNED_IN));
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["ChallengeResponses"]["ANSWER"], "PASSWORD_SRP");
    assert_eq!(bodies[1]["ChallengeName"], "PASSWORD_VERIFIER");
    assert!(!format!("{bodies:?}").contains("Correct-Horse7"));
}

#[test]
fn a_password_that_is_sent_may_be_wrong_and_then_right() {
    let stage = Stage::ready();
    stage
        .env
        .answer("InitiateAuth", 200, &challenge("SELECT_CHALLENGE", "s1"));
    question(stage.sign_in_with(&json!({"username": "alice", "authFlow": "USER_AUTH"})));
    question(stage.answer("PASSWORD"));
    let wrong = "Incorrect username or password.";
    refuse(&stage, "NotAuthorizedException", wrong);
    assert_eq!(stage.answer("wrong").unwrap_err().code, Code::NotAuthorized);
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.answer("right"), Ok(SIGNED_IN));

    // A proof uses the session up.
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("PASSWORD_SRP", "s1"));
    question(stage.sign_in_with(&json!({"username": "alice", "preferredChallenge": "PASSWORD_SRP"})));
    respond(&stage, &password_verifier());
    refuse(&stage, "NotAuthorizedException", wrong);
    assert_eq!(stage.answer("wrong").unwrap_err().code, Code::NotAuthorized);
    assert_eq!(stage.answer("right").unwrap_err().code, Code::InvalidState);
}

#[test]
fn an_authenticator_app_is_set_up_on_the_way() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("MFA_SETUP", "s1"));
    let associated = json!({"SecretCode": "SECRET", "Session": "s2"});
    stage.env.answer("AssociateSoftwareToken", 200, &associated);
    let asked = question(stage.sign_in());
    assert!(matches!(&asked, Question::SetUpSoftwareToken(secret) if secret.secret_code == "SECRET"));
    stage
        .env
        .refuse("VerifySoftwareToken", "EnableSoftwareTokenMFAException");
    let wrong = stage.answer("000000").unwrap_err();
    assert_eq!(
        wrong.service_exception.as_deref(),
        Some("EnableSoftwareTokenMFAException")
    );
    // The last answer is lost: the code is not asked of the service once more.
    let verified = json!({"Status": "SUCCESS", "Session": "s3"});
    stage.env.answer("VerifySoftwareToken", 200, &verified);
    stage.env.cut("RespondToAuthChallenge");
    let lost = stage.confirm(&json!({"challengeResponse": "123456", "friendlyDeviceName": "phone"}));
    assert_eq!(lost.unwrap_err().code, Code::Network);
    stage.env.sent();
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.answer("123456"), Ok(SIGNED_IN));
    assert_eq!(stage.env.bodies()[0]["Session"], "s3");
}

fn webauthn() -> Stage {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("WEB_AUTHN", "s1"));
    let asked = stage.sign_in_with(&json!({"username": "alice", "preferredChallenge": "WEB_AUTHN"}));
    assert_eq!(question(asked), Question::WebAuthn);
    stage.env.sent();
    stage
}

#[test]
fn a_passkey_signs_when_the_user_asks_for_it() {
    let stage = webauthn();
    assert!(stage.env.ceremonies().is_empty(), "a dialog needs a click");
    stage.env.answer_passkey(Ok(r#"{"id":"key"}"#));
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.confirm(&json!({})), Ok(SIGNED_IN));
    assert_eq!(stage.env.ceremonies(), [r#"get {"challenge":"c"}"#]);
    assert_eq!(
        stage.env.bodies()[0]["ChallengeResponses"]["CREDENTIAL"],
        r#"{"id":"key"}"#
    );
}

#[test]
fn a_passkey_that_is_cancelled_may_be_tried_again() {
    let stage = webauthn();
    for code in [
        Code::PasskeyCancelled,
        Code::PasskeyNotSupported,
        Code::PasskeyRelyingPartyMismatch,
    ] {
        stage.env.answer_passkey(Err(code));
        assert_eq!(stage.confirm(&json!({})).unwrap_err().code, code);
    }
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    stage.env.answer_passkey(Ok("{}"));
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.confirm(&json!({"mediation": "conditional"})), Ok(SIGNED_IN));
    assert_eq!(
        stage.env.ceremonies().last().map(String::as_str),
        Some(r#"get conditionally {"challenge":"c"}"#)
    );
}

#[test]
fn a_passkey_that_the_service_refuses_may_be_followed_by_another() {
    let stage = webauthn();
    for passkey in ["wrong", "right"] {
        stage.env.answer_passkey(Ok(passkey));
    }
    refuse(&stage, "NotAuthorizedException", "Incorrect username or password.");
    assert_eq!(stage.confirm(&json!({})).unwrap_err().code, Code::NotAuthorized);
    respond(&stage, &tokens("alice", "1"));
    assert_eq!(stage.confirm(&json!({})), Ok(SIGNED_IN));
    for (body, passkey) in stage.env.bodies().iter().zip(["wrong", "right"]) {
        assert_eq!(body["ChallengeResponses"]["CREDENTIAL"], passkey);
        assert_eq!(body["Session"], "s1", "the same challenge, in the same session");
    }
}

#[test]
fn a_passkey_dialog_ends_with_its_call() {
    let stage = webauthn();
    let overlap = Overlap::of(&stage);
    let (client, abort) = (stage.client.clone(), crate::engine::Abort::default());
    let given = abort.clone();
    let options = ConfirmSignInOptions::parse("{}").unwrap();
    let call = overlap.start(async move { client.guard(&given, client.confirm_sign_in(options)).await });
    overlap.settle();
    assert!(call.is_pending());
    abort.abort();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.ceremonies().last().map(String::as_str), Some("ended"));
}

#[test]
fn a_sign_out_in_the_middle_ends_the_question() {
    let stage = asked("SMS_MFA");
    let overlap = Overlap::of(&stage);
    stage.env.hold_answers(true);
    let (client, options) = (
        stage.client.clone(),
        ConfirmSignInOptions::parse(r#"{"challengeResponse":"1"}"#).unwrap(),
    );
    let confirm = overlap.start(async move { client.confirm_sign_in(options).await });
    overlap.settle();
    let out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    assert!(out.outcome().is_ok());
    respond(&stage, &tokens("alice", "1"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(confirm.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.state(), UserState::SignedOut);
    assert_eq!(stage.env.sent(), ["RespondToAuthChallenge", "RevokeToken"]);
    assert_eq!(stage.answer("1").unwrap_err().code, Code::InvalidState);
}

#[test]
fn another_sign_in_in_the_middle_takes_the_question_s_place() {
    let stage = asked("SMS_MFA");
    let mut other = challenge("EMAIL_OTP", "other");
    other["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!("bob");
    stage.env.answer("InitiateAuth", 200, &other);
    question(stage.sign_in_with(&json!({"username": "bob", "preferredChallenge": "EMAIL_OTP"})));
    stage.env.sent();
    respond(&stage, &tokens("bob", "1"));
    assert_eq!(stage.answer("1"), Ok(SIGNED_IN));
    let sent = &stage.env.bodies()[0];
    assert_eq!(
        (&sent["ChallengeName"], &sent["Session"]),
        (&json!("EMAIL_OTP"), &json!("other"))
    );
}

#[test]
fn another_sign_in_that_fails_leaves_no_question_of_the_first() {
    let stage = asked("SMS_MFA");
    stage.env.refuse("InitiateAuth", "NotAuthorizedException");
    stage.sign_in().unwrap_err();
    assert_eq!(stage.answer("1").unwrap_err().code, Code::InvalidState);
    assert_eq!(stage.run(stage.client.resume_sign_in()), Ok(None));
}

#[test]
fn an_answer_is_missed_before_anything_is_sent() {
    let stage = asked("SMS_MFA");
    let error = stage.confirm(&json!({})).unwrap_err();
    assert_eq!(error.code, Code::InvalidParameter);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn the_wire_name_of_an_attribute_is_as_the_service_gave_it() {
    let stage = asked("NEW_PASSWORD_REQUIRED");
    respond(&stage, &tokens("alice", "1"));
    let answer = json!({"challengeResponse": "Better-Horse8!", "userAttributes": {"given_name": "A", "custom:team": "b", "tier": "c"}});
    assert_eq!(stage.confirm(&answer), Ok(SIGNED_IN));
    let sent = stage.env.bodies()[0]["ChallengeResponses"].clone();
    assert_eq!(sent["userAttributes.custom:tier"], "c", "as the service wants it");
    assert_eq!(
        (&sent["userAttributes.given_name"], &sent["userAttributes.custom:team"]),
        (&json!("A"), &json!("b"))
    );
}

#[test]
fn options_that_do_not_fit_are_named() {
    for (options, named) in [
        (json!({"username": "a", "authFlow": "MAGIC"}), "authFlow"),
        (json!({"username": "a", "targetAcrValues": "strong"}), "targetAcrValues"),
        (json!({"username": "a", "maxAge": "1"}), "maxAge"),
    ] {
        let error = SignInOptions::parse(&options.to_string()).unwrap_err();
        assert!(error.message.contains(named), "{}", error.message);
    }
    let error = ConfirmSignInOptions::parse(r#"{"mediation":"silent"}"#).unwrap_err();
    assert!(error.message.contains("mediation"));
    let full = json!({"username": "a", "password": "p", "preferredChallenge": "PASSWORD", "targetAcrValues": ["x"], "maxAge": 0,
        "validationData": {"v": "1"}});
    let options = SignInOptions::parse(&full.to_string()).unwrap();
    assert_eq!(
        (options.max_age, options.validation_data),
        (Some(0), map(&[("v", "1")]))
    );
}

#[test]
fn an_authenticator_app_that_could_not_be_begun_with_is_begun_with_later() {
    let stage = asked("NEW_PASSWORD_REQUIRED");
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &challenge("MFA_SETUP", "s2"));
    stage.env.cut("AssociateSoftwareToken");
    assert_eq!(stage.answer("Better-Horse8!").unwrap_err().code, Code::Network);
    stage.env.sent();
    let choice = stage.run(stage.client.resume_sign_in()).unwrap().unwrap();
    let types = vec!["SOFTWARE_TOKEN_MFA".to_owned()];
    assert_eq!(choice, SignInResult::Asked(Question::SelectMfaSetup(types)));
    stage.env.answer(
        "AssociateSoftwareToken",
        200,
        &json!({"SecretCode": "SECRET", "Session": "s3"}),
    );
    let asked = question(stage.answer("SOFTWARE_TOKEN_MFA"));
    assert!(matches!(&asked, Question::SetUpSoftwareToken(secret) if secret.secret_code == "SECRET"));
}

#[test]
fn a_service_that_asks_round_and_round_is_left() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge("PASSWORD_SRP", "s1"));
    for _ in 0..60 {
        stage
            .env
            .answer("RespondToAuthChallenge", 200, &challenge("PASSWORD_SRP", "s1"));
    }
    let options = json!({"username": "alice", "password": "p", "authFlow": "USER_AUTH"});
    assert_eq!(stage.sign_in_with(&options).unwrap_err().code, Code::Unknown);
    assert_eq!(stage.env.sent().len(), 20);
}
