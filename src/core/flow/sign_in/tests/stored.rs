//! A half-done sign-in as it is stored.

use proptest::prelude::*;

use super::*;
use crate::core::envelope::sealed;
use crate::core::flow::half_done;

#[test]
fn a_question_reads_back_as_it_was_stored_and_is_answered_alike() {
    let pending = ask(
        "SMS_MFA",
        json!({"USER_ID_FOR_SRP": "id-of-alice", "CODE_DELIVERY_DESTINATION": "+*****14"}),
    );
    let stored = PendingChallenge::decode(&pending.encode(7)).unwrap();
    assert_eq!(question(&stored), question(&pending));
    assert_eq!(responses(&stored, "123456"), responses(&pending, "123456"));
    assert_eq!((stored.typed.as_str(), stored.asked_at), ("alice@example.com", NOW));
}

#[test]
fn what_was_chosen_and_set_up_is_stored_with_the_question() {
    let secret = || Zeroizing::new("SECRET".to_owned());
    for setup in [
        MfaSetup::Choice,
        MfaSetup::App(secret()),
        MfaSetup::AppVerified(secret()),
        MfaSetup::Email,
    ] {
        let pending = ask(
            "MFA_SETUP",
            json!({"MFAS_CAN_SETUP": r#"["EMAIL_OTP","SOFTWARE_TOKEN_MFA"]"#}),
        )
        .come_to(OpenChallenge::MfaSetup(setup));
        let stored = PendingChallenge::decode(&pending.encode(7)).unwrap();
        assert_eq!(question(&stored), question(&pending));
        assert_eq!(stored.challenge, pending.challenge);
    }
    let pending = ask("SMS_MFA", json!({}));
    for (flow, preferred) in [
        (AuthFlow::UserSrp, None),
        (AuthFlow::UserPassword, None),
        (AuthFlow::Custom, None),
        (AuthFlow::UserAuth, None),
        (AuthFlow::UserAuth, Some("PASSWORD")),
        (AuthFlow::UserAuth, Some("PASSWORD_SRP")),
        (AuthFlow::UserAuth, Some("EMAIL_OTP")),
    ] {
        let method = Method::of(flow, preferred);
        let pending = PendingChallenge {
            method,
            ..pending.clone()
        };
        assert_eq!(PendingChallenge::decode(&pending.encode(7)).unwrap().method, method);
    }
}

#[test]
fn no_password_is_stored() {
    let begun = begin(credentials(AuthFlow::UserAuth, Some("Correct-Horse7Battery!")));
    let answer =
        json!({"ChallengeName": "SELECT_CHALLENGE", "Session": "session", "AvailableChallenges": ["PASSWORD"]});
    let pending = asked(next(begun, answer));
    assert!(pending.password.is_some());
    let text = pending.encode(1);
    assert!(!text.contains("Correct-Horse7"));
    let stored = PendingChallenge::decode(&text).unwrap();
    assert_eq!(question(&asked(super::answer(&stored, "PASSWORD"))), Question::Password);
}

#[test]
fn a_question_is_over_when_no_service_can_know_it_any_more() {
    let pending = ask("SMS_MFA", json!({}));
    assert!(!pending.is_over_at(NOW) && !pending.is_over_at(NOW + 899_999));
    assert!(pending.is_over_at(NOW + 900_000));
    assert!(pending.is_over_at(NOW - 1), "of a clock that was set back");
    assert!(pending.is_over_at(i64::MIN) && pending.is_over_at(i64::MAX));
}

#[test]
fn nothing_pending_reads_back_as_nothing() {
    assert!(PendingChallenge::decode(&half_done::nothing(3)).is_none());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>(), json in any::<String>()) {
        let _ = PendingChallenge::decode(&text);
        let _ = PendingChallenge::decode(&sealed("1", &json));
    }

    #[test]
    fn no_document_with_a_true_checksum_makes_anything_panic(
        name in "SMS_MFA|MFA_SETUP|SELECT_CHALLENGE|NEW_PASSWORD_REQUIRED|WEB_AUTHN|X",
        parameters in prop::collection::btree_map("MFAS_CAN_SETUP|requiredAttributes|userAttributes", any::<String>(), 0..3),
        step in prop::option::of("PASSWORD|PASSWORD_SRP|SOFTWARE_TOKEN_MFA|EMAIL_OTP|VERIFIED|X"),
        secret in prop::option::of("[A-Z]{0,8}"),
        response in any::<String>(),
        asked_at in any::<i64>(),
        now in any::<i64>(),
    ) {
        let name = ChallengeName::named(&name).unwrap_or(ChallengeName::Custom);
        let challenge = OpenChallenge::stored(name, step.as_deref(), secret.as_deref());
        prop_assume!(challenge.is_some());
        let pending = PendingChallenge {
            challenge: challenge.unwrap(),
            typed: Username::new("a"),
            username: Username::new("b"),
            is_named: false,
            session: None,
            parameters: parameters.into_iter().collect(),
            available: vec![response.clone()],
            asked_at,
            method: Method::AnyFactor,
            storage: None,
            password: None,
        };
        let read = PendingChallenge::decode(&pending.encode(1)).unwrap();
        let _ = (Question::of(&read), read.is_over_at(now));
        let _ = super::answer(&read, &response);
    }
}
