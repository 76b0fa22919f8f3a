//! The first request of each flow, and the proof of the password.

use super::*;

fn first(credentials: Credentials) -> Json {
    body(&begin(credentials))
}

fn srp_a() -> String {
    draw().unwrap().srp_a()
}

#[test]
fn srp_sends_no_password() {
    let sent = first(credentials(AuthFlow::UserSrp, Some("Correct-Horse7Battery!")));
    assert_eq!(sent["AuthFlow"], "USER_SRP_AUTH");
    assert_eq!(sent["ClientMetadata"], json!({"v": "1"}));
    assert_eq!(
        sent["AuthParameters"],
        json!({"USERNAME": "alice@example.com", "SRP_A": srp_a()})
    );
}

#[test]
fn a_pool_that_migrates_users_is_sent_the_password() {
    let sent = first(credentials(AuthFlow::UserPassword, Some("p")));
    assert_eq!(sent["AuthFlow"], "USER_PASSWORD_AUTH");
    assert_eq!(
        sent["AuthParameters"],
        json!({"USERNAME": "alice@example.com", "PASSWORD": "p"})
    );
}

#[test]
fn custom_auth_proves_a_password_first_where_there_is_one() {
    let sent = first(credentials(AuthFlow::Custom, Some("p")));
    assert_eq!(
        sent["AuthParameters"],
        json!({"USERNAME": "alice@example.com", "SRP_A": srp_a(), "CHALLENGE_NAME": "SRP_A"})
    );
    let sent = first(credentials(AuthFlow::Custom, None));
    assert_eq!(sent["AuthFlow"], "CUSTOM_AUTH");
    assert_eq!(sent["AuthParameters"], json!({"USERNAME": "alice@example.com"}));
}

#[test]
fn user_auth_sends_along_what_the_preferred_factor_begins_with() {
    for (preferred, password, expected) in [
        (None, None, json!({})),
        (None, Some("p"), json!({})),
        (Some("EMAIL_OTP"), None, json!({"PREFERRED_CHALLENGE": "EMAIL_OTP"})),
        (
            Some("WEB_AUTHN"),
            Some("p"),
            json!({"PREFERRED_CHALLENGE": "WEB_AUTHN"}),
        ),
        (Some("PASSWORD"), None, json!({"PREFERRED_CHALLENGE": "PASSWORD"})),
        (
            Some("PASSWORD"),
            Some("p"),
            json!({"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "p"}),
        ),
        (
            Some("PASSWORD_SRP"),
            Some("p"),
            json!({"PREFERRED_CHALLENGE": "PASSWORD_SRP", "SRP_A": srp_a()}),
        ),
    ] {
        let sent = first(Credentials {
            preferred_challenge: preferred.map(String::from),
            ..credentials(AuthFlow::UserAuth, password)
        });
        assert_eq!(sent["AuthFlow"], "USER_AUTH");
        let mut expected = expected;
        expected["USERNAME"] = json!("alice@example.com");
        assert_eq!(sent["AuthParameters"], expected, "{preferred:?}");
    }
}

#[test]
fn step_up_says_how_strong_and_how_recent_the_sign_in_must_be() {
    let sent = first(Credentials {
        target_acr_values: vec!["strong".into(), "weak".into()],
        max_age: Some(300),
        ..credentials(AuthFlow::UserAuth, None)
    });
    assert_eq!(
        sent["AuthParameters"],
        json!({"USERNAME": "alice@example.com", "TARGET_ACR_VALUES": "strong weak", "MAX_AGE": "300"})
    );
}

#[test]
fn a_sign_in_from_a_confirmed_sign_up_carries_its_session() {
    let sent = first(Credentials {
        session: Some(ChallengeSession::new("confirmed")),
        ..Credentials::of_user(Username::new("alice"))
    });
    assert_eq!(
        sent,
        json!({"ClientId": "client1", "AuthFlow": "USER_AUTH", "Session": "confirmed", "AuthParameters": {"USERNAME": "alice"}})
    );
}

#[test]
fn a_flow_that_begins_with_a_password_needs_one() {
    for flow in [AuthFlow::UserSrp, AuthFlow::UserPassword] {
        let error = start(credentials(flow, None), Rc::default(), &draw).unwrap_err();
        assert_eq!(error.code, Code::InvalidParameter);
        assert!(error.message.contains("`password`"), "{}", error.message);
    }
}

#[test]
fn the_password_is_proven_under_the_name_that_the_service_says() {
    let sign_in = sent(next(begin_srp(), challenge("PASSWORD_VERIFIER", verifier())));
    let sent = body(&sign_in);
    assert_eq!(sent["ChallengeName"], "PASSWORD_VERIFIER");
    assert_eq!(sent["ChallengeResponses"]["USERNAME"], "id-of-alice");
    assert_eq!(sent["ChallengeResponses"]["TIMESTAMP"], "Thu Oct 15 13:04:05 UTC 2026");
    assert_eq!(sent["ChallengeResponses"]["PASSWORD_CLAIM_SECRET_BLOCK"], "c2VjcmV0");
    assert!(sent["ChallengeResponses"]["PASSWORD_CLAIM_SIGNATURE"].is_string());
    assert_eq!(sent["ClientMetadata"], json!({"m": "2"}));
    assert_eq!(sent["Session"], "session");
    let Ok(Step::Done(done)) = next(sign_in, tokens()) else {
        panic!("not done")
    };
    assert_eq!(done.typed.as_str(), "alice@example.com");
    assert!(done.device.is_none());
}

#[test]
fn the_name_that_the_service_says_is_kept_through_questions_and_a_reload() {
    let pending = asked(next(
        sent(next(begin_srp(), challenge("PASSWORD_VERIFIER", verifier()))),
        challenge("SMS_MFA", json!({"USERNAME": "bob"})),
    ));
    for pending in [pending.clone(), PendingChallenge::decode(&pending.encode(1)).unwrap()] {
        assert_eq!(pending.username.as_str(), "id-of-alice");
        let answered = sent(answer(&pending, "123456"));
        let Ok(Step::Done(done)) = next(answered, tokens()) else {
            panic!("not signed in")
        };
        assert_eq!(done.named.unwrap().as_str(), "id-of-alice");
    }
}

#[test]
fn a_challenge_for_another_user_than_an_earlier_one_ends_the_sign_in() {
    let answered = sent(next(begin_srp(), challenge("PASSWORD_VERIFIER", verifier())));
    let error = next(answered, challenge("SMS_MFA", json!({"USER_ID_FOR_SRP": "bob"}))).unwrap_err();
    assert_eq!(error.code, Code::UnexpectedChallenge);
    let pending = ask("SMS_MFA", json!({"USER_ID_FOR_SRP": "id-of-alice"}));
    let later = challenge("SOFTWARE_TOKEN_MFA", json!({"USER_ID_FOR_SRP": "bob"}));
    let error = next(sent(answer(&pending, "123456")), later).unwrap_err();
    assert_eq!(error.code, Code::UnexpectedChallenge);
    let same = challenge("SOFTWARE_TOKEN_MFA", json!({"USER_ID_FOR_SRP": "ID-of-alice"}));
    asked(next(sent(answer(&pending, "123456")), same));
}

#[test]
fn a_client_with_a_secret_hashes_the_name_that_the_service_says() {
    let pool = pool_config(Some("hush"));
    let sign_in = sent(next(begin_srp(), challenge("PASSWORD_VERIFIER", verifier())));
    let sent = body_of(&sign_in.request(Service::new(&pool)));
    let hash = crate::core::srp::secret_hash("id-of-alice", "client1", "hush");
    assert_eq!(sent["ChallengeResponses"]["SECRET_HASH"], hash);
}

#[test]
fn a_service_whose_numbers_break_the_protocol_gets_no_proof() {
    for srp_b in ["0", "", "zz"] {
        let mut parameters = verifier();
        parameters["SRP_B"] = json!(srp_b);
        let error = next(begin_srp(), challenge("PASSWORD_VERIFIER", parameters)).unwrap_err();
        let code = if srp_b == "0" {
            Code::NotAuthorized
        } else {
            Code::Unknown
        };
        assert_eq!(error.code, code, "{srp_b}");
        assert!(error.cause.is_some());
    }
}

#[test]
fn a_challenge_that_lacks_a_parameter_names_it() {
    let mut parameters = verifier();
    parameters.as_object_mut().unwrap().remove("SECRET_BLOCK");
    let error = next(begin_srp(), challenge("PASSWORD_VERIFIER", parameters)).unwrap_err();
    assert!(error.message.contains("SECRET_BLOCK"), "{}", error.message);
}

#[test]
fn a_password_that_was_given_with_the_name_answers_by_itself() {
    let user_auth = || {
        begin(Credentials {
            preferred_challenge: Some("PASSWORD".into()),
            ..credentials(AuthFlow::UserAuth, Some("p"))
        })
    };
    let sign_in = sent(next(user_auth(), challenge("PASSWORD", json!({}))));
    assert_eq!(body(&sign_in)["ChallengeResponses"]["PASSWORD"], "p");
    let asked_again = next(sign_in, challenge("PASSWORD", json!({})));
    assert_eq!(
        question(&asked(asked_again)),
        Question::Password,
        "it has answered once"
    );
    let sign_in = sent(next(user_auth(), challenge("PASSWORD_SRP", json!({}))));
    assert_eq!(body(&sign_in)["ChallengeResponses"]["SRP_A"], srp_a());
    let sign_in = sent(next(sign_in, challenge("PASSWORD_VERIFIER", verifier())));
    assert_eq!(body(&sign_in)["ChallengeName"], "PASSWORD_VERIFIER");
}

#[test]
fn a_challenge_that_this_version_does_not_know_is_named() {
    for name in ["SMS_MFA_2", "X"] {
        let error = next(begin_custom(), challenge(name, verifier())).unwrap_err();
        assert_eq!(error.code, Code::Unknown);
        assert!(error.message.contains(name), "{}", error.message);
    }
}
