//! The operations, without a socket.

mod account;
mod account_settings;
mod admin;
mod admin_auth;
mod custom_auth;
mod device_srp;
mod devices;
mod groups;
mod mfa;
mod mfa_device;
mod mfa_preference;
mod new_password;
mod passkey_sign_in;
mod passkeys;
mod password;
mod password_history;
mod passwordless;
mod pools;
mod refresh;
mod revocation;
mod sessions;
mod shapes;
mod sign_in;
mod sign_in_world;
mod sign_up;
mod software_token;
mod srp;
mod tiers;
mod user_auth;

use serde_json::json;

use crate::testing::World;

#[test]
fn an_operation_that_does_not_exist_is_an_unknown_operation() {
    let refused = World::new().refused("MakeTea", json!({}));
    assert!(refused.starts_with("UnknownOperationException: "), "{refused}");
}

#[test]
fn a_client_that_does_not_exist_is_named() {
    let refused = World::new().refused(
        "InitiateAuth",
        json!({"ClientId": "nobody", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {}}),
    );
    assert_eq!(
        refused,
        "ResourceNotFoundException: User pool client nobody does not exist."
    );
}

#[test]
fn a_request_without_its_client_is_told_so_in_aws_words() {
    let refused = World::new().refused("InitiateAuth", json!({"AuthFlow": "USER_SRP_AUTH"}));
    assert_eq!(
        refused,
        "InvalidParameterException: 1 validation error detected: Value null at 'clientId' failed to satisfy \
         constraint: Member must not be null"
    );
}
