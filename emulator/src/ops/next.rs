//! What comes next for whoever signs in: after the first factor a new password, then the second factor, then tokens.

use rand::distributions::{Alphanumeric, DistString};
use serde_json::{Value, json};

use super::{Answer, custom_auth, mfa, new_password};
use crate::clock::Millis;
use crate::error::Exception;
use crate::ids;
use crate::state::{Candidate, Challenge, ClientScope, Flow, UserStatus};
use crate::tokens;

/// After the first factor: a challenge if the password is temporary, else whatever follows a lasting one.
pub fn after_first_factor(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Answer {
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

/// After a password that lasts: the questions of a custom flow, or the second factor if one is due.
pub fn after_password(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Answer {
    if candidate.flow == Flow::Custom {
        return custom_auth::ask(scope, candidate, 0, 0, now);
    }
    match mfa::due(scope, &candidate, now)? {
        Some(challenge) => Ok(challenge),
        None => after_all_factors(scope, &candidate, now),
    }
}

/// After every factor: the device, where it has to prove itself, comes here; then tokens.
pub fn after_all_factors(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Answer {
    authenticated(scope, candidate, now)
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

/// A completed sign-in: `AuthenticationResult` with all three tokens.
fn authenticated(scope: &mut ClientScope<'_>, candidate: &Candidate, now: Millis) -> Answer {
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let sub = candidate.sub.as_deref().ok_or_else(Exception::wrong_password)?;
    let device = pool.settings.tracks_devices().then(|| NewDevice::of(pool.region()));
    let device_key = device.as_ref().map(|device| device.key.clone());
    let sign_in = pool.sign_ins.begin(&client.id, sub, device_key, now);
    let user = pool.users.get(sub).ok_or_else(Exception::user_not_found)?;
    let mut result = tokens::issue(pool, client, user, &sign_in, now)?;
    let refresh_token = pool
        .sign_ins
        .issue(&sign_in.origin_jti, now + client.settings.refresh_token_lifetime());
    if let Some(members) = result.as_object_mut() {
        members.insert("RefreshToken".to_owned(), Value::String(refresh_token));
        if let Some(device) = device {
            let metadata = json!({ "DeviceKey": device.key, "DeviceGroupKey": device.group });
            members.insert("NewDeviceMetadata".to_owned(), metadata);
        }
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

/// A device that has just been seen for the first time.
struct NewDevice {
    key: String,
    group: String,
}

impl NewDevice {
    fn of(region: &str) -> Self {
        Self {
            key: format!("{region}_{}", ids::random()),
            group: format!("-{}", Alphanumeric.sample_string(&mut rand::thread_rng(), 8)),
        }
    }
}
