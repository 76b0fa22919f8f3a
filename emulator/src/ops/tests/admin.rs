//! Administration of users.

use serde_json::{Value, json};

use crate::testing::{CLIENT, PASSWORD, POOL, World, shown};

fn user(name: &str) -> Value {
    json!({"UserPoolId": POOL, "Username": name})
}

fn status(world: &mut World, name: &str) -> String {
    world.ok("AdminGetUser", user(name))["UserStatus"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn an_invitation_carries_a_temporary_password_that_works() {
    let mut world = World::new();
    let mut request = user("alice");
    request["UserAttributes"] = json!([{"Name": "email", "Value": "alice@example.com"}]);
    request["DesiredDeliveryMediums"] = json!(["EMAIL"]);
    let answer = world.ok("AdminCreateUser", request);
    assert_eq!(answer["User"]["UserStatus"], "FORCE_CHANGE_PASSWORD");
    let message = json!(world.state.outbox.messages()[0]);
    assert_eq!(
        (&message["trigger"], &message["code"]),
        (&json!("AdminCreateUser"), &Value::Null)
    );
    let password = message["temporaryPassword"].as_str().unwrap();
    assert_eq!(
        world.srp(CLIENT, "alice", password).unwrap()["ChallengeName"],
        "NEW_PASSWORD_REQUIRED"
    );
}

#[test]
fn an_invitation_can_be_suppressed_and_sent_again() {
    let mut world = World::new();
    let mut request = user("alice");
    request["UserAttributes"] = json!([{"Name": "email", "Value": "alice@example.com"}]);
    request["DesiredDeliveryMediums"] = json!(["EMAIL"]);
    request["MessageAction"] = json!("SUPPRESS");
    world.ok("AdminCreateUser", request.clone());
    assert!(world.state.outbox.messages().is_empty());
    assert_eq!(
        world.refused("AdminCreateUser", request.clone()),
        "UsernameExistsException: User already exists"
    );
    request["MessageAction"] = json!("RESEND");
    world.ok("AdminCreateUser", request);
    let password = world.state.outbox.messages()[0].temporary_password.clone().unwrap();
    assert!(world.srp(CLIENT, "alice", &password).is_ok());
}

#[test]
fn a_password_is_set_for_good_or_for_one_sign_in() {
    let mut world = World::with_user("alice");
    let mut request = user("alice");
    request["Password"] = json!("Set-by-adm1n");
    world.ok("AdminSetUserPassword", request.clone());
    assert_eq!(status(&mut world, "alice"), "FORCE_CHANGE_PASSWORD");
    request["Permanent"] = json!(true);
    world.ok("AdminSetUserPassword", request.clone());
    assert_eq!(status(&mut world, "alice"), "CONFIRMED");
    assert!(world.srp(CLIENT, "alice", "Set-by-adm1n").unwrap()["AuthenticationResult"].is_object());
    request["Password"] = json!("weak");
    assert!(
        world
            .refused("AdminSetUserPassword", request)
            .starts_with("InvalidPasswordException")
    );
}

#[test]
fn a_sign_up_is_confirmed_without_a_code_once() {
    let mut world = World::new();
    world.sign_up("alice");
    world.ok("AdminConfirmSignUp", user("alice"));
    assert_eq!(
        world.refused("AdminConfirmSignUp", user("alice")),
        "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED"
    );
    world.tokens(CLIENT, "alice");
}

#[test]
fn a_reset_password_no_longer_works_and_a_code_goes_out() {
    let mut world = World::with_user("alice");
    world.ok("AdminResetUserPassword", user("alice"));
    assert_eq!(
        shown(&world.srp(CLIENT, "alice", PASSWORD).unwrap_err()),
        "PasswordResetRequiredException: Password reset required for the user"
    );
    let code = world.last_code();
    let request = json!({"ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code, "Password": PASSWORD});
    world.ok("ConfirmForgotPassword", request);
    world.tokens(CLIENT, "alice");
}

#[test]
fn an_administrator_signs_a_user_out() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    world.ok("AdminUserGlobalSignOut", user("alice"));
    assert!(
        world
            .refused("GetUser", json!({"AccessToken": access}))
            .ends_with("Access Token has been revoked")
    );
}

#[test]
fn a_disabled_user_can_be_enabled_again() {
    let mut world = World::with_user("alice");
    world.ok("AdminDisableUser", user("alice"));
    assert!(world.srp(CLIENT, "alice", PASSWORD).is_err());
    world.ok("AdminEnableUser", user("alice"));
    world.tokens(CLIENT, "alice");
}

#[test]
fn a_deleted_user_is_gone() {
    let mut world = World::with_user("alice");
    world.ok("AdminDeleteUser", user("alice"));
    assert_eq!(
        world.refused("AdminGetUser", user("alice")),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn an_administrator_sets_an_address_and_its_mark_in_one_request() {
    let mut world = World::with_user("alice");
    let mut request = user("alice");
    request["UserAttributes"] =
        json!([{"Name": "email_verified", "Value": "true"}, {"Name": "email", "Value": "new@example.com"}]);
    world.ok("AdminUpdateUserAttributes", request);
    let attributes = world.ok("AdminGetUser", user("alice"))["UserAttributes"].clone();
    assert!(
        attributes
            .as_array()
            .unwrap()
            .contains(&json!({"Name": "email_verified", "Value": "true"}))
    );
    assert!(
        attributes
            .as_array()
            .unwrap()
            .contains(&json!({"Name": "email", "Value": "new@example.com"}))
    );
}

#[test]
fn users_are_listed_by_page_and_by_filter() {
    let mut world = World::new();
    for name in ["alice", "bob", "carol"] {
        world.sign_up(name);
        world.now += 1;
    }
    let page = world.ok("ListUsers", json!({"UserPoolId": POOL, "Limit": 2}));
    assert_eq!(page["Users"].as_array().unwrap().len(), 2);
    let rest = world.ok(
        "ListUsers",
        json!({"UserPoolId": POOL, "Limit": 2, "PaginationToken": page["PaginationToken"]}),
    );
    assert_eq!(rest["Users"][0]["Username"], "carol");
    assert!(rest.get("PaginationToken").is_none());
    let found = world.ok(
        "ListUsers",
        json!({"UserPoolId": POOL, "Filter": "email ^= \"bob\"", "AttributesToGet": ["email"]}),
    );
    assert_eq!(found["Users"].as_array().unwrap().len(), 1);
    assert_eq!(
        found["Users"][0]["Attributes"],
        json!([{"Name": "email", "Value": "bob@example.com"}])
    );
}

#[test]
fn a_user_is_found_by_the_sub_too() {
    let mut world = World::new();
    let sub = world.sign_up("alice")["UserSub"].clone();
    let found = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": sub}));
    assert_eq!(found["Username"], "alice");
}
