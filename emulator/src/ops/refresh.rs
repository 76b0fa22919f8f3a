//! Refreshing and revoking.

use serde_json::{Value, json};

use super::answer::Answer;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::{Client, Pool, SignIn, State, User};
use crate::tokens;

/// GetTokensFromRefreshToken. With rotation on, the token is spent and another comes with the answer.
pub fn get_tokens_from_refresh_token(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let token = input.text("RefreshToken")?;
    let secret = input.optional_text("ClientSecret")?;
    let device_key = input.optional_text("DeviceKey")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    client.check_secret(secret)?;
    let (sign_in, user) = owner(pool, &client, token, device_key, now)?;
    let mut result = tokens::issue(pool, &client, user, &sign_in, now)?;
    pool.sign_ins.touch(&sign_in.origin_jti, now);
    if let Some(grace) = client.settings.rotation_grace()
        && let Some(next) = pool.sign_ins.rotate(token, grace, now)
        && let Some(members) = result.as_object_mut()
    {
        members.insert("RefreshToken".to_owned(), Value::String(next));
    }
    Ok(json!({ "AuthenticationResult": result }))
}

/// RevokeToken: ends the sign-in that a refresh token came from. A token that was never issued counts as revoked.
pub fn revoke_token(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let token = input.text("Token")?;
    let secret = input.optional_text("ClientSecret")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    client.check_secret(secret)?;
    if !client.settings.enable_token_revocation {
        return Err(Exception::new(
            "UnsupportedOperationException",
            format!("Token revocation is not enabled for client {}.", client.id),
        ));
    }
    if token.split('.').count() == 3 {
        return Err(Exception::new(
            "UnsupportedTokenTypeException",
            "Only a refresh token can be revoked.",
        ));
    }
    let Some(sign_in) = pool.sign_ins.of_refresh_token(token) else {
        return Ok(json!({}));
    };
    if sign_in.client_id != client.id {
        return Err(Exception::new(
            "UnauthorizedException",
            "The refresh token belongs to another client.",
        ));
    }
    let origin_jti = sign_in.origin_jti.clone();
    pool.sign_ins.revoke(&origin_jti);
    Ok(json!({}))
}

/// Who may refresh with this token, on this device where the pool tracks devices.
pub(super) fn owner<'a>(
    pool: &'a Pool,
    client: &Client,
    token: &str,
    device_key: Option<&str>,
    now: Millis,
) -> Result<(SignIn, &'a User), Exception> {
    let sign_in = pool.sign_ins.refresh(token, &client.id, now)?;
    let user = pool
        .users
        .get(&sign_in.sub)
        .ok_or_else(|| Exception::not_authorized("The user has been deleted for the associated refresh token"))?;
    // A device that was not confirmed, or was forgotten since, cannot refresh either.
    let on_its_device = |own: &str| device_key == Some(own) && user.devices.get(own).is_some();
    if pool.settings.tracks_devices() && !sign_in.device_key.as_deref().is_none_or(on_its_device) {
        return Err(Exception::not_authorized("Invalid Refresh Token."));
    }
    if !user.enabled {
        return Err(Exception::not_authorized("User is disabled."));
    }
    Ok((sign_in, user))
}
