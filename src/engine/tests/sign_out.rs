use serde_json::json;

use super::support::{FORCE, NOW, REFRESH, Stage};
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};
use crate::engine::UserStateInfo;

const EVERYWHERE: &str = r#"{"signOutGlobally":true}"#;

#[test]
fn a_sign_out_forgets_tells_and_revokes() {
    let stage = Stage::signed_in();
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.sign_out("{}"), Ok(()));
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!(
        (stage.state(), stage.notified()),
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
    assert_eq!(stage.notified(), [UserState::SignedOut]);
}

#[test]
fn sign_out_without_a_user_notifies_and_sends_nothing() {
    let stage = Stage::ready();
    assert_eq!(stage.sign_out("{}"), Ok(()));
    let everywhere = stage.sign_out(EVERYWHERE).unwrap_err();
    assert_eq!(everywhere.code, Code::NotSignedIn, "no other session was ended");
    assert_eq!(stage.notified(), [UserState::SignedOut, UserState::SignedOut]);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_global_sign_out_asks_first() {
    let stage = Stage::signed_in();
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    assert_eq!(stage.sign_out(EVERYWHERE), Ok(()));
    assert_eq!(stage.env.sent(), ["GlobalSignOut"]);
    assert_eq!(stage.state(), UserState::SignedOut);
}

#[test]
fn a_global_sign_out_that_cannot_be_asked_changes_nothing() {
    let stage = Stage::signed_in();
    stage.env.cut("GlobalSignOut");
    assert_eq!(stage.sign_out(EVERYWHERE).unwrap_err().code, Code::Network);
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    assert!(stage.stored_session().is_some());
}

#[test]
fn a_global_sign_out_with_dead_tokens_signs_out_here_and_says_that_it_did_no_more() {
    let refused = Stage::signed_in();
    refused.env.refuse("GlobalSignOut", "NotAuthorizedException");
    refused.env.answer("RevokeToken", 200, &json!({}));
    let error = refused.sign_out(EVERYWHERE).unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
    assert_eq!(error.service_exception.as_deref(), Some("NotAuthorizedException"));
    assert_eq!(refused.state(), UserState::SignedOut);
    assert_eq!(refused.env.sent(), ["GlobalSignOut", "RevokeToken"]);

    let dead = Stage::signed_in();
    dead.env.set_now(NOW + 4000);
    dead.env.refuse(REFRESH, "NotAuthorizedException");
    assert_eq!(dead.sign_out(EVERYWHERE).unwrap_err().code, Code::NotSignedIn);
    assert_eq!(
        dead.notified(),
        [UserState::SignedOutUserPoolsTokenInvalid, UserState::SignedOut]
    );
    assert_eq!(dead.env.sent(), [REFRESH], "nothing could be sent");
}

#[test]
fn a_global_sign_out_whose_access_token_is_refused_asks_again_with_a_new_one() {
    let stage = Stage::signed_in();
    let refusal = json!({"__type": "NotAuthorizedException", "message": "Access Token has expired"});
    stage.env.answer("GlobalSignOut", 400, &refusal);
    stage.script_refresh("2");
    stage.env.answer("GlobalSignOut", 200, &json!({}));
    assert_eq!(stage.sign_out(EVERYWHERE), Ok(()));
    assert_eq!(stage.env.sent(), ["GlobalSignOut", REFRESH, "GlobalSignOut"]);
}

#[test]
fn after_a_reuse_the_family_is_revoked_at_once_and_a_global_sign_out_says_that_it_could_not_be_sent() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "RefreshTokenReuseException");
    stage.env.answer("RevokeToken", 200, &json!({}));
    // The tokens live, but they are ended too.
    assert_eq!(stage.get_tokens(FORCE).unwrap_err().code, Code::NotSignedIn);
    stage.env.settle();
    assert_eq!(stage.env.sent(), [REFRESH, "RevokeToken"]);
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedOutUserPoolsTokenInvalid, Some(Reason::Reuse))]
    );
    assert_eq!(stage.sign_out(EVERYWHERE).unwrap_err().code, Code::NotSignedIn);
    assert_eq!((stage.state(), stage.env.sent()), (UserState::SignedOut, vec![]));
}

#[test]
fn a_family_that_cannot_be_revoked_at_its_reuse_is_revoked_later() {
    let stage = Stage::signed_in();
    stage.env.refuse(REFRESH, "RefreshTokenReuseException");
    stage.env.cut("RevokeToken");
    stage.get_tokens(FORCE).unwrap_err();
    stage.env.settle();
    assert_eq!(stage.env.sent(), [REFRESH, "RevokeToken"]);
    let next = stage.another();
    next.env.answer("RevokeToken", 200, &json!({}));
    next.initialize().unwrap();
    next.env.settle();
    assert_eq!(next.env.sent(), ["RevokeToken"]);
}

#[test]
fn a_store_that_refuses_does_not_keep_the_user_signed_in() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.sign_out("{}").unwrap_err().code, Code::Storage);
    assert_eq!(
        (stage.state(), stage.notified()),
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
        .filter_map(|notice| notice.state_change().cloned())
        .collect();
    assert_eq!(infos, [expected]);
}
