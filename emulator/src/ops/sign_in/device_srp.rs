//! DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER: a remembered device proves that it is the one that was confirmed.
//!
//! The formulas are those of a user's password, with the device's group key for the pool's name, its key for the user's,
//! and the password that it made up when it was confirmed.

use std::sync::Arc;

use serde_json::json;

use super::candidate::refuse_by_status;
use super::step::{Step, Taken};
use super::user_srp::{self, Claim};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::srp::Exchange;
use crate::state::{Candidate, Challenge, ClientScope, Device, SrpChallenge};

/// Refuses a device that the user does not have. Clients then drop what they kept of it and sign in without.
pub(super) fn refuse_unknown(scope: &ClientScope<'_>, candidate: &Candidate) -> Result<(), Exception> {
    let Some(key) = candidate
        .device_key
        .as_deref()
        .filter(|_| scope.pool.settings.tracks_devices())
    else {
        return Ok(());
    };
    match scope.user(candidate)?.devices.get(key) {
        Some(_) => Ok(()),
        None => Err(Exception::no_device()),
    }
}

/// Whether the device, if it proves itself, stands for the second factor.
pub(super) fn replaces_second_factor(scope: &ClientScope<'_>, candidate: &Candidate) -> bool {
    let configuration = scope.pool.settings.device_configuration.as_ref();
    configuration.is_some_and(|configuration| configuration.challenge_required_on_new_device)
        && remembered(scope, candidate).is_some()
}

/// Asks the device to prove itself, if it is one that is remembered.
pub(super) fn due(scope: &ClientScope<'_>, candidate: &Candidate) -> Option<Step> {
    remembered(scope, candidate)?;
    let parameters = json!({ "USERNAME": candidate.user_id_for_srp, "DEVICE_KEY": candidate.device_key });
    Some(Step::Ask(candidate.clone(), Challenge::DeviceSrp, parameters))
}

/// Answers DEVICE_SRP_AUTH: both sides' public values are exchanged.
pub(super) fn begin(scope: &mut ClientScope<'_>, candidate: Candidate, responses: &TextMap<'_>, now: Millis) -> Taken {
    let srp_a = responses.required("SRP_A")?;
    let key = responses.required("DEVICE_KEY")?;
    let device = remembered(scope, &candidate)
        .filter(|device| device.key == key)
        .ok_or_else(Exception::no_device)?;
    let exchange = Exchange::begin(device.verifier.clone(), srp_a).map_err(|bad| user_srp::refused(bad, srp_a))?;
    let (salt, srp_b, user_id) = (exchange.salt_hex(), exchange.srp_b(), candidate.user_id_for_srp.clone());
    let challenge = SrpChallenge {
        candidate,
        exchange: Arc::new(exchange),
        expires: now + scope.client.settings.challenge_lifetime(),
    };
    let pool = &mut *scope.pool;
    Ok(Step::Exchange(json!({
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": salt,
            "SECRET_BLOCK": pool.challenges.open_device_srp(challenge, now),
            "SRP_B": srp_b,
            "DEVICE_KEY": key,
            "USERNAME": user_id,
        },
    })))
}

/// Answers DEVICE_PASSWORD_VERIFIER. As for a password, the secret block is the handle.
pub(super) fn answer(scope: &mut ClientScope<'_>, responses: &TextMap<'_>, now: Millis) -> Taken {
    let claim = Claim::read(responses)?;
    let key = responses.required("DEVICE_KEY")?;
    scope
        .client
        .check_later_secret_hash(claim.name, responses.get("SECRET_HASH"))?;
    let secret_block = claim.secret_block()?;
    let challenge = scope
        .pool
        .challenges
        .device_srp(&secret_block)
        .filter(|challenge| challenge.candidate.client_id == scope.client.id)
        .ok_or_else(Exception::wrong_password)?;
    if now >= challenge.expires {
        return Err(Exception::expired_session());
    }
    let candidate = challenge.candidate;
    refuse_by_status(scope.user(&candidate)?)?;
    let device = remembered(scope, &candidate)
        .filter(|device| device.key == key)
        .ok_or_else(Exception::no_device)?;
    let proven = challenge.exchange.is_of(&device.verifier)
        && challenge.exchange.proves(
            &device.group,
            &device.key,
            &secret_block,
            &claim.timestamp,
            &claim.signature,
        );
    if !proven {
        return Err(Exception::wrong_password());
    }
    scope.pool.challenges.spend_device_srp(&secret_block);
    Ok(Step::DeviceProven(candidate, key.to_owned()))
}

/// The candidate's device, if the user wants it remembered.
fn remembered<'a>(scope: &'a ClientScope<'_>, candidate: &Candidate) -> Option<&'a Device> {
    let key = candidate.device_key.as_deref()?;
    if !scope.pool.settings.tracks_devices() {
        return None;
    }
    let device = scope.user(candidate).ok()?.devices.get(key)?;
    device.remembered.then_some(device)
}
