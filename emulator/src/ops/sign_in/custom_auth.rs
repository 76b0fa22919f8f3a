//! CUSTOM_AUTH, with and without a password before it. At AWS three triggers decide what is asked; here the pool's script
//! does: each question in turn, the same one again after a wrong answer, and no more after the third.

use serde_json::{Value, json};

use super::candidate::candidate;
use super::step::{Step, Taken};
use super::user_srp;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::state::{Candidate, Challenge, ClientScope, Flow};

/// How many wrong answers end the sign-in, as in AWS's own example of a DefineAuthChallenge trigger.
const TRIES: u32 = 3;

/// Begins: with the password where `CHALLENGE_NAME` is `SRP_A`, else with the first question.
pub fn begin(scope: &mut ClientScope<'_>, parameters: &TextMap<'_>, now: Millis) -> Taken {
    if scope.pool.settings.custom_auth.is_empty() {
        return Err(Exception::invalid_parameter(
            "Custom auth lambda trigger is not configured for the user pool.",
        ));
    }
    match parameters.get("CHALLENGE_NAME") {
        Some("SRP_A") => user_srp::begin(scope, parameters, Flow::Custom, now),
        Some(other) => Err(Exception::invalid_parameter(format!(
            "Invalid CHALLENGE_NAME {other}: expected SRP_A"
        ))),
        None => {
            let candidate = candidate(scope, parameters, Flow::Custom)?;
            Ok(ask(scope, candidate, 0, 0))
        }
    }
}

/// Asks the question of this number; after the last one come tokens.
pub fn ask(scope: &ClientScope<'_>, candidate: Candidate, question: usize, wrong: u32) -> Step {
    let Some(asked) = scope.pool.settings.custom_auth.get(question) else {
        return Step::AllFactorsProven(candidate);
    };
    let mut parameters = json!(asked.parameters);
    if let Some(members) = parameters.as_object_mut() {
        members.insert("USERNAME".to_owned(), Value::String(candidate.user_id_for_srp.clone()));
    }
    Step::Ask(candidate, Challenge::Custom { question, wrong }, parameters)
}

/// Answers CUSTOM_CHALLENGE. Right or wrong, its session is spent, as each round of the triggers has its own.
pub fn answer(
    scope: &ClientScope<'_>,
    candidate: Candidate,
    (question, wrong): (usize, u32),
    responses: &TextMap<'_>,
) -> Taken {
    let given = responses.required("ANSWER")?;
    let script = &scope.pool.settings.custom_auth;
    let is_right = script.get(question).is_some_and(|asked| asked.answer == given);
    if is_right && candidate.sub.is_some() {
        return Ok(ask(scope, candidate, question + 1, wrong));
    }
    if wrong + 1 >= TRIES {
        return Ok(Step::Refuse(Exception::wrong_password()));
    }
    Ok(ask(scope, candidate, question, wrong + 1))
}
