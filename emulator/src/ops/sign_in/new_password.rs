//! The NEW_PASSWORD_REQUIRED challenge: a temporary password is exchanged for the user's own.

use serde_json::{Map, Value, json};

use super::step::{Step, Taken};
use crate::attributes::{self, Writer};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::ops::account;
use crate::ops::known_password::set_password;
use crate::state::{Candidate, Client, ClientScope, Pool, User, UserStatus};

/// How the challenge and its answer name attributes.
const PREFIX: &str = "userAttributes.";

/// `ChallengeParameters`: both lists are JSON inside of text.
pub fn parameters(pool: &Pool, client: &Client, user: &User) -> Value {
    let missing: Vec<String> = attributes::required(&pool.settings)
        .into_iter()
        .filter(|name| user.attribute(name).is_none())
        .map(|name| format!("{PREFIX}{name}"))
        .collect();
    let known: Map<String, Value> = user
        .attributes
        .iter()
        .filter(|(name, _)| client.settings.can_read(name))
        .map(|(name, value)| (name.clone(), json!(value)))
        .collect();
    json!({
        "USER_ID_FOR_SRP": user.username,
        "requiredAttributes": json!(missing).to_string(),
        "userAttributes": Value::Object(known).to_string(),
    })
}

/// Answers the challenge. A refused password leaves the session open for another try.
pub fn answer(scope: &mut ClientScope<'_>, candidate: Candidate, responses: &TextMap<'_>, now: Millis) -> Taken {
    let new_password = responses.required("NEW_PASSWORD")?;
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let pool_name = pool.name().to_owned();
    let sub = candidate.sub.as_deref().unwrap_or_default();
    let user = pool.users.get(sub).ok_or_else(Exception::invalid_session)?;
    let policy = &pool.settings.policies.password_policy;
    policy.check(new_password)?;
    user.refuse_used_password(policy, &pool_name, new_password)?;
    let given = responses.with_prefix(PREFIX);
    let given = attributes::for_change(&pool.settings, Writer::Client(client), &given)?;
    for name in attributes::required(&pool.settings) {
        if user.attribute(&name).is_none() && !given.contains_key(&name) {
            return Err(Exception::invalid_parameter(format!(
                "Invalid attributes given, {name} is missing"
            )));
        }
    }
    account::refuse_taken(pool, &given, sub)?;
    let user = pool.users.get_mut(sub).ok_or_else(Exception::invalid_session)?;
    for (name, value) in given {
        user.set_attribute(&name, value);
    }
    set_password(user, &pool_name, new_password, now);
    user.status = UserStatus::Confirmed;
    Ok(Step::PasswordProven(candidate))
}
