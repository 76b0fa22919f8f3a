//! What comes next for whoever signs in: after the first factor a new password, then the second factor, then tokens.

use serde_json::{Value, json};

use super::{Answer, custom_auth, device_srp, mfa, new_password};
use crate::clock::Millis;
use crate::error::Exception;
use crate::state::{Candidate, Challenge, ClientScope, Flow, NewDevice, UserStatus};
use crate::tokens;

/// After the first factor: a challenge if the password is temporary, else whatever follows a lasting one.
pub fn after_first_factor(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Answer {
    device_srp::refuse_unknown(scope, &candidate)?;
    let user = scope.user(&candidate)?;
    if user.status != UserStatus::ForceChangePassword {
        return after_password(scope, candidate, now);
    }
    let temporary_until = user.password.as_ref().and_then(|password| password.temporary_until);
    if temporary_until.is_some_and(|until| now >= until) {
        return Err(Exception::not_authorized(
            "Temporary password has expired and must be reset by an administrator.",
        ));
    }
    let parameters = new_password::parameters(scope.pool, &scope.client, user);
    Ok(challenge(
        scope,
        candidate,
        Challenge::NewPasswordRequired,
        "NEW_PASSWORD_REQUIRED",
        parameters,
        now,
    ))
}

/// After a password that lasts: the questions of a custom flow, or the second factor if one is due and no remembered
/// device stands for it.
pub fn after_password(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Answer {
    if candidate.flow == Flow::Custom {
        return custom_auth::ask(scope, candidate, 0, 0, now);
    }
    if device_srp::replaces_second_factor(scope, &candidate) {
        return after_all_factors(scope, &candidate, now);
    }
    match mfa::due(scope, &candidate, now)? {
        Some(challenge) => Ok(challenge),
        None => after_all_factors(scope, &candidate, now),
    }
}

/// After every factor: a remembered device has to prove itself; then tokens.
pub fn after_all_factors(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Answer {
    match device_srp::due(scope, candidate, now) {
        Some(challenge) => Ok(challenge),
        None => authenticated(scope, candidate, None, now),
    }
}

/// A challenge with a `Session` of its own.
pub fn challenge(
    scope: &mut ClientScope<'_>,
    candidate: Candidate,
    asked: Challenge,
    name: &str,
    parameters: Value,
    now: Millis,
) -> Value {
    let lifetime = scope.client.settings.challenge_lifetime();
    json!({
        "ChallengeName": name,
        "Session": scope.pool.challenges.open(candidate, asked, lifetime, now),
        "ChallengeParameters": parameters,
    })
}

/// A completed sign-in, on a device that has proven itself or on one to be seen for the first time:
/// `AuthenticationResult` with all three tokens.
pub fn authenticated(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    proven_device: Option<&str>,
    now: Millis,
) -> Answer {
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let sub = candidate.sub.as_deref().ok_or_else(Exception::wrong_password)?;
    let is_new = pool.settings.tracks_devices() && proven_device.is_none();
    let new_device = is_new.then(|| NewDevice::of(pool.region()));
    let user = pool.users.get_mut(sub).ok_or_else(Exception::user_not_found)?;
    if let Some(device) = &new_device {
        user.devices.offer(device);
    }
    if let Some(device) = proven_device.and_then(|key| user.devices.get_mut(key)) {
        device.last_authenticated = now;
    }
    let device_key = proven_device.or(new_device.as_ref().map(|device| device.key.as_str()));
    let sign_in = pool.sign_ins.begin(&client.id, sub, device_key.map(str::to_owned), now);
    let user = pool.users.get(sub).ok_or_else(Exception::user_not_found)?;
    let mut result = tokens::issue(pool, client, user, &sign_in, now)?;
    let refresh_token = pool
        .sign_ins
        .issue(&sign_in.origin_jti, now + client.settings.refresh_token_lifetime());
    if let Some(members) = result.as_object_mut() {
        members.insert("RefreshToken".to_owned(), Value::String(refresh_token));
        if let Some(device) = new_device {
            members.insert("NewDeviceMetadata".to_owned(), device.metadata());
        }
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}
