//! The second factor: which one is asked for, and its codes.

use serde_json::{Value, json};

use super::sign_in_world::{adjust, answer, begin, enable_totp, name_of, set_attribute, totp};
use crate::clock::{MINUTE, SECOND};
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World};

const WRONG: &str = "CodeMismatchException: Invalid code received for user";
const PHONE: &str = "+12065551212";

/// A pool where MFA is optional, with a user who has a verified email address and phone number.
fn optional() -> World {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    set_attribute(&mut world, "alice", "phone_number", PHONE);
    world
}

fn prefer(world: &mut World, settings: Value) {
    let mut request = settings;
    request["UserPoolId"] = json!(POOL);
    request["Username"] = json!("alice");
    world.ok("AdminSetUserMFAPreference", request);
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn optional_mfa_asks_no_user_who_has_switched_no_factor_on() {
    let mut world = optional();
    assert!(begin(&mut world, "alice")["AuthenticationResult"].is_object());
}

#[test]
fn a_code_by_sms_is_asked_for_and_completes_the_sign_in() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = world.srp(CLIENT, "alice", PASSWORD).unwrap();
    assert_eq!(name_of(&challenge), "SMS_MFA");
    assert_eq!(
        challenge["ChallengeParameters"],
        json!({
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
            "CODE_DELIVERY_DESTINATION": "+*******1212",
            "USER_ID_FOR_SRP": "alice",
        })
    );
    let message = world.state.outbox.messages().back().unwrap();
    assert_eq!(
        (json!(message.trigger), message.destination.as_str()),
        (json!("SMS_MFA"), PHONE)
    );
    let code = world.last_code();
    let done = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"SMS_MFA_CODE": code})),
    );
    assert!(done["AuthenticationResult"]["RefreshToken"].is_string());
}

#[test]
fn a_code_by_email_is_asked_for_and_has_two_names_in_its_answer() {
    for name in ["EMAIL_OTP_CODE", "EMAIL_MFA_CODE"] {
        let mut world = optional();
        prefer(&mut world, json!({"EmailMfaSettings": {"Enabled": true}}));
        let challenge = begin(&mut world, "alice");
        assert_eq!(name_of(&challenge), "EMAIL_OTP");
        assert_eq!(
            json!(world.state.outbox.messages().back().unwrap().trigger),
            "EMAIL_MFA"
        );
        let code = world.last_code();
        world.ok(
            "RespondToAuthChallenge",
            answer(&challenge, "alice", json!({name: code})),
        );
    }
}

#[test]
fn a_wrong_code_leaves_the_session_open_and_the_right_one_closes_it() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = begin(&mut world, "alice");
    let code = world.last_code();
    let wrong = answer(&challenge, "alice", json!({"SMS_MFA_CODE": other_than(&code)}));
    assert_eq!(world.refused("RespondToAuthChallenge", wrong.clone()), WRONG);
    assert_eq!(world.refused("RespondToAuthChallenge", wrong), WRONG);
    let right = answer(&challenge, "alice", json!({"SMS_MFA_CODE": code}));
    world.ok("RespondToAuthChallenge", right.clone());
    assert_eq!(
        world.refused("RespondToAuthChallenge", right),
        "NotAuthorizedException: Invalid session for the user."
    );
}

#[test]
fn a_code_lasts_as_long_as_its_session() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = begin(&mut world, "alice");
    let code = world.last_code();
    world.now += 3 * MINUTE;
    let late = answer(&challenge, "alice", json!({"SMS_MFA_CODE": code}));
    assert_eq!(
        world.refused("RespondToAuthChallenge", late),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn a_session_lives_as_long_as_its_client_says() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let quarter = json!({"UserPoolId": POOL, "ClientId": CLIENT, "AuthSessionValidity": 15,
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    world.ok("UpdateUserPoolClient", quarter);
    let (early, late) = (begin(&mut world, "alice"), begin(&mut world, "alice"));
    let code = world.last_code();
    let answer = |challenge: &Value| answer(challenge, "alice", json!({"SMS_MFA_CODE": code}));
    world.now += 14 * MINUTE;
    world.ok("RespondToAuthChallenge", answer(&late));
    world.now += MINUTE;
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(&early)),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn a_session_answers_its_own_challenge_of_its_own_user_and_client_only() {
    let mut world = optional();
    world.add_user("bob");
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = begin(&mut world, "alice");
    let code = world.last_code();
    let right = answer(
        &challenge,
        "alice",
        json!({"SMS_MFA_CODE": code, "EMAIL_OTP_CODE": code, "ANSWER": "SMS_MFA"}),
    );
    let mut of_another_client = right.clone();
    of_another_client["ClientId"] = json!(LEGACY);
    let mut of_another_user = right.clone();
    of_another_user["ChallengeResponses"]["USERNAME"] = json!("bob");
    let mut requests = vec![of_another_client, of_another_user];
    for name in [
        "EMAIL_OTP",
        "SMS_OTP",
        "SOFTWARE_TOKEN_MFA",
        "MFA_SETUP",
        "SELECT_MFA_TYPE",
        "CUSTOM_CHALLENGE",
    ] {
        let mut of_another_challenge = right.clone();
        of_another_challenge["ChallengeName"] = json!(name);
        requests.push(of_another_challenge);
    }
    for request in requests {
        assert_eq!(
            world.refused("RespondToAuthChallenge", request),
            "NotAuthorizedException: Invalid session for the user."
        );
    }
    world.ok("RespondToAuthChallenge", right);
}

#[test]
fn too_many_wrong_codes_lock_even_the_right_one_out_for_a_while() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    let challenge = begin(&mut world, "alice");
    let code = world.last_code();
    let wrong = answer(&challenge, "alice", json!({"SMS_MFA_CODE": other_than(&code)}));
    for _ in 0..5 {
        assert_eq!(world.refused("RespondToAuthChallenge", wrong.clone()), WRONG);
    }
    let right = answer(&challenge, "alice", json!({"SMS_MFA_CODE": code}));
    assert_eq!(
        world.refused("RespondToAuthChallenge", right.clone()),
        "NotAuthorizedException: Too many invalid credentials attempts. User temporarily locked. Please try again \
         after few seconds."
    );
    world.now += SECOND;
    world.ok("RespondToAuthChallenge", right);
}

#[test]
fn a_code_of_an_authenticator_app_works_once() {
    let mut world = optional();
    enable_totp(&mut world, "alice");
    world.now += 30 * SECOND;
    let challenge = begin(&mut world, "alice");
    assert_eq!(name_of(&challenge), "SOFTWARE_TOKEN_MFA");
    assert_eq!(challenge["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"], "my phone");
    let code = totp(&world, "alice");
    let wrong = answer(
        &challenge,
        "alice",
        json!({"SOFTWARE_TOKEN_MFA_CODE": other_than(&code)}),
    );
    assert_eq!(world.refused("RespondToAuthChallenge", wrong), WRONG);
    let right = |challenge: &Value| answer(challenge, "alice", json!({"SOFTWARE_TOKEN_MFA_CODE": code}));
    world.ok("RespondToAuthChallenge", right(&challenge));

    let again = begin(&mut world, "alice");
    assert_eq!(
        world.refused("RespondToAuthChallenge", right(&again)),
        "ExpiredCodeException: Your software token has already been used once."
    );
    world.now += 30 * SECOND;
    let next = totp(&world, "alice");
    world.ok(
        "RespondToAuthChallenge",
        answer(&again, "alice", json!({"SOFTWARE_TOKEN_MFA_CODE": next})),
    );
}

#[test]
fn several_factors_without_a_preference_are_a_choice() {
    let mut world = optional();
    enable_totp(&mut world, "alice");
    let settings = json!({
        "SMSMfaSettings": {"Enabled": true},
        "EmailMfaSettings": {"Enabled": true},
        "SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": false},
    });
    prefer(&mut world, settings);
    for (chosen, asked) in [
        ("SMS_MFA", "SMS_MFA"),
        ("SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA"),
        ("EMAIL_OTP", "EMAIL_OTP"),
        ("EMAIL_MFA", "EMAIL_OTP"),
    ] {
        let choice = begin(&mut world, "alice");
        assert_eq!(name_of(&choice), "SELECT_MFA_TYPE");
        assert_eq!(
            choice["ChallengeParameters"]["MFAS_CAN_CHOOSE"],
            r#"["SMS_MFA","SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#
        );
        let next = world.ok(
            "RespondToAuthChallenge",
            answer(&choice, "alice", json!({"ANSWER": chosen})),
        );
        assert_eq!(name_of(&next), asked);
        assert_ne!(next["Session"], choice["Session"]);
        assert_eq!(
            world.refused(
                "RespondToAuthChallenge",
                answer(&choice, "alice", json!({"ANSWER": chosen}))
            ),
            "NotAuthorizedException: Invalid session for the user."
        );
    }
    let choice = begin(&mut world, "alice");
    let refused = world.refused(
        "RespondToAuthChallenge",
        answer(&choice, "alice", json!({"ANSWER": "PIGEON"})),
    );
    assert!(refused.starts_with("MFAMethodNotFoundException: "), "{refused}");
}

#[test]
fn the_preferred_factor_is_asked_for_without_a_choice() {
    let mut world = optional();
    let settings = json!({
        "SMSMfaSettings": {"Enabled": true},
        "EmailMfaSettings": {"Enabled": true, "PreferredMfa": true},
    });
    prefer(&mut world, settings);
    assert_eq!(name_of(&begin(&mut world, "alice")), "EMAIL_OTP");
    prefer(&mut world, json!({"EmailMfaSettings": {"Enabled": false}}));
    assert_eq!(name_of(&begin(&mut world, "alice")), "SMS_MFA");
}

#[test]
fn where_mfa_is_required_whatever_the_user_has_is_asked_for() {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "ON"}));
    assert_eq!(name_of(&begin(&mut world, "alice")), "EMAIL_OTP");
    set_attribute(&mut world, "alice", "phone_number", PHONE);
    assert_eq!(name_of(&begin(&mut world, "alice")), "SELECT_MFA_TYPE");
}

#[test]
fn a_temporary_password_is_replaced_before_the_second_factor_is_asked_for() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    world.ok(
        "AdminSetUserPassword",
        json!({"UserPoolId": POOL, "Username": "alice", "Password": "Temp0rary!"}),
    );
    let challenge = world.srp(CLIENT, "alice", "Temp0rary!").unwrap();
    assert_eq!(name_of(&challenge), "NEW_PASSWORD_REQUIRED");
    let next = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"NEW_PASSWORD": PASSWORD})),
    );
    assert_eq!(name_of(&next), "SMS_MFA");
}

#[test]
fn mfa_that_is_switched_off_again_asks_no_user() {
    let mut world = optional();
    prefer(&mut world, json!({"SMSMfaSettings": {"Enabled": true}}));
    adjust(&mut world, json!({"mfa": "OFF"}));
    assert!(begin(&mut world, "alice")["AuthenticationResult"].is_object());
}
