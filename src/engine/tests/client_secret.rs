//! An app client that has a secret: it never goes along with a user, its hash does.

use serde_json::{Value, json};

use super::support::{FORCE, REFRESH, Stage, tokens};
use crate::core::srp;
use crate::testing::config_text;

const SECRET: &str = "hush";

/// The only body that was sent since the last look.
fn body(stage: &Stage) -> Value {
    let mut bodies = stage.env.bodies();
    assert_eq!(bodies.len(), 1);
    bodies.remove(0)
}

fn hash(username: &str) -> Value {
    json!(srp::secret_hash(username, "client1", SECRET))
}

#[test]
fn every_request_shows_that_the_client_has_its_secret_from_the_sign_up_to_the_sign_out() {
    let stage = Stage::bare();
    let document = config_text(&format!(r#","AppClientSecret":"{SECRET}""#));
    stage.initialize_from(&document).unwrap();

    stage
        .env
        .answer("SignUp", 200, &json!({"UserConfirmed": false, "UserSub": "s"}));
    let options = json!({"username": "alice", "password": "p"});
    stage.operate("signUp", &options).unwrap();
    assert_eq!(body(&stage)["SecretHash"], hash("alice"));

    stage.env.answer("ConfirmSignUp", 200, &json!({}));
    let options = json!({"username": "alice", "confirmationCode": "123456"});
    stage.operate("confirmSignUp", &options).unwrap();
    assert_eq!(body(&stage)["SecretHash"], hash("alice"));

    // The service knows alice as `id` from the first challenge on, and wants the hash over that name.
    stage.sign_in_as_id();
    let bodies = stage.env.bodies();
    assert_eq!(bodies[0]["AuthParameters"]["SECRET_HASH"], hash("alice"));
    for answer in &bodies[1..] {
        assert_eq!(answer["ChallengeResponses"]["USERNAME"], "id");
        assert_eq!(answer["ChallengeResponses"]["SECRET_HASH"], hash("id"));
    }

    stage.env.answer(REFRESH, 200, &tokens("id", "2"));
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(body(&stage)["ClientSecret"], SECRET);

    // The older way to renew tokens takes the hash.
    stage.env.refuse(REFRESH, "UnknownOperationException");
    stage.env.answer("InitiateAuth", 200, &tokens("id", "3"));
    stage.get_tokens(FORCE).unwrap();
    assert_eq!(stage.env.bodies()[1]["AuthParameters"]["SECRET_HASH"], hash("id"));

    stage.env.answer("RevokeToken", 200, &json!({}));
    stage.sign_out("{}").unwrap();
    assert_eq!(body(&stage)["ClientSecret"], SECRET);
}
