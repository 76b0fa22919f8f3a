//! USER_SRP_AUTH and PASSWORD_VERIFIER.

use serde_json::{Value, json};

use crate::clock::MINUTE;
use crate::srp::client::Client as SrpClient;
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World, claim, shown};

fn begin(world: &mut World, client: &str, name: &str, srp_a: &str) -> Result<Value, String> {
    let parameters = json!({"USERNAME": name, "SRP_A": srp_a});
    let request = json!({"ClientId": client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    world.call("InitiateAuth", request).map_err(|refused| shown(&refused))
}

fn answer(responses: Value) -> Value {
    json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses})
}

#[test]
fn the_right_password_signs_in() {
    let mut world = World::with_user("alice");
    let answer = world.srp(CLIENT, "alice", PASSWORD).unwrap();
    let result = &answer["AuthenticationResult"];
    assert_eq!(result["TokenType"], "Bearer");
    assert_eq!(result["ExpiresIn"], 3600);
    for token in ["AccessToken", "IdToken", "RefreshToken"] {
        assert!(result[token].is_string(), "{token}");
    }
}

#[test]
fn a_wrong_password_does_not() {
    let mut world = World::with_user("alice");
    let refused = world.srp(CLIENT, "alice", "passw0rd!").unwrap_err();
    assert_eq!(
        shown(&refused),
        "NotAuthorizedException: Incorrect username or password."
    );
}

#[test]
fn the_challenge_has_a_secret_block_for_its_handle_and_no_session() {
    let mut world = World::with_user("alice");
    let challenge = begin(&mut world, CLIENT, "Alice", &SrpClient::new(1).srp_a()).unwrap();
    assert_eq!(challenge["ChallengeName"], "PASSWORD_VERIFIER");
    assert!(challenge.get("Session").is_none());
    let parameters = &challenge["ChallengeParameters"];
    assert_eq!(parameters["USER_ID_FOR_SRP"], "alice");
    assert_eq!(parameters["USERNAME"], "alice");
    assert!(parameters["SECRET_BLOCK"].as_str().unwrap().len() > 1000);
}

#[test]
fn a_user_has_the_same_salt_each_time_and_another_server_value() {
    let mut world = World::with_user("alice");
    let a = SrpClient::new(1).srp_a();
    let one = begin(&mut world, CLIENT, "alice", &a).unwrap();
    let two = begin(&mut world, CLIENT, "alice", &a).unwrap();
    assert_eq!(one["ChallengeParameters"]["SALT"], two["ChallengeParameters"]["SALT"]);
    assert_ne!(one["ChallengeParameters"]["SRP_B"], two["ChallengeParameters"]["SRP_B"]);
}

#[test]
fn an_unknown_user_gets_a_challenge_that_is_always_the_same_user() {
    let mut world = World::new();
    let a = SrpClient::new(1).srp_a();
    let one = begin(&mut world, CLIENT, "nobody", &a).unwrap();
    let two = begin(&mut world, CLIENT, "Nobody", &a).unwrap();
    let other = begin(&mut world, CLIENT, "somebody", &a).unwrap();
    for parameter in ["SALT", "USER_ID_FOR_SRP"] {
        let value = |challenge: &Value| challenge["ChallengeParameters"][parameter].clone();
        assert_eq!(value(&one), value(&two));
        assert_ne!(value(&one), value(&other));
    }
    assert!(uuid::Uuid::parse_str(one["ChallengeParameters"]["USER_ID_FOR_SRP"].as_str().unwrap()).is_ok());
    let refused = world.srp(CLIENT, "nobody", PASSWORD).unwrap_err();
    assert_eq!(
        shown(&refused),
        "NotAuthorizedException: Incorrect username or password."
    );
}

#[test]
fn a_client_that_hides_nothing_says_that_the_user_does_not_exist() {
    let mut world = World::new();
    let refused = begin(&mut world, LEGACY, "nobody", &SrpClient::new(1).srp_a()).unwrap_err();
    assert_eq!(refused, "UserNotFoundException: User does not exist.");
}

#[test]
fn an_unconfirmed_user_is_told_before_the_password_is_looked_at() {
    let mut world = World::new();
    world.sign_up("alice");
    let refused = begin(&mut world, CLIENT, "alice", &SrpClient::new(1).srp_a()).unwrap_err();
    assert_eq!(refused, "UserNotConfirmedException: User is not confirmed.");
}

#[test]
fn a_disabled_user_is_told_so_before_anything_else() {
    let mut world = World::new();
    world.sign_up("alice");
    world.ok("AdminDisableUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    let refused = begin(&mut world, CLIENT, "alice", &SrpClient::new(1).srp_a()).unwrap_err();
    assert_eq!(refused, "NotAuthorizedException: User is disabled.");
}

#[test]
fn a_public_value_of_zero_is_refused() {
    let mut world = World::with_user("alice");
    let refused = begin(&mut world, CLIENT, "alice", "0").unwrap_err();
    assert_eq!(refused, "NotAuthorizedException: Incorrect username or password.");
}

#[test]
fn a_public_value_that_is_not_hexadecimal_is_refused_in_aws_words() {
    let mut world = World::with_user("alice");
    let refused = begin(&mut world, CLIENT, "alice", "xyz").unwrap_err();
    assert_eq!(
        refused,
        "InvalidParameterException: 1 validation error detected: Value 'xyz' at 'sRPA' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
    );
}

#[test]
fn missing_answers_are_named_in_aws_order() {
    let mut world = World::with_user("alice");
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(json!({}))),
        "InvalidParameterException: Missing required parameter challenge responses."
    );
    let mut responses = json!({});
    for (missing, value) in [
        ("USERNAME", "alice"),
        ("TIMESTAMP", "Fri Jan 15 08:00:00 UTC 2027"),
        ("PASSWORD_CLAIM_SIGNATURE", "AAAA"),
        ("PASSWORD_CLAIM_SECRET_BLOCK", "AAAA"),
    ] {
        // Something must be there, or the whole map is missing.
        responses["DEVICE_KEY"] = json!("d");
        let refused = world.refused("RespondToAuthChallenge", answer(responses.clone()));
        assert_eq!(
            refused,
            format!("InvalidParameterException: Missing required parameter {missing}")
        );
        responses[missing] = json!(value);
    }
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(responses)),
        "NotAuthorizedException: Incorrect username or password."
    );
}

#[test]
fn a_timestamp_of_another_form_is_refused() {
    let mut world = World::with_user("alice");
    let responses = json!({
        "USERNAME": "alice",
        "TIMESTAMP": "2027-01-15T08:00:00Z",
        "PASSWORD_CLAIM_SIGNATURE": "AAAA",
        "PASSWORD_CLAIM_SECRET_BLOCK": "AAAA",
    });
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(responses)),
        "InvalidParameterException: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
    );
}

#[test]
fn a_challenge_can_be_answered_for_three_minutes_and_after_a_wrong_answer() {
    let mut world = World::with_user("alice");
    let srp = SrpClient::new(5);
    let challenge = begin(&mut world, CLIENT, "alice", &srp.srp_a()).unwrap();
    let (wrong, right) = (claim(&srp, &challenge, "wrong"), claim(&srp, &challenge, PASSWORD));
    world.refused("RespondToAuthChallenge", answer(wrong));
    world.now += 3 * MINUTE - 1;
    world.ok("RespondToAuthChallenge", answer(right.clone()));
    world.now += 1;
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(right)),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn a_password_that_was_changed_in_between_proves_nothing() {
    let mut world = World::with_user("alice");
    let srp = SrpClient::new(5);
    let challenge = begin(&mut world, CLIENT, "alice", &srp.srp_a()).unwrap();
    let changed = json!({"UserPoolId": POOL, "Username": "alice", "Password": "An0ther-one", "Permanent": true});
    world.ok("AdminSetUserPassword", changed);
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer(claim(&srp, &challenge, PASSWORD))),
        "NotAuthorizedException: Incorrect username or password."
    );
}

#[test]
fn a_challenge_belongs_to_its_client_and_to_its_user() {
    let mut world = World::with_user("alice");
    world.add_user("bob");
    let srp = SrpClient::new(5);
    let challenge = begin(&mut world, CLIENT, "alice", &srp.srp_a()).unwrap();
    let responses = claim(&srp, &challenge, PASSWORD);
    let mut of_another_client = answer(responses.clone());
    of_another_client["ClientId"] = json!(LEGACY);
    let mut of_another_user = answer(responses);
    of_another_user["ChallengeResponses"]["USERNAME"] = json!("bob");
    for request in [of_another_client, of_another_user] {
        assert_eq!(
            world.refused("RespondToAuthChallenge", request),
            "NotAuthorizedException: Incorrect username or password."
        );
    }
}

#[test]
fn a_user_who_signs_in_with_an_address_has_the_sub_in_the_proof() {
    let mut world = World::new();
    let request = json!({"PoolName": "p", "UsernameAttributes": ["email"]});
    let pool = world.ok("CreateUserPool", request)["UserPool"]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = world.ok("CreateUserPoolClient", json!({"UserPoolId": pool, "ClientName": "c"}));
    let client = client["UserPoolClient"]["ClientId"].as_str().unwrap();
    let request = json!({"ClientId": client, "Username": "a@example.com", "Password": PASSWORD});
    let sub = world.ok("SignUp", request)["UserSub"].clone();
    world.ok(
        "AdminConfirmSignUp",
        json!({"UserPoolId": pool, "Username": "a@example.com"}),
    );
    let challenge = begin(&mut world, client, "a@example.com", &SrpClient::new(1).srp_a()).unwrap();
    assert_eq!(challenge["ChallengeParameters"]["USER_ID_FOR_SRP"], sub);
}
