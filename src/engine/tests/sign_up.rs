use serde_json::{Value, json};

use super::support::Stage;
use crate::core::error::Code;

fn alice() -> Value {
    json!({"username": "alice", "password": "p", "userAttributes": {"email": "a@b.c"}})
}

#[test]
fn a_sign_up_says_where_the_code_went() {
    let stage = Stage::ready();
    let answer = json!({"UserConfirmed": false, "UserSub": "s",
        "CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***@b***", "AttributeName": "email"}});
    stage.env.answer("SignUp", 200, &answer);
    assert_eq!(
        stage.operate("signUp", &alice()),
        Ok(
            json!({"signUpConfirmationState": "unconfirmed", "userSub": "s", "codeDeliveryDetails": {
            "deliveryMedium": "email", "destination": "a***@b***", "attributeName": "email"}})
        )
    );
    assert_eq!(
        stage.env.bodies(),
        [json!({"ClientId": "client1", "Username": "alice", "Password": "p",
            "UserAttributes": [{"Name": "email", "Value": "a@b.c"}]})]
    );
    assert!(stage.env.stored().is_empty(), "a sign-up stores nothing");
}

#[test]
fn a_user_can_sign_up_without_a_password() {
    let stage = Stage::ready();
    stage
        .env
        .answer("SignUp", 200, &json!({"UserConfirmed": true, "UserSub": "s"}));
    stage.operate("signUp", &json!({"username": "alice"})).unwrap();
    assert_eq!(
        stage.env.bodies(),
        [json!({"ClientId": "client1", "Username": "alice"})]
    );
}

#[test]
fn a_code_confirms_and_another_can_be_sent() {
    let stage = Stage::ready();
    let code = json!({"username": "alice", "confirmationCode": "123456", "forceAliasCreation": true});
    stage.env.refuse("ConfirmSignUp", "CodeMismatchException");
    let error = stage.operate("confirmSignUp", &code).unwrap_err();
    assert_eq!(error.code, Code::CodeMismatch);
    let answer = json!({"CodeDeliveryDetails": {"DeliveryMedium": "SMS"}});
    stage.env.answer("ResendConfirmationCode", 200, &answer);
    assert_eq!(
        stage.operate("resendSignUpCode", &json!({"username": "alice"})),
        Ok(json!({"signUpConfirmationState": "unconfirmed", "codeDeliveryDetails": {"deliveryMedium": "sms"}}))
    );
    stage.env.bodies();
    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    assert_eq!(
        stage.operate("confirmSignUp", &code),
        Ok(json!({"signUpConfirmationState": "confirmed"}))
    );
    assert_eq!(
        stage.env.bodies(),
        [json!({"ClientId": "client1", "Username": "alice", "ConfirmationCode": "123456", "ForceAliasCreation": true})]
    );
    assert_eq!(stage.notified(), []);
}

#[test]
fn what_the_service_refuses_has_its_code() {
    for (exception, code) in [
        ("UsernameExistsException", Code::UsernameExists),
        ("InvalidPasswordException", Code::InvalidPassword),
        ("UserLambdaValidationException", Code::UserLambdaValidation),
    ] {
        let stage = Stage::ready();
        stage.env.refuse("SignUp", exception);
        let error = stage.operate("signUp", &alice()).unwrap_err();
        assert_eq!(
            (error.code, error.service_exception.as_deref()),
            (code, Some(exception))
        );
    }
}

#[test]
fn an_option_that_is_wrong_is_named_and_nothing_is_sent() {
    let stage = Stage::ready();
    for (options, message) in [
        (
            json!({"username": "a", "pasword": "p"}),
            "signUp() has no option `pasword`. Its options are username, password, userAttributes, validationData, clientMetadata.",
        ),
        (
            json!({"password": "p"}),
            "signUp() needs `username` to be a string; it is missing.",
        ),
        (
            json!({"username": "", "password": "p"}),
            "signUp() needs `username` to be a string with characters; it is empty.",
        ),
        (
            json!({"username": "a", "userAttributes": {"age": 7}}),
            "signUp() needs `userAttributes.age` to be a string; it is a number.",
        ),
        (json!([]), "signUp() takes an object of options, and was given a list."),
    ] {
        let error = stage.operate("signUp", &options).unwrap_err();
        assert_eq!((error.code, &*error.message), (Code::InvalidParameter, message));
    }
    assert_eq!(stage.env.sent(), Vec::<String>::new());
}
