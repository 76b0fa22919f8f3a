//! Issuing tokens and checking them.

use serde_json::{Map, Value, json};

use crate::clock::{Millis, SECOND, seconds};
use crate::error::Exception;
use crate::ids;
use crate::jwt;
use crate::state::{Client, Pool, SignIn, State, User};

/// The scope of a sign-in by API, and the one that the operations of a signed-in user ask for.
const API_SCOPE: &str = "aws.cognito.signin.user.admin";

/// `AuthenticationResult` without a refresh token.
pub fn issue(pool: &Pool, client: &Client, user: &User, sign_in: &SignIn, now: Millis) -> Result<Value, Exception> {
    let event_id = ids::random();
    let common = |token_use: &str, lifetime: Millis| {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("sub", json!(user.sub));
        put("iss", json!(pool.issuer()));
        put("origin_jti", json!(sign_in.origin_jti));
        put("event_id", json!(event_id));
        put("token_use", json!(token_use));
        put("auth_time", json!(seconds(sign_in.auth_time)));
        put("iat", json!(seconds(now)));
        put("exp", json!(seconds(now) + lifetime / SECOND));
        put("jti", json!(ids::random()));
        claims
    };

    let mut id = common("id", client.settings.id_token_lifetime());
    id.insert("aud".to_owned(), json!(client.id));
    id.insert("cognito:username".to_owned(), json!(user.username));
    for (name, value) in user
        .attributes
        .iter()
        .filter(|(name, _)| client.settings.can_read(name))
    {
        id.insert(name.clone(), claim_value(name, value));
    }

    id.extend(pool.groups.id_claims(user));

    let mut access = common("access", client.settings.access_token_lifetime());
    access.insert("client_id".to_owned(), json!(client.id));
    access.insert("scope".to_owned(), json!(API_SCOPE));
    access.insert("username".to_owned(), json!(user.username));
    access.extend(pool.groups.access_claims(user));
    if let Some(key) = &sign_in.device_key {
        access.insert("device_key".to_owned(), json!(key));
    }

    let (Some(id_token), Some(access_token)) = (pool.keys.id.sign(&id), pool.keys.access.sign(&access)) else {
        return Err(Exception {
            status: 500,
            ..Exception::new("InternalErrorException", "The emulator could not make a signing key.")
        });
    };
    Ok(json!({
        "AccessToken": access_token,
        "ExpiresIn": client.settings.access_token_lifetime() / SECOND,
        "IdToken": id_token,
        "TokenType": "Bearer",
    }))
}

/// Attributes are text in tokens too, custom ones always; a few standard claims have a type of their own.
fn claim_value(name: &str, value: &str) -> Value {
    match name {
        "email_verified" | "phone_number_verified" => json!(value == "true"),
        "address" => json!({ "formatted": value }),
        "updated_at" => value
            .parse::<i64>()
            .map_or_else(|_| json!(value), |number| json!(number)),
        _ => json!(value),
    }
}

/// Whose access token this is.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// The client's id.
    pub client_id: String,
    /// The user's `sub`.
    pub sub: String,
    /// The sign-in it came from.
    pub origin_jti: String,
}

/// Accepts an access token as AWS does: signature, purpose, expiry, user, revocation, scope.
pub fn authorize(state: &State, token: &str, now: Millis) -> Result<Bearer, Exception> {
    let refused = |message: &'static str| Exception::not_authorized(message);
    let invalid = || refused("Invalid Access Token");
    let claims = jwt::claims(token).ok_or_else(invalid)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).ok_or_else(invalid);
    let pool_id = text("iss")?.rsplit('/').next().unwrap_or_default();
    let pool = state.pools.get(pool_id).ok_or_else(invalid)?;
    if text("token_use")? != "access" {
        return Err(invalid());
    }
    if !pool.keys.access.signed(token) {
        return Err(refused("Could not verify signature for Access Token"));
    }
    if claims
        .get("exp")
        .and_then(Value::as_i64)
        .is_none_or(|expires| seconds(now) >= expires)
    {
        return Err(refused("Access Token has expired"));
    }
    let user = pool.users.get(text("sub")?).ok_or_else(Exception::user_not_found)?;
    if !user.enabled {
        return Err(refused("User is disabled."));
    }
    let origin_jti = text("origin_jti")?;
    if pool.sign_ins.is_revoked(origin_jti) {
        return Err(refused("Access Token has been revoked"));
    }
    if !text("scope")?.split(' ').any(|scope| scope == API_SCOPE) {
        return Err(refused("Access Token does not have required scopes"));
    }
    Ok(Bearer {
        client_id: text("client_id")?.to_owned(),
        sub: user.sub.clone(),
        origin_jti: origin_jti.to_owned(),
    })
}
