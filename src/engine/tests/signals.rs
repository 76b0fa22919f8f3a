//! What other tabs do, and what the page's life does to this one.

use serde_json::json;

use super::support::{FORCE, LOCALLY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};
use crate::ports::Signal;

/// Alice's tab and another one of hers.
fn two_tabs() -> (Stage, Stage) {
    let first = Stage::signed_in();
    let second = first.another();
    second.initialize().unwrap();
    second.notified();
    (first, second)
}

fn hear(tab: &Stage, signal: Signal) {
    tab.client.signal(signal);
    tab.env.settle();
}

#[test]
fn a_sign_in_elsewhere_is_one_here() {
    let first = Stage::ready();
    let second = first.another();
    second.initialize().unwrap();
    first.script_sign_in("alice");
    first.sign_in().unwrap();
    hear(&second, Signal::Changed);
    assert_eq!(
        second.notified_with_reasons(),
        [(UserState::SignedIn, Some(Reason::OtherTab))]
    );
    assert_eq!(second.client.snapshot().username.as_deref(), Some("alice"));
    first.env.sent();
    assert_eq!(refresh_token(&second.get_tokens("{}").unwrap()), "refresh-1");
    assert_eq!(first.env.sent(), Vec::<String>::new());
}

#[test]
fn a_sign_out_elsewhere_is_one_here() {
    let (first, second) = two_tabs();
    first.sign_out(LOCALLY).unwrap();
    hear(&second, Signal::Changed);
    let last = second.notices.borrow().last().cloned().unwrap();
    assert!(last.session.is_none() && last.snapshot.username.is_none());
    assert_eq!(
        second.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::OtherTab))]
    );
    assert_eq!(second.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
}

#[test]
fn another_user_elsewhere_takes_the_place_of_this_one_here() {
    let (first, second) = two_tabs();
    first.sign_out(LOCALLY).unwrap();
    first.script_sign_in_with(&tokens("bob", "2"));
    first.sign_in().unwrap();
    hear(&second, Signal::Changed);
    assert_eq!(
        second.notified_with_reasons(),
        [(UserState::SignedIn, Some(Reason::OtherTab))]
    );
    assert_eq!(second.client.snapshot().username.as_deref(), Some("bob"));
}

#[test]
fn the_same_user_signed_in_anew_elsewhere_is_a_sign_in_here() {
    let (first, second) = two_tabs();
    first.sign_out(LOCALLY).unwrap();
    first.script_sign_in_with(&tokens("alice", "2"));
    first.sign_in().unwrap();
    hear(&second, Signal::Changed);
    assert_eq!(
        second.notified_with_reasons(),
        [(UserState::SignedIn, Some(Reason::OtherTab))]
    );
    assert_eq!(refresh_token(&second.get_tokens("{}").unwrap()), "refresh-2");
}

#[test]
fn tokens_that_were_renewed_elsewhere_are_used_here_without_a_word_to_the_state_s_listeners() {
    let (first, second) = two_tabs();
    first.env.pass(1_000);
    first.script_refresh("2");
    first.get_tokens(FORCE).unwrap();
    hear(&second, Signal::Changed);
    let last = second.notices.borrow().last().cloned().unwrap();
    assert_eq!(refresh_token(&last.session.unwrap()), "refresh-2");
    assert_eq!(second.events(), ["tokensRefreshed"]);
    first.env.sent();
    assert_eq!(refresh_token(&second.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(first.env.sent(), Vec::<String>::new());
}

#[test]
fn tokens_that_died_elsewhere_are_dead_here() {
    let first = Stage::expired();
    let second = first.another();
    second.initialize().unwrap();
    first.env.refuse(REFRESH, "RefreshTokenReuseException");
    first.env.answer("RevokeToken", 200, &json!({}));
    first.get_tokens("{}").unwrap_err();
    hear(&second, Signal::Changed);
    let invalid = UserState::SignedOutUserPoolsTokenInvalid;
    assert_eq!(second.notified_with_reasons(), [(invalid, Some(Reason::Reuse))]);
    assert_eq!(second.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(first.env.sent(), [REFRESH, "RevokeToken"]);
}

#[test]
fn look_at_an_unchanged_store_notifies_no_listener() {
    let (first, second) = two_tabs();
    for signal in [
        Signal::Changed,
        Signal::Visible,
        Signal::Suspended,
        Signal::Resumed,
        Signal::Visible,
    ] {
        hear(&second, signal);
    }
    let notified = second.notices.take();
    assert!(
        notified
            .iter()
            .all(|notice| notice.state_change().is_none() && notice.event.is_none())
    );
    assert_eq!(first.env.sent(), Vec::<String>::new());
}

#[test]
fn tab_that_adopts_a_record_neither_writes_nor_announces() {
    let (first, second) = two_tabs();
    first.env.pass(1_000);
    first.script_refresh("2");
    first.get_tokens(FORCE).unwrap();
    assert!(first.env.announced() > 0);
    let record = first.env.stored();
    hear(&second, Signal::Changed);
    first.sign_out(LOCALLY).unwrap();
    first.env.announced();
    let gone = first.env.stored();
    assert_ne!(record, gone);
    hear(&second, Signal::Changed);
    assert_eq!((first.env.stored(), first.env.announced()), (gone, 0));
}

#[test]
fn a_page_that_was_put_away_looks_into_the_store_before_it_serves_a_token() {
    for wakes in [&[Signal::Resumed][..], &[Signal::Visible], &[]] {
        let (first, second) = two_tabs();
        second.client.signal(Signal::Suspended);
        let last = second.notices.borrow().last().cloned().unwrap();
        assert!(last.session.is_none(), "what can be read without waiting is gone");
        let overlap = Overlap::of(&first);
        overlap.sign_out(&first, LOCALLY);
        overlap.settle();
        for signal in wakes {
            second.client.signal(*signal);
        }
        assert_eq!(
            second.get_tokens("{}").unwrap_err().code,
            Code::NotSignedIn,
            "{wakes:?}"
        );
        assert_eq!(
            second.notified_with_reasons(),
            [(UserState::SignedOut, Some(Reason::OtherTab))]
        );
    }
}

#[test]
fn a_page_that_was_put_away_has_its_tokens_back_when_nothing_has_changed() {
    let (_, second) = two_tabs();
    second.client.signal(Signal::Suspended);
    hear(&second, Signal::Resumed);
    let last = second.notices.borrow().last().cloned().unwrap();
    assert_eq!(refresh_token(&last.session.unwrap()), "refresh-1");
    assert!(second.get_tokens("{}").is_ok());
    assert_eq!(second.notified(), []);
}

#[test]
fn a_sign_in_that_another_tab_finished_first_is_met_by_the_state_it_has_made() {
    let first = Stage::ready();
    let second = first.another();
    second.initialize().unwrap();
    first.script_sign_in("alice");
    first.sign_in().unwrap();
    second.client.signal(Signal::Suspended);
    assert_eq!(second.sign_in().unwrap_err().code, Code::InvalidState);
    assert_eq!(second.client.snapshot().username.as_deref(), Some("alice"));
}

#[test]
fn last_user_to_sign_in_is_signed_in_in_every_tab() {
    let first = Stage::ready();
    let second = first.another();
    second.initialize().unwrap();
    first.script_sign_in("alice");
    first.sign_in().unwrap();
    second.env.answer("RevokeToken", 200, &serde_json::json!({}));
    second.script_sign_in_with(&tokens("bob", "2"));
    second.sign_in().unwrap();
    hear(&first, Signal::Changed);
    for tab in [&first, &second] {
        assert_eq!(tab.client.snapshot().username.as_deref(), Some("bob"));
    }
    assert_eq!(first.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn signals_before_initialize_mean_nothing() {
    let stage = Stage::bare();
    for signal in [
        Signal::Changed,
        Signal::Online,
        Signal::Offline,
        Signal::Visible,
        Signal::Suspended,
        Signal::Resumed,
    ] {
        hear(&stage, signal);
    }
    assert!(stage.notices.borrow().is_empty());
    assert_eq!(stage.state(), UserState::Unknown);
    assert_eq!(stage.initialize(), Ok(UserState::SignedOut));
}
