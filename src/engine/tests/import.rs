//! Taking over the session of another package.

use super::support::{HOUR, LOCALLY, NOW, REFRESH, Stage, refresh_token};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::engine::ConfigSource;
use crate::engine::options::InitializeOptions;
use crate::testing::{config_text, jwt};

const IMPORT: &str = r#"{"importSession":true}"#;
const PREFIX: &str = "CognitoIdentityServiceProvider.client1";
const USER: &str = "alice.b@example.com";

/// What Amplify 6 leaves of a user.
fn amplify() -> Stage {
    let stage = Stage::bare();
    let token = |token_use: &str| {
        jwt(
            &serde_json::json!({"sub": format!("sub-of-{USER}"), "username": USER, "token_use": token_use, "origin_jti": "o",
            "iat": NOW - 600, "exp": NOW + 3000}),
        )
    };
    let mut store = stage.env.foreign_store();
    for (name, text) in [
        ("accessToken", token("access")),
        ("idToken", token("id")),
        ("refreshToken", "refresh-of-amplify".into()),
        ("clockDrift", "0".into()),
        ("signInDetails", r#"{"loginId":"alice"}"#.into()),
        ("deviceKey", "us-east-1_d".into()),
    ] {
        store.insert(format!("{PREFIX}.{USER}.{name}"), text);
    }
    store.insert(format!("{PREFIX}.LastAuthUser"), USER.into());
    store.insert("theme".into(), "dark".into());
    drop(store);
    stage
}

#[test]
fn a_session_of_amplify_goes_on_here_without_a_request() {
    let stage = amplify();
    assert_eq!(stage.initialize_with(IMPORT), Ok(UserState::SignedIn));
    assert_eq!(stage.client.snapshot().username.as_deref(), Some(USER));
    let session = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-of-amplify");
    assert_eq!(session.device_key(), Some("us-east-1_d"));
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stage.notified(), []);
    // The device stays where it was; so does what belongs to no user here.
    let left: Vec<_> = stage.env.foreign_store().keys().cloned().collect();
    assert_eq!(left, [format!("{PREFIX}.{USER}.deviceKey"), "theme".into()]);
    assert_eq!(
        stage.another().initialize(),
        Ok(UserState::SignedIn),
        "from now on it is ours"
    );
}

#[test]
fn a_session_of_amplify_that_has_expired_is_renewed_when_it_is_needed() {
    let stage = amplify();
    stage.env.pass(HOUR);
    assert_eq!(stage.initialize_with(IMPORT), Ok(UserState::SignedIn));
    stage.env.refuse(REFRESH, "UnknownOperationException");
    stage
        .env
        .answer("InitiateAuth", 200, &super::support::tokens(USER, "2"));
    stage.get_tokens("{}").unwrap();
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["RefreshToken"], "refresh-of-amplify");
    assert_eq!(bodies[1]["AuthParameters"]["DEVICE_KEY"], "us-east-1_d");
}

#[test]
fn nothing_is_taken_over_unasked() {
    let stage = amplify();
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    assert_eq!(stage.env.foreign_store().len(), 8);
}

#[test]
fn a_session_of_ours_or_a_sign_out_comes_before_one_of_another_package() {
    let stage = amplify();
    stage.initialize().unwrap();
    stage.script_sign_in("bob");
    stage.sign_in().unwrap();
    let page = stage.another();
    assert_eq!(page.initialize_with(IMPORT), Ok(UserState::SignedIn));
    assert_eq!(page.client.snapshot().username.as_deref(), Some("bob"));
    page.sign_out(LOCALLY).unwrap();
    let page = stage.another();
    assert_eq!(page.initialize_with(IMPORT), Ok(UserState::SignedOut));
    let left = page.env.foreign_store().keys().cloned().collect::<Vec<_>>();
    assert!(
        !left.iter().any(|key| key.ends_with("Token")),
        "a sign-out leaves no tokens: {left:?}"
    );
}

#[test]
fn a_session_that_cannot_be_stored_here_is_not_removed_there() {
    let stage = amplify();
    stage.env.refuse_writes(true);
    assert_eq!(stage.initialize_with(IMPORT), Ok(UserState::SignedIn));
    assert!(stage.get_tokens("{}").is_ok());
    assert_eq!(stage.env.foreign_store().len(), 8);
}

#[test]
fn half_a_session_of_another_package_is_none() {
    for name in ["accessToken", "idToken", "refreshToken"] {
        for text in [None, Some(""), Some("garbage")] {
            if (name, text) == ("refreshToken", Some("garbage")) {
                continue; // Any text may be a refresh token.
            }
            let stage = amplify();
            let key = format!("{PREFIX}.{USER}.{name}");
            stage.env.foreign_store().remove(&key);
            if let Some(text) = text {
                stage.env.foreign_store().insert(key, text.into());
            }
            assert_eq!(
                stage.initialize_with(IMPORT),
                Ok(UserState::SignedOut),
                "{name} {text:?}"
            );
            assert_eq!(stage.notified(), []);
        }
    }
}

#[test]
fn after_a_sign_out_here_nothing_of_the_other_package_s_tokens_is_left() {
    let stage = amplify();
    stage.initialize_with(IMPORT).unwrap();
    stage.env.answer("RevokeToken", 200, &serde_json::json!({}));
    stage.sign_out("{}").unwrap();
    assert_eq!(stage.env.bodies()[0]["Token"], "refresh-of-amplify");
    let everything = format!("{:?} {:?}", stage.env.stored(), stage.env.foreign_store());
    assert!(!everything.contains("refresh-of-amplify") && !everything.contains("e30."));
}

#[test]
fn a_session_of_amplify_is_not_sent_to_an_endpoint_that_the_configuration_names() {
    for (endpoint, expected) in [
        ("evil.example", Err(Code::InvalidParameter)),
        (
            "https://cognito-idp.us-east-1.amazonaws.com.evil.example",
            Err(Code::InvalidParameter),
        ),
        ("https://cognito-idp.us-east-1.amazonaws.com", Ok(UserState::SignedIn)),
        ("http://127.0.0.1:9229", Ok(UserState::SignedIn)),
    ] {
        let stage = amplify();
        let document = ConfigSource::Text(config_text(&format!(r#","Endpoint":"{endpoint}""#)));
        let options = InitializeOptions::parse(IMPORT).unwrap();
        let initialized = stage.run(stage.client.initialize(document, options));
        assert_eq!(initialized.map_err(|error| error.code), expected, "{endpoint}");
    }
}
