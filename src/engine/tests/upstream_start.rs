//! Start-up with saved storage, as AWSMobileClient for iOS (`I`; `U`: its unit tests) and Android (`A`) test it.
//!
//! Not carried over: U testInitWith... (five), which look at what iOS's initializer keeps of a configuration for its other
//! services, and U testDataArrayTransform, about a helper for JSON: neither has a counterpart here. U testInMemoryConfiguration
//! and testSharedInstanceReference are in `tests/e2e/package.test.mjs`.

use super::support::{Stage, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;

/// A configuration with these pools.
fn document(user_pool: Option<(&str, &str)>, identity_pool: Option<&str>) -> String {
    let user_pool = user_pool.map(|(pool, client)| {
        format!(
            r#""CognitoUserPool":{{"Default":{{"PoolId":"{pool}","AppClientId":"{client}","Region":"us-east-1"}}}}"#
        )
    });
    let identity_pool = identity_pool.map(|pool| {
        format!(
            r#""CredentialsProvider":{{"CognitoIdentity":{{"Default":{{"PoolId":"{pool}","Region":"us-east-1"}}}}}}"#
        )
    });
    let sections: Vec<_> = user_pool.into_iter().chain(identity_pool).collect();
    format!("{{{}}}", sections.join(","))
}

const USER_POOL: (&str, &str) = ("us-east-1_Pool", "client1");
const IDENTITY_POOL: &str = "us-east-1:00000000-0000-0000-0000-000000000001";
const OTHER_IDENTITY_POOL: &str = "us-east-1:00000000-0000-0000-0000-000000000002";

/// Where alice signed in with both pools.
fn before() -> Stage {
    let stage = Stage::bare();
    stage
        .initialize_from(&document(Some(USER_POOL), Some(IDENTITY_POOL)))
        .unwrap();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.sign_in().unwrap();
    stage.env.sent();
    stage
}

// I testFreshInstall
#[test]
fn a_first_visit_is_signed_out() {
    let stage = Stage::bare();
    assert_eq!(
        stage.initialize_from(&document(Some(USER_POOL), Some(IDENTITY_POOL))),
        Ok(UserState::SignedOut)
    );
}

// I testRelaunchWithSameConfig (PreviousSignIn and CleanUp), testSavedKeychainForUserPool
#[test]
fn the_same_configuration_finds_the_user() {
    let page = before().another();
    let state = page.initialize_from(&document(Some(USER_POOL), Some(IDENTITY_POOL)));
    assert_eq!(state, Ok(UserState::SignedIn));
    assert_eq!(page.client.snapshot().username.as_deref(), Some("alice"));
    assert_eq!(page.env.sent(), Vec::<String>::new());
}

// I testRelaunchWithDifferentUserPoolID, ...DifferentAppClientID, ...DifferentIdentityPoolID, ...OnlyUserPool,
// ...OnlyIdentityPool, ...NoCognitoService
#[test]
fn another_configuration_begins_signed_out() {
    let stage = before();
    for (user_pool, identity_pool) in [
        (Some(("us-east-1_Other", "client1")), Some(IDENTITY_POOL)),
        (Some(("us-east-1_Pool", "client2")), Some(IDENTITY_POOL)),
        (Some(USER_POOL), Some(OTHER_IDENTITY_POOL)),
        (Some(USER_POOL), None),
        (None, Some(IDENTITY_POOL)),
    ] {
        let page = stage.another();
        let state = page.initialize_from(&document(user_pool, identity_pool));
        assert_eq!(state, Ok(UserState::SignedOut), "{user_pool:?} {identity_pool:?}");
        assert_eq!(page.client.snapshot().username, None);
        assert!(page.get_tokens("{}").is_err());
    }
    let refused = stage.another().initialize_from(&document(None, None)).unwrap_err();
    assert_eq!(
        refused.code,
        Code::InvalidConfiguration,
        "unlike upstream, for every call would fail later"
    );
    let back = stage.another();
    let state = back.initialize_from(&document(Some(USER_POOL), Some(IDENTITY_POOL)));
    assert_eq!(
        state,
        Ok(UserState::SignedIn),
        "unlike upstream the first session was not wiped: it has a place of its own"
    );
}

// A restart with Auth.Default.Persistence true and false
#[test]
fn whether_a_restart_finds_the_user_is_the_configuration_s_to_say() {
    for (persistence, state) in [(true, UserState::SignedIn), (false, UserState::SignedOut)] {
        let document = format!(
            r#"{{"CognitoUserPool":{{"Default":{{"PoolId":"us-east-1_Pool","AppClientId":"client1"}}}},
                "Auth":{{"Default":{{"Persistence":{persistence}}}}}}}"#
        );
        let stage = Stage::bare();
        stage.initialize_from(&document).unwrap();
        stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
        stage.sign_in().unwrap();
        assert_eq!(stage.another().initialize_from(&document), Ok(state));
    }
}

// I isSignedIn and currentUserState before initialize
#[test]
fn before_initialize_the_state_is_unknown() {
    let stage = before().another();
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.client.snapshot().username, None);
}
