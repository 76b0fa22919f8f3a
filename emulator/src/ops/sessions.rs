//! The sessions of a user, which are their sign-ins: who sees them, and ending one of them.

use serde_json::{Value, json};

use super::admin_user::with_user;
use super::answer::Answer;
use super::bearer::signed_in;
use crate::clock::{Millis, timestamp};
use crate::error::Exception;
use crate::input::Input;
use crate::state::{SignIn, SignIns, State, User};

/// The lists have no size that a caller could choose.
const PAGE: usize = 60;

/// ListUserSessions: those of every client of the pool.
pub fn list_user_sessions(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let user = pool.users.get(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    list(&pool.sign_ins, user, Some(&bearer.origin_jti), input, now)
}

/// RevokeUserSession: any but the one that the access token came from.
pub fn revoke_user_session(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let id = input.text("SessionId")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let sign_ins = &mut scope.pool.sign_ins;
    let origin_jti = find(sign_ins, &bearer.sub, id, now)?;
    if origin_jti == bearer.origin_jti {
        return Err(Exception::invalid_parameter("The current session can't be revoked."));
    }
    sign_ins.revoke(&origin_jti);
    Ok(json!({}))
}

/// AdminListUserSessions.
pub fn admin_list_user_sessions(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    with_user(state, input, |user, scope| list(scope.sign_ins, user, None, input, now))
}

/// AdminRevokeUserSession.
pub fn admin_revoke_user_session(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let id = input.text("SessionId")?;
    with_user(state, input, |user, scope| {
        let origin_jti = find(scope.sign_ins, &user.sub, id, now)?;
        scope.sign_ins.revoke(&origin_jti);
        Ok(json!({}))
    })
}

fn list(sign_ins: &SignIns, user: &User, current: Option<&str>, input: Input<'_>, now: Millis) -> Answer {
    let sessions = sign_ins
        .active_of(&user.sub, now)
        .into_iter()
        .map(|sign_in| describe(sign_in, user, current == Some(sign_in.origin_jti.as_str())))
        .collect();
    super::page(
        sessions,
        "Sessions",
        "NextToken",
        PAGE,
        input.optional_text("NextToken")?,
    )
}

/// There is no single sign-on here, so every session is one of tokens and none is linked to another.
fn describe(sign_in: &SignIn, user: &User, is_current: bool) -> Value {
    let device = sign_in.device_key.as_deref().and_then(|key| user.devices.get(key));
    let device_type = device.and_then(|device| device.name.as_deref()).unwrap_or("unknown");
    json!({
        "SessionId": sign_in.session_id,
        "SessionType": "TOKEN",
        "ClientId": sign_in.client_id,
        "CreateDate": timestamp(sign_in.auth_time),
        "LastActiveDate": timestamp(sign_in.last_active),
        "DeviceType": device_type,
        "LastIPAddress": "127.0.0.1",
        "IsCurrentSession": is_current,
    })
}

/// The `origin_jti` of a user's session.
fn find(sign_ins: &SignIns, sub: &str, id: &str, now: Millis) -> Result<String, Exception> {
    sign_ins
        .active_of(sub, now)
        .into_iter()
        .find(|sign_in| sign_in.session_id == id)
        .map(|sign_in| sign_in.origin_jti.clone())
        .ok_or_else(|| Exception::resource_not_found("Session does not exist."))
}
