//! Sign-ins that something comes in between of: a second click, another sign-in, a caller who leaves.

use serde_json::json;

use super::challenges::{asked, challenge};
use super::support::{KEY, LOCALLY, Overlap, Pending, REFRESH, SIGNED_IN, Stage, credentials, tokens};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::UserState;
use crate::engine::options::ConfirmSignInOptions;
use crate::engine::{Abort, SignInResult};
use crate::ports::Signal;

fn confirm(overlap: &Overlap, stage: &Stage, options: &str) -> Pending<Result<SignInResult, AuthError>> {
    let (client, options) = (stage.client.clone(), ConfirmSignInOptions::parse(options).unwrap());
    overlap.start(async move { client.confirm_sign_in(options).await })
}

#[test]
fn a_second_click_does_not_end_the_question_that_comes_next() {
    let stage = asked("SMS_MFA");
    let overlap = Overlap::of(&stage);
    stage.env.hold_answers(true);
    let first = confirm(&overlap, &stage, r#"{"challengeResponse":"1"}"#);
    let second = confirm(&overlap, &stage, r#"{"challengeResponse":"1"}"#);
    overlap.settle();
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &challenge("CUSTOM_CHALLENGE", "s2"));
    stage.env.answer(
        "RespondToAuthChallenge",
        400,
        &json!({"__type": "NotAuthorizedException", "message": "Invalid session for the user."}),
    );
    stage.env.hold_answers(false);
    overlap.settle();
    assert!(matches!(first.outcome(), Ok(SignInResult::Asked(_))));
    assert_eq!(second.outcome().unwrap_err().code, Code::NotAuthorized);
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(stage.answer("2"), Ok(SIGNED_IN));
}

#[test]
fn another_sign_in_or_a_sign_out_ends_the_passkey_dialog_of_the_first() {
    for by_sign_out in [false, true] {
        let stage = Stage::ready();
        stage.env.answer("InitiateAuth", 200, &challenge("WEB_AUTHN", "s1"));
        stage
            .sign_in_with(&json!({"username": "alice", "preferredChallenge": "WEB_AUTHN"}))
            .unwrap();
        let overlap = Overlap::of(&stage);
        let call = confirm(&overlap, &stage, r#"{"mediation":"conditional"}"#);
        overlap.settle();
        assert!(call.is_pending());
        if by_sign_out {
            stage.sign_out(LOCALLY).unwrap();
        } else {
            stage.env.answer("InitiateAuth", 200, &tokens("bob", "1"));
            assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
        }
        overlap.settle();
        assert!(!call.is_pending(), "{by_sign_out}");
        assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
        assert_eq!(stage.env.ceremonies().last().map(String::as_str), Some("ended"));
    }
}

#[test]
fn a_sign_out_ends_a_sign_in_that_still_waits_to_begin() {
    let stage = Stage::ready();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    let before = overlap.sign_out(&stage, LOCALLY);
    let call = overlap.sign_in(&stage);
    let after = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    assert!(call.is_pending());
    stage.env.hold_store(false);
    overlap.settle();
    assert_eq!((before.outcome(), after.outcome()), (Ok(()), Ok(())));
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.sent(), Vec::<String>::new());

    // One that was called before only keeps it waiting.
    stage.env.hold_store(true);
    let before = overlap.sign_out(&stage, LOCALLY);
    let call = overlap.sign_in(&stage);
    overlap.settle();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.env.hold_store(false);
    overlap.settle();
    assert_eq!((before.outcome(), call.outcome()), (Ok(()), Ok(SIGNED_IN)));
}

#[test]
fn a_sign_in_that_was_overtaken_registers_no_device() {
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] =
        json!({"DeviceKey": "us-east-1_new", "DeviceGroupKey": "-group"});
    for has_begun_to_register in [false, true] {
        let stage = Stage::ready();
        let overlap = Overlap::of(&stage);
        stage.env.hold_answers(true);
        let call = overlap.sign_in(&stage);
        overlap.settle();
        stage.env.answer("InitiateAuth", 200, &result);
        if has_begun_to_register {
            // The device's secrets are stored before the service is notified.
            stage.env.hold_store(true);
            stage.env.hold_answers(false);
            overlap.settle();
        }
        let out = overlap.sign_out(&stage, LOCALLY);
        overlap.settle();
        stage.env.hold_store(false);
        stage.env.answer("RevokeToken", 200, &json!({}));
        stage.env.hold_answers(false);
        overlap.settle();
        assert_eq!(
            (call.outcome().unwrap_err().code, out.outcome()),
            (Code::Aborted, Ok(()))
        );
        assert_eq!(stage.env.sent(), ["InitiateAuth", "RevokeToken"]);
        let stored = stage.env.stored().get(&format!("{KEY}/devices")).cloned();
        assert!(stored.is_none_or(|text| !text.contains("us-east-1_new")));
    }
}

#[test]
fn a_caller_who_leaves_during_the_registration_of_a_device_begins_no_session_and_keeps_no_device() {
    let stage = Stage::ready();
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] =
        json!({"DeviceKey": "us-east-1_new", "DeviceGroupKey": "-group"});
    stage.env.answer("InitiateAuth", 200, &result);
    let overlap = Overlap::of(&stage);
    let abort = Abort::default();
    let (client, given) = (stage.client.clone(), abort.clone());
    let call = overlap.start(async move { client.guard(&given, client.sign_in(credentials())).await });
    overlap.settle_until_sent(&stage, "ConfirmDevice");
    abort.abort();
    overlap.settle();
    assert_eq!(call.outcome().unwrap_err().code, Code::Aborted);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!(stage.state(), UserState::SignedOut);
    let stored = stage.env.stored().get(&format!("{KEY}/devices")).cloned();
    assert!(stored.is_none_or(|text| !text.contains("us-east-1_new")));
}

/// A tab in which a question's answer has begun a session while a sign-in by password waits for the service.
struct Beside {
    stage: Stage,
    overlap: Overlap,
    by_password: Pending<Result<SignInResult, AuthError>>,
}

impl Beside {
    fn begun() -> Self {
        let asking = asked("SMS_MFA");
        let stage = asking.another();
        stage.initialize().unwrap();
        let overlap = Overlap::of(&stage);
        stage.env.hold_answers_to("InitiateAuth", true);
        let by_password = overlap.sign_in(&stage);
        overlap.settle();
        // Another tab asks its user meanwhile, and this one takes the question up.
        let next = challenge("CUSTOM_CHALLENGE", "s2");
        stage.env.answer("RespondToAuthChallenge", 200, &next);
        asking.answer("1").unwrap();
        assert!(stage.run(stage.client.resume_sign_in()).unwrap().is_some());
        stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
        assert_eq!(stage.answer("2"), Ok(SIGNED_IN));
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
        stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
        stage.env.always_answer("RevokeToken", 200, &json!({}));
        stage.env.bodies();
        Self {
            stage,
            overlap,
            by_password,
        }
    }

    /// The service answers the sign-in by password. Which tokens are revoked.
    fn go_on(&self) -> Vec<String> {
        self.stage.env.hold_answers_to("InitiateAuth", false);
        self.overlap.settle();
        revoked(&self.stage)
    }
}

/// Which tokens have been revoked since the last look.
fn revoked(stage: &Stage) -> Vec<String> {
    let bodies = stage.env.bodies();
    let tokens = bodies.iter().filter_map(|body| body["Token"].as_str());
    tokens.map(String::from).collect()
}

#[test]
fn a_second_sign_in_in_the_same_tab_revokes_the_session_it_replaces() {
    let beside = Beside::begun();
    assert_eq!(beside.go_on(), ["refresh-1"]);
    assert_eq!(beside.by_password.outcome(), Ok(SIGNED_IN));
    assert_eq!(beside.stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_second_sign_in_that_cannot_be_stored_leaves_the_first_as_it_is() {
    let beside = Beside::begun();
    beside.stage.env.refuse_writes(true);
    assert_eq!(beside.go_on(), ["refresh-2"]);
    assert_eq!(beside.by_password.outcome().unwrap_err().code, Code::Storage);
    beside.stage.env.refuse_writes(false);
    assert_eq!(beside.stage.stored_token().as_deref(), Some("refresh-1"));
    assert_eq!(beside.stage.state(), UserState::SignedIn);
    beside.stage.client.signal(Signal::Online);
    beside.overlap.settle();
    assert_eq!(revoked(&beside.stage), Vec::<String>::new());
}

/// A tab whose sign-in as this user was aborted after so many turns, beside another in which alice has signed in.
fn aborted_after(turns: u32, user: &str) -> (Stage, Overlap, Pending<Result<SignInResult, AuthError>>) {
    let first = Stage::ready();
    let second = first.another();
    second.initialize().unwrap();
    first.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    first.sign_in().unwrap();
    first.env.answer("InitiateAuth", 200, &tokens(user, "2"));
    first.env.always_answer("RevokeToken", 200, &json!({}));
    let overlap = Overlap::of(&second);
    let abort = Abort::default();
    let (client, given) = (second.client.clone(), abort.clone());
    let call = overlap.start(async move { client.guard(&given, client.sign_in(credentials())).await });
    second.env.take_turns(turns);
    abort.abort();
    (second, overlap, call)
}

#[test]
fn a_sign_in_that_is_aborted_at_any_moment_ends_no_session_of_another_tab() {
    for turns in 0..30 {
        let (second, overlap, call) = aborted_after(turns, "bob");
        overlap.settle();
        second.client.signal(Signal::Online);
        overlap.settle();
        let has_begun = call.outcome().is_ok();
        let (kept, ended) = if has_begun {
            ("refresh-2", "refresh-1")
        } else {
            ("refresh-1", "refresh-2")
        };
        assert_eq!(second.stored_token().as_deref(), Some(kept), "after {turns} turns");
        let revoked = revoked(&second);
        assert!(
            revoked.iter().all(|token| token == ended),
            "{revoked:?} after {turns} turns"
        );
    }
}

#[test]
fn a_sign_in_waits_for_a_global_sign_out_that_was_called_before() {
    let stage = Stage::expired();
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens("{}").unwrap_err();
    stage.env.hold_store(true);
    let overlap = Overlap::of(&stage);
    // A page that comes back looks into the store before it does anything else.
    stage.client.signal(Signal::Suspended);
    stage.client.signal(Signal::Resumed);
    let before = overlap.sign_out(&stage, r#"{"signOutGlobally":true}"#);
    let call = overlap.sign_in(&stage);
    overlap.settle();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    stage.env.hold_store(false);
    overlap.settle();
    let before = before.outcome().unwrap_err().code;
    assert_eq!((before, call.outcome()), (Code::NotSignedIn, Ok(SIGNED_IN)));
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_sign_in_that_is_aborted_at_any_moment_hides_no_session_of_another_tab_from_the_next_sign_out() {
    for turns in 0..30 {
        let (second, overlap, _) = aborted_after(turns, "alice");
        let out = overlap.sign_out(&second, "{}");
        overlap.settle();
        assert_eq!(out.outcome(), Ok(()));
        let ended = "refresh-1".to_owned();
        assert!(revoked(&second).contains(&ended), "after {turns} turns");
        assert!(second.stored_session().is_none());
    }
}
