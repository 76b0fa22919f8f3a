//! A remembered device in the place of the second factor.

use serde_json::{Value, json};

use super::device_srp::{Laptop, laptop, sign_in};
use super::devices::tracking;
use super::sign_in_world::{answer, begin, name_of};
use crate::testing::{POOL, World};

/// Alice, whose laptop is remembered, in a pool that has asked for a second factor since.
fn stage(challenge_required_on_new_device: bool) -> (World, Laptop) {
    let mut world = World::with_user("alice");
    let configuration = json!({
        "ChallengeRequiredOnNewDevice": challenge_required_on_new_device,
        "DeviceOnlyRememberedOnUserPrompt": false,
    });
    world.ok("UpdateUserPool", tracking(Some(configuration)));
    let (laptop, tokens) = laptop(&mut world);
    let email = json!({"Subject": "Your code"});
    world.ok(
        "SetUserPoolMfaConfig",
        json!({"UserPoolId": POOL, "MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": email}),
    );
    world.ok(
        "SetUserMFAPreference",
        json!({"AccessToken": tokens.access(), "EmailMfaSettings": {"Enabled": true}}),
    );
    (world, laptop)
}

#[test]
fn a_remembered_device_replaces_the_second_factor_once_it_has_proven_itself() {
    let (mut world, laptop) = stage(true);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    assert_eq!(name_of(&challenge), "DEVICE_SRP_AUTH");
    assert!(laptop.prove(&mut world, &challenge).unwrap()["AuthenticationResult"].is_object());
    assert_eq!(name_of(&sign_in(&mut world, None).unwrap()), "EMAIL_OTP");
}

#[test]
fn where_the_pool_does_not_say_so_the_second_factor_comes_before_the_device() {
    let (mut world, laptop) = stage(false);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    let code = world.last_code();
    let next = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"EMAIL_OTP_CODE": code})),
    );
    assert_eq!(name_of(&next), "DEVICE_SRP_AUTH");
    assert!(laptop.prove(&mut world, &next).unwrap()["AuthenticationResult"].is_object());
}

#[test]
fn another_device_is_no_second_factor() {
    let (mut world, _) = stage(true);
    assert_eq!(name_of(&begin(&mut world, "alice")), "EMAIL_OTP");
}

/// Answers the email code, and names a device with it.
fn answer_on(world: &mut World, challenge: &Value, key: &str) -> Value {
    let code = world.last_code();
    answer(challenge, "alice", json!({"EMAIL_OTP_CODE": code, "DEVICE_KEY": key}))
}

#[test]
fn a_device_that_comes_with_the_second_factor_has_to_prove_itself_too() {
    let (mut world, laptop) = stage(false);
    let challenge = sign_in(&mut world, None).unwrap();
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    let request = answer_on(&mut world, &challenge, &laptop.key);
    let next = world.ok("RespondToAuthChallenge", request);
    assert_eq!(name_of(&next), "DEVICE_SRP_AUTH");
    let signed_in = laptop.prove(&mut world, &next).unwrap();
    assert_eq!(signed_in["AuthenticationResult"].get("NewDeviceMetadata"), None);
}

#[test]
fn an_unknown_device_that_comes_with_the_second_factor_is_refused_before_the_code_is_spent() {
    let (mut world, laptop) = stage(false);
    let challenge = sign_in(&mut world, None).unwrap();
    let request = answer_on(&mut world, &challenge, "us-east-1_0");
    assert_eq!(
        world.refused("RespondToAuthChallenge", request),
        "ResourceNotFoundException: Device does not exist."
    );
    let request = answer_on(&mut world, &challenge, &laptop.key);
    assert_eq!(name_of(&world.ok("RespondToAuthChallenge", request)), "DEVICE_SRP_AUTH");
}
