//! USER_AUTH with a passkey.

use serde_json::{Value, json};

use super::sign_in_world::{access, adjust, answer, initiate, name_of};
use crate::testing::{PASSWORD, World};
use crate::webauthn::software::{Authenticator, PRESENT};

/// Alice, who has a passkey.
fn stage() -> (World, Authenticator) {
    let mut world = World::with_user("alice");
    let authenticator = Authenticator::es256();
    let token = access(&mut world, "alice");
    let options = world.ok("StartWebAuthnRegistration", json!({"AccessToken": token}));
    let credential = authenticator.create(&options["CredentialCreationOptions"]);
    world.ok(
        "CompleteWebAuthnRegistration",
        json!({"AccessToken": token, "Credential": credential}),
    );
    (world, authenticator)
}

/// The pool asks for a second factor, and a passkey with user verification is one.
fn with_both_factors_in_one(world: &mut World) {
    let token = access(world, "alice");
    let configuration = json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    adjust(
        world,
        json!({"mfa": "OPTIONAL", "webAuthnConfiguration": configuration}),
    );
    let preference = json!({
        "AccessToken": token,
        "EmailMfaSettings": {"Enabled": true},
        "WebAuthnMfaSettings": {"Enabled": true},
    });
    world.ok("SetUserMFAPreference", preference);
}

fn prefer(world: &mut World) -> Value {
    let parameters = json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "WEB_AUTHN"});
    initiate(world, "USER_AUTH", parameters)
}

fn choose(world: &mut World) -> Value {
    initiate(world, "USER_AUTH", json!({"USERNAME": "alice"}))
}

fn credential(authenticator: &mut Authenticator, challenge: &Value) -> String {
    let options = challenge["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"]
        .as_str()
        .unwrap();
    authenticator.get(&serde_json::from_str(options).unwrap()).to_string()
}

#[test]
fn passkey_is_offered_to_a_user_who_has_one_and_signs_in() {
    let (mut world, mut authenticator) = stage();
    world.add_user("bob");
    let of_bob = initiate(&mut world, "USER_AUTH", json!({"USERNAME": "bob"}));
    assert!(!of_bob["AvailableChallenges"].to_string().contains("WEB_AUTHN"));
    let choice = choose(&mut world);
    assert!(
        choice["AvailableChallenges"]
            .as_array()
            .unwrap()
            .contains(&json!("WEB_AUTHN"))
    );
    let chosen = world.ok(
        "RespondToAuthChallenge",
        answer(&choice, "alice", json!({"ANSWER": "WEB_AUTHN"})),
    );
    for challenge in [chosen, prefer(&mut world)] {
        assert_eq!(name_of(&challenge), "WEB_AUTHN");
        let credential = credential(&mut authenticator, &challenge);
        let request = answer(&challenge, "alice", json!({"CREDENTIAL": credential}));
        let done = world.ok("RespondToAuthChallenge", request.clone());
        assert!(done["AuthenticationResult"]["AccessToken"].is_string());
        assert_eq!(
            world.refused("RespondToAuthChallenge", request),
            "NotAuthorizedException: Invalid session for the user."
        );
    }
}

#[test]
fn the_passkey_of_someone_else_is_refused_and_leaves_the_session_open() {
    let (mut world, mut authenticator) = stage();
    let challenge = prefer(&mut world);
    let forged = credential(&mut Authenticator::es256(), &challenge);
    let request = answer(&challenge, "alice", json!({"CREDENTIAL": forged}));
    assert_eq!(
        world.refused("RespondToAuthChallenge", request),
        "NotAuthorizedException: Incorrect username or password."
    );
    let right = credential(&mut authenticator, &challenge);
    world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"CREDENTIAL": right})),
    );
}

#[test]
fn user_who_is_asked_for_a_passkey_may_choose_another_factor() {
    let (mut world, _) = stage();
    let mut instead = answer(
        &prefer(&mut world),
        "alice",
        json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}),
    );
    instead["ChallengeName"] = json!("SELECT_CHALLENGE");
    assert!(world.ok("RespondToAuthChallenge", instead)["AuthenticationResult"].is_object());
}

#[test]
fn a_second_factor_takes_the_passkey_away_unless_it_counts_as_both() {
    let (mut world, _) = stage();
    let token = access(&mut world, "alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    world.ok(
        "SetUserMFAPreference",
        json!({"AccessToken": token, "EmailMfaSettings": {"Enabled": true}}),
    );
    assert_eq!(
        choose(&mut world)["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP"])
    );

    let (mut world, mut authenticator) = stage();
    with_both_factors_in_one(&mut world);
    let challenge = prefer(&mut world);
    let credential = credential(&mut authenticator, &challenge);
    let done = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"CREDENTIAL": credential})),
    );
    assert!(done["AuthenticationResult"].is_object());
}

#[test]
fn a_passkey_without_user_verification_is_followed_by_the_second_factor() {
    let (mut world, mut authenticator) = stage();
    with_both_factors_in_one(&mut world);
    authenticator.flags = PRESENT;
    let challenge = prefer(&mut world);
    let credential = credential(&mut authenticator, &challenge);
    let next = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"CREDENTIAL": credential})),
    );
    assert_eq!(name_of(&next), "EMAIL_OTP");
}
