//! The upstream tests of passwords, attributes, devices and the end of an account, by meaning: each test names those it
//! carries over. `I`: AWSMobileClient for iOS; `P`: its user-pool layer; `A`: the client for Android.

use serde_json::{Value, json};

use super::support::{Overlap, REFRESH, SIGNED_IN, Stage, tokens};
use crate::core::error::Code;
use crate::core::user_state::{Reason, UserState};

const EMAIL: &str = r#"{"DeliveryMedium":"EMAIL","Destination":"a***@e***","AttributeName":"email"}"#;

fn delivery() -> Value {
    json!({ "CodeDeliveryDetails": serde_json::from_str::<Value>(EMAIL).unwrap() })
}

fn expected_delivery() -> Value {
    json!({"deliveryMedium": "email", "destination": "a***@e***", "attributeName": "email"})
}

// I testSignUp, testSignUpWithValidClientMetaData; P testRegisterUser
#[test]
fn a_sign_up_with_metadata_makes_an_unconfirmed_user() {
    let stage = Stage::ready();
    let mut answer = delivery();
    (answer["UserConfirmed"], answer["UserSub"]) = (json!(false), json!("s"));
    stage.env.answer("SignUp", 200, &answer);
    let options = json!({"username": "alice", "password": "p", "userAttributes": {"email": "a@b.c"}, "clientMetadata": {"k": "v"}});
    let notified = stage.operate("signUp", &options).unwrap();
    assert_eq!(notified["signUpConfirmationState"], "unconfirmed");
    assert_eq!(stage.env.bodies()[0]["ClientMetadata"], json!({"k": "v"}));
}

// I testResendSignUpCode; P testResendConfirmationCode
#[test]
fn another_code_goes_by_mail_and_the_user_is_still_unconfirmed() {
    let stage = Stage::ready();
    stage.env.answer("ResendConfirmationCode", 200, &delivery());
    let notified = stage.operate(
        "resendSignUpCode",
        &json!({"username": "alice", "clientMetadata": {"k": "v"}}),
    );
    assert_eq!(
        notified,
        Ok(json!({"signUpConfirmationState": "unconfirmed", "codeDeliveryDetails": expected_delivery()}))
    );
    assert_eq!(stage.env.bodies()[0]["ClientMetadata"], json!({"k": "v"}));
}

// I testForgotPassword
#[test]
fn a_forgotten_password_is_set_anew_by_a_code() {
    let stage = Stage::ready();
    stage.env.answer("ForgotPassword", 200, &delivery());
    assert_eq!(
        stage.operate("forgotPassword", &json!({"username": "alice"})),
        Ok(json!({"forgotPasswordState": "confirmationCodeSent", "codeDeliveryDetails": expected_delivery()}))
    );
    stage.env.answer("ConfirmForgotPassword", 200, &json!({}));
    let options = json!({"username": "alice", "newPassword": "n", "confirmationCode": "123456"});
    assert_eq!(
        stage.operate("confirmForgotPassword", &options),
        Ok(json!({"forgotPasswordState": "done"}))
    );
    assert_eq!(stage.state(), UserState::SignedOut, "no user is signed in by it");
}

// I testForgotPasswordWithValidClientMetaData
#[test]
fn a_user_without_a_verified_address_is_refused_a_code() {
    let stage = Stage::ready();
    stage.env.refuse("ForgotPassword", "InvalidParameterException");
    let options = json!({"username": "alice", "clientMetadata": {"k": "v"}});
    assert_eq!(
        stage.operate("forgotPassword", &options).unwrap_err().code,
        Code::InvalidParameter
    );
    assert_eq!(stage.env.bodies()[0]["ClientMetadata"], json!({"k": "v"}));
}

// I testChangePassword, testChangePasswordFailCase; P testChangePassword
#[test]
fn password_is_changed_with_the_current_one() {
    let stage = Stage::signed_in();
    let options = json!({"currentPassword": "o", "proposedPassword": "n"});
    stage.env.answer("ChangePassword", 200, &json!({}));
    assert_eq!(stage.operate("changePassword", &options), Ok(json!(null)));
    stage.env.refuse("ChangePassword", "NotAuthorizedException");
    let error = stage.operate("changePassword", &options).unwrap_err();
    assert_eq!(
        (error.code, error.service_exception.as_deref()),
        (Code::NotAuthorized, Some("NotAuthorizedException"))
    );
    assert_eq!(stage.state(), UserState::SignedIn);
}

// I testVerifyUserAttribute; P testGetAttributeVerification
#[test]
fn an_attribute_is_verified_by_a_code() {
    let stage = Stage::signed_in();
    stage.env.answer("GetUserAttributeVerificationCode", 200, &delivery());
    let options = json!({"attributeName": "email", "clientMetadata": {"k": "v"}});
    assert_eq!(
        stage.operate("verifyUserAttribute", &options),
        Ok(json!({"codeDeliveryDetails": expected_delivery()}))
    );
    assert_eq!(stage.env.bodies()[0]["ClientMetadata"], json!({"k": "v"}));
    stage.env.answer("VerifyUserAttribute", 200, &json!({}));
    stage.script_refresh("2");
    let options = json!({"attributeName": "email", "confirmationCode": "123456"});
    assert_eq!(stage.operate("confirmVerifyUserAttribute", &options), Ok(json!(null)));
}

fn attributes() -> Value {
    json!({"Username": "alice", "UserAttributes": [{"Name": "sub", "Value": "s"}, {"Name": "email", "Value": "a@b.c"},
        {"Name": "email_verified", "Value": "false"}]})
}

// I testGetAttributes
#[test]
fn the_attributes_are_those_the_pool_has_and_all_are_texts() {
    let stage = Stage::signed_in();
    stage.env.answer("GetUser", 200, &attributes());
    let notified = stage.operate("getUserAttributes", &json!({})).unwrap();
    let all = notified["userAttributes"].as_object().unwrap();
    assert_eq!((all.len(), &all["email_verified"]), (3, &json!("false")));
}

// I testGetAttributesWhenAccessTokenInvalidated, testHostedUIGetAttributesAccessTokenInvalidated
#[test]
fn attributes_are_read_with_new_tokens_where_the_old_ones_have_expired() {
    let stage = Stage::expired();
    stage.env.sent();
    stage.script_refresh("2");
    stage.env.answer("GetUser", 200, &attributes());
    assert!(stage.operate("getUserAttributes", &json!({})).is_ok());
    assert_eq!(stage.env.sent(), [REFRESH, "GetUser"]);
}

// I testGetAttributesWhenRefreshTokenInvalidated
#[test]
fn reading_attributes_waits_for_a_new_sign_in_and_goes_on() {
    let stage = Stage::expiring(|_| ());
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "getUserAttributes", &json!({}));
    overlap.settle();
    assert!(pending.is_pending());
    assert_eq!(stage.state(), UserState::SignedOutUserPoolsTokenInvalid);
    stage.env.answer("GetUser", 200, &attributes());
    stage.script_sign_in_with(&tokens("alice", "2"));
    assert_eq!(stage.sign_in(), Ok(SIGNED_IN));
    overlap.settle();
    assert!(pending.outcome().is_ok());
}

// A testNetworkExceptionPropagation_getUserAttributes
#[test]
fn attributes_that_cannot_be_read_for_want_of_a_connection_are_an_error_and_change_no_state() {
    let unreachable = Stage::signed_in();
    unreachable.env.cut("GetUser");
    let not_renewed = Stage::expired();
    not_renewed.env.cut(REFRESH);
    let offline = Stage::expired();
    offline.env.go_offline(true);
    for stage in [unreachable, not_renewed, offline] {
        stage.notified();
        let error = stage.operate("getUserAttributes", &json!({})).unwrap_err();
        assert_eq!(error.code, Code::Network);
        assert_eq!((stage.state(), stage.notified()), (UserState::SignedIn, vec![]));
    }
}

// I testUpdateAttributes, testTokenAfterUpdateAttributes; P testUpdateAttribute
#[test]
fn attributes_are_updated_and_there_are_tokens_afterwards() {
    let stage = Stage::signed_in();
    stage.env.answer("UpdateUserAttributes", 200, &json!({}));
    stage.script_refresh("2");
    let notified = stage.operate("updateUserAttributes", &json!({"userAttributes": {"nickname": "al"}}));
    assert_eq!(notified, Ok(json!({"codeDeliveryDetails": []})));
    let session = stage.get_tokens("{}").unwrap();
    let tokens = session.pool_tokens().unwrap();
    assert!(!tokens.access.reveal().is_empty() && !tokens.id.reveal().is_empty() && tokens.life.expires_at > 0);
}

// P testSetUserSettings
#[test]
fn second_factors_are_chosen_by_the_operation_that_took_the_place_of_the_user_settings() {
    let stage = Stage::signed_in();
    stage.env.sent();
    stage.env.answer("SetUserMFAPreference", 200, &json!({}));
    let notified = stage.operate("updateMFAPreference", &json!({"sms": "enabled"}));
    assert_eq!(notified, Ok(json!(null)));
    assert_eq!(stage.env.sent(), ["SetUserMFAPreference"]);
}

// I testRememberDevice, testDeviceOperations, testDeviceOperationsFailCase. The service lists what is remembered, and tells
// of any device that is asked for whether it is.
#[test]
fn a_device_is_remembered_listed_read_and_forgotten_and_then_unknown() {
    let stage = Stage::ready();
    let mut result = tokens("alice", "1");
    result["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": "k", "DeviceGroupKey": "-g"});
    stage.script_sign_in_with(&result);
    stage.env.answer("ConfirmDevice", 200, &json!({}));
    stage.sign_in().unwrap();
    let list = |devices: Value| {
        stage.env.answer("ListDevices", 200, &json!({ "Devices": devices }));
        stage.operate("deviceOperations.list", &json!({})).unwrap()["devices"].clone()
    };
    for (remembered, status) in [(true, "remembered"), (false, "not_remembered"), (true, "remembered")] {
        stage.env.answer("UpdateDeviceStatus", 200, &json!({}));
        stage
            .operate("deviceOperations.updateStatus", &json!({ "remembered": remembered }))
            .unwrap();
        let attributes = json!([{"Name": "dev:device_remembered_status", "Value": status}]);
        let device = json!({"DeviceKey": "k", "DeviceAttributes": attributes});
        stage.env.answer("GetDevice", 200, &json!({ "Device": device }));
        let notified = stage.operate("deviceOperations.get", &json!({})).unwrap();
        assert_eq!(
            (&notified["device"]["deviceKey"], &notified["device"]["remembered"]),
            (&json!("k"), &json!(remembered))
        );
        let listed = if remembered { json!([device]) } else { json!([]) };
        assert_eq!(list(listed).as_array().unwrap().len(), usize::from(remembered));
    }
    stage.env.answer_text("ForgetDevice", 200, "");
    stage.operate("deviceOperations.forget", &json!({})).unwrap();
    assert_eq!(list(json!([])), json!([]));
    let error = stage.operate("deviceOperations.updateStatus", &json!({"remembered": true}));
    assert_eq!(error.unwrap_err().code, Code::DeviceNotRemembered);
}

// I testDeleteUser, testDeleteUserUnauthenticatedUser
#[test]
fn a_user_who_is_deleted_is_signed_out_and_one_who_is_not_there_cannot_be() {
    let stage = Stage::signed_in();
    stage.env.answer_text("DeleteUser", 200, "");
    assert_eq!(stage.operate("deleteUser", &json!({})), Ok(json!(null)));
    assert_eq!(
        stage.notified_with_reasons(),
        [(UserState::SignedOut, Some(Reason::AccountDeleted))]
    );
    let error = stage.operate("deleteUser", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
}
