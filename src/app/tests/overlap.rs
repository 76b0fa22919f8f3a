//! Calls that run while others are under way.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;

use super::support::{NOW, Overlap, Stage, credentials, tokens};
use crate::app::options::SignOutOptions;
use crate::app::{Client, ConfigSource, Notice};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::testing::{FakeEnv, config_text};

fn sign_out() -> SignOutOptions {
    SignOutOptions::parse("{}").unwrap()
}

fn locally() -> SignOutOptions {
    SignOutOptions::parse(r#"{"invalidateTokens":false}"#).unwrap()
}

/// A call on a handle of its own.
macro_rules! start {
    ($overlap:expr, $stage:expr, $call:ident($($argument:expr),*)) => {{
        let client = $stage.client.clone();
        $overlap.start(async move { client.$call($($argument),*).await })
    }};
}

#[test]
fn a_hundred_callers_share_one_refresh() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW + 4000);
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    let mut overlap = Overlap::new();
    let calls: Vec<_> = (0..100).map(|_| start!(overlap, stage, get_tokens(false))).collect();
    overlap.finish();
    assert!(calls.iter().all(|call| call.borrow().as_ref().unwrap().is_ok()));
    assert_eq!(stage.env.sent(), ["GetTokensFromRefreshToken"]);
}

#[test]
fn a_refusal_is_told_once_to_the_listeners_and_to_every_caller() {
    let stage = Stage::signed_in();
    stage.env.refuse("GetTokensFromRefreshToken", "NotAuthorizedException");
    let mut overlap = Overlap::new();
    let calls: Vec<_> = (0..10).map(|_| start!(overlap, stage, get_tokens(true))).collect();
    overlap.finish();
    for call in calls {
        assert_eq!(
            call.borrow().as_ref().unwrap().as_ref().unwrap_err().code,
            Code::NotSignedIn
        );
    }
    assert_eq!(stage.told(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn a_forced_refresh_does_not_hold_up_a_cached_read() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let forced = start!(overlap, stage, get_tokens(true));
    let cached = start!(overlap, stage, get_tokens(false));
    overlap.settle();
    assert!(forced.borrow().is_none());
    assert!(cached.borrow().as_ref().unwrap().is_ok());
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    stage.env.hold_answers(false);
    overlap.finish();
    assert!(forced.borrow().as_ref().unwrap().is_ok());
}

#[test]
fn tokens_that_arrive_after_a_sign_out_are_dropped_and_revoked() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let refresh = start!(overlap, stage, get_tokens(true));
    overlap.settle();
    let out = start!(overlap, stage, sign_out(locally()));
    overlap.settle();
    assert!(out.borrow().as_ref().unwrap().is_ok());
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.finish();
    assert_eq!(
        refresh.borrow().as_ref().unwrap().as_ref().unwrap_err().code,
        Code::Aborted
    );
    assert_eq!(stage.env.sent(), ["GetTokensFromRefreshToken", "RevokeToken"]);
    assert_eq!((stage.state(), stage.env.stored().len()), (UserState::SignedOut, 0));
    assert_eq!(stage.told(), [UserState::SignedOut]);
}

#[test]
fn a_user_switch_during_a_refresh_keeps_the_users_apart() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let late = start!(overlap, stage, get_tokens(true));
    overlap.settle();
    start!(overlap, stage, sign_out(locally()));
    overlap.settle();
    let sign_in = start!(overlap, stage, sign_in(credentials()));
    overlap.settle();
    // The answers come in the order in which they were asked for.
    stage
        .env
        .answer("GetTokensFromRefreshToken", 200, &tokens("alice", "2"));
    stage.env.answer("InitiateAuth", 200, &tokens("bob", "3"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.finish();
    assert_eq!(
        late.borrow().as_ref().unwrap().as_ref().unwrap_err().code,
        Code::Aborted
    );
    assert!(sign_in.borrow().as_ref().unwrap().is_ok());
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert!(
        stage
            .env
            .stored()
            .values()
            .all(|record| record.contains("bob") && !record.contains("alice"))
    );
}

#[test]
fn a_second_sign_in_takes_the_place_of_the_first() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let first = start!(overlap, stage, sign_in(credentials()));
    overlap.settle();
    let second = start!(overlap, stage, sign_in(credentials()));
    overlap.settle();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.finish();
    assert_eq!(
        first.borrow().as_ref().unwrap().as_ref().unwrap_err().code,
        Code::Aborted
    );
    assert!(second.borrow().as_ref().unwrap().is_ok());
    assert_eq!(stage.told(), [UserState::SignedIn]);
    assert!(stage.env.stored().values().all(|record| record.contains("refresh-2")));
}

#[test]
fn a_sign_out_ends_a_sign_in_that_is_under_way() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    let mut overlap = Overlap::new();
    let sign_in = start!(overlap, stage, sign_in(credentials()));
    overlap.settle();
    let out = start!(overlap, stage, sign_out(sign_out()));
    overlap.settle();
    assert!(out.borrow().as_ref().unwrap().is_ok());
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.finish();
    assert_eq!(
        sign_in.borrow().as_ref().unwrap().as_ref().unwrap_err().code,
        Code::Aborted
    );
    assert_eq!((stage.state(), stage.env.stored().len()), (UserState::SignedOut, 0));
}

#[test]
fn a_listener_may_sign_out_and_is_told_of_that_afterwards() {
    let env = FakeEnv::default();
    env.set_now(NOW);
    let overlap = Rc::new(RefCell::new(Overlap::new()));
    let told = Rc::new(RefCell::new(Vec::new()));
    let slot: Rc<RefCell<Option<Client<FakeEnv>>>> = Rc::default();
    let client = Client::new(env.clone(), {
        let (slot, overlap, told) = (Rc::clone(&slot), Rc::clone(&overlap), Rc::clone(&told));
        move |notice: &Notice| {
            told.borrow_mut().push(notice.snapshot.user_state);
            if notice.snapshot.user_state == UserState::SignedIn {
                let client = slot.borrow().clone().unwrap();
                assert_eq!(
                    client.snapshot().user_state,
                    UserState::SignedIn,
                    "the state is final before it is told"
                );
                // The pool that runs everything is borrowed only while it is turned from outside.
                let call = async move { client.sign_out(locally()).await };
                overlap
                    .try_borrow()
                    .map(|overlap| overlap.start(call))
                    .expect("the pool is free");
            }
        }
    });
    slot.replace(Some(client.clone()));
    futures_executor::block_on(client.initialize(ConfigSource::Text(config_text("")))).unwrap();
    env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    assert!(futures_executor::block_on(client.sign_in(credentials())).is_ok());
    overlap.borrow_mut().finish();
    assert_eq!(
        *told.borrow(),
        [UserState::SignedOut, UserState::SignedIn, UserState::SignedOut]
    );
    assert_eq!(client.snapshot().user_state, UserState::SignedOut);
    assert!(env.stored().is_empty());
}

#[test]
fn two_initializes_at_once_begin_one_session() {
    let before = Stage::signed_in();
    let stage = Stage::over(before.env.clone());
    let mut overlap = Overlap::new();
    let calls: Vec<_> = (0..2)
        .map(|_| start!(overlap, stage, initialize(ConfigSource::Text(config_text("")))))
        .collect();
    overlap.finish();
    for call in calls {
        assert_eq!(*call.borrow(), Some(Ok(UserState::SignedIn)));
    }
    assert_eq!(stage.notices.borrow().len(), 1);
}
