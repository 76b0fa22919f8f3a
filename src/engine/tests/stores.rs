//! Where the session is kept: stores that stall or come back, and sign-ins that ask for another store.

use serde_json::json;

use super::support::{FORCE, KEY, Overlap, REFRESH, SIGNED_IN, Stage, refresh_token, tokens};
use crate::core::api::user_pool::Operation;
use crate::core::error::Code;
use crate::core::record::{Record, User};
use crate::core::user_state::{Reason, UserState};
use crate::engine::ConfigSource;
use crate::engine::options::{InitializeOptions, SignInOptions, SignOutOptions};
use crate::ports::{Note, Signal, Storage as _, StorageKind};
use crate::testing::config_text;

use StorageKind::{IndexedDb, LocalStorage, Memory, SessionStorage};

/// Whose refresh token a store has: `None` where it has no session.
pub(super) fn token_in(stage: &Stage, kind: StorageKind) -> Option<String> {
    let record = Record::decode(stage.env.stored_in(kind).get(KEY)?).unwrap();
    match record.user {
        User::SignedIn(session) => Some(refresh_token(&session)),
        User::SignedOut(_) => None,
    }
}

pub(super) fn storage(stage: &Stage) -> StorageKind {
    stage.client.snapshot().storage.unwrap()
}

/// Starts beside a store that does not answer.
fn start_without_an_answer(stage: &Stage, overlap: &Overlap) {
    stage.env.hold_store(true);
    let client = stage.client.clone();
    let start = overlap.start(async move {
        let options = InitializeOptions::parse("{}").unwrap();
        client.initialize(ConfigSource::Text(config_text("")), options).await
    });
    // Less than a read of it would be waited for.
    stage.env.pass(3_000);
    assert_eq!(start.outcome(), Ok(UserState::SignedOut));
}

#[test]
fn a_store_that_stalls_at_the_start_is_waited_for_and_nothing_is_kept_in_the_clear() {
    let before = Stage::signed_in();
    let stage = before.another();
    let overlap = Overlap::of(&stage);
    start_without_an_answer(&stage, &overlap);
    assert_eq!(
        (storage(&stage), stage.client.snapshot().reason),
        (IndexedDb, Some(Reason::StorageLost))
    );

    // Neither call guesses, and the password is not asked for in vain.
    let tokens = overlap.get_tokens(&stage, "{}");
    let client = stage.client.clone();
    let attempt = overlap.start(async move { client.sign_in(super::support::credentials()).await });
    stage.env.pass(25_000);
    for error in [tokens.outcome().unwrap_err(), attempt.outcome().unwrap_err()] {
        assert_eq!((error.code, error.retryable), (Code::Storage, true), "{error}");
    }
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert!(stage.env.stored_in(LocalStorage).is_empty());

    stage.env.hold_store(false);
    stage.env.pass(130_000);
    assert_eq!(stage.state(), UserState::SignedIn, "without another call");
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-1");
}

#[test]
fn a_sign_out_while_the_store_cannot_be_read_is_not_undone_once_it_can() {
    for (options, revoked) in [("{}", 1), (r#"{"invalidateTokens":false}"#, 0)] {
        let before = Stage::signed_in();
        let stage = before.another();
        let overlap = Overlap::of(&stage);
        start_without_an_answer(&stage, &overlap);
        let client = stage.client.clone();
        let end = SignOutOptions::parse(options).unwrap();
        let left = overlap.start(async move { client.sign_out(end).await });
        stage.env.pass(30_000);
        assert_eq!(left.outcome().unwrap_err().code, Code::Timeout);
        if revoked > 0 {
            stage.env.answer("RevokeToken", 200, &json!({}));
        }
        stage.env.hold_store(false);
        stage.env.pass(130_000);
        assert_eq!(stage.state(), UserState::SignedOut, "{options}");
        assert_eq!(token_in(&stage, IndexedDb), None, "{options}");
        assert_eq!(stage.env.sent().len(), revoked, "{options}");
    }
}

#[test]
fn a_sign_out_that_the_store_has_not_taken_is_written_once_it_does() {
    let stage = Stage::signed_in();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    stage.env.answer("RevokeToken", 200, &json!({}));
    let client = stage.client.clone();
    let end = SignOutOptions::parse("{}").unwrap();
    let left = overlap.start(async move { client.sign_out(end).await });
    stage.env.pass(30_000);
    assert_eq!(left.outcome().unwrap_err().code, Code::Timeout);
    assert!(token_in(&stage, IndexedDb).is_some());
    stage.env.hold_store(false);
    stage.env.pass(130_000);
    assert_eq!(token_in(&stage, IndexedDb), None, "without another call");
    assert_eq!(stage.another().initialize(), Ok(UserState::SignedOut));
}

#[test]
fn a_store_that_goes_back_to_an_older_record_gets_the_newer_one_again() {
    let stage = Stage::signed_in();
    let older = stage.env.stored_in(IndexedDb)[KEY].clone();
    stage.env.pass(1_000);
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    stage.env.put_in(IndexedDb, KEY, &older);
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-2");
    assert_eq!(token_in(&stage, IndexedDb).as_deref(), Some("refresh-2"));
}

#[test]
fn calls_beside_a_stalled_store_do_not_say_that_no_user_is_signed_in() {
    let before = Stage::signed_in();
    let stage = before.another();
    let overlap = Overlap::of(&stage);
    start_without_an_answer(&stage, &overlap);
    let client = stage.client.clone();
    let operation = Operation::of_call("getUserAttributes").unwrap();
    let call = overlap.start(async move { client.operate(operation, "{}").await });
    let client = stage.client.clone();
    let everywhere = SignOutOptions::parse(r#"{"signOutGlobally":true}"#).unwrap();
    let left = overlap.start(async move { client.sign_out(everywhere).await });
    stage.env.pass(30_000);
    for error in [call.outcome().map(drop).unwrap_err(), left.outcome().unwrap_err()] {
        assert_eq!((error.code, error.retryable), (Code::Storage, true), "{error}");
    }
    stage.env.hold_store(false);
    stage.env.pass(130_000);
    assert_eq!(stage.state(), UserState::SignedIn, "nothing was changed");
}

#[test]
fn a_note_that_leads_to_a_store_which_no_longer_works_is_not_followed() {
    let stage = Stage::bare();
    stage.env.set_note(Note::Shared, KEY, Some("indexedDB"));
    stage.env.refuse_writes(true);
    stage.initialize().unwrap();
    stage.client.signal(Signal::Changed);
    stage.env.pass(1_000);
    stage.script_sign_in("alice");
    assert_eq!((stage.sign_in(), storage(&stage)), (Ok(SIGNED_IN), Memory));
}

#[test]
fn a_store_that_stalls_does_not_keep_a_user_from_a_session_of_this_page_alone() {
    let stage = Stage::bare();
    let overlap = Overlap::of(&stage);
    start_without_an_answer(&stage, &overlap);
    stage.script_sign_in("alice");
    let client = stage.client.clone();
    let attempt = overlap.start(async move {
        let options = r#"{"username":"alice","password":"Correct-Horse7Battery!","storage":"memory"}"#;
        client.sign_in(SignInOptions::parse(options).unwrap()).await
    });
    stage.env.pass(60_000);
    assert_eq!((attempt.outcome(), storage(&stage)), (Ok(SIGNED_IN), Memory));
}

#[test]
fn a_store_that_takes_nothing_is_used_where_it_has_the_session_and_else_nothing_is_kept() {
    let before = Stage::signed_in();
    before.env.refuse_writes(true);
    let full = before.another();
    assert_eq!(
        (full.initialize(), storage(&full)),
        (Ok(UserState::SignedIn), IndexedDb)
    );
    let empty = Stage::bare();
    empty.env.refuse_writes(true);
    assert_eq!(
        (empty.initialize(), storage(&empty)),
        (Ok(UserState::SignedOut), Memory)
    );
}

/// A session that is kept in the clear because there was nothing else.
fn fallen_back(kind: StorageKind) -> Stage {
    let stage = Stage::bare();
    stage.env.offer_store(kind);
    stage.initialize().unwrap();
    assert_eq!(storage(&stage), kind);
    // Another session than any that other tests begin at once.
    stage.env.pass(1_000);
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    stage.env.put_in(kind, &format!("{KEY}/sign-in"), "1 2 half");
    stage.env.offer_stores();
    stage.env.sent();
    stage
}

#[test]
fn a_session_that_a_fallback_has_left_in_the_clear_is_taken_into_the_encrypted_store() {
    for kind in [LocalStorage, SessionStorage] {
        let stage = fallen_back(kind).reloaded();
        assert_eq!(
            (stage.initialize(), storage(&stage)),
            (Ok(UserState::SignedIn), IndexedDb),
            "{kind:?}"
        );
        assert_eq!(token_in(&stage, IndexedDb).as_deref(), Some("refresh-2"));
        let left = stage.env.stored_in(kind);
        assert!(left.keys().all(|key| !key.starts_with(KEY)), "{left:?}");
        assert_eq!(stage.env.sent(), Vec::<String>::new());
    }
}

#[test]
fn a_page_that_still_uses_the_store_in_the_clear_follows_the_session_out_of_it() {
    let old = fallen_back(LocalStorage);
    let new = old.another();
    new.initialize().unwrap();
    old.client.signal(Signal::Changed);
    old.env.pass(1_000);
    assert_eq!(
        (old.state(), storage(&old), old.notified().len()),
        (UserState::SignedIn, IndexedDb, 1)
    );
    new.script_refresh("3");
    new.get_tokens(FORCE).unwrap();
    old.client.signal(Signal::Changed);
    old.env.settle();
    assert_eq!(refresh_token(&old.get_tokens("{}").unwrap()), "refresh-3");
    assert!(!old.env.stored_in(LocalStorage).contains_key(KEY));
    assert_eq!(new.env.sent(), [REFRESH]);
}

#[test]
fn a_session_left_in_the_clear_beside_another_is_revoked_and_removed() {
    for is_signed_out in [false, true] {
        let plain = fallen_back(LocalStorage).env.stored_in(LocalStorage)[KEY].clone();
        let before = Stage::signed_in();
        before.env.answer("RevokeToken", 200, &json!({}));
        if is_signed_out {
            before.sign_out("{}").unwrap();
            before.env.answer("RevokeToken", 200, &json!({}));
        }
        before.env.sent();
        before.env.put_in(LocalStorage, KEY, &plain);
        let stage = before.another();
        let expected = if is_signed_out {
            UserState::SignedOut
        } else {
            UserState::SignedIn
        };
        assert_eq!(stage.initialize(), Ok(expected));
        stage.env.settle();
        let bodies = stage.env.bodies();
        let revoked: Vec<_> = bodies.iter().map(|body| body["Token"].clone()).collect();
        assert_eq!(revoked, ["refresh-2"]);
        assert!(!stage.env.stored_in(LocalStorage).contains_key(KEY));
        let kept = token_in(&stage, IndexedDb);
        assert_eq!(kept.is_none(), is_signed_out);
    }
}

#[test]
fn devices_that_a_fallback_has_kept_go_on_in_the_encrypted_store() {
    let before = fallen_back(LocalStorage);
    let devices = crate::core::devices::Devices::default().encode(7);
    let place = format!("{KEY}/devices");
    before.env.put_in(LocalStorage, &place, &devices);
    before.another().initialize().unwrap();
    assert_eq!(before.env.stored_in(IndexedDb)[&place], *devices);
    assert!(!before.env.stored_in(LocalStorage).contains_key(&place));
}
