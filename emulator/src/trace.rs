//! Whom a request is about and which refresh token it brings, for the request log. Nothing secret comes out of here.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::jwt;
use crate::state::{Pool, State};

/// What the request log says of a request beyond its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// A user there is. What was typed is not shown: people type passwords into the wrong field.
    pub username: Option<String>,
    /// For a refresh with a token that was issued here.
    pub refresh: Option<Refresh>,
}

/// The refresh token of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Refresh {
    /// 1 for the token of the sign-in, 2 for the one that it was exchanged for.
    pub generation: u32,
    /// Whether it had been exchanged already.
    pub reuse: bool,
}

/// Looks at a request before it is carried out.
pub fn trace(state: &mut State, operation: &str, members: &Map<String, Value>) -> Trace {
    let text = |map: Option<&Value>, name: &str| map?.get(name)?.as_str().map(str::to_owned);
    let member = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let (parameters, responses) = (members.get("AuthParameters"), members.get("ChallengeResponses"));

    if let Some(token) = member("AccessToken") {
        return Trace {
            username: bearer(state, &token),
            refresh: None,
        };
    }
    let Some(pool) = pool(state, member("UserPoolId"), member("ClientId")) else {
        return Trace::default();
    };
    let refresh_token = member("RefreshToken").or_else(|| text(parameters, "REFRESH_TOKEN"));
    if let Some(token) = refresh_token.clone().or_else(|| member("Token")) {
        let owner = pool.sign_ins.of_refresh_token(&token);
        let is_refresh = matches!(
            operation,
            "GetTokensFromRefreshToken" | "InitiateAuth" | "AdminInitiateAuth"
        );
        return Trace {
            username: owner
                .and_then(|sign_in| pool.users.get(&sign_in.sub))
                .map(|user| user.username.clone()),
            refresh: refresh_token
                .filter(|_| is_refresh)
                .and_then(|token| pool.sign_ins.generation(&token))
                .map(|(generation, reuse)| Refresh { generation, reuse }),
        };
    }
    let name = member("Username")
        .or_else(|| text(parameters, "USERNAME"))
        .or_else(|| text(responses, "USERNAME"));
    Trace {
        username: name
            .and_then(|name| pool.users.any_name(&pool.settings, &name))
            .map(|user| user.username.clone()),
        refresh: None,
    }
}

fn bearer(state: &State, token: &str) -> Option<String> {
    let claims = jwt::claims(token)?;
    let pool_id = claims.get("iss")?.as_str()?.rsplit('/').next()?;
    let user = state.pools.get(pool_id)?.users.get(claims.get("sub")?.as_str()?)?;
    Some(user.username.clone())
}

fn pool(state: &mut State, pool_id: Option<String>, client_id: Option<String>) -> Option<&mut Pool> {
    match pool_id {
        Some(id) => state.pools.get_mut(&id),
        None => state.client(&client_id?).ok().map(|scope| scope.pool),
    }
}
