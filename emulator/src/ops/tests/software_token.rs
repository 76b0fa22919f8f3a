//! Setting up an authenticator app, by a signed-in user and within MFA_SETUP; setting up an email address within it.

use serde_json::{Value, json};

use super::sign_in_world::{access, adjust, answer, begin, name_of, totp};
use crate::clock::{MINUTE, SECOND};
use crate::testing::{PASSWORD, POOL, World, sign_up_request};

const MISMATCH: &str = "EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA";

/// A pool that requires a second factor of these, with a user who has none: the email address is not verified.
fn required(factors: Value) -> World {
    let mut world = World::new();
    world.ok("SignUp", sign_up_request("alice"));
    world.ok("AdminConfirmSignUp", json!({"UserPoolId": POOL, "Username": "alice"}));
    adjust(&mut world, json!({"mfa": "ON", "mfaFactors": factors}));
    world
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_signed_in_user_sets_up_an_app_and_it_changes_nothing_until_it_is_switched_on() {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    let token = access(&mut world, "alice");
    let associated = world.ok("AssociateSoftwareToken", json!({"AccessToken": token}));
    assert!(associated["SecretCode"].as_str().unwrap().len() >= 16);
    assert!(associated.get("Session").is_none());

    let code = totp(&world, "alice");
    let verify = |code: &str| json!({"AccessToken": token, "UserCode": code});
    assert_eq!(
        world.refused("VerifySoftwareToken", verify(other_than(&code))),
        MISMATCH
    );
    assert_eq!(
        world.ok("VerifySoftwareToken", verify(&code)),
        json!({"Status": "SUCCESS"})
    );
    assert!(begin(&mut world, "alice")["AuthenticationResult"].is_object());
}

#[test]
fn an_app_that_is_in_use_goes_on_working_until_the_next_one_is_verified() {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    super::sign_in_world::enable_totp(&mut world, "alice");
    world.now += 30 * SECOND;
    let code = totp(&world, "alice");
    let challenge = begin(&mut world, "alice");
    let done = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"SOFTWARE_TOKEN_MFA_CODE": code})),
    );
    let token = done["AuthenticationResult"]["AccessToken"].clone();
    world.now += 30 * SECOND;
    let code = totp(&world, "alice");
    world.ok("AssociateSoftwareToken", json!({"AccessToken": token}));
    let challenge = begin(&mut world, "alice");
    world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"SOFTWARE_TOKEN_MFA_CODE": code})),
    );
}

#[test]
fn a_code_is_six_digits_and_belongs_to_an_app() {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    let token = access(&mut world, "alice");
    for code in ["12345", "1234567", "12345a"] {
        let refused = world.refused("VerifySoftwareToken", json!({"AccessToken": token, "UserCode": code}));
        assert!(
            refused.starts_with("InvalidParameterException: 1 validation error"),
            "{refused}"
        );
    }
    let refused = world.refused(
        "VerifySoftwareToken",
        json!({"AccessToken": token, "UserCode": "123456"}),
    );
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
    let refused = world.refused("AssociateSoftwareToken", json!({}));
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
}

#[test]
fn a_pool_without_software_tokens_has_none_to_set_up() {
    let mut world = World::with_user("alice");
    let token = access(&mut world, "alice");
    assert_eq!(
        world.refused("AssociateSoftwareToken", json!({"AccessToken": token})),
        "SoftwareTokenMFANotFoundException: Software Token MFA has not been enabled by the userPool"
    );
}

#[test]
fn user_who_needs_a_second_factor_sets_up_an_app_within_the_sign_in() {
    let mut world = required(json!(["SOFTWARE_TOKEN_MFA"]));
    let setup = begin(&mut world, "alice");
    assert_eq!(name_of(&setup), "MFA_SETUP");
    assert_eq!(
        setup["ChallengeParameters"]["MFAS_CAN_SETUP"],
        r#"["SOFTWARE_TOKEN_MFA"]"#
    );

    let associated = world.ok("AssociateSoftwareToken", json!({"Session": setup["Session"]}));
    let code = totp(&world, "alice");
    let verify = |code: &str| json!({"Session": associated["Session"], "UserCode": code});
    assert_eq!(
        world.refused("VerifySoftwareToken", verify(other_than(&code))),
        MISMATCH
    );
    let verified = world.ok("VerifySoftwareToken", verify(&code));
    assert_eq!(verified["Status"], "SUCCESS");
    let mut sessions = vec![&setup["Session"], &associated["Session"], &verified["Session"]];
    sessions.dedup();
    assert_eq!(sessions.len(), 3);

    let mut done = answer(&setup, "alice", json!({}));
    done["Session"] = verified["Session"].clone();
    let tokens = world.ok("RespondToAuthChallenge", done)["AuthenticationResult"].clone();
    let user = world.ok("GetUser", json!({"AccessToken": tokens["AccessToken"]}));
    assert_eq!(user["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA"]));
    assert_eq!(user["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
    assert_eq!(name_of(&begin(&mut world, "alice")), "SOFTWARE_TOKEN_MFA");
}

#[test]
fn a_set_up_cannot_be_claimed_nor_its_sessions_be_used_twice_or_late() {
    let mut world = required(json!(["SOFTWARE_TOKEN_MFA"]));
    let setup = begin(&mut world, "alice");
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(&setup, "alice", json!({}))),
        "InvalidParameterException: User has not verified software token mfa"
    );
    let associated = world.ok("AssociateSoftwareToken", json!({"Session": setup["Session"]}));
    assert_eq!(
        world.refused("AssociateSoftwareToken", json!({"Session": setup["Session"]})),
        "NotAuthorizedException: Invalid session for the user."
    );
    let code = totp(&world, "alice");
    world.now += 3 * MINUTE;
    assert_eq!(
        world.refused(
            "VerifySoftwareToken",
            json!({"Session": associated["Session"], "UserCode": code})
        ),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn a_session_of_another_challenge_sets_nothing_up() {
    let mut world = World::with_user("alice");
    adjust(
        &mut world,
        json!({"mfa": "ON", "mfaFactors": ["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]}),
    );
    let challenge = begin(&mut world, "alice");
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    assert_eq!(
        world.refused("AssociateSoftwareToken", json!({"Session": challenge["Session"]})),
        "NotAuthorizedException: Invalid session for the user."
    );
}

#[test]
fn user_who_needs_a_second_factor_sets_up_an_email_address_within_the_sign_in() {
    let mut world = required(json!(["EMAIL_OTP", "SOFTWARE_TOKEN_MFA"]));
    let setup = begin(&mut world, "alice");
    assert_eq!(name_of(&setup), "MFA_SETUP");
    let refused = world.refused(
        "RespondToAuthChallenge",
        answer(&setup, "alice", json!({"EMAIL": "nonsense"})),
    );
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
    let email = answer(&setup, "alice", json!({"EMAIL": "other@example.com"}));
    let challenge = world.ok("RespondToAuthChallenge", email);
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    let message = world.state.outbox.messages().back().unwrap();
    assert_eq!(message.destination, "other@example.com");
    assert_eq!(json!(message.trigger), "MFA_SETUP");
    let code = world.last_code();
    world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"EMAIL_OTP_CODE": code})),
    );
    let user = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    assert_eq!(user["UserMFASettingList"], json!(["EMAIL_OTP"]));
    assert!(
        user["UserAttributes"]
            .as_array()
            .unwrap()
            .contains(&json!({"Name": "email_verified", "Value": "true"}))
    );
}

#[test]
fn an_email_address_is_no_second_factor_of_a_pool_without_it() {
    let mut world = required(json!(["SOFTWARE_TOKEN_MFA"]));
    let setup = begin(&mut world, "alice");
    let refused = world.refused(
        "RespondToAuthChallenge",
        answer(&setup, "alice", json!({"EMAIL": "a@example.com"})),
    );
    assert_eq!(
        refused,
        "InvalidParameterException: Email MFA has not been enabled by the userPool"
    );
}

#[test]
fn a_new_password_and_a_set_up_follow_each_other() {
    let mut world = required(json!(["SOFTWARE_TOKEN_MFA"]));
    world.ok(
        "AdminSetUserPassword",
        json!({"UserPoolId": POOL, "Username": "alice", "Password": "Temp0rary!"}),
    );
    let challenge = world.srp(crate::testing::CLIENT, "alice", "Temp0rary!").unwrap();
    let setup = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"NEW_PASSWORD": PASSWORD})),
    );
    assert_eq!(name_of(&setup), "MFA_SETUP");
    let associated = world.ok("AssociateSoftwareToken", json!({"Session": setup["Session"]}));
    let code = totp(&world, "alice");
    let verified = world.ok(
        "VerifySoftwareToken",
        json!({"Session": associated["Session"], "UserCode": code}),
    );
    let mut done = answer(&setup, "alice", json!({}));
    done["Session"] = verified["Session"].clone();
    assert!(world.ok("RespondToAuthChallenge", done)["AuthenticationResult"].is_object());
}
