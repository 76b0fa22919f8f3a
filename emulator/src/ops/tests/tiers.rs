//! Feature plans: `UserPoolTier`.

use serde_json::{Value, json};

use super::sign_in_world::{adjust, initiate, initiation};
use crate::testing::{CLIENT, PASSWORD, POOL, World, sign_up_request};

fn beyond(tier: &str, features: &str) -> String {
    format!(
        "FeatureUnavailableInTierException: The following features need to be disabled for the {tier} pricing tier \
         configured: {features}"
    )
}

/// The built-in pool in the cheapest plan.
fn lite() -> World {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"tier": "LITE", "firstFactors": ["PASSWORD"]}));
    world
}

fn pool(tier: &str, settings: Value) -> Value {
    let mut request = settings;
    request["PoolName"] = json!("mine");
    request["UserPoolTier"] = json!(tier);
    request
}

#[test]
fn a_pool_has_what_its_plan_has() {
    let mut world = World::new();
    let factors = |names: Value| json!({"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": names}}});
    let history = json!({"Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}});
    let threats = json!({"UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}});
    for (tier, settings, features) in [
        (
            "LITE",
            factors(json!(["PASSWORD", "WEB_AUTHN"])),
            "Passwordless Sign-In",
        ),
        ("LITE", factors(json!(["EMAIL_OTP"])), "Passwordless Sign-In"),
        ("LITE", history.clone(), "Password History"),
        ("LITE", threats.clone(), "Threat Protection"),
        ("ESSENTIALS", threats.clone(), "Threat Protection"),
    ] {
        assert_eq!(
            world.refused("CreateUserPool", pool(tier, settings)),
            beyond(tier, features)
        );
    }
    for (tier, settings) in [
        ("LITE", factors(json!(["PASSWORD"]))),
        ("LITE", json!({"UserPoolAddOns": {"AdvancedSecurityMode": "OFF"}})),
        ("ESSENTIALS", history),
        ("PLUS", threats),
    ] {
        let made = world.ok("CreateUserPool", pool(tier, settings));
        assert_eq!(made["UserPool"]["UserPoolTier"], tier);
    }
}

#[test]
fn a_pool_that_names_no_plan_is_in_essentials() {
    let made = World::new().ok("CreateUserPool", json!({"PoolName": "mine"}));
    assert_eq!(made["UserPool"]["UserPoolTier"], "ESSENTIALS");
}

#[test]
fn a_plan_is_changed_once_what_it_lacks_is_switched_off() {
    let mut world = World::new();
    let first_factors = json!(["PASSWORD", "SMS_OTP"]);
    let mut request = json!({"UserPoolId": POOL, "UserPoolTier": "LITE"});
    request["Policies"] = json!({"SignInPolicy": {"AllowedFirstAuthFactors": first_factors}});
    assert_eq!(
        world.refused("UpdateUserPool", request.clone()),
        beyond("LITE", "Passwordless Sign-In")
    );
    let before = world.ok("DescribeUserPool", json!({"UserPoolId": POOL}));
    assert_eq!(before["UserPool"]["UserPoolTier"], "ESSENTIALS");
    request["Policies"] = json!({});
    world.ok("UpdateUserPool", request);
    let after = world.ok("DescribeUserPool", json!({"UserPoolId": POOL}));
    assert_eq!(after["UserPool"]["UserPoolTier"], "LITE");
}

#[test]
fn codes_by_email_are_no_second_factor_of_the_cheapest_plan() {
    let mut world = lite();
    let request = json!({"UserPoolId": POOL, "MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {}});
    assert_eq!(
        world.refused("SetUserPoolMfaConfig", request),
        beyond("LITE", "Email MFA")
    );
    let token = json!({"Enabled": true});
    world.ok(
        "SetUserPoolMfaConfig",
        json!({"UserPoolId": POOL, "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": token}),
    );
}

#[test]
fn the_cheapest_plan_has_no_choice_of_the_first_factor() {
    let mut world = lite();
    let unavailable = "FeatureUnavailableInTierException: The following feature is not available for the LITE pricing \
                       tier configured: Choice-Based Sign-In";
    for parameters in [
        json!({"USERNAME": "alice"}),
        json!({"USERNAME": "alice", "PREFERRED_CHALLENGE": "WEB_AUTHN"}),
        json!({"USERNAME": "alice", "TARGET_ACR_VALUES": "urn:cognito:loa:3"}),
    ] {
        assert_eq!(
            world.refused("InitiateAuth", initiation("USER_AUTH", parameters)),
            unavailable
        );
    }
    let token = initiate(
        &mut world,
        "USER_PASSWORD_AUTH",
        json!({"USERNAME": "alice", "PASSWORD": PASSWORD}),
    )["AuthenticationResult"]["AccessToken"]
        .clone();
    let refused = world.refused("StartWebAuthnRegistration", json!({"AccessToken": token}));
    assert!(refused.starts_with("WebAuthnNotEnabledException: "), "{refused}");
}

#[test]
fn no_sign_in_goes_on_from_a_sign_up_in_the_cheapest_plan() {
    let mut world = lite();
    let answer = world.ok("SignUp", sign_up_request("bob"));
    assert_eq!(answer.get("Session"), None);
    let code = world.last_code();
    let confirm = json!({"ClientId": CLIENT, "Username": "bob", "ConfirmationCode": code});
    assert_eq!(world.ok("ConfirmSignUp", confirm), json!({}));
}
