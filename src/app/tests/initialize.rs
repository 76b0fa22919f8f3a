use futures_executor::block_on;
use serde_json::json;

use super::support::{KEY, Stage, credentials};
use crate::app::ConfigSource;
use crate::app::options::{GetTokensOptions, SignOutOptions};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::testing::config_text;

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
    let after = Stage::over(before.env.clone());
    assert_eq!(after.initialize(), Ok(UserState::SignedIn));
    let snapshot = after.client.snapshot();
    assert_eq!(snapshot.username.as_deref(), Some("alice"));
    assert_eq!(snapshot.user_sub.as_deref(), Some("sub-of-alice"));
    assert!(block_on(after.client.get_tokens(GetTokensOptions::default().force_refresh)).is_ok());
    assert_eq!(after.env.sent(), Vec::<String>::new());
    assert_eq!(after.told(), []);
}

#[test]
fn a_record_that_cannot_be_read_is_no_session() {
    for record in [
        "",
        "{",
        "null",
        r#"{"version":1}"#,
        r#"{"version":99,"username":"a","userSub":"b"}"#,
    ] {
        let stage = Stage::bare();
        stage.env.put(KEY, record);
        assert_eq!(stage.initialize(), Ok(UserState::SignedOut), "{record}");
        stage.script_sign_in("alice");
        assert!(stage.sign_in().is_ok());
    }
}

#[test]
fn the_configuration_may_be_fetched() {
    let stage = Stage::bare();
    stage.env.answer(
        "./awsconfiguration.json",
        200,
        &serde_json::from_str(&config_text("")).unwrap(),
    );
    let url = || ConfigSource::Url("./awsconfiguration.json".into());
    assert_eq!(block_on(stage.client.initialize(url())), Ok(UserState::SignedOut));
    assert_eq!(block_on(stage.client.initialize(url())), Ok(UserState::SignedOut));
    assert_eq!(stage.env.sent().len(), 1);
}

#[test]
fn a_failed_initialize_leaves_the_client_as_it_was_and_may_be_repeated() {
    let stage = Stage::bare();
    let url = || ConfigSource::Url("./awsconfiguration.json".into());
    stage.env.answer("./awsconfiguration.json", 404, &json!("not found"));
    let missing = block_on(stage.client.initialize(url())).unwrap_err();
    assert_eq!(missing.code, Code::InvalidConfiguration);
    assert!(missing.message.contains("./awsconfiguration.json: HTTP 404"));
    stage.env.cut("./awsconfiguration.json");
    assert_eq!(
        block_on(stage.client.initialize(url())).unwrap_err().code,
        Code::Network
    );
    let bad = block_on(stage.client.initialize(ConfigSource::Text("[]".into()))).unwrap_err();
    assert_eq!(bad.code, Code::InvalidConfiguration);
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
}

#[test]
fn a_second_configuration_is_refused_and_the_same_one_is_not() {
    let stage = Stage::ready();
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    let other = block_on(stage.client.initialize(ConfigSource::Text("{}".into()))).unwrap_err();
    assert_eq!(other.code, Code::InvalidState);
    let same = r#"{"CognitoUserPool": {"Default": {"AppClientId": "client1", "PoolId": "us-east-1_Pool"}}}"#;
    let same = block_on(stage.client.initialize(ConfigSource::Text(same.into())));
    assert_eq!(
        same,
        Ok(UserState::SignedOut),
        "the order of members makes no other configuration"
    );
}

#[test]
fn a_call_before_initialize_says_what_to_do() {
    let stage = Stage::bare();
    let error = block_on(stage.client.sign_in(credentials())).unwrap_err();
    assert_eq!(error.code, Code::InvalidConfiguration);
    assert!(error.message.contains("initialize()"));
    assert_eq!(
        block_on(stage.client.get_tokens(false)).unwrap_err().code,
        Code::InvalidConfiguration
    );
    let sign_out = SignOutOptions::parse("{}").unwrap();
    assert_eq!(
        block_on(stage.client.sign_out(sign_out)).unwrap_err().code,
        Code::InvalidConfiguration
    );
}

#[test]
fn a_configuration_without_a_user_pool_starts_signed_out_and_its_calls_say_so() {
    let stage = Stage::bare();
    let state = block_on(stage.client.initialize(ConfigSource::Text("{}".into())));
    assert_eq!(state, Ok(UserState::SignedOut));
    assert_eq!(stage.sign_in().unwrap_err().code, Code::UserPoolNotConfigured);
}
