//! Administration of pools.

use serde_json::{Value, json};

use super::answer::Answer;
use crate::clock::{Millis, timestamp};
use crate::error::Exception;
use crate::input::Input;
use crate::settings::read_settings;
use crate::state::{DeletionProtection, Pool, PoolSettings, State};

/// CreateUserPool.
pub fn create_user_pool(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    input.text("PoolName")?;
    let mut settings: PoolSettings = read_settings(input.members())?;
    settings.web_authn_configuration = None;
    settings.refuse_beyond_tier()?;
    let pool = Pool::new(Pool::random_id(), settings, now);
    pool.keys.warm_up();
    let described = pool.describe();
    state.pools.insert(pool.id.clone(), pool);
    Ok(json!({ "UserPool": described }))
}

/// DescribeUserPool.
pub fn describe_user_pool(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let pool = state.pool(input.text("UserPoolId")?)?;
    Ok(json!({ "UserPool": pool.describe() }))
}

/// UpdateUserPool. What is not given returns to its default, as at AWS; what only CreateUserPool takes stays.
pub fn update_user_pool(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let pool = state.pool(input.text("UserPoolId")?)?;
    let mut settings: PoolSettings = read_settings(input.members())?;
    if settings.pool_name.is_empty() {
        settings.pool_name.clone_from(&pool.settings.pool_name);
    }
    settings.alias_attributes.clone_from(&pool.settings.alias_attributes);
    settings
        .username_attributes
        .clone_from(&pool.settings.username_attributes);
    settings.username_configuration = pool.settings.username_configuration.clone();
    settings.schema.clone_from(&pool.settings.schema);
    settings.keep_mfa_of(&pool.settings);
    settings.custom_auth.clone_from(&pool.settings.custom_auth);
    settings
        .web_authn_configuration
        .clone_from(&pool.settings.web_authn_configuration);
    settings.refuse_beyond_tier()?;
    pool.settings = settings;
    pool.modified = now;
    Ok(json!({}))
}

/// DeleteUserPool.
pub fn delete_user_pool(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let pool = state.pool(input.text("UserPoolId")?)?;
    if pool.settings.deletion_protection == DeletionProtection::Active {
        return Err(Exception::invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be \
             inactivated first.",
        ));
    }
    let id = pool.id.clone();
    state.pools.remove(&id);
    Ok(Value::Null)
}

/// ListUserPools.
pub fn list_user_pools(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let limit = input.number("MaxResults")?.unwrap_or(60);
    let pools = state.pools.values().map(|pool| {
        json!({
            "Id": pool.id,
            "Name": pool.settings.pool_name,
            "CreationDate": timestamp(pool.created),
            "LastModifiedDate": timestamp(pool.modified),
        })
    });
    super::page(
        pools.collect(),
        "UserPools",
        "NextToken",
        limit,
        input.optional_text("NextToken")?,
    )
}
