//! InitiateAuth and RespondToAuthChallenge: signing in.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Answer, new_password, refresh};
use crate::clock::Millis;
use crate::error::Exception;
use crate::ids;
use crate::input::{ANY, CLIENT_ID, Input, SESSION, TextMap};
use crate::srp::{BadPublicValue, Exchange, Verifier, hmac};
use crate::srp_timestamp;
use crate::state::{AuthFlow, Client, NewPasswordSession, Pool, SrpChallenge, State, User, UserStatus};
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
            begin_srp(pool, &client, &parameters, now)
        }
        "USER_PASSWORD_AUTH" => {
            client.settings.allow(AuthFlow::UserPassword)?;
            sign_in_with_password(pool, &client, &parameters, now)
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            client.settings.allow(AuthFlow::RefreshToken)?;
            let token = parameters.required("REFRESH_TOKEN")?;
            let (sign_in, user) = refresh::owner(pool, &client, token, now)?;
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
        "PASSWORD_VERIFIER" => answer_password_verifier(pool, &client, &responses, now),
        "NEW_PASSWORD_REQUIRED" => new_password::answer(pool, &client, session, &responses, now),
        _ if CHALLENGES.split(", ").any(|known| known == challenge) => Err(not_offered("challenge", challenge)),
        _ => Err(Exception::not_in_enum("challengeName", challenge, CHALLENGES)),
    }
}

fn begin_srp(pool: &mut Pool, client: &Client, parameters: &TextMap<'_>, now: Millis) -> Answer {
    let name = parameters.required("USERNAME")?;
    let srp_a = parameters.required("SRP_A")?;
    client.check_secret_hash(name, parameters.get("SECRET_HASH"))?;
    let (sub, user_id, verifier) = match pool.users.sign_in_name(&pool.settings, name) {
        Some(user) => {
            refuse_by_status(user)?;
            let known = user.password.as_ref().map(|password| password.verifier.clone());
            let verifier = known.unwrap_or_else(|| simulated(pool_seed(&pool.simulation_secret, &user.username)).1);
            (Some(user.sub.clone()), user.username.clone(), verifier)
        }
        None if client.settings.hides_user_existence() => {
            let (user_id, verifier) = simulated(pool_seed(&pool.simulation_secret, &pool.settings.fold(name)));
            (None, user_id, verifier)
        }
        None => return Err(Exception::user_not_found()),
    };
    let exchange = Exchange::begin(verifier, srp_a).map_err(|bad| match bad {
        BadPublicValue::NotHex => Exception::invalid_parameter(format!(
            "1 validation error detected: Value '{srp_a}' at 'sRPA' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
        )),
        BadPublicValue::ZeroModN => Exception::wrong_password(),
    })?;
    let (salt, srp_b) = (exchange.salt_hex(), exchange.srp_b());
    let challenge = SrpChallenge {
        client_id: client.id.clone(),
        sub,
        user_id_for_srp: user_id.clone(),
        exchange: Arc::new(exchange),
        expires: now + client.settings.challenge_lifetime(),
    };
    // No Session: the SECRET_BLOCK is the handle.
    Ok(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": salt,
            "SECRET_BLOCK": pool.challenges.open_srp(challenge, now),
            "SRP_B": srp_b,
            "USERNAME": user_id,
            "USER_ID_FOR_SRP": user_id,
        },
    }))
}

/// A secret of the pool's own for a name: the same each time, and nothing anyone outside can compute.
fn pool_seed(secret: &[u8; 32], name: &str) -> [u8; 32] {
    let mut mac = hmac(secret);
    mac.update(name.as_bytes());
    mac.finalize().into_bytes().into()
}

/// The id and verifier of a user who does not exist; AWS simulates the id in the form of a UUID.
fn simulated(seed: [u8; 32]) -> (String, Verifier) {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(Sha256::digest(seed)) {
        *to = from;
    }
    (ids::from_bytes(id), Verifier::simulated(&seed))
}

fn answer_password_verifier(pool: &mut Pool, client: &Client, responses: &TextMap<'_>, now: Millis) -> Answer {
    if responses.is_empty() {
        return Err(Exception::missing_parameter("challenge responses."));
    }
    let name = responses.required("USERNAME")?;
    let timestamp = responses.required("TIMESTAMP")?;
    let signature = responses.required("PASSWORD_CLAIM_SIGNATURE")?;
    let secret_block = responses.required("PASSWORD_CLAIM_SECRET_BLOCK")?;
    let timestamp = srp_timestamp::canonical(timestamp).ok_or_else(|| {
        Exception::invalid_parameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
    })?;
    let signature = STANDARD.decode(signature).map_err(|_| {
        Exception::invalid_parameter("Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
    })?;
    client.check_later_secret_hash(name, responses.get("SECRET_HASH"))?;
    let secret_block = STANDARD.decode(secret_block).map_err(|_| Exception::wrong_password())?;
    let challenge = pool
        .challenges
        .srp(&secret_block)
        .filter(|challenge| challenge.client_id == client.id)
        .ok_or_else(Exception::wrong_password)?;
    if now >= challenge.expires {
        return Err(Exception::not_authorized(
            "Invalid session for the user, session is expired.",
        ));
    }
    let pool_name = pool.name().to_owned();
    let user = challenge
        .sub
        .as_deref()
        .and_then(|sub| pool.users.get_mut(sub))
        .ok_or_else(Exception::wrong_password)?;
    if pool.settings.fold(name) != user.username && !answers_to_name(user, name) {
        return Err(Exception::wrong_password());
    }
    let proven = challenge.exchange.proves(
        &pool_name,
        &challenge.user_id_for_srp,
        &secret_block,
        &timestamp,
        &signature,
    );
    check_password(user, proven, now)?;
    refuse_by_status(user)?;
    let sub = user.sub.clone();
    finish(pool, client, &sub, now)
}

/// Clients send USER_ID_FOR_SRP back; some send what the user typed.
fn answers_to_name(user: &User, name: &str) -> bool {
    ["sub", "email", "phone_number", "preferred_username"]
        .into_iter()
        .filter_map(|attribute| user.attribute(attribute))
        .any(|value| value.to_lowercase() == name.to_lowercase())
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
fn refuse_by_status(user: &User) -> Result<(), Exception> {
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
fn finish(pool: &mut Pool, client: &Client, sub: &str, now: Millis) -> Answer {
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
    let sign_in = pool.sign_ins.begin(&client.id, sub, now);
    let user = pool.users.get(sub).ok_or_else(Exception::user_not_found)?;
    let mut result = tokens::issue(pool, client, user, &sign_in, now)?;
    let refresh_token = pool
        .sign_ins
        .issue(&sign_in.origin_jti, now + client.settings.refresh_token_lifetime());
    if let Some(members) = result.as_object_mut() {
        members.insert("RefreshToken".to_owned(), Value::String(refresh_token));
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

fn not_offered(kind: &str, name: &str) -> Exception {
    Exception::new(
        "UnsupportedOperationException",
        format!("The emulator does not have the {kind} {name}."),
    )
}
