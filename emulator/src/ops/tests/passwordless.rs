//! Users without a password, and the way from a sign-up straight into the sign-in.

use serde_json::{Value, json};

use super::sign_in_world::{adjust, answer, initiate, initiation, name_of};
use crate::clock::MINUTE;
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World, sign_up_request};

const INVALID_SESSION: &str = "NotAuthorizedException: Invalid session for the user.";

fn without_password(name: &str) -> Value {
    let mut request = sign_up_request(name);
    request.as_object_mut().unwrap().remove("Password");
    request
}

fn stage() -> World {
    let mut world = World::new();
    adjust(&mut world, json!({"firstFactors": ["PASSWORD", "EMAIL_OTP"]}));
    world
}

fn confirmation(world: &World, session: Option<&Value>) -> Value {
    let mut request = json!({"ClientId": CLIENT, "Username": "alice", "ConfirmationCode": world.last_code()});
    if let Some(session) = session {
        request["Session"] = session.clone();
    }
    request
}

fn sign_in(session: &Value) -> Value {
    let mut request = initiation("USER_AUTH", json!({"USERNAME": "alice"}));
    request["Session"] = session.clone();
    request
}

#[test]
fn a_sign_up_needs_a_password_unless_a_code_can_be_sent_instead() {
    let mut world = stage();
    adjust(&mut world, json!({"firstFactors": ["PASSWORD", "WEB_AUTHN"]}));
    let refused = world.refused("SignUp", without_password("alice"));
    assert!(refused.contains("Value null at 'password'"), "{refused}");
    adjust(&mut world, json!({"firstFactors": ["PASSWORD", "EMAIL_OTP"]}));
    world.ok("SignUp", without_password("alice"));
    let mut with_a_blank_one = without_password("bob");
    with_a_blank_one["Password"] = json!("");
    world.ok("SignUp", with_a_blank_one);
    let mut with_a_weak_one = without_password("carol");
    with_a_weak_one["Password"] = json!("weak");
    let refused = world.refused("SignUp", with_a_weak_one);
    assert!(refused.starts_with("InvalidPasswordException"), "{refused}");
}

#[test]
fn the_session_of_a_sign_up_leads_through_its_confirmation_to_tokens() {
    let mut world = stage();
    let signed_up = world.ok("SignUp", without_password("alice"));
    let confirmed = world.ok("ConfirmSignUp", confirmation(&world, Some(&signed_up["Session"])));
    assert_ne!(confirmed["Session"], signed_up["Session"]);
    let done = world.ok("InitiateAuth", sign_in(&confirmed["Session"]));
    assert!(done["AuthenticationResult"]["RefreshToken"].is_string());
    assert_eq!(
        world.refused("InitiateAuth", sign_in(&confirmed["Session"])),
        INVALID_SESSION
    );
}

#[test]
fn a_confirmation_that_brings_no_session_still_gets_one() {
    let mut world = stage();
    world.sign_up("alice");
    let confirmed = world.ok("ConfirmSignUp", confirmation(&world, None));
    world.ok("InitiateAuth", sign_in(&confirmed["Session"]));
}

#[test]
fn a_session_of_a_sign_up_is_for_its_user_and_its_client_and_does_not_sign_in() {
    let mut world = stage();
    let of_bob = world.ok("SignUp", without_password("bob"));
    let signed_up = world.ok("SignUp", without_password("alice"));
    assert_eq!(
        world.refused("ConfirmSignUp", confirmation(&world, Some(&of_bob["Session"]))),
        INVALID_SESSION
    );
    let mut of_another_client = confirmation(&world, Some(&signed_up["Session"]));
    of_another_client["ClientId"] = json!(LEGACY);
    assert_eq!(world.refused("ConfirmSignUp", of_another_client), INVALID_SESSION);
    assert_eq!(
        world.refused("InitiateAuth", sign_in(&signed_up["Session"])),
        INVALID_SESSION
    );
}

#[test]
fn the_sessions_of_a_sign_up_expire_and_its_code_goes_on_working() {
    let mut world = stage();
    let signed_up = world.ok("SignUp", without_password("alice"));
    world.now += 3 * MINUTE;
    let expired = "NotAuthorizedException: Invalid session for the user, session is expired.";
    assert_eq!(
        world.refused("ConfirmSignUp", confirmation(&world, Some(&signed_up["Session"]))),
        expired
    );
    let confirmed = world.ok("ConfirmSignUp", confirmation(&world, None));
    world.now += 3 * MINUTE;
    assert_eq!(world.refused("InitiateAuth", sign_in(&confirmed["Session"])), expired);
}

#[test]
fn a_client_without_user_auth_gets_no_sessions() {
    let mut world = stage();
    let made = json!({"UserPoolId": POOL, "ClientName": "c"});
    let client = world.ok("CreateUserPoolClient", made)["UserPoolClient"]["ClientId"].clone();
    let mut request = sign_up_request("alice");
    request["ClientId"] = client.clone();
    assert!(world.ok("SignUp", request).get("Session").is_none());
    let mut request = confirmation(&world, None);
    request["ClientId"] = client;
    assert_eq!(world.ok("ConfirmSignUp", request), json!({}));
}

#[test]
fn a_user_without_a_password_signs_in_by_code_and_sets_a_first_password() {
    let mut world = stage();
    world.ok("SignUp", without_password("alice"));
    world.ok("ConfirmSignUp", confirmation(&world, None));
    let choice = initiate(&mut world, "USER_AUTH", json!({"USERNAME": "alice"}));
    assert_eq!(choice["AvailableChallenges"], json!(["EMAIL_OTP"]));
    assert!(world.srp(CLIENT, "alice", PASSWORD).is_err());
    let challenge = world.ok(
        "RespondToAuthChallenge",
        answer(&choice, "alice", json!({"ANSWER": "EMAIL_OTP"})),
    );
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    let code = world.last_code();
    let done = world.ok(
        "RespondToAuthChallenge",
        answer(&challenge, "alice", json!({"EMAIL_OTP_CODE": code})),
    );
    let token = done["AuthenticationResult"]["AccessToken"].clone();
    world.ok(
        "ChangePassword",
        json!({"AccessToken": token, "ProposedPassword": PASSWORD}),
    );
    assert!(world.srp(CLIENT, "alice", PASSWORD).is_ok());
    assert_eq!(
        world.refused(
            "ChangePassword",
            json!({"AccessToken": token, "ProposedPassword": PASSWORD})
        ),
        "InvalidParameterException: Missing required parameter OldPassword"
    );
}

#[test]
fn unconfirmed_user_cannot_begin() {
    let mut world = stage();
    world.ok("SignUp", without_password("alice"));
    let request = initiation("USER_AUTH", json!({"USERNAME": "alice"}));
    assert_eq!(
        world.refused("InitiateAuth", request),
        "UserNotConfirmedException: User is not confirmed."
    );
}
