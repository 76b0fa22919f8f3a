//! Two pages over one store. There is no lock yet, but what one of them writes, the other does not destroy.

use futures_executor::block_on;
use serde_json::json;

use super::support::{KEY, NOW, Overlap, Stage, tokens};
use crate::app::options::SignOutOptions;
use crate::core::error::Code;
use crate::core::session::Session;
use crate::core::user_state::UserState;

/// Two pages with alice signed in.
fn two_tabs() -> (Stage, Stage) {
    let first = Stage::signed_in();
    let second = Stage::over(first.env.clone());
    second.initialize().unwrap();
    (first, second)
}

fn refresh_token(session: &Session) -> String {
    session.tokens.as_ref().unwrap().refresh.reveal().to_owned()
}

#[test]
fn a_tab_whose_token_was_rotated_away_takes_the_newer_one() {
    let (first, second) = two_tabs();
    first
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    block_on(first.client.get_tokens(true)).unwrap();
    first
        .env
        .refuse("GetTokensFromRefreshToken", "RefreshTokenReuseException");
    let session = block_on(second.client.get_tokens(true)).unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    assert_eq!((second.state(), second.told()), (UserState::SignedIn, vec![]));
    assert!(first.env.stored()[KEY].contains("refresh-2"));
}

#[test]
fn a_sign_out_in_one_tab_is_followed_by_the_other_when_it_asks_for_tokens() {
    for is_refused in [true, false] {
        let (first, second) = two_tabs();
        let sign_out = SignOutOptions::parse(r#"{"invalidateTokens":false}"#).unwrap();
        block_on(first.client.sign_out(sign_out)).unwrap();
        if is_refused {
            first.env.refuse("GetTokensFromRefreshToken", "NotAuthorizedException");
        } else {
            first
                .env
                .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
            first.env.answer("RevokeToken", 200, &json!({}));
        }
        assert_eq!(
            block_on(second.client.get_tokens(true)).unwrap_err().code,
            Code::NotSignedIn
        );
        assert_eq!(
            (second.state(), second.told()),
            (UserState::SignedOut, vec![UserState::SignedOut])
        );
        assert!(first.env.stored().is_empty(), "a session after a sign-out");
    }
}

#[test]
fn a_user_who_signed_in_elsewhere_keeps_the_session() {
    let (first, second) = two_tabs();
    let sign_out = SignOutOptions::parse(r#"{"invalidateTokens":false}"#).unwrap();
    block_on(first.client.sign_out(sign_out)).unwrap();
    first.script_sign_in("bob");
    first.sign_in().unwrap();
    first.env.answer("GetTokensFromRefreshToken", 200, &{
        let mut late = tokens("alice", "9");
        late["AuthenticationResult"]
            .as_object_mut()
            .unwrap()
            .remove("RefreshToken");
        late
    });
    // Both sets are called refresh-1 by the fakes, so bob's is renamed.
    let record = first.env.stored()[KEY].replace("refresh-1", "refresh-of-bob");
    first.env.put(KEY, &record);
    assert_eq!(
        block_on(second.client.get_tokens(true)).unwrap_err().code,
        Code::Aborted
    );
    assert_eq!(second.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(second.told(), [UserState::SignedIn]);
    assert_eq!(first.env.stored()[KEY], record);
}

#[test]
fn a_refusal_that_cannot_be_stored_is_told_all_the_same() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.refuse("GetTokensFromRefreshToken", "NotAuthorizedException");
    assert_eq!(
        block_on(stage.client.get_tokens(true)).unwrap_err().code,
        Code::NotSignedIn
    );
    assert_eq!(stage.told(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn tokens_that_could_not_be_stored_are_not_given_up_for_the_old_ones() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    block_on(stage.client.get_tokens(true)).unwrap();
    stage.env.refuse_writes(false);
    stage.env.set_now(NOW + 60);
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "3"));
    let session = block_on(stage.client.get_tokens(true)).unwrap();
    assert_eq!(refresh_token(&session), "refresh-3");
    assert!(stage.env.stored()[KEY].contains("refresh-3"));
}

#[test]
fn a_late_global_sign_out_leaves_the_next_user_alone() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let options = |text: &str| SignOutOptions::parse(text).unwrap();
    let client = stage.client.clone();
    let global = options(r#"{"signOutGlobally":true}"#);
    let everywhere = overlap.start(async move { client.sign_out(global).await });
    overlap.settle();
    let client = stage.client.clone();
    let local = options(r#"{"invalidateTokens":false}"#);
    overlap.start(async move { client.sign_out(local).await });
    overlap.settle();
    let client = stage.client.clone();
    overlap.start(async move { client.sign_in(super::support::credentials()).await });
    overlap.settle();
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    stage.env.answer("InitiateAuth", 200, &tokens("bob", "2"));
    stage.env.hold_answers(false);
    overlap.finish();
    assert_eq!(*everywhere.borrow(), Some(Ok(())));
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(stage.told(), [UserState::SignedOut, UserState::SignedIn]);
}

#[test]
fn a_session_that_is_not_to_outlive_the_page_is_not_stored() {
    let stage = Stage::bare();
    let text = r#"{"CognitoUserPool":{"Default":{"PoolId":"us-east-1_Pool","AppClientId":"client1"}},"Auth":{"Default":{"Persistence":false}}}"#;
    block_on(stage.client.initialize(crate::app::ConfigSource::Text(text.into()))).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    assert_eq!((stage.state(), stage.env.stored().len()), (UserState::SignedIn, 0));
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    assert!(block_on(stage.client.get_tokens(true)).is_ok());
    assert!(stage.env.stored().is_empty());
}
