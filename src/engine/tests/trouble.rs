//! Trouble with each challenge: what leaves its question open, and what ends it.

use serde_json::json;

use super::challenges::challenge;
use super::support::{SIGNED_IN, Stage, password_verifier, tokens};
use crate::core::error::{AuthError, Code};
use crate::engine::SignInResult;

const EXPIRED: &str = "Invalid session for the user, session is expired.";
const LOCKED: &str =
    "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.";

/// All that the user answers.
const CHALLENGES: [&str; 12] = [
    "SMS_MFA",
    "EMAIL_OTP",
    "SOFTWARE_TOKEN_MFA",
    "SELECT_MFA_TYPE",
    "MFA_SETUP",
    "CUSTOM_CHALLENGE",
    "SELECT_CHALLENGE",
    "NEW_PASSWORD_REQUIRED",
    "SMS_OTP",
    "PASSWORD",
    "PASSWORD_SRP",
    "WEB_AUTHN",
];

/// A sign-in that is asked this, and nothing before.
fn asked(name: &str) -> Stage {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &challenge(name, "s1"));
    if name == "MFA_SETUP" {
        let secret = json!({"SecretCode": "SECRET", "Session": "s2"});
        stage.env.answer("AssociateSoftwareToken", 200, &secret);
    }
    let asked = stage.sign_in_with(&json!({"username": "alice", "authFlow": "USER_AUTH"}));
    assert!(matches!(asked, Ok(SignInResult::Asked(_))), "{name}: {asked:?}");
    stage
}

fn answer(stage: &Stage, name: &str) -> Result<SignInResult, AuthError> {
    match name {
        "WEB_AUTHN" => {
            stage.env.answer_passkey(Ok("{}"));
            stage.confirm(&json!({}))
        }
        "SELECT_CHALLENGE" => stage.answer("EMAIL_OTP"),
        _ => stage.answer("123456"),
    }
}

/// The operation that the answer goes to.
fn operation(name: &str) -> &'static str {
    match name {
        "MFA_SETUP" => "VerifySoftwareToken",
        _ => "RespondToAuthChallenge",
    }
}

/// The service's side of an answer that is right.
fn accept(stage: &Stage, name: &str) {
    match name {
        "MFA_SETUP" => stage.env.answer(operation(name), 200, &json!({"Status": "SUCCESS"})),
        "PASSWORD_SRP" => stage.env.answer(operation(name), 200, &password_verifier()),
        _ => {}
    }
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
}

#[test]
fn what_passes_leaves_each_question_open() {
    for name in CHALLENGES {
        let stage = asked(name);
        for (exception, message, code) in [
            ("ExpiredCodeException", "no", Code::ExpiredCode),
            ("TooManyRequestsException", "Rate exceeded", Code::TooManyRequests),
            ("LimitExceededException", "no", Code::LimitExceeded),
            ("InternalErrorException", "no", Code::InternalError),
            ("NotAuthorizedException", LOCKED, Code::NotAuthorized),
        ] {
            let body = json!({"__type": exception, "message": message});
            stage.env.answer(operation(name), 400, &body);
            assert_eq!(answer(&stage, name).unwrap_err().code, code, "{name}");
        }
        stage.env.cut(operation(name));
        assert_eq!(answer(&stage, name).unwrap_err().code, Code::Network, "{name}");
        accept(&stage, name);
        assert_eq!(answer(&stage, name), Ok(SIGNED_IN), "{name}");
    }
}

#[test]
fn an_expired_session_of_each_challenge_says_so_and_is_over() {
    for name in CHALLENGES {
        let stage = asked(name);
        let body = json!({"__type": "NotAuthorizedException", "message": EXPIRED});
        stage.env.answer(operation(name), 400, &body);
        let error = answer(&stage, name).unwrap_err();
        assert_eq!((error.code, &*error.message), (Code::NotAuthorized, EXPIRED), "{name}");
        assert_eq!(answer(&stage, name).unwrap_err().code, Code::InvalidState, "{name}");
        assert_eq!(stage.run(stage.client.resume_sign_in()), Ok(None), "{name}");
    }
}

#[test]
fn a_password_that_was_used_before_leaves_the_question_open_and_has_a_code_of_its_own() {
    let stage = asked("NEW_PASSWORD_REQUIRED");
    stage
        .env
        .refuse("RespondToAuthChallenge", "PasswordHistoryPolicyViolationException");
    let error = stage.answer("Used-Horse8!").unwrap_err();
    assert_eq!(
        (error.code, error.retryable),
        (Code::PasswordHistoryPolicyViolation, false)
    );
    accept(&stage, "NEW_PASSWORD_REQUIRED");
    assert_eq!(stage.answer("Better-Horse8!"), Ok(SIGNED_IN));
}

#[test]
fn what_the_pool_s_plan_does_not_have_says_so() {
    let stage = Stage::ready();
    stage.env.refuse("InitiateAuth", "FeatureUnavailableInTierException");
    let refused = stage.sign_in_with(&json!({"username": "alice", "maxAge": 300}));
    assert_eq!(refused.unwrap_err().code, Code::FeatureUnavailableInTier);
}
