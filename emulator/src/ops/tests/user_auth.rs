//! USER_AUTH: choosing what to begin with.

use serde_json::{Value, json};

use super::sign_in_world::{access, adjust, answer, enable_totp, initiate, initiation, name_of, set_attribute};
use crate::clock::MINUTE;
use crate::srp::client::Client as SrpClient;
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, World, claim};

const WRONG_PASSWORD: &str = "NotAuthorizedException: Incorrect username or password.";
const INVALID_SESSION: &str = "NotAuthorizedException: Invalid session for the user.";

fn stage() -> World {
    let mut world = World::with_user("alice");
    adjust(
        &mut world,
        json!({"firstFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]}),
    );
    world
}

fn begin(world: &mut World, name: &str) -> Value {
    initiate(world, "USER_AUTH", json!({"USERNAME": name}))
}

fn prefer(world: &mut World, challenge: &str) -> Value {
    initiate(
        world,
        "USER_AUTH",
        json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": challenge}),
    )
}

fn respond(world: &mut World, challenge: &Value, responses: Value) -> Value {
    world.ok("RespondToAuthChallenge", answer(challenge, "alice", responses))
}

/// Answers a PASSWORD_VERIFIER that a choice has led to.
fn prove(world: &mut World, srp: &SrpClient, verifier: &Value) -> Value {
    assert_eq!(name_of(verifier), "PASSWORD_VERIFIER");
    let responses = claim(srp, verifier, PASSWORD);
    world.ok(
        "RespondToAuthChallenge",
        json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}),
    )
}

#[test]
fn without_a_preference_the_user_chooses_among_what_they_have_and_the_pool_allows() {
    let mut world = stage();
    let choice = begin(&mut world, "alice");
    assert_eq!(name_of(&choice), "SELECT_CHALLENGE");
    assert_eq!(
        choice["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"])
    );
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    assert_eq!(
        begin(&mut world, "alice")["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP"])
    );
    adjust(&mut world, json!({"firstFactors": ["PASSWORD"]}));
    assert_eq!(
        begin(&mut world, "alice")["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP"])
    );
}

#[test]
fn a_chosen_password_is_sent_with_the_choice_and_a_wrong_one_leaves_the_choice_open() {
    let mut world = stage();
    let choice = begin(&mut world, "alice");
    let with = |password: &str| answer(&choice, "alice", json!({"ANSWER": "PASSWORD", "PASSWORD": password}));
    assert_eq!(world.refused("RespondToAuthChallenge", with("wrong")), WRONG_PASSWORD);
    assert!(world.ok("RespondToAuthChallenge", with(PASSWORD))["AuthenticationResult"].is_object());
    assert_eq!(world.refused("RespondToAuthChallenge", with(PASSWORD)), INVALID_SESSION);
    let choice = begin(&mut world, "alice");
    let without = answer(&choice, "alice", json!({"ANSWER": "PASSWORD"}));
    assert_eq!(
        world.refused("RespondToAuthChallenge", without),
        "InvalidParameterException: Missing required parameter PASSWORD"
    );
}

#[test]
fn a_chosen_password_can_be_proven_instead() {
    let mut world = stage();
    let srp = SrpClient::new(77);
    let choice = begin(&mut world, "alice");
    let verifier = respond(
        &mut world,
        &choice,
        json!({"ANSWER": "PASSWORD_SRP", "SRP_A": srp.srp_a()}),
    );
    assert!(prove(&mut world, &srp, &verifier)["AuthenticationResult"].is_object());
}

#[test]
fn a_code_by_email_or_sms_signs_in() {
    let mut world = stage();
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    for (name, code_name, medium) in [
        ("EMAIL_OTP", "EMAIL_OTP_CODE", "EMAIL"),
        ("SMS_OTP", "SMS_OTP_CODE", "SMS"),
    ] {
        for is_chosen in [true, false] {
            let challenge = if is_chosen {
                let choice = begin(&mut world, "alice");
                respond(&mut world, &choice, json!({"ANSWER": name}))
            } else {
                prefer(&mut world, name)
            };
            assert_eq!(name_of(&challenge), name);
            assert_eq!(
                challenge["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"],
                medium
            );
            assert_eq!(json!(world.state.outbox.messages().back().unwrap().trigger), name);
            let code = world.last_code();
            let wrong = if code == "000000" { "000001" } else { "000000" };
            assert_eq!(
                world.refused(
                    "RespondToAuthChallenge",
                    answer(&challenge, "alice", json!({code_name: wrong}))
                ),
                "CodeMismatchException: Invalid code received for user"
            );
            assert!(respond(&mut world, &challenge, json!({code_name: code}))["AuthenticationResult"].is_object());
        }
    }
}

#[test]
fn a_preferred_password_comes_with_the_first_request_or_is_asked_for() {
    let mut world = stage();
    let with = json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": PASSWORD});
    assert!(initiate(&mut world, "USER_AUTH", with)["AuthenticationResult"].is_object());
    let asked = prefer(&mut world, "PASSWORD");
    assert_eq!(name_of(&asked), "PASSWORD");
    assert!(respond(&mut world, &asked, json!({"PASSWORD": PASSWORD}))["AuthenticationResult"].is_object());

    let srp = SrpClient::new(77);
    let with = json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp.srp_a()});
    let verifier = initiate(&mut world, "USER_AUTH", with);
    assert!(prove(&mut world, &srp, &verifier)["AuthenticationResult"].is_object());
    let asked = prefer(&mut world, "PASSWORD_SRP");
    assert_eq!(name_of(&asked), "PASSWORD_SRP");
    let verifier = respond(&mut world, &asked, json!({"SRP_A": srp.srp_a()}));
    assert!(prove(&mut world, &srp, &verifier)["AuthenticationResult"].is_object());
}

#[test]
fn a_preference_that_the_user_cannot_have_is_a_choice_and_one_that_does_not_exist_is_refused() {
    let mut world = stage();
    assert_eq!(name_of(&prefer(&mut world, "SMS_OTP")), "SELECT_CHALLENGE");
    assert_eq!(name_of(&prefer(&mut world, "WEB_AUTHN")), "SELECT_CHALLENGE");
    let request = initiation(
        "USER_AUTH",
        json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "PIGEON"}),
    );
    let refused = world.refused("InitiateAuth", request);
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
    let choice = begin(&mut world, "alice");
    let refused = world.refused(
        "RespondToAuthChallenge",
        answer(&choice, "alice", json!({"ANSWER": "SMS_OTP"})),
    );
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
}

#[test]
fn a_user_with_a_second_factor_begins_with_a_password_and_goes_on_to_it() {
    let mut world = stage();
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    enable_totp(&mut world, "alice");
    let choice = begin(&mut world, "alice");
    assert_eq!(choice["AvailableChallenges"], json!(["PASSWORD", "PASSWORD_SRP"]));
    let next = respond(&mut world, &choice, json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}));
    assert_eq!(name_of(&next), "SOFTWARE_TOKEN_MFA");
}

#[test]
fn a_user_who_does_not_exist_gets_a_choice_and_a_code_that_never_fits() {
    let mut world = stage();
    let choice = begin(&mut world, "nobody");
    assert_eq!(
        choice["AvailableChallenges"],
        json!(["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"])
    );
    let sent = world.state.outbox.messages().len();
    let challenge = world.ok(
        "RespondToAuthChallenge",
        answer(&choice, "nobody", json!({"ANSWER": "EMAIL_OTP"})),
    );
    assert_eq!(name_of(&challenge), "EMAIL_OTP");
    assert_eq!(
        challenge["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"],
        "n***@e***"
    );
    assert_eq!(world.state.outbox.messages().len(), sent);
    let code = answer(&challenge, "nobody", json!({"EMAIL_OTP_CODE": "123456"}));
    assert_eq!(
        world.refused("RespondToAuthChallenge", code),
        "CodeMismatchException: Invalid code received for user"
    );
    let choice = begin(&mut world, "nobody");
    let password = answer(&choice, "nobody", json!({"ANSWER": "PASSWORD", "PASSWORD": PASSWORD}));
    assert_eq!(world.refused("RespondToAuthChallenge", password), WRONG_PASSWORD);

    let mut request = initiation("USER_AUTH", json!({"USERNAME": "nobody"}));
    request["ClientId"] = json!(LEGACY);
    assert_eq!(
        world.refused("InitiateAuth", request),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn a_choice_expires_with_its_session() {
    let mut world = stage();
    let choice = begin(&mut world, "alice");
    world.now += 3 * MINUTE;
    assert_eq!(
        world.refused(
            "RespondToAuthChallenge",
            answer(&choice, "alice", json!({"ANSWER": "EMAIL_OTP"}))
        ),
        "NotAuthorizedException: Invalid session for the user, session is expired."
    );
}

#[test]
fn the_parameters_of_a_step_up_are_accepted_in_their_form() {
    let mut world = stage();
    world.add_user("bob");
    let token = access(&mut world, "alice");
    let parameters = |extra: Value| {
        let mut parameters = json!({"USERNAME": "alice"});
        for (name, value) in extra.as_object().unwrap() {
            parameters[name] = value.clone();
        }
        parameters
    };
    let whole = json!({"ACCESS_TOKEN": token, "TARGET_ACR_VALUES": "urn:example:high", "MAX_AGE": "300"});
    initiate(&mut world, "USER_AUTH", parameters(whole.clone()));
    let mut of_another = parameters(whole);
    of_another["USERNAME"] = json!("bob");
    for (parameters, refusal) in [
        (
            parameters(json!({"ACCESS_TOKEN": token})),
            "InvalidParameterException: Missing required parameter TARGET_ACR_VALUES",
        ),
        (
            parameters(json!({"MAX_AGE": "soon"})),
            "InvalidParameterException: MAX_AGE must be an integer",
        ),
        (
            of_another,
            "NotAuthorizedException: The access token was issued to another user.",
        ),
        (
            parameters(json!({"ACCESS_TOKEN": "a.b.c", "TARGET_ACR_VALUES": "urn:example:high"})),
            "NotAuthorizedException: Invalid Access Token",
        ),
    ] {
        assert_eq!(
            world.refused("InitiateAuth", initiation("USER_AUTH", parameters)),
            refusal
        );
    }
}

#[test]
fn a_client_without_the_flow_does_not_have_it() {
    let mut world = stage();
    let made = json!({"UserPoolId": POOL, "ClientName": "c"});
    let client = world.ok("CreateUserPoolClient", made)["UserPoolClient"]["ClientId"].clone();
    let mut request = initiation("USER_AUTH", json!({"USERNAME": "alice"}));
    request["ClientId"] = client;
    assert_eq!(
        world.refused("InitiateAuth", request),
        "InvalidParameterException: USER_AUTH flow not enabled for this client"
    );
}
