//! Remembered devices, and what refusals mean.

use super::*;

fn begin_here(flow: AuthFlow, password: Option<&str>) -> SignIn {
    start(credentials(flow, password), devices(), &draw).unwrap()
}

fn refusal(exception: &str, message: &str) -> AuthError {
    AuthError::from_service(exception, message)
}

fn forgotten() -> AuthError {
    refusal("ResourceNotFoundException", "Device does not exist.")
}

fn device_verifier() -> Json {
    json!({"DEVICE_KEY": "us-east-1_device", "USERNAME": "id-of-alice", "SALT": "5f63bd8c", "SRP_B": "b0e9d5c7", "SECRET_BLOCK": "c2VjcmV0"})
}

/// The sign-in that goes on, while the device is known to be gone.
fn retried(failed: Failed) -> SignIn {
    match failed {
        Failed::Retry(sign_in, Outdated::Device(key)) => {
            assert_eq!(key, "us-east-1_device");
            *sign_in
        }
        other => panic!("{other:?}"),
    }
}

/// The sign-in that goes on, while only the typed name is known not to lead to the device.
fn renamed(failed: Failed) -> SignIn {
    match failed {
        Failed::Retry(sign_in, Outdated::Name(typed)) => {
            assert_eq!(typed.as_str(), "alice@example.com");
            *sign_in
        }
        other => panic!("{other:?}"),
    }
}

fn device_key(sign_in: &SignIn) -> Option<String> {
    let sent = body(sign_in);
    let parameters = sent.get("AuthParameters").or(sent.get("ChallengeResponses")).unwrap();
    parameters.get("DEVICE_KEY").map(|key| key.as_str().unwrap().into())
}

/// The answer to a custom challenge that has these parameters.
fn answered(parameters: Json) -> SignIn {
    let sign_in = begin_here(AuthFlow::Custom, None);
    let pending = asked(next(sign_in, challenge("CUSTOM_CHALLENGE", parameters)));
    let answer = Answer {
        response: Some(ChallengeAnswer::new("1")),
        ..Answer::default()
    };
    sent(pending.answer(answer, devices(), &draw))
}

#[test]
fn every_flow_names_the_device_from_the_first_request_on() {
    for (flow, password) in [
        (AuthFlow::UserSrp, Some("p")),
        (AuthFlow::UserPassword, Some("p")),
        (AuthFlow::Custom, None),
        (AuthFlow::UserAuth, None),
    ] {
        let sign_in = begin_here(flow, password);
        assert_eq!(body(&sign_in)["AuthParameters"]["DEVICE_KEY"], "us-east-1_device");
    }
}

#[test]
fn the_device_is_found_under_the_user_s_id_too() {
    let begun = start(
        Credentials {
            username: Username::new("+1555"),
            ..credentials(AuthFlow::UserSrp, Some("p"))
        },
        devices(),
        &draw,
    )
    .unwrap();
    assert!(body(&begun)["AuthParameters"].get("DEVICE_KEY").is_none());
    let sign_in = sent(next(begun, challenge("PASSWORD_VERIFIER", verifier())));
    assert_eq!(body(&sign_in)["ChallengeResponses"]["DEVICE_KEY"], "us-east-1_device");
}

#[test]
fn the_device_proves_itself_without_the_user() {
    let sign_in = begin_here(AuthFlow::UserSrp, Some("p"));
    let sign_in = sent(next(sign_in, challenge("PASSWORD_VERIFIER", verifier())));
    let sign_in = sent(next(
        sign_in,
        challenge("DEVICE_SRP_AUTH", json!({"USERNAME": "id-of-alice"})),
    ));
    let sent_first = body(&sign_in);
    assert_eq!(sent_first["ChallengeName"], "DEVICE_SRP_AUTH");
    assert_eq!(
        sent_first["ChallengeResponses"],
        json!({"USERNAME": "id-of-alice", "DEVICE_KEY": "us-east-1_device", "SRP_A": draw().unwrap().srp_a()})
    );
    let sign_in = sent(next(sign_in, challenge("DEVICE_PASSWORD_VERIFIER", device_verifier())));
    let sent = body(&sign_in);
    let claim = proof::Claim {
        ephemeral: &draw().unwrap(),
        group: "-group",
        name: "us-east-1_device",
        password: "ZGV2aWNl",
    };
    let crate::core::api::user_pool::AuthAnswer::Challenge(asked) =
        crate::core::api::user_pool::parse_auth(&read(challenge("DEVICE_PASSWORD_VERIFIER", device_verifier())))
            .unwrap()
    else {
        panic!("no challenge")
    };
    let expected = claim.answer(&asked, NOW).unwrap();
    for (name, value) in expected {
        assert_eq!(sent["ChallengeResponses"][&name], **value, "{name}");
    }
    assert_eq!(sent["ChallengeResponses"]["DEVICE_KEY"], "us-east-1_device");
    let Ok(Step::Done(done)) = next(sign_in, tokens()) else {
        panic!("not done")
    };
    assert_eq!(done.device.unwrap().key, "us-east-1_device");
}

#[test]
fn an_answer_to_a_question_names_the_device() {
    let pending = asked(next(
        begin_here(AuthFlow::Custom, None),
        challenge("SMS_MFA", json!({"USER_ID_FOR_SRP": "id-of-alice"})),
    ));
    let answer = Answer {
        response: Some(ChallengeAnswer::new("1")),
        ..Answer::default()
    };
    let sign_in = sent(pending.answer(answer, devices(), &draw));
    assert_eq!(body(&sign_in)["ChallengeResponses"]["DEVICE_KEY"], "us-east-1_device");
}

#[test]
fn a_device_that_the_service_has_forgotten_is_left_out_of_the_first_request() {
    let by_id = Credentials {
        username: Username::new("id-of-alice"),
        ..credentials(AuthFlow::UserSrp, Some("p"))
    };
    let begun = start(by_id, devices(), &draw).unwrap();
    assert_eq!(device_key(&begun).as_deref(), Some("us-east-1_device"));
    let again = retried(begun.failed(&forgotten(), &draw));
    assert_eq!(
        body(&again)["AuthParameters"],
        json!({"USERNAME": "id-of-alice", "SRP_A": draw().unwrap().srp_a()})
    );
    // Nor is it found again.
    let sign_in = sent(next(again, challenge("PASSWORD_VERIFIER", verifier())));
    assert_eq!(device_key(&sign_in), None);
    assert!(
        matches!(sign_in.failed(&forgotten(), &draw), Failed::Over(None)),
        "once is enough"
    );
}

#[test]
fn a_device_that_an_alias_led_to_is_not_forgotten_before_the_service_has_said_whose_it_is() {
    let again = renamed(begin_here(AuthFlow::UserSrp, Some("p")).failed(&forgotten(), &draw));
    assert_eq!(device_key(&again), None);
    // It is the same user's, and the service has forgotten it.
    let sign_in = sent(next(again, challenge("PASSWORD_VERIFIER", verifier())));
    assert_eq!(device_key(&sign_in).as_deref(), Some("us-east-1_device"));
    let again = retried(sign_in.failed(&forgotten(), &draw));
    assert_eq!(device_key(&again), None);
    assert!(matches!(again.failed(&forgotten(), &draw), Failed::Over(None)));
}

#[test]
fn a_challenge_that_names_another_user_by_either_name_takes_no_device_along() {
    for named in [
        json!({"USER_ID_FOR_SRP": "id-of-bob"}),
        json!({"USERNAME": "id-of-bob"}),
    ] {
        assert_eq!(device_key(&answered(named)), None);
    }
    let mut named = device_verifier();
    named["USER_ID_FOR_SRP"] = json!("id-of-bob");
    let sign_in = begin_here(AuthFlow::UserSrp, Some("p"));
    assert_eq!(
        device_key(&sent(next(sign_in, challenge("PASSWORD_VERIFIER", named)))),
        None
    );
}

#[test]
fn a_challenge_that_says_again_what_was_typed_leaves_the_device_as_it_is() {
    let named = json!({"USERNAME": "alice@example.com"});
    let sign_in = answered(named);
    assert_eq!(device_key(&sign_in).as_deref(), Some("us-east-1_device"));
    renamed(sign_in.failed(&forgotten(), &draw));
}

#[test]
fn who_asks_the_device_knows_whose_it_is() {
    let sign_in = begin_here(AuthFlow::UserPassword, Some("p"));
    let named = json!({"USERNAME": "a-third-name"});
    let sign_in = sent(next(sign_in, challenge("DEVICE_SRP_AUTH", named)));
    assert_eq!(device_key(&sign_in).as_deref(), Some("us-east-1_device"));
    retried(sign_in.failed(&forgotten(), &draw));
}

#[test]
fn a_device_that_is_forgotten_in_the_middle_is_left_out_of_that_response() {
    let sign_in = begin_here(AuthFlow::UserSrp, Some("p"));
    let sign_in = sent(next(sign_in, challenge("PASSWORD_VERIFIER", verifier())));
    let mut expected = body(&sign_in);
    let again = retried(sign_in.failed(&forgotten(), &draw));
    expected["ChallengeResponses"]
        .as_object_mut()
        .unwrap()
        .remove("DEVICE_KEY");
    assert_eq!(body(&again), expected);
}

#[test]
fn a_device_whose_proof_is_refused_is_forgotten_and_the_sign_in_begins_again() {
    for error in [
        forgotten(),
        refusal("NotAuthorizedException", "Incorrect username or password."),
    ] {
        let sign_in = begin_here(AuthFlow::UserSrp, Some("p"));
        let sign_in = sent(next(
            sign_in,
            challenge("DEVICE_SRP_AUTH", json!({"USERNAME": "id-of-alice"})),
        ));
        let again = retried(sign_in.failed(&error, &draw));
        let sent_again = body(&again);
        assert_eq!(sent_again["AuthFlow"], "USER_SRP_AUTH");
        assert!(sent_again["AuthParameters"].get("DEVICE_KEY").is_none());
        // Once: no device is left whose refusal would have the password proven for a third time.
        let error = next(again, challenge("DEVICE_SRP_AUTH", json!({"USERNAME": "id-of-alice"}))).unwrap_err();
        assert_eq!(error.code, Code::UnexpectedChallenge);
    }
}

#[test]
fn a_device_is_kept_when_its_proof_is_refused_for_another_reason() {
    for (exception, message) in [
        ("NotAuthorizedException", "Invalid session for the user."),
        (
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
        ),
        ("NotAuthorizedException", "User is disabled."),
        ("NotAuthorizedException", "Password attempts exceeded"),
        (
            "NotAuthorizedException",
            "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.",
        ),
        ("ResourceNotFoundException", "User pool client does not exist."),
        ("InvalidParameterException", "Missing required parameter TIMESTAMP"),
    ] {
        let sign_in = begin_here(AuthFlow::UserSrp, Some("p"));
        let sign_in = sent(next(sign_in, challenge("DEVICE_SRP_AUTH", json!({}))));
        let failed = sign_in.failed(&refusal(exception, message), &draw);
        assert!(matches!(failed, Failed::Over(None)), "{message}");
    }
}

#[test]
fn after_a_question_there_is_nothing_to_begin_again_with_and_the_device_is_forgotten_all_the_same() {
    let pending = ask("SMS_MFA", json!({"USER_ID_FOR_SRP": "id-of-alice"}));
    let answer = Answer {
        response: Some(ChallengeAnswer::new("1")),
        ..Answer::default()
    };
    let sign_in = sent(pending.answer(answer, devices(), &draw));
    let sign_in = sent(next(sign_in, challenge("DEVICE_SRP_AUTH", json!({}))));
    let Failed::Over(Some(Outdated::Device(key))) = sign_in.failed(&forgotten(), &draw) else {
        panic!("the device is kept")
    };
    assert_eq!(key, "us-east-1_device");
}

#[test]
fn other_refusals_say_nothing_of_the_device() {
    for error in [
        refusal("NotAuthorizedException", "Incorrect username or password."),
        refusal("ResourceNotFoundException", "User pool us-east-1_Pool does not exist."),
        refusal("CodeMismatchException", "Device"),
        AuthError::new(Code::Network, "device"),
    ] {
        let failed = begin_here(AuthFlow::UserSrp, Some("p")).failed(&error, &draw);
        assert!(matches!(failed, Failed::Over(None)), "{error}");
    }
}

#[test]
fn every_wording_about_an_unknown_device_is_understood() {
    for (exception, message) in [
        ("ResourceNotFoundException", "Device does not exist."),
        ("NotAuthorizedException", "Device is not tracked."),
        ("InvalidParameterException", "Invalid device key given."),
    ] {
        assert!(is_unknown_device(&refusal(exception, message)), "{message}");
    }
    assert!(!is_unknown_device(&refusal(
        "NotAuthorizedException",
        "Invalid Refresh Token."
    )));
}

#[test]
fn only_what_cannot_be_answered_any_more_ends_a_challenge() {
    for (exception, message, ends) in [
        (
            "NotAuthorizedException",
            "Invalid session for the user, session is expired.",
            true,
        ),
        ("NotAuthorizedException", "Incorrect username or password.", true),
        ("NotAuthorizedException", "User is disabled.", true),
        (
            "NotAuthorizedException",
            "Too many invalid credentials attempts. User temporarily locked. Please try again after few seconds.",
            false,
        ),
        ("NotAuthorizedException", "Password attempts exceeded", false),
        ("UserNotFoundException", "", true),
        ("CodeMismatchException", "", false),
        (
            "ExpiredCodeException",
            "Your software token has already been used once.",
            false,
        ),
        ("EnableSoftwareTokenMFAException", "", false),
        ("InvalidPasswordException", "", false),
        ("InvalidParameterException", "", false),
        ("TooManyRequestsException", "", false),
        ("LimitExceededException", "", false),
        ("InternalErrorException", "", false),
    ] {
        assert_eq!(
            ends_challenge(&refusal(exception, message)),
            ends,
            "{exception} {message}"
        );
    }
    assert!(!ends_challenge(&AuthError::new(Code::Network, "")));
    assert!(!ends_challenge(&AuthError::new(Code::Timeout, "")));
}
