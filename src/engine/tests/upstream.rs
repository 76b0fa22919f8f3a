//! The test suites of the libraries that this one follows, by meaning: each test names those it carries over.
//! `I`, `U`: the integration and unit tests of AWSMobileClient for iOS; `P`: those of its user-pool layer; `A`: those for
//! Android.
//!
//! Here: sign-in and sign-out. Tokens are in `upstream_tokens.rs`, start-up with saved storage is in
//! `upstream_start.rs`.

use serde_json::{Value, json};

use super::support::{
    FORCE, LOCALLY, Overlap, SIGNED_IN, Stage, credentials, password_verifier, refresh_token, tokens,
};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::engine::SignInResult;
use crate::engine::options::{ConfirmSignInOptions, SignOutOptions};
use crate::ports::Spawn as _;
use crate::testing::jwt;

const INVALID: UserState = UserState::SignedOutUserPoolsTokenInvalid;

fn new_password() -> ConfirmSignInOptions {
    ConfirmSignInOptions::parse(r#"{"challengeResponse":"Better-Horse8!"}"#).unwrap()
}

fn new_password_required(username: &str) -> Value {
    json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s1", "ChallengeParameters": {
        "USER_ID_FOR_SRP": username, "requiredAttributes": "[]", "userAttributes": "{}"}})
}

/// A user who signs in for the first time, with the password an administrator has set.
fn script_first_sign_in(stage: &Stage, username: &str) {
    let mut verifier = password_verifier();
    verifier["ChallengeParameters"]["USER_ID_FOR_SRP"] = username.into();
    stage.env.answer("InitiateAuth", 200, &verifier);
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &new_password_required(username));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens(username, "1"));
}

// I testSignIn, testUserStateAfterSignIn; P testSignInUser
#[test]
fn after_a_sign_in_the_state_is_signed_in() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    let client = stage.client.clone();
    let state = stage.run(async move {
        assert_eq!(client.sign_in(credentials()).await, Ok(SIGNED_IN));
        client.snapshot().user_state
    });
    assert_eq!(state, UserState::SignedIn);
}

// I testSignInCallbacks
#[test]
fn a_sign_in_tells_the_listeners_and_its_caller_and_leaves_nothing_pending() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert_eq!(stage.notified(), [UserState::SignedIn]);
    let confirm = stage.run(stage.client.confirm_sign_in(new_password()));
    assert_eq!(confirm.unwrap_err().code, Code::InvalidState);
}

// I testSignInFailCase
#[test]
fn a_wrong_password_is_an_error_and_leaves_nothing_pending() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    stage.env.refuse("RespondToAuthChallenge", "NotAuthorizedException");
    assert_eq!(stage.sign_in().unwrap_err().code, Code::NotAuthorized);
    let confirm = stage.run(stage.client.confirm_sign_in(new_password()));
    assert_eq!(confirm.unwrap_err().code, Code::InvalidState);
    assert_eq!(stage.state(), UserState::SignedOut);
}

// I testConfirmSignCallbacksValue
#[test]
fn a_question_may_be_answered_in_the_very_moment_it_is_asked() {
    let stage = Stage::ready();
    script_first_sign_in(&stage, "alice");
    let client = stage.client.clone();
    let done = stage.run(async move {
        assert!(matches!(
            client.sign_in(credentials()).await,
            Ok(SignInResult::Asked(_))
        ));
        client.confirm_sign_in(new_password()).await
    });
    assert_eq!(done, Ok(SIGNED_IN));
}

// I testConfirmSignCompletionSourceReset, testPasswordResetChallenge
#[test]
fn one_user_s_new_password_leaves_nothing_for_the_next_user_s() {
    let stage = Stage::ready();
    for username in ["alice", "bob"] {
        script_first_sign_in(&stage, username);
        assert!(matches!(stage.sign_in(), Ok(SignInResult::Asked(_))));
        let done = stage.run(stage.client.confirm_sign_in(new_password()));
        assert_eq!(done, Ok(SIGNED_IN));
        assert_eq!(stage.client.snapshot().username.as_deref(), Some(username));
        stage.sign_out(LOCALLY).unwrap();
    }
    script_first_sign_in(&stage, "alice");
    stage.sign_in().unwrap();
    stage.sign_out(LOCALLY).unwrap();
    let stale = stage.run(stage.client.confirm_sign_in(new_password()));
    assert_eq!(
        stale.unwrap_err().code,
        Code::InvalidState,
        "the sign-out ended the question too"
    );
}

// I testSignInAfterASignOut
#[test]
fn after_a_sign_out_the_user_may_sign_in_again() {
    let stage = Stage::signed_in();
    stage.sign_out(LOCALLY).unwrap();
    stage.script_sign_in("alice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert_eq!(stage.notified(), [UserState::SignedOut, UserState::SignedIn]);
}

// I testSignInAfterTokenInvalidation
#[test]
fn a_listener_who_signs_the_user_in_again_lets_the_call_go_on() {
    let stage = Stage::expiring(|stage| {
        stage.script_sign_in_with(&tokens("alice", "2"));
        let client = stage.client.clone();
        stage.env.spawn(Box::pin(async move {
            client.sign_in(credentials()).await.unwrap();
        }));
    });
    let session = stage.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    assert_eq!(stage.notified(), [INVALID, UserState::SignedIn]);
}

// I testReleaseSignInWaitOnSessionExpiry
// U testGetTokenFailWithReleaseSignInWaitReAuthError
#[test]
fn a_listener_who_releases_at_once_ends_the_call() {
    let stage = Stage::expiring(|stage| {
        let client = stage.client.clone();
        // No call waits yet while the listeners are notified.
        stage.env.spawn(Box::pin(async move { client.release_sign_in_wait() }));
    });
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    assert_eq!(stage.state(), INVALID);
}

// I testReleaseSignInWaitOnSessionExpiry, to the letter: inside the listener
#[test]
fn listener_that_releases_while_it_is_notified_ends_the_call() {
    let stage = Stage::expiring(|stage| stage.client.release_sign_in_wait());
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
}

// I testReleaseSignInWaitOnMultipleSessionExpiry
// U testMultipleGetTokenFailWithReleaseSignInWaitReAuthError
#[test]
fn a_listener_who_releases_ends_all_of_fifty_calls() {
    let stage = Stage::expiring(|stage| stage.client.release_sign_in_wait());
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    stage.env.pass(1_000);
    for call in calls {
        assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    }
}

// I testSignOutOnSessionExpiry
#[test]
fn a_listener_who_signs_out_ends_the_call() {
    let stage = Stage::expiring(|stage| {
        let client = stage.client.clone();
        stage.env.spawn(Box::pin(async move {
            client.sign_out(SignOutOptions::parse(LOCALLY).unwrap()).await.unwrap();
        }));
    });
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    let code = call.outcome().unwrap_err().code;
    assert!(matches!(code, Code::UnableToSignIn | Code::NotSignedIn), "{code:?}");
    assert_eq!(stage.notified(), [INVALID, UserState::SignedOut]);
}

// I testReleaseSignInWaitWithOutSignIn
#[test]
fn release_while_signed_out_changes_nothing_and_tokens_are_an_error() {
    let stage = Stage::ready();
    stage.listen(true);
    stage.client.release_sign_in_wait();
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
}

// I testUserStateNotifications. That a removed listener is notified nothing more is in tests/e2e/listeners.test.mjs.
#[test]
fn a_listener_is_notified_of_the_sign_in_and_of_the_sign_out_and_of_nothing_else() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    stage.sign_out(LOCALLY).unwrap();
    assert_eq!(stage.notified(), [UserState::SignedIn, UserState::SignedOut]);
}

// I testSignOut, testSignOutWithCallback, testSignOutState; P testSignOutUser
#[test]
fn no_user_is_signed_in_during_and_after_a_sign_out() {
    let stage = Stage::signed_in();
    let client = stage.client.clone();
    let state = stage.run(async move {
        client.sign_out(SignOutOptions::parse(LOCALLY).unwrap()).await.unwrap();
        client.snapshot().user_state
    });
    assert_eq!((state, stage.state()), (UserState::SignedOut, UserState::SignedOut));
}

// I testSignOutWithCallbackWithRevokeToken, testSignOutWithCallbackWithoutRevokeToken; P testRevokeTokenWithSignedInUser
#[test]
fn tokens_are_revoked_when_they_can_be() {
    for (origin, requests) in [(Some("o"), vec!["RevokeToken"]), (None, vec![])] {
        let stage = Stage::ready();
        let mut result = tokens("alice", "1");
        let mut claims = json!({"sub": "sub-of-alice", "username": "alice", "iat": 0, "exp": 3600});
        if let Some(origin) = origin {
            claims["origin_jti"] = json!(origin);
        }
        result["AuthenticationResult"]["AccessToken"] = json!(jwt(&claims));
        stage.env.answer("InitiateAuth", 200, &result);
        stage.sign_in().unwrap();
        stage.env.sent();
        stage.env.answer("RevokeToken", 200, &json!({}));
        assert_eq!(stage.sign_out("{}"), Ok(()));
        assert_eq!(
            (stage.env.sent(), stage.state()),
            (requests.into_iter().map(String::from).collect(), UserState::SignedOut)
        );
    }
}

// I testSignOutWithCallbackAndSignoutOption, testSignOutStateWithCallback
#[test]
fn a_global_sign_out_signs_out_here_too() {
    let stage = Stage::signed_in();
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    assert_eq!(
        stage.sign_out(r#"{"signOutGlobally":true,"invalidateTokens":true}"#),
        Ok(())
    );
    assert_eq!(
        (stage.state(), stage.notified()),
        (UserState::SignedOut, vec![UserState::SignedOut])
    );
}

// I testSignOutUnAuthenticatedUser; P testIsSessionRevocableWithSignedOutUser, testRevokeTokenWithSignedOutUser
#[test]
fn sign_out_without_a_sign_in_revokes_nothing() {
    let stage = Stage::ready();
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.state(), UserState::SignedOut);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}
