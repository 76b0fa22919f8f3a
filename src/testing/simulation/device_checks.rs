//! What the devices of the pool are held to.

use serde_json::Value;

use super::calls::Seen;
use super::cognito::{USERS, issue_of};
use super::invariants::Invariant;
use super::world::World;

/// A request is sent, which may name a device.
pub(super) fn sent(world: &World, body: &Value) {
    let cognito = world.cognito.borrow();
    let parameter = |name: &str| ["AuthParameters", "ChallengeResponses"].map(|list| body[list][name].clone());
    let first = |values: &[Value]| values.iter().find(|value| !value.is_null()).cloned();
    let key = first(&[parameter("DEVICE_KEY").to_vec(), vec![body["DeviceKey"].clone()]].concat());
    let device = key.as_ref().and_then(|key| cognito.device(key));
    let renewed = first(&[
        body["RefreshToken"].clone(),
        body["AuthParameters"]["REFRESH_TOKEN"].clone(),
    ]);
    let family = renewed
        .and_then(|token| Some(cognito.refresh_tokens[cognito.refresh_token(&token)?].family))
        .or_else(|| Some(cognito.issues[issue_of(body["AccessToken"].as_str()?)?].family));
    if let Some(device) = device {
        let named = first(&parameter("USERNAME")).and_then(|name| USERS.iter().position(|user| name == **user));
        let user = family.map(|family| cognito.families[family].user).or(named);
        let is_users = user == Some(cognito.devices[device].user);
        world.demand(Invariant::OwnDevice, is_users, || {
            format!("{user:?} is sent with device {device}.")
        });
    }
    let bound = family.and_then(|family| cognito.families[family].device);
    let is_renewal = body["AccessToken"].is_null() && body["Token"].is_null();
    if let Some(bound) = bound.filter(|bound| is_renewal && cognito.devices[*bound].is_known) {
        world.demand(Invariant::OwnDevice, device == Some(bound), || {
            format!("Device {bound} is asked for, and {device:?} is named.")
        });
    }
}

/// Something was stored.
pub(super) fn devices_kept(world: &World) {
    for (device, user) in kept(world) {
        let owner = world.cognito.borrow().devices[device].user;
        world.demand(Invariant::OwnDevice, user == owner, || {
            format!("Device {device} is kept for {}.", USERS[user])
        });
        let devices = world.store.borrow().devices();
        let is_drawn = devices.of_user(USERS[user]).is_some_and(|device| {
            let password = device.password.reveal();
            password.bytes().any(|letter| letter != b'A' && letter != b'=')
        });
        world.demand(Invariant::Unguessable, is_drawn, || {
            format!("Device {device} has a password of zeros.")
        });
    }
}

/// The secrets of all devices are about to be removed: those that are there, and those of sessions that are over.
pub(super) fn devices_cleared(world: &World) {
    let cognito = world.cognito.borrow();
    let mut ledger = world.ledger.borrow_mut();
    let ended = ledger
        .ended
        .keys()
        .filter_map(|family| cognito.families[*family].device);
    let ended = ended.collect::<Vec<_>>();
    ledger.forgotten.extend(ended);
    ledger.forgotten.extend(kept(world).map(|(device, _)| device));
}

/// A call has succeeded that forgets devices of the user whom it saw.
pub(super) fn devices_forgotten(world: &World, seen: Option<&Seen>) {
    let cognito = world.cognito.borrow();
    let user = seen.and_then(|seen| Some(cognito.families[seen.family?].user));
    let devices = cognito.devices.iter().enumerate();
    let gone = devices.filter(|(_, device)| Some(device.user) == user && !device.is_known);
    world
        .ledger
        .borrow_mut()
        .forgotten
        .extend(gone.map(|(number, _)| number));
}

/// In the end nothing is kept that was forgotten.
pub(super) fn forgotten(world: &World) {
    for (device, _) in kept(world) {
        let is_forgotten = world.ledger.borrow().forgotten.contains(&device);
        world.demand(Invariant::Forgotten, !is_forgotten, || {
            format!("Device {device} is kept.")
        });
    }
}

/// The devices whose secrets are stored, and whose they are.
fn kept(world: &World) -> impl Iterator<Item = (usize, usize)> {
    let devices = world.store.borrow().devices();
    let of_user = |user: usize| {
        let device = devices.of_user(USERS[user])?;
        let number = world.cognito.borrow().device(&device.key.as_str().into())?;
        Some((number, user))
    };
    (0..USERS.len()).filter_map(of_user).collect::<Vec<_>>().into_iter()
}
