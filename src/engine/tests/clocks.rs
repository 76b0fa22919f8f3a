//! Clocks that are wrong, are set, or stand still.

use super::support::{FORCE, HOUR, LOCALLY, NOW, Overlap, REFRESH, Stage, refresh_token};
use crate::core::error::Code;
use crate::core::user_state::UserState;

const JUMPS: [i64; 4] = [-86_400, -7_200, 7_200, 86_400];

#[test]
fn after_a_jump_of_the_clock_one_refresh_sets_things_right() {
    for jump in JUMPS {
        let stage = Stage::signed_in();
        stage.env.pass(600_000);
        stage.env.set_now(NOW + 600 + jump);
        stage.script_refresh("2");
        for _ in 0..5 {
            assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2", "{jump}");
            stage.env.pass(1_000);
        }
        assert_eq!(stage.env.sent(), [REFRESH], "{jump}");
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
        // And the new tokens are kept as long as any others.
        stage.env.pass(HOUR - 200_000);
        assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2", "{jump}");
        stage.script_refresh("3");
        stage.env.pass(100_000);
        assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-3", "{jump}");
        assert_eq!(stage.env.sent(), [REFRESH], "{jump}");
    }
}

#[test]
fn after_a_jump_of_the_clock_a_page_that_is_reloaded_refreshes_once() {
    for jump in JUMPS {
        let stage = Stage::signed_in();
        stage.env.set_now(NOW + jump);
        let page = stage.another();
        page.initialize().unwrap();
        page.script_refresh("2");
        for _ in 0..5 {
            assert_eq!(refresh_token(&page.get_tokens("{}").unwrap()), "refresh-2", "{jump}");
        }
        assert_eq!(page.env.sent(), [REFRESH], "{jump}");
    }
}

#[test]
fn after_a_jump_of_the_clock_no_token_of_unknown_age_is_served() {
    for jump in JUMPS {
        let stage = Stage::signed_in();
        stage.env.set_now(NOW + jump);
        stage.env.cut(REFRESH);
        assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network, "{jump}");
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
        assert_eq!(stage.env.sent(), [REFRESH], "{jump}");
    }
}

#[test]
fn a_clock_that_is_set_back_and_forth_serves_no_dead_token() {
    let stage = Stage::signed_in();
    // Two hours pass, and the wall clock is set back so that the tokens look an hour old at most.
    stage.env.pass(2 * HOUR);
    stage.env.set_now(NOW + 60);
    stage.env.cut(REFRESH);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
}

#[test]
fn a_device_that_slept_for_eight_hours_refreshes_before_it_serves() {
    let stage = Stage::signed_in();
    stage.env.sleep_device(8 * HOUR);
    stage.script_refresh("2");
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert_eq!(stage.notified(), []);
}

#[test]
fn a_call_in_the_middle_of_a_jump_ends_after_two_requests_at_most() {
    for jump in JUMPS {
        let stage = Stage::signed_in();
        stage.env.pass(1_000);
        stage.env.hold_answers(true);
        let overlap = Overlap::of(&stage);
        let call = overlap.get_tokens(&stage, FORCE);
        overlap.settle();
        stage.env.set_now(NOW + jump);
        stage
            .env
            .always_answer(REFRESH, 200, &super::support::tokens("alice", "2"));
        stage.env.hold_answers(false);
        overlap.settle();
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2", "{jump}");
        assert!(stage.env.sent().len() <= 2, "{jump}");
    }
}

#[test]
fn a_jump_of_the_clock_does_not_make_a_pause_longer() {
    for jump in JUMPS {
        let stage = Stage::expired();
        stage.env.answer_later(REFRESH, 300);
        stage.get_tokens("{}").unwrap_err();
        stage.env.set_now(NOW + 4_200 + jump);
        stage.script_refresh("2");
        stage.env.pass(300_000);
        assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2", "{jump}");
        assert_eq!(stage.env.sent(), [REFRESH, REFRESH], "{jump}");
    }
}

#[test]
fn a_record_from_before_a_jump_back_is_written_over() {
    let stage = Stage::signed_in();
    stage.env.set_now(NOW - 86_400);
    stage.script_refresh("2");
    stage.get_tokens("{}").unwrap();
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    let page = stage.another();
    assert_eq!(page.initialize(), Ok(UserState::SignedIn));
    assert_eq!(refresh_token(&page.get_tokens("{}").unwrap()), "refresh-2");
    page.sign_out(super::support::LOCALLY).unwrap();
    assert_eq!(stage.another().initialize(), Ok(UserState::SignedOut));
}

#[test]
fn refused_tokens_of_unknown_age_are_not_served() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens(FORCE).unwrap_err();
    assert!(stage.get_tokens("{}").is_ok());
    stage.env.set_now(NOW - 7_200);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn refused_tokens_that_have_died_are_gone_although_the_clock_was_set_back() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens(FORCE).unwrap_err();
    stage.env.pass(HOUR);
    // By the wall clock they live for half an hour more, by the other one they are dead.
    stage.env.set_now(NOW + 1_800);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert!(stage.stored_session().unwrap().needs_sign_in());
    let other = stage.another();
    assert_eq!(other.initialize().unwrap(), UserState::SignedOutUserPoolsTokenInvalid);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn no_two_sessions_have_one_number_although_the_clock_was_set_back() {
    let stage = Stage::ready();
    let mut numbers = Vec::new();
    for round in 0..20 {
        stage.script_sign_in("alice");
        stage.sign_in().unwrap();
        numbers.push(stage.stored_session().unwrap().id);
        stage.sign_out(LOCALLY).unwrap();
        stage.env.set_now(NOW - 86_400 * round);
    }
    assert!(numbers.is_sorted_by(|earlier, later| earlier < later), "{numbers:?}");
}

#[test]
fn what_tokens_have_lived_before_they_arrive_is_taken_off_by_the_service_s_clock() {
    // The device's clock is wrong by a day, so only the service's says how old the tokens are.
    let stage = Stage::ready();
    stage.env.set_now(NOW + 86_400);
    stage.env.date_answers(NOW + 60);
    stage
        .env
        .answer("InitiateAuth", 200, &super::support::tokens("alice", "1"));
    stage.sign_in().unwrap();
    stage.env.sent();
    stage.env.pass(HOUR - 180_001);
    assert!(stage.get_tokens("{}").is_ok());
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    stage.env.pass(1);
    stage.script_refresh("2");
    stage.get_tokens("{}").unwrap();
    assert_eq!(stage.env.sent(), [REFRESH]);
}
