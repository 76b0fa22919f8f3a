//! `--config FILE`: the pools, clients and users that the emulator begins with.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::attributes;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::model;
use crate::ops::naming_attribute;
use crate::settings::{self, Problem, Validate};
use crate::srp::Verifier;
use crate::state::{Client, ClientSettings, Password, Pool, PoolSettings, State, User, UserStatus};

/// What the emulator begins with when it is told nothing.
const DEFAULT: &str = include_str!("default-config.json");

/// What is wrong with a configuration, and where, such as `userPools[0].Clients[1].ClientId: ...`.
pub type ConfigError = String;

/// The built-in pool.
pub fn default_state(now: Millis) -> Result<State, ConfigError> {
    parse(DEFAULT, now)
}

/// The pools of a file.
pub fn read(path: &Path, now: Millis) -> Result<State, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read it: {error}"))?;
    parse(&text, now)
}

fn parse(text: &str, now: Millis) -> Result<State, ConfigError> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    let members = object("", &value)?;
    only_known("", members, &["userPools"])?;
    let mut state = State::default();
    for (path, pool) in list("", members, "userPools")? {
        let pool = read_pool(&path, object(&path, pool)?, &state, now)?;
        if state.default_client.is_none() {
            state.default_client = pool.1.map(|client_id| (pool.0.id.clone(), client_id));
        }
        state.pools.insert(pool.0.id.clone(), pool.0);
    }
    Ok(state)
}

/// A pool, and the first of its clients that a browser can use.
fn read_pool(
    path: &str,
    members: &Map<String, Value>,
    others: &State,
    now: Millis,
) -> Result<(Pool, Option<String>), ConfigError> {
    let id = at(path, shaped(Input::new(members), "Id", "UserPoolIdType"))?;
    if others.pools.contains_key(id) {
        return Err(format!("{path}.Id: {id} is there twice"));
    }
    let settings: PoolSettings = read_settings(path, members, &["Id", "Clients", "Users"])?;
    at(&format!("{path}.UserPoolTier"), settings.refuse_beyond_tier())?;
    let mut pool = Pool::new(id.to_owned(), settings, now);
    let mut browser_client = None;
    for (path, client) in list(path, members, "Clients")? {
        let client = read_client(&path, object(&path, client)?, now)?;
        let taken = pool.clients.contains_key(&client.id)
            || others
                .pools
                .values()
                .any(|other| other.clients.contains_key(&client.id));
        if taken {
            return Err(format!("{path}.ClientId: {} is there twice", client.id));
        }
        if client.secret.is_none() {
            browser_client.get_or_insert_with(|| client.id.clone());
        }
        pool.clients.insert(client.id.clone(), client);
    }
    for (path, user) in list(path, members, "Users")? {
        let user = read_user(&path, object(&path, user)?, &mut pool, now)?;
        pool.users.insert(user);
    }
    Ok((pool, browser_client))
}

fn read_client(path: &str, members: &Map<String, Value>, now: Millis) -> Result<std::sync::Arc<Client>, ConfigError> {
    let input = Input::new(members);
    let id = at(path, shaped(input, "ClientId", "ClientIdType"))?.to_owned();
    let given = at(path, input.optional_text("ClientSecret"))?.map(str::to_owned);
    if let Some(secret) = &given {
        at(path, model::check_text("clientSecret", "ClientSecretType", secret))?;
    }
    let generated = at(path, input.flag("GenerateSecret"))?.then(Client::random_secret);
    let settings: ClientSettings = read_settings(path, members, &["ClientId", "ClientSecret", "GenerateSecret"])?;
    Ok(Client::new(id, given.or(generated), settings, now))
}

fn read_user(path: &str, members: &Map<String, Value>, pool: &mut Pool, now: Millis) -> Result<User, ConfigError> {
    only_known(path, members, &["Username", "Password", "UserAttributes", "UserStatus"])?;
    let input = Input::new(members);
    let name = at(path, shaped(input, "Username", "UsernameType"))?;
    let password = at(path, input.optional_text("Password"))?;
    let given = at(path, input.attributes("UserAttributes"))?;
    let status = match members.get("UserStatus").map(Value::as_str) {
        None | Some(Some("CONFIRMED")) => UserStatus::Confirmed,
        Some(Some("UNCONFIRMED")) => UserStatus::Unconfirmed,
        Some(Some("FORCE_CHANGE_PASSWORD")) => UserStatus::ForceChangePassword,
        Some(Some("RESET_REQUIRED")) => UserStatus::ResetRequired,
        Some(_) => {
            return Err(format!(
                "{path}.UserStatus: expected CONFIRMED, UNCONFIRMED, FORCE_CHANGE_PASSWORD or RESET_REQUIRED"
            ));
        }
    };
    let (naming, given) = at(path, naming_attribute(&pool.settings, name, given))?;
    let attributes = at(path, attributes::for_invitation(&pool.settings, &given))?;
    if pool.users.sign_in_name(&pool.settings, name).is_some() {
        return Err(format!("{path}.Username: {name} is there twice"));
    }
    let mut user = User::register(&pool.settings, name, naming, status, now);
    user.attributes = attributes;
    // Not held against the policy: a file may want a user whose password is older than it.
    user.password = password.map(|password| Password {
        verifier: Verifier::new(pool.name(), &user.username, password),
        temporary_until: None,
    });
    Ok(user)
}

fn read_settings<T: DeserializeOwned + Validate>(
    path: &str,
    members: &Map<String, Value>,
    not_settings: &[&str],
) -> Result<T, ConfigError> {
    let below = |inner: &str| {
        if path.is_empty() {
            inner.to_owned()
        } else {
            format!("{path}.{inner}")
        }
    };
    let members = members
        .iter()
        .filter(|(name, _)| !not_settings.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let (settings, unknown) =
        settings::read(&members).map_err(|Problem { path, problem }| format!("{}: {problem}", below(&path)))?;
    match unknown.first() {
        Some(unknown) => Err(format!("{}: unknown field", below(unknown))),
        None => Ok(settings),
    }
}

fn object<'a>(path: &str, value: &'a Value) -> Result<&'a Map<String, Value>, ConfigError> {
    value.as_object().ok_or_else(|| {
        format!("{path}: expected an object")
            .trim_start_matches(": ")
            .to_owned()
    })
}

fn list<'a>(path: &str, members: &'a Map<String, Value>, name: &str) -> Result<Vec<(String, &'a Value)>, ConfigError> {
    let path = if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    };
    match members.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(entries)) => Ok(entries
            .iter()
            .enumerate()
            .map(|(index, entry)| (format!("{path}[{index}]"), entry))
            .collect()),
        Some(_) => Err(format!("{path}: expected a list")),
    }
}

fn only_known(path: &str, members: &Map<String, Value>, known: &[&str]) -> Result<(), ConfigError> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) if path.is_empty() => Err(format!("{name}: unknown field")),
        Some(name) => Err(format!("{path}.{name}: unknown field")),
        None => Ok(()),
    }
}

/// A text that must be there, in the form that the service asks for.
fn shaped<'a>(input: Input<'a>, name: &str, shape: &str) -> Result<&'a str, Exception> {
    let text = input.text(name)?;
    model::check_text(&model::wire_name(name), shape, text)?;
    Ok(text)
}

fn at<T>(path: &str, read: Result<T, Exception>) -> Result<T, ConfigError> {
    read.map_err(|refused| format!("{path}: {}", refused.message.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{FirstFactor, MfaFactor};

    fn refused(text: &str) -> String {
        parse(text, 0).unwrap_err()
    }

    #[test]
    fn the_built_in_pool_has_its_four_clients() {
        let state = default_state(0).unwrap();
        let pool = &state.pools["us-east-1_Emulator1"];
        let clients: Vec<_> = pool.clients.keys().map(String::as_str).collect();
        assert_eq!(
            clients,
            [
                "emulatorlegacyclient00001",
                "emulatorrotatingclient001",
                "emulatorsecretclient000001",
                "emulatorwebclient00000001"
            ]
        );
        assert_eq!(state.default_client.unwrap().1, "emulatorwebclient00000001");
    }

    #[test]
    fn a_user_in_a_file_can_sign_in() {
        let state = parse(
            r#"{"userPools":[{"Id":"eu-west-1_Mine","UsernameAttributes":["email"],"Users":[
                {"Username":"a@example.com","Password":"pw","UserAttributes":[{"Name":"name","Value":"A"}]}]}]}"#,
            0,
        )
        .unwrap();
        let pool = &state.pools["eu-west-1_Mine"];
        let user = pool.users.iter().next().unwrap();
        assert_eq!(user.username, user.sub);
        assert_eq!(user.attribute("email"), Some("a@example.com"));
        assert!(
            user.password
                .as_ref()
                .unwrap()
                .verifier
                .accepts("Mine", &user.sub, "pw")
        );
    }

    #[test]
    fn a_file_says_which_factors_and_questions_there_are() {
        let state = parse(
            r#"{"userPools":[{"Id":"eu-west-1_Mine","MfaConfiguration":"ON",
                "SoftwareTokenMfaConfiguration":{"Enabled":true},
                "Policies":{"SignInPolicy":{"AllowedFirstAuthFactors":["PASSWORD","SMS_OTP"]}},
                "customAuth":[{"parameters":{"question":"2+2"},"answer":"4"}]}]}"#,
            0,
        )
        .unwrap();
        let settings = &state.pools["eu-west-1_Mine"].settings;
        assert_eq!(settings.mfa_factors(), [MfaFactor::SoftwareTokenMfa]);
        assert!(settings.begins_with(FirstFactor::SmsOtp) && !settings.begins_with(FirstFactor::EmailOtp));
        assert_eq!(settings.custom_auth.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_path() {
        for (text, problem) in [
            ("{", "not JSON"),
            ("[]", "expected an object"),
            (r#"{"pools":[]}"#, "pools: unknown field"),
            (r#"{"userPools":{}}"#, "userPools: expected a list"),
            (
                r#"{"userPools":[{"Id":"eu-west-1_Mine","MfaConfiguration":"ON"}]}"#,
                "userPools[0].MfaConfiguration: ON needs a second factor",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_Mine","UserPoolTier":"LITE","Policies":{"PasswordPolicy":{"PasswordHistorySize":1}}}]}"#,
                "userPools[0].UserPoolTier: The following features need to be disabled for the LITE",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_Mine","customAuth":[{"question":"2+2"}]}]}"#,
                "userPools[0].customAuth[0]",
            ),
            (
                r#"{"userPools":[{}]}"#,
                "userPools[0]: 1 validation error detected: Value null at 'id'",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Colour":1}]}"#,
                "userPools[0].Colour: unknown field",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Policies":{"PasswordPolicy":{"MinimumLength":"8"}}}]}"#,
                "userPools[0].Policies.PasswordPolicy.MinimumLength: invalid type",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Policies":{"PasswordPolicy":{"MinimumLength":5}}}]}"#,
                "userPools[0].Policies.PasswordPolicy.MinimumLength: expected 6 to 99",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Clients":[{"ClientId":"c","ExplicitAuthFlows":["ALLOW_ALL"]}]}]}"#,
                "userPools[0].Clients[0].ExplicitAuthFlows[0]: unknown variant `ALLOW_ALL`",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Clients":[{"ClientId":"c"},{"ClientId":"c"}]}]}"#,
                "userPools[0].Clients[1].ClientId: c is there twice",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Clients":[{"ClientId":"c","ClientSecret":"short"}]}]}"#,
                "userPools[0].Clients[0]: 1 validation error detected: Value at 'clientSecret'",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A"},{"Id":"eu-west-1_A"}]}"#,
                "userPools[1].Id: eu-west-1_A is there twice",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Users":[{"Username":"a","UserStatus":"ASLEEP"}]}]}"#,
                "userPools[0].Users[0].UserStatus: expected CONFIRMED",
            ),
            (
                r#"{"userPools":[{"Id":"eu-west-1_A","Users":[{"Username":"a","Shoe":42}]}]}"#,
                "userPools[0].Users[0].Shoe: unknown field",
            ),
        ] {
            let refused = refused(text);
            assert!(refused.starts_with(problem), "{text}\n{refused}");
        }
    }
}
