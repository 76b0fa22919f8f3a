use serde_json::{Value, json};

use crate::clock::{DAY, HOUR};
use crate::testing::{CLIENT, LEGACY, POOL, SECRET, World, sign_up_request};

fn confirm(name: &str, code: &str) -> Value {
    json!({"ClientId": CLIENT, "Username": name, "ConfirmationCode": code})
}

fn wrong_code(world: &World) -> String {
    if world.last_code() == "000000" {
        "000001".into()
    } else {
        "000000".into()
    }
}

/// A pool of its own with a client, by AWS's own names.
fn pool_with(world: &mut World, settings: Value) -> (String, String) {
    let mut request = settings;
    request["PoolName"] = json!("other");
    let pool = world.ok("CreateUserPool", request)["UserPool"]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = world.ok("CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": "c"}));
    (pool, client["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned())
}

#[test]
fn a_sign_up_sends_a_code_to_the_masked_address() {
    let mut world = World::new();
    let answer = world.sign_up("alice");
    assert_eq!(answer["UserConfirmed"], false);
    assert_eq!(
        answer["CodeDeliveryDetails"],
        json!({"AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": "a***@e***"})
    );
    let message = json!(world.state.outbox.messages()[0]);
    assert_eq!(message["destination"], "alice@example.com");
    assert_eq!(message["trigger"], "SignUp");
    assert_eq!(message["sentAt"], world.now);
    assert_eq!(message["code"].as_str().unwrap().len(), 6);
}

#[test]
fn the_code_confirms_the_user_and_verifies_the_address() {
    let mut world = World::with_user("alice");
    let user = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    assert_eq!(user["UserStatus"], "CONFIRMED");
    assert!(
        user["UserAttributes"]
            .as_array()
            .unwrap()
            .contains(&json!({"Name": "email_verified", "Value": "true"}))
    );
}

#[test]
fn a_wrong_code_is_a_mismatch_and_the_right_one_still_works() {
    let mut world = World::new();
    world.sign_up("alice");
    let wrong = wrong_code(&world);
    assert_eq!(
        world.refused("ConfirmSignUp", confirm("alice", &wrong)),
        "CodeMismatchException: Invalid verification code provided, please try again."
    );
    let code = world.last_code();
    world.ok("ConfirmSignUp", confirm("alice", &code));
}

#[test]
fn after_fifteen_wrong_codes_in_an_hour_even_the_right_one_must_wait() {
    let mut world = World::new();
    world.sign_up("alice");
    let (wrong, right) = (wrong_code(&world), world.last_code());
    for _ in 0..15 {
        world.refused("ConfirmSignUp", confirm("alice", &wrong));
    }
    assert_eq!(
        world.refused("ConfirmSignUp", confirm("alice", &right)),
        "LimitExceededException: Attempt limit exceeded, please try after some time."
    );
    world.now += HOUR;
    world.ok("ConfirmSignUp", confirm("alice", &right));
}

#[test]
fn a_code_expires_after_a_day() {
    let mut world = World::new();
    world.sign_up("alice");
    let code = world.last_code();
    world.now += DAY;
    assert_eq!(
        world.refused("ConfirmSignUp", confirm("alice", &code)),
        "ExpiredCodeException: Invalid code provided, please request a code again."
    );
}

#[test]
fn a_confirmed_user_cannot_be_confirmed_again() {
    let mut world = World::with_user("alice");
    assert_eq!(
        world.refused("ConfirmSignUp", confirm("alice", "123456")),
        "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED"
    );
}

#[test]
fn a_name_can_be_taken_once_whatever_its_case() {
    let mut world = World::new();
    world.sign_up("alice");
    assert_eq!(
        world.refused("SignUp", sign_up_request("ALICE")),
        "UsernameExistsException: User already exists"
    );
}

#[test]
fn a_weak_password_makes_no_user() {
    let mut world = World::new();
    let mut request = sign_up_request("alice");
    request["Password"] = json!("password");
    assert_eq!(
        world.refused("SignUp", request),
        "InvalidPasswordException: Password did not conform with policy: Password must have uppercase characters"
    );
    world.sign_up("alice");
}

#[test]
fn another_code_replaces_the_first() {
    let mut world = World::new();
    world.sign_up("alice");
    let first = world.last_code();
    let answer = world.ok(
        "ResendConfirmationCode",
        json!({"ClientId": CLIENT, "Username": "alice"}),
    );
    assert_eq!(answer["CodeDeliveryDetails"]["Destination"], "a***@e***");
    assert_eq!(
        json!(world.state.outbox.messages()[1])["trigger"],
        "ResendConfirmationCode"
    );
    let second = world.last_code();
    if first != second {
        world.refused("ConfirmSignUp", confirm("alice", &first));
    }
    world.ok("ConfirmSignUp", confirm("alice", &second));
}

#[test]
fn codes_are_sent_again_five_times_an_hour() {
    let mut world = World::new();
    world.sign_up("alice");
    let request = json!({"ClientId": CLIENT, "Username": "alice"});
    for _ in 0..5 {
        world.ok("ResendConfirmationCode", request.clone());
    }
    assert!(
        world
            .refused("ResendConfirmationCode", request)
            .starts_with("LimitExceededException")
    );
}

#[test]
fn a_confirmed_user_needs_no_other_code() {
    let mut world = World::with_user("alice");
    assert_eq!(
        world.refused(
            "ResendConfirmationCode",
            json!({"ClientId": CLIENT, "Username": "alice"})
        ),
        "InvalidParameterException: User is already confirmed."
    );
}

#[test]
fn where_existence_is_hidden_an_unknown_user_looks_like_a_late_code_and_a_sent_one() {
    let mut world = World::new();
    assert!(
        world
            .refused("ConfirmSignUp", confirm("nobody", "123456"))
            .starts_with("ExpiredCodeException")
    );
    let answer = world.ok(
        "ResendConfirmationCode",
        json!({"ClientId": CLIENT, "Username": "nobody"}),
    );
    assert_eq!(answer["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
    assert!(world.state.outbox.messages().is_empty());
}

#[test]
fn where_existence_is_not_hidden_an_unknown_user_is_not_found() {
    let mut world = World::new();
    for operation in ["ConfirmSignUp", "ResendConfirmationCode"] {
        let request = json!({"ClientId": LEGACY, "Username": "nobody", "ConfirmationCode": "123456"});
        assert_eq!(
            world.refused(operation, request),
            "UserNotFoundException: Username/client id combination not found."
        );
    }
}

#[test]
fn attributes_are_checked_against_the_schema() {
    let mut world = World::new();
    for (name, value, refusal) in [
        (
            "email",
            "alice",
            "InvalidParameterException: Invalid email address format.",
        ),
        (
            "phone_number",
            "12345",
            "InvalidParameterException: Invalid phone number format.",
        ),
        (
            "shoe_size",
            "42",
            "InvalidParameterException: Attributes did not conform to the schema: Type for attribute {shoe_size} could \
             not be determined",
        ),
        (
            "sub",
            "me",
            "InvalidParameterException: user.sub: Attribute cannot be updated.\n",
        ),
        (
            "email_verified",
            "true",
            "NotAuthorizedException: Cannot modify the non-mutable attribute email_verified",
        ),
    ] {
        let mut request = sign_up_request("alice");
        request["UserAttributes"] = json!([{"Name": name, "Value": value}]);
        assert_eq!(world.refused("SignUp", request), refusal);
    }
}

#[test]
fn an_empty_attribute_is_none() {
    let mut world = World::new();
    let mut request = sign_up_request("alice");
    request["UserAttributes"] = json!([{"Name": "email", "Value": ""}, {"Name": "name", "Value": "Alice"}]);
    let answer = world.ok("SignUp", request);
    assert!(answer.get("CodeDeliveryDetails").is_none());
    let user = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    assert_eq!(user["UserAttributes"][1], json!({"Name": "name", "Value": "Alice"}));
}

#[test]
fn a_required_attribute_must_be_given() {
    let mut world = World::new();
    let (_, client) = pool_with(
        &mut world,
        json!({"Schema": [{"Name": "email", "Required": true, "AttributeDataType": "String"}]}),
    );
    assert_eq!(
        world.refused(
            "SignUp",
            json!({"ClientId": client, "Username": "alice", "Password": "Passw0rd!"})
        ),
        "InvalidParameterException: Attributes did not conform to the schema: email: The attribute is required\n"
    );
}

#[test]
fn a_pool_can_close_its_sign_up() {
    let mut world = World::new();
    let (_, client) = pool_with(
        &mut world,
        json!({"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true}}),
    );
    assert_eq!(
        world.refused(
            "SignUp",
            json!({"ClientId": client, "Username": "alice", "Password": "Passw0rd!"})
        ),
        "NotAuthorizedException: SignUp is not permitted for this user pool"
    );
}

#[test]
fn where_users_sign_in_with_an_address_the_username_is_the_sub() {
    let mut world = World::new();
    let (pool, client) = pool_with(
        &mut world,
        json!({"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}),
    );
    let request = json!({"ClientId": client, "Username": "a@example.com", "Password": "Passw0rd!"});
    let answer = world.ok("SignUp", request.clone());
    let user = world.ok("AdminGetUser", json!({"UserPoolId": pool, "Username": "a@example.com"}));
    assert_eq!(user["Username"], answer["UserSub"]);
    assert_eq!(
        world.refused("SignUp", request),
        "UsernameExistsException: An account with the given email already exists."
    );
    assert_eq!(
        world.refused(
            "SignUp",
            json!({"ClientId": client, "Username": "alice", "Password": "Passw0rd!"})
        ),
        "InvalidParameterException: Username should be an email."
    );
}

#[test]
fn an_alias_belongs_to_whom_it_was_verified_for_unless_it_is_forced() {
    let mut world = World::new();
    let (_, client) = pool_with(
        &mut world,
        json!({"AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}),
    );
    let sign_up = |world: &mut World, name: &str| {
        let attributes = json!([{"Name": "email", "Value": "shared@example.com"}]);
        let request =
            json!({"ClientId": client, "Username": name, "Password": "Passw0rd!", "UserAttributes": attributes});
        world.ok("SignUp", request);
        world.last_code()
    };
    let codes = [sign_up(&mut world, "first"), sign_up(&mut world, "second")];
    // The second has the address too, but has not shown that it is theirs.
    let request = json!({"ClientId": client, "Username": "first", "ConfirmationCode": codes[0]});
    world.ok("ConfirmSignUp", request);
    let mut request = json!({"ClientId": client, "Username": "second", "ConfirmationCode": codes[1]});
    assert_eq!(
        world.refused("ConfirmSignUp", request.clone()),
        "AliasExistsException: An account with the given email already exists."
    );
    request["ForceAliasCreation"] = json!(true);
    world.ok("ConfirmSignUp", request);
}

#[test]
fn a_client_with_a_secret_wants_its_hash() {
    let mut world = World::new();
    let mut request = sign_up_request("alice");
    request["ClientId"] = json!(SECRET);
    assert_eq!(
        world.refused("SignUp", request.clone()),
        format!("NotAuthorizedException: Client {SECRET} is configured with secret but SECRET_HASH was not received")
    );
    request["SecretHash"] = json!("AAAA");
    assert_eq!(
        world.refused("SignUp", request.clone()),
        format!("NotAuthorizedException: Unable to verify secret hash for client {SECRET}")
    );
    // HMAC-SHA256 of "aliceemulatorsecretclient000001" under "emulatorclientsecret000001", computed with openssl.
    request["SecretHash"] = json!("X0SeHGr7vDSwBDdU7uhgcJq6yy8Y7RWBGUpcx9UDKQ8=");
    world.ok("SignUp", request);
}

#[test]
fn a_client_without_a_secret_wants_no_hash() {
    let mut request = sign_up_request("alice");
    request["SecretHash"] = json!("AAAA");
    assert_eq!(
        World::new().refused("SignUp", request),
        format!(
            "InvalidParameterException: App client {CLIENT} is not configured for secret but secret hash was received"
        )
    );
}
