//! Attempts that fail: how often they are repeated, by whom, and what goes on by itself.

use super::support::{HOUR, KEY, Overlap, REFRESH, Stage, refresh_token};
use crate::core::error::Code;
use crate::core::record::Record;
use crate::core::user_state::UserState;
use crate::ports::Signal;

/// After two failures: the first one costs no pause.
fn paused() -> Stage {
    let stage = Stage::expired();
    for _ in 0..2 {
        stage.env.refuse(REFRESH, "TooManyRequestsException");
        stage.get_tokens("{}").unwrap_err();
    }
    assert_eq!(stage.env.sent(), [REFRESH, REFRESH]);
    stage.notified();
    stage
}

#[test]
fn in_a_pause_calls_are_rejected_at_once_with_the_last_error_and_send_nothing() {
    let stage = paused();
    for _ in 0..100 {
        let error = stage.get_tokens("{}").unwrap_err();
        assert_eq!((error.code, error.retryable), (Code::TooManyRequests, true));
    }
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(
        stage.events(),
        Vec::<&str>::new(),
        "nothing has happened that is worth telling"
    );
}

#[test]
fn the_pause_holds_for_every_tab_also_for_one_that_is_opened_in_it() {
    let first = Stage::expired();
    let second = first.another();
    second.initialize().unwrap();
    for _ in 0..2 {
        first.env.cut(REFRESH);
        first.get_tokens("{}").unwrap_err();
    }
    let third = first.another();
    third.initialize().unwrap();
    first.env.sent();
    for tab in [&second, &third] {
        let error = tab.get_tokens("{}").unwrap_err();
        assert_eq!((error.code, error.retryable), (Code::Network, true));
        assert_eq!((tab.state(), tab.notified()), (UserState::SignedIn, vec![]));
    }
    assert_eq!(first.env.sent(), Vec::<String>::new());
}

#[test]
fn a_failed_refresh_is_repeated_at_growing_intervals_until_it_succeeds() {
    let stage = Stage::expired();
    stage.env.always_cut(REFRESH);
    stage.get_tokens("{}").unwrap_err();
    stage.env.pass(700);
    assert_eq!(stage.env.sent(), [REFRESH]);
    // One second twice, then two and four, less a quarter at most.
    for time in [300, 1_000, 2_000, 4_000] {
        stage.env.pass(time);
        assert_eq!(stage.env.sent(), [REFRESH], "{time}");
    }
    stage.notified();
    stage.script_refresh("2");
    stage.env.pass(8_000);
    assert_eq!(stage.events(), ["tokensRefreshed"]);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert!(
        stage.stored_session().unwrap().journal.is_none(),
        "the next failure starts from the shortest pause again"
    );
}

#[test]
fn a_service_that_asks_for_a_pause_gets_it() {
    let first = Stage::expired();
    let second = first.another();
    second.initialize().unwrap();
    first.env.answer_later(REFRESH, 30);
    assert_eq!(first.get_tokens("{}").unwrap_err().retry_after, Some(30));
    for _ in 0..29 {
        first.env.pass(1_000);
        first.get_tokens("{}").unwrap_err();
        second.get_tokens("{}").unwrap_err();
    }
    first.env.pass(999);
    assert_eq!(first.env.sent(), [REFRESH]);
    first.script_refresh("2");
    first.env.pass(1);
    assert_eq!(first.env.sent(), [REFRESH]);
    assert_eq!(refresh_token(&second.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(first.env.sent(), Vec::<String>::new());
}

// Scenario 10 of the peers' failures.
#[test]
fn ten_minutes_without_a_service_cost_a_dozen_requests_however_many_tabs_ask_however_often() {
    let first = Stage::expired();
    first.env.always_cut(REFRESH);
    let mut tabs: Vec<_> = (0..19).map(|_| first.another()).collect();
    for tab in &tabs {
        tab.initialize().unwrap();
    }
    tabs.push(first);
    for _ in 0..6000 {
        for tab in &tabs {
            assert!(tab.get_tokens("{}").unwrap_err().retryable);
        }
        tabs[0].env.pass(100);
    }
    let requests = tabs[0].env.sent().len();
    assert!((8..=12).contains(&requests), "{requests}");
    assert!(
        tabs.iter()
            .all(|tab| tab.state() == UserState::SignedIn && tab.notified().is_empty())
    );
    // And afterwards it is over soon, for everybody, without a call.
    tabs[0].script_refresh("2");
    tabs[0].env.pass(300_000);
    assert_eq!(tabs[0].env.sent(), [REFRESH]);
    for tab in &tabs {
        assert_eq!(refresh_token(&tab.get_tokens("{}").unwrap()), "refresh-2");
    }
}

#[test]
fn refreshes_stop_once_no_call_has_wanted_tokens_for_long() {
    let stage = Stage::expired();
    stage.env.always_cut(REFRESH);
    stage.get_tokens("{}").unwrap_err();
    stage.env.pass(24 * HOUR);
    let attempts = stage.env.sent().len();
    assert!((2..=12).contains(&attempts), "{attempts}");
}

#[test]
fn a_sign_out_ends_the_attempts() {
    let stage = Stage::expired();
    stage.env.cut(REFRESH);
    stage.get_tokens("{}").unwrap_err();
    stage.env.sent();
    stage.sign_out(super::support::LOCALLY).unwrap();
    stage.env.pass(HOUR);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn news_of_the_connection_ends_the_pause() {
    for signal in [Signal::Online, Signal::Visible, Signal::Resumed] {
        let stage = paused();
        stage.env.pass(10);
        stage.script_refresh("2");
        stage.client.signal(signal);
        stage.env.settle();
        assert_eq!(stage.env.sent(), [REFRESH], "{signal:?}");
        assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
    }
}

#[test]
fn news_of_the_connection_does_not_end_a_pause_that_the_service_has_asked_for() {
    let stage = Stage::expired();
    stage.env.answer_later(REFRESH, 300);
    stage.get_tokens("{}").unwrap_err();
    stage.env.pass(10);
    stage.client.signal(Signal::Online);
    stage.env.pass(299_000);
    assert_eq!(stage.env.sent(), [REFRESH]);
    stage.script_refresh("2");
    stage.env.pass(10_000);
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
}

#[test]
fn a_failed_refresh_keeps_back_no_token_that_is_still_alive() {
    let stage = Stage::signed_in();
    stage.env.pass(HOUR - 60_000);
    stage.env.always_cut(REFRESH);
    for _ in 0..3 {
        assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-1");
    }
    assert_eq!(
        stage.env.sent(),
        [REFRESH, REFRESH],
        "the first failure costs no pause, the second does"
    );
    stage.env.pass(60_000);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
}

#[test]
fn background_refresh_renews_tokens_some_minutes_before_they_expire() {
    let first = Stage::bare();
    let options = r#"{"backgroundRefresh":true}"#;
    first.initialize_with(options).unwrap();
    first.script_sign_in("alice");
    first.sign_in().unwrap();
    first.env.sent();
    let second = first.another();
    second.initialize_with(options).unwrap();
    first.notified();
    // Three minutes before the two minutes before they expire.
    first.env.pass(HOUR - 300_001);
    assert_eq!(first.env.sent(), Vec::<String>::new());
    first.script_refresh("2");
    first.env.pass(1);
    assert_eq!(first.env.sent(), [REFRESH], "the two tabs send one request");
    second.client.signal(Signal::Changed);
    second.env.settle();
    for tab in [&first, &second] {
        assert_eq!(tab.events(), ["tokensRefreshed"]);
        assert_eq!(refresh_token(&tab.get_tokens("{}").unwrap()), "refresh-2");
    }
    first.script_refresh("3");
    first.env.pass(HOUR - 300_000);
    assert_eq!(first.env.sent(), [REFRESH], "and so on");
}

#[test]
fn without_background_refresh_only_calls_send_requests() {
    let stage = Stage::signed_in();
    stage.env.pass(3 * HOUR);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_background_refresh_that_fails_is_repeated() {
    let stage = Stage::bare();
    stage.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage.env.sent();
    stage.env.cut(REFRESH);
    stage.env.pass(HOUR - 300_000);
    assert_eq!(stage.env.sent(), [REFRESH]);
    stage.script_refresh("2");
    stage.env.pass(2_000);
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_background_refresh_after_a_sign_out_is_none() {
    let stage = Stage::bare();
    stage.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage.sign_out(super::support::LOCALLY).unwrap();
    stage.env.sent();
    stage.env.pass(2 * HOUR);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn calls_that_begin_while_an_attempt_is_under_way_join_it() {
    let stage = Stage::expired();
    stage.env.cut(REFRESH);
    stage.get_tokens("{}").unwrap_err();
    stage.env.hold_answers(true);
    stage.env.pass(1_000);
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..10).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    stage.script_refresh("2");
    stage.env.hold_answers(false);
    overlap.settle();
    for call in calls {
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    }
    assert_eq!(stage.env.sent(), [REFRESH, REFRESH]);
}

#[test]
fn what_another_tab_stores_meanwhile_takes_no_pause_from_the_service() {
    let first = Stage::expired();
    let second = first.another();
    second.initialize().unwrap();
    let overlap = Overlap::of(&first);
    let call = overlap.get_tokens(&first, "{}");
    overlap.settle_until_sent(&first, REFRESH);
    // As a tab does that has revoked something.
    let mut record = Record::decode(&first.env.stored()[KEY]).unwrap();
    record.generation += 1;
    first.env.put(KEY, &record.encode());
    first.env.answer_later(REFRESH, 40);
    first.env.hold_answers(false);
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Network);
    first.env.sent();
    second.client.signal(Signal::Visible);
    second.env.settle();
    assert_eq!(second.get_tokens("{}").unwrap_err().code, Code::Network);
    assert_eq!(second.env.sent(), Vec::<String>::new());
}
