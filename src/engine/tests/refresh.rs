//! Renewing tokens: in one tab, in several, and after one of them died.

use std::rc::Rc;

use serde_json::json;

use super::support::{FORCE, HOUR, KEY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::record::{Record, User};
use crate::core::secret::RefreshToken;
use crate::core::session::{Journal, Lifetime, Session};
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Clock as _, Lock as _, Millis, Signal};

const INVALID: UserState = UserState::SignedOutUserPoolsTokenInvalid;

/// What another tab writes that this page hears nothing of.
fn write_from_elsewhere(stage: &Stage, change: impl Fn(&Session) -> Session) {
    let record = Record::decode(&stage.env.stored()[KEY]).unwrap();
    let User::SignedIn(session) = &record.user else {
        panic!("no user is signed in")
    };
    let record = Record {
        generation: record.generation + 1,
        user: User::SignedIn(Rc::new(change(session))),
        ..record
    };
    stage.env.put(KEY, &record.encode());
}

/// The same session with the tokens of another refresh, which ends now.
fn renewed(session: &Session, generation: &str, now: Millis) -> Session {
    let mut tokens = session.pool_tokens().cloned().unwrap();
    tokens.refresh = RefreshToken::new(format!("refresh-{generation}"));
    tokens.life = Lifetime {
        received_at: now,
        expires_at: now + HOUR,
    };
    session.renewed(tokens, None)
}

#[test]
fn five_tabs_with_expired_tokens_send_one_request() {
    let first = Stage::signed_in();
    let others: Vec<_> = (0..4).map(|_| first.another()).collect();
    for tab in &others {
        tab.initialize().unwrap();
    }
    first.env.pass(HOUR);
    first.script_refresh("2");
    let overlap = Overlap::of(&first);
    let calls: Vec<_> = others
        .iter()
        .chain([&first])
        .map(|tab| overlap.get_tokens(tab, "{}"))
        .collect();
    overlap.settle();
    for call in calls {
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    }
    assert_eq!(first.env.sent(), [REFRESH]);
    assert!(
        others
            .iter()
            .all(|tab| tab.notified().is_empty() && tab.state() == UserState::SignedIn)
    );
}

#[test]
fn two_tabs_that_force_a_refresh_at_once_share_its_answer() {
    let first = Stage::signed_in();
    let second = first.another();
    second.initialize().unwrap();
    let overlap = Overlap::of(&first);
    first.env.hold_answers(true);
    let calls = [overlap.get_tokens(&first, FORCE), overlap.get_tokens(&second, FORCE)];
    first.env.pass(100);
    first.script_refresh("2");
    first.env.hold_answers(false);
    overlap.settle();
    for call in calls {
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    }
    assert_eq!(first.env.sent(), [REFRESH]);
}

#[test]
fn a_tab_that_forces_a_refresh_later_gets_one_of_its_own() {
    let first = Stage::signed_in();
    let second = first.another();
    second.initialize().unwrap();
    first.script_refresh("2");
    first.get_tokens(FORCE).unwrap();
    first.env.pass(10);
    first.script_refresh("3");
    assert_eq!(refresh_token(&second.get_tokens(FORCE).unwrap()), "refresh-3");
    assert_eq!(first.env.sent(), [REFRESH, REFRESH]);
}

#[test]
fn a_caller_who_gives_up_does_not_end_the_refresh_of_the_others() {
    let stage = Stage::expired();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let (first, abort) = overlap.guarded(&stage, "{}");
    let second = overlap.get_tokens(&stage, "{}");
    let hasty = overlap.get_tokens(&stage, r#"{"timeout":100}"#);
    overlap.settle();
    abort.abort();
    stage.env.pass(100);
    assert_eq!(first.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(hasty.outcome().unwrap_err().code, Code::Timeout);
    stage.script_refresh("2");
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(refresh_token(&second.outcome().unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_service_that_is_silent_is_given_ten_seconds_and_the_next_tab_its_turn() {
    let first = Stage::expired();
    let second = first.another();
    second.initialize().unwrap();
    first.env.hold_answers(true);
    let overlap = Overlap::of(&first);
    let call = overlap.get_tokens(&first, "{}");
    first.env.pass(9_999);
    assert!(call.is_pending());
    let other = overlap.get_tokens(&second, "{}");
    first.env.pass(1);
    assert_eq!(call.outcome().unwrap_err().code, Code::Timeout);
    first.script_refresh("2");
    first.env.hold_answers(false);
    overlap.settle();
    assert_eq!(refresh_token(&other.outcome().unwrap()), "refresh-2");
    assert_eq!((first.state(), first.notified()), (UserState::SignedIn, vec![]));
    assert_eq!(first.env.sent(), [REFRESH, REFRESH]);
}

#[test]
fn a_frozen_tab_that_has_the_lock_does_not_stop_the_others() {
    let stage = Stage::expired();
    let frozen = stage.run(stage.env.lock(&format!("{KEY}/refresh"), 0));
    assert!(frozen.is_some());
    stage.script_refresh("2");
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    stage.env.pass(14_999);
    assert!(call.is_pending());
    stage.env.pass(1);
    assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
}

#[test]
fn a_refresh_that_a_page_left_behind_is_taken_up_by_the_next_page() {
    let crashed = Stage::signed_in();
    crashed.env.hold_answers(true);
    let overlap = Overlap::of(&crashed);
    let _call = overlap.guarded(&crashed, FORCE);
    overlap.settle();
    crashed.client.close();
    crashed.env.settle();
    assert_eq!(crashed.env.sent(), [REFRESH]);
    assert!(crashed.stored_session().unwrap().journal.is_some());

    crashed.env.hold_answers(false);
    crashed.script_refresh("2");
    let next = crashed.another();
    assert_eq!(next.initialize(), Ok(UserState::SignedIn));
    assert_eq!(
        next.env.sent(),
        [REFRESH],
        "the grace period of the old refresh token is short"
    );
    assert_eq!(next.stored_token().as_deref(), Some("refresh-2"));
    assert!(next.stored_session().unwrap().journal.is_none());
    assert_eq!(next.notified(), []);
}

#[test]
fn a_refresh_that_a_page_left_behind_is_taken_up_by_an_open_tab() {
    let crashed = Stage::signed_in();
    let open = crashed.another();
    open.initialize().unwrap();
    crashed.env.hold_answers(true);
    let overlap = Overlap::of(&crashed);
    let _call = overlap.guarded(&crashed, FORCE);
    overlap.settle();
    crashed.client.close();
    open.client.signal(Signal::Changed);
    open.env.pass(11_999);
    assert_eq!(open.env.sent(), [REFRESH]);
    open.script_refresh("2");
    open.env.hold_answers(false);
    open.env.pass(1);
    assert_eq!(open.env.sent(), [REFRESH]);
    assert_eq!(open.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_tab_that_is_only_slow_is_left_alone_by_the_others() {
    let slow = Stage::signed_in();
    let open = slow.another();
    open.initialize().unwrap();
    slow.env.hold_answers(true);
    let overlap = Overlap::of(&slow);
    let call = overlap.get_tokens(&slow, FORCE);
    overlap.settle();
    open.client.signal(Signal::Changed);
    slow.env.pass(8_000);
    slow.script_refresh("2");
    slow.env.hold_answers(false);
    slow.env.pass(60_000);
    assert!(call.outcome().is_ok());
    assert_eq!(slow.env.sent(), [REFRESH]);
}

#[test]
fn a_refusal_says_whether_the_refresh_token_had_been_used_before() {
    for (exception, reason) in [
        ("RefreshTokenReuseException", Reason::Reuse),
        ("NotAuthorizedException", Reason::RefreshRefused),
        ("UserNotFoundException", Reason::RefreshRefused),
        ("PasswordResetRequiredException", Reason::RefreshRefused),
    ] {
        let stage = Stage::expired();
        stage.env.refuse(REFRESH, exception);
        stage.env.always_answer("RevokeToken", 200, &json!({}));
        let error = stage.get_tokens("{}").unwrap_err();
        assert_eq!(error.code, Code::NotSignedIn);
        assert_eq!(error.service_exception.as_deref(), Some(exception));
        assert_eq!(stage.notified_with_reasons(), [(INVALID, Some(reason))]);
        assert_eq!(stage.client.snapshot().reason, Some(reason));
    }
}

#[test]
fn tokens_that_cannot_be_renewed_are_served_until_they_expire_and_then_die_once() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    let forced = stage.get_tokens(FORCE).unwrap_err();
    assert_eq!(forced.code, Code::NotAuthorized);
    assert_eq!(stage.events(), ["tokenRefreshFailed"]);
    assert_eq!(stage.state(), UserState::SignedIn);
    // Also in the last two minutes, when tokens are otherwise renewed, and on the next page.
    let next = stage.another();
    for (page, time) in [(&stage, HOUR / 2), (&next, HOUR / 2 - 1)] {
        page.env.pass(time);
        page.initialize().unwrap();
        assert_eq!(refresh_token(&page.get_tokens("{}").unwrap()), "refresh-1");
        assert_eq!((page.state(), page.notified()), (UserState::SignedIn, vec![]));
    }
    stage.env.pass(1);
    for page in [&stage, &next] {
        for _ in 0..2 {
            assert_eq!(page.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
        }
        assert_eq!(page.notified_with_reasons(), [(INVALID, Some(Reason::RefreshRefused))]);
    }
    assert_eq!(stage.env.sent(), [REFRESH], "a refused token is not tried again");
    assert!(!stage.env.stored()[KEY].contains("refresh-1"));
}

#[test]
fn a_refused_token_that_another_tab_has_replaced_meanwhile_ends_nothing() {
    for exception in ["RefreshTokenReuseException", "NotAuthorizedException"] {
        let stage = Stage::expired();
        stage.env.hold_answers(true);
        let overlap = Overlap::of(&stage);
        let call = overlap.get_tokens(&stage, "{}");
        overlap.settle();
        let now = stage.env.now();
        write_from_elsewhere(&stage, |session| renewed(session, "2", now));
        let theirs = stage.env.stored()[KEY].clone();
        stage.env.refuse(REFRESH, exception);
        stage.env.hold_answers(false);
        overlap.settle();
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
        assert_eq!(stage.env.stored()[KEY], theirs, "nothing of it was touched");
        assert_eq!(stage.events(), ["tokensRefreshed"]);
        assert_eq!(
            (stage.state(), stage.client.snapshot().reason),
            (UserState::SignedIn, Some(Reason::UserAction))
        );
    }
}

#[test]
fn tokens_that_arrive_after_another_tab_has_revoked_their_family_are_dropped() {
    let stage = Stage::expired();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    write_from_elsewhere(&stage, |session| session.refused(Reason::Reuse, false));
    stage.script_refresh("2");
    stage.env.always_answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::NotSignedIn);
    assert_eq!((stage.state(), stage.stored_token()), (INVALID, Some(String::new())));
    assert_eq!(stage.env.sent(), [REFRESH, "RevokeToken"]);
}

#[test]
fn a_slow_answer_does_not_take_the_place_of_a_newer_one() {
    let stage = Stage::expired();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    let now = stage.env.now();
    write_from_elsewhere(&stage, |session| renewed(session, "3", now));
    stage.script_refresh("2");
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-3");
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-3"));
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-3");
}

#[test]
fn the_device_that_tokens_are_bound_to_goes_along_with_their_refresh() {
    let stage = Stage::ready();
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": "us-east-1_d", "DeviceGroupKey": "g"});
    stage.script_sign_in_with(&result);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    stage.env.sent();
    let page = stage.another();
    page.initialize().unwrap();
    page.env.refuse(REFRESH, "UnknownOperationException");
    page.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    page.get_tokens(FORCE).unwrap();
    let bodies = page.env.bodies();
    assert_eq!(bodies[0]["DeviceKey"], "us-east-1_d");
    assert_eq!(bodies[1]["AuthParameters"]["DEVICE_KEY"], "us-east-1_d");
}

#[test]
fn the_journal_is_stored_before_the_request_goes_out() {
    let stage = Stage::expired();
    stage.env.hold_answers(true);
    let now = stage.env.now();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    assert_eq!(stage.stored_session().unwrap().journal, Some(Journal::begun(now)));
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
    stage.script_refresh("2");
    stage.env.hold_answers(false);
    overlap.settle();
    call.outcome().unwrap();
    assert_eq!(stage.stored_session().unwrap().journal, None);
}
