//! What a pool's settings make of changed addresses, lost passwords, values of attributes and its own deletion.

use serde_json::{Value, json};

use super::sign_in_world::{access, adjust, set_attribute};
use crate::testing::{CLIENT, POOL, World, sign_up_request};

fn update(world: &mut World, settings: Value) {
    let mut request = json!({"UserPoolId": POOL, "AutoVerifiedAttributes": ["email"]});
    request
        .as_object_mut()
        .unwrap()
        .extend(settings.as_object().unwrap().clone());
    world.ok("UpdateUserPool", request);
}

fn attribute(world: &mut World, name: &str) -> Value {
    let user = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    let attributes = user["UserAttributes"].as_array().unwrap().clone();
    let found = attributes.into_iter().find(|attribute| attribute["Name"] == name);
    found.map(|attribute| attribute["Value"].clone()).unwrap_or_default()
}

fn new_email(value: &str) -> Value {
    json!([{"Name": "email", "Value": value}])
}

fn world_that_verifies_first() -> (World, String) {
    let mut world = World::with_user("alice");
    let token = access(&mut world, "alice");
    update(
        &mut world,
        json!({"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}),
    );
    (world, token)
}

#[test]
fn a_verified_address_stays_until_the_new_one_has_shown_its_code() {
    let (mut world, token) = world_that_verifies_first();
    let request = json!({"AccessToken": token, "UserAttributes": new_email("new@example.com")});
    let told = world.ok("UpdateUserAttributes", request);
    assert_eq!(told["CodeDeliveryDetailsList"][0]["Destination"], "n***@e***");
    assert_eq!(
        world.state.outbox.messages().back().unwrap().destination,
        "new@example.com"
    );
    assert_eq!(attribute(&mut world, "email"), "alice@example.com");
    assert_eq!(attribute(&mut world, "email_verified"), "true");

    // A further code goes to the new address as well.
    world.ok(
        "GetUserAttributeVerificationCode",
        json!({"AccessToken": token, "AttributeName": "email"}),
    );
    assert_eq!(
        world.state.outbox.messages().back().unwrap().destination,
        "new@example.com"
    );
    let code = world.last_code();
    world.ok(
        "VerifyUserAttribute",
        json!({"AccessToken": token, "AttributeName": "email", "Code": code}),
    );
    assert_eq!(attribute(&mut world, "email"), "new@example.com");
    assert_eq!(attribute(&mut world, "email_verified"), "true");
}

#[test]
fn a_later_change_or_deletion_takes_the_place_of_an_address_that_waits() {
    let (mut world, token) = world_that_verifies_first();
    for address in ["first@example.com", "alice@example.com"] {
        let request = json!({"AccessToken": token, "UserAttributes": new_email(address)});
        world.ok("UpdateUserAttributes", request);
    }
    let code = world.last_code();
    world.ok(
        "VerifyUserAttribute",
        json!({"AccessToken": token, "AttributeName": "email", "Code": code}),
    );
    assert_eq!(attribute(&mut world, "email"), "alice@example.com");
}

#[test]
fn an_administrators_change_waits_for_its_code_unless_it_is_marked_as_verified() {
    let (mut world, token) = world_that_verifies_first();
    let change = |attributes: Value| json!({"UserPoolId": POOL, "Username": "alice", "UserAttributes": attributes});
    world.ok("AdminUpdateUserAttributes", change(new_email("new@example.com")));
    assert_eq!(attribute(&mut world, "email"), "alice@example.com");
    let code = world.last_code();
    world.ok(
        "VerifyUserAttribute",
        json!({"AccessToken": token, "AttributeName": "email", "Code": code}),
    );
    assert_eq!(attribute(&mut world, "email"), "new@example.com");
    set_attribute(&mut world, "alice", "email", "other@example.com");
    assert_eq!(attribute(&mut world, "email"), "other@example.com");
}

fn forgot(world: &mut World) -> Value {
    world.ok("ForgotPassword", json!({"ClientId": CLIENT, "Username": "alice"}))["CodeDeliveryDetails"].clone()
}

fn recovery(mechanisms: &[&str]) -> Value {
    let mechanisms: Vec<Value> = mechanisms
        .iter()
        .enumerate()
        .map(|(index, name)| json!({"Name": name, "Priority": index + 1}))
        .collect();
    json!({"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}})
}

#[test]
fn a_password_is_recovered_by_the_first_way_that_the_user_has() {
    let mut world = World::with_user("alice");
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    assert_eq!(forgot(&mut world)["AttributeName"], "phone_number", "without a setting");
    for (mechanisms, attribute) in [
        (&["verified_email", "verified_phone_number"][..], "email"),
        (&["verified_phone_number", "verified_email"], "phone_number"),
        (&["verified_email"], "email"),
    ] {
        update(&mut world, recovery(mechanisms));
        assert_eq!(forgot(&mut world)["AttributeName"], attribute, "{mechanisms:?}");
    }
}

#[test]
fn an_address_that_is_the_second_factor_recovers_no_password() {
    let mut world = World::with_user("alice");
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    update(&mut world, recovery(&["verified_phone_number", "verified_email"]));
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    let preference = json!({"UserPoolId": POOL, "Username": "alice", "SMSMfaSettings": {"Enabled": true}});
    world.ok("AdminSetUserMFAPreference", preference);
    assert_eq!(forgot(&mut world)["AttributeName"], "email");
}

#[test]
fn where_only_an_administrator_recovers_a_password_no_code_is_sent() {
    let mut world = World::with_user("alice");
    update(&mut world, recovery(&["admin_only"]));
    for (operation, request) in [
        ("ForgotPassword", json!({"ClientId": CLIENT, "Username": "alice"})),
        (
            "AdminResetUserPassword",
            json!({"UserPoolId": POOL, "Username": "alice"}),
        ),
    ] {
        assert_eq!(
            world.refused(operation, request),
            "NotAuthorizedException: Contact administrator to reset password."
        );
    }
    let mut request = recovery(&["admin_only", "verified_email"]);
    request["PoolName"] = json!("p");
    let refused = world.refused("CreateUserPool", request);
    assert!(
        refused.contains("AccountRecoverySetting.RecoveryMechanisms"),
        "{refused}"
    );
}

#[test]
fn the_values_of_attributes_are_held_against_the_schema_and_all_that_is_wrong_is_told() {
    let mut world = World::new();
    let schema = json!([
        {"Name": "badge", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "1", "MaxValue": "99"}},
        {"Name": "name", "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"}},
        {"Name": "member", "AttributeDataType": "Boolean"},
    ]);
    let pool = world.ok("CreateUserPool", json!({"PoolName": "p", "Schema": schema}))["UserPool"].clone();
    let shown = pool["SchemaAttributes"].as_array().unwrap().clone();
    let birthdate = shown.iter().find(|attribute| attribute["Name"] == "birthdate").unwrap();
    assert_eq!(
        birthdate["StringAttributeConstraints"],
        json!({"MinLength": "10", "MaxLength": "10"})
    );
    let client = world.ok(
        "CreateUserPoolClient",
        json!({"UserPoolId": pool["Id"], "ClientName": "c"}),
    );
    let mut request = sign_up_request("alice");
    request["ClientId"] = client["UserPoolClient"]["ClientId"].clone();
    let attributes = |badge: &str, name: &str, member: &str, birthdate: &str| {
        json!([
            {"Name": "custom:badge", "Value": badge},
            {"Name": "name", "Value": name},
            {"Name": "custom:member", "Value": member},
            {"Name": "birthdate", "Value": birthdate},
        ])
    };
    request["UserAttributes"] = attributes("100", "a", "perhaps", "1990");
    let refused = world.refused("SignUp", request.clone());
    let (intro, lines) = refused.split_once("schema: ").unwrap();
    assert_eq!(intro, "InvalidParameterException: Attributes did not conform to the ");
    let wrong: Vec<_> = lines.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(
        wrong,
        ["custom:badge", "name", "custom:member", "birthdate"],
        "{refused}"
    );
    request["UserAttributes"] = attributes("99", "Alice", "true", "1990-12-31");
    world.ok("SignUp", request);
    let schema = json!([{"Name": "x", "NumberAttributeConstraints": {"MinValue": "one"}}]);
    let refused = world.refused("CreateUserPool", json!({"PoolName": "p", "Schema": schema}));
    assert!(
        refused.contains("Schema[0].NumberAttributeConstraints.MinValue"),
        "{refused}"
    );
}

#[test]
fn a_pool_that_is_protected_is_not_deleted() {
    let mut world = World::new();
    update(&mut world, json!({"DeletionProtection": "ACTIVE"}));
    assert_eq!(
        world.refused("DeleteUserPool", json!({"UserPoolId": POOL})),
        "InvalidParameterException: The user pool cannot be deleted because deletion protection is activated. Deletion \
         protection must be inactivated first."
    );
    update(&mut world, json!({}));
    let described = world.ok("DescribeUserPool", json!({"UserPoolId": POOL}));
    assert_eq!(described["UserPool"]["DeletionProtection"], "INACTIVE");
    world.ok("DeleteUserPool", json!({"UserPoolId": POOL}));
}
