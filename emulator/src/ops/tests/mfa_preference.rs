//! What a user has switched on, and what a pool offers.

use serde_json::{Value, json};

use super::sign_in_world::{access, adjust, enable_totp, set_attribute};
use crate::testing::{POOL, World};

fn stage() -> (World, String) {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"mfa": "OPTIONAL"}));
    let token = access(&mut world, "alice");
    (world, token)
}

fn preference(token: &str, member: &str, settings: Value) -> Value {
    json!({"AccessToken": token, member: settings})
}

#[test]
fn a_user_who_has_switched_nothing_on_is_shown_with_nothing() {
    let (mut world, token) = stage();
    let user = world.ok("GetUser", json!({"AccessToken": token}));
    for member in ["UserMFASettingList", "PreferredMfaSetting", "MFAOptions"] {
        assert!(user.get(member).is_none(), "{member}");
    }
}

#[test]
fn what_is_switched_on_is_shown_to_the_user_and_to_an_administrator() {
    let (mut world, token) = stage();
    let settings = json!({"Enabled": true, "PreferredMfa": true});
    world.ok("SetUserMFAPreference", preference(&token, "EmailMfaSettings", settings));
    let user = world.ok("GetUser", json!({"AccessToken": token}));
    assert_eq!(user["UserMFASettingList"], json!(["EMAIL_OTP"]));
    assert_eq!(user["PreferredMfaSetting"], "EMAIL_OTP");
    let seen = world.ok("AdminGetUser", json!({"UserPoolId": POOL, "Username": "alice"}));
    assert_eq!(seen["PreferredMfaSetting"], "EMAIL_OTP");

    let settings = json!({"Enabled": true, "PreferredMfa": false});
    world.ok("SetUserMFAPreference", preference(&token, "EmailMfaSettings", settings));
    let user = world.ok("GetUser", json!({"AccessToken": token}));
    assert_eq!(user["UserMFASettingList"], json!(["EMAIL_OTP"]));
    assert!(user.get("PreferredMfaSetting").is_none());
}

#[test]
fn a_factor_needs_what_it_works_with() {
    let (mut world, token) = stage();
    for (member, message) in [
        (
            "SMSMfaSettings",
            "User does not have delivery config set to turn on SMS_MFA",
        ),
        ("SoftwareTokenMfaSettings", "User has not verified software token mfa"),
    ] {
        assert_eq!(
            world.refused(
                "SetUserMFAPreference",
                preference(&token, member, json!({"Enabled": true}))
            ),
            format!("InvalidParameterException: {message}")
        );
    }
    adjust(&mut world, json!({"mfaFactors": ["SMS_MFA"]}));
    assert_eq!(
        world.refused(
            "SetUserMFAPreference",
            preference(&token, "EmailMfaSettings", json!({"Enabled": true}))
        ),
        "InvalidParameterException: Email MFA has not been enabled by the userPool"
    );
}

#[test]
fn one_factor_is_preferred_and_it_is_one_that_is_on() {
    let (mut world, token) = stage();
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    let on = json!({"Enabled": true, "PreferredMfa": true});
    let both = json!({"AccessToken": token, "SMSMfaSettings": on, "EmailMfaSettings": on});
    let off = json!({"AccessToken": token, "SMSMfaSettings": {"Enabled": false, "PreferredMfa": true}});
    for request in [both, off] {
        let refused = world.refused("SetUserMFAPreference", request);
        assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
    }
    world.ok("SetUserMFAPreference", preference(&token, "SMSMfaSettings", on.clone()));
    world.ok("SetUserMFAPreference", preference(&token, "EmailMfaSettings", on));
    let user = world.ok("GetUser", json!({"AccessToken": token}));
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA", "EMAIL_OTP"]));
    assert_eq!(user["PreferredMfaSetting"], "EMAIL_OTP");
}

#[test]
fn where_mfa_is_required_the_last_factor_stays_on() {
    let (mut world, token) = stage();
    enable_totp(&mut world, "alice");
    adjust(&mut world, json!({"mfa": "ON"}));
    let off = preference(&token, "SoftwareTokenMfaSettings", json!({"Enabled": false}));
    let refused = world.refused("SetUserMFAPreference", off);
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
}

#[test]
fn a_passkey_stands_for_both_factors_where_the_pool_and_another_factor_allow_it() {
    let (mut world, token) = stage();
    let wish = preference(&token, "WebAuthnMfaSettings", json!({"Enabled": true}));
    let refused = world.refused("SetUserMFAPreference", wish.clone());
    assert!(refused.contains("MULTI_FACTOR_WITH_USER_VERIFICATION"), "{refused}");
    let configuration = json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    adjust(&mut world, json!({"webAuthnConfiguration": configuration}));
    let refused = world.refused("SetUserMFAPreference", wish.clone());
    assert!(refused.contains("another MFA method"), "{refused}");
    let mut with_email = wish;
    with_email["EmailMfaSettings"] = json!({"Enabled": true});
    world.ok("SetUserMFAPreference", with_email);
}

#[test]
fn the_older_user_settings_know_of_sms_only() {
    let (mut world, token) = stage();
    set_attribute(&mut world, "alice", "phone_number", "+12065551212");
    let options = json!([{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]);
    world.ok("SetUserSettings", json!({"AccessToken": token, "MFAOptions": options}));
    let user = world.ok("GetUser", json!({"AccessToken": token}));
    assert_eq!(user["MFAOptions"], options);
    assert_eq!(user["UserMFASettingList"], json!(["SMS_MFA"]));
    let none = json!({"UserPoolId": POOL, "Username": "alice", "MFAOptions": []});
    world.ok("AdminSetUserSettings", none);
    assert!(
        world
            .ok("GetUser", json!({"AccessToken": token}))
            .get("MFAOptions")
            .is_none()
    );
}

#[test]
fn the_auth_factors_are_what_the_user_can_begin_and_go_on_with() {
    let (mut world, token) = stage();
    let factors = world.ok("GetUserAuthFactors", json!({"AccessToken": token}));
    assert_eq!(factors["Username"], "alice");
    assert_eq!(factors["ConfiguredUserAuthFactors"], json!(["PASSWORD", "EMAIL_OTP"]));
    enable_totp(&mut world, "alice");
    let factors = world.ok("GetUserAuthFactors", json!({"AccessToken": token}));
    assert_eq!(
        factors["ConfiguredUserAuthFactors"],
        json!(["PASSWORD", "SOFTWARE_TOKEN"])
    );
    assert_eq!(factors["UserMFASettingList"], json!(["SOFTWARE_TOKEN_MFA"]));
    assert_eq!(factors["PreferredMfaSetting"], "SOFTWARE_TOKEN_MFA");
}

#[test]
fn the_mfa_of_a_pool_is_set_as_a_whole_and_survives_an_update_of_the_rest() {
    let mut world = World::new();
    let pool = world.ok("CreateUserPool", json!({"PoolName": "p"}))["UserPool"]["Id"].clone();
    let off = world.ok("GetUserPoolMfaConfig", json!({"UserPoolId": pool}));
    assert_eq!(off, json!({"MfaConfiguration": "OFF"}));
    let wanted = json!({
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "EmailMfaConfiguration": {"Subject": "Your code"},
    });
    let mut request = wanted.clone();
    request["UserPoolId"] = pool.clone();
    assert_eq!(world.ok("SetUserPoolMfaConfig", request), wanted);
    world.ok(
        "UpdateUserPool",
        json!({"UserPoolId": pool, "MfaConfiguration": "OPTIONAL"}),
    );
    assert_eq!(world.ok("GetUserPoolMfaConfig", json!({"UserPoolId": pool})), wanted);
    let described = world.ok("DescribeUserPool", json!({"UserPoolId": pool}));
    assert_eq!(described["UserPool"]["MfaConfiguration"], "OPTIONAL");
}

#[test]
fn an_mfa_configuration_that_contradicts_itself_is_refused() {
    let mut world = World::new();
    for (configuration, software_token, reason) in [
        ("ON", false, "can't disable all MFAs and require MFA at the same time."),
        ("OFF", true, "can't turn off MFA and configure an MFA together."),
    ] {
        let request = json!({
            "UserPoolId": POOL,
            "MfaConfiguration": configuration,
            "SoftwareTokenMfaConfiguration": {"Enabled": software_token},
        });
        assert_eq!(
            world.refused("SetUserPoolMfaConfig", request),
            format!("InvalidParameterException: Invalid MFA configuration given, {reason}")
        );
    }
}

#[test]
fn a_pool_made_with_mfa_and_sms_offers_codes_by_sms() {
    let mut world = World::new();
    let request = json!({"PoolName": "p", "MfaConfiguration": "ON", "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}});
    let pool = world.ok("CreateUserPool", request)["UserPool"]["Id"].clone();
    let configuration = world.ok("GetUserPoolMfaConfig", json!({"UserPoolId": pool}));
    assert_eq!(
        configuration["SmsMfaConfiguration"]["SmsConfiguration"]["SnsCallerArn"],
        "arn:aws:iam::000000000000:role/sms"
    );
    let refused = world.refused("CreateUserPool", json!({"PoolName": "p", "MfaConfiguration": "ON"}));
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
}
