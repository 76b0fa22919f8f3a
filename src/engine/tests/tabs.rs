//! Two pages over one store: what one of them writes, the other takes over and does not destroy.

use serde_json::json;

use super::support::{FORCE, KEY, LOCALLY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::envelope::sealed;
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};
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
    assert_eq!((second.state(), second.notified()), (UserState::SignedIn, vec![]));
}

#[test]
fn a_sign_out_in_one_tab_is_followed_by_the_other_before_it_sends_anything() {
    let (first, second) = two_tabs();
    first.sign_out(LOCALLY).unwrap();
    assert_eq!(second.get_tokens(FORCE).unwrap_err().code, Code::Aborted);
    assert_eq!(first.env.sent(), Vec::<String>::new());
    assert_eq!(
        (second.state(), second.notified()),
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
            (second.state(), second.notified()),
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
fn a_refusal_that_cannot_be_stored_is_notified_all_the_same() {
    let stage = Stage::signed_in();
    stage.env.pass(4_000_000);
    stage.env.refuse_writes(true);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
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
    assert_eq!(stage.notified(), [UserState::SignedOut, UserState::SignedIn]);
}

/// The highest generation there could be, which was once where all numbers ended.
const LAST: i64 = i64::MAX;

#[test]
fn a_record_with_a_stamp_that_no_write_has_is_damage_and_two_tabs_still_refresh_once() {
    for stamp in [LAST, LAST - 1, -1, i64::MIN] {
        let (first, second) = two_tabs();
        let json = first.env.stored()[KEY].splitn(3, ' ').nth(2).unwrap().to_owned();
        first.env.put(KEY, &sealed(&stamp.to_string(), &json));
        for tab in [&first, &second] {
            tab.client.signal(Signal::Changed);
            tab.env.settle();
        }
        assert_refreshed_once(&first, &second);
        assert_eq!((first.notified(), second.notified()), (vec![], vec![]), "{stamp}");
    }
}

#[test]
fn a_record_that_is_damaged_by_its_stamp_is_notified_at_the_start_and_a_sign_in_heals_it() {
    let before = Stage::signed_in();
    let json = before.env.stored()[KEY].splitn(3, ' ').nth(2).unwrap().to_owned();
    before.env.put(KEY, &sealed(&LAST.to_string(), &json));
    let stage = before.another();
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
    assert_eq!(stage.client.snapshot().reason, Some(Reason::StorageLost));
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    let other = stage.another();
    assert_eq!(other.initialize(), Ok(UserState::SignedIn));
    assert_refreshed_once(&stage, &other);
}

#[test]
fn in_the_year_2249_and_before_1970_two_tabs_refresh_once_and_follow_a_sign_out() {
    for year in [8_805_000_000, i64::MAX / 1000, -100_000_000, 0] {
        let first = Stage::bare();
        first.env.set_now(year);
        first.initialize().unwrap();
        first.script_sign_in("alice");
        first.sign_in().unwrap();
        let second = first.another();
        assert_eq!(second.initialize(), Ok(UserState::SignedIn), "{year}");
        first.env.sent();
        first.notified();
        assert_refreshed_once(&first, &second);
        first.sign_out(LOCALLY).unwrap();
        assert_eq!(second.get_tokens(FORCE).unwrap_err().code, Code::Aborted, "{year}");
        assert_eq!(second.state(), UserState::SignedOut, "{year}");
    }
}

/// The first of two tabs renews the tokens, and the second takes them over.
fn assert_refreshed_once(first: &Stage, second: &Stage) {
    first.env.sent();
    first.script_refresh("2");
    assert_eq!(refresh_token(&first.get_tokens(FORCE).unwrap()), "refresh-2");
    second.client.signal(Signal::Changed);
    second.env.settle();
    assert_eq!(refresh_token(&second.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(first.env.sent(), [REFRESH]);
}
