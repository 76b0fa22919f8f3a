//! A service that asks for what the sign-in does not give, such as the password in clear.

use serde_json::{Value, json};

use super::challenges::{asked, challenge};
use super::support::{KEY, SIGNED_IN, Stage, tokens};
use crate::core::error::Code;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::user_state::UserState;

const PASSWORD: &str = "Given-Horse7Battery!";

/// A sign-in with the password, and all that it sends, as one text.
fn sign_in(stage: &Stage, more: Value) -> (Code, String) {
    let mut options = json!({"username": "alice", "password": PASSWORD});
    options
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let error = stage.sign_in_with(&options).unwrap_err();
    assert!(!error.message.contains(PASSWORD), "{error}");
    (error.code, Value::from(stage.env.bodies()).to_string())
}

#[test]
fn unexpected_password_challenge_is_not_answered() {
    for more in [
        json!({}),
        json!({"authFlow": "USER_SRP_AUTH"}),
        json!({"preferredChallenge": "PASSWORD_SRP"}),
        json!({"preferredChallenge": "EMAIL_OTP"}),
        json!({"authFlow": "CUSTOM_AUTH"}),
    ] {
        let stage = Stage::ready();
        let asks = json!({"ChallengeName": "PASSWORD", "Session": "s1", "ChallengeParameters": {}});
        stage.env.answer("InitiateAuth", 200, &asks);
        let (code, sent) = sign_in(&stage, more.clone());
        assert_eq!(code, Code::UnexpectedChallenge, "{more}");
        assert!(!sent.contains(PASSWORD), "{more}");
        assert_eq!(stage.env.sent(), Vec::<String>::new());
        assert_eq!(stage.state(), UserState::SignedOut);
    }
}

#[test]
fn a_sign_in_that_was_refused_is_over_and_another_may_begin() {
    let stage = asked("SMS_MFA");
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &challenge("PASSWORD", "s2"));
    assert_eq!(stage.answer("123456").unwrap_err().code, Code::UnexpectedChallenge);
    assert_eq!(stage.env.sent().len(), 1, "the code, and nothing after it");
    assert_eq!(stage.answer("123456").unwrap_err().code, Code::InvalidState);
    let stored = stage.env.stored().get(&format!("{KEY}/sign-in")).cloned();
    assert!(stored.and_then(|text| PendingChallenge::decode(&text)).is_none());
    stage.script_sign_in_with(&tokens("alice", "1"));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
}
