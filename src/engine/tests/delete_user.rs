use serde_json::json;

use super::support::{KEY, LOCALLY, Overlap, REFRESH, Stage, tokens};
use crate::core::api::user_pool::Operation;
use crate::core::error::Code;
use crate::core::record::{Record, User};
use crate::core::user_state::{Reason, UserState};
use crate::engine::Abort;
use crate::ports::Signal;

const DELETED: (UserState, Option<Reason>) = (UserState::SignedOut, Some(Reason::AccountDeleted));

#[test]
fn the_account_goes_first_and_then_the_session_with_its_reason() {
    let stage = Stage::signed_in();
    stage.env.sent();
    stage.env.answer_text("DeleteUser", 200, "");
    assert_eq!(stage.operate("deleteUser", &json!({})), Ok(json!(null)));
    assert_eq!(stage.env.sent(), ["DeleteUser"], "nothing is left to be revoked");
    assert_eq!(stage.notified_with_reasons(), [DELETED]);
    assert!(stage.stored_session().is_none());
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
}

#[test]
fn listeners_find_the_session_gone_from_the_store() {
    let stage = Stage::signed_in();
    let (env, seen) = (stage.env.clone(), std::rc::Rc::new(std::cell::Cell::new(false)));
    let has_seen = std::rc::Rc::clone(&seen);
    stage.react(move |notice| {
        if notice.state_change().is_some() {
            let record = Record::decode(&env.stored()[KEY]).unwrap();
            has_seen.set(matches!(
                record.user,
                crate::core::record::User::SignedOut(Reason::AccountDeleted)
            ));
        }
    });
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert!(seen.get());
}

#[test]
fn an_account_that_the_service_keeps_leaves_the_user_signed_in() {
    for exception in ["NotAuthorizedException", "TooManyRequestsException"] {
        let stage = Stage::signed_in();
        stage.env.refuse("DeleteUser", exception);
        stage.operate("deleteUser", &json!({})).unwrap_err();
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
        assert!(stage.stored_session().is_some());
    }
    let stage = Stage::signed_in();
    stage.env.cut("DeleteUser");
    assert_eq!(stage.operate("deleteUser", &json!({})).unwrap_err().code, Code::Network);
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

#[test]
fn with_dead_tokens_the_account_stays_and_so_does_the_state() {
    let stage = Stage::dead();
    stage.listen(false);
    assert_eq!(
        stage.operate("deleteUser", &json!({})).unwrap_err().code,
        Code::NotSignedIn
    );
    assert_eq!(stage.state(), UserState::SignedOutUserPoolsTokenInvalid);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn account_cannot_be_deleted_without_a_signed_in_user() {
    let stage = Stage::ready();
    assert_eq!(
        stage.operate("deleteUser", &json!({})).unwrap_err().code,
        Code::NotSignedIn
    );
}

#[test]
fn a_refused_access_token_is_renewed_once() {
    let stage = Stage::signed_in();
    stage.env.sent();
    let answer = json!({"__type": "NotAuthorizedException", "message": "Access Token has expired"});
    stage.env.answer("DeleteUser", 400, &answer);
    stage.script_refresh("2");
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert_eq!(stage.env.sent(), ["DeleteUser", REFRESH, "DeleteUser"]);
    assert_eq!(stage.notified_with_reasons(), [DELETED]);
}

#[test]
fn a_caller_who_leaves_after_the_request_leaves_no_session_of_a_user_who_is_gone() {
    let stage = Stage::signed_in();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let abort = Abort::default();
    let (client, given) = (stage.client.clone(), abort.clone());
    let pending = overlap.start(async move {
        let operation = Operation::of_call("deleteUser").unwrap();
        client.guard(&given, client.operate(operation, "{}")).await.map(drop)
    });
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(stage.notified_with_reasons(), [DELETED]);
    assert!(stage.stored_session().is_none());
}

#[test]
fn a_sign_out_that_overtakes_it_keeps_its_own_reason() {
    let stage = Stage::signed_in();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "deleteUser", &json!({}));
    overlap.settle();
    let signed_out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    signed_out.outcome().unwrap();
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::UserAction))]
    );
}

#[test]
fn who_has_signed_in_meanwhile_in_another_tab_stays_signed_in() {
    let stage = Stage::signed_in();
    let other = stage.another();
    other.initialize().unwrap();
    other.sign_out(LOCALLY).unwrap();
    other.script_sign_in_with(&tokens("bob", "2"));
    other.sign_in().unwrap();
    // This tab has not heard of it yet.
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedIn, Some(Reason::OtherTab))]
    );
    assert!(!stage.env.sent().contains(&"RevokeToken".to_owned()));
}

#[test]
fn revocations_that_wait_for_a_connection_still_wait() {
    let stage = Stage::signed_in();
    stage.env.always_cut("RevokeToken");
    stage.sign_out("{}").unwrap();
    stage.script_sign_in("bob");
    stage.sign_in().unwrap();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    let record = Record::decode(&stage.env.stored()[KEY]).unwrap();
    let waiting: Vec<_> = record
        .revocations
        .iter()
        .map(|revocation| revocation.token.reveal().to_owned())
        .collect();
    assert_eq!(waiting, ["refresh-1"]);
}

#[test]
fn another_tab_that_delivers_what_waits_keeps_the_reason_that_is_stored() {
    let stage = Stage::signed_in();
    let other = stage.another();
    other.initialize().unwrap();
    stage.env.always_cut("RevokeToken");
    stage.sign_out("{}").unwrap();
    stage.script_sign_in("bob");
    stage.sign_in().unwrap();
    other.client.signal(Signal::Changed);
    other.env.settle();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    stage.client.close();
    other.client.signal(Signal::Changed);
    other.env.settle();
    assert_eq!(other.client.snapshot().reason, Some(Reason::OtherTab));
    stage.env.always_answer("RevokeToken", 200, &json!({}));
    other.client.signal(Signal::Online);
    other.env.settle();
    let record = Record::decode(&stage.env.stored()[KEY]).unwrap();
    assert!(record.revocations.is_empty());
    assert!(matches!(record.user, User::SignedOut(Reason::AccountDeleted)));
}

#[test]
fn another_tab_hears_that_the_user_is_gone() {
    let stage = Stage::signed_in();
    let other = stage.another();
    other.initialize().unwrap();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    other.client.signal(Signal::Changed);
    other.env.settle();
    assert_eq!(other.state(), UserState::SignedOut);
}

#[test]
fn a_store_that_refuses_does_not_keep_a_user_who_is_gone() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer_text("DeleteUser", 200, "");
    assert_eq!(stage.operate("deleteUser", &json!({})).unwrap_err().code, Code::Storage);
    assert_eq!(stage.notified_with_reasons(), [DELETED]);
}
