use serde_json::json;

use super::support::{NOW, REFRESH, Stage};
use crate::app::UserStateInfo;
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};

#[test]
fn a_sign_out_forgets_tells_and_revokes() {
    let stage = Stage::signed_in();
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!(
        (stage.state(), stage.told()),
        (UserState::SignedOut, vec![UserState::SignedOut])
    );
    assert!(stage.stored_session().is_none());
    assert_eq!(stage.client.snapshot().username, None);
    assert_eq!(stage.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
}

#[test]
fn a_sign_out_works_offline() {
    let stage = Stage::signed_in();
    stage.env.cut("RevokeToken");
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.state(), UserState::SignedOut);
    assert!(stage.stored_session().is_none());
}

#[test]
fn tokens_can_be_left_valid() {
    let stage = Stage::signed_in();
    assert_eq!(stage.sign_out(r#"{"invalidateTokens":false}"#), Ok(()));
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stage.told(), [UserState::SignedOut]);
}

#[test]
fn signing_out_nobody_is_told_and_sends_nothing() {
    let stage = Stage::ready();
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.sign_out(r#"{"signOutGlobally":true}"#), Ok(()));
    assert_eq!(stage.told(), [UserState::SignedOut, UserState::SignedOut]);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_global_sign_out_asks_first() {
    let stage = Stage::signed_in();
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    assert_eq!(stage.sign_out(r#"{"signOutGlobally":true}"#), Ok(()));
    assert_eq!(stage.env.sent(), ["GlobalSignOut"]);
    assert_eq!(stage.state(), UserState::SignedOut);
}

#[test]
fn a_global_sign_out_that_cannot_be_asked_changes_nothing() {
    let stage = Stage::signed_in();
    stage.env.cut("GlobalSignOut");
    assert_eq!(
        stage.sign_out(r#"{"signOutGlobally":true}"#).unwrap_err().code,
        Code::Network
    );
    assert_eq!((stage.state(), stage.told()), (UserState::SignedIn, vec![]));
    assert!(stage.stored_session().is_some());
}

#[test]
fn a_global_sign_out_with_dead_tokens_still_signs_out_here() {
    let refused = Stage::signed_in();
    refused.env.refuse("GlobalSignOut", "NotAuthorizedException");
    refused.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(refused.sign_out(r#"{"signOutGlobally":true}"#), Ok(()));
    assert_eq!(refused.state(), UserState::SignedOut);

    let dead = Stage::signed_in();
    dead.env.set_now(NOW + 4000);
    dead.env.refuse(REFRESH, "NotAuthorizedException");
    assert_eq!(dead.sign_out(r#"{"signOutGlobally":true}"#), Ok(()));
    assert_eq!(
        dead.told(),
        [UserState::SignedOutUserPoolsTokenInvalid, UserState::SignedOut]
    );
}

#[test]
fn a_store_that_refuses_does_not_keep_the_user_signed_in() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.sign_out("{}").unwrap_err().code, Code::Storage);
    assert_eq!(
        (stage.state(), stage.told()),
        (UserState::SignedOut, vec![UserState::SignedOut])
    );
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
}

#[test]
fn the_info_of_a_sign_out_says_only_why() {
    let stage = Stage::signed_in();
    stage.sign_out(r#"{"invalidateTokens":false}"#).unwrap();
    let expected = UserStateInfo {
        reason: Some(Reason::UserAction),
        ..UserStateInfo::default()
    };
    let infos: Vec<_> = stage
        .notices
        .take()
        .into_iter()
        .filter_map(|notice| notice.tell().cloned())
        .collect();
    assert_eq!(infos, [expected]);
}
