//! Remembered devices, from their registration to their end.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::challenges::challenge;
use super::support::{FORCE, KEY, LOCALLY, REFRESH, SIGNED_IN, Stage, password_verifier, tokens};
use crate::core::devices::{Device, Devices};
use crate::core::secret::DevicePassword;
use crate::engine::SignInResult;

const DEVICE: &str = "us-east-1_new";

fn tokens_of_new_device() -> Value {
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": DEVICE, "DeviceGroupKey": "-group"});
    result
}

fn devices(stage: &Stage) -> Devices {
    let stored = stage.env.stored().get(&format!("{KEY}/devices")).cloned();
    stored.map(|text| Devices::decode(&text)).unwrap_or_default()
}

/// The key of alice's device, as it is stored.
fn stored_key(stage: &Stage) -> Option<String> {
    devices(stage).of("alice").map(|device| device.key.clone())
}

/// A page on a device that the pool remembers for alice.
fn remembered() -> Stage {
    let stage = Stage::ready();
    let mut devices = Devices::default();
    devices.keep(Device {
        user: "alice".into(),
        typed: Vec::new(),
        key: "us-east-1_old".into(),
        group_key: "-group".into(),
        password: DevicePassword::new("c2VjcmV0"),
    });
    stage.env.put(&format!("{KEY}/devices"), &devices.encode(1));
    stage
}

fn forgotten() -> Value {
    json!({"__type": "ResourceNotFoundException", "message": "Device does not exist."})
}

#[test]
fn a_new_device_is_registered_with_the_sign_in() {
    let stage = Stage::ready();
    stage.script_sign_in_with(&tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert_eq!(stage.env.bodies()[2]["DeviceName"], "Browser");
    let known = devices(&stage);
    let device = known.of("alice").unwrap();
    assert_eq!((&*device.key, &*device.group_key), (DEVICE, "-group"));
    // 40 random bytes in base64.
    assert_eq!(device.password.reveal().len(), 56);
    assert_eq!(stage.client.session.this_device_key().as_deref(), Some(DEVICE));
}

#[test]
fn what_the_service_is_notified_is_the_verifier_and_not_the_password() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    let sent = stage.env.bodies()[1].clone();
    let known = devices(&stage);
    let password = known.of("alice").unwrap().password.reveal().to_owned();
    assert!(!sent.to_string().contains(&password));
    assert_eq!(sent["DeviceKey"], DEVICE);
    let config = &sent["DeviceSecretVerifierConfig"];
    assert!(config["PasswordVerifier"].is_string() && config["Salt"].is_string());
}

#[test]
fn a_pool_that_leaves_it_to_the_user_has_the_user_asked() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    let answer = json!({"UserConfirmationNecessary": true});
    stage.env.answer("ConfirmDevice", 200, &answer);
    let expected = SignInResult::SignedIn {
        user_confirmation_necessary: true,
    };
    assert_eq!(stage.sign_in(), Ok(expected));
}

#[test]
fn the_device_s_name_is_the_app_s() {
    let stage = Stage::bare();
    stage.initialize_with(r#"{"deviceName":"Firefox"}"#).unwrap();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    assert_eq!(stage.env.bodies()[1]["DeviceName"], "Firefox");
}

#[test]
fn a_registration_that_fails_does_not_fail_the_sign_in_and_is_tried_again() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.cut("ConfirmDevice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    let first = stage.env.bodies()[1].clone();
    stage.env.refuse("ConfirmDevice", "TooManyRequestsException");
    stage.env.pass(2_000);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.env.pass(15_000);
    assert_eq!(stage.env.bodies(), [first.clone(), first], "with the same verifier");
    stage.env.pass(300_000);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
    assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE));
}

#[test]
fn a_registration_whose_answer_was_lost_is_found_to_be_done() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.cut("ConfirmDevice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    stage.env.refuse("ConfirmDevice", "DeviceKeyExistsException");
    stage.env.pass(2_000);
    assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE));
}

#[test]
fn a_registration_that_is_refused_or_never_comes_through_is_given_up() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.refuse("ConfirmDevice", "InvalidParameterException");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    stage.env.pass(1_000_000);
    assert_eq!(stage.env.sent(), ["InitiateAuth", "ConfirmDevice"]);
    assert_eq!(
        stored_key(&stage),
        None,
        "secrets that the service does not know are of no use"
    );

    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.always_cut("ConfirmDevice");
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    stage.env.pass(1_000_000);
    assert_eq!(stage.env.sent().len(), 5);
    assert_eq!(stored_key(&stage), None);
}

#[test]
fn service_that_does_not_answer_the_registration_holds_up_no_sign_in() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    let overlap = super::support::Overlap::of(&stage);
    let call = overlap.sign_in(&stage);
    overlap.settle_until_sent(&stage, "ConfirmDevice");
    stage.env.pass(5_000);
    assert_eq!(call.outcome(), Ok(SIGNED_IN));
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.env.hold_answers(false);
    stage.env.pass(10_000);
    assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE));
}

#[test]
fn a_registration_ends_with_its_session() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.cut("ConfirmDevice");
    stage.sign_in().unwrap();
    stage.sign_out(LOCALLY).unwrap();
    stage.env.sent();
    stage.env.pass(1_000_000);
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}

#[test]
fn a_remembered_device_takes_the_place_of_the_second_factor() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    let device_srp = challenge("DEVICE_SRP_AUTH", "s1");
    stage.env.answer("RespondToAuthChallenge", 200, &device_srp);
    let mut verifier = password_verifier();
    verifier["ChallengeName"] = json!("DEVICE_PASSWORD_VERIFIER");
    stage.env.answer("RespondToAuthChallenge", 200, &verifier);
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["AuthParameters"]["DEVICE_KEY"], "us-east-1_old");
    for (body, name) in bodies[1..]
        .iter()
        .zip(["PASSWORD_VERIFIER", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"])
    {
        assert_eq!(body["ChallengeName"], name);
        assert_eq!(body["ChallengeResponses"]["DEVICE_KEY"], "us-east-1_old");
    }
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(stage.env.bodies()[0]["DeviceKey"], "us-east-1_old");
}

#[test]
fn a_device_that_was_forgotten_at_the_service_is_no_reason_to_fail() {
    for message in ["Device does not exist.", "Device is not tracked for this user."] {
        let stage = remembered();
        let refusal = json!({"__type": "ResourceNotFoundException", "message": message});
        stage.env.answer("InitiateAuth", 400, &refusal);
        stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
        stage.env.answer("ConfirmDevice", 200, &json!({}));
        assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
        let bodies = stage.env.bodies();
        assert!(bodies[1]["AuthParameters"].get("DEVICE_KEY").is_none());
        assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE), "the new one is kept");
    }
}

#[test]
fn a_device_that_is_forgotten_in_the_middle_goes_on_without() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 200, &password_verifier());
    stage.env.answer("RespondToAuthChallenge", 400, &forgotten());
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert_eq!(
        (stored_key(&stage), stage.client.session.this_device_key()),
        (None, None)
    );
}

#[test]
fn a_device_that_cannot_prove_itself_begins_again_without() {
    let stage = remembered();
    stage
        .env
        .answer("InitiateAuth", 200, &challenge("DEVICE_SRP_AUTH", "s1"));
    stage.env.refuse("RespondToAuthChallenge", "NotAuthorizedException");
    stage.env.answer("InitiateAuth", 200, &challenge("SMS_MFA", "s2"));
    assert!(matches!(stage.sign_in(), Ok(SignInResult::Asked(_))));
    assert_eq!(
        stage.env.sent(),
        ["InitiateAuth", "RespondToAuthChallenge", "InitiateAuth"]
    );
    assert_eq!(stored_key(&stage), None);
}

#[test]
fn a_refusal_that_goes_on_without_the_device_too_is_the_sign_in_s_own() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 400, &forgotten());
    stage.env.answer("InitiateAuth", 400, &forgotten());
    let error = stage.sign_in().unwrap_err();
    assert_eq!(error.code, crate::core::error::Code::ResourceNotFound);
    assert_eq!(stage.env.sent(), ["InitiateAuth", "InitiateAuth"]);
}

#[test]
fn a_refresh_goes_on_without_a_device_that_was_forgotten() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.sign_in().unwrap();
    stage.env.sent();
    let refusal = json!({"__type": "NotAuthorizedException", "message": "Device is not tracked."});
    stage.env.answer(REFRESH, 400, &refusal);
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["DeviceKey"], "us-east-1_old");
    assert!(bodies[1].get("DeviceKey").is_none());
    assert_eq!(
        (stored_key(&stage), stage.client.session.this_device_key()),
        (None, None)
    );
    stage.script_refresh("3");
    stage.get_tokens(FORCE).unwrap();
    assert!(stage.env.bodies()[0].get("DeviceKey").is_none());
}

#[test]
fn devices_outlive_a_sign_out_and_not_a_clearing() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    stage.sign_out(LOCALLY).unwrap();
    assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE));
    stage.run(stage.client.clear_storage()).unwrap();
    assert_eq!(stored_key(&stage), None);
}

// The service renews no tokens on a device that it does not know, and a page may leave as it is notified of the session.
#[test]
fn listeners_are_notified_of_a_session_once_its_device_is_registered() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    let env = stage.env.clone();
    let sent = Rc::new(RefCell::new(Vec::new()));
    let seen = Rc::clone(&sent);
    stage.react(move |_| seen.borrow_mut().extend(env.sent()));
    stage.sign_in().unwrap();
    assert_eq!(*sent.borrow(), ["InitiateAuth", "ConfirmDevice"]);
}

#[test]
fn a_device_that_is_forgotten_here_is_in_no_request_any_more() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.sign_in().unwrap();
    assert_eq!(stage.client.session.this_device_key().as_deref(), Some("us-east-1_old"));
    stage.run(stage.client.session.forget_device_locally("us-east-1_old"));
    assert_eq!(
        (stored_key(&stage), stage.client.session.this_device_key()),
        (None, None)
    );
    stage.env.sent();
    let page = stage.another();
    page.initialize().unwrap();
    page.script_refresh("2");
    page.get_tokens(FORCE).unwrap();
    assert!(page.env.bodies()[0].get("DeviceKey").is_none());
}

#[test]
fn what_is_stored_of_devices_and_cannot_be_read_is_a_new_device() {
    let stage = remembered();
    stage.env.put(&format!("{KEY}/devices"), "1 2 damaged");
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    assert!(stage.env.bodies()[0]["AuthParameters"].get("DEVICE_KEY").is_none());
    assert_eq!(stored_key(&stage).as_deref(), Some(DEVICE));
}

#[test]
fn a_user_who_is_deleted_leaves_no_device_also_none_that_another_tab_has_registered() {
    let stage = remembered();
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
    stage.sign_in().unwrap();
    let mut devices = devices(&stage);
    devices.keep(Device {
        key: "us-east-1_later".into(),
        ..devices.of("alice").unwrap().clone()
    });
    stage.env.put(&format!("{KEY}/devices"), &devices.encode(i64::MAX));
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert_eq!(stored_key(&stage), None);
}

#[test]
fn an_alias_leads_to_the_same_device() {
    let stage = remembered();
    let mut verifier = password_verifier();
    verifier["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!("alice");
    stage.env.answer("InitiateAuth", 200, &verifier);
    stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
    let options = json!({"username": "alice@example.com", "password": "p"});
    assert_eq!(stage.sign_in_with(&options), Ok(SIGNED_IN));
    let bodies = stage.env.bodies();
    assert!(bodies[0]["AuthParameters"].get("DEVICE_KEY").is_none());
    assert_eq!(bodies[1]["ChallengeResponses"]["DEVICE_KEY"], "us-east-1_old");
    assert_eq!(stage.client.session.this_device_key().as_deref(), Some("us-east-1_old"));
}

#[test]
fn every_alias_that_led_to_the_device_once_names_it_in_the_first_request() {
    let stage = remembered();
    for round in 0..2 {
        for alias in ["alice@example.com", "+15555550100"] {
            let named = json!({"ChallengeName": "CUSTOM_CHALLENGE", "Session": "s", "ChallengeParameters": {"USERNAME": "alice"}});
            stage.env.answer("InitiateAuth", 200, &named);
            stage.env.answer("RespondToAuthChallenge", 200, &tokens("alice", "1"));
            let options = json!({"username": alias, "authFlow": "CUSTOM_AUTH"});
            stage.sign_in_with(&options).unwrap();
            assert_eq!(stage.answer("1"), Ok(SIGNED_IN));
            let first = &stage.env.bodies()[0]["AuthParameters"];
            assert_eq!(first.get("DEVICE_KEY").is_some(), round == 1, "{alias}");
            stage.sign_out(LOCALLY).unwrap();
            stage.env.sent();
        }
    }
}

#[test]
fn a_device_that_is_forgotten_during_a_refresh_stays_forgotten() {
    let stage = Stage::ready();
    stage.env.answer("InitiateAuth", 200, &tokens_of_new_device());
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    let overlap = super::support::Overlap::of(&stage);
    let refresh = overlap.get_tokens(&stage, FORCE);
    overlap.settle_until_sent(&stage, REFRESH);
    stage.run(stage.client.session.forget_device_locally(DEVICE));
    assert_eq!(stage.client.session.this_device_key(), None);
    stage.script_refresh("2");
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(refresh.outcome().unwrap().device_key(), None);
    assert_eq!(stage.client.session.this_device_key(), None);
}
