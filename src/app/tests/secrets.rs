//! What is secret does not print, whatever prints it.

use super::support::{Stage, credentials};
use crate::app::ConfigSource;
use crate::app::options::InitializeOptions;
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
