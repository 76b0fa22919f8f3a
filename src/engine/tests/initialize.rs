use serde_json::json;

use super::support::{Stage, credentials};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::engine::ConfigSource;
use crate::engine::options::InitializeOptions;
use crate::ports::StorageKind;
use crate::testing::config_text;

const URL: &str = "./awsconfiguration.json";
const IDENTITY_POOL_ONLY: &str =
    r#"{"CredentialsProvider": {"CognitoIdentity": {"Default": {"PoolId": "us-east-1:0a"}}}}"#;

fn fetch(stage: &Stage) -> Result<UserState, AuthError> {
    let options = InitializeOptions::parse("{}").unwrap();
    stage.run(stage.client.initialize(ConfigSource::Url(URL.into()), options))
}

#[test]
fn fresh_page_is_signed_out_and_notifies_no_listener() {
    let stage = Stage::bare();
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    assert_eq!(stage.notified(), []);
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
    assert_eq!(after.notified(), []);
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
    for text in ["[]", "{}", r#"{"UserPoolId": "us-east-1_Pool", "ClientId": "client1"}"#] {
        let bad = stage.initialize_from(text).unwrap_err();
        assert_eq!(bad.code, Code::InvalidConfiguration, "{text}");
    }
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
}

#[test]
fn a_second_configuration_is_refused_and_the_same_one_is_not() {
    let stage = Stage::ready();
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    let other = stage.initialize_from(IDENTITY_POOL_ONLY).unwrap_err();
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
    let state = stage.initialize_from(IDENTITY_POOL_ONLY);
    assert_eq!(state, Ok(UserState::SignedOut));
    assert_eq!(stage.sign_in().unwrap_err().code, Code::UserPoolNotConfigured);
}

#[test]
fn an_option_that_is_another_the_second_time_is_refused_by_name_and_the_others_are_no_matter() {
    let stage = Stage::bare();
    let first = r#"{"storage":"sessionStorage","totpIssuer":"App","hostName":"a.example","browserName":"Firefox"}"#;
    stage.initialize_with(first).unwrap();
    for same in [
        "{}",
        first,
        r#"{"hostName":"b.example"}"#,
        r#"{"storage":"sessionStorage","importSession":false,"backgroundRefresh":false,"deviceName":"Firefox"}"#,
    ] {
        assert_eq!(stage.initialize_with(same), Ok(UserState::SignedOut), "{same}");
    }
    for (name, value) in [
        ("storage", r#""indexedDB""#),
        ("importSession", "true"),
        ("backgroundRefresh", "true"),
        ("signInWaitTimeout", "1"),
        ("deviceName", r#""Kiosk""#),
        ("totpIssuer", r#""Other""#),
    ] {
        let error = stage.initialize_with(&format!(r#"{{"{name}":{value}}}"#)).unwrap_err();
        assert_eq!(error.code, Code::InvalidState);
        assert!(error.message.contains(&format!("`{name}`")), "{error}");
    }
    assert_eq!(stage.client.snapshot().storage, Some(StorageKind::SessionStorage));
}

#[test]
fn a_second_url_is_fetched_and_compared_and_the_first_or_none_is_not() {
    let stage = Stage::bare();
    let initialize = |url: &str, options: &str| {
        let options = InitializeOptions::parse(options).unwrap();
        stage.run(stage.client.initialize(ConfigSource::Url(url.into()), options))
    };
    stage.env.answer_text(URL, 200, &config_text(""));
    assert_eq!(initialize("", "{}"), Ok(UserState::SignedOut));
    for url in ["", URL] {
        assert_eq!(initialize(url, "{}"), Ok(UserState::SignedOut));
        assert_eq!(
            initialize(url, r#"{"storage":"memory"}"#).unwrap_err().code,
            Code::InvalidState
        );
    }
    assert_eq!(stage.env.sent(), [URL]);
    let other = "https://app.example/awsconfiguration.json";
    stage.env.answer_text(other, 200, &config_text(""));
    assert_eq!(initialize(other, "{}"), Ok(UserState::SignedOut));
    stage
        .env
        .answer_text(other, 200, &config_text("").replace("client1", "client2"));
    assert_eq!(initialize(other, "{}").unwrap_err().code, Code::InvalidState);
}

#[test]
fn a_configuration_that_is_too_long_is_refused_with_what_is_allowed() {
    let long = config_text(&format!(r#","More":"{}""#, "x".repeat(1024 * 1024)));
    let error = Stage::bare().initialize_from(&long).unwrap_err();
    assert_eq!(error.code, Code::InvalidConfiguration);
    assert!(error.message.contains("may have 1048576"), "{error}");
}
