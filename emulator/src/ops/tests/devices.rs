//! Device tracking: what a sign-in gets, what its refreshes must bring, and the list of a user's devices.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::device_srp::{self, Laptop};
use crate::testing::{CLIENT, PASSWORD, POOL, Tokens, World};

const INVALID: &str = "NotAuthorizedException: Invalid Refresh Token.";
const UNKNOWN: &str = "ResourceNotFoundException: Device does not exist.";

pub(super) fn tracking(configuration: Option<Value>) -> Value {
    let mut request = json!({"UserPoolId": POOL, "UsernameConfiguration": {"CaseSensitive": false}});
    if let Some(configuration) = configuration {
        request["DeviceConfiguration"] = configuration;
    }
    request
}

pub(super) fn world_that_tracks() -> World {
    let mut world = World::with_user("alice");
    world.ok(
        "UpdateUserPool",
        tracking(Some(json!({"DeviceOnlyRememberedOnUserPrompt": false}))),
    );
    world
}

pub(super) fn world_that_asks() -> World {
    let mut world = World::with_user("alice");
    world.ok(
        "UpdateUserPool",
        tracking(Some(json!({"DeviceOnlyRememberedOnUserPrompt": true}))),
    );
    world
}

fn refreshes(token: &str, device_key: Option<&str>) -> [(&'static str, Value); 2] {
    let mut parameters = json!({"REFRESH_TOKEN": token});
    let mut request = json!({"ClientId": CLIENT, "RefreshToken": token});
    if let Some(key) = device_key {
        parameters["DEVICE_KEY"] = json!(key);
        request["DeviceKey"] = json!(key);
    }
    let old = json!({"ClientId": CLIENT, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters});
    [("GetTokensFromRefreshToken", request), ("InitiateAuth", old)]
}

fn attribute(device: &Value, name: &str) -> Option<String> {
    let attributes = device["DeviceAttributes"].as_array().unwrap();
    let found = attributes.iter().find(|attribute| attribute["Name"] == name)?;
    Some(found["Value"].as_str().unwrap().to_owned())
}

#[test]
fn where_devices_are_tracked_a_sign_in_gets_a_device_and_its_tokens_name_it() {
    let mut world = world_that_tracks();
    let parameters = json!({"USERNAME": "alice", "PASSWORD": PASSWORD});
    let by_password = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    let mut keys = Vec::new();
    for tokens in [
        world.tokens(CLIENT, "alice"),
        Tokens(world.ok("InitiateAuth", by_password)["AuthenticationResult"].clone()),
    ] {
        let device = tokens.0["NewDeviceMetadata"].clone();
        let key = device["DeviceKey"].as_str().unwrap().to_owned();
        assert!(key.starts_with("us-east-1_") && key.len() == 46, "{key}");
        assert!(device["DeviceGroupKey"].as_str().unwrap().starts_with('-'), "{device}");
        assert_eq!(tokens.claims("AccessToken")["device_key"], key);
        assert_eq!(tokens.claims("IdToken").get("device_key"), None);
        keys.push(key);
    }
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn where_devices_are_not_tracked_a_sign_in_gets_none_and_a_needless_key_is_ignored() {
    let mut world = World::with_user("alice");
    let tokens = device_srp::sign_in(&mut world, Some("us-east-1_0a")).unwrap();
    let tokens = Tokens(tokens["AuthenticationResult"].clone());
    assert_eq!(tokens.0.get("NewDeviceMetadata"), None);
    assert_eq!(tokens.claims("AccessToken").get("device_key"), None);
    for (operation, request) in refreshes(&tokens.refresh(), Some("us-east-1_0a")) {
        world.ok(operation, request);
    }
}

#[test]
fn a_refresh_must_bring_the_device_key_of_its_sign_in() {
    let mut world = world_that_tracks();
    let (tokens, other) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "alice"));
    let (own, others) = (Laptop::offered(&tokens), Laptop::offered(&other));
    own.confirm(&mut world, &tokens);
    others.confirm(&mut world, &other);
    for wrong in [None, Some(others.key.as_str())] {
        for (operation, request) in refreshes(&tokens.refresh(), wrong) {
            assert_eq!(world.refused(operation, request), INVALID, "{operation} {wrong:?}");
        }
    }
    for (operation, request) in refreshes(&tokens.refresh(), Some(&own.key)) {
        let result = Tokens(world.ok(operation, request)["AuthenticationResult"].clone());
        assert_eq!(result.0.get("NewDeviceMetadata"), None, "{operation}");
        assert_eq!(result.claims("AccessToken")["device_key"], own.key, "{operation}");
    }
}

#[test]
fn a_device_that_was_not_confirmed_or_was_forgotten_cannot_refresh() {
    let mut world = world_that_tracks();
    let tokens = world.tokens(CLIENT, "alice");
    let laptop = Laptop::offered(&tokens);
    for (operation, request) in refreshes(&tokens.refresh(), Some(&laptop.key)) {
        assert_eq!(world.refused(operation, request), INVALID, "{operation}");
    }
    laptop.confirm(&mut world, &tokens);
    for (operation, request) in refreshes(&tokens.refresh(), Some(&laptop.key)) {
        world.ok(operation, request);
    }
    world.ok("ForgetDevice", laptop.request(&tokens));
    for (operation, request) in refreshes(&tokens.refresh(), Some(&laptop.key)) {
        assert_eq!(world.refused(operation, request), INVALID, "{operation}");
    }
}

#[test]
fn when_tracking_ends_a_refresh_needs_no_device_key_any_more() {
    let mut world = world_that_tracks();
    let token = world.tokens(CLIENT, "alice").refresh();
    world.ok("UpdateUserPool", tracking(None));
    for (operation, request) in refreshes(&token, None) {
        world.ok(operation, request);
    }
}

#[test]
fn a_device_key_that_cannot_be_one_is_refused_in_aws_words() {
    let mut world = world_that_tracks();
    let token = world.tokens(CLIENT, "alice").refresh();
    let refused = world.refused(
        "GetTokensFromRefreshToken",
        json!({"ClientId": CLIENT, "RefreshToken": token, "DeviceKey": "laptop"}),
    );
    assert!(
        refused.starts_with("InvalidParameterException: 1 validation error detected: Value 'laptop' at 'deviceKey'"),
        "{refused}"
    );
}

#[test]
fn a_confirmed_device_is_remembered_at_once_or_after_the_user_has_been_asked() {
    for (mut world, asks) in [(world_that_tracks(), false), (world_that_asks(), true)] {
        let tokens = world.tokens(CLIENT, "alice");
        let laptop = Laptop::offered(&tokens);
        let request = laptop.request(&tokens);
        assert_eq!(world.refused("GetDevice", request.clone()), UNKNOWN);
        assert_eq!(
            laptop.confirm(&mut world, &tokens),
            json!({"UserConfirmationNecessary": asks})
        );
        let device = world.ok("GetDevice", request.clone())["Device"].clone();
        assert_eq!(device["DeviceKey"], laptop.key);
        assert_eq!(device["DeviceCreateDate"], world.now as f64 / 1000.0);
        assert_eq!(attribute(&device, "device_name").unwrap(), "Laptop");
        let status = |device: &Value| attribute(device, "dev:device_remembered_status").unwrap();
        assert_eq!(status(&device), if asks { "not_remembered" } else { "remembered" });
        for wanted in ["not_remembered", "remembered"] {
            let mut update = request.clone();
            update["DeviceRememberedStatus"] = json!(wanted);
            assert_eq!(world.ok("UpdateDeviceStatus", update), json!({}));
            assert_eq!(status(&world.ok("GetDevice", request.clone())["Device"]), wanted);
        }
        let mut wrong = request;
        wrong["DeviceRememberedStatus"] = json!("perhaps");
        let refused = world.refused("UpdateDeviceStatus", wrong);
        assert!(
            refused.contains("Value 'perhaps' at 'deviceRememberedStatus'"),
            "{refused}"
        );
    }
}

#[test]
fn a_sign_in_confirms_its_own_device_and_only_once() {
    let mut world = world_that_tracks();
    let (tokens, other) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "alice"));
    let (own, others) = (Laptop::offered(&tokens), Laptop::offered(&other));
    let refused = world.refused("ConfirmDevice", others.confirmation(&tokens));
    assert_eq!(refused, "InvalidParameterException: Invalid device key given.");
    own.confirm(&mut world, &tokens);
    let refused = world.refused("ConfirmDevice", own.confirmation(&tokens));
    assert_eq!(refused, "DeviceKeyExistsException: Device key already exists.");
    world.ok("ForgetDevice", own.request(&tokens));
    assert_eq!(world.refused("ConfirmDevice", own.confirmation(&tokens)), UNKNOWN);
}

#[test]
fn a_verifier_that_no_password_has_is_refused() {
    let mut world = world_that_tracks();
    let tokens = world.tokens(CLIENT, "alice");
    let laptop = Laptop::offered(&tokens);
    for (member, values) in [
        (
            "PasswordVerifier",
            [
                json!("%"),
                json!(""),
                json!("AA=="),
                json!("AQ=="),
                json!(STANDARD.encode([0xff; 384])),
                Value::Null,
            ],
        ),
        (
            "Salt",
            [
                json!("%"),
                json!(""),
                json!("AA=="),
                json!(STANDARD.encode([1; 65])),
                Value::Null,
                json!("not base64"),
            ],
        ),
    ] {
        for value in values {
            let mut request = laptop.confirmation(&tokens);
            request["DeviceSecretVerifierConfig"][member] = value.clone();
            assert_eq!(
                world.refused("ConfirmDevice", request),
                "InvalidParameterException: Invalid device secret verifier given.",
                "{member} {value}"
            );
        }
    }
    let mut request = laptop.confirmation(&tokens);
    request["DeviceSecretVerifierConfig"] = Value::Null;
    let refused = world.refused("ConfirmDevice", request);
    assert!(
        refused.contains("Value null at 'deviceSecretVerifierConfig'"),
        "{refused}"
    );
}

#[test]
fn devices_come_in_pages_to_their_user_and_to_an_administrator() {
    let mut world = world_that_tracks();
    let mut laptops = Vec::new();
    let mut last = None;
    for _ in 0..3 {
        let tokens = world.tokens(CLIENT, "alice");
        let laptop = Laptop::offered(&tokens);
        laptop.confirm(&mut world, &tokens);
        laptops.push(laptop.key);
        last = Some(tokens);
    }
    let own = json!({"AccessToken": last.unwrap().access()});
    let named = json!({"UserPoolId": POOL, "Username": "alice"});
    for (operation, who) in [("ListDevices", own), ("AdminListDevices", named)] {
        let keys = |page: &Value| -> Vec<String> {
            let devices = page["Devices"].as_array().unwrap();
            devices
                .iter()
                .map(|device| device["DeviceKey"].as_str().unwrap().to_owned())
                .collect()
        };
        let with = |name: &str, value: Value| {
            let mut request = who.clone();
            request[name] = value;
            request
        };
        let page = world.ok(operation, with("Limit", json!(2)));
        assert_eq!(keys(&page), laptops[..2]);
        let rest = world.ok(operation, with("PaginationToken", page["PaginationToken"].clone()));
        assert_eq!(keys(&rest), laptops[2..]);
        assert_eq!(rest.get("PaginationToken"), None);
        assert_eq!(keys(&world.ok(operation, with("Limit", json!(0)))), laptops);
        let refused = world.refused(operation, with("Limit", json!(61)));
        assert!(refused.contains("Value '61' at 'limit'"), "{refused}");
    }
}

#[test]
fn a_device_that_is_not_remembered_is_listed_to_an_administrator_only() {
    let mut world = world_that_asks();
    let tokens = world.tokens(CLIENT, "alice");
    Laptop::offered(&tokens).confirm(&mut world, &tokens);
    let listed = world.ok("ListDevices", json!({"AccessToken": tokens.access()}));
    assert_eq!(listed["Devices"], json!([]));
    let known = world.ok("AdminListDevices", json!({"UserPoolId": POOL, "Username": "alice"}));
    let status = attribute(&known["Devices"][0], "dev:device_remembered_status");
    assert_eq!(status.as_deref(), Some("not_remembered"));
}

#[test]
fn an_administrator_sees_changes_and_forgets_a_users_device() {
    let mut world = world_that_tracks();
    let tokens = world.tokens(CLIENT, "alice");
    let laptop = Laptop::offered(&tokens);
    laptop.confirm(&mut world, &tokens);
    let named = json!({"UserPoolId": POOL, "Username": "alice", "DeviceKey": laptop.key});
    let mut update = named.clone();
    update["DeviceRememberedStatus"] = json!("not_remembered");
    world.ok("AdminUpdateDeviceStatus", update.clone());
    let device = world.ok("AdminGetDevice", named.clone())["Device"].clone();
    assert_eq!(
        attribute(&device, "dev:device_remembered_status").unwrap(),
        "not_remembered"
    );
    assert_eq!(world.ok("AdminForgetDevice", named.clone()), Value::Null);
    for (operation, request) in [
        ("AdminGetDevice", named.clone()),
        ("AdminUpdateDeviceStatus", update),
        ("AdminForgetDevice", named),
        ("GetDevice", laptop.request(&tokens)),
        ("ForgetDevice", laptop.request(&tokens)),
        ("UpdateDeviceStatus", laptop.request(&tokens)),
    ] {
        assert_eq!(world.refused(operation, request), UNKNOWN, "{operation}");
    }
}

#[test]
fn device_of_another_user_is_not_found() {
    let mut world = World::with_user("alice");
    world.add_user("bob");
    world.ok("UpdateUserPool", tracking(Some(json!({}))));
    let tokens = world.tokens(CLIENT, "alice");
    let laptop = Laptop::offered(&tokens);
    laptop.confirm(&mut world, &tokens);
    let bobs = world.tokens(CLIENT, "bob");
    assert_eq!(world.refused("GetDevice", laptop.request(&bobs)), UNKNOWN);
    let refused = world.refused("ConfirmDevice", laptop.confirmation(&bobs));
    assert_eq!(refused, "InvalidParameterException: Invalid device key given.");
}
