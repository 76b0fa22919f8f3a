//! Passkey registration.

use serde_json::json;

use super::support::{LOCALLY, Overlap, REFRESH, Stage, tokens};
use crate::core::error::{AuthError, Code};
use crate::engine::Abort;
use crate::ports::Signal;

const START: &str = "StartWebAuthnRegistration";
const COMPLETE: &str = "CompleteWebAuthnRegistration";
const CREDENTIAL: &str = r#"{"id":"c","response":{"attestationObject":"AQ"}}"#;

fn script_start(stage: &Stage) {
    let options = json!({"CredentialCreationOptions": {"challenge": "AQID", "rp": {"id": "localhost", "name": "Pool"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}], "timeout": 60000,
        "authenticatorSelection": {"requireResidentKey": true}, "excludeCredentials": []}});
    stage.env.answer(START, 200, &options);
}

fn register(stage: &Stage) -> Result<(), AuthError> {
    stage.run(stage.client.register_passkey())
}

#[test]
fn a_passkey_is_made_from_the_service_s_options_and_given_to_it() {
    let stage = Stage::signed_in();
    stage.env.sent();
    script_start(&stage);
    stage.env.answer_passkey(Ok(CREDENTIAL));
    stage.env.answer(COMPLETE, 200, &json!({}));
    assert_eq!(register(&stage), Ok(()));
    // The scripted answer has its members by name.
    assert_eq!(
        stage.env.ceremonies(),
        [
            r#"create {"authenticatorSelection":{"requireResidentKey":true},"challenge":"AQID","excludeCredentials":[],"pubKeyCredParams":[{"alg":-7,"type":"public-key"}],"rp":{"id":"localhost","name":"Pool"},"timeout":60000}"#
        ]
    );
    let bodies = stage.env.bodies();
    let token = &tokens("alice", "1")["AuthenticationResult"]["AccessToken"];
    assert_eq!(bodies[0], json!({"AccessToken": token}));
    assert_eq!(
        bodies[1],
        json!({"AccessToken": token, "Credential": {"id": "c", "response": {"attestationObject": "AQ"}}}),
        "an object, and not its text"
    );
}

#[test]
fn whatever_ends_the_dialog_ends_the_call_with_its_code() {
    for code in [
        Code::PasskeyCancelled,
        Code::PasskeyAlreadyExists,
        Code::PasskeyNotSupported,
        Code::PasskeyRelyingPartyMismatch,
    ] {
        let stage = Stage::signed_in();
        stage.env.sent();
        script_start(&stage);
        stage.env.answer_passkey(Err(code));
        assert_eq!(register(&stage).unwrap_err().code, code);
        assert_eq!(stage.env.sent(), [START]);
    }
}

#[test]
fn what_the_service_refuses_has_its_code() {
    let stage = Stage::signed_in();
    stage.env.refuse(START, "WebAuthnNotEnabledException");
    let error = register(&stage).unwrap_err();
    assert_eq!(error.code, Code::InvalidUserPoolConfiguration);
    for (exception, code) in [
        ("WebAuthnOriginNotAllowedException", Code::PasskeyRelyingPartyMismatch),
        ("WebAuthnCredentialNotSupportedException", Code::PasskeyNotSupported),
        ("LimitExceededException", Code::LimitExceeded),
    ] {
        script_start(&stage);
        stage.env.answer_passkey(Ok(CREDENTIAL));
        stage.env.refuse(COMPLETE, exception);
        assert_eq!(register(&stage).unwrap_err().code, code);
    }
    stage.env.answer(START, 200, &json!({}));
    assert_eq!(register(&stage).unwrap_err().code, Code::Network);
}

#[test]
fn a_caller_who_leaves_ends_the_dialog() {
    let stage = Stage::signed_in();
    script_start(&stage);
    let overlap = Overlap::of(&stage);
    let abort = Abort::default();
    let (client, given) = (stage.client.clone(), abort.clone());
    let pending = overlap.start(async move { client.guard(&given, client.register_passkey()).await });
    overlap.settle();
    assert_eq!(stage.env.ceremonies().len(), 1);
    abort.abort();
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.ceremonies(), ["ended"]);
}

#[test]
fn user_who_signs_out_meanwhile_gets_no_passkey_and_no_other_user_does() {
    let stage = Stage::signed_in();
    script_start(&stage);
    let overlap = Overlap::of(&stage);
    stage.env.hold_answers(true);
    let client = stage.client.clone();
    let pending = overlap.start(async move { client.register_passkey().await });
    overlap.settle();
    let signed_out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    signed_out.outcome().unwrap();
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.ceremonies(), Vec::<String>::new());
}

#[test]
fn a_sign_out_here_or_in_another_tab_ends_the_dialog() {
    for is_here in [true, false] {
        let stage = Stage::signed_in();
        stage.env.sent();
        script_start(&stage);
        let overlap = Overlap::of(&stage);
        let client = stage.client.clone();
        let pending = overlap.start(async move { client.register_passkey().await });
        overlap.settle();
        assert_eq!(stage.env.ceremonies().len(), 1);
        if is_here {
            stage.sign_out(LOCALLY).unwrap();
        } else {
            let other = stage.another();
            other.initialize().unwrap();
            other.sign_out(LOCALLY).unwrap();
            stage.client.signal(Signal::Changed);
        }
        overlap.settle();
        assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
        assert_eq!(stage.env.ceremonies(), ["ended"]);
        assert_eq!(stage.env.sent(), [START]);
    }
}

#[test]
fn a_token_that_died_during_the_dialog_is_renewed() {
    let stage = Stage::signed_in();
    stage.env.sent();
    script_start(&stage);
    stage.env.answer_passkey(Ok(CREDENTIAL));
    let answer = json!({"__type": "NotAuthorizedException", "message": "Access Token has expired"});
    stage.env.answer(COMPLETE, 400, &answer);
    stage.script_refresh("2");
    stage.env.answer(COMPLETE, 200, &json!({}));
    assert_eq!(register(&stage), Ok(()));
    assert_eq!(stage.env.sent(), [START, COMPLETE, REFRESH, COMPLETE]);
}

#[test]
fn passkey_cannot_be_registered_without_a_signed_in_user() {
    let stage = Stage::ready();
    assert_eq!(register(&stage).unwrap_err().code, Code::NotSignedIn);
}
