//! AdminInitiateAuth and AdminRespondToAuthChallenge.

use serde_json::{Value, json};

use super::sign_in_world::{adjust, name_of, set_attribute};
use crate::testing::{CLIENT, PASSWORD, POOL, World, sign_up_request};

fn world() -> (World, String) {
    let mut world = World::with_user("alice");
    let request = json!({
        "UserPoolId": POOL,
        "ClientName": "server",
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    });
    let made = world.ok("CreateUserPoolClient", request);
    let client = made["UserPoolClient"]["ClientId"].as_str().unwrap().to_owned();
    (world, client)
}

fn request(client: &str, flow: &str, parameters: Value) -> Value {
    json!({"UserPoolId": POOL, "ClientId": client, "AuthFlow": flow, "AuthParameters": parameters})
}

fn password(password: &str) -> Value {
    json!({"USERNAME": "alice", "PASSWORD": password})
}

#[test]
fn an_administrator_signs_a_user_in_with_the_password_and_refreshes() {
    let (mut world, client) = world();
    for flow in ["ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"] {
        let signed_in = world.ok("AdminInitiateAuth", request(&client, flow, password(PASSWORD)));
        let token = &signed_in["AuthenticationResult"]["RefreshToken"];
        let refreshed = world.ok(
            "AdminInitiateAuth",
            request(&client, "REFRESH_TOKEN_AUTH", json!({"REFRESH_TOKEN": token})),
        );
        assert!(refreshed["AuthenticationResult"]["AccessToken"].is_string());
    }
    assert_eq!(
        world.refused(
            "AdminInitiateAuth",
            request(&client, "ADMIN_USER_PASSWORD_AUTH", password("wrong"))
        ),
        "NotAuthorizedException: Incorrect username or password."
    );
}

#[test]
fn the_flows_of_an_administrator_and_of_a_client_are_not_each_others() {
    let (mut world, client) = world();
    let unsupported = "InvalidParameterException: Initiate Auth method not supported.";
    let begin = |flow: &str| request(&client, flow, password(PASSWORD));
    assert_eq!(
        world.refused("AdminInitiateAuth", begin("USER_PASSWORD_AUTH")),
        unsupported
    );
    assert_eq!(
        world.refused("InitiateAuth", begin("ADMIN_USER_PASSWORD_AUTH")),
        unsupported
    );
    assert_eq!(
        world.refused(
            "AdminInitiateAuth",
            request(CLIENT, "ADMIN_USER_PASSWORD_AUTH", password(PASSWORD))
        ),
        "InvalidParameterException: Auth flow not enabled for this client"
    );
}

#[test]
fn a_client_of_another_pool_does_not_exist_to_an_administrator() {
    let mut world = World::new();
    world.ok("SignUp", sign_up_request("alice"));
    let pool = world.ok("CreateUserPool", json!({"PoolName": "other"}))["UserPool"]["Id"].clone();
    for operation in ["AdminInitiateAuth", "AdminRespondToAuthChallenge"] {
        let request =
            json!({"UserPoolId": pool, "ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH", "ChallengeName": "SMS_MFA"});
        assert_eq!(
            world.refused(operation, request),
            format!("ResourceNotFoundException: User pool client {CLIENT} does not exist.")
        );
    }
}

#[test]
fn an_administrator_answers_the_challenge_that_follows() {
    let (mut world, client) = world();
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    let preference = json!({"UserPoolId": POOL, "Username": "alice", "SMSMfaSettings": {"Enabled": true}});
    world.ok("AdminSetUserMFAPreference", preference);
    let challenge = world.ok(
        "AdminInitiateAuth",
        request(&client, "ADMIN_USER_PASSWORD_AUTH", password(PASSWORD)),
    );
    assert_eq!(name_of(&challenge), "SMS_MFA");
    let answer = json!({
        "UserPoolId": POOL,
        "ClientId": client,
        "ChallengeName": "SMS_MFA",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": "alice", "SMS_MFA_CODE": world.last_code()},
    });
    assert!(world.ok("AdminRespondToAuthChallenge", answer)["AuthenticationResult"]["IdToken"].is_string());
}
