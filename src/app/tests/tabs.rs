//! Two pages over one store: what one of them writes, the other takes over and does not destroy.

use serde_json::json;

use super::support::{FORCE, LOCALLY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::ports::Signal;

/// Two pages with alice signed in.
fn two_tabs() -> (Stage, Stage) {
    let first = Stage::signed_in();
    let second = first.another();
    second.initialize().unwrap();
    (first, second)
}

#[test]
fn a_tab_whose_token_was_rotated_away_takes_the_newer_one_without_a_request() {
    let (first, second) = two_tabs();
    first.env.answer(REFRESH, 200, &tokens("alice", "2"));
    first.env.pass(3_500_000);
    first.get_tokens("{}").unwrap();
    first.env.sent();
    let session = second.get_tokens("{}").unwrap();
    assert_eq!(refresh_token(&session), "refresh-2");
    assert_eq!(first.env.sent(), Vec::<String>::new());
    assert_eq!((second.state(), second.told()), (UserState::SignedIn, vec![]));
}

#[test]
fn a_sign_out_in_one_tab_is_followed_by_the_other_before_it_sends_anything() {
    let (first, second) = two_tabs();
    first.sign_out(LOCALLY).unwrap();
    assert_eq!(second.get_tokens(FORCE).unwrap_err().code, Code::Aborted);
    assert_eq!(first.env.sent(), Vec::<String>::new());
    assert_eq!(
        (second.state(), second.told()),
        (UserState::SignedOut, vec![UserState::SignedOut])
    );
    assert!(first.stored_session().is_none(), "a session after a sign-out");
}

#[test]
fn a_sign_out_in_one_tab_drops_the_tokens_that_the_other_is_waiting_for() {
    for is_refused in [true, false] {
        let (first, second) = two_tabs();
        second.env.hold_answers(true);
        let overlap = Overlap::of(&second);
        let late = overlap.get_tokens(&second, FORCE);
        overlap.settle();
        let out = overlap.sign_out(&first, LOCALLY);
        overlap.settle();
        assert_eq!(out.outcome(), Ok(()));
        if is_refused {
            first.env.refuse(REFRESH, "NotAuthorizedException");
        } else {
            first.env.answer(REFRESH, 200, &tokens("alice", "2"));
            first.env.answer("RevokeToken", 200, &json!({}));
        }
        second.env.hold_answers(false);
        overlap.settle();
        assert_eq!(late.outcome().unwrap_err().code, Code::Aborted);
        assert_eq!(
            (second.state(), second.told()),
            (UserState::SignedOut, vec![UserState::SignedOut])
        );
        assert!(first.stored_session().is_none(), "a session after a sign-out");
        assert_eq!(first.env.sent().contains(&"RevokeToken".into()), !is_refused);
    }
}

#[test]
fn a_user_who_signed_in_elsewhere_keeps_the_session() {
    let (first, second) = two_tabs();
    second.env.hold_answers(true);
    let overlap = Overlap::of(&second);
    let late = overlap.get_tokens(&second, FORCE);
    overlap.settle();
    overlap.sign_out(&first, LOCALLY);
    overlap.settle();
    let sign_in = overlap.sign_in(&first);
    overlap.settle();
    first.env.answer(REFRESH, 200, &tokens("alice", "2"));
    first.env.answer("InitiateAuth", 200, &tokens("bob", "3"));
    first.env.answer("RevokeToken", 200, &json!({}));
    second.env.hold_answers(false);
    overlap.settle();
    assert!(sign_in.outcome().is_ok());
    assert_eq!(late.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(first.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(first.stored_token().as_deref(), Some("refresh-3"));
    second.client.signal(Signal::Changed);
    second.env.settle();
    assert_eq!(second.client.snapshot().username.as_deref(), Some("bob"));
}

#[test]
fn a_refusal_that_cannot_be_stored_is_told_all_the_same() {
    let stage = Stage::signed_in();
    stage.env.pass(4_000_000);
    stage.env.refuse_writes(true);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.told(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn tokens_that_could_not_be_stored_are_not_given_up_for_the_old_ones() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer(REFRESH, 200, &tokens("alice", "2"));
    stage.get_tokens(FORCE).unwrap();
    stage.env.refuse_writes(false);
    stage.env.pass(60_000);
    stage.env.answer(REFRESH, 200, &tokens("alice", "3"));
    let session = stage.get_tokens(FORCE).unwrap();
    assert_eq!(refresh_token(&session), "refresh-3");
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-3"));
}

#[test]
fn a_late_global_sign_out_leaves_the_next_user_alone() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let everywhere = overlap.sign_out(&stage, r#"{"signOutGlobally":true}"#);
    overlap.settle();
    overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    overlap.sign_in(&stage);
    overlap.settle();
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    stage.env.answer("InitiateAuth", 200, &tokens("bob", "2"));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(everywhere.outcome(), Ok(()));
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(stage.told(), [UserState::SignedOut, UserState::SignedIn]);
}
