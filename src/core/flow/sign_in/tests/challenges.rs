//! What the user is asked, and what is sent of the answer.

use super::*;
use crate::core::api::user_pool::CodeDelivery;

fn sms() -> Json {
    json!({"USER_ID_FOR_SRP": "id-of-alice", "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*****14"})
}

fn delivery(medium: &str, destination: Option<&str>) -> CodeDelivery {
    CodeDelivery {
        medium: medium.into(),
        destination: destination.map(String::from),
    }
}

#[test]
fn a_code_is_asked_for_with_where_it_went_and_may_be_answered_twice() {
    let pending = ask("SMS_MFA", sms());
    assert_eq!(question(&pending), Question::SmsMfa(delivery("SMS", Some("+*****14"))));
    for code in ["000000", "123456"] {
        assert_eq!(
            responses(&pending, code),
            json!({"USERNAME": "id-of-alice", "SMS_MFA_CODE": code})
        );
    }
}

#[test]
fn each_kind_of_code_has_its_question_and_its_response() {
    for (name, asked, response) in [
        ("SMS_OTP", Question::SmsOtp(delivery("SMS", None)), "SMS_OTP_CODE"),
        (
            "EMAIL_OTP",
            Question::EmailOtp(delivery("EMAIL", None)),
            "EMAIL_OTP_CODE",
        ),
        (
            "SOFTWARE_TOKEN_MFA",
            Question::SoftwareTokenMfa(None),
            "SOFTWARE_TOKEN_MFA_CODE",
        ),
    ] {
        let pending = ask(name, json!({}));
        assert_eq!(question(&pending), asked);
        assert_eq!(responses(&pending, "123456")[response], "123456");
    }
    let named = ask("SOFTWARE_TOKEN_MFA", json!({"FRIENDLY_DEVICE_NAME": "phone"}));
    assert_eq!(question(&named), Question::SoftwareTokenMfa(Some("phone".into())));
}

#[test]
fn a_user_with_several_second_factors_chooses() {
    let pending = ask(
        "SELECT_MFA_TYPE",
        json!({"MFAS_CAN_CHOOSE": r#"["SMS_MFA","SOFTWARE_TOKEN_MFA","OF_TOMORROW"]"#}),
    );
    let types = ["SMS_MFA", "SOFTWARE_TOKEN_MFA", "OF_TOMORROW"]
        .map(String::from)
        .to_vec();
    assert_eq!(question(&pending), Question::SelectMfaType(types));
    assert_eq!(responses(&pending, "SMS_MFA")["ANSWER"], "SMS_MFA");
}

#[test]
fn a_custom_challenge_comes_with_its_parameters() {
    let pending = ask("CUSTOM_CHALLENGE", json!({"USERNAME": "id-of-alice", "riddle": "2+2"}));
    assert_eq!(
        question(&pending),
        Question::Custom(map(&[("USERNAME", "id-of-alice"), ("riddle", "2+2")]))
    );
    assert_eq!(
        responses(&pending, "4"),
        json!({"USERNAME": "id-of-alice", "ANSWER": "4"})
    );
}

#[test]
fn a_passkey_signs_what_the_service_sends() {
    let pending = ask(
        "WEB_AUTHN",
        json!({"CREDENTIAL_REQUEST_OPTIONS": r#"{"challenge":"c"}"#}),
    );
    assert_eq!(question(&pending), Question::WebAuthn);
    assert_eq!(pending.credential_request(), Some(r#"{"challenge":"c"}"#));
    assert_eq!(responses(&pending, r#"{"id":"k"}"#)["CREDENTIAL"], r#"{"id":"k"}"#);
    let error = next(begin_custom(), challenge("WEB_AUTHN", json!({}))).unwrap_err();
    assert_eq!(error.code, Code::Unknown, "there is nothing to sign");
}

#[test]
fn a_new_password_is_asked_for_with_the_attributes_it_needs() {
    let pending = ask(
        "NEW_PASSWORD_REQUIRED",
        json!({"USER_ID_FOR_SRP": "id-of-alice", "requiredAttributes": r#"["userAttributes.given_name"]"#,
            "userAttributes": r#"{"email":"a@b.c","email_verified":"true"}"#}),
    );
    assert_eq!(
        question(&pending),
        Question::NewPassword {
            required_attributes: vec!["given_name".into()],
            user_attributes: map(&[("email", "a@b.c"), ("email_verified", "true")]),
        }
    );
    let answer = Answer {
        response: Some(ChallengeAnswer::new("Better-Horse8!")),
        user_attributes: map(&[("given_name", "A")]),
        ..Answer::default()
    };
    let sign_in = sent(pending.answer(answer, Rc::default(), &draw));
    assert_eq!(
        body(&sign_in)["ChallengeResponses"],
        json!({"USERNAME": "id-of-alice", "NEW_PASSWORD": "Better-Horse8!", "userAttributes.given_name": "A"})
    );
}

#[test]
fn attributes_that_cannot_be_read_are_none() {
    for text in ["", "[", "{}", "7", "null"] {
        let pending = ask(
            "NEW_PASSWORD_REQUIRED",
            json!({"requiredAttributes": text, "userAttributes": text}),
        );
        let Question::NewPassword {
            required_attributes,
            user_attributes,
        } = question(&pending)
        else {
            panic!("another question")
        };
        assert!(required_attributes.is_empty() && user_attributes.is_empty());
    }
}

fn select(password: Option<&str>) -> PendingChallenge {
    let begun = begin(credentials(AuthFlow::UserAuth, password));
    let answer = json!({"ChallengeName": "SELECT_CHALLENGE", "Session": "session", "ChallengeParameters": {},
        "AvailableChallenges": ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]});
    asked(next(begun, answer))
}

#[test]
fn a_choice_among_nothing_is_no_question_but_an_error() {
    for answer in [
        json!({"ChallengeName": "SELECT_CHALLENGE", "AvailableChallenges": []}),
        json!({"ChallengeName": "SELECT_CHALLENGE"}),
        challenge("SELECT_MFA_TYPE", json!({"MFAS_CAN_CHOOSE": "[]"})),
        challenge("SELECT_MFA_TYPE", json!({"MFAS_CAN_CHOOSE": "SMS_MFA"})),
        challenge("MFA_SETUP", json!({"MFAS_CAN_SETUP": "[]"})),
    ] {
        let error = next(begin(credentials(AuthFlow::UserAuth, None)), answer).unwrap_err();
        assert_eq!(error.code, Code::Unknown);
        assert!(error.message.contains("cannot answer here"), "{error}");
    }
}

#[test]
fn a_first_factor_is_chosen_among_those_there_are() {
    let pending = select(None);
    let challenges = ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"].map(String::from).to_vec();
    assert_eq!(question(&pending), Question::SelectChallenge(challenges));
    assert_eq!(responses(&pending, "EMAIL_OTP")["ANSWER"], "EMAIL_OTP");
}

#[test]
fn choice_of_the_password_asks_for_it_before_anything_is_sent() {
    let chosen = asked(answer(&select(None), "PASSWORD"));
    assert_eq!(question(&chosen), Question::Password);
    assert_eq!(
        responses(&chosen, "p"),
        json!({"USERNAME": "alice@example.com", "ANSWER": "PASSWORD", "PASSWORD": "p"})
    );

    let chosen = asked(answer(&select(None), "PASSWORD_SRP"));
    let sign_in = sent(answer(&chosen, "Correct-Horse7Battery!"));
    let srp_a = draw().unwrap().srp_a();
    assert_eq!(
        body(&sign_in)["ChallengeResponses"],
        json!({"USERNAME": "alice@example.com", "ANSWER": "PASSWORD_SRP", "SRP_A": srp_a})
    );
    let sign_in = sent(next(sign_in, challenge("PASSWORD_VERIFIER", verifier())));
    assert_eq!(body(&sign_in)["ChallengeName"], "PASSWORD_VERIFIER");
}

#[test]
fn choice_of_a_password_that_was_given_asks_nothing() {
    let pending = select(Some("p"));
    assert_eq!(responses(&pending, "PASSWORD")["PASSWORD"], "p");
    assert!(responses(&pending, "PASSWORD_SRP")["SRP_A"].is_string());
}

#[test]
fn where_no_first_factor_is_chosen_the_service_may_have_the_user_asked_for_the_password() {
    let ask = |name| {
        asked(next(
            begin(credentials(AuthFlow::UserAuth, None)),
            challenge(name, json!({})),
        ))
    };
    let pending = ask("PASSWORD");
    assert_eq!(question(&pending), Question::Password);
    assert_eq!(responses(&pending, "p")["PASSWORD"], "p");
    let pending = ask("PASSWORD_SRP");
    assert_eq!(question(&pending), Question::Password);
    assert!(responses(&pending, "p")["SRP_A"].is_string());
}

#[test]
fn the_service_does_not_choose_in_the_user_s_place() {
    let answer = |choice: &str| {
        json!({"ChallengeName": "SELECT_CHALLENGE", "Session": "session", "AvailableChallenges": ["PASSWORD", "EMAIL_OTP"],
            "ChallengeParameters": {"CHOSEN": choice}})
    };
    for choice in ["PASSWORD", "PASSWORD_SRP"] {
        let pending = asked(next(begin(credentials(AuthFlow::UserAuth, None)), answer(choice)));
        assert!(matches!(question(&pending), Question::SelectChallenge(_)), "{choice}");
    }
    let choices = r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#;
    let parameters = json!({"MFAS_CAN_SETUP": choices, "CHOSEN": "VERIFIED", "SECRET_CODE": "known"});
    assert!(matches!(
        question(&ask("MFA_SETUP", parameters)),
        Question::SelectMfaSetup(_)
    ));
}

fn set_up(choices: &str) -> Result<Step, AuthError> {
    next(
        begin_custom(),
        challenge(
            "MFA_SETUP",
            json!({"USER_ID_FOR_SRP": "id-of-alice", "MFAS_CAN_SETUP": choices}),
        ),
    )
}

fn secret_question() -> Question {
    Question::SetUpSoftwareToken(question::SecretCode {
        secret_code: "SECRET".into(),
        username: "alice@example.com".into(),
    })
}

#[test]
fn an_authenticator_app_that_is_the_only_choice_is_set_up_at_once() {
    let sign_in = sent(set_up(r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#));
    assert_eq!(body(&sign_in), json!({"Session": "session"}));
    let pending = asked(next(sign_in, json!({"SecretCode": "SECRET", "Session": "session2"})));
    assert_eq!(question(&pending), secret_question());

    let answer = Answer {
        response: Some(ChallengeAnswer::new("123456")),
        friendly_device_name: Some("phone".into()),
        ..Answer::default()
    };
    let sign_in = sent(pending.answer(answer, Rc::default(), &draw));
    assert_eq!(
        body(&sign_in),
        json!({"Session": "session2", "UserCode": "123456", "FriendlyDeviceName": "phone"})
    );
    let Ok(Step::Send(sign_in, Some(verified))) = next(sign_in, json!({"Status": "SUCCESS", "Session": "session3"}))
    else {
        panic!("nothing is left open")
    };
    let response = json!({"ClientId": "client1", "ChallengeName": "MFA_SETUP", "Session": "session3",
        "ChallengeResponses": {"USERNAME": "id-of-alice"}});
    assert_eq!(body(&sign_in), response);

    // Should that answer get lost, the code is not asked of the service once more: it has been used.
    assert_eq!(question(&verified), secret_question());
    let again = verified.answer(
        Answer {
            response: Some(ChallengeAnswer::new("123456")),
            ..Answer::default()
        },
        Rc::default(),
        &draw,
    );
    assert_eq!(body(&sent(again)), response);
}

#[test]
fn a_wrong_code_leaves_the_set_up_open_in_the_session_that_goes_on() {
    let sign_in = sent(set_up(r#"["SOFTWARE_TOKEN_MFA"]"#));
    let pending = asked(next(sign_in, json!({"SecretCode": "SECRET", "Session": "session2"})));
    let sign_in = sent(answer(&pending, "000000"));
    let Ok(Step::Ask(pending, Some(error))) = next(sign_in, json!({"Status": "ERROR", "Session": "session3"})) else {
        panic!("it is not asked again")
    };
    assert_eq!(error.code, Code::CodeMismatch);
    assert_eq!(body(&sent(answer(&pending, "123456")))["Session"], "session3");
}

#[test]
fn a_second_factor_is_chosen_before_it_is_set_up() {
    let pending = asked(set_up(r#"["SMS_MFA","EMAIL_OTP","SOFTWARE_TOKEN_MFA"]"#));
    let choices = ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"].map(String::from).to_vec();
    assert_eq!(question(&pending), Question::SelectMfaSetup(choices));
    let error = answer(&pending, "SMS_MFA").unwrap_err();
    assert_eq!(error.code, Code::InvalidParameter);
    let sign_in = sent(answer(&pending, "SOFTWARE_TOKEN_MFA"));
    assert_eq!(body(&sign_in), json!({"Session": "session"}));
    let chosen = asked(answer(&pending, "EMAIL_OTP"));
    assert_eq!(question(&chosen), Question::SetUpEmail);
    assert_eq!(responses(&chosen, "a@b.c")["EMAIL"], "a@b.c");
}

#[test]
fn an_address_that_is_the_only_choice_is_asked_for_at_once() {
    assert_eq!(question(&asked(set_up(r#"["EMAIL_OTP"]"#))), Question::SetUpEmail);
}

#[test]
fn what_cannot_be_set_up_here_is_an_error() {
    for choices in ["[]", r#"["SMS_MFA"]"#, "", "7"] {
        let error = set_up(choices).unwrap_err();
        assert!(error.message.contains("MFA_SETUP"), "{}", error.message);
    }
}

#[test]
fn an_answer_without_an_answer_is_refused() {
    let pending = ask("SMS_MFA", sms());
    let error = pending.answer(Answer::default(), Rc::default(), &draw).unwrap_err();
    assert_eq!(error.code, Code::InvalidParameter);
    assert!(error.message.contains("challengeResponse"));
}

#[test]
fn neither_a_question_nor_an_answer_prints_what_is_secret() {
    let sign_in = sent(set_up(r#"["SOFTWARE_TOKEN_MFA"]"#));
    let pending = asked(next(sign_in, json!({"SecretCode": "SECRET", "Session": "session2"})));
    let printed = format!("{pending:?} {:?} {:?}", question(&pending), answer(&pending, "123456"));
    for secret in ["SECRET", "session2", "123456"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
