//! A store that is blocked, damaged, emptied, slow, or not wanted.

use serde_json::json;

use super::challenges::asked;
use super::support::{FORCE, HOUR, KEY, LOCALLY, Overlap, REFRESH, Stage, refresh_token, tokens};
use crate::core::error::Code;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Signal, StorageKind};
use crate::testing::config_text;

const SIGNED_OUT: UserState = UserState::SignedOut;

fn lost(reason: Reason) -> Vec<(UserState, Option<Reason>)> {
    vec![(SIGNED_OUT, Some(reason))]
}

#[test]
fn a_store_that_cannot_be_read_at_the_start_is_no_sign_out() {
    let before = Stage::signed_in();
    let record = before.env.stored()[KEY].clone();
    let stage = before.another();
    stage.env.refuse_reads(true);
    assert_eq!(stage.initialize(), Ok(SIGNED_OUT));
    assert_eq!(stage.notified_with_reasons(), lost(Reason::StorageLost));
    let error = stage.get_tokens("{}").unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Storage, true));
    assert_eq!(stage.env.stored()[KEY], record, "nothing was written over it");
    stage.env.refuse_reads(false);
    assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-1");
    assert_eq!(stage.notified(), [UserState::SignedIn]);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn store_that_cannot_be_read_for_a_while_withholds_no_tokens() {
    let stage = Stage::signed_in();
    stage.env.refuse_reads(true);
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert!(stage.get_tokens("{}").is_ok());
    stage.script_refresh("2");
    assert_eq!(refresh_token(&stage.get_tokens(FORCE).unwrap()), "refresh-2");
    stage.env.refuse_reads(false);
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
}

#[test]
fn a_record_that_was_evicted_under_an_open_page_is_written_again() {
    for with in ["a look", "a refresh", "a change"] {
        let stage = Stage::signed_in();
        stage.env.evict();
        match with {
            "a look" => stage.client.signal(Signal::Visible),
            "a change" => stage.client.signal(Signal::Changed),
            _ => {
                stage.script_refresh("2");
                Overlap::of(&stage).get_tokens(&stage, FORCE);
            }
        }
        // A moment, in which another tab that clears the store would say so.
        stage.env.pass(300);
        assert!(stage.stored_session().is_some(), "{with}");
        assert_eq!(
            (stage.state(), stage.notified()),
            (UserState::SignedIn, vec![]),
            "{with}"
        );
        assert_eq!(stage.another().initialize(), Ok(UserState::SignedIn));
    }
}

#[test]
fn a_sign_out_over_an_emptied_store_stays_a_sign_out() {
    let stage = Stage::signed_in();
    stage.env.evict();
    stage.sign_out(LOCALLY).unwrap();
    stage.env.evict();
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert!(
        stage
            .env
            .stored()
            .get(KEY)
            .is_none_or(|record| !record.contains("refresh-1"))
    );
    assert_eq!(stage.another().initialize(), Ok(SIGNED_OUT));
}

#[test]
fn a_record_that_is_damaged_is_no_session_and_the_user_may_sign_in() {
    let whole = Stage::signed_in().env.stored()[KEY].clone();
    let damaged = [
        String::new(),
        "{".into(),
        "null".into(),
        r#"{"version":1}"#.into(),
        r#"7 0 {"version":1,"session":7,"username":"a","userSub":"b"}"#.into(),
        whole.split_at(whole.len() / 2).0.to_owned(),
        whole.replace("refresh-1", "refresh-9"),
    ];
    for record in damaged {
        let stage = Stage::bare();
        stage.env.put(KEY, &record);
        assert_eq!(stage.initialize(), Ok(SIGNED_OUT), "{record}");
        assert_eq!(stage.notified_with_reasons(), lost(Reason::StorageLost), "{record}");
        stage.script_sign_in("alice");
        assert!(stage.sign_in().is_ok(), "{record}");
        assert_eq!(stage.another().initialize(), Ok(UserState::SignedIn));
    }
}

#[test]
fn a_record_that_is_damaged_under_an_open_page_is_written_again() {
    let stage = Stage::signed_in();
    stage.env.put(KEY, "garbage");
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

/// A record as a later version of this package may write it.
fn newer(record: &str) -> String {
    let mut parts = record.splitn(3, ' ');
    let (stamp, _, json) = (parts.next().unwrap(), parts.next(), parts.next().unwrap());
    let stamp = (stamp.parse::<i64>().unwrap() + 1).to_string();
    let json = json.replace(r#""version":2"#, r#""version":3"#);
    let sum = stamp.bytes().chain(json.bytes()).fold(0x811c_9dc5_u32, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{stamp} {sum} {json}")
}

#[test]
fn a_record_of_a_later_version_is_left_alone() {
    let open = Stage::signed_in();
    let record = newer(&open.env.stored()[KEY]);
    open.env.put(KEY, &record);
    let started = open.another();
    assert_eq!(started.initialize(), Ok(SIGNED_OUT));
    for signal in [Signal::Changed, Signal::Visible, Signal::Resumed] {
        for page in [&open, &started] {
            page.client.signal(signal);
            page.env.settle();
        }
    }
    // The session goes on in the pages of the later version: this one would spend its refresh token.
    assert_eq!(open.notified_with_reasons(), lost(Reason::StorageLost));
    for page in [&open, &started] {
        assert_eq!(page.get_tokens("{}").unwrap_err().code, Code::NotSignedIn);
    }
    assert_eq!(open.env.stored()[KEY], record);
}

#[test]
fn a_record_whose_key_is_lost_says_so_and_the_user_may_sign_in() {
    let before = Stage::signed_in();
    let stage = before.another();
    stage.env.lose_key(true);
    assert_eq!(stage.initialize(), Ok(SIGNED_OUT));
    assert_eq!(stage.notified_with_reasons(), lost(Reason::KeyLost));
    assert_eq!(stage.client.snapshot().reason, Some(Reason::KeyLost));
    stage.script_sign_in_with(&tokens("alice", "2"));
    stage.sign_in().unwrap();
    assert_eq!(stage.another().initialize(), Ok(UserState::SignedIn));
}

#[test]
fn a_key_that_is_lost_under_an_open_page_costs_nothing() {
    let stage = Stage::signed_in();
    stage.env.lose_key(true);
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    assert_eq!(
        stage.another().initialize(),
        Ok(UserState::SignedIn),
        "it was encrypted again"
    );
}

#[test]
fn another_configuration_begins_signed_out_says_why_once_and_leaves_the_first_alone() {
    let first = Stage::signed_in();
    let other = config_text("").replace("client1", "client2");
    for expected in [lost(Reason::ConfigChanged), vec![]] {
        let page = first.another();
        assert_eq!(page.initialize_from(&other), Ok(SIGNED_OUT));
        assert_eq!(page.notified_with_reasons(), expected);
    }
    let back = first.another();
    assert_eq!(back.initialize(), Ok(UserState::SignedIn));
    assert_eq!(refresh_token(&back.get_tokens("{}").unwrap()), "refresh-1");
}

#[test]
fn nothing_that_is_stored_for_one_endpoint_is_found_by_another_of_the_same_pool_and_client() {
    let first = asked("SMS_MFA");
    first.env.always_cut("RevokeToken");
    first.script_sign_in("alice");
    first.sign_in().unwrap();
    first.sign_out("{}").unwrap();
    first.script_sign_in_with(&tokens("alice", "2"));
    first.sign_in().unwrap();
    assert!(
        first.env.stored()[KEY].contains("revocations"),
        "one is still to be sent"
    );
    first.env.sent();
    let stored = first.env.stored();
    for (endpoint, expected) in [
        ("https://evil.example", lost(Reason::ConfigChanged)),
        // The note of the last configuration was cleared with all else of the first endpoint.
        ("https://evil.example/cognito", vec![]),
    ] {
        let page = first.another();
        let document = config_text(&format!(r#","Endpoint":"{endpoint}""#));
        assert_eq!(page.initialize_from(&document), Ok(SIGNED_OUT));
        assert_eq!(page.notified_with_reasons(), expected);
        assert_eq!(page.get_tokens(FORCE).unwrap_err().code, Code::NotSignedIn);
        assert_eq!(page.run(page.client.resume_sign_in()), Ok(None));
        page.client.signal(Signal::Online);
        page.env.pass(HOUR);
        assert_eq!(page.env.sent(), Vec::<String>::new(), "{endpoint}");
        page.sign_out("{}").unwrap();
        page.run(page.client.clear_storage()).unwrap();
        for (key, text) in &stored {
            assert!(!key.starts_with(KEY) || first.env.stored()[key] == *text, "{key}");
        }
    }
    let back = first.another();
    assert_eq!(back.initialize(), Ok(UserState::SignedIn));
}

#[test]
fn a_first_visit_says_nothing_of_a_lost_session() {
    let stage = Stage::bare();
    stage.initialize().unwrap();
    assert_eq!((stage.notified(), stage.client.snapshot().reason), (vec![], None));
    assert!(stage.env.stored().is_empty(), "and writes nothing");
}

#[test]
fn a_session_that_is_not_to_outlive_the_page_is_not_stored() {
    let document = r#"{"CognitoUserPool":{"Default":{"PoolId":"us-east-1_Pool","AppClientId":"client1"}},
        "Auth":{"Default":{"Persistence":false}}}"#;
    let stage = Stage::bare();
    stage.initialize_from(document).unwrap();
    assert_eq!(stage.client.snapshot().storage, Some(StorageKind::Memory));
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    assert!(stage.env.stored().is_empty());
    assert_eq!(stage.another().initialize_from(document), Ok(SIGNED_OUT));
}

#[test]
fn the_store_is_the_one_that_was_wished_for_or_the_one_that_works() {
    for (options, kind) in [
        ("{}", StorageKind::IndexedDb),
        (r#"{"storage":"localStorage"}"#, StorageKind::LocalStorage),
        (r#"{"storage":"memory"}"#, StorageKind::Memory),
    ] {
        let stage = Stage::bare();
        assert_eq!(stage.client.snapshot().storage, None);
        stage.initialize_with(options).unwrap();
        assert_eq!(stage.client.snapshot().storage, Some(kind));
    }
    let blocked = Stage::bare();
    blocked.env.offer_store(StorageKind::Memory);
    blocked.initialize().unwrap();
    assert_eq!(blocked.client.snapshot().storage, Some(StorageKind::Memory));
    blocked.script_sign_in("alice");
    assert!(blocked.sign_in().is_ok(), "the page works all the same");
}

#[test]
fn tokens_that_could_not_be_stored_are_stored_when_the_store_takes_them_again() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.script_refresh("2");
    assert_eq!(refresh_token(&stage.get_tokens(FORCE).unwrap()), "refresh-2");
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-1"));
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(
        refresh_token(&stage.get_tokens("{}").unwrap()),
        "refresh-2",
        "the older record is not adopted"
    );
    stage.env.refuse_writes(false);
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"));
    assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
}

#[test]
fn a_store_that_never_answers_holds_up_no_call_for_longer_than_its_deadline() {
    let before = Stage::signed_in();
    let stage = before.another();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    let (client, options) = (
        stage.client.clone(),
        crate::engine::options::InitializeOptions::parse("{}").unwrap(),
    );
    let start = overlap.start(async move {
        let document = crate::engine::ConfigSource::Text(config_text(""));
        client.initialize(document, options).await
    });
    stage.env.pass(10_000);
    assert_eq!(start.outcome(), Ok(SIGNED_OUT));

    // A page that has tokens serves them.
    assert!(before.get_tokens("{}").is_ok());
    let out = overlap.sign_out(&before, LOCALLY);
    before.env.pass(60_000);
    assert_eq!(out.outcome().unwrap_err().code, Code::Timeout);
    assert_eq!(before.state(), SIGNED_OUT);
}

#[test]
fn a_store_that_hangs_is_waited_for_once_by_what_ends_a_session() {
    let stage = Stage::signed_in();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    stage.env.always_answer("RevokeToken", 200, &json!({}));
    let out = overlap.sign_out(&stage, "{}");
    stage.env.pass(5_000);
    assert_eq!(out.outcome().unwrap_err().code, Code::Timeout);
    assert_eq!(stage.env.sent(), ["RevokeToken"]);

    let stage = Stage::signed_in();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    stage.env.answer_text("DeleteUser", 200, "");
    let deleted = overlap.operate(&stage, "deleteUser", &json!({}));
    stage.env.pass(5_000);
    assert_eq!(deleted.outcome().unwrap_err().code, Code::Timeout);

    // To be erased it is asked once more: what it did not write it may yet remove.
    let stage = Stage::signed_in();
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    stage.env.always_answer("RevokeToken", 200, &json!({}));
    let client = stage.client.clone();
    let cleared = overlap.start(async move { client.clear_storage().await });
    stage.env.pass(10_000);
    assert_eq!(cleared.outcome().unwrap_err().code, Code::Timeout);
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
}

#[test]
fn what_is_half_done_is_forgotten_also_where_the_store_was_slow_to_take_the_sign_out() {
    let stage = asked("SMS_MFA");
    let place = format!("{KEY}/sign-in");
    let is_stored = || PendingChallenge::decode(&stage.env.stored()[&place]).is_some();
    assert!(is_stored());
    let overlap = Overlap::of(&stage);
    stage.env.hold_store(true);
    let out = overlap.sign_out(&stage, LOCALLY);
    stage.env.pass(5_000);
    assert_eq!(out.outcome().unwrap_err().code, Code::Timeout);
    assert!(is_stored());
    stage.env.hold_store(false);
    stage.env.settle();
    assert!(!is_stored());
}

#[test]
fn a_refresh_over_a_store_that_never_answers_still_gives_tokens() {
    let stage = Stage::expired();
    stage.env.hold_store(true);
    stage.script_refresh("2");
    let overlap = Overlap::of(&stage);
    let first = overlap.get_tokens(&stage, "{}");
    stage.env.pass(11_000);
    // Another tab may have used the refresh token up, and this one cannot know.
    assert_eq!(
        (first.outcome().unwrap_err().code, stage.env.sent()),
        (Code::Timeout, vec![])
    );
    stage.env.pass(60_000);
    let later = overlap.get_tokens(&stage, "{}");
    stage.env.pass(60_000);
    assert_eq!(refresh_token(&later.outcome().unwrap()), "refresh-2");
    assert_eq!(stage.env.sent(), [REFRESH]);
}

#[test]
fn a_store_that_fails_altogether_keeps_back_no_token_that_lives() {
    let stage = Stage::signed_in();
    stage.env.refuse_reads(true);
    stage.env.refuse_writes(true);
    stage.env.always_cut(REFRESH);
    for time in [0, HOUR - 100_000] {
        stage.env.pass(time);
        stage.client.signal(Signal::Visible);
        for _ in 0..5 {
            assert_eq!(refresh_token(&stage.get_tokens("{}").unwrap()), "refresh-1");
        }
    }
}

#[test]
fn a_store_that_fails_altogether_puts_a_refresh_off_for_a_while_and_says_so() {
    let stage = Stage::expired();
    stage.env.refuse_reads(true);
    stage.env.refuse_writes(true);
    stage.script_refresh("2");
    let mut failures = 0;
    let session = loop {
        match stage.get_tokens("{}") {
            Ok(session) => break session,
            Err(error) => assert_eq!((error.code, error.retryable), (Code::Storage, true)),
        }
        failures += 1;
        assert!(failures < 5);
    };
    assert_eq!((refresh_token(&session), failures), ("refresh-2".into(), 3));
}

#[test]
fn to_clear_the_storage_signs_out_forgets_and_revokes() {
    let stage = Stage::signed_in();
    let other = stage.another();
    other.initialize().unwrap();
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.run(stage.client.clear_storage()), Ok(()));
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    assert_eq!(stage.notified_with_reasons(), lost(Reason::UserAction));
    let stored = format!("{:?}", stage.env.stored());
    assert!(!stored.contains("refresh-1") && !stored.contains("alice") && !stored.contains("e30."));
    other.client.signal(Signal::Changed);
    other.env.settle();
    assert_eq!(
        other.notified_with_reasons(),
        lost(Reason::OtherTab),
        "no other tab heals what was cleared"
    );
    assert!(stage.stored_session().is_none());
}

#[test]
fn a_storage_that_cannot_be_cleared_signs_out_and_revokes_all_the_same() {
    let stage = Stage::signed_in();
    stage.env.refuse_writes(true);
    stage.env.answer("RevokeToken", 200, &json!({}));
    assert_eq!(stage.run(stage.client.clear_storage()).unwrap_err().code, Code::Storage);
    assert_eq!((stage.state(), stage.notified()), (SIGNED_OUT, vec![SIGNED_OUT]));
    assert_eq!(stage.env.sent(), ["RevokeToken"]);
    stage.env.pass(HOUR);
    assert_eq!(stage.state(), SIGNED_OUT);
}
