//! Device tracking, as far as a refresh is concerned.

use serde_json::{Value, json};

use crate::testing::{CLIENT, PASSWORD, POOL, Tokens, World};

const INVALID: &str = "NotAuthorizedException: Invalid Refresh Token.";

fn tracking(on: bool) -> Value {
    let mut request = json!({"UserPoolId": POOL, "UsernameConfiguration": {"CaseSensitive": false}});
    if on {
        request["DeviceConfiguration"] = json!({"DeviceOnlyRememberedOnUserPrompt": false});
    }
    request
}

fn world_that_tracks() -> World {
    let mut world = World::with_user("alice");
    world.ok("UpdateUserPool", tracking(true));
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
    let tokens = world.tokens(CLIENT, "alice");
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
    let key = |tokens: &Tokens| tokens.0["NewDeviceMetadata"]["DeviceKey"].as_str().unwrap().to_owned();
    let (own, others) = (key(&tokens), key(&other));
    for wrong in [None, Some(others.as_str())] {
        for (operation, request) in refreshes(&tokens.refresh(), wrong) {
            assert_eq!(world.refused(operation, request), INVALID, "{operation} {wrong:?}");
        }
    }
    for (operation, request) in refreshes(&tokens.refresh(), Some(&own)) {
        let result = Tokens(world.ok(operation, request)["AuthenticationResult"].clone());
        assert_eq!(result.0.get("NewDeviceMetadata"), None, "{operation}");
        assert_eq!(result.claims("AccessToken")["device_key"], own, "{operation}");
    }
}

#[test]
fn when_tracking_ends_a_refresh_needs_no_device_key_any_more() {
    let mut world = world_that_tracks();
    let token = world.tokens(CLIENT, "alice").refresh();
    world.ok("UpdateUserPool", tracking(false));
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
