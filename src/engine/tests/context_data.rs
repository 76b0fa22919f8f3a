//! What the page knows of its user's device, for the service's threat protection.

use serde_json::{Value, json};

use super::support::{FORCE, REFRESH, Stage, tokens};

const OF_ALICE: &str = "alice/us-east-1_Pool/client1";

/// A page that has loaded Amazon's script.
fn informed() -> Stage {
    let stage = Stage::ready();
    stage.env.load_context_script();
    stage
}

/// What was sent of it since the last look, request by request; an empty text where nothing was.
fn known(stage: &Stage) -> Vec<String> {
    let text = |body: &Value| body["UserContextData"]["EncodedData"].as_str().map(String::from);
    stage
        .env
        .bodies()
        .iter()
        .map(|body| text(body).unwrap_or_default())
        .collect()
}

#[test]
fn what_the_page_knows_of_the_device_goes_with_every_operation_about_a_user_by_name() {
    let stage = informed();
    for (call, operation, more) in [
        ("signUp", "SignUp", json!({})),
        ("confirmSignUp", "ConfirmSignUp", json!({"confirmationCode": "1"})),
        ("resendSignUpCode", "ResendConfirmationCode", json!({})),
        ("forgotPassword", "ForgotPassword", json!({})),
        (
            "confirmForgotPassword",
            "ConfirmForgotPassword",
            json!({"newPassword": "n", "confirmationCode": "1"}),
        ),
    ] {
        stage
            .env
            .answer(operation, 200, &json!({"UserConfirmed": false, "UserSub": "s"}));
        let mut options = more;
        options["username"] = json!("alice");
        stage.operate(call, &options).unwrap();
        assert_eq!(known(&stage), [OF_ALICE], "{call}");
    }
}

#[test]
fn it_goes_with_every_request_of_a_sign_in_under_the_name_of_that_request() {
    let stage = informed();
    stage.sign_in_as_id();
    let of_id = "id/us-east-1_Pool/client1";
    assert_eq!(known(&stage), [OF_ALICE, of_id, of_id]);
}

#[test]
fn it_goes_with_a_refresh_where_the_operation_has_a_place_for_it() {
    let stage = Stage::signed_in();
    stage.env.load_context_script();
    stage.env.refuse(REFRESH, "UnknownOperationException");
    stage.env.answer("InitiateAuth", 200, &tokens("alice", "2"));
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(known(&stage), ["", OF_ALICE]);
}
