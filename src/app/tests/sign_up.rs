use serde_json::json;

use super::support::Stage;
use crate::app::options::{ConfirmSignUpOptions, ResendSignUpCodeOptions, SignUpOptions};
use crate::core::error::Code;

fn sign_up() -> SignUpOptions {
    SignUpOptions::parse(r#"{"username":"alice","password":"p","userAttributes":{"email":"a@b.c"}}"#).unwrap()
}

#[test]
fn a_sign_up_says_where_the_code_went() {
    let stage = Stage::ready();
    stage.env.answer(
        "SignUp",
        200,
        &json!({"UserConfirmed": false, "UserSub": "s",
        "CodeDeliveryDetails": {"DeliveryMedium": "EMAIL", "Destination": "a***@b***", "AttributeName": "email"}}),
    );
    let result = stage.run(stage.client.sign_up(sign_up())).unwrap();
    assert!(!result.confirmed);
    assert_eq!(result.user_sub.as_deref(), Some("s"));
    assert_eq!(result.code_delivery.unwrap().destination.as_deref(), Some("a***@b***"));
    assert!(stage.env.stored().is_empty(), "a sign-up stores nothing");
}

#[test]
fn a_code_confirms_and_another_can_be_sent() {
    let stage = Stage::ready();
    let confirm = || ConfirmSignUpOptions::parse(r#"{"username":"alice","confirmationCode":"123456"}"#).unwrap();
    stage.env.refuse("ConfirmSignUp", "CodeMismatchException");
    assert_eq!(
        stage.run(stage.client.confirm_sign_up(confirm())).unwrap_err().code,
        Code::CodeMismatch
    );
    stage.env.answer(
        "ResendConfirmationCode",
        200,
        &json!({"CodeDeliveryDetails": {"DeliveryMedium": "SMS"}}),
    );
    let resend = ResendSignUpCodeOptions::parse(r#"{"username":"alice"}"#).unwrap();
    let resent = stage.run(stage.client.resend_sign_up_code(resend)).unwrap();
    assert_eq!(resent.code_delivery.unwrap().medium, "SMS");
    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    assert!(stage.run(stage.client.confirm_sign_up(confirm())).unwrap().confirmed);
    assert_eq!(stage.told(), []);
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
        let error = stage.run(stage.client.sign_up(sign_up())).unwrap_err();
        assert_eq!(
            (error.code, error.service_exception.as_deref()),
            (code, Some(exception))
        );
    }
}
