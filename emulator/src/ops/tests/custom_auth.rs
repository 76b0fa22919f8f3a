//! CUSTOM_AUTH by the pool's script, with and without a password before it.

use serde_json::{Value, json};

use super::sign_in_world::{adjust, answer, initiate, initiation, name_of};
use crate::srp::client::Client as SrpClient;
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World, claim};

const REFUSED: &str = "NotAuthorizedException: Incorrect username or password.";

fn two_questions() -> World {
    let mut world = World::with_user("alice");
    let script = json!([
        {"parameters": {"question": "2+2"}, "answer": "4"},
        {"parameters": {"question": "the colour of the sky"}, "answer": "blue"},
    ]);
    adjust(&mut world, json!({"customAuth": script}));
    world
}

fn begin(world: &mut World, name: &str) -> Value {
    initiate(world, "CUSTOM_AUTH", json!({"USERNAME": name}))
}

fn say(world: &mut World, challenge: &Value, name: &str, text: &str) -> Value {
    world.ok(
        "RespondToAuthChallenge",
        answer(challenge, name, json!({"ANSWER": text})),
    )
}

#[test]
fn each_question_is_asked_in_turn_and_tokens_follow_the_last() {
    let mut world = two_questions();
    let first = begin(&mut world, "alice");
    assert_eq!(name_of(&first), "CUSTOM_CHALLENGE");
    assert_eq!(
        first["ChallengeParameters"],
        json!({"question": "2+2", "USERNAME": "alice"})
    );
    let second = say(&mut world, &first, "alice", "4");
    assert_eq!(second["ChallengeParameters"]["question"], "the colour of the sky");
    assert_ne!(second["Session"], first["Session"]);
    let done = say(&mut world, &second, "alice", "blue");
    assert!(done["AuthenticationResult"]["AccessToken"].is_string());
}

#[test]
fn a_wrong_answer_brings_the_same_question_with_a_new_session_and_the_third_ends_the_sign_in() {
    let mut world = two_questions();
    let first = begin(&mut world, "alice");
    let again = say(&mut world, &first, "alice", "5");
    assert_eq!(again["ChallengeParameters"], first["ChallengeParameters"]);
    assert_eq!(
        world.refused(
            "RespondToAuthChallenge",
            answer(&first, "alice", json!({"ANSWER": "4"}))
        ),
        "NotAuthorizedException: Invalid session for the user."
    );
    let again = say(&mut world, &again, "alice", "6");
    let request = answer(&again, "alice", json!({"ANSWER": "7"}));
    assert_eq!(world.refused("RespondToAuthChallenge", request.clone()), REFUSED);
    assert_eq!(
        world.refused("RespondToAuthChallenge", request),
        "NotAuthorizedException: Invalid session for the user."
    );
}

#[test]
fn client_metadata_is_taken_and_changes_nothing() {
    let mut world = two_questions();
    let mut request = initiation("CUSTOM_AUTH", json!({"USERNAME": "alice"}));
    request["ClientMetadata"] = json!({"hint": "please"});
    let challenge = world.ok("InitiateAuth", request);
    let mut request = answer(&challenge, "alice", json!({"ANSWER": "4"}));
    request["ClientMetadata"] = json!({"hint": "please"});
    assert_eq!(
        name_of(&world.ok("RespondToAuthChallenge", request)),
        "CUSTOM_CHALLENGE"
    );
}

#[test]
fn with_srp_the_password_comes_first() {
    let mut world = two_questions();
    for (password, is_right) in [("Wr0ng-one", false), (PASSWORD, true)] {
        let srp = SrpClient::new(77);
        let parameters = json!({"USERNAME": "alice", "CHALLENGE_NAME": "SRP_A", "SRP_A": srp.srp_a()});
        let verifier = initiate(&mut world, "CUSTOM_AUTH", parameters);
        assert_eq!(name_of(&verifier), "PASSWORD_VERIFIER");
        let responses = claim(&srp, &verifier, password);
        let request =
            json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses});
        if is_right {
            let question = world.ok("RespondToAuthChallenge", request);
            assert_eq!(question["ChallengeParameters"]["question"], "2+2");
        } else {
            assert_eq!(world.refused("RespondToAuthChallenge", request), REFUSED);
        }
    }
}

#[test]
fn a_custom_flow_asks_for_no_second_factor() {
    let mut world = two_questions();
    adjust(&mut world, json!({"mfa": "ON"}));
    let first = begin(&mut world, "alice");
    let second = say(&mut world, &first, "alice", "4");
    assert!(say(&mut world, &second, "alice", "blue")["AuthenticationResult"].is_object());
}

#[test]
fn a_user_who_does_not_exist_is_asked_and_never_right_or_is_not_found() {
    let mut world = two_questions();
    let mut challenge = begin(&mut world, "nobody");
    for _ in 0..2 {
        assert_eq!(challenge["ChallengeParameters"]["question"], "2+2");
        challenge = say(&mut world, &challenge, "nobody", "4");
    }
    let request = answer(&challenge, "nobody", json!({"ANSWER": "4"}));
    assert_eq!(world.refused("RespondToAuthChallenge", request), REFUSED);
    let mut request = initiation("CUSTOM_AUTH", json!({"USERNAME": "nobody"}));
    request["ClientId"] = json!(LEGACY);
    assert_eq!(
        world.refused("InitiateAuth", request),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn a_pool_without_a_script_and_a_client_without_the_flow_have_no_custom_flow() {
    let mut world = World::with_user("alice");
    let request = initiation("CUSTOM_AUTH", json!({"USERNAME": "alice"}));
    assert_eq!(
        world.refused("InitiateAuth", request.clone()),
        "InvalidParameterException: Custom auth lambda trigger is not configured for the user pool."
    );
    let made = json!({"UserPoolId": POOL, "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]});
    let client = world.ok("CreateUserPoolClient", made)["UserPoolClient"]["ClientId"].clone();
    let mut of_that_client = request;
    of_that_client["ClientId"] = client;
    assert_eq!(
        world.refused("InitiateAuth", of_that_client),
        "InvalidParameterException: CUSTOM_AUTH flow not enabled for this client"
    );
}
