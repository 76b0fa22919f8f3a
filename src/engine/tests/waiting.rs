//! The wait for a user who must sign in again.

use super::support::{FORCE, HOUR, LOCALLY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};
use crate::ports::Signal;

const INVALID: UserState = UserState::SignedOutUserPoolsTokenInvalid;

/// With expired tokens that the service is going to refuse, and listeners.
fn dying() -> Stage {
    let stage = Stage::expired();
    stage.listen(true);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage
}

#[test]
fn a_caller_who_sees_the_tokens_die_waits_for_the_sign_in_and_is_notified_of_once() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    stage.env.pass(1000);
    assert!(call.is_pending());
    assert_eq!(stage.notified_with_reasons(), [(INVALID, Some(Reason::RefreshRefused))]);
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    assert_eq!(stage.notified(), [UserState::SignedIn]);
    assert_eq!(stage.env.sent(), [REFRESH, "InitiateAuth", "RespondToAuthChallenge"]);
}

#[test]
fn fifty_callers_who_see_the_tokens_die_together_are_one_reason_to_ask() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    stage.env.pass(1000);
    assert!(calls.iter().all(|call| call.is_pending()));
    assert_eq!(stage.notified(), [INVALID]);
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    for call in calls {
        assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    }
}

#[test]
fn later_waiter_makes_the_app_ask_again() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    for _ in 0..2 {
        let calls: Vec<_> = (0..3).map(|_| overlap.get_tokens(&stage, "{}")).collect();
        stage.env.pass(1000);
        assert!(calls.iter().all(|call| call.is_pending()));
        assert_eq!(stage.notified_with_reasons(), [(INVALID, Some(Reason::RefreshRefused))]);
    }
    assert_eq!(
        stage.env.sent(),
        Vec::<String>::new(),
        "a dead token is not tried again"
    );
}

#[test]
fn page_that_starts_with_ended_tokens_asks_when_a_call_waits() {
    let page = Stage::dead().another();
    page.listen(true);
    assert_eq!(page.initialize(), Ok(INVALID));
    assert_eq!(page.notified(), []);
    let overlap = Overlap::of(&page);
    let call = overlap.get_tokens(&page, "{}");
    page.env.pass(0);
    assert!(call.is_pending());
    assert_eq!(page.notified_with_reasons(), [(INVALID, Some(Reason::RefreshRefused))]);
    let notice = page.client.snapshot();
    assert_eq!(
        (notice.username.as_deref(), notice.reason),
        (Some("alice"), Some(Reason::RefreshRefused))
    );
}

#[test]
fn who_was_waited_for_may_be_another_user() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    stage.script_sign_in_with(&tokens("bob", "2"));
    stage.sign_in().unwrap();
    assert_eq!(call.outcome().unwrap().username(), Some("bob"));
}

#[test]
fn a_forced_caller_who_waited_takes_the_tokens_of_the_sign_in() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, FORCE);
    overlap.settle();
    assert!(call.is_pending());
    stage.env.sent();
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), ["InitiateAuth", "RespondToAuthChallenge"]);
}

#[test]
fn a_wait_goes_on_while_a_sign_in_fails() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    stage.env.refuse("InitiateAuth", "NotAuthorizedException");
    stage.sign_in().unwrap_err();
    assert!(call.is_pending());
    assert_eq!(stage.state(), INVALID);
}

#[test]
fn a_sign_out_ends_every_wait() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    assert_eq!(stage.notified(), [INVALID]);
    stage.sign_out(LOCALLY).unwrap();
    for call in calls {
        assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    }
    assert_eq!(stage.notified(), [UserState::SignedOut]);
}

#[test]
fn a_release_ends_fifty_waits_and_changes_nothing_else() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let calls: Vec<_> = (0..50).map(|_| overlap.get_tokens(&stage, "{}")).collect();
    overlap.settle();
    assert_eq!(stage.notified(), [INVALID]);
    stage.client.release_sign_in_wait();
    stage.env.pass(1000);
    for call in calls {
        assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    }
    assert_eq!((stage.state(), stage.notified()), (INVALID, vec![]));
    let later = overlap.get_tokens(&stage, "{}");
    stage.env.pass(1000);
    assert!(later.is_pending(), "a call that comes later waits again");
    assert_eq!(stage.notified(), [INVALID]);
}

#[test]
fn release_without_a_waiter_changes_nothing() {
    let signed_out = Stage::ready();
    signed_out.client.release_sign_in_wait();
    assert_eq!(signed_out.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    assert_eq!(
        (signed_out.state(), signed_out.notified()),
        (UserState::SignedOut, vec![])
    );

    let alice = Stage::signed_in();
    let overlap = Overlap::of(&alice);
    alice.env.hold_answers(true);
    let refresh = overlap.get_tokens(&alice, FORCE);
    overlap.settle();
    alice.client.release_sign_in_wait();
    overlap.settle();
    assert!(refresh.is_pending(), "a refresh is no wait for the user");
    alice.script_refresh("2");
    alice.env.hold_answers(false);
    overlap.settle();
    assert!(refresh.outcome().is_ok());

    Stage::bare().client.release_sign_in_wait();
}

#[test]
fn a_wait_ends_after_ten_minutes_or_as_the_app_says() {
    for (options, bound) in [("{}", 600_000), (r#"{"signInWaitTimeout":5000}"#, 5000)] {
        let stage = Stage::dead().another();
        stage.listen(true);
        stage.initialize_with(options).unwrap();
        let overlap = Overlap::of(&stage);
        let call = overlap.get_tokens(&stage, "{}");
        stage.env.pass(bound - 1);
        assert!(call.is_pending(), "{options}");
        stage.env.pass(1);
        assert_eq!(call.outcome().unwrap_err().code, Code::Timeout, "{options}");
        assert_eq!((stage.state(), stage.notified()), (INVALID, vec![INVALID]));
    }
}

#[test]
fn a_caller_may_wait_for_less_time_than_others() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    let patient = overlap.get_tokens(&stage, "{}");
    let hasty = overlap.get_tokens(&stage, r#"{"timeout":1000}"#);
    stage.env.pass(999);
    assert!(hasty.is_pending());
    stage.env.pass(1);
    assert_eq!(hasty.outcome().unwrap_err().code, Code::Timeout);
    assert!(patient.is_pending());
}

#[test]
fn a_caller_may_give_up_waiting() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    let patient = overlap.get_tokens(&stage, "{}");
    let (gone, abort) = overlap.guarded(&stage, "{}");
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(gone.outcome().unwrap_err().code, Code::Aborted);
    assert!(patient.is_pending());
    assert_eq!(stage.state(), INVALID);
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert!(patient.outcome().is_ok());
}

#[test]
fn without_a_listener_a_call_waits_only_when_asked_to() {
    for (listening, options, waits) in [
        (false, "{}", false),
        (true, "{}", true),
        (true, r#"{"waitForSignIn":false}"#, false),
        (false, r#"{"waitForSignIn":true}"#, true),
    ] {
        let stage = dying();
        stage.listen(listening);
        let overlap = Overlap::of(&stage);
        // The first call sees the tokens die, the second finds them dead.
        for _ in 0..2 {
            let call = overlap.get_tokens(&stage, options);
            overlap.settle();
            assert_eq!(call.is_pending(), waits, "{listening} {options}");
            if !waits {
                assert_eq!(call.outcome().unwrap_err().code, Code::NotSignedIn);
            }
        }
        assert_eq!(stage.env.sent(), [REFRESH]);
    }
}

#[test]
fn no_call_waits_for_a_user_who_signed_out() {
    let stage = Stage::signed_in();
    stage.listen(true);
    stage.sign_out(LOCALLY).unwrap();
    let code = |options| stage.get_tokens(options).unwrap_err().code;
    assert_eq!(
        (code("{}"), code(r#"{"waitForSignIn":true}"#)),
        (Code::NotSignedIn, Code::NotSignedIn)
    );
}

#[test]
fn a_failed_connection_is_no_reason_to_wait_for_the_user() {
    let stage = Stage::expired();
    stage.listen(true);
    stage.env.cut(REFRESH);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

#[test]
fn a_sign_in_in_another_tab_ends_the_wait() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    stage.env.pass(0);
    let other = stage.another();
    other.initialize().unwrap();
    other.script_sign_in_with(&tokens("alice", "2"));
    other.sign_in().unwrap();
    assert!(call.is_pending());
    stage.notified();
    stage.client.signal(Signal::Changed);
    stage.env.settle();
    assert_eq!(refresh_token(&call.outcome().unwrap()), "refresh-2");
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedIn, Some(Reason::OtherTab))]
    );
}

#[test]
fn a_sign_out_in_another_tab_ends_the_wait_too() {
    let stage = Stage::dead();
    let other = stage.another();
    other.initialize().unwrap();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    stage.env.pass(0);
    stage.notified();
    other.sign_out(LOCALLY).unwrap();
    stage.client.signal(Signal::Changed);
    stage.env.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::UnableToSignIn);
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::OtherTab))]
    );
}

#[test]
fn tokens_that_die_again_after_the_sign_in_are_notified_again() {
    let stage = dying();
    let overlap = Overlap::of(&stage);
    let call = overlap.get_tokens(&stage, "{}");
    overlap.settle();
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert!(call.outcome().is_ok());
    stage.notified();
    stage.env.pass(HOUR);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    let again = overlap.get_tokens(&stage, "{}");
    stage.env.pass(1000);
    assert!(again.is_pending());
    assert_eq!(stage.notified(), [INVALID]);
}
