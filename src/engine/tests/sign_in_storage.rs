//! Sign-ins that ask for a store of their own, as for "remember me".

use serde_json::{Value, json};

use super::challenges::challenge;
use super::stores::{storage, token_in};
use super::support::{FORCE, KEY, LOCALLY, SIGNED_IN, Stage, password_verifier, refresh_token, tokens};
use crate::core::error::AuthError;
use crate::core::user_state::UserState;
use crate::engine::SignInResult;
use crate::ports::{Signal, StorageKind};

use StorageKind::{IndexedDb, LocalStorage, Memory, SessionStorage};

/// Signs in with options beside name and password.
fn sign_in(stage: &Stage, more: &Value) -> Result<SignInResult, AuthError> {
    let mut options = json!({"username": "alice", "password": "Correct-Horse7Battery!"});
    let members = more.as_object().unwrap().clone();
    options.as_object_mut().unwrap().extend(members);
    stage.sign_in_with(&options)
}

/// With alice signed in as the second of her sessions, kept in this store.
fn signed_in_to(kind: StorageKind) -> Stage {
    let stage = Stage::ready();
    stage.script_sign_in_with(&tokens("alice", "2"));
    assert_eq!(sign_in(&stage, &json!({"storage": kind.as_str()})), Ok(SIGNED_IN));
    stage.env.sent();
    stage.notified();
    stage
}

#[test]
fn a_sign_in_may_ask_for_each_store_and_a_reload_and_other_tabs_find_it_there() {
    for (kind, after_reload, in_other_tab) in [
        (IndexedDb, true, true),
        (LocalStorage, true, true),
        (SessionStorage, true, false),
        (Memory, false, false),
    ] {
        let open = Stage::ready();
        let stage = signed_in_beside(&open, kind);
        assert_eq!(storage(&stage), kind);
        let found = |page: Stage, is_found: bool| {
            let expected = if is_found {
                UserState::SignedIn
            } else {
                UserState::SignedOut
            };
            assert_eq!(page.initialize(), Ok(expected), "{kind:?}");
            assert_eq!(storage(&page), if is_found { kind } else { IndexedDb });
        };
        found(stage.reloaded(), after_reload);
        found(stage.another(), in_other_tab);
        open.client.signal(Signal::Changed);
        open.env.pass(1_000);
        assert_eq!(
            open.state() == UserState::SignedIn,
            in_other_tab,
            "{kind:?}, in a tab that was open"
        );
        for other in [IndexedDb, LocalStorage, SessionStorage]
            .iter()
            .filter(|other| **other != kind)
        {
            assert_eq!(token_in(&stage, *other), None, "{other:?} beside {kind:?}");
        }

        // Its end is one in every place.
        stage.sign_out(LOCALLY).unwrap();
        assert_eq!(stage.state(), UserState::SignedOut);
        for kind in StorageKind::ALL {
            assert_eq!(token_in(&stage, *kind), None);
        }
        open.client.signal(Signal::Changed);
        open.env.pass(1_000);
        assert_eq!(open.state(), UserState::SignedOut);
        for page in [stage.reloaded(), stage.another()] {
            assert_eq!(page.initialize(), Ok(UserState::SignedOut), "{kind:?}");
        }
        if !kind.is_shared() {
            assert_eq!(stage.env.stored_in(kind).len(), 0, "{:?}", stage.env.stored_in(kind));
            assert_eq!(storage(&stage), IndexedDb);
        }
    }
}

/// With alice signed in beside another tab that is open.
fn signed_in_beside(open: &Stage, kind: StorageKind) -> Stage {
    let stage = open.another();
    stage.initialize().unwrap();
    stage.script_sign_in_with(&tokens("alice", "2"));
    assert_eq!(sign_in(&stage, &json!({"storage": kind.as_str()})), Ok(SIGNED_IN));
    stage
}

#[test]
fn a_sign_in_that_asks_for_memory_leaves_nothing_behind() {
    let stage = signed_in_to(Memory);
    stage.script_refresh("3");
    stage.get_tokens(FORCE).unwrap();
    assert!(stage.env.stored().is_empty(), "{:?}", stage.env.stored());
    assert!(stage.env.stored_in(SessionStorage).is_empty());
}

#[test]
fn the_store_that_was_used_before_keeps_no_session_and_its_tokens_are_revoked() {
    for kind in [LocalStorage, SessionStorage, Memory] {
        // Another tab has signed in meanwhile, and this one has not heard.
        let stage = Stage::ready();
        let other = stage.another();
        other.initialize().unwrap();
        other.script_sign_in("alice");
        other.sign_in().unwrap();
        stage.script_sign_in_with(&tokens("alice", "2"));
        stage.env.answer("RevokeToken", 200, &json!({}));
        stage.env.sent();
        assert_eq!(sign_in(&stage, &json!({"storage": kind.as_str()})), Ok(SIGNED_IN));
        stage.env.settle();
        let revoked: Vec<_> = stage
            .env
            .bodies()
            .iter()
            .filter_map(|body| body.get("Token").cloned())
            .collect();
        assert_eq!(revoked, ["refresh-1"], "{kind:?}");
        assert_eq!(token_in(&stage, IndexedDb), None);
        assert_eq!(token_in(&stage, kind).as_deref(), Some("refresh-2"));
        other.client.signal(Signal::Changed);
        other.env.pass(1_000);
        let expected = if kind.is_shared() {
            UserState::SignedIn
        } else {
            UserState::SignedOut
        };
        assert_eq!(other.state(), expected, "{kind:?}");
    }
}

#[test]
fn a_sign_in_without_a_store_goes_to_the_one_of_initialize() {
    let stage = signed_in_to(LocalStorage);
    stage.sign_out(LOCALLY).unwrap();
    stage.script_sign_in_with(&tokens("alice", "3"));
    stage.sign_in().unwrap();
    assert_eq!(storage(&stage), IndexedDb);
    let page = stage.another();
    assert_eq!(
        (page.initialize(), storage(&page)),
        (Ok(UserState::SignedIn), IndexedDb)
    );
}

#[test]
fn remembered_user_is_found_by_an_app_that_keeps_other_sessions_in_memory() {
    for home in [Memory, SessionStorage] {
        let stage = Stage::bare();
        stage.initialize_in(home).unwrap();
        stage.script_sign_in_with(&tokens("alice", "2"));
        assert_eq!(sign_in(&stage, &json!({"storage": "indexedDB"})), Ok(SIGNED_IN));
        for page in [stage.reloaded(), stage.another()] {
            assert_eq!(
                (page.initialize_in(home), storage(&page)),
                (Ok(UserState::SignedIn), IndexedDb),
                "{home:?}"
            );
        }
        // Nor does another tab's private session end by it.
        stage.sign_out(LOCALLY).unwrap();
        let private = stage.another();
        private.initialize_in(SessionStorage).unwrap();
        private.script_sign_in_with(&tokens("alice", "3"));
        assert_eq!(sign_in(&private, &json!({"storage": "sessionStorage"})), Ok(SIGNED_IN));
        stage.script_sign_in_with(&tokens("alice", "4"));
        assert_eq!(sign_in(&stage, &json!({"storage": "indexedDB"})), Ok(SIGNED_IN));
        private.client.signal(Signal::Changed);
        private.env.pass(1_000);
        assert_eq!(refresh_token(&private.get_tokens("{}").unwrap()), "refresh-3");
        let again = private.reloaded();
        again.initialize_in(home).unwrap();
        assert_eq!(refresh_token(&again.get_tokens("{}").unwrap()), "refresh-3");
    }
}

#[test]
fn the_store_is_carried_through_questions_and_a_reload() {
    for kind in [IndexedDb, LocalStorage, SessionStorage] {
        let stage = Stage::ready();
        stage.env.answer("InitiateAuth", 200, &password_verifier());
        stage
            .env
            .answer("RespondToAuthChallenge", 200, &challenge("SMS_MFA", "s1"));
        let asked = sign_in(&stage, &json!({"storage": kind.as_str()}));
        assert!(matches!(asked, Ok(SignInResult::Asked(_))));
        let page = stage.reloaded();
        page.initialize().unwrap();
        assert!(page.run(page.client.resume_sign_in()).unwrap().is_some(), "{kind:?}");
        page.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "2"));
        assert_eq!(page.answer("123456"), Ok(SIGNED_IN));
        assert_eq!((storage(&page), token_in(&page, kind).is_some()), (kind, true));
        page.env.settle();
        let place = format!("{KEY}/sign-in");
        for kind in [IndexedDb, SessionStorage] {
            let text = page.env.stored_in(kind).get(&place).cloned().unwrap_or_default();
            assert!(!text.contains("s1"), "{text}");
        }
    }
}

#[test]
fn a_question_of_a_sign_in_that_asks_for_memory_is_not_stored() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    stage
        .env
        .answer("RespondToAuthChallenge", 200, &challenge("SMS_MFA", "s1"));
    assert!(sign_in(&stage, &json!({"storage": "memory"})).is_ok());
    assert!(stage.env.stored().is_empty() && stage.env.stored_in(SessionStorage).is_empty());
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "2"));
    assert_eq!((stage.answer("123456"), storage(&stage)), (Ok(SIGNED_IN), Memory));
}

#[test]
fn a_sign_in_that_fails_or_is_overtaken_leaves_the_store_as_it_was() {
    let stage = Stage::ready();
    stage.env.refuse("InitiateAuth", "NotAuthorizedException");
    sign_in(&stage, &json!({"storage": "localStorage"})).unwrap_err();
    assert_eq!(storage(&stage), IndexedDb);
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    assert_eq!(
        (storage(&stage), token_in(&stage, IndexedDb).is_some()),
        (IndexedDb, true)
    );
}

#[test]
fn to_clear_the_storage_from_a_tabs_own_store_ends_the_others_session_too() {
    for kind in [SessionStorage, Memory, LocalStorage] {
        let stage = signed_in_to(kind);
        let other = stage.another();
        if !kind.is_shared() {
            other.initialize().unwrap();
            other.script_sign_in_with(&tokens("alice", "3"));
            other.sign_in().unwrap();
        }
        stage.env.always_answer("RevokeToken", 200, &json!({}));
        assert_eq!(stage.run(stage.client.clear_storage()), Ok(()));
        other.client.signal(Signal::Changed);
        other.env.pass(1_000);
        for kind in StorageKind::ALL {
            let stored = format!("{:?}", stage.env.stored_in(*kind));
            assert!(!stored.contains("refresh-") && !stored.contains("alice"), "{stored}");
        }
        for page in [stage.reloaded(), stage.another()] {
            assert_eq!(page.initialize(), Ok(UserState::SignedOut), "{kind:?}");
        }
    }
}

#[test]
fn a_configuration_that_keeps_no_session_wins_over_the_store_of_a_sign_in() {
    let document = r#"{"CognitoUserPool":{"Default":{"PoolId":"us-east-1_Pool","AppClientId":"client1"}},
        "Auth":{"Default":{"Persistence":false}}}"#;
    let stage = Stage::bare();
    stage.initialize_from(document).unwrap();
    stage.script_sign_in("alice");
    assert_eq!(sign_in(&stage, &json!({"storage": "indexedDB"})), Ok(SIGNED_IN));
    assert_eq!((storage(&stage), stage.env.stored().len()), (Memory, 0));
}
