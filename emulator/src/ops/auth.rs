//! InitiateAuth and RespondToAuthChallenge: signing in.

use rand::distributions::{Alphanumeric, DistString};
use serde_json::{Value, json};

use super::{Answer, new_password, refresh, user_srp};
use crate::clock::Millis;
use crate::error::Exception;
use crate::ids;
use crate::input::{ANY, CLIENT_ID, Input, SESSION, TextMap};
use crate::state::{AuthFlow, Client, NewPasswordSession, Pool, State, User, UserStatus};
use crate::tokens;

/// What AWS calls an AuthFlow.
const AUTH_FLOWS: &str = "USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, \
USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH";
/// What AWS calls a ChallengeName.
const CHALLENGES: &str = "SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE, MFA_SETUP, PASSWORD_VERIFIER, \
CUSTOM_CHALLENGE, SELECT_CHALLENGE, DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER, ADMIN_NO_SRP_AUTH, \
NEW_PASSWORD_REQUIRED, SMS_OTP, PASSWORD, WEB_AUTHN, PASSWORD_SRP";

/// InitiateAuth.
pub fn initiate_auth(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let flow = input.text("AuthFlow", &ANY)?;
    let parameters = input.text_map("AuthParameters")?;
    let scope = state.client(input.text("ClientId", &CLIENT_ID)?)?;
    let (pool, client) = (scope.pool, scope.client);
    match flow {
        "USER_SRP_AUTH" => {
            client.settings.allow(AuthFlow::UserSrp)?;
            user_srp::begin(pool, &client, &parameters, now)
        }
        "USER_PASSWORD_AUTH" => {
            client.settings.allow(AuthFlow::UserPassword)?;
            sign_in_with_password(pool, &client, &parameters, now)
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            client.settings.allow(AuthFlow::RefreshToken)?;
            let token = parameters.required("REFRESH_TOKEN")?;
            let (sign_in, user) = refresh::owner(pool, &client, token, parameters.get("DEVICE_KEY"), now)?;
            client.check_later_secret_hash(&user.username, parameters.get("SECRET_HASH"))?;
            let result = tokens::issue(pool, &client, user, &sign_in, now)?;
            Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
        }
        _ if AUTH_FLOWS.split(", ").any(|known| known == flow) => Err(not_offered("flow", flow)),
        _ => Err(Exception::not_in_enum("authFlow", flow, AUTH_FLOWS)),
    }
}

/// RespondToAuthChallenge.
pub fn respond_to_auth_challenge(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let challenge = input.text("ChallengeName", &ANY)?;
    let session = input.optional_text("Session", &SESSION)?;
    let responses = input.text_map("ChallengeResponses")?;
    let scope = state.client(input.text("ClientId", &CLIENT_ID)?)?;
    let (pool, client) = (scope.pool, scope.client);
    match challenge {
        "PASSWORD_VERIFIER" => user_srp::answer(pool, &client, &responses, now),
        "NEW_PASSWORD_REQUIRED" => new_password::answer(pool, &client, session, &responses, now),
        _ if CHALLENGES.split(", ").any(|known| known == challenge) => Err(not_offered("challenge", challenge)),
        _ => Err(Exception::not_in_enum("challengeName", challenge, CHALLENGES)),
    }
}

fn sign_in_with_password(pool: &mut Pool, client: &Client, parameters: &TextMap<'_>, now: Millis) -> Answer {
    let name = parameters.required("USERNAME")?;
    let password = parameters.required("PASSWORD")?;
    client.check_secret_hash(name, parameters.get("SECRET_HASH"))?;
    let pool_name = pool.name().to_owned();
    let Some(user) = pool.users.sign_in_name(&pool.settings, name) else {
        return Err(if client.settings.hides_user_existence() {
            Exception::wrong_password()
        } else {
            Exception::user_not_found()
        });
    };
    refuse_by_status(user)?;
    let right = user
        .password
        .as_ref()
        .is_some_and(|known| known.verifier.accepts(&pool_name, &user.username, password));
    check_password(user, right, now)?;
    let sub = user.sub.clone();
    finish(pool, client, &sub, now)
}

/// What AWS looks at before the password.
pub(super) fn refuse_by_status(user: &User) -> Result<(), Exception> {
    if !user.enabled {
        return Err(Exception::not_authorized("User is disabled."));
    }
    match user.status {
        UserStatus::Unconfirmed => Err(Exception::new("UserNotConfirmedException", "User is not confirmed.")),
        UserStatus::ResetRequired => Err(Exception::new(
            "PasswordResetRequiredException",
            "Password reset required for the user",
        )),
        UserStatus::Confirmed | UserStatus::ForceChangePassword => Ok(()),
    }
}

/// Counts wrong passwords; refuses even the right one while the user is locked out.
pub(super) fn check_password(user: &mut User, right: bool, now: Millis) -> Result<(), Exception> {
    if user.lockout.is_locked(now) {
        return Err(Exception::not_authorized("Password attempts exceeded"));
    }
    if !right {
        user.lockout.failed(now);
        return Err(Exception::wrong_password());
    }
    user.lockout.succeeded();
    Ok(())
}

/// After the right password: a challenge if the password is temporary, else tokens.
pub(super) fn finish(pool: &mut Pool, client: &Client, sub: &str, now: Millis) -> Answer {
    let user = pool.users.get(sub).ok_or_else(Exception::wrong_password)?;
    if user.status != UserStatus::ForceChangePassword {
        return authenticated(pool, client, sub, now);
    }
    let temporary_until = user.password.as_ref().and_then(|password| password.temporary_until);
    if temporary_until.is_some_and(|until| now >= until) {
        return Err(Exception::not_authorized(
            "Temporary password has expired and must be reset by an administrator.",
        ));
    }
    let parameters = new_password::parameters(pool, client, user);
    let session = NewPasswordSession {
        client_id: client.id.clone(),
        sub: sub.to_owned(),
        expires: now + client.settings.challenge_lifetime(),
    };
    Ok(json!({
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": pool.challenges.open_session(session, now),
        "ChallengeParameters": parameters,
    }))
}

/// A completed sign-in: `AuthenticationResult` with all three tokens.
pub(super) fn authenticated(pool: &mut Pool, client: &Client, sub: &str, now: Millis) -> Answer {
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

fn not_offered(kind: &str, name: &str) -> Exception {
    Exception::new(
        "UnsupportedOperationException",
        format!("The emulator does not have the {kind} {name}."),
    )
}
