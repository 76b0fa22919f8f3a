//! The NEW_PASSWORD_REQUIRED challenge.

use serde_json::{Value, json};

use crate::clock::{DAY, MINUTE};
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World};

const TEMPORARY: &str = "Temp0rary!";

/// A pool user with a temporary password, and the challenge that it leads to.
fn challenged(world: &mut World) -> Value {
    world.ok(
        "AdminCreateUser",
        json!({
            "UserPoolId": POOL,
            "Username": "alice",
            "TemporaryPassword": TEMPORARY,
            "UserAttributes": [{"Name": "email", "Value": "alice@example.com"}],
        }),
    );
    world.srp(CLIENT, "alice", TEMPORARY).unwrap()
}

fn answer(challenge: &Value, password: &str) -> Value {
    json!({
        "ClientId": CLIENT,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": "alice", "NEW_PASSWORD": password},
    })
}

#[test]
fn a_temporary_password_leads_to_the_challenge_with_its_lists_as_json_texts() {
    let challenge = challenged(&mut World::new());
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    assert!((20..=4096).contains(&challenge["Session"].as_str().unwrap().len()));
    let parameters = &challenge["ChallengeParameters"];
    assert_eq!(parameters["USER_ID_FOR_SRP"], "alice");
    assert_eq!(parameters["requiredAttributes"], "[]");
    assert_eq!(
        parameters["userAttributes"],
        r#"{"email":"alice@example.com","email_verified":"false"}"#
    );
}

#[test]
fn a_new_password_signs_in_and_replaces_the_temporary_one() {
    let mut world = World::new();
    let challenge = challenged(&mut world);
    let answer = world.ok("RespondToAuthChallenge", answer(&challenge, PASSWORD));
    assert!(answer["AuthenticationResult"]["RefreshToken"].is_string());
    assert!(world.srp(CLIENT, "alice", TEMPORARY).is_err());
    assert!(world.srp(CLIENT, "alice", PASSWORD).unwrap()["AuthenticationResult"].is_object());
}

#[test]
fn a_weak_password_leaves_the_session_open_and_a_good_one_closes_it() {
    let mut world = World::new();
    let challenge = challenged(&mut world);
    let refused = world.refused("RespondToAuthChallenge", answer(&challenge, "weak"));
    assert!(refused.starts_with("InvalidPasswordException: "), "{refused}");
    world.ok("RespondToAuthChallenge", answer(&challenge, PASSWORD));
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(&challenge, PASSWORD)),
        "NotAuthorizedException: Invalid session for the user."
    );
}

#[test]
fn a_session_lasts_three_minutes() {
    let mut world = World::new();
    let challenge = challenged(&mut world);
    world.now += 3 * MINUTE;
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(&challenge, PASSWORD)),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn a_session_belongs_to_its_client_and_to_its_user() {
    let mut world = World::new();
    let challenge = challenged(&mut world);
    world.add_user("bob");
    let mut of_another_client = answer(&challenge, PASSWORD);
    of_another_client["ClientId"] = json!(LEGACY);
    let mut of_another_user = answer(&challenge, PASSWORD);
    of_another_user["ChallengeResponses"]["USERNAME"] = json!("bob");
    let mut invented = answer(&challenge, PASSWORD);
    invented["Session"] = json!("a-session-that-was-never-opened");
    for request in [of_another_client, of_another_user, invented] {
        assert_eq!(
            world.refused("RespondToAuthChallenge", request),
            "NotAuthorizedException: Invalid session for the user."
        );
    }
}

#[test]
fn attributes_that_are_required_and_missing_are_asked_for() {
    let mut world = World::new();
    let schema = json!([{"Name": "name", "Required": true, "AttributeDataType": "String"}]);
    let pool = world.ok("CreateUserPool", json!({"PoolName": "p", "Schema": schema}))["UserPool"]["Id"].clone();
    let request = json!({"UserPoolId": pool, "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"].clone();
    world.ok(
        "AdminCreateUser",
        json!({"UserPoolId": pool, "Username": "alice", "TemporaryPassword": TEMPORARY}),
    );
    let parameters = json!({"USERNAME": "alice", "PASSWORD": TEMPORARY});
    let request = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let challenge = world.ok("InitiateAuth", request);
    assert_eq!(
        challenge["ChallengeParameters"]["requiredAttributes"],
        r#"["userAttributes.name"]"#
    );

    let mut request = answer(&challenge, PASSWORD);
    request["ClientId"] = client;
    assert_eq!(
        world.refused("RespondToAuthChallenge", request.clone()),
        "InvalidParameterException: Invalid attributes given, name is missing"
    );
    request["ChallengeResponses"]["userAttributes.name"] = json!("Alice");
    world.ok("RespondToAuthChallenge", request);
    let user = world.ok("AdminGetUser", json!({"UserPoolId": pool, "Username": "alice"}));
    assert!(
        user["UserAttributes"]
            .as_array()
            .unwrap()
            .contains(&json!({"Name": "name", "Value": "Alice"}))
    );
}

#[test]
fn name_that_another_user_signs_in_with_is_refused() {
    let mut world = World::new();
    let pool = world.ok(
        "CreateUserPool",
        json!({"PoolName": "p", "UsernameAttributes": ["email"]}),
    );
    let pool = pool["UserPool"]["Id"].clone();
    let request = json!({"UserPoolId": pool, "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"].clone();
    for name in ["alice@example.com", "bob@example.com"] {
        world.ok(
            "AdminCreateUser",
            json!({"UserPoolId": pool, "Username": name, "TemporaryPassword": TEMPORARY}),
        );
    }
    let parameters = json!({"USERNAME": "alice@example.com", "PASSWORD": TEMPORARY});
    let request = json!({"ClientId": client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let challenge = world.ok("InitiateAuth", request);
    let mut request = answer(&challenge, PASSWORD);
    request["ClientId"] = client;
    request["ChallengeResponses"]["USERNAME"] = challenge["ChallengeParameters"]["USER_ID_FOR_SRP"].clone();
    request["ChallengeResponses"]["userAttributes.email"] = json!("bob@example.com");
    assert_eq!(
        world.refused("RespondToAuthChallenge", request.clone()),
        "AliasExistsException: An account with the given email already exists."
    );
    request["ChallengeResponses"]["userAttributes.email"] = json!("carol@example.com");
    world.ok("RespondToAuthChallenge", request);
}

#[test]
fn a_temporary_password_expires_after_a_week() {
    let mut world = World::new();
    challenged(&mut world);
    world.now += 7 * DAY;
    assert_eq!(
        world.srp(CLIENT, "alice", TEMPORARY).unwrap_err().message,
        "Temporary password has expired and must be reset by an administrator."
    );
}
