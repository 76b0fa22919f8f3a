//! An alias that has gone from one user to another at the service: bob's is alice's now, and his device is still here.

use serde_json::{Value, json};

use super::challenges::challenge;
use super::support::{KEY, LOCALLY, SIGNED_IN, Stage, password_verifier, tokens};
use crate::core::devices::{Device, Devices};
use crate::core::secret::DevicePassword;

const SHARED: &str = "shared@example.com";
const OF_BOB: &str = "us-east-1_bob";
const OF_ALICE: &str = "us-east-1_alice";

fn device(user: &str, key: &str, typed: &[&str]) -> Device {
    Device {
        user: user.into(),
        typed: typed.iter().map(|name| (*name).into()).collect(),
        key: key.into(),
        group_key: "-group".into(),
        password: DevicePassword::new("c2VjcmV0"),
    }
}

/// A page that knows bob's device, by the alias and by another.
fn stage() -> Stage {
    stage_with(&[])
}

fn stage_with(others: &[Device]) -> Stage {
    let stage = Stage::ready();
    let mut devices = Devices::default();
    others.iter().cloned().for_each(|other| devices.keep(other));
    devices.keep(device("bob", OF_BOB, &[SHARED, "+15555550100"]));
    stage.env.put(&format!("{KEY}/devices"), &devices.encode(1));
    stage
}

fn unknown_device() -> Value {
    json!({"__type": "ResourceNotFoundException", "message": "Device does not exist."})
}

fn verifier_of(user: &str) -> Value {
    let mut verifier = password_verifier();
    verifier["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!(user);
    verifier
}

fn sign_in(stage: &Stage, username: &str) {
    let options = json!({"username": username, "password": "p"});
    assert_eq!(stage.sign_in_with(&options), Ok(SIGNED_IN));
}

/// The device that each request since the last look has named.
fn named(stage: &Stage) -> Vec<Option<String>> {
    let of = |body: &Value| {
        let parameters = body.get("AuthParameters").or(body.get("ChallengeResponses"))?;
        parameters.get("DEVICE_KEY")?.as_str().map(String::from)
    };
    stage.env.bodies().iter().map(of).collect()
}

fn some(key: &str) -> Option<String> {
    Some(key.into())
}

/// Signs in by another name of bob's, and finds his device by it.
fn finds_bob_s_device(stage: &Stage, username: &str) {
    stage.sign_out(LOCALLY).unwrap();
    stage.env.bodies();
    stage.env.answer("InitiateAuth", 200, &verifier_of("bob"));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("bob", "2"));
    sign_in(stage, username);
    assert_eq!(named(stage), [some(OF_BOB), some(OF_BOB)], "{username}");
    assert_eq!(stage.client.session.this_device_key(), some(OF_BOB));
}

#[test]
fn the_service_that_refuses_it_costs_the_former_owner_the_alias_and_not_the_device() {
    let stage = stage();
    stage.env.answer("InitiateAuth", 400, &unknown_device());
    stage.env.answer("InitiateAuth", 200, &verifier_of("alice"));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [some(OF_BOB), None, None]);
    assert_eq!(stage.client.session.this_device_key(), None);
    for name in ["bob", "+15555550100"] {
        finds_bob_s_device(&stage, name);
    }

    // The alias leads nowhere now.
    stage.sign_out(LOCALLY).unwrap();
    stage.env.answer("InitiateAuth", 200, &verifier_of("alice"));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "3"));
    stage.env.bodies();
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [None, None]);
}

#[test]
fn the_new_owner_s_own_device_is_used_instead() {
    let stage = stage_with(&[device("alice", OF_ALICE, &[])]);
    stage.env.answer("InitiateAuth", 400, &unknown_device());
    stage.env.answer("InitiateAuth", 200, &verifier_of("alice"));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [some(OF_BOB), None, some(OF_ALICE)]);
    assert_eq!(stage.client.session.this_device_key(), some(OF_ALICE));

    // From now on the alias is hers here, too.
    stage.sign_out(LOCALLY).unwrap();
    stage.env.answer("InitiateAuth", 200, &verifier_of("alice"));
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "2"));
    stage.env.bodies();
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [some(OF_ALICE), some(OF_ALICE)]);
    finds_bob_s_device(&stage, "bob");
}

#[test]
fn a_service_that_does_not_mind_binds_no_session_to_the_former_owner_s_device() {
    let stage = stage();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [some(OF_BOB)]);
    assert_eq!(stage.client.session.this_device_key(), None);
    finds_bob_s_device(&stage, "bob");
    stage.sign_out(LOCALLY).unwrap();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "3"));
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [None]);
}

#[test]
fn a_challenge_that_names_its_user_by_username_only_sends_no_device_of_another() {
    for parameters in [json!({"USERNAME": "alice"}), json!({"USER_ID_FOR_SRP": "alice"})] {
        let stage = stage();
        let mut question = challenge("CUSTOM_CHALLENGE", "s1");
        question["ChallengeParameters"] = parameters;
        stage.env.answer("InitiateAuth", 200, &question);
        stage
            .sign_in_with(&json!({"username": SHARED, "authFlow": "CUSTOM_AUTH"}))
            .unwrap();
        stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
        assert_eq!(stage.answer("1"), Ok(SIGNED_IN));
        assert_eq!(named(&stage), [some(OF_BOB), None]);
        assert_eq!(stage.client.session.this_device_key(), None);
        finds_bob_s_device(&stage, "bob");
    }
}

#[test]
fn a_device_of_the_same_user_that_the_service_has_forgotten_is_dropped_all_the_same() {
    let stage = stage();
    stage.env.answer("InitiateAuth", 400, &unknown_device());
    stage.env.answer("InitiateAuth", 200, &verifier_of("bob"));
    stage.env.answer("RespondToAuthChallenge", 400, &unknown_device());
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("bob", "1"));
    sign_in(&stage, SHARED);
    assert_eq!(named(&stage), [some(OF_BOB), None, some(OF_BOB), None]);
    let stored = stage.env.stored().get(&format!("{KEY}/devices")).cloned();
    assert!(Devices::decode(&stored.unwrap()).of_user("bob").is_none());
}
