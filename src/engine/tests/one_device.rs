//! This browser is one device of a user, by whatever name the user signs in, also where the password is sent at once.

use serde_json::{Value, json};

use super::support::{KEY, LOCALLY, SIGNED_IN, Stage, tokens};
use crate::core::devices::{Device, Devices};
use crate::core::secret::DevicePassword;

const OLD: &str = "us-east-1_old";

/// A page on a device of alice's.
fn stage() -> Stage {
    let stage = Stage::ready();
    let mut devices = Devices::default();
    devices.keep(Device {
        user: "alice".into(),
        typed: vec!["alice@example.com".into()],
        key: OLD.into(),
        group_key: "-group".into(),
        password: DevicePassword::new("c2VjcmV0"),
    });
    stage.env.put(&format!("{KEY}/devices"), &devices.encode(1));
    stage
}

/// Signs in by this name with the password in the first request, and out again. On a new device, if one is given. What was
/// sent.
fn sign_in(stage: &Stage, username: &str, new_device: Option<&str>) -> Vec<Value> {
    let mut result = tokens("alice", "1");
    if let Some(key) = new_device {
        result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": key, "DeviceGroupKey": "-group"});
        stage.env.answer("ConfirmDevice", 200, &json!({}));
    }
    stage.env.answer("InitiateAuth", 200, &result);
    let options = json!({"username": username, "password": "p", "authFlow": "USER_PASSWORD_AUTH"});
    assert_eq!(stage.sign_in_with(&options), Ok(SIGNED_IN));
    stage.env.pass(1_000_000);
    let bodies = stage.env.bodies();
    stage.sign_out(LOCALLY).unwrap();
    stage.env.bodies();
    bodies
}

fn named(bodies: &[Value]) -> Option<&str> {
    bodies[0]["AuthParameters"].get("DEVICE_KEY")?.as_str()
}

/// The devices that the service was asked to forget.
fn forgotten(bodies: &[Value]) -> Vec<&str> {
    let is_forgotten = |body: &&Value| body.get("DeviceSecretVerifierConfig").is_none();
    let of_device = bodies.iter().filter(is_forgotten);
    of_device.filter_map(|body| body["DeviceKey"].as_str()).collect()
}

#[test]
fn a_new_alias_leaves_the_user_one_device_here_and_leads_to_it_from_then_on() {
    let stage = stage();
    stage.env.answer_text("ForgetDevice", 200, "");
    let bodies = sign_in(&stage, "+15555550100", Some("us-east-1_new"));
    assert_eq!(named(&bodies), None, "it is not known yet whose it is");
    assert_eq!(forgotten(&bodies), [OLD]);
    for name in ["+15555550100", "alice@example.com", "alice"] {
        let bodies = sign_in(&stage, name, None);
        assert_eq!(named(&bodies), Some("us-east-1_new"), "{name}");
        assert_eq!(forgotten(&bodies), Vec::<&str>::new());
    }
}

#[test]
fn a_name_in_another_case_names_the_device_at_once() {
    let stage = stage();
    for name in ["Alice", "ALICE@example.com", "alice@Example.com"] {
        assert_eq!(named(&sign_in(&stage, name, None)), Some(OLD), "{name}");
    }
}

#[test]
fn where_case_tells_users_apart_another_user_signs_in_without_the_device() {
    let stage = stage();
    let unknown = json!({"__type": "ResourceNotFoundException", "message": "Device does not exist."});
    stage.env.answer("InitiateAuth", 400, &unknown);
    stage.env.answer("InitiateAuth", 200, &tokens("Alice", "1"));
    let options = json!({"username": "Alice", "password": "p", "authFlow": "USER_PASSWORD_AUTH"});
    assert_eq!(stage.sign_in_with(&options), Ok(SIGNED_IN));
    let bodies = stage.env.bodies();
    assert_eq!((named(&bodies), named(&bodies[1..])), (Some(OLD), None));
    assert_eq!(stage.client.session.this_device_key(), None);
    stage.sign_out(LOCALLY).unwrap();
    stage.env.bodies();
    assert_eq!(
        named(&sign_in(&stage, "alice", None)),
        Some(OLD),
        "it is kept for its own user"
    );
}

#[test]
fn a_replaced_device_that_cannot_be_forgotten_is_asked_for_again_and_then_left() {
    let stage = stage();
    stage.env.always_cut("ForgetDevice");
    let bodies = sign_in(&stage, "+15555550100", Some("us-east-1_new"));
    assert_eq!(forgotten(&bodies), [OLD; 4]);

    let stage = self::stage();
    stage.env.refuse("ForgetDevice", "ResourceNotFoundException");
    let bodies = sign_in(&stage, "+15555550100", Some("us-east-1_new"));
    assert_eq!(forgotten(&bodies), [OLD], "it is gone already");
}
