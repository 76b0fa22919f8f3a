//! The order of a change: store, state, listeners, result. And what a listener may do.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::json;

use super::support::{FORCE, KEY, LOCALLY, NOW, Overlap, REFRESH, SIGNED_IN, Stage, refresh_token, tokens};
use crate::core::error::{AuthError, Code};
use crate::core::user_state::{Reason, UserState};
use crate::engine::options::{GetTokensOptions, SignOutOptions};
use crate::engine::{ClientEvent, UserStateInfo};
use crate::ports::{Signal, Spawn as _};

type Log = Rc<RefCell<Vec<String>>>;

/// A listener that writes down what was stored and what was so when it was notified.
fn witness(stage: &Stage) -> Log {
    let log = Log::default();
    let (written, client, env) = (Rc::clone(&log), stage.client.clone(), stage.env.clone());
    stage.react(move |notice| {
        let is_refresh = matches!(notice.event, Some(ClientEvent::TokensRefreshed));
        if notice.state_change().is_none() && !is_refresh {
            return;
        }
        let stored = env.stored().get(KEY).cloned().unwrap_or_default();
        let token = ["refresh-1", "refresh-2"]
            .into_iter()
            .find(|token| stored.contains(token));
        let snapshot = client.snapshot();
        assert_eq!(
            snapshot, notice.snapshot,
            "the state is final before listeners are notified"
        );
        let line = format!("{} {}", snapshot.user_state.as_str(), token.unwrap_or("nothing"));
        written.borrow_mut().push(line);
    });
    log
}

#[test]
fn change_is_stored_before_listeners_are_notified_and_both_before_its_call_ends() {
    let stage = Stage::ready();
    let log = witness(&stage);
    let overlap = Overlap::of(&stage);
    stage.script_sign_in("alice");
    let (client, written) = (stage.client.clone(), Rc::clone(&log));
    overlap.start(async move {
        client.sign_in(super::support::credentials()).await.unwrap();
        written.borrow_mut().push("result".into());
        client
            .get_tokens(GetTokensOptions::parse(FORCE).unwrap())
            .await
            .unwrap();
        written.borrow_mut().push("result".into());
        client.sign_out(SignOutOptions::parse(LOCALLY).unwrap()).await.unwrap();
        written.borrow_mut().push("result".into());
    });
    stage.script_refresh("2");
    overlap.settle();
    let expected = [
        "signedIn refresh-1",
        "result",
        "signedIn refresh-2",
        "result",
        "signedOut nothing",
        "result",
    ];
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn dead_tokens_are_out_of_the_store_before_that_is_notified() {
    let stage = Stage::expired();
    let log = witness(&stage);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens(r#"{"waitForSignIn":false}"#).unwrap_err();
    assert_eq!(*log.borrow(), ["signedOutUserPoolsTokenInvalid nothing"]);
}

#[test]
fn waiters_go_on_after_listeners_are_notified() {
    let stage = Stage::dead();
    let log = witness(&stage);
    let overlap = Overlap::of(&stage);
    let (client, written) = (stage.client.clone(), Rc::clone(&log));
    overlap.start(async move {
        let session = client.get_tokens(GetTokensOptions::default()).await.unwrap();
        written.borrow_mut().push(format!("waiter {}", refresh_token(&session)));
    });
    stage.env.pass(0);
    log.borrow_mut().clear();
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert_eq!(*log.borrow(), ["signedIn refresh-2", "waiter refresh-2"]);
}

#[test]
fn waiters_are_released_before_listeners_are_notified() {
    let stage = Stage::dead();
    let releases = Rc::new(RefCell::new(Vec::new()));
    let (client, written) = (stage.client.clone(), Rc::clone(&releases));
    let before = client.session.ended_waits();
    stage.react(move |notice| {
        if notice.state_change().is_some() {
            let released = client.session.ended_waits() - before;
            written.borrow_mut().push((notice.snapshot.user_state, released));
        }
    });
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    stage.sign_out(LOCALLY).unwrap();
    assert_eq!(releases.take(), [(UserState::SignedIn, 1), (UserState::SignedOut, 2)]);
}

#[test]
fn a_sign_in_that_a_listener_begins_as_it_is_notified_of_a_sign_out_ends_signed_in() {
    let stage = Stage::signed_in();
    let (client, env) = (stage.client.clone(), stage.env.clone());
    let result = Rc::new(RefCell::new(None));
    let written = Rc::clone(&result);
    stage.react(move |notice| {
        if notice.state_change().is_some() && notice.snapshot.user_state == UserState::SignedOut {
            let (client, written) = (client.clone(), Rc::clone(&written));
            env.spawn(Box::pin(async move {
                let result = client.sign_in(super::support::credentials()).await;
                written.replace(Some(result));
            }));
        }
    });
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_out(LOCALLY).unwrap();
    stage.env.settle();
    assert_eq!(result.take(), Some(Ok(SIGNED_IN)));
    assert_eq!(stage.notified(), [UserState::SignedOut, UserState::SignedIn]);
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

// U testProviderName, and what stands beside it
#[test]
fn infos_say_who_by_what_and_why() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    let id_token = stage.stored_session().unwrap().id_token().unwrap().reveal().to_owned();
    stage.env.pass(4_000_000);
    stage.env.refuse(REFRESH, "RefreshTokenReuseException");
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.get_tokens("{}").unwrap_err();
    stage.sign_out(LOCALLY).unwrap();
    let infos: Vec<_> = stage
        .notices
        .take()
        .into_iter()
        .filter_map(|notice| notice.state_change().cloned())
        .collect();
    let info = |reason| UserStateInfo {
        reason: Some(reason),
        ..UserStateInfo::default()
    };
    let signed_in = UserStateInfo {
        provider: Some("cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool".into()),
        token: Some(id_token.into()),
        ..info(Reason::UserAction)
    };
    let invalid = UserStateInfo {
        username: Some("alice".into()),
        ..info(Reason::Reuse)
    };
    assert_eq!(infos, [signed_in, invalid, info(Reason::UserAction)]);
}

#[test]
fn every_notice_has_the_info_of_the_present_state_and_no_token_of_a_session_in_doubt() {
    let stage = Stage::signed_in();
    stage.notices.take();
    stage.client.signal(Signal::Offline);
    stage.client.signal(Signal::Suspended);
    stage.client.signal(Signal::Online);
    let infos = stage.notices.take().into_iter().map(|notice| {
        assert!(notice.state_change().is_none(), "no state has changed");
        (notice.info.provider.is_some(), notice.info.token.is_some())
    });
    assert_eq!(infos.collect::<Vec<_>>(), [(true, true), (true, false), (true, false)]);
}

#[test]
fn a_notice_has_the_tokens_that_may_be_read_without_waiting_and_for_how_long() {
    let stage = Stage::ready();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    let last = || stage.notices.borrow().last().cloned().unwrap();
    assert_eq!(refresh_token(&last().session.unwrap()), "refresh-1");
    assert_eq!(last().usable_for, 3_480_000);
    stage.env.pass(3_480_000);
    stage.env.cut(REFRESH);
    assert!(stage.get_tokens("{}").is_ok());
    assert!(
        last().session.is_none() && last().usable_for == 0,
        "what is to be renewed first is not read like that"
    );
    stage.sign_out(LOCALLY).unwrap();
    assert!(last().session.is_none());
}

#[test]
fn a_listener_may_sign_out_and_is_notified_of_that_afterwards() {
    let stage = Stage::ready();
    let (client, env, depth) = (stage.client.clone(), stage.env.clone(), Rc::new(RefCell::new(())));
    stage.react(move |notice| {
        let _inside = depth.try_borrow_mut().expect("no change is notified inside another");
        if notice.state_change().is_some() && notice.snapshot.user_state == UserState::SignedIn {
            let client = client.clone();
            env.spawn(Box::pin(async move {
                client.sign_out(SignOutOptions::parse(LOCALLY).unwrap()).await.unwrap();
            }));
        }
    });
    stage.script_sign_in("alice");
    assert!(stage.sign_in().is_ok());
    assert_eq!(stage.notified(), [UserState::SignedIn, UserState::SignedOut]);
    assert!(stage.stored_session().is_none());
}

#[test]
fn a_listener_may_call_anything_whatever_it_is_notified() {
    let stage = Stage::ready();
    for subject in [REFRESH, "InitiateAuth"] {
        stage.env.always_answer(subject, 200, &tokens("alice", "2"));
    }
    stage.env.always_answer("RevokeToken", 200, &json!({}));
    let (client, env) = (stage.client.clone(), stage.env.clone());
    let ends = Rc::new(RefCell::new(Vec::new()));
    let written = Rc::clone(&ends);
    stage.react(move |_| {
        // Enough, for a listener that answers every change with a change never ends.
        if written.borrow().len() > 100 {
            return;
        }
        client.release_sign_in_wait();
        client.prepare_sign_in().unwrap();
        for signal in [Signal::Changed, Signal::Visible, Signal::Suspended, Signal::Online] {
            // A signal is answered with a notice: one for each write is enough.
            if env.announced() > 0 {
                client.signal(signal);
            }
        }
        let (client, written) = (client.clone(), Rc::clone(&written));
        env.spawn(Box::pin(async move {
            let end = |call, code: Option<AuthError>| written.borrow_mut().push((call, code.map(|error| error.code)));
            for options in ["{}", FORCE] {
                let tokens = client.get_tokens(GetTokensOptions::parse(options).unwrap()).await;
                end("getTokens", tokens.err());
            }
            end("signIn", client.sign_in(super::support::credentials()).await.err());
            let options = SignOutOptions::parse("{}").unwrap();
            end("signOut", client.sign_out(options).await.err());
        }));
    });
    stage.sign_in().unwrap();
    stage.env.pass(60_000);
    let ends = ends.take();
    assert!(ends.len() > 100, "{}", ends.len());
    for end in ends {
        // Who is signed out meanwhile has no tokens, who is signed in cannot sign in again, and the later of two sign-ins counts.
        let is_expected = match end {
            (_, None) => true,
            ("getTokens", Some(code)) => matches!(code, Code::NotSignedIn | Code::Aborted),
            ("signIn", Some(code)) => matches!(code, Code::InvalidState | Code::Aborted),
            _ => false,
        };
        assert!(is_expected, "{end:?}");
    }
    stage.react(|_| {});
    stage.env.pass(60_000);
    stage.sign_out("{}").unwrap();
    assert_eq!(stage.state(), UserState::SignedOut);
    assert!(stage.sign_in().is_ok(), "and the client works as before");
}

#[test]
fn a_listener_that_closes_the_client_hears_no_more() {
    let stage = Stage::ready();
    let client = stage.client.clone();
    stage.react(move |_| client.close());
    stage.script_sign_in("alice");
    let overlap = Overlap::of(&stage);
    let call = overlap.sign_in(&stage);
    stage.env.pass(60_000);
    drop(call);
    assert_eq!(stage.notices.borrow().len(), 1);
    assert_eq!(
        stage.another().initialize(),
        Ok(UserState::SignedIn),
        "what was notified was stored"
    );
}

#[test]
fn a_state_that_is_notified_twice_is_notified_in_the_order_of_its_changes() {
    let stage = Stage::ready();
    for round in 0..3 {
        stage.env.set_now(NOW + round);
        stage.script_sign_in("alice");
        stage.sign_in().unwrap();
        stage.sign_out(LOCALLY).unwrap();
    }
    let cycle = [UserState::SignedIn, UserState::SignedOut];
    assert_eq!(stage.notified(), cycle.repeat(3));
}
