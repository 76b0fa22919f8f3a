//! What the service can have out of the client, whatever it asks: every challenge in every sign-in, by the bytes sent.

use super::*;

/// The password that the app gives along with the name.
const GIVEN: &str = "Given-Horse7Battery!";

const DEVICE: &str = "us-east-1_device";

/// How a sign-in begins: its name here, its flow, its first factor, and whether the app gives a password along.
type Start = (&'static str, AuthFlow, Option<&'static str>, bool);

const STARTS: [Start; 15] = [
    ("USER_SRP_AUTH", AuthFlow::UserSrp, None, true),
    ("USER_PASSWORD_AUTH", AuthFlow::UserPassword, None, true),
    ("CUSTOM_AUTH", AuthFlow::Custom, None, false),
    ("CUSTOM_AUTH, SRP first", AuthFlow::Custom, None, true),
    ("USER_AUTH", AuthFlow::UserAuth, None, false),
    ("USER_AUTH, given", AuthFlow::UserAuth, None, true),
    ("PASSWORD", AuthFlow::UserAuth, Some("PASSWORD"), false),
    ("PASSWORD, given", AuthFlow::UserAuth, Some("PASSWORD"), true),
    ("PASSWORD_SRP", AuthFlow::UserAuth, Some("PASSWORD_SRP"), false),
    ("PASSWORD_SRP, given", AuthFlow::UserAuth, Some("PASSWORD_SRP"), true),
    ("EMAIL_OTP", AuthFlow::UserAuth, Some("EMAIL_OTP"), false),
    ("EMAIL_OTP, given", AuthFlow::UserAuth, Some("EMAIL_OTP"), true),
    ("SMS_OTP, given", AuthFlow::UserAuth, Some("SMS_OTP"), true),
    ("WEB_AUTHN, given", AuthFlow::UserAuth, Some("WEB_AUTHN"), true),
    ("after sign-up", AuthFlow::UserAuth, None, false),
];

/// All that the service documents, what it has not thought of yet, and what is no challenge of the service at all.
const CHALLENGES: [&str; 19] = [
    "PASSWORD_VERIFIER",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
    "PASSWORD",
    "PASSWORD_SRP",
    "SELECT_CHALLENGE",
    "SMS_MFA",
    "SOFTWARE_TOKEN_MFA",
    "EMAIL_OTP",
    "SMS_OTP",
    "SELECT_MFA_TYPE",
    "MFA_SETUP",
    "WEB_AUTHN",
    "NEW_PASSWORD_REQUIRED",
    "CUSTOM_CHALLENGE",
    "ADMIN_NO_SRP_AUTH",
    "SRP_A",
    "OF_TOMORROW",
    "password",
];

/// What comes of a challenge, by what the next request holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaves {
    /// Nothing: the user is asked.
    Question,
    /// Nothing: the sign-in ends, since the challenge has no place in it.
    Refused,
    /// Nothing: the sign-in ends, since the challenge is not known.
    Unknown,
    /// A request without any secret.
    NoSecret,
    /// `SRP_A`.
    SrpA,
    /// The proof of the password.
    Proof,
    /// The password in clear.
    Clear,
    /// The proof of the device.
    DeviceProof,
}

fn started((name, flow, preferred, is_given): Start, devices: Rc<Devices>) -> SignIn {
    let credentials = Credentials {
        preferred_challenge: preferred.map(String::from),
        session: Some(ChallengeSession::new("confirmed")).filter(|_| name == "after sign-up"),
        ..credentials(flow, is_given.then_some(GIVEN))
    };
    start(credentials, devices, &draw).unwrap()
}

/// A challenge with all that any of them needs, and a choice in the user's place.
fn hostile(name: &str) -> Json {
    json!({"ChallengeName": name, "Session": "session",
        "AvailableChallenges": ["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"],
        "ChallengeParameters": {"USER_ID_FOR_SRP": "id-of-alice", "USERNAME": "id-of-alice", "DEVICE_KEY": DEVICE,
            "SALT": "5f63bd8c", "SRP_B": "b0e9d5c7", "SECRET_BLOCK": "c2VjcmV0",
            "MFAS_CAN_CHOOSE": r#"["SMS_MFA","SOFTWARE_TOKEN_MFA"]"#, "MFAS_CAN_SETUP": r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#,
            "CREDENTIAL_REQUEST_OPTIONS": r#"{"challenge":"c"}"#, "requiredAttributes": "[]", "userAttributes": "{}",
            "CHOSEN": "PASSWORD", "SECRET_CODE": "known"}})
}

fn text(sign_in: &SignIn) -> String {
    sign_in
        .request(Service::new(&pool_config(None)))
        .body
        .unwrap()
        .json
        .to_string()
}

/// The proof that the password, or the device, makes of [`hostile`].
fn proof(group: &str, name: &str, password: &str) -> String {
    let claim = proof::Claim {
        ephemeral: &draw().unwrap(),
        group,
        name,
        password,
    };
    let answer = user_pool::parse_auth(&read(hostile("PASSWORD_VERIFIER"))).unwrap();
    let AuthAnswer::Challenge(challenge) = answer else {
        panic!("no challenge")
    };
    let parameters = claim.answer(&challenge, NOW).unwrap();
    let signature = parameters.iter().find(|(name, _)| name == "PASSWORD_CLAIM_SIGNATURE");
    signature.unwrap().1.to_string()
}

/// The texts by which secrets are known in a request.
struct Marks {
    srp_a: String,
    proof: String,
    device_proof: String,
}

impl Marks {
    fn new() -> Self {
        let pool = pool_config(None);
        Self {
            srp_a: draw().unwrap().srp_a(),
            proof: proof(pool.pool_id.pool_name(), "id-of-alice", GIVEN),
            device_proof: proof("-group", DEVICE, "ZGV2aWNl"),
        }
    }

    fn of(&self, body: &str) -> Leaves {
        let found = [
            (GIVEN, Leaves::Clear),
            (&*self.srp_a, Leaves::SrpA),
            (&*self.proof, Leaves::Proof),
            (&*self.device_proof, Leaves::DeviceProof),
        ]
        .map(|(mark, leaves)| body.contains(mark).then_some(leaves));
        assert!(found.iter().flatten().count() <= 1, "{body}");
        assert!(!body.contains("ZGV2aWNl"), "the password of the device: {body}");
        found.into_iter().flatten().next().unwrap_or(Leaves::NoSecret)
    }

    fn after(&self, step: Result<Step, AuthError>) -> Leaves {
        match step {
            Ok(Step::Send(sign_in, _)) => self.of(&text(&sign_in)),
            Ok(Step::Ask(..)) => Leaves::Question,
            Ok(Step::Done(_)) => panic!("there are no tokens"),
            Err(error) if error.code == Code::UnexpectedChallenge => Leaves::Refused,
            Err(error) => {
                assert_eq!(error.code, Code::Unknown, "{error}");
                Leaves::Unknown
            }
        }
    }
}

/// What each challenge gets that is answered without the user anywhere, or is part of some sign-ins only. The columns are
/// the first six of [`CHALLENGES`]; `D` and `d` hold where the device was named, and are refusals elsewhere.
fn row(name: &str) -> [Leaves; 6] {
    use Leaves::{Clear, Proof, Question, Refused, SrpA};
    let no = Refused;
    match name {
        "USER_SRP_AUTH" | "CUSTOM_AUTH, SRP first" => [Proof, SrpA, no, no, no, no],
        "USER_PASSWORD_AUTH" | "CUSTOM_AUTH" => [no, SrpA, no, no, no, no],
        "USER_AUTH" | "after sign-up" => [no, SrpA, no, Question, Question, Question],
        "USER_AUTH, given" => [no, SrpA, no, Question, SrpA, Question],
        "PASSWORD" => [no, SrpA, no, Question, Question, Question],
        "PASSWORD, given" => [no, SrpA, no, Clear, SrpA, Question],
        "PASSWORD_SRP" => [no, SrpA, no, no, Question, Question],
        "PASSWORD_SRP, given" => [Proof, SrpA, no, no, SrpA, Question],
        _ => [no, SrpA, no, no, no, Question],
    }
}

fn expected(name: &str, challenge: &str, names_device: bool) -> Leaves {
    let column = CHALLENGES.iter().position(|other| *other == challenge).unwrap();
    match (column, row(name).get(column)) {
        (1, _) if !names_device => Leaves::Refused,
        (_, Some(leaves)) => *leaves,
        (6..=14, _) => Leaves::Question,
        _ => Leaves::Unknown,
    }
}

#[test]
fn each_challenge_gets_what_the_chosen_way_to_sign_in_allows_and_no_more() {
    let marks = Marks::new();
    for start in STARTS {
        for challenge in CHALLENGES {
            for names_device in [true, false] {
                let known = if names_device { devices() } else { Rc::default() };
                let step = next(started(start, known), hostile(challenge));
                let leaves = marks.after(step);
                let expected = expected(start.0, challenge, names_device);
                assert_eq!(leaves, expected, "{} in {}, device: {names_device}", challenge, start.0);
            }
        }
    }
}

#[test]
fn the_first_request_holds_what_was_chosen() {
    let marks = Marks::new();
    for start in STARTS {
        let expected = match start.0 {
            "USER_PASSWORD_AUTH" | "PASSWORD, given" => Leaves::Clear,
            "USER_SRP_AUTH" | "CUSTOM_AUTH, SRP first" | "PASSWORD_SRP, given" => Leaves::SrpA,
            _ => Leaves::NoSecret,
        };
        assert_eq!(marks.of(&text(&started(start, devices()))), expected, "{}", start.0);
    }
}

/// After a question was answered, and also after a reload before that, no password is left, and the choice still counts.
#[test]
fn a_question_in_between_and_a_reload_change_nothing_of_what_is_refused() {
    let marks = Marks::new();
    for start in STARTS {
        for is_reloaded in [false, true] {
            for challenge in CHALLENGES {
                let mut pending = asked(next(started(start, devices()), hostile("SMS_MFA")));
                if is_reloaded {
                    pending = PendingChallenge::decode(&pending.encode(1)).unwrap();
                }
                let response = Some(ChallengeAnswer::new("123456"));
                let answer = Answer {
                    response,
                    ..Answer::default()
                };
                let sign_in = sent(pending.answer(answer, devices(), &draw));
                let leaves = marks.after(next(sign_in, hostile(challenge)));
                let expected = match (challenge, expected(start.0, challenge, true)) {
                    ("PASSWORD_VERIFIER", _) => Leaves::Refused,
                    ("PASSWORD" | "PASSWORD_SRP", Leaves::Clear | Leaves::SrpA) => Leaves::Question,
                    (_, expected) => expected,
                };
                assert_eq!(
                    leaves, expected,
                    "{} in {}, reloaded: {is_reloaded}",
                    challenge, start.0
                );
            }
        }
    }
}

#[test]
fn after_a_choice_at_select_challenge_it_is_the_choice_that_counts() {
    let marks = Marks::new();
    for (choice, as_in) in [
        ("PASSWORD", "PASSWORD"),
        ("PASSWORD_SRP", "PASSWORD_SRP, given"),
        ("EMAIL_OTP", "EMAIL_OTP"),
        ("WEB_AUTHN", "EMAIL_OTP"),
    ] {
        for start in STARTS
            .into_iter()
            .filter(|start| start.1 == AuthFlow::UserAuth && start.3)
        {
            for challenge in CHALLENGES {
                let pending = asked(next(started(start, devices()), hostile("SELECT_CHALLENGE")));
                let response = Some(ChallengeAnswer::new(choice));
                let answer = Answer {
                    response,
                    ..Answer::default()
                };
                let sign_in = sent(pending.answer(answer, devices(), &draw));
                let sent = marks.of(&text(&sign_in));
                let chosen = match choice {
                    "PASSWORD" => Leaves::Clear,
                    "PASSWORD_SRP" => Leaves::SrpA,
                    _ => Leaves::NoSecret,
                };
                assert_eq!(sent, chosen, "{choice} in {}", start.0);
                let leaves = marks.after(next(sign_in, hostile(challenge)));
                assert_eq!(
                    leaves,
                    expected(as_in, challenge, true),
                    "{challenge} after {choice} in {}",
                    start.0
                );
            }
        }
    }
}

#[test]
fn a_proof_is_given_once() {
    let marks = Marks::new();
    for start in STARTS.into_iter().filter(|start| row(start.0)[0] == Leaves::Proof) {
        for challenge in CHALLENGES {
            let proven = sent(next(started(start, devices()), hostile("PASSWORD_VERIFIER")));
            let leaves = marks.after(next(proven, hostile(challenge)));
            let expected = match (challenge, expected(start.0, challenge, true)) {
                ("PASSWORD_VERIFIER", _) => Leaves::Refused,
                ("PASSWORD_SRP", Leaves::SrpA) => Leaves::Question,
                (_, expected) => expected,
            };
            assert_eq!(leaves, expected, "{challenge} after the proof in {}", start.0);
        }
    }
}

#[test]
fn a_device_is_proven_once_for_each_time_that_its_proof_was_begun() {
    let marks = Marks::new();
    for start in STARTS {
        let begun = sent(next(started(start, devices()), hostile("DEVICE_SRP_AUTH")));
        let proven = sent(next(begun, hostile("DEVICE_PASSWORD_VERIFIER")));
        assert_eq!(marks.of(&text(&proven)), Leaves::DeviceProof, "{}", start.0);
        let again = next(proven, hostile("DEVICE_PASSWORD_VERIFIER"));
        assert_eq!(marks.after(again), Leaves::Refused, "{}", start.0);
    }
}

#[test]
fn a_device_that_was_not_named_is_not_proven() {
    let of_alice = || started(STARTS[0], devices());
    let mut of_bob = hostile("DEVICE_SRP_AUTH");
    of_bob["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!("id-of-bob");
    let mut known = (*devices()).clone();
    known.keep(Device {
        user: "id-of-bob".into(),
        typed: Vec::new(),
        key: "of-bob".into(),
        ..devices().of("id-of-alice").unwrap().clone()
    });
    let both = Rc::new(known);
    let error = next(started(STARTS[0], Rc::clone(&both)), of_bob.clone()).unwrap_err();
    assert_eq!(error.code, Code::UnexpectedChallenge);
    // Nor in the middle of the exchange of another one.
    let begun = sent(next(started(STARTS[0], both), hostile("DEVICE_SRP_AUTH")));
    of_bob["ChallengeName"] = json!("DEVICE_PASSWORD_VERIFIER");
    assert_eq!(next(begun, of_bob).unwrap_err().code, Code::UnexpectedChallenge);
    // What was begun for the user does not serve the device, nor the other way round.
    let error = next(of_alice(), hostile("DEVICE_PASSWORD_VERIFIER")).unwrap_err();
    assert_eq!(error.code, Code::UnexpectedChallenge);
    let begun = sent(next(of_alice(), hostile("DEVICE_SRP_AUTH")));
    let error = next(begun, hostile("PASSWORD_VERIFIER")).unwrap_err();
    assert_eq!(error.code, Code::UnexpectedChallenge);
}

#[test]
fn a_refusal_says_what_was_asked_in_which_sign_in_and_holds_no_secret() {
    for start in STARTS {
        for challenge in CHALLENGES {
            let Err(error) = next(started(start, Rc::default()), hostile(challenge)) else {
                continue;
            };
            assert!(error.message.contains(challenge), "{error}");
            assert!(error.cause.is_none() && !error.message.contains(GIVEN), "{error}");
            if error.code == Code::UnexpectedChallenge {
                assert!(error.message.contains("was not answered"), "{error}");
                assert!(ends_challenge(&error) && !error.retryable);
            }
        }
    }
}

/// What a user answers to a question of a walk: each choice of a first factor, or a text that is known again.
fn answers(question: &Question) -> Vec<&'static str> {
    match question {
        Question::SelectChallenge(_) => vec!["PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"],
        Question::SelectMfaSetup(_) => vec!["EMAIL_OTP"],
        _ => vec!["typed-by-the-user"],
    }
}

/// Those that the password answers or may be chosen for, and one that stands for all others that are questions.
const WALKED: [&str; 5] = [
    "PASSWORD_VERIFIER",
    "PASSWORD",
    "PASSWORD_SRP",
    "SELECT_CHALLENGE",
    "CUSTOM_CHALLENGE",
];

/// Whatever the service asks for, twice in a row: the password leaves in clear where it was chosen, and a password
/// that the user types to be proven does not.
#[test]
fn no_order_of_challenges_gets_the_password_out_that_was_to_be_proven() {
    // Of those by a factor that is no password, one.
    let is_walked = |start: &Start| start.3 && !matches!(start.0, "SMS_OTP, given" | "WEB_AUTHN, given");
    for start in STARTS.into_iter().filter(is_walked) {
        let mut paths = vec![Vec::new()];
        for _ in 0..2 {
            let longer = |path: &Vec<_>| {
                WALKED
                    .into_iter()
                    .flat_map(|name| walk(start, path, name))
                    .collect::<Vec<_>>()
            };
            paths = paths.iter().flat_map(longer).collect();
        }
        assert!(!paths.is_empty(), "{}", start.0);
    }
}

/// Goes on from the end of a path by one challenge; the paths that this makes.
fn walk(
    start: Start,
    path: &[(&'static str, Option<&'static str>)],
    challenge: &'static str,
) -> Vec<Vec<(&'static str, Option<&'static str>)>> {
    let at_end = || {
        path.iter()
            .fold(started(start, devices()), |sign_in, (challenge, answer)| {
                let step = next(sign_in, hostile(challenge)).unwrap();
                sent(match (step, answer) {
                    (Step::Ask(pending, None), Some(answer)) => answer_of(&pending, answer),
                    (step, _) => Ok(step),
                })
            })
    };
    let longer = |answer| [path, &[(challenge, answer)]].concat();
    let is_chosen = matches!(start.0, "USER_PASSWORD_AUTH" | "PASSWORD, given")
        || path.contains(&("SELECT_CHALLENGE", Some("PASSWORD")));
    match next(at_end(), hostile(challenge)) {
        Err(_) => Vec::new(),
        Ok(Step::Done(_)) => panic!("there are no tokens"),
        Ok(Step::Send(sign_in, _)) => {
            let body = text(&sign_in);
            assert!(is_chosen || !body.contains(GIVEN), "{}: {path:?} {challenge}", start.0);
            assert!(!body.contains("typed-by-the-user"), "{}: {path:?} {challenge}", start.0);
            vec![longer(None)]
        }
        Ok(Step::Ask(pending, _)) => {
            let mut paths = Vec::new();
            for answer in answers(&question(&pending)) {
                let Ok(Step::Send(sign_in, _)) = answer_of(&pending, answer) else {
                    continue;
                };
                let body = text(&sign_in);
                let is_chosen = is_chosen || (challenge, answer) == ("SELECT_CHALLENGE", "PASSWORD");
                assert!(is_chosen || !body.contains(GIVEN), "{}: {path:?} {challenge}", start.0);
                let is_proven = challenge == "PASSWORD_SRP";
                assert!(
                    !is_proven || !body.contains("typed-by-the-user"),
                    "{}: {path:?}",
                    start.0
                );
                paths.push(longer(Some(answer)));
            }
            paths
        }
    }
}

fn answer_of(pending: &PendingChallenge, response: &str) -> Result<Step, AuthError> {
    let response = Some(ChallengeAnswer::new(response));
    pending.answer(
        Answer {
            response,
            ..Answer::default()
        },
        devices(),
        &draw,
    )
}
