//! Tabs that the browser has made as copies of others, with what sessionStorage had.

use super::support::{FORCE, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};
use crate::ports::StorageKind::SessionStorage;

/// Two tabs with one session, of which the browser has made the second as a copy of the first.
fn duplicated() -> (Stage, Stage) {
    let stage = Stage::bare();
    stage.initialize_in(SessionStorage).unwrap();
    stage.script_sign_in_with(&tokens("alice", "1"));
    stage.sign_in().unwrap();
    stage.env.sent();
    let copy = stage.duplicated();
    assert_eq!(copy.initialize_in(SessionStorage), Ok(UserState::SignedIn));
    (stage, copy)
}

#[test]
fn a_copy_of_a_tab_does_not_send_the_refresh_token_that_the_other_has_used_up() {
    let (stage, copy) = duplicated();
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    stage.env.sent();
    let error = copy
        .get_tokens(r#"{"forceRefresh":true,"waitForSignIn":false}"#)
        .unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
    assert_eq!(copy.env.sent(), Vec::<String>::new());
    assert_eq!(
        refresh_token(&copy.get_tokens("{}").unwrap()),
        "refresh-1",
        "as long as it lives"
    );
    copy.env.pass(3_700_000);
    assert_eq!(
        copy.get_tokens(r#"{"waitForSignIn":false}"#).unwrap_err().code,
        Code::NotSignedIn
    );
    assert_eq!(copy.state(), UserState::SignedOutUserPoolsTokenInvalid);
    assert_eq!(copy.client.snapshot().reason, Some(Reason::OtherTab));
    assert_eq!(copy.env.sent(), Vec::<String>::new());
    // The other goes on, and so does its next page.
    let page = stage.reloaded();
    page.initialize_in(SessionStorage).unwrap();
    page.script_refresh("3");
    assert_eq!(refresh_token(&page.get_tokens(FORCE).unwrap()), "refresh-3");
    assert!(!format!("{:?}", stage.env.stored()).contains("refresh-"));
}

#[test]
fn without_rotation_a_copy_of_a_tab_renews_its_tokens_by_itself() {
    let (stage, copy) = duplicated();
    for page in [&stage, &copy, &stage] {
        let mut renewed = tokens("alice", "1");
        renewed["AuthenticationResult"]
            .as_object_mut()
            .unwrap()
            .remove("RefreshToken");
        page.env.answer(REFRESH, 200, &renewed);
        page.get_tokens(FORCE).unwrap();
        page.env.pass(1_000);
    }
    assert_eq!(copy.env.sent(), [REFRESH; 3]);
}
