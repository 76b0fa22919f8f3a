//! Operations on behalf of the signed-in user.

use serde_json::{Value, json};

use super::support::{LOCALLY, NOW, Overlap, REFRESH, Stage, tokens};
use crate::core::error::Code;
use crate::core::user_state::UserState;
use crate::testing::jwt;

/// Every call, what the service calls it, its least options, a good answer, and what the app is notified.
fn calls() -> Vec<(&'static str, &'static str, Value, Value, Value)> {
    let attribute = || json!({"attributeName": "email"});
    let delivery = json!({"CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***"}});
    let device = || json!({"deviceKey": "k"});
    let none = Value::Null;
    vec![
        (
            "changePassword",
            "ChangePassword",
            json!({"currentPassword": "o", "proposedPassword": "n"}),
            json!({}),
            none.clone(),
        ),
        (
            "getUserAttributes",
            "GetUser",
            json!({}),
            json!({"Username": "alice", "UserAttributes": [{"Name": "email", "Value": "a@b.c"}]}),
            json!({"userAttributes": {"email": "a@b.c"}}),
        ),
        (
            "verifyUserAttribute",
            "GetUserAttributeVerificationCode",
            attribute(),
            delivery,
            json!({"codeDeliveryDetails": {"deliveryMedium": "email", "destination": "a***"}}),
        ),
        (
            "setUpTOTP",
            "AssociateSoftwareToken",
            json!({}),
            json!({"SecretCode": "JBSWY3DP"}),
            json!({"secretCode": "JBSWY3DP", "setupUri": "otpauth://totp/alice?secret=JBSWY3DP"}),
        ),
        (
            "verifyTOTPSetup",
            "VerifySoftwareToken",
            json!({"code": "123456"}),
            json!({"Status": "SUCCESS"}),
            none.clone(),
        ),
        (
            "updateMFAPreference",
            "SetUserMFAPreference",
            json!({"softwareToken": "preferred"}),
            json!({}),
            none.clone(),
        ),
        (
            "getMFAPreference",
            "GetUser",
            json!({}),
            json!({"Username": "alice", "UserAttributes": [], "UserMFASettingList": ["SMS_MFA"], "PreferredMfaSetting": "SMS_MFA"}),
            json!({"enabled": ["SMS_MFA"], "preferred": "SMS_MFA"}),
        ),
        (
            "getUserAuthFactors",
            "GetUserAuthFactors",
            json!({}),
            json!({"Username": "alice"}),
            json!({"username": "alice", "userMFASettingList": [], "configuredUserAuthFactors": []}),
        ),
        (
            "passkeyOperations.list",
            "ListWebAuthnCredentials",
            json!({}),
            json!({"Credentials": [{"CredentialId": "c"}]}),
            json!({"passkeys": [{"credentialId": "c", "authenticatorTransports": []}]}),
        ),
        (
            "passkeyOperations.delete",
            "DeleteWebAuthnCredential",
            json!({"credentialId": "c"}),
            json!({}),
            none.clone(),
        ),
        (
            "deviceOperations.list",
            "ListDevices",
            json!({}),
            json!({"Devices": []}),
            json!({"devices": []}),
        ),
        (
            "deviceOperations.get",
            "GetDevice",
            device(),
            json!({"Device": {"DeviceKey": "k"}}),
            json!({"device": {"deviceKey": "k", "attributes": {}}}),
        ),
        (
            "deviceOperations.updateStatus",
            "UpdateDeviceStatus",
            json!({"deviceKey": "k", "remembered": true}),
            json!({}),
            none.clone(),
        ),
        (
            "deviceOperations.forget",
            "ForgetDevice",
            device(),
            json!({}),
            none.clone(),
        ),
        (
            "listUserSessions",
            "ListUserSessions",
            json!({}),
            json!({"Sessions": []}),
            json!({"sessions": []}),
        ),
        (
            "revokeUserSession",
            "RevokeUserSession",
            json!({"sessionId": "tkn"}),
            json!({}),
            none,
        ),
    ]
}

/// The service says that the access token is no longer accepted.
fn refuse_token(stage: &Stage, operation: &str) {
    let answer = json!({"__type": "NotAuthorizedException", "message": "Access Token has been revoked"});
    stage.env.answer(operation, 400, &answer);
}

fn access_token(generation: &str) -> Value {
    tokens("alice", generation)["AuthenticationResult"]["AccessToken"].clone()
}

#[test]
fn each_is_asked_with_the_access_token_and_tells_the_answer() {
    for (call, operation, options, answer, notified) in calls() {
        let stage = Stage::signed_in();
        stage.env.sent();
        stage.env.answer(operation, 200, &answer);
        assert_eq!(stage.operate(call, &options), Ok(notified), "{call}");
        let bodies = stage.env.bodies();
        assert_eq!(bodies.len(), 1, "{call}");
        assert_eq!(bodies[0]["AccessToken"], access_token("1"), "{call}");
        assert_eq!(stage.notified(), [], "{call}");
    }
}

#[test]
fn what_the_service_refuses_has_its_code_and_changes_nothing() {
    for (call, operation, options, ..) in calls() {
        let stage = Stage::signed_in();
        stage.env.refuse(operation, "LimitExceededException");
        let error = stage.operate(call, &options).unwrap_err();
        assert_eq!((error.code, error.retryable), (Code::LimitExceeded, true), "{call}");
        assert_eq!(
            (stage.state(), stage.notified()),
            (UserState::SignedIn, vec![]),
            "{call}"
        );
    }
}

#[test]
fn without_an_answer_it_is_a_network_error_and_the_user_stays_signed_in() {
    for (call, operation, options, ..) in calls() {
        let stage = Stage::signed_in();
        stage.env.cut(operation);
        assert_eq!(stage.operate(call, &options).unwrap_err().code, Code::Network, "{call}");
        assert_eq!(stage.state(), UserState::SignedIn, "{call}");
    }
}

#[test]
fn operation_without_a_signed_in_user_sends_nothing() {
    for (call, _, options, ..) in calls() {
        let stage = Stage::ready();
        assert_eq!(
            stage.operate(call, &options).unwrap_err().code,
            Code::NotSignedIn,
            "{call}"
        );
        assert_eq!(stage.env.sent(), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn a_sign_out_in_between_ends_the_call() {
    for (call, operation, options, answer, _) in calls() {
        let stage = Stage::signed_in();
        stage.env.sent();
        stage.env.answer(operation, 200, &answer);
        stage.env.hold_answers(true);
        let overlap = Overlap::of(&stage);
        let pending = overlap.operate(&stage, call, &options);
        overlap.settle();
        let signed_out = overlap.sign_out(&stage, LOCALLY);
        overlap.settle();
        assert_eq!(signed_out.outcome(), Ok(()), "{call}");
        stage.env.hold_answers(false);
        overlap.settle();
        assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted, "{call}");
        assert_eq!(stage.env.sent(), [operation], "{call}");
    }
}

#[test]
fn a_refused_access_token_is_renewed_once_and_the_call_goes_on() {
    for (call, operation, options, answer, notified) in calls() {
        let stage = Stage::signed_in();
        stage.env.sent();
        refuse_token(&stage, operation);
        stage.script_refresh("2");
        stage.env.answer(operation, 200, &answer);
        assert_eq!(stage.operate(call, &options), Ok(notified), "{call}");
        let bodies = stage.env.bodies();
        assert_eq!(bodies[0]["AccessToken"], access_token("1"), "{call}");
        assert_eq!(bodies[2]["AccessToken"], access_token("2"), "{call}");
    }
}

#[test]
fn a_token_that_is_refused_again_is_not_renewed_again() {
    let stage = Stage::signed_in();
    stage.env.sent();
    refuse_token(&stage, "GetUser");
    stage.script_refresh("2");
    refuse_token(&stage, "GetUser");
    let error = stage.operate("getUserAttributes", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::NotAuthorized);
    assert_eq!(stage.env.sent(), ["GetUser", REFRESH, "GetUser"]);
}

#[test]
fn a_session_that_was_revoked_says_so_and_ends_by_the_rules_of_the_tokens() {
    let stage = Stage::signed_in();
    refuse_token(&stage, "GetUser");
    stage.env.refuse(REFRESH, "NotAuthorizedException");
    let error = stage.operate("getUserAttributes", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::NotAuthorized);
    assert_eq!(
        stage.state(),
        UserState::SignedIn,
        "the tokens are valid, also where another service checks them"
    );
    stage.env.pass(super::support::HOUR);
    let error = stage.operate("getUserAttributes", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::NotSignedIn);
    assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
}

#[test]
fn a_wrong_current_password_is_no_reason_to_renew() {
    let stage = Stage::signed_in();
    stage.env.sent();
    let answer = json!({"__type": "NotAuthorizedException", "message": "Incorrect username or password."});
    stage.env.answer("ChangePassword", 400, &answer);
    let options = json!({"currentPassword": "x", "proposedPassword": "n"});
    assert_eq!(
        stage.operate("changePassword", &options).unwrap_err().code,
        Code::NotAuthorized
    );
    assert_eq!(stage.env.sent(), ["ChangePassword"]);
}

#[test]
fn a_call_that_waits_for_a_sign_in_goes_on_for_the_same_user() {
    let stage = Stage::dead();
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "getUserAttributes", &json!({}));
    overlap.settle();
    assert!(pending.is_pending());
    stage
        .env
        .answer("GetUser", 200, &json!({"Username": "alice", "UserAttributes": []}));
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    overlap.settle();
    assert_eq!(pending.outcome(), Ok(json!({"userAttributes": {}})));
}

#[test]
fn a_call_is_never_done_for_another_user_than_the_one_who_made_it() {
    for call in ["getUserAttributes", "deleteUser"] {
        let stage = Stage::dead();
        let overlap = Overlap::of(&stage);
        let pending = overlap.operate(&stage, call, &json!({}));
        overlap.settle();
        stage.script_sign_in("bob");
        stage.sign_in().unwrap();
        stage.env.sent();
        overlap.settle();
        assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
        assert_eq!(stage.env.sent(), Vec::<String>::new(), "nothing is sent for bob");
    }
}

#[test]
fn all_pages_are_read() {
    for (call, operation, list, token) in [
        ("deviceOperations.list", "ListDevices", "Devices", "PaginationToken"),
        (
            "passkeyOperations.list",
            "ListWebAuthnCredentials",
            "Credentials",
            "NextToken",
        ),
        ("listUserSessions", "ListUserSessions", "Sessions", "NextToken"),
    ] {
        let stage = Stage::signed_in();
        stage.env.sent();
        let item = |name: &str| json!({"DeviceKey": name, "CredentialId": name, "SessionId": name});
        for (name, next) in [("a", json!("p2")), ("b", json!("p3")), ("c", json!(null))] {
            let page = json!({list: [item(name)], token: next});
            stage.env.answer(operation, 200, &page);
        }
        let notified = stage.operate(call, &json!({})).unwrap();
        let items = notified
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()
            .as_array()
            .unwrap();
        let key = |item: &Value| {
            let name = ["deviceKey", "credentialId", "sessionId"].map(|name| item[name].clone());
            name.into_iter().find(Value::is_string).unwrap()
        };
        assert_eq!(items.iter().map(key).collect::<Vec<_>>(), ["a", "b", "c"], "{call}");
        let bodies = stage.env.bodies();
        let asked: Vec<_> = bodies.iter().map(|body| body[token].clone()).collect();
        assert_eq!(asked, [json!(null), json!("p2"), json!("p3")], "{call}");
    }
}

#[test]
fn a_list_that_does_not_end_ends_here() {
    let stage = Stage::signed_in();
    stage.env.sent();
    let page = json!({"Devices": [{"DeviceKey": "k"}], "PaginationToken": "again"});
    stage.env.always_answer("ListDevices", 200, &page);
    let error = stage.operate("deviceOperations.list", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::Unknown, "half a list is not the list");
    assert_eq!(stage.env.sent().len(), 2, "the same page token leads nowhere");

    for page in 0..100 {
        let page = json!({"Devices": [], "PaginationToken": page.to_string()});
        stage.env.answer("ListDevices", 200, &page);
    }
    let error = stage.operate("deviceOperations.list", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::Unknown);
    assert_eq!(stage.env.sent().len(), 100);
}

#[test]
fn a_later_page_that_cannot_be_read_is_not_left_out() {
    let stage = Stage::signed_in();
    let first = json!({"Devices": [{"DeviceKey": "k"}], "PaginationToken": "p2"});
    stage.env.answer("ListDevices", 200, &first);
    stage.env.answer("ListDevices", 200, &json!({"Devices": "many"}));
    let error = stage.operate("deviceOperations.list", &json!({})).unwrap_err();
    assert_eq!(error.code, Code::Unknown);
    assert!(error.message.contains("Devices"), "{}", error.message);
}

#[test]
fn an_option_where_there_are_none_is_named() {
    let stage = Stage::signed_in();
    let error = stage.operate("setUpTOTP", &json!({"issuer": "x"})).unwrap_err();
    assert_eq!(error.code, Code::InvalidParameter);
    assert_eq!(
        error.message,
        "setUpTOTP() has no option `issuer`, and no other than `signal`."
    );
}

#[test]
fn a_sign_out_ends_the_reading_of_pages() {
    let stage = Stage::signed_in();
    stage.env.sent();
    let page = json!({"Devices": [], "PaginationToken": "p2"});
    stage.env.answer("ListDevices", 200, &page);
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let pending = overlap.operate(&stage, "deviceOperations.list", &json!({}));
    overlap.settle();
    let signed_out = overlap.sign_out(&stage, LOCALLY);
    overlap.settle();
    signed_out.outcome().unwrap();
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    assert_eq!(stage.env.sent(), ["ListDevices"]);
}

#[test]
fn attributes_that_have_changed_are_in_the_next_tokens() {
    for (call, operation, options, answer, notified) in [
        (
            "updateUserAttributes",
            "UpdateUserAttributes",
            json!({"userAttributes": {"email": "new@b.c"}}),
            json!({"CodeDeliveryDetailsList": [{"DeliveryMedium": "EMAIL"}]}),
            json!({"codeDeliveryDetails": [{"deliveryMedium": "email"}]}),
        ),
        (
            "deleteUserAttributes",
            "DeleteUserAttributes",
            json!({"userAttributeNames": ["nickname"]}),
            json!({}),
            json!(null),
        ),
        (
            "confirmVerifyUserAttribute",
            "VerifyUserAttribute",
            json!({"attributeName": "email", "confirmationCode": "1"}),
            json!({}),
            json!(null),
        ),
    ] {
        let stage = Stage::signed_in();
        stage.env.sent();
        stage.env.answer(operation, 200, &answer);
        stage.script_refresh("2");
        assert_eq!(stage.operate(call, &options), Ok(notified.clone()), "{call}");
        assert_eq!(stage.env.sent(), [operation, REFRESH], "{call}");
        assert_eq!(stage.stored_token().as_deref(), Some("refresh-2"), "{call}");

        stage.env.answer(operation, 200, &answer);
        stage.env.cut(REFRESH);
        assert_eq!(
            stage.operate(call, &options),
            Ok(notified),
            "{call}: a failing renewal fails nothing"
        );
        assert_eq!(stage.state(), UserState::SignedIn);

        stage.env.sent();
        stage.env.refuse(operation, "InvalidParameterException");
        assert!(stage.operate(call, &options).is_err());
        assert_eq!(
            stage.env.sent(),
            [operation],
            "{call}: what was refused changes no token"
        );
    }
}

#[test]
fn a_status_that_is_no_success_is_a_wrong_code() {
    let stage = Stage::signed_in();
    for answer in [
        json!({"Status": "ERROR"}),
        json!({"Status": "PENDING"}),
        json!({"Status": 7}),
    ] {
        stage.env.answer("VerifySoftwareToken", 200, &answer);
        let error = stage.operate("verifyTOTPSetup", &json!({"code": "1"})).unwrap_err();
        assert_eq!(error.code, Code::CodeMismatch, "{answer}");
    }
    let answer = json!({"__type": "EnableSoftwareTokenMFAException", "message": "Code mismatch"});
    stage.env.answer("VerifySoftwareToken", 400, &answer);
    let error = stage.operate("verifyTOTPSetup", &json!({"code": "1"})).unwrap_err();
    assert_eq!(error.code, Code::CodeMismatch);
}

#[test]
fn the_setup_uri_names_the_issuer_that_the_app_has_given() {
    let stage = Stage::bare();
    stage.initialize_with(r#"{"totpIssuer":"Bob & Co"}"#).unwrap();
    stage.script_sign_in("alice");
    stage.sign_in().unwrap();
    stage
        .env
        .answer("AssociateSoftwareToken", 200, &json!({"SecretCode": "JBSWY3DP"}));
    let notified = stage.operate("setUpTOTP", &json!({})).unwrap();
    assert_eq!(
        notified["setupUri"],
        "otpauth://totp/Bob%20%26%20Co:alice?secret=JBSWY3DP&issuer=Bob%20%26%20Co"
    );
}

#[test]
fn the_setup_uri_names_an_address_where_the_pool_made_the_user_name_up() {
    for (claims, account) in [
        (
            json!({"email": "alice@example.com", "phone_number": "+1555"}),
            "alice%40example.com",
        ),
        (json!({"phone_number": "+1555"}), "%2B1555"),
        (json!({}), "7f1c"),
    ] {
        let stage = Stage::ready();
        let mut id = json!({"sub": "7f1c", "token_use": "id", "iat": NOW, "exp": NOW + 3600});
        id.as_object_mut().unwrap().extend(claims.as_object().unwrap().clone());
        let mut result = tokens("7f1c", "1");
        let access = json!({"sub": "7f1c", "username": "7f1c", "token_use": "access", "iat": NOW, "exp": NOW + 3600});
        result["AuthenticationResult"]["AccessToken"] = json!(jwt(&access));
        result["AuthenticationResult"]["IdToken"] = json!(jwt(&id));
        stage.env.answer("InitiateAuth", 200, &result);
        stage.sign_in().unwrap();
        let answer = json!({"SecretCode": "JBSWY3DP"});
        stage.env.answer("AssociateSoftwareToken", 200, &answer);
        let notified = stage.operate("setUpTOTP", &json!({})).unwrap();
        assert_eq!(
            notified["setupUri"],
            format!("otpauth://totp/{account}?secret=JBSWY3DP")
        );
    }
}

#[test]
fn a_call_that_is_aborted_asks_for_no_more() {
    let stage = Stage::signed_in();
    stage.env.sent();
    stage
        .env
        .always_answer("ListDevices", 200, &json!({"Devices": [], "PaginationToken": "p"}));
    stage.env.hold_answers(true);
    let overlap = Overlap::of(&stage);
    let abort = crate::engine::Abort::default();
    let (client, given) = (stage.client.clone(), abort.clone());
    let pending = overlap.start(async move {
        let operation = crate::core::api::user_pool::Operation::of_call("deviceOperations.list").unwrap();
        client.guard(&given, client.operate(operation, "{}")).await.map(drop)
    });
    overlap.settle();
    abort.abort();
    overlap.settle();
    assert_eq!(pending.outcome().unwrap_err().code, Code::Aborted);
    stage.env.hold_answers(false);
    overlap.settle();
    assert_eq!(stage.env.sent(), ["ListDevices"]);
}

#[test]
fn options_that_are_too_long_are_refused_with_what_is_allowed() {
    let stage = Stage::ready();
    let options = json!({"username": "alice", "password": "x".repeat(1024 * 1024)});
    let error = stage.operate("signUp", &options).unwrap_err();
    assert_eq!(error.code, Code::InvalidParameter);
    assert!(
        error
            .message
            .starts_with("signUp() takes options of at most 1048576 bytes"),
        "{error}"
    );
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}
