//! Tokens, as AWSMobileClient for iOS (`I` and `U`: integration and unit tests) and Android (`A`) test them, by meaning;
//! and what neither of them tests. A testGlobalSignOut needs a service: it is in `tests/e2e/refresh-trouble.test.mjs`.
//!
//! Of the other gaps, wrong codes and chains of challenges are in `challenges.rs`, devices that are gone in `devices.rs` and
//! `moved_alias.rs`, clocks in `clocks.rs`, tabs and rotation in `tabs.rs` and `refresh.rs`, stores that fail in
//! `storage.rs`, a start that fails first in `initialize.rs`. What is about AWS credentials, other identity providers or the
//! hosted login has no counterpart yet.

use std::cell::Cell;
use std::rc::Rc;

use serde_json::json;

use super::support::{FORCE, Overlap, REFRESH, Stage, credentials, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::engine::options::GetTokensOptions;
use crate::ports::Spawn as _;

const INVALID: UserState = UserState::SignedOutUserPoolsTokenInvalid;

// I testGetTokens; U testGetTokenSuccess
#[test]
fn a_signed_in_user_has_an_id_and_an_access_token() {
    let session = Stage::signed_in().get_tokens("{}").unwrap();
    let tokens = session.pool_tokens().unwrap();
    assert!(!tokens.id.reveal().is_empty() && !tokens.access.reveal().is_empty());
    assert!(tokens.life.expires_at > tokens.life.received_at);
}

// I testMultipleGetTokens; A testGetTokensStress
#[test]
fn fifty_calls_at_once_all_succeed() {
    let stage = Stage::expired();
    stage.script_refresh("2");
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    assert!(calls.iter().all(|call| call.outcome().is_ok()));
    assert_eq!(stage.env.sent(), [REFRESH]);
}

// U testGetTokenFailWithNoUsername
#[test]
fn without_a_user_there_are_no_tokens() {
    assert_eq!(Stage::ready().get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
}

// U testGetTokenFailWithError
#[test]
fn error_that_is_not_about_the_user_ends_the_call_without_a_wait() {
    let stage = Stage::expired();
    stage.listen(true);
    stage.env.refuse(REFRESH, "InternalErrorException");
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::InternalError);
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

// U testGetTokenFailWithReAuthError
#[test]
fn a_refused_session_is_notified_and_its_call_does_not_end() {
    let stage = Stage::expiring(|_| {});
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    stage.env.pass(60_000);
    assert!(call.is_pending());
    assert_eq!(stage.notified(), [INVALID]);
}

// A testNetworkExceptionPropagation_getTokens
#[test]
fn a_failed_connection_is_an_error_and_changes_no_state() {
    for is_known in [true, false] {
        let stage = Stage::expired();
        if is_known {
            stage.env.go_offline(true);
        } else {
            stage.env.cut(REFRESH);
        }
        assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    }
}

// I testGetAWSCredentialsForMultipleUserDuringTokenRefresh, the part about tokens
#[test]
fn another_user_who_signs_in_during_the_wait_gets_tokens_of_their_own() {
    let stage = Stage::expiring(|stage| {
        stage.script_sign_in_with(&tokens("bob", "2"));
        let client = stage.client.clone();
        stage.env.spawn(Box::pin(async move {
            client.sign_in(credentials()).await.unwrap();
        }));
    });
    assert_eq!(stage.get_tokens("{}").unwrap().username(), Some("bob"));
    assert_eq!(stage.get_tokens("{}").unwrap().subject(), Some("sub-of-bob"));
}

// Gap: a sign-out while a refresh is under way, at every turn of it
#[test]
fn a_sign_out_at_any_turn_of_a_refresh_stays_a_sign_out() {
    for turns in 0..12 {
        let stage = Stage::signed_in();
        stage.script_refresh("2");
        stage.env.always_answer("RevokeToken", 200, &json!({}));
        let overlap = Overlap::of(&stage);
        let refresh = overlap.get_tokens(&stage, FORCE);
        stage.env.take_turns(turns);
        let out = overlap.sign_out(&stage, "{}");
        overlap.settle();
        assert_eq!(out.outcome(), Ok(()), "{turns}");
        drop(refresh);
        assert_eq!(stage.state(), UserState::SignedOut, "{turns}");
        assert!(stage.stored_session().is_none(), "{turns}");
        assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn, "{turns}");
        let revoked: Vec<_> = stage
            .env
            .bodies()
            .iter()
            .filter_map(|body| Some(body["Token"].as_str()?.to_owned()))
            .collect();
        assert!(!revoked.is_empty(), "{turns}");
    }
}

// Gap: a listener that calls back, counted: no call of it is lost
#[test]
fn listener_gets_tokens_while_it_is_being_notified() {
    let stage = Stage::ready();
    let (client, env, served) = (stage.client.clone(), stage.env.clone(), Rc::new(Cell::new(false)));
    let is_served = Rc::clone(&served);
    stage.react(move |notice| {
        if notice.snapshot.user_state == UserState::SignedIn {
            let (client, is_served) = (client.clone(), Rc::clone(&is_served));
            env.spawn(Box::pin(async move {
                is_served.set(client.get_tokens(GetTokensOptions::default()).await.is_ok());
            }));
        }
    });
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    assert!(served.get());
}
