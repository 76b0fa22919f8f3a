use serde_json::{Value as Json, json};

use super::*;
use crate::core::config::AuthFlow;
use crate::core::secret::{ChallengeAnswer, DevicePassword};
use crate::testing::{map, pool_config, read};

mod challenges;
mod devices;
mod flows;
mod policy;
mod stored;

/// Thu Oct 15 13:04:05 UTC 2026, in milliseconds.
const NOW: i64 = 1_792_069_445_000;

fn credentials(flow: AuthFlow, password: Option<&str>) -> Credentials {
    Credentials {
        username: Username::new("alice@example.com"),
        password: password.map(Password::new),
        flow,
        initial_metadata: map(&[("v", "1")]),
        client_metadata: map(&[("m", "2")]),
        ..Credentials::of_user(Username::new(""))
    }
}

fn draw() -> Result<Ephemeral, AuthError> {
    // Short, for what takes time is the arithmetic.
    Ok(Ephemeral::new(&[7; 8]).unwrap())
}

fn devices() -> Rc<Devices> {
    let mut devices = Devices::default();
    devices.keep(Device {
        user: "id-of-alice".into(),
        typed: vec!["alice@example.com".into()],
        key: "us-east-1_device".into(),
        group_key: "-group".into(),
        password: DevicePassword::new("ZGV2aWNl"),
    });
    Rc::new(devices)
}

fn begin(credentials: Credentials) -> SignIn {
    start(credentials, Rc::default(), &draw).unwrap()
}

fn begin_srp() -> SignIn {
    begin(credentials(AuthFlow::UserSrp, Some("Correct-Horse7Battery!")))
}

/// A sign-in that has no password to prove.
fn begin_custom() -> SignIn {
    begin(credentials(AuthFlow::Custom, None))
}

fn body(sign_in: &SignIn) -> Json {
    body_of(&sign_in.request(Service::new(&pool_config(None))))
}

fn body_of(request: &Request) -> Json {
    serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap()
}

fn next(sign_in: SignIn, answer: Json) -> Result<Step, AuthError> {
    sign_in.next(Service::new(&pool_config(None)), &read(answer), NOW, &draw)
}

fn challenge(name: &str, parameters: Json) -> Json {
    json!({"ChallengeName": name, "Session": "session", "ChallengeParameters": parameters})
}

fn verifier() -> Json {
    json!({"USER_ID_FOR_SRP": "id-of-alice", "USERNAME": "other", "SALT": "5f63bd8c", "SRP_B": "b0e9d5c7", "SECRET_BLOCK": "c2VjcmV0"})
}

fn tokens() -> Json {
    json!({"AuthenticationResult": {"AccessToken": "a", "IdToken": "i", "RefreshToken": "r"}})
}

fn sent(step: Result<Step, AuthError>) -> SignIn {
    match step {
        Ok(Step::Send(sign_in, _)) => *sign_in,
        other => panic!("{other:?}"),
    }
}

fn asked(step: Result<Step, AuthError>) -> PendingChallenge {
    match step {
        Ok(Step::Ask(pending, None)) => *pending,
        other => panic!("{other:?}"),
    }
}

/// What a sign-in without a password is asked.
fn ask(name: &str, parameters: Json) -> PendingChallenge {
    asked(next(begin_custom(), challenge(name, parameters)))
}

fn question(pending: &PendingChallenge) -> Question {
    Question::of(pending).unwrap()
}

fn answer(pending: &PendingChallenge, response: &str) -> Result<Step, AuthError> {
    let answer = Answer {
        response: Some(ChallengeAnswer::new(response)),
        client_metadata: map(&[("m", "3")]),
        ..Answer::default()
    };
    pending.answer(answer, Rc::default(), &draw)
}

/// What an answer sends.
fn responses(pending: &PendingChallenge, response: &str) -> Json {
    let sent = body(&sent(answer(pending, response)));
    assert_eq!(sent["ChallengeName"], pending.challenge.name().as_str());
    assert_eq!(sent["Session"], "session");
    assert_eq!(sent["ClientMetadata"], json!({"m": "3"}));
    sent["ChallengeResponses"].clone()
}
