//! `deviceOperations` about the device that the session was begun on.

use serde_json::{Value, json};

use super::support::{FORCE, HOUR, KEY, LOCALLY, Overlap, REFRESH, SIGNED_IN, Stage, tokens};
use crate::core::devices::Devices;
use crate::core::error::Code;
use crate::ports::Signal;

const DEVICE: &str = "us-east-1_new";

/// A page on a device that the pool has just begun to track.
fn tracked() -> Stage {
    let stage = Stage::ready();
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": DEVICE, "DeviceGroupKey": "-group"});
    stage.script_sign_in_with(&result);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    stage.env.sent();
    stage.notified();
    stage
}

fn has_device(stage: &Stage) -> bool {
    let stored = stage.env.stored().get(&format!("{KEY}/devices")).cloned();
    let devices = stored.map(|text| Devices::decode(&text)).unwrap_or_default();
    devices.of("alice").is_some()
}

fn calls() -> [(&'static str, &'static str, Value, Value); 3] {
    [
        (
            "deviceOperations.get",
            "GetDevice",
            json!({}),
            json!({"Device": {"DeviceKey": DEVICE}}),
        ),
        (
            "deviceOperations.updateStatus",
            "UpdateDeviceStatus",
            json!({"remembered": false}),
            json!({}),
        ),
        ("deviceOperations.forget", "ForgetDevice", json!({}), json!({})),
    ]
}

#[test]
fn without_a_key_this_device_is_meant() {
    for (call, operation, options, answer) in calls() {
        let stage = tracked();
        stage.env.answer(operation, 200, &answer);
        stage.operate(call, &options).unwrap();
        assert_eq!(stage.env.bodies()[0]["DeviceKey"], DEVICE, "{call}");
    }
}

#[test]
fn where_the_pool_knows_no_device_it_is_said_and_nothing_is_sent() {
    for (call, _, options, _) in calls() {
        let stage = Stage::signed_in();
        stage.env.sent();
        let error = stage.operate(call, &options).unwrap_err();
        assert_eq!(error.code, Code::DeviceNotRemembered, "{call}");
        assert_eq!(stage.env.sent(), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn a_device_that_the_service_does_not_know_is_no_device_of_the_user() {
    for (call, operation, options, _) in calls() {
        let stage = tracked();
        let unknown = json!({"__type": "ResourceNotFoundException", "message": "Device does not exist."});
        stage.env.answer(operation, 400, &unknown);
        let error = stage.operate(call, &options).unwrap_err();
        assert_eq!(error.code, Code::DeviceNotRemembered, "{call}");
        assert_eq!(error.cause.as_deref(), Some("Device does not exist."));
        let mut named = options.clone();
        named["deviceKey"] = json!("us-east-1_other");
        stage.env.answer(operation, 400, &unknown);
        let error = stage.operate(call, &named).unwrap_err();
        assert_eq!(error.code, Code::ResourceNotFound, "{call} of another device");
    }
}

#[test]
fn a_device_that_was_forgotten_is_forgotten_here_as_well() {
    let stage = tracked();
    assert!(has_device(&stage));
    stage.env.answer_text("ForgetDevice", 200, "");
    stage.operate("deviceOperations.forget", &json!({})).unwrap();
    assert!(!has_device(&stage));
    let error = stage.operate("deviceOperations.get", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::DeviceNotRemembered);
    stage.env.sent();
    stage.script_refresh("2");
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(
        stage.env.bodies()[0].get("DeviceKey"),
        None,
        "a refresh no longer names it"
    );
}

#[test]
fn a_device_that_a_sign_in_brings_meanwhile_is_not_the_one_that_was_forgotten() {
    let stage = tracked();
    stage.env.pass(HOUR + 600_000);
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    stage.get_tokens("{}").unwrap_err();
    stage.listen(true);
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "deviceOperations.forget", &json!({}));
    overlap.settle();
    let mut result = tokens("alice", "2");
    result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": "later", "DeviceGroupKey": "-group"});
    stage.script_sign_in_with(&result);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    // By the call, and by the sign-in, whose device has taken its place.
    stage.env.answer_text("ForgetDevice", 200, "");
    stage.env.answer_text("ForgetDevice", 200, "");
    stage.sign_in().unwrap();
    overlap.settle();
    assert_eq!(pending.outcome(), Ok(json!(null)));
    // The sign-in's own request has a verifier beside the key.
    let bodies = stage.env.bodies();
    let mut keys = bodies
        .iter()
        .filter(|body| body.get("DeviceSecretVerifierConfig").is_none());
    assert!(keys.any(|body| body["DeviceKey"] == DEVICE));
    assert_eq!(stage.client.session.this_device_key().as_deref(), Some("later"));
}

#[test]
fn another_device_that_was_forgotten_changes_nothing_here() {
    let stage = tracked();
    stage.env.answer_text("ForgetDevice", 200, "");
    stage
        .operate("deviceOperations.forget", &json!({"deviceKey": "us-east-1_other"}))
        .unwrap();
    assert!(has_device(&stage));
    assert_eq!(stage.env.bodies()[0]["DeviceKey"], "us-east-1_other");
    assert_eq!(stage.client.session.this_device_key().as_deref(), Some(DEVICE));
}

#[test]
fn a_device_that_the_service_keeps_is_kept_here() {
    let stage = tracked();
    stage.env.refuse("ForgetDevice", "TooManyRequestsException");
    stage.operate("deviceOperations.forget", &json!({})).unwrap_err();
    assert!(has_device(&stage));
}

#[test]
fn with_the_account_goes_its_device() {
    let stage = tracked();
    stage.env.answer_text("DeleteUser", 200, "");
    stage.operate("deleteUser", &json!({})).unwrap();
    assert!(!has_device(&stage));
    assert_eq!(stage.env.sent(), ["DeleteUser"], "nothing else is asked for");
}

#[test]
fn deleted_account_takes_its_device_also_after_another_user_signed_in() {
    let stage = tracked();
    let other = stage.another();
    other.initialize().unwrap();
    other.sign_out(LOCALLY).unwrap();
    other.script_sign_in("bob");
    other.sign_in().unwrap();
    // This tab has not heard of it yet.
    stage.env.answer_text("DeleteUser", 200, "");
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "deleteUser", &json!({}));
    overlap.settle();
    stage.client.signal(Signal::Changed);
    overlap.settle();
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    assert!(!has_device(&stage));
    assert_eq!(stage.client.snapshot().username.as_deref(), Some("bob"));
}
