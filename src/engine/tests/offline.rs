//! Without a connection.

use serde_json::json;

use super::support::{FORCE, Overlap, REFRESH, Stage, refresh_token};
use crate::core::error::Code;
use crate::core::record::{Record, User};
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Signal, StorageKind};

/// What the stored record says is still to be revoked.
fn stored_revocations(stage: &Stage) -> Vec<String> {
    let record = Record::decode(&stage.env.stored()[super::support::KEY]).unwrap();
    record
        .revocations
        .iter()
        .map(|revocation| revocation.token.reveal().to_owned())
        .collect()
}

/// Signed in with the record in this store, and then cut off.
fn cut_off(kind: StorageKind) -> Stage {
    let stage = Stage::bare();
    stage.initialize_in(kind).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage.env.sent();
    stage.notified();
    stage.env.go_offline(true);
    stage
}

fn come_back(stage: &Stage) {
    stage.env.go_offline(false);
    stage.client.signal(Signal::Online);
    stage.env.settle();
}

#[test]
fn valid_tokens_are_served_offline() {
    let stage = Stage::signed_in();
    stage.env.go_offline(true);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-1");
    let page = stage.another();
    assert_eq!(page.initialize(), Ok(UserState::SignedIn));
    assert_eq!(refresh_token(&page.get_tokens("{}").unwrap()), "refresh-1");
    assert!(!page.client.snapshot().is_online);
}

#[test]
fn tokens_that_have_expired_are_a_failed_connection_at_once_and_the_user_stays_signed_in() {
    let stage = Stage::expired();
    stage.listen(true);
    stage.env.go_offline(true);
    for options in ["{}", FORCE, r#"{"waitForSignIn":true}"#] {
        let error = stage.get_tokens(options).unwrap_err();
        assert_eq!((error.code, error.retryable), (Code::Network, true), "{options}");
    }
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
}

#[test]
fn offline_tokens_are_served_as_long_as_the_service_would_take_them() {
    let stage = Stage::signed_in();
    stage.env.go_offline(true);
    stage.env.pass(super::support::HOUR - 1);
    assert!(stage.get_tokens("{}").is_ok());
    stage.env.pass(1);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
}

#[test]
fn tokens_that_a_call_wanted_come_with_the_connection() {
    let stage = Stage::expired();
    stage.env.go_offline(true);
    stage.client.signal(Signal::Offline);
    stage.get_tokens("{}").unwrap_err();
    stage.env.pass(60_000);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    stage.script_refresh("2");
    come_back(&stage);
    assert_eq!(stage.env.sent(), [REFRESH]);
    assert_eq!(stage.events(), ["offline", "online", "tokensRefreshed"]);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
}

#[test]
fn connection_sends_nothing_that_no_call_wanted() {
    let stage = Stage::expired();
    stage.env.go_offline(true);
    come_back(&stage);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn after_sleep_tokens_come_by_themselves_when_the_network_is_there_five_seconds_later() {
    let stage = Stage::signed_in();
    stage.client.signal(Signal::Suspended);
    stage.env.sleep_device(8 * super::support::HOUR);
    stage.env.go_offline(true);
    stage.client.signal(Signal::Resumed);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::Network);
    stage.env.pass(5_000);
    stage.script_refresh("2");
    come_back(&stage);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), [REFRESH]);
}

#[test]
fn a_sign_out_offline_is_complete_and_the_tokens_are_revoked_when_the_connection_is_back() {
    let stage = cut_off(StorageKind::IndexedDb);
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.notified(), [UserState::SignedOut]);
    assert!(stage.stored_session().is_none());
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stored_revocations(&stage), ["refresh-1"]);
    stage.env.answer("RevokeToken", 200, &json!({}));
    come_back(&stage);
    assert_eq!(stage.env.bodies()[0]["Token"], "refresh-1");
    assert_eq!(stored_revocations(&stage), Vec::<String>::new());
    assert_eq!(stage.notified(), []);
    come_back(&stage);
    assert_eq!(stage.env.sent(), Vec::<String>::new(), "once is enough");
}

#[test]
fn the_tokens_are_revoked_by_the_next_page_when_this_one_is_closed_before() {
    let stage = cut_off(StorageKind::IndexedDb);
    stage.sign_out("{}").unwrap();
    stage.env.go_offline(false);
    stage.env.answer("RevokeToken", 200, &json!({}));
    let next = stage.another();
    assert_eq!(next.initialize(), Ok(UserState::SignedOut));
    assert_eq!(next.env.bodies()[0]["Token"], "refresh-1");
    assert_eq!(stored_revocations(&next), Vec::<String>::new());
    assert_eq!(next.another().initialize(), Ok(UserState::SignedOut));
    assert_eq!(next.env.sent(), Vec::<String>::new());
}

#[test]
fn another_tab_that_revokes_them_leaves_the_reason_of_the_sign_out_as_it_was() {
    let stage = cut_off(StorageKind::IndexedDb);
    let other = stage.another();
    other.initialize().unwrap();
    stage.sign_out("{}").unwrap();
    stage.client.close();
    other.client.signal(Signal::Changed);
    other.env.settle();
    assert_eq!(other.client.snapshot().reason, Some(Reason::OtherTab));
    other.env.answer("RevokeToken", 200, &json!({}));
    come_back(&other);
    assert_eq!(stored_revocations(&other), Vec::<String>::new());
    let record = Record::decode(&other.env.stored()[super::support::KEY]).unwrap();
    assert!(matches!(record.user, User::SignedOut(Reason::UserAction)));
}

#[test]
fn the_refresh_token_of_a_user_who_signed_out_lies_in_no_store_that_can_be_read() {
    for kind in [StorageKind::LocalStorage, StorageKind::Custom] {
        let stage = cut_off(kind);
        stage.sign_out("{}").unwrap();
        let stored = format!("{:?}", stage.env.stored());
        for secret in ["refresh-1", "e30."] {
            assert!(!stored.contains(secret), "{kind:?}");
        }
        // This page remembers it as long as it lives.
        stage.env.answer("RevokeToken", 200, &json!({}));
        come_back(&stage);
        assert_eq!(stage.env.sent(), ["RevokeToken"], "{kind:?}");
        let next = stage.another();
        next.initialize().unwrap();
        assert_eq!(next.env.sent(), Vec::<String>::new());
    }
}

#[test]
fn a_revocation_that_gets_no_answer_is_repeated_and_one_that_is_refused_is_not() {
    let stage = Stage::signed_in();
    stage.env.cut("RevokeToken");
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(
        (stage.env.sent(), stored_revocations(&stage)),
        (vec!["RevokeToken".into()], vec!["refresh-1".into()])
    );
    stage.env.refuse("RevokeToken", "UnauthorizedException");
    come_back(&stage);
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!(stored_revocations(&stage), Vec::<String>::new());
}

#[test]
fn a_revocation_that_a_firewall_answers_is_kept_and_holds_up_no_other() {
    let stage = Stage::signed_in();
    let blocked = json!({"__type": "ForbiddenException", "message": "Request not allowed"});
    stage.env.answer("RevokeToken", 403, &blocked);
    assert_eq!(stage.sign_out("{}"), Ok(()));
    stage
        .env
        .answer("InitiateAuth", 200, &super::support::tokens("alice", "2"));
    stage.env.answer("RevokeToken", 400, &blocked);
    stage.sign_in().unwrap();
    stage.env.settle();
    stage.env.answer("RevokeToken", 400, &blocked);
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.sent();
    assert_eq!(stage.sign_out("{}"), Ok(()));
    stage.env.settle();
    assert_eq!(stage.env.sent(), ["RevokeToken", "RevokeToken"]);
    assert_eq!(stored_revocations(&stage), ["refresh-1"]);
    stage.env.answer_text("RevokeToken", 403, "<html>blocked</html>");
    come_back(&stage);
    assert_eq!(stored_revocations(&stage), ["refresh-1"]);
    stage.env.answer("RevokeToken", 200, &json!({}));
    come_back(&stage);
    assert_eq!(stored_revocations(&stage), Vec::<String>::new());
}

#[test]
fn of_more_than_ten_revocations_the_oldest_is_dropped() {
    let stage = Stage::ready();
    stage.env.always_cut("RevokeToken");
    for number in 1..=12 {
        let tokens = super::support::tokens("alice", &number.to_string());
        stage.env.answer("InitiateAuth", 200, &tokens);
        stage.sign_in().unwrap();
        stage.sign_out("{}").unwrap();
    }
    let expected: Vec<_> = (3..=12).map(|number| format!("refresh-{number}")).collect();
    assert_eq!(stored_revocations(&stage), expected);
}

#[test]
fn a_revocation_of_the_last_user_does_not_touch_the_next() {
    let stage = cut_off(StorageKind::IndexedDb);
    stage.sign_out("{}").unwrap();
    stage.env.go_offline(false);
    stage.script_sign_in_with(&super::support::tokens("bob", "2"));
    stage.env.cut("RevokeToken");
    stage.sign_in().unwrap();
    stage.env.sent();
    stage.notified();
    stage.env.answer("RevokeToken", 200, &json!({}));
    come_back(&stage);
    assert_eq!(stage.env.bodies()[0]["Token"], "refresh-1");
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    assert_eq!(stored_revocations(&stage), Vec::<String>::new());
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

#[test]
fn a_sign_out_whose_revocation_hangs_is_over_after_five_seconds() {
    let stage = Stage::signed_in();
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let out = overlap.sign_out(&stage, "{}");
    stage.env.pass(4_999);
    assert!(out.is_pending());
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::UserAction))]
    );
    stage.env.pass(1);
    assert_eq!(out.outcome(), Ok(()));
    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.env.hold_answers(false);
    stage.env.settle();
    assert_eq!(
        stored_revocations(&stage),
        Vec::<String>::new(),
        "it goes on in the background"
    );
}
