//! What is secret does not print, whatever prints it.

use serde_json::json;

use super::challenges::challenge;
use super::support::{FORCE, REFRESH, Stage, credentials, every_operation};
use crate::core::error::AuthError;
use crate::engine::ConfigSource;
use crate::engine::options::InitializeOptions;
use crate::testing::config_text;

const SECRETS: [&str; 4] = ["hush-hush", "Correct-Horse7Battery!", "refresh-1", "e30."];

fn options() -> InitializeOptions {
    InitializeOptions::parse("{}").unwrap()
}

fn assert_silent(printed: &str) {
    for secret in SECRETS {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn a_client_prints_no_secret_of_its_configuration_and_session() {
    let stage = Stage::bare();
    let text = config_text(r#","AppClientSecret":"hush-hush""#);
    let source = ConfigSource::Text(text.clone());
    assert_silent(&format!("{source:?} {:?}", crate::core::config::Config::parse(&text)));
    stage.run(stage.client.initialize(source, options())).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    assert_silent(&format!(
        "{:?} {:?} {:?}",
        stage.client,
        stage.notices.borrow(),
        credentials()
    ));
}

#[test]
fn an_error_prints_no_secret_of_what_it_is_about() {
    let stage = Stage::ready();
    for exception in [
        "NotAuthorizedException",
        "InvalidParameterException",
        "UserNotFoundException",
    ] {
        stage.env.refuse("InitiateAuth", exception);
        let error = stage.sign_in().unwrap_err();
        assert_silent(&format!("{error} {error:?}"));
    }
    let text = config_text(r#","AppClientSecret":"hush-hush","Endpoint":7"#);
    let error = Stage::bare().initialize_from(&text).unwrap_err();
    assert_silent(&format!("{error:?}"));
    let bare = Stage::bare();
    let error = bare
        .run(bare.client.initialize(ConfigSource::Url(text), options()))
        .unwrap_err();
    assert_silent(&format!("{error:?}"));
    let signed = Stage::bare();
    signed.env.cut("https://example.com/config.json");
    let url = ConfigSource::Url("https://example.com/config.json?signature=hush-hush".into());
    assert_silent(&format!("{:?}", signed.run(signed.client.initialize(url, options()))));
}

/// The service has quoted all that was sent, and nothing of it that is secret is left.
fn assert_unquoted(error: &AuthError, what: &str) {
    let message = format!("{error} {error:?}");
    assert!(message.contains("failed to satisfy constraints"), "{what}: {message}");
    assert!(!message.contains("anary"), "{what}: {message}");
    // A token's first part, and a hash.
    assert!(
        !message.contains("e30.") && !message.contains("refresh-1"),
        "{what}: {message}"
    );
}

#[test]
fn no_operation_fails_with_a_secret_that_the_service_quotes() {
    for (operation, options) in every_operation() {
        for exception in [
            "InvalidParameterException",
            "NotAuthorizedException",
            "ForbiddenException",
        ] {
            let stage = Stage::signed_in();
            stage.env.quote(operation.name, exception);
            // A refused device, or access token, is asked about again.
            stage.env.cut(REFRESH);
            let error = stage.operate(operation.call, &options).unwrap_err();
            assert_unquoted(&error, operation.call);
        }
    }
}

#[test]
fn no_sign_in_fails_with_a_secret_that_the_service_quotes() {
    for options in [
        json!({"authFlow": "USER_PASSWORD_AUTH"}),
        json!({"authFlow": "USER_SRP_AUTH"}),
        json!({"authFlow": "CUSTOM_AUTH"}),
        json!({"authFlow": "USER_AUTH", "preferredChallenge": "PASSWORD"}),
    ] {
        let stage = Stage::ready();
        let mut options = options;
        options["username"] = json!("alice");
        options["password"] = json!("Pass-\"canary\"-1");
        options["clientMetadata"] = json!({"k": "Meta-canary-2"});
        options["validationData"] = json!({"v": "Data-canary-3"});
        stage.env.quote("InitiateAuth", "InvalidParameterException");
        assert_unquoted(&stage.sign_in_with(&options).unwrap_err(), &options.to_string());
    }
}

#[test]
fn no_answer_to_a_question_fails_with_a_secret_that_the_service_quotes() {
    for name in [
        "SMS_MFA",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "CUSTOM_CHALLENGE",
        "NEW_PASSWORD_REQUIRED",
        "SMS_OTP",
        "PASSWORD",
        "PASSWORD_SRP",
        "WEB_AUTHN",
    ] {
        let stage = Stage::ready();
        stage
            .env
            .answer("InitiateAuth", 200, &challenge(name, "Session-canary-1"));
        let user = json!({"username": "alice", "authFlow": "USER_AUTH"});
        stage.sign_in_with(&user).unwrap();
        stage.env.quote("RespondToAuthChallenge", "InvalidParameterException");
        stage
            .env
            .answer_passkey(Ok(r#"{"id":"Id-canary-2","response":{"signature":"Sign-canary-3"}}"#));
        let answer = if name == "WEB_AUTHN" {
            json!({})
        } else {
            json!({"challengeResponse": "Code-canary-4"})
        };
        assert_unquoted(&stage.confirm(&answer).unwrap_err(), name);
    }
}

#[test]
fn a_challenge_that_is_named_after_the_password_does_not_tell_it() {
    let stage = Stage::ready();
    let options = json!({"username": "alice", "password": "HUNTER_22", "authFlow": "USER_PASSWORD_AUTH"});
    stage
        .env
        .answer("InitiateAuth", 200, &json!({"ChallengeName": "HUNTER_22"}));
    let error = stage.sign_in_with(&options).unwrap_err();
    assert!(!format!("{error:?}").contains("HUNTER"), "{error:?}");
    let parameters = json!({"ChallengeName": "EMAIL_OTP", "ChallengeParameters": {"HUNTER_22": 1}});
    stage.env.answer("InitiateAuth", 200, &parameters);
    let error = stage.sign_in_with(&options).unwrap_err();
    assert!(!format!("{error:?}").contains("HUNTER"), "{error:?}");
}

#[test]
fn a_refresh_a_sign_out_and_their_events_quote_no_token() {
    let stage = Stage::signed_in();
    stage.env.quote(REFRESH, "InvalidParameterException");
    assert_unquoted(&stage.get_tokens(FORCE).unwrap_err(), REFRESH);
    let message = format!("{:?}", stage.notices.borrow());
    assert!(message.contains("failed to satisfy constraints"));
    assert_silent(&message);
    stage.env.quote("GlobalSignOut", "InvalidParameterException");
    let error = stage.sign_out(r#"{"signOutGlobally":true}"#).unwrap_err();
    assert_unquoted(&error, "GlobalSignOut");
}
