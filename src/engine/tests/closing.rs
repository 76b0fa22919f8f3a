//! Calls that their caller ends, and clients that are closed.

use serde_json::json;

use super::support::{FORCE, HOUR, Overlap, Pending, REFRESH, SIGNED_IN, Stage, credentials, refresh_token, tokens};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::engine::{Abort, SignInResult};
use crate::ports::Signal;

/// A sign-in that can be aborted.
fn guarded_sign_in(overlap: &Overlap, stage: &Stage) -> (Pending<Result<SignInResult, AuthError>>, Abort) {
    let (client, abort) = (stage.client.clone(), Abort::default());
    let given = abort.clone();
    let call = async move { client.guard(&given, client.sign_in(credentials())).await };
    (overlap.start(call), abort)
}

#[test]
fn a_client_that_is_closed_ends_every_call_and_wait() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    let waits: Vec<_> = (0..3).map(|_| overlap.guarded(&stage, "{}").0).collect();
    overlap.settle();
    stage.notified();
    stage.client.close();
    overlap.settle();
    for wait in waits {
        assert_eq!(wait.outcome().unwrap_err().code, Code::InvalidState);
    }
    assert_eq!(stage.notified(), []);
}

#[test]
fn a_closed_client_refuses_every_call_and_may_be_closed_again() {
    let stage = Stage::signed_in();
    stage.client.close();
    stage.client.close();
    let overlap = Overlap::of(&stage);
    let (late, _) = overlap.guarded(&stage, "{}");
    let (sign_in, _) = guarded_sign_in(&overlap, &stage);
    overlap.settle();
    assert_eq!(late.outcome().unwrap_err().code, Code::InvalidState);
    assert_eq!(sign_in.outcome().unwrap_err().code, Code::InvalidState);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    Stage::bare().client.close();
}

#[test]
fn a_closed_client_leaves_the_session_to_the_next() {
    let stage = Stage::signed_in();
    stage.client.close();
    let next = stage.another();
    assert_eq!(next.initialize(), Ok(UserState::SignedIn));
    assert_eq!(refresh_token(&next.get_tokens("{}").unwrap()), "refresh-1");
}

#[test]
fn nothing_of_a_closed_client_goes_on() {
    let renewing = Stage::bare();
    renewing.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
    renewing.script_sign_in("alice");
    renewing.sign_in().unwrap();
    let recovering = Stage::expired();
    recovering.env.cut(REFRESH);
    recovering.get_tokens("{}").unwrap_err();
    for stage in [renewing, recovering] {
        stage.env.sent();
        stage.notices.take();
        stage.client.close();
        for signal in [
            Signal::Changed,
            Signal::Online,
            Signal::Visible,
            Signal::Suspended,
            Signal::Resumed,
        ] {
            stage.client.signal(signal);
        }
        stage.client.release_sign_in_wait();
        stage.env.pass(3 * HOUR);
        assert_eq!(stage.env.sent(), Vec::<String>::new());
        assert!(stage.notices.borrow().is_empty());
    }
}

#[test]
fn a_client_that_is_closed_in_a_refresh_gives_its_lock_up() {
    let stage = Stage::expired();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let (call, _) = overlap.guarded(&stage, "{}");
    overlap.settle();
    stage.client.close();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::InvalidState);
    stage.env.hold_answers(false);
    stage.script_refresh("2");
    let next = stage.another();
    next.initialize().unwrap();
    assert_eq!(refresh_token(&next.get_tokens("{}").unwrap()), "refresh-2");
}

#[test]
fn clients_that_come_and_go_leave_one_refresh() {
    let first = Stage::signed_in();
    for _ in 0..100 {
        let client = first.another();
        client.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
        client.client.close();
    }
    let last = first.another();
    last.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
    last.script_refresh("2");
    last.env.pass(HOUR);
    assert_eq!(last.env.sent(), [REFRESH]);
}

#[test]
fn a_sign_in_that_is_aborted_begins_no_session_and_another_may_begin() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let (call, abort) = guarded_sign_in(&overlap, &stage);
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    stage.env.hold_answers(false);
    stage.env.settle();
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
    stage.script_sign_in("alice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
}

#[test]
fn a_sign_in_that_is_aborted_while_it_is_stored_leaves_no_session_anywhere() {
    let stage = Stage::ready();
    stage.env.hold_answers(true);
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    let overlap = Overlap::of(&stage);
    let (call, abort) = guarded_sign_in(&overlap, &stage);
    overlap.settle();
    assert_eq!(stage.env.sent(), ["InitiateAuth"]);
    stage.env.hold_store(true);
    stage.env.hold_answers(false);
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_store(false);
    overlap.settle();
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
    assert!(stage.stored_session().is_none());
}

#[test]
fn a_sign_out_that_is_aborted_is_done_all_the_same() {
    let stage = Stage::signed_in();
    stage.env.hold_store(true);
    let overlap = Overlap::of(&stage);
    let (client, abort) = (stage.client.clone(), Abort::default());
    let given = abort.clone();
    let options = crate::engine::options::SignOutOptions::parse(super::support::LOCALLY).unwrap();
    let call = overlap.start(async move { client.guard(&given, client.sign_out(options)).await });
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    stage.env.hold_store(false);
    overlap.settle();
    assert_eq!(
        (stage.state(), stage.notified()),
        (UserState::SignedOut, vec![UserState::SignedOut])
    );
    assert!(stage.stored_session().is_none());
}

#[test]
fn an_abort_before_the_call_sends_nothing() {
    let stage = Stage::signed_in();
    let (client, abort) = (stage.client.clone(), Abort::default());
    abort.abort();
    let options = crate::engine::options::GetTokensOptions::parse(FORCE).unwrap();
    let result = stage.run(client.guard(&abort, client.get_tokens(options)));
    stage.env.pass(1_000);
    assert_eq!(result.unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}
