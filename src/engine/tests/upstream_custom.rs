//! Custom authentication, migration and the choice of a flow, as AWSMobileClient for iOS (`I`), its lower layer (`P`) and
//! the client for Android (`A`) test them, by meaning.

use serde_json::{Value, json};

use super::support::{FORCE, INVALID, LOCALLY, Overlap, REFRESH, SIGNED_IN, Stage, refresh_token, tokens};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::engine::SignInResult;
use crate::engine::options::{InitializeOptions, SignOutOptions};
use crate::engine::{Client, ConfigSource};
use crate::ports::Spawn as _;
use crate::testing::{FakeEnv, config_text};

fn custom_challenge() -> Value {
    json!({"ChallengeName": "CUSTOM_CHALLENGE", "Session": "s1", "ChallengeParameters": {"USERNAME": "alice", "riddle": "2+2"}})
}

fn begin_custom() -> Value {
    json!({"username": "alice", "authFlow": "CUSTOM_AUTH"})
}

/// The service's side of a custom sign-in.
fn script(env: &FakeEnv, generation: &str) {
    env.answer("InitiateAuth", 200, &custom_challenge());
    env.answer("RespondToAuthChallenge", 200, &tokens("alice", generation));
}

async fn sign_in(client: Client<FakeEnv>) -> Result<SignInResult, AuthError> {
    let begin = crate::engine::options::SignInOptions::parse(&begin_custom().to_string())?;
    client.sign_in(begin).await?;
    let answer = crate::engine::options::ConfirmSignInOptions::parse(r#"{"challengeResponse":"4"}"#)?;
    client.confirm_sign_in(answer).await
}

/// With tokens that the service is going to refuse, of a custom sign-in.
fn expiring() -> Stage {
    let stage = Stage::ready();
    script(&stage.env, "1");
    stage.run(sign_in(stage.client.clone())).unwrap();
    stage.notified();
    stage.env.pass(4_200_000);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.env.sent();
    stage
}

// I testSuccesfulCustomAuthFlow
#[test]
fn a_custom_sign_in_asks_the_pool_s_question_and_signs_in_with_its_answer() {
    let stage = Stage::ready();
    script(&stage.env, "1");
    let Ok(SignInResult::Asked(_)) = stage.sign_in_with(&begin_custom()) else {
        panic!("nothing is asked")
    };
    assert_eq!(stage.answer("4"), Ok(SIGNED_IN));
    assert_eq!(stage.notified(), [UserState::SignedIn]);
}

// I testSignInAfterTokenInvalidation, custom
#[test]
fn a_listener_who_begins_a_custom_sign_in_lets_the_call_go_on() {
    let stage = expiring();
    let (client, env) = (stage.client.clone(), stage.env.clone());
    stage.react(move |notice| {
        if notice.state_change().is_some() && notice.snapshot.user_state == INVALID {
            script(&env, "2");
            let client = client.clone();
            env.spawn(Box::pin(async move { drop(sign_in(client).await) }));
        }
    });
    let session = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    assert_eq!(stage.notified(), [INVALID, UserState::SignedIn]);
}

// I testReleaseSignInWaitOnSessionExpiry, testReleaseSignInWaitOnMultipleSessionExpiry, custom
#[test]
fn a_release_ends_all_calls_that_wait_for_a_custom_sign_in() {
    let stage = expiring();
    let client = stage.client.clone();
    stage.react(move |notice| {
        if notice.snapshot.user_state == INVALID {
            client.release_sign_in_wait();
        }
    });
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    stage.env.pass(1_000);
    for call in calls {
        assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    }
}

// I testReleaseSignInWaitWithOutSignIn, custom
#[test]
fn release_during_a_custom_sign_in_changes_nothing() {
    let stage = Stage::ready();
    script(&stage.env, "1");
    stage.sign_in_with(&begin_custom()).unwrap();
    stage.client.release_sign_in_wait();
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.answer("4"), Ok(SIGNED_IN));
}

// I testSignOutOnSessionExpiry, custom
#[test]
fn a_listener_who_signs_out_ends_the_call_that_waits_for_a_custom_sign_in() {
    let stage = expiring();
    let (client, env) = (stage.client.clone(), stage.env.clone());
    stage.react(move |notice| {
        if notice.state_change().is_some() && notice.snapshot.user_state == INVALID {
            let client = client.clone();
            let options = SignOutOptions::parse(LOCALLY).unwrap();
            env.spawn(Box::pin(async move { client.sign_out(options).await.unwrap() }));
        }
    });
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    assert_eq!(stage.notified(), [INVALID, UserState::SignedOut]);
}

/// The flow of the first request under this configuration.
fn flow(more: &str, options: &Value) -> Value {
    let stage = Stage::bare();
    let pool = r#"{"PoolId":"us-east-1_Pool","AppClientId":"client1"}"#;
    let text = format!(r#"{{"CognitoUserPool":{{"Default":{pool}}},"Auth":{{"Default":{{{more}}}}}}}"#);
    let initialize = InitializeOptions::parse("{}").unwrap();
    stage
        .run(stage.client.initialize(ConfigSource::Text(text), initialize))
        .unwrap();
    stage.env.cut("InitiateAuth");
    stage.sign_in_with(options).unwrap_err();
    stage.env.bodies()[0]["AuthFlow"].clone()
}

// A the six tests of AuthFlowSetting: by configuration, by parameter, and by both
#[test]
fn the_flow_is_the_parameter_s_and_else_the_configuration_s() {
    let password = json!({"username": "alice", "password": "p"});
    let with = |flow: &str| json!({"username": "alice", "password": "p", "authFlow": flow});
    let configured = |flow: &str| format!(r#""authenticationFlowType":"{flow}""#);
    assert_eq!(flow("", &password), "USER_SRP_AUTH");
    for name in ["USER_SRP_AUTH", "CUSTOM_AUTH", "USER_PASSWORD_AUTH", "USER_AUTH"] {
        assert_eq!(flow(&configured(name), &password), name);
        assert_eq!(flow("", &with(name)), name);
        assert_eq!(flow(&configured("CUSTOM_AUTH"), &with(name)), name);
    }
}

// P testUserMigrationFlowInvoked
#[test]
fn a_pool_that_migrates_its_users_is_sent_the_password() {
    let stage = Stage::bare();
    stage
        .initialize_from(&config_text(r#","MigrationEnabled":true"#))
        .unwrap();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    let sent = &stage.env.bodies()[0];
    assert_eq!(sent["AuthFlow"], "USER_PASSWORD_AUTH");
    assert_eq!(sent["AuthParameters"]["PASSWORD"], "Correct-Horse7Battery!");
}

// I CustomEndpoint testSignUp, testSignSRPIn, testForgotPassword, testResendConfirmationCode, testRefreshToken; Proxy
// testSignIn: there is no updateCognitoService here, `Endpoint` names a proxy as well
#[test]
fn a_pool_at_another_endpoint_or_behind_a_proxy_is_asked_there() {
    for (endpoint, url) in [
        ("https://auth.example.com", "https://auth.example.com/"),
        ("https://app.example.com/cognito/", "https://app.example.com/cognito/"),
    ] {
        let stage = Stage::bare();
        stage
            .initialize_from(&config_text(&format!(r#","Endpoint":"{endpoint}""#)))
            .unwrap();
        let alice = json!({"username": "alice"});
        for (call, operation) in [
            ("signUp", "SignUp"),
            ("resendSignUpCode", "ResendConfirmationCode"),
            ("forgotPassword", "ForgotPassword"),
        ] {
            let answer = json!({"UserConfirmed": false, "UserSub": "s"});
            stage.env.answer(operation, 200, &answer);
            assert!(stage.operate(call, &alice).is_ok(), "{call}");
        }
        stage.script_sign_in("alice");
        assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
        stage.script_refresh("2");
        assert!(stage.get_tokens(FORCE).is_ok());
        assert_eq!(stage.env.urls(), [url; 6]);
    }
}
