use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::core::json::ObjectWriter;
use crate::core::names::Username;
use crate::testing::{assert_linear, read as document};

fn row(call: &str) -> &'static Operation {
    Operation::of_call(call).unwrap()
}

/// The body that the options become.
fn written(call: &str, options: Json) -> Result<Json, String> {
    let mut options = options;
    if row(call).who == Who::User && options.get("username").is_none() {
        options["username"] = json!("alice");
    }
    match row(call).call_with(&document(options)) {
        Ok(call) => Ok(serde_json::from_str(&call.members.finish()).unwrap()),
        Err(misfit) => Err(format!("{}: {}, not {}", misfit.path, misfit.expected, misfit.found)),
    }
}

/// A call of a row, whatever its options.
fn call_of(operation: &'static Operation) -> Call {
    Call {
        operation,
        username: Username::new("alice"),
        device_key: None,
        members: ObjectWriter::new(),
    }
}

const ACCOUNT: AppAccount<'_> = AppAccount {
    issuer: "App",
    name: "alice",
};

/// What the app is told of the answer.
fn told(call: &str, answer: Json) -> Result<Json, String> {
    match call_of(row(call)).result(&document(answer), ACCOUNT) {
        Ok(told) => Ok(serde_json::from_str(&told).unwrap()),
        Err(error) => Err(error.message.to_string()),
    }
}

#[test]
fn every_method_has_one_row_and_every_option_and_member_its_own_name() {
    let calls: BTreeSet<_> = OPERATIONS.iter().map(|operation| operation.call).collect();
    assert_eq!(calls.len(), OPERATIONS.len());
    assert!(Operation::of_call("").is_none());
    for operation in OPERATIONS {
        let options = operation.options();
        let names: BTreeSet<_> = options.iter().collect();
        assert_eq!(names.len(), options.len(), "{}", operation.call);
        assert_eq!(options.contains(&"username"), operation.who == Who::User);
    }
}

#[test]
fn a_sign_up_sends_what_it_was_given_and_no_empty_list() {
    assert_eq!(written("signUp", json!({})), Ok(json!({})));
    assert_eq!(
        written(
            "signUp",
            json!({"userAttributes": {}, "validationData": {}, "clientMetadata": {}})
        ),
        Ok(json!({}))
    );
    let full = json!({"password": "p", "userAttributes": {"email": "a@b.c", "tier": "1", "custom:team": "2"},
        "validationData": {"tier": "3"}, "clientMetadata": {"tier": "4"}});
    assert_eq!(
        written("signUp", full),
        Ok(
            json!({"Password": "p", "UserAttributes": [{"Name": "custom:team", "Value": "2"},
            {"Name": "email", "Value": "a@b.c"}, {"Name": "custom:tier", "Value": "1"}],
            "ValidationData": [{"Name": "tier", "Value": "3"}], "ClientMetadata": {"tier": "4"}})
        )
    );
    assert_eq!(
        written(
            "confirmSignUp",
            json!({"confirmationCode": "1", "forceAliasCreation": true})
        ),
        Ok(json!({"ConfirmationCode": "1", "ForceAliasCreation": true}))
    );
}

#[test]
fn a_password_that_is_empty_is_not_taken_for_none() {
    let refusal = "password: a string with characters, not empty";
    assert_eq!(written("signUp", json!({"password": ""})), Err(refusal.into()));
}

#[test]
fn the_pool_s_own_attributes_begin_with_custom() {
    for (name, wire) in [
        ("email", "email"),
        ("email_verified", "email_verified"),
        ("zoneinfo", "zoneinfo"),
        ("tier", "custom:tier"),
        ("Email", "custom:Email"),
        ("custom:tier", "custom:tier"),
        ("dev:custom:tier", "dev:custom:tier"),
        ("cognito:x", "cognito:x"),
    ] {
        for (call, option, member) in [
            (
                "updateUserAttributes",
                json!({"userAttributes": {name: "v"}}),
                "/UserAttributes/0/Name",
            ),
            (
                "deleteUserAttributes",
                json!({"userAttributeNames": [name]}),
                "/UserAttributeNames/0",
            ),
            ("verifyUserAttribute", json!({"attributeName": name}), "/AttributeName"),
            (
                "confirmVerifyUserAttribute",
                json!({"attributeName": name, "confirmationCode": "1"}),
                "/AttributeName",
            ),
        ] {
            assert_eq!(
                written(call, option).unwrap().pointer(member),
                Some(&json!(wire)),
                "{call}"
            );
        }
    }
}

#[test]
fn an_attribute_that_would_be_sent_twice_or_has_no_name_is_refused() {
    for (call, options) in [
        (
            "updateUserAttributes",
            json!({"userAttributes": {"tier": "a", "custom:tier": "b"}}),
        ),
        (
            "signUp",
            json!({"userAttributes": {"custom:tier": "a", "email": "e", "tier": "b"}}),
        ),
        ("updateUserAttributes", json!({"userAttributes": {"": "a"}})),
        ("deleteUserAttributes", json!({"userAttributeNames": ["email", ""]})),
        ("verifyUserAttribute", json!({"attributeName": ""})),
    ] {
        assert!(written(call, options.clone()).is_err(), "{call} {options}");
    }
}

#[test]
fn passwords_and_codes_have_the_service_s_names() {
    assert_eq!(
        written(
            "confirmForgotPassword",
            json!({"newPassword": "n", "confirmationCode": "1", "clientMetadata": {"m": "2"}})
        ),
        Ok(json!({"Password": "n", "ConfirmationCode": "1", "ClientMetadata": {"m": "2"}}))
    );
    assert_eq!(
        written(
            "changePassword",
            json!({"currentPassword": "o", "proposedPassword": "n"})
        ),
        Ok(json!({"PreviousPassword": "o", "ProposedPassword": "n"}))
    );
    // The first password of a user who has none.
    assert_eq!(
        written("changePassword", json!({"proposedPassword": "n"})),
        Ok(json!({"ProposedPassword": "n"}))
    );
    assert_eq!(
        written(
            "verifyTOTPSetup",
            json!({"code": "123456", "friendlyDeviceName": "phone"})
        ),
        Ok(json!({"UserCode": "123456", "FriendlyDeviceName": "phone"}))
    );
}

#[test]
fn a_preference_is_one_word() {
    let all = json!({"sms": "enabled", "softwareToken": "preferred", "email": "notPreferred", "webAuthn": "disabled"});
    assert_eq!(
        written("updateMFAPreference", all),
        Ok(
            json!({"SMSMfaSettings": {"Enabled": true}, "SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": true},
            "EmailMfaSettings": {"Enabled": true, "PreferredMfa": false}, "WebAuthnMfaSettings": {"Enabled": false}})
        )
    );
    assert_eq!(
        written("updateMFAPreference", json!({"sms": "on"})),
        Err(r#"sms: "enabled", "disabled", "preferred" or "notPreferred", not a different string"#.into())
    );
    assert_eq!(
        written("updateMFAPreference", json!({"webAuthn": "preferred"})),
        Err(r#"webAuthn: "enabled" or "disabled", not a different string"#.into())
    );
}

#[test]
fn flags_become_the_service_s_words() {
    for (flag, status, sessions) in [(true, "remembered", "LINKED"), (false, "not_remembered", "NONE")] {
        assert_eq!(
            written(
                "deviceOperations.updateStatus",
                json!({"deviceKey": "k", "remembered": flag})
            ),
            Ok(json!({"DeviceKey": "k", "DeviceRememberedStatus": status}))
        );
        assert_eq!(
            written(
                "revokeUserSession",
                json!({"sessionId": "s", "revokeAssociatedSessions": flag})
            ),
            Ok(json!({"SessionId": "s", "RevokeAssociatedSessions": sessions}))
        );
    }
}

#[test]
fn what_is_missing_or_of_another_type_is_named() {
    for (call, options, misfit) in [
        ("confirmSignUp", json!({}), "confirmationCode: a string, not missing"),
        (
            "confirmSignUp",
            json!({"confirmationCode": 1}),
            "confirmationCode: a string, not a number",
        ),
        (
            "confirmSignUp",
            json!({"confirmationCode": "1", "forceAliasCreation": "yes"}),
            "forceAliasCreation: true or false, not a string",
        ),
        (
            "updateUserAttributes",
            json!({}),
            "userAttributes: an object, not missing",
        ),
        (
            "updateUserAttributes",
            json!({"userAttributes": {"age": 7}}),
            "userAttributes.age: a string, not a number",
        ),
        (
            "deleteUserAttributes",
            json!({}),
            "userAttributeNames: a list of strings, not missing",
        ),
        (
            "deleteUserAttributes",
            json!({"userAttributeNames": "email"}),
            "userAttributeNames: a list of strings, not a string",
        ),
        (
            "deviceOperations.updateStatus",
            json!({}),
            "remembered: true or false, not missing",
        ),
    ] {
        assert_eq!(written(call, options), Err(misfit.into()));
    }
}

#[test]
fn a_sign_up_tells_where_the_code_went() {
    let answer = json!({"UserConfirmed": false, "UserSub": "sub", "CodeDeliveryDetails": {
        "Destination": "a***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}});
    assert_eq!(
        told("signUp", answer),
        Ok(
            json!({"signUpConfirmationState": "unconfirmed", "userSub": "sub", "codeDeliveryDetails": {
            "deliveryMedium": "email", "destination": "a***@e***", "attributeName": "email"}})
        )
    );
    assert_eq!(
        told("signUp", json!({"UserConfirmed": true})),
        Ok(json!({"signUpConfirmationState": "confirmed"}))
    );
    assert_eq!(
        told(
            "resendSignUpCode",
            json!({"CodeDeliveryDetails": {"DeliveryMedium": "PIGEON"}})
        ),
        Ok(json!({"signUpConfirmationState": "unconfirmed", "codeDeliveryDetails": {"deliveryMedium": "unknown"}}))
    );
}

#[test]
fn attributes_are_read_by_name_and_those_never_set_are_empty() {
    let answer = json!({"Username": "alice", "UserAttributes": [{"Name": "sub", "Value": "s"}, {"Name": "nickname"}]});
    assert_eq!(
        told("getUserAttributes", answer),
        Ok(json!({"userAttributes": {"sub": "s", "nickname": ""}}))
    );
    assert_eq!(
        told(
            "updateUserAttributes",
            json!({"CodeDeliveryDetailsList": [{"DeliveryMedium": "SMS"}]})
        ),
        Ok(json!({"codeDeliveryDetails": [{"deliveryMedium": "sms"}]}))
    );
    assert_eq!(
        told("updateUserAttributes", json!({})),
        Ok(json!({"codeDeliveryDetails": []}))
    );
}

#[test]
fn a_device_tells_whether_it_is_remembered() {
    let device = |status: &str| {
        json!({"DeviceKey": "k", "DeviceAttributes": [{"Name": "device_name", "Value": "phone"},
            {"Name": "dev:device_remembered_status", "Value": status}], "DeviceCreateDate": 1_700_000_000.5,
            "DeviceLastModifiedDate": 1_700_000_001, "DeviceLastAuthenticatedDate": 1_700_000_002})
    };
    for (status, remembered) in [("remembered", true), ("not_remembered", false)] {
        let expected = json!({"deviceKey": "k", "attributes": {"device_name": "phone", "dev:device_remembered_status": status},
            "remembered": remembered, "createDate": 1_700_000_000, "lastModifiedDate": 1_700_000_001,
            "lastAuthenticatedDate": 1_700_000_002});
        assert_eq!(
            told("deviceOperations.get", json!({"Device": device(status)})),
            Ok(json!({"device": expected}))
        );
        assert_eq!(
            told("deviceOperations.list", json!({"Devices": [device(status)]})),
            Ok(json!({"devices": [expected]}))
        );
    }
    assert_eq!(
        told("deviceOperations.list", json!({"Devices": [{"DeviceKey": "k"}]})),
        Ok(json!({"devices": [{"deviceKey": "k", "attributes": {}}]}))
    );
}

#[test]
fn passkeys_and_sessions_are_told_member_by_member() {
    let passkeys = json!({"Credentials": [{"CredentialId": "c", "FriendlyCredentialName": "phone", "RelyingPartyId": "localhost",
        "AuthenticatorAttachment": "platform", "AuthenticatorTransports": ["internal"], "CreatedAt": 1.7e9, "Later": 1}]});
    assert_eq!(
        told("passkeyOperations.list", passkeys),
        Ok(
            json!({"passkeys": [{"credentialId": "c", "friendlyCredentialName": "phone", "relyingPartyId": "localhost",
            "authenticatorAttachment": "platform", "authenticatorTransports": ["internal"], "createdAt": 1_700_000_000}]})
        )
    );
    let sessions = json!({"Sessions": [{"SessionId": "tkn1", "SessionType": "TOKEN", "ClientId": "client1", "CreateDate": 1,
        "LastActiveDate": 2, "DeviceType": "Desktop", "LastIPAddress": "10.0.0.1",
        "LastLocation": {"City": "Oslo", "Country": "NO"}, "OriginSessionId": "sso1", "IsCurrentSession": true}]});
    assert_eq!(
        told("listUserSessions", sessions),
        Ok(
            json!({"sessions": [{"sessionId": "tkn1", "sessionType": "TOKEN", "clientId": "client1", "createDate": 1,
            "lastActiveDate": 2, "deviceType": "Desktop", "lastIpAddress": "10.0.0.1",
            "lastLocation": {"city": "Oslo", "country": "NO"}, "originSessionId": "sso1", "isCurrentSession": true}]})
        )
    );
}

#[test]
fn factors_and_preferences_are_told_as_the_service_names_them() {
    let user = json!({"Username": "alice", "PreferredMfaSetting": "SMS_MFA", "UserMFASettingList": ["SMS_MFA", "EMAIL_OTP"],
        "ConfiguredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]});
    assert_eq!(
        told("getMFAPreference", user.clone()),
        Ok(json!({"enabled": ["SMS_MFA", "EMAIL_OTP"], "preferred": "SMS_MFA"}))
    );
    assert_eq!(told("getMFAPreference", json!({})), Ok(json!({"enabled": []})));
    assert_eq!(
        told("getUserAuthFactors", user),
        Ok(
            json!({"username": "alice", "preferredMfaSetting": "SMS_MFA", "userMFASettingList": ["SMS_MFA", "EMAIL_OTP"],
            "configuredUserAuthFactors": ["PASSWORD", "WEB_AUTHN"]})
        )
    );
}

#[test]
fn an_answer_that_lacks_what_it_must_have_is_refused() {
    for (call, answer, lack) in [
        ("setUpTOTP", json!({}), "SecretCode"),
        ("getUserAuthFactors", json!({}), "Username"),
        ("deviceOperations.list", json!({"Devices": [{}]}), "Devices.DeviceKey"),
        ("deviceOperations.list", json!({"Devices": "none"}), "Devices"),
        ("deviceOperations.get", json!({}), "Device.DeviceKey"),
        ("getUserAttributes", json!({"UserAttributes": [7]}), "UserAttributes"),
    ] {
        let message = told(call, answer).unwrap_err();
        assert!(message.contains(lack), "{message}");
    }
}

proptest! {
    #[test]
    fn no_document_makes_a_row_panic(text in any::<String>(), number in any::<f64>(), shape in 0..4usize) {
        for operation in OPERATIONS {
            let value = match shape {
                0 => json!(text),
                1 => json!([text, number, {"Name": text, "Value": number}]),
                2 => json!({ text.clone(): number }),
                _ => json!(number),
            };
            let wire = [
                "UserAttributes", "CodeDeliveryDetails", "CodeDeliveryDetailsList", "Devices", "Device", "Credentials",
                "Sessions", "SecretCode", "UserMFASettingList", "UserConfirmed",
            ];
            let answer: serde_json::Map<_, _> = wire.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            let _ = told(operation.call, Json::Object(answer));
            let options: serde_json::Map<_, _> =
                operation.options().iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            let _ = written(operation.call, Json::Object(options));
        }
    }
}

#[test]
fn attributes_are_written_and_told_in_time_that_grows_with_their_number() {
    let names = |count: usize| (0..count).map(|number| format!("n{number}"));
    assert_linear(
        |count| {
            let map: serde_json::Map<_, _> = names(count).map(|name| (name, json!(""))).collect();
            document(json!({ "username": "alice", "userAttributes": map }))
        },
        |options| {
            assert!(row("signUp").call_with(options).is_ok());
        },
    );
    assert_linear(
        |count| {
            let list: Vec<_> = names(count).map(|name| json!({"Name": name})).collect();
            document(json!({ "UserAttributes": list }))
        },
        |answer| assert!(call_of(row("getUserAttributes")).result(answer, ACCOUNT).is_ok()),
    );
}
