//! USER_SRP_AUTH and its PASSWORD_VERIFIER challenge: the password is proven and never sent.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::candidate::refuse_by_status;
use super::step::{Step, Taken};
use crate::clock::Millis;
use crate::error::Exception;
use crate::ids;
use crate::input::TextMap;
use crate::ops::known_password::check_password;
use crate::srp::{BadPublicValue, Exchange, Verifier, hmac};
use crate::srp_timestamp;
use crate::state::{Candidate, ClientScope, Flow, SrpChallenge, User};

/// Begins: both sides' public values are exchanged.
pub fn begin(scope: &mut ClientScope<'_>, parameters: &TextMap<'_>, flow: Flow, now: Millis) -> Taken {
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let name = parameters.username()?;
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
    let exchange = Exchange::begin(verifier, srp_a).map_err(|bad| refused(bad, srp_a))?;
    let (salt, srp_b) = (exchange.salt_hex(), exchange.srp_b());
    let challenge = SrpChallenge {
        candidate: Candidate {
            client_id: client.id.clone(),
            sub,
            user_id_for_srp: user_id.clone(),
            device_key: parameters.get("DEVICE_KEY").map(str::to_owned),
            flow,
        },
        exchange: Arc::new(exchange),
        expires: now + client.settings.challenge_lifetime(),
    };
    // No Session: the SECRET_BLOCK is the handle.
    Ok(Step::Exchange(json!({
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": salt,
            "SECRET_BLOCK": pool.challenges.open_srp(challenge, now),
            "SRP_B": srp_b,
            "USERNAME": user_id,
            "USER_ID_FOR_SRP": user_id,
        },
    })))
}

/// The answer to an `SRP_A` that cannot be used.
pub(super) fn refused(bad: BadPublicValue, srp_a: &str) -> Exception {
    match bad {
        BadPublicValue::NotHex => Exception::invalid_parameter(format!(
            "1 validation error detected: Value '{srp_a}' at 'sRPA' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[0-9a-fA-F]+$"
        )),
        BadPublicValue::TooLong => Exception::invalid_parameter("SRP_A is longer than any number of the group."),
        BadPublicValue::ZeroModN => Exception::wrong_password(),
    }
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

/// Answers the PASSWORD_VERIFIER challenge.
pub fn answer(scope: &mut ClientScope<'_>, responses: &TextMap<'_>, now: Millis) -> Taken {
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let claim = Claim::read(responses)?;
    client.check_later_secret_hash(claim.name, responses.get("SECRET_HASH"))?;
    let secret_block = claim.secret_block()?;
    let challenge = pool
        .challenges
        .srp(&secret_block)
        .filter(|challenge| challenge.candidate.client_id == client.id)
        .ok_or_else(Exception::wrong_password)?;
    if now >= challenge.expires {
        return Err(Exception::expired_session());
    }
    let pool_name = pool.name().to_owned();
    let mut candidate = challenge.candidate;
    let user = candidate
        .sub
        .as_deref()
        .and_then(|sub| pool.users.get_mut(sub))
        .ok_or_else(Exception::wrong_password)?;
    if pool.settings.fold(claim.name) != user.username && !answers_to_name(user, claim.name) {
        return Err(Exception::wrong_password());
    }
    // A password that was changed in between has no more to prove.
    let is_current = user
        .password
        .as_ref()
        .is_some_and(|password| challenge.exchange.is_of(&password.verifier));
    let proven = is_current
        && challenge.exchange.proves(
            &pool_name,
            &candidate.user_id_for_srp,
            &secret_block,
            &claim.timestamp,
            &claim.signature,
        );
    check_password(user, proven, now)?;
    refuse_by_status(user)?;
    // The claim is where clients name their device, and where they leave it out after it was refused.
    candidate.device_key = responses.get("DEVICE_KEY").map(str::to_owned);
    Ok(Step::FirstFactorProven(candidate))
}

/// What PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER are answered with.
pub(super) struct Claim<'a> {
    /// `USERNAME`.
    pub(super) name: &'a str,
    /// `TIMESTAMP`, as it is signed.
    pub(super) timestamp: String,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub(super) signature: Vec<u8>,
    secret_block: &'a str,
}

impl<'a> Claim<'a> {
    pub(super) fn read(responses: &TextMap<'a>) -> Result<Self, Exception> {
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
        Ok(Self {
            name,
            timestamp,
            signature,
            secret_block,
        })
    }

    /// `PASSWORD_CLAIM_SECRET_BLOCK`.
    pub(super) fn secret_block(&self) -> Result<Vec<u8>, Exception> {
        STANDARD
            .decode(self.secret_block)
            .map_err(|_| Exception::wrong_password())
    }
}

/// Clients send USER_ID_FOR_SRP back; some send what the user typed.
fn answers_to_name(user: &User, name: &str) -> bool {
    ["sub", "email", "phone_number", "preferred_username"]
        .into_iter()
        .filter_map(|attribute| user.attribute(attribute))
        .any(|value| value.to_lowercase() == name.to_lowercase())
}
