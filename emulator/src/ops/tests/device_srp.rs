//! Signing in on a device that is remembered.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::devices::{tracking, world_that_asks, world_that_tracks};
use crate::ops::Answer;
use crate::srp::client::{Client as SrpClient, device_verifier};
use crate::testing::{CLIENT, PASSWORD, POOL, TIMESTAMP, Tokens, World, claim, shown, sign_up_request};

const WRONG: &str = "NotAuthorizedException: Incorrect username or password.";
const UNKNOWN: &str = "ResourceNotFoundException: Device does not exist.";

/// A device, with the password that it made up.
pub(super) struct Laptop {
    pub(super) key: String,
    group: String,
    password: &'static str,
}

impl Laptop {
    /// The device that a sign-in was given.
    pub(super) fn offered(tokens: &Tokens) -> Self {
        let text = |name: &str| tokens.0["NewDeviceMetadata"][name].as_str().unwrap().to_owned();
        Self {
            key: text("DeviceKey"),
            group: text("DeviceGroupKey"),
            password: "made up",
        }
    }

    /// A request about it.
    pub(super) fn request(&self, tokens: &Tokens) -> Value {
        json!({"AccessToken": tokens.access(), "DeviceKey": self.key})
    }

    /// The request that confirms it.
    pub(super) fn confirmation(&self, tokens: &Tokens) -> Value {
        let (salt, verifier) = device_verifier(&self.group, &self.key, self.password);
        let mut request = self.request(tokens);
        request["DeviceName"] = json!("Laptop");
        request["DeviceSecretVerifierConfig"] = json!({
            "Salt": STANDARD.encode(salt),
            "PasswordVerifier": STANDARD.encode(verifier),
        });
        request
    }

    pub(super) fn confirm(&self, world: &mut World, tokens: &Tokens) -> Value {
        world.ok("ConfirmDevice", self.confirmation(tokens))
    }

    /// Answers DEVICE_SRP_AUTH and then DEVICE_PASSWORD_VERIFIER.
    pub(super) fn prove(&self, world: &mut World, challenge: &Value) -> Answer {
        let srp = SrpClient::new(99);
        let asked = world.call("RespondToAuthChallenge", self.public_value(&srp, challenge))?;
        world.call("RespondToAuthChallenge", self.claim(&srp, &asked))
    }

    fn public_value(&self, srp: &SrpClient, challenge: &Value) -> Value {
        json!({
            "ClientId": CLIENT,
            "ChallengeName": "DEVICE_SRP_AUTH",
            "Session": challenge["Session"],
            "ChallengeResponses": {"USERNAME": "alice", "DEVICE_KEY": self.key, "SRP_A": srp.srp_a()},
        })
    }

    fn claim(&self, srp: &SrpClient, asked: &Value) -> Value {
        let text = |name: &str| asked["ChallengeParameters"][name].as_str().unwrap();
        let signature = srp.sign(
            text("SALT"),
            text("SRP_B"),
            &self.group,
            &self.key,
            self.password,
            &STANDARD.decode(text("SECRET_BLOCK")).unwrap(),
            TIMESTAMP,
        );
        json!({
            "ClientId": CLIENT,
            "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
            "ChallengeResponses": {
                "USERNAME": "alice",
                "DEVICE_KEY": self.key,
                "TIMESTAMP": TIMESTAMP,
                "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
                "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(signature),
            },
        })
    }
}

/// Signs in by SRP, as far as the answer to the password, which says on which device.
pub(super) fn sign_in(world: &mut World, device_key: Option<&str>) -> Answer {
    let srp = SrpClient::new(77);
    let parameters = json!({"USERNAME": "alice", "SRP_A": srp.srp_a(), "DEVICE_KEY": device_key});
    let begin = json!({"ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    let challenge = world.ok("InitiateAuth", begin);
    let mut responses = claim(&srp, &challenge, PASSWORD);
    responses["DEVICE_KEY"] = json!(device_key);
    world.call(
        "RespondToAuthChallenge",
        json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}),
    )
}

/// Signs in for the first time and confirms the device.
pub(super) fn laptop(world: &mut World) -> (Laptop, Tokens) {
    let tokens = world.tokens(CLIENT, "alice");
    let laptop = Laptop::offered(&tokens);
    laptop.confirm(world, &tokens);
    (laptop, tokens)
}

#[test]
fn a_remembered_device_proves_itself_and_stays_the_same_device() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    world.now += 5_000;
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH");
    assert_eq!(challenge["ChallengeParameters"]["DEVICE_KEY"], laptop.key);
    let result = laptop.prove(&mut world, &challenge).unwrap()["AuthenticationResult"].clone();
    let tokens = Tokens(result);
    assert_eq!(tokens.0.get("NewDeviceMetadata"), None);
    assert_eq!(tokens.claims("AccessToken")["device_key"], laptop.key);
    let device = world.ok("GetDevice", laptop.request(&tokens))["Device"].clone();
    assert_eq!(device["DeviceLastAuthenticatedDate"], world.now as f64 / 1000.0);
    assert_eq!(device["DeviceCreateDate"], (world.now - 5_000) as f64 / 1000.0);
    world.ok(
        "GetTokensFromRefreshToken",
        json!({"ClientId": CLIENT, "RefreshToken": tokens.refresh(), "DeviceKey": laptop.key}),
    );
}

#[test]
fn a_password_that_is_sent_leads_to_the_device_as_well() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    let parameters = json!({"USERNAME": "alice", "PASSWORD": PASSWORD, "DEVICE_KEY": laptop.key});
    let request = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let challenge = world.ok("InitiateAuth", request);
    assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH");
    laptop.prove(&mut world, &challenge).unwrap();
}

#[test]
fn a_device_with_another_password_is_not_that_device() {
    let mut world = world_that_tracks();
    let (mut laptop, _) = laptop(&mut world);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    laptop.password = "guessed";
    let refused = laptop.prove(&mut world, &challenge).unwrap_err();
    assert_eq!(shown(&refused), WRONG);
}

#[test]
fn a_device_that_the_user_does_not_have_is_named_as_missing_once_the_password_is_proven() {
    let mut world = world_that_tracks();
    let (laptop, tokens) = laptop(&mut world);
    let unconfirmed = Laptop::offered(&world.tokens(CLIENT, "alice"));
    world.ok("ForgetDevice", laptop.request(&tokens));
    for key in [&laptop.key, &unconfirmed.key, "us-east-1_0a"] {
        let refused = sign_in(&mut world, Some(key)).unwrap_err();
        assert_eq!(shown(&refused), UNKNOWN);
    }
}

#[test]
fn an_alias_that_moves_to_another_user_takes_no_device_along() {
    let mut world = world_that_tracks();
    let settings = &mut world.state.pool(POOL).unwrap().settings;
    settings.alias_attributes = vec!["email".to_owned()];
    settings.auto_verified_attributes = vec!["email".to_owned()];
    let (laptop, _) = laptop(&mut world);
    let mut request = sign_up_request("bob");
    request["UserAttributes"] = json!([{"Name": "email", "Value": "alice@example.com"}]);
    world.ok("SignUp", request);
    let code = world.last_code();
    world.ok(
        "ConfirmSignUp",
        json!({"ClientId": CLIENT, "Username": "bob", "ConfirmationCode": code, "ForceAliasCreation": true}),
    );
    let begin = |name: &str, device_key: Option<&str>| {
        let parameters = json!({"USERNAME": name, "PASSWORD": PASSWORD, "DEVICE_KEY": device_key});
        json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters})
    };
    let by_alias = "alice@example.com";
    assert_eq!(
        world.refused("InitiateAuth", begin(by_alias, Some(&laptop.key))),
        UNKNOWN
    );
    let tokens = Tokens(world.ok("InitiateAuth", begin(by_alias, None))["AuthenticationResult"].clone());
    assert_eq!(tokens.claims("AccessToken")["username"], "bob");
    let challenge = world.ok("InitiateAuth", begin("alice", Some(&laptop.key)));
    assert_eq!(challenge["ChallengeName"], "DEVICE_SRP_AUTH");
    assert!(laptop.prove(&mut world, &challenge).is_ok());
}

#[test]
fn the_same_claim_without_the_missing_device_signs_in() {
    let mut world = world_that_tracks();
    let srp = SrpClient::new(77);
    let parameters = json!({"USERNAME": "alice", "SRP_A": srp.srp_a(), "DEVICE_KEY": "us-east-1_0a"});
    let begin = json!({"ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    let challenge = world.ok("InitiateAuth", begin);
    let mut responses = claim(&srp, &challenge, PASSWORD);
    for (key, refused) in [(json!("us-east-1_0a"), Some(UNKNOWN)), (Value::Null, None)] {
        responses["DEVICE_KEY"] = key;
        let answer = world.call(
            "RespondToAuthChallenge",
            json!({"ClientId": CLIENT, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}),
        );
        assert_eq!(answer.err().map(|exception| shown(&exception)).as_deref(), refused);
    }
}

#[test]
fn a_device_that_is_not_remembered_is_as_if_it_had_never_been_used() {
    let mut world = world_that_asks();
    let (laptop, tokens) = laptop(&mut world);
    let answer = sign_in(&mut world, Some(&laptop.key)).unwrap();
    assert!(
        answer["AuthenticationResult"]["NewDeviceMetadata"].is_object(),
        "{answer}"
    );
    let mut update = laptop.request(&tokens);
    update["DeviceRememberedStatus"] = json!("remembered");
    world.ok("UpdateDeviceStatus", update);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    laptop.prove(&mut world, &challenge).unwrap();
}

#[test]
fn a_device_that_is_forgotten_in_the_middle_is_missing() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    let srp = SrpClient::new(99);
    let forget = json!({"UserPoolId": POOL, "Username": "alice", "DeviceKey": laptop.key});
    let early = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let late = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let asked = world.ok("RespondToAuthChallenge", laptop.public_value(&srp, &late));
    world.ok("AdminForgetDevice", forget);
    for request in [laptop.public_value(&srp, &early), laptop.claim(&srp, &asked)] {
        assert_eq!(world.refused("RespondToAuthChallenge", request), UNKNOWN);
    }
}

#[test]
fn a_devices_session_and_its_proof_work_once_and_in_time() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    let srp = SrpClient::new(99);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let begin = laptop.public_value(&srp, &challenge);
    let asked = world.ok("RespondToAuthChallenge", begin.clone());
    assert_eq!(
        world.refused("RespondToAuthChallenge", begin),
        "NotAuthorizedException: Invalid session for the user."
    );
    let proof = laptop.claim(&srp, &asked);
    world.ok("RespondToAuthChallenge", proof.clone());
    assert_eq!(world.refused("RespondToAuthChallenge", proof), WRONG);

    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let asked = world.ok("RespondToAuthChallenge", laptop.public_value(&srp, &challenge));
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    world.now += 3 * 60_000;
    for late in [laptop.public_value(&srp, &challenge), laptop.claim(&srp, &asked)] {
        assert_eq!(
            world.refused("RespondToAuthChallenge", late),
            "NotAuthorizedException: Invalid session for the user, session is expired."
        );
    }
}

#[test]
fn a_device_is_proven_by_its_own_block_and_a_password_by_its_own() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    let srp = SrpClient::new(99);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let asked = world.ok("RespondToAuthChallenge", laptop.public_value(&srp, &challenge));
    let mut as_password = laptop.claim(&srp, &asked);
    as_password["ChallengeName"] = json!("PASSWORD_VERIFIER");
    assert_eq!(world.refused("RespondToAuthChallenge", as_password), WRONG);

    let user = SrpClient::new(77);
    let parameters = json!({"USERNAME": "alice", "SRP_A": user.srp_a()});
    let begin = json!({"ClientId": CLIENT, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters});
    let mut responses = claim(&user, &world.ok("InitiateAuth", begin), PASSWORD);
    responses["DEVICE_KEY"] = json!(laptop.key);
    let as_device = json!({
        "ClientId": CLIENT, "ChallengeName": "DEVICE_PASSWORD_VERIFIER", "ChallengeResponses": responses,
    });
    assert_eq!(world.refused("RespondToAuthChallenge", as_device), WRONG);
}

#[test]
fn what_is_missing_from_a_devices_answer_is_named() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    let srp = SrpClient::new(99);
    let challenge = sign_in(&mut world, Some(&laptop.key)).unwrap();
    let begin = laptop.public_value(&srp, &challenge);
    let named = |world: &mut World, request: &Value, names: &[&str]| {
        for name in names {
            let mut request = request.clone();
            request["ChallengeResponses"][name] = Value::Null;
            assert_eq!(
                world.refused("RespondToAuthChallenge", request),
                format!("InvalidParameterException: Missing required parameter {name}")
            );
        }
    };
    named(&mut world, &begin, &["SRP_A", "DEVICE_KEY", "USERNAME"]);
    let asked = world.ok("RespondToAuthChallenge", begin);
    let proof = laptop.claim(&srp, &asked);
    named(
        &mut world,
        &proof,
        &[
            "USERNAME",
            "TIMESTAMP",
            "DEVICE_KEY",
            "PASSWORD_CLAIM_SIGNATURE",
            "PASSWORD_CLAIM_SECRET_BLOCK",
        ],
    );
}

#[test]
fn when_tracking_ends_a_device_need_not_prove_itself() {
    let mut world = world_that_tracks();
    let (laptop, _) = laptop(&mut world);
    world.ok("UpdateUserPool", tracking(None));
    let answer = sign_in(&mut world, Some(&laptop.key)).unwrap();
    assert!(answer["AuthenticationResult"].is_object(), "{answer}");
}
