//! Tokens of another user: what a service that mixes up its answers, or a record put together from two, cannot do.

use std::rc::Rc;

use serde_json::{Value, json};

use super::challenges::asked;
use super::support::{FORCE, HOUR, KEY, REFRESH, Stage, tokens};
use crate::core::error::Code;
use crate::core::record::{Record, User};
use crate::core::secret::IdToken;
use crate::core::user_state::{Reason, UserState};
use crate::ports::Signal;

/// A user's tokens with one of another's.
fn mixed(which: &str, other: &str) -> Value {
    let (mut result, other) = (tokens("alice", "2"), tokens(other, "2"));
    result["AuthenticationResult"][which] = other["AuthenticationResult"][which].clone();
    result
}

/// The ID token in place of the access token, and the other way round.
fn swapped() -> Value {
    let mut result = tokens("alice", "2");
    let (access, id) = (
        result["AuthenticationResult"]["AccessToken"].clone(),
        result["AuthenticationResult"]["IdToken"].clone(),
    );
    result["AuthenticationResult"]["AccessToken"] = id;
    result["AuthenticationResult"]["IdToken"] = access;
    result
}

#[test]
fn a_refresh_that_brings_other_tokens_keeps_the_session_and_is_repeated() {
    for answer in [
        tokens("bob", "2"),
        mixed("IdToken", "bob"),
        mixed("AccessToken", "bob"),
        swapped(),
    ] {
        let stage = Stage::signed_in();
        stage.env.answer(REFRESH, 200, &answer);
        assert_eq!(stage.get_tokens(FORCE).unwrap_err().code, Code::TokenMismatch);
        assert_eq!(stage.events(), ["tokenRefreshFailed"]);
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
        assert_eq!(stage.get_tokens("{}").unwrap().username(), Some("alice"));
        // They are another user's, who has done nothing: they are not revoked.
        assert_eq!(stage.env.sent(), [REFRESH]);
        stage.script_refresh("3");
        stage.env.pass(2_000);
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-3"));
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    }
}

#[test]
fn a_sign_in_that_brings_other_tokens_begins_no_session() {
    for answer in [mixed("IdToken", "bob"), mixed("AccessToken", "bob"), swapped()] {
        let stage = Stage::ready();
        stage.env.answer("InitiateAuth", 200, &answer);
        assert_eq!(stage.sign_in().unwrap_err().code, Code::TokenMismatch);
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedOut, vec![]));
        assert_eq!(stage.env.sent(), ["InitiateAuth"]);
        assert!(stage.stored_session().is_none());
    }
}

#[test]
fn a_sign_in_brings_tokens_of_the_user_whom_the_service_has_named() {
    let stage = asked("SMS_MFA");
    stage.env.sent();
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("bob", "1"));
    assert_eq!(stage.answer("123456").unwrap_err().code, Code::TokenMismatch);
    assert_eq!(stage.state(), UserState::SignedOut);
    assert_eq!(stage.env.sent(), ["RespondToAuthChallenge"]);
}

#[test]
fn a_sign_in_over_a_refused_session_that_brings_other_tokens_keeps_that_session() {
    let stage = Stage::dead();
    stage.env.answer("InitiateAuth", 200, &mixed("IdToken", "bob"));
    assert_eq!(stage.sign_in().unwrap_err().code, Code::TokenMismatch);
    assert_eq!(stage.state(), UserState::SignedOutUserPoolsTokenInvalid);
    assert_eq!(stage.stored_session().unwrap().username(), Some("alice"));
}

/// The record of a page with another user's ID token in it.
fn put_together(stage: &Stage) -> String {
    let other = tokens("bob", "2");
    let record = Record::decode(&stage.env.stored()[KEY]).unwrap();
    let User::SignedIn(session) = &record.user else {
        panic!("no user is signed in")
    };
    let mut tokens = session.pool_tokens().cloned().unwrap();
    tokens.id = IdToken::new(other["AuthenticationResult"]["IdToken"].as_str().unwrap());
    let user = User::SignedIn(Rc::new(session.renewed(tokens, None)));
    let record = Record {
        generation: record.generation + 1,
        user,
        ..record
    };
    record.encode().to_string()
}

#[test]
fn a_record_of_two_users_is_no_session_and_an_open_page_writes_its_own_again() {
    let open = Stage::signed_in();
    let record = put_together(&open);
    open.env.put(KEY, &record);
    let started = open.another();
    assert_eq!(started.initialize(), Ok(UserState::SignedOut));
    assert_eq!(
        started.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::StorageLost))]
    );
    open.client.signal(Signal::Visible);
    open.env.settle();
    assert_eq!((open.state(), open.notified()), (UserState::SignedIn, vec![]));
    assert_ne!(open.env.stored()[KEY], record);
    assert_eq!(open.another().initialize(), Ok(UserState::SignedIn));
}

#[test]
fn a_record_of_another_app_client_is_no_session() {
    let stage = Stage::signed_in();
    let document = crate::testing::config_text("").replace("client1", "client2");
    let record = stage.env.stored()[KEY].clone();
    let other = stage.another();
    other.env.put(&KEY.replace("client1", "client2"), &record);
    assert_eq!(other.initialize_from(&document), Ok(UserState::SignedOut));
}

#[test]
fn renewals_are_bounded_and_reported_once_whatever_the_tokens_live() {
    for life in [0, 1] {
        let stage = Stage::bare();
        stage.initialize_with(r#"{"backgroundRefresh":true}"#).unwrap();
        let result = short(life);
        stage.env.answer("InitiateAuth", 200, &result);
        stage.sign_in().unwrap();
        stage.env.sent();
        stage.notified();
        stage.env.always_answer(REFRESH, 200, &result);
        let other = stage.another();
        other.initialize().unwrap();
        let mut last = Vec::new();
        for _ in 0..100 {
            for page in [&stage, &other] {
                last.push(page.get_tokens(FORCE).err().map(|error| error.code));
            }
            stage.env.pass(100);
        }
        let sent = stage.env.sent().len() + other.env.sent().len();
        assert!(
            (60..=61).contains(&sent),
            "{sent} in ten seconds of tokens that live for {life} s"
        );
        assert_eq!(last.last(), Some(&Some(Code::LimitExceeded)));
        let failed = |page: &Stage| {
            let events = page.events();
            events.iter().filter(|event| **event == "tokenRefreshFailed").count()
        };
        assert_eq!((failed(&stage), failed(&other)), (1, 1));
        // It stays possible, once a minute.
        stage.env.pass(300_000);
        assert!((4..=6).contains(&stage.env.sent().len()));
        stage.env.pass(HOUR);
        assert_eq!(stage.state(), UserState::SignedIn);
    }
}

/// Tokens that live for so many seconds.
fn short(life: i64) -> Value {
    let mut result = tokens("alice", "1");
    for (name, token_use) in [("AccessToken", "access"), ("IdToken", "id")] {
        let claims = json!({"sub": "sub-of-alice", "username": "alice", "token_use": token_use, "origin_jti": "o",
            "iat": super::support::NOW, "exp": super::support::NOW + life});
        result["AuthenticationResult"][name] = json!(crate::testing::jwt(&claims));
    }
    result
}
