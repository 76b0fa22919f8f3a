//! Administration of app clients.

use serde_json::{Value, json};

use super::answer::Answer;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::settings::read_settings;
use crate::state::{Client, ClientSettings, Pool, State};

/// CreateUserPoolClient.
pub fn create_user_pool_client(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    input.text("ClientName")?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    let settings: ClientSettings = read_settings(input.members())?;
    let given_secret = input.optional_text("ClientSecret")?.map(str::to_owned);
    let secret = if input.flag("GenerateSecret")? {
        Some(Client::random_secret())
    } else {
        given_secret
    };
    let client = Client::new(Client::random_id(), secret, settings, now);
    let described = client.describe(&pool.id);
    pool.clients.insert(client.id.clone(), client);
    Ok(json!({ "UserPoolClient": described }))
}

/// DescribeUserPoolClient.
pub fn describe_user_pool_client(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let (pool, client_id) = pool_and_client(state, input)?;
    let client = pool
        .clients
        .get(client_id)
        .ok_or_else(|| Exception::no_client(client_id))?;
    Ok(json!({ "UserPoolClient": client.describe(&pool.id) }))
}

/// UpdateUserPoolClient. What is not given returns to its default, as at AWS.
pub fn update_user_pool_client(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (pool, client_id) = pool_and_client(state, input)?;
    let client = pool
        .clients
        .get_mut(client_id)
        .ok_or_else(|| Exception::no_client(client_id))?;
    let mut settings: ClientSettings = read_settings(input.members())?;
    if settings.client_name.is_empty() {
        settings.client_name.clone_from(&client.settings.client_name);
    }
    *client = client.updated(settings, now);
    Ok(json!({ "UserPoolClient": client.describe(&pool.id) }))
}

/// DeleteUserPoolClient.
pub fn delete_user_pool_client(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let (pool, client_id) = pool_and_client(state, input)?;
    pool.clients
        .remove(client_id)
        .ok_or_else(|| Exception::no_client(client_id))?;
    Ok(Value::Null)
}

/// ListUserPoolClients.
pub fn list_user_pool_clients(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let pool = state.pool(input.text("UserPoolId")?)?;
    let clients = pool.clients.values().map(
        |client| json!({ "ClientId": client.id, "UserPoolId": pool.id, "ClientName": client.settings.client_name }),
    );
    let limit = input.number("MaxResults")?.unwrap_or(60);
    super::page(
        clients.collect(),
        "UserPoolClients",
        "NextToken",
        limit,
        input.optional_text("NextToken")?,
    )
}

fn pool_and_client<'s, 'i>(state: &'s mut State, input: Input<'i>) -> Result<(&'s mut Pool, &'i str), Exception> {
    let client_id = input.text("ClientId")?;
    Ok((state.pool(input.text("UserPoolId")?)?, client_id))
}
