//! What a signed-in user does.

use serde_json::{Value, json};

use super::sign_in_world::access;
use crate::clock::{DAY, HOUR};
use crate::codes;
use crate::testing::{CLIENT, POOL, Tokens, World};

const LIMIT: &str = "LimitExceededException: Attempt limit exceeded, please try after some time.";

fn attribute(user: &Value, name: &str) -> Option<String> {
    let attributes = user["UserAttributes"].as_array().unwrap();
    attributes
        .iter()
        .find(|entry| entry["Name"] == name)
        .map(|entry| entry["Value"].as_str().unwrap().to_owned())
}

#[test]
fn a_user_sees_their_attributes_the_sub_first() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let user = world.ok("GetUser", json!({"AccessToken": tokens.access()}));
    assert_eq!(user["Username"], "alice");
    assert_eq!(
        user["UserAttributes"][0],
        json!({"Name": "sub", "Value": tokens.claims("IdToken")["sub"]})
    );
    assert_eq!(attribute(&user, "email").unwrap(), "alice@example.com");
}

#[test]
fn a_token_is_refused_with_the_reason() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let access = tokens.access();
    let (signed, signature) = access.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for (token, reason) in [
        ("rubbish".to_owned(), "Invalid Access Token"),
        ("a.b.c".to_owned(), "Invalid Access Token"),
        (tokens.text("IdToken"), "Invalid Access Token"),
        (forged, "Could not verify signature for Access Token"),
    ] {
        assert_eq!(
            world.refused("GetUser", json!({"AccessToken": token})),
            format!("NotAuthorizedException: {reason}")
        );
    }
    world.now += HOUR;
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": access})),
        "NotAuthorizedException: Access Token has expired"
    );
}

#[test]
fn a_token_without_the_scope_of_the_user_s_own_operations_is_refused() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let mut claims = tokens.claims("AccessToken");
    claims["scope"] = json!("openid email");
    let key = &world.state.pool(POOL).unwrap().keys.access;
    let token = key.sign(claims.as_object().unwrap()).unwrap();
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": token})),
        "NotAuthorizedException: Access Token does not have required scopes"
    );
}

#[test]
fn a_global_sign_out_ends_every_sign_in() {
    let mut world = World::with_user("alice");
    let (one, other) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "alice"));
    world.ok("GlobalSignOut", json!({"AccessToken": one.access()}));
    for tokens in [one, other] {
        assert_eq!(
            world.refused("GetUser", json!({"AccessToken": tokens.access()})),
            "NotAuthorizedException: Access Token has been revoked"
        );
        assert_eq!(
            world.refused(
                "GetTokensFromRefreshToken",
                json!({"ClientId": CLIENT, "RefreshToken": tokens.refresh()})
            ),
            "NotAuthorizedException: Refresh Token has been revoked"
        );
    }
    world.tokens(CLIENT, "alice");
}

#[test]
fn deleted_users_token_is_refused() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    assert!(world.ok("DeleteUser", json!({"AccessToken": access})).is_null());
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": access})),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn a_changed_address_is_verified_with_the_code_sent_to_it() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    let answer = world.ok(
        "UpdateUserAttributes",
        json!({"AccessToken": access, "UserAttributes": [{"Name": "email", "Value": "new@example.com"}]}),
    );
    assert_eq!(answer["CodeDeliveryDetailsList"][0]["Destination"], "n***@e***");
    let user = world.ok("GetUser", json!({"AccessToken": access}));
    assert_eq!(attribute(&user, "email_verified").unwrap(), "false");

    let code = world.last_code();
    let verify = |code: &str| json!({"AccessToken": access, "AttributeName": "email", "Code": code});
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert!(
        world
            .refused("VerifyUserAttribute", verify(wrong))
            .starts_with("CodeMismatchException")
    );
    world.ok("VerifyUserAttribute", verify(&code));
    let user = world.ok("GetUser", json!({"AccessToken": access}));
    assert_eq!(attribute(&user, "email_verified").unwrap(), "true");
    assert!(
        world
            .refused("VerifyUserAttribute", verify(&code))
            .starts_with("ExpiredCodeException")
    );
}

#[test]
fn a_code_for_an_address_can_be_asked_for() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    let ask = |name: &str| json!({"AccessToken": access, "AttributeName": name});
    let answer = world.ok("GetUserAttributeVerificationCode", ask("email"));
    assert_eq!(answer["CodeDeliveryDetails"]["AttributeName"], "email");
    assert!(
        world
            .refused("GetUserAttributeVerificationCode", ask("phone_number"))
            .starts_with("InvalidParameter")
    );
}

#[test]
fn five_codes_an_hour_are_sent_to_an_address() {
    let mut world = World::with_user("alice");
    let ask = json!({"AccessToken": access(&mut world, "alice"), "AttributeName": "email"});
    for _ in 0..5 {
        world.ok("GetUserAttributeVerificationCode", ask.clone());
    }
    assert_eq!(world.refused("GetUserAttributeVerificationCode", ask), LIMIT);
}

#[test]
fn fifteen_wrong_codes_an_hour_are_looked_at() {
    let mut world = World::with_user("alice");
    let access = access(&mut world, "alice");
    world.ok(
        "GetUserAttributeVerificationCode",
        json!({"AccessToken": access, "AttributeName": "email"}),
    );
    let code = world.last_code();
    let verify = |code: &str| json!({"AccessToken": access, "AttributeName": "email", "Code": code});
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..15 {
        let refused = world.refused("VerifyUserAttribute", verify(wrong));
        assert!(refused.starts_with("CodeMismatchException"), "{refused}");
    }
    assert_eq!(world.refused("VerifyUserAttribute", verify(&code)), LIMIT);
}

#[test]
fn a_code_for_an_address_works_for_a_day() {
    for (age, works) in [(DAY - 1, true), (DAY, false)] {
        let mut world = World::with_user("alice");
        let request = json!({"AccessToken": access(&mut world, "alice"), "AttributeName": "email"});
        world.ok("GetUserAttributeVerificationCode", request);
        let code = world.last_code();
        world.now += age;
        let token = access(&mut world, "alice");
        let verify = json!({"AccessToken": token, "AttributeName": "email", "Code": code});
        let refused = world.call("VerifyUserAttribute", verify).err();
        assert_eq!(refused, (!works).then(codes::expired), "{age}");
    }
}

#[test]
fn attributes_can_be_taken_away() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    world.ok(
        "UpdateUserAttributes",
        json!({"AccessToken": access, "UserAttributes": [{"Name": "name", "Value": "Alice"}]}),
    );
    let user = world.ok("GetUser", json!({"AccessToken": access}));
    assert_eq!(attribute(&user, "name").unwrap(), "Alice");
    world.ok(
        "DeleteUserAttributes",
        json!({"AccessToken": access, "UserAttributeNames": ["name"]}),
    );
    let user = world.ok("GetUser", json!({"AccessToken": access}));
    assert_eq!(attribute(&user, "name"), None);
}

#[test]
fn an_immutable_attribute_stays_as_it_was() {
    let mut world = World::new();
    let schema = json!([{"Name": "plan", "Mutable": false, "AttributeDataType": "String"}]);
    let pool = world.ok("CreateUserPool", json!({"PoolName": "p", "Schema": schema}))["UserPool"]["Id"].clone();
    let plan = |value: &str| json!([{"Name": "custom:plan", "Value": value}]);
    let mut request = json!({"UserPoolId": pool, "Username": "alice", "UserAttributes": plan("gold")});
    world.ok("AdminCreateUser", request.clone());
    request["UserAttributes"] = plan("lead");
    assert_eq!(
        world.refused("AdminUpdateUserAttributes", request),
        "InvalidParameterException: user.custom:plan: Attribute cannot be updated.\n"
    );
}

#[test]
fn a_disabled_user_is_signed_out() {
    let mut world = World::with_user("alice");
    let tokens: Tokens = world.tokens(CLIENT, "alice");
    world.ok("AdminDisableUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": tokens.access()})),
        "NotAuthorizedException: User is disabled."
    );
}
