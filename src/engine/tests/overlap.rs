//! Calls that run while others are under way.

use serde_json::json;

use super::support::{FORCE, LOCALLY, NOW, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::engine::ConfigSource;
use crate::engine::options::InitializeOptions;
use crate::testing::config_text;

#[test]
fn a_hundred_callers_share_one_refresh() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..100).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    assert!(calls.iter().all(|call| call.outcome().is_ok()));
    assert_eq!(stage.env.sent(), [REFRESH]);
}

#[test]
fn a_refusal_is_notified_once_to_the_listeners_and_to_every_caller() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..10).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    for call in calls {
        assert_eq!(call.outcome().unwrap_err().code, Code::NotSignedIn);
    }
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
    assert_eq!(stage.env.sent(), [REFRESH]);
}

#[test]
fn a_forced_refresh_does_not_hold_up_a_cached_read() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let forced = overlap.get_tokens(&stage, FORCE);
    let cached = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    assert!(forced.is_pending());
    assert!(cached.outcome().is_ok());
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    stage.env.hold_answers(false);
    overlap.settle();
    assert!(forced.outcome().is_ok());
}

#[test]
fn tokens_that_arrive_after_a_sign_out_are_dropped_and_revoked() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let refresh = overlap.get_tokens(&stage, FORCE);
    overlap.settle();
    let out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    assert!(out.outcome().is_ok());
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(refresh.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.sent(), [REFRESH, "RevokeToken"]);
    assert_eq!(stage.state(), UserState::SignedOut);
    assert!(stage.stored_session().is_none());
    assert_eq!(stage.notified(), [UserState::SignedOut]);
}

#[test]
fn a_user_switch_during_a_refresh_keeps_the_users_apart() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let late = overlap.get_tokens(&stage, FORCE);
    overlap.settle();
    overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    let sign_in = overlap.sign_in(&stage);
    overlap.settle();
    // The answers come in the order in which they were asked for.
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    stage.env.answer("InitiateAuth", 200, &tokens("bob", "3"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(late.outcome().unwrap_err().code, Code::Aborted);
    assert!(sign_in.outcome().is_ok());
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    let stored = stage.stored_session().unwrap();
    assert_eq!(
        (stored.username().unwrap(), &*refresh_token(&stored)),
        ("bob", "refresh-3")
    );
}

#[test]
fn a_second_sign_in_takes_the_place_of_the_first() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let first = overlap.sign_in(&stage);
    overlap.settle();
    let second = overlap.sign_in(&stage);
    overlap.settle();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(first.outcome().unwrap_err().code, Code::Aborted);
    assert!(second.outcome().is_ok());
    assert_eq!(stage.notified(), [UserState::SignedIn]);
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_sign_out_ends_a_sign_in_that_is_under_way() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let sign_in = overlap.sign_in(&stage);
    overlap.settle();
    let out = overlap.sign_out(&stage, "{}");
    overlap.settle();
    assert!(out.outcome().is_ok());
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(sign_in.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.state(), UserState::SignedOut);
    assert!(stage.stored_session().is_none());
}

#[test]
fn two_initializes_at_once_begin_one_session() {
    let before = Stage::signed_in();
    let stage = before.another();
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let (client, options) = (stage.client.clone(), InitializeOptions::parse("{}").unwrap());
            overlap.start(async move { client.initialize(ConfigSource::Text(config_text("")), options).await })
        })
        .collect();
    overlap.settle();
    for call in calls {
        assert_eq!(call.outcome(), Ok(UserState::SignedIn));
    }
    assert_eq!(stage.notices.borrow().len(), 1);
}
