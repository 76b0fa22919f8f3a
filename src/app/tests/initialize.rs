use serde_json::json;

use super::support::{Stage, credentials};
use crate::app::ConfigSource;
use crate::app::options::InitializeOptions;
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::testing::config_text;

const URL: &str = "./awsconfiguration.json";

fn fetch(stage: &Stage) -> Result<UserState, AuthError> {
    let options = InitializeOptions::parse("{}").unwrap();
    stage.run(stage.client.initialize(ConfigSource::Url(URL.into()), options))
}

#[test]
fn a_fresh_page_is_signed_out_and_nobody_is_told() {
    let stage = Stage::bare();
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    assert_eq!(stage.told(), []);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_reload_finds_the_session_without_a_request() {
    let before = Stage::signed_in();
    let after = before.another();
    assert_eq!(after.initialize(), Ok(UserState::SignedIn));
    let snapshot = after.client.snapshot();
    assert_eq!(snapshot.username.as_deref(), Some("alice"));
    assert_eq!(snapshot.user_sub.as_deref(), Some("sub-of-alice"));
    assert!(after.get_tokens("{}").is_ok());
    assert_eq!(after.env.sent(), Vec::<String>::new());
    assert_eq!(after.told(), []);
}

#[test]
fn the_configuration_may_be_fetched() {
    let stage = Stage::bare();
    stage
        .env
        .answer(URL, 200, &serde_json::from_str(&config_text("")).unwrap());
    assert_eq!(fetch(&stage), Ok(UserState::SignedOut));
    assert_eq!(fetch(&stage), Ok(UserState::SignedOut));
    assert_eq!(stage.env.sent().len(), 1);
}

#[test]
fn a_failed_initialize_leaves_the_client_as_it_was_and_may_be_repeated() {
    let stage = Stage::bare();
    stage.env.answer(URL, 404, &json!("not found"));
    let missing = fetch(&stage).unwrap_err();
    assert_eq!(missing.code, Code::InvalidConfiguration);
    assert!(missing.message.contains("./awsconfiguration.json: HTTP 404"));
    stage.env.cut(URL);
    assert_eq!(fetch(&stage).unwrap_err().code, Code::Network);
    let bad = stage.initialize_from("[]").unwrap_err();
    assert_eq!(bad.code, Code::InvalidConfiguration);
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
}

#[test]
fn a_second_configuration_is_refused_and_the_same_one_is_not() {
    let stage = Stage::ready();
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    let other = stage.initialize_from("{}").unwrap_err();
    assert_eq!(other.code, Code::InvalidState);
    let same = r#"{"CognitoUserPool": {"Default": {"AppClientId": "client1", "PoolId": "us-east-1_Pool"}}}"#;
    let same = stage.initialize_from(same);
    assert_eq!(
        same,
        Ok(UserState::SignedOut),
        "the order of members makes no other configuration"
    );
}

#[test]
fn a_call_before_initialize_says_what_to_do() {
    let stage = Stage::bare();
    let error = stage.run(stage.client.sign_in(credentials())).unwrap_err();
    assert_eq!(error.code, Code::InvalidConfiguration);
    assert!(error.message.contains("initialize()"));
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::InvalidConfiguration);
    assert_eq!(stage.sign_out("{}").unwrap_err().code, Code::InvalidConfiguration);
    let clear = stage.run(stage.client.clear_storage());
    assert_eq!(clear.unwrap_err().code, Code::InvalidConfiguration);
}

#[test]
fn a_configuration_without_a_user_pool_starts_signed_out_and_its_calls_say_so() {
    let stage = Stage::bare();
    let state = stage.initialize_from("{}");
    assert_eq!(state, Ok(UserState::SignedOut));
    assert_eq!(stage.sign_in().unwrap_err().code, Code::UserPoolNotConfigured);
}
