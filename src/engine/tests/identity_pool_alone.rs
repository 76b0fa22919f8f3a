//! An app that has an identity pool and no user pool: it has a store, tabs and sign-out all the same.

use super::support::{KEY as POOL_KEY, LOCALLY, Stage};
use crate::core::error::Code;
use crate::core::identity::{Identity, Owner};
use crate::core::record::{Record, Revocation, User};
use crate::core::secret::{ProviderToken, RefreshToken};
use crate::core::session::{FederatedLogin, Session};
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Signal, StorageKind};

const CONFIG: &str = r#"{"CredentialsProvider": {"CognitoIdentity": {"Default": {"PoolId": "us-east-1:0a"}}}}"#;
const KEY: &str = "cognito-wasm/-/-/us-east-1:0a";

fn initialize(stage: &Stage) -> UserState {
    stage.initialize_from(CONFIG).unwrap()
}

fn record(generation: i64, user: User, identity: Option<Identity>) -> Record {
    Record {
        generation,
        user,
        identity,
        revocations: Vec::new(),
    }
}

fn guest() -> Option<Identity> {
    Some(Identity {
        id: "us-east-1:1".into(),
        owner: Owner::Guest,
    })
}

fn federated(generation: i64, token: Option<&str>) -> Record {
    let session = Session::begun_by(FederatedLogin {
        provider: "accounts.google.com".into(),
        subject: Some("s".into()),
        username: Some("Alice".into()),
        token: token.map(ProviderToken::new),
        expires_at: None,
    });
    let session = Session { id: 5, ..session };
    record(generation, User::SignedIn(session.into()), None)
}

/// A page that starts over this record.
fn started(record: &Record) -> (Stage, UserState) {
    let stage = Stage::bare();
    stage.env.put(KEY, &record.encode());
    let state = initialize(&stage);
    (stage, state)
}

fn stored(stage: &Stage) -> Record {
    Record::decode(&stage.env.stored()[KEY]).unwrap()
}

fn newer(record: Record, stage: &Stage) -> String {
    let generation = stored(stage).generation + 1;
    Record { generation, ..record }.encode().to_string()
}

#[test]
fn empty_store_is_signed_out_and_in_use() {
    let stage = Stage::bare();
    assert_eq!(initialize(&stage), UserState::SignedOut);
    assert_eq!(stage.client.snapshot().storage, Some(StorageKind::IndexedDb));
    assert_eq!(stage.client.channel_key().as_deref(), Some(KEY));
}

#[test]
fn stored_guest_is_a_guest_after_a_reload_and_sign_out_forgets_the_identity() {
    let (stage, state) = started(&record(7 << 20, User::SignedOut(Reason::UserAction), guest()));
    assert_eq!((state, stage.notified()), (UserState::Guest, vec![]));
    stage.sign_out("{}").unwrap();
    assert_eq!(stage.state(), UserState::SignedOut);
    assert_eq!(stored(&stage).identity, None);
    assert_eq!(initialize(&stage.reloaded()), UserState::SignedOut);
}

#[test]
fn tab_follows_guest_and_sign_out_of_another_tab() {
    let (stage, _) = started(&record(7 << 20, User::SignedOut(Reason::UserAction), None));
    for (identity, state) in [(guest(), UserState::Guest), (None, UserState::SignedOut)] {
        let text = newer(record(0, User::SignedOut(Reason::UserAction), identity), &stage);
        stage.env.put(KEY, &text);
        stage.client.signal(Signal::Changed);
        stage.env.settle();
        assert_eq!(stage.state(), state);
    }
}

#[test]
fn lost_record_is_written_again_with_its_identity() {
    let (stage, _) = started(&federated(7 << 20, Some("token")));
    let text = newer(
        Record {
            identity: guest(),
            ..federated(0, Some("token"))
        },
        &stage,
    );
    stage.env.put(KEY, &text);
    stage.client.signal(Signal::Changed);
    stage.env.settle();
    stage.env.evict();
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(stored(&stage).identity, guest());
}

#[test]
fn federated_user_is_signed_in_and_has_no_user_pool_tokens() {
    let (stage, state) = started(&federated(7 << 20, Some("token")));
    let snapshot = stage.client.snapshot();
    assert_eq!(
        (state, snapshot.username.as_deref()),
        (UserState::SignedIn, Some("Alice"))
    );
    let error = stage.get_tokens("{}").unwrap_err();
    assert_eq!(error.code, Code::UserPoolNotConfigured);
}

#[test]
fn refused_token_of_another_provider_has_a_state_of_its_own() {
    let (stage, state) = started(&federated(7 << 20, None));
    assert_eq!(state, UserState::SignedOutFederatedTokensInvalid);
    stage.env.put(KEY, &newer(federated(0, Some("token")), &stage));
    stage.client.signal(Signal::Changed);
    stage.env.settle();
    assert_eq!(stage.state(), UserState::SignedIn);
    stage.env.put(KEY, &newer(federated(0, None), &stage));
    stage.client.signal(Signal::Changed);
    stage.env.settle();
    assert_eq!(stage.state(), UserState::SignedOutFederatedTokensInvalid);
}

#[test]
fn sign_out_everywhere_needs_a_user_pool() {
    let (stage, _) = started(&federated(7 << 20, Some("token")));
    let error = stage.sign_out(r#"{"signOutGlobally":true}"#).unwrap_err();
    assert_eq!(
        (error.code, stage.state()),
        (Code::UserPoolNotConfigured, UserState::SignedIn)
    );
}

#[test]
fn refresh_token_of_another_endpoint_is_kept_and_sent_nowhere() {
    let stage = Stage::signed_in();
    let before = Record::decode(&stage.env.stored()[POOL_KEY]).unwrap();
    let other = Revocation {
        endpoint: "https://login.example/oauth2/revoke".into(),
        token: RefreshToken::new("other"),
    };
    let changed = Record {
        generation: before.generation + 1,
        revocations: vec![other],
        ..before
    };
    stage.env.put(POOL_KEY, &changed.encode());
    stage.client.signal(Signal::Visible);
    stage.env.settle();
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    stage.sign_out(LOCALLY).unwrap();
    stage.env.settle();
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    let after = Record::decode(&stage.env.stored()[POOL_KEY]).unwrap();
    assert_eq!(after.revocations.len(), 1);
}
