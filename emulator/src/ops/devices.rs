//! The devices of a user: confirming, listing, remembering and forgetting them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::admin_user::with_user;
use super::answer::Answer;
use super::bearer::signed_in;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::srp::Verifier;
use crate::state::{Device, State, User};

/// `Limit` of the lists.
const PAGE: usize = 60;

/// ConfirmDevice: the device of this sign-in is known from now on, and remembered where the user is not asked.
pub fn confirm_device(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    let name = input.optional_text("DeviceName")?;
    let verifier = verifier(input)?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let asks_user = pool.settings.asks_before_remembering();
    let own_key = pool
        .sign_ins
        .get(&bearer.origin_jti)
        .and_then(|sign_in| sign_in.device_key.clone());
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    if user.devices.get(key).is_some() {
        return Err(Exception::new("DeviceKeyExistsException", "Device key already exists."));
    }
    if own_key.as_deref() != Some(key) {
        return Err(Exception::invalid_parameter("Invalid device key given."));
    }
    user.devices
        .confirm(key, name, verifier, !asks_user, now)
        .ok_or_else(Exception::no_device)?;
    Ok(json!({ "UserConfirmationNecessary": asks_user }))
}

/// GetDevice.
pub fn get_device(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    show(signed_in_user(state, input, now)?, key)
}

/// ListDevices: to its user AWS lists only what is remembered.
pub fn list_devices(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    list(signed_in_user(state, input, now)?, input, |device| device.remembered)
}

/// UpdateDeviceStatus.
pub fn update_device_status(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    update(signed_in_user(state, input, now)?, key, input, now)
}

/// ForgetDevice. AWS answers with no body at all.
pub fn forget_device(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    forget(signed_in_user(state, input, now)?, key)
}

/// AdminGetDevice.
pub fn admin_get_device(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    with_user(state, input, |user, _| show(user, key))
}

/// AdminListDevices.
pub fn admin_list_devices(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    with_user(state, input, |user, _| list(user, input, |_| true))
}

/// AdminUpdateDeviceStatus.
pub fn admin_update_device_status(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    with_user(state, input, |user, _| update(user, key, input, now))
}

/// AdminForgetDevice.
pub fn admin_forget_device(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let key = input.text("DeviceKey")?;
    with_user(state, input, |user, _| forget(user, key))
}

fn show(user: &User, key: &str) -> Answer {
    let device = user.devices.get(key).ok_or_else(Exception::no_device)?;
    Ok(json!({ "Device": device.describe() }))
}

fn list(user: &User, input: Input<'_>, is_listed: fn(&Device) -> bool) -> Answer {
    let limit = input.page_size("Limit", PAGE)?;
    let token = input.optional_text("PaginationToken")?;
    let devices = user
        .devices
        .iter()
        .filter(|device| is_listed(device))
        .map(Device::describe)
        .collect();
    super::page(devices, "Devices", "PaginationToken", limit, token)
}

fn update(user: &mut User, key: &str, input: Input<'_>, now: Millis) -> Answer {
    let asked = input.optional_text("DeviceRememberedStatus")?;
    let remembered = asked.map(|status| status == "remembered");
    let device = user.devices.get_mut(key).ok_or_else(Exception::no_device)?;
    if let Some(remembered) = remembered {
        device.remembered = remembered;
        device.modified = now;
    }
    Ok(json!({}))
}

fn forget(user: &mut User, key: &str) -> Answer {
    if user.devices.forget(key) {
        return Ok(Value::Null);
    }
    Err(Exception::no_device())
}

/// `DeviceSecretVerifierConfig`: without it a device could never prove itself.
fn verifier(input: Input<'_>) -> Result<Verifier, Exception> {
    let config = input.document("DeviceSecretVerifierConfig")?;
    let bytes = |name: &str| {
        config
            .get(name)
            .and_then(Value::as_str)
            .and_then(|text| STANDARD.decode(text).ok())
    };
    bytes("Salt")
        .zip(bytes("PasswordVerifier"))
        .and_then(|(salt, verifier)| Verifier::given(&salt, &verifier))
        .ok_or_else(|| Exception::invalid_parameter("Invalid device secret verifier given."))
}

fn signed_in_user<'a>(state: &'a mut State, input: Input<'_>, now: Millis) -> Result<&'a mut User, Exception> {
    let (scope, bearer) = signed_in(state, input, now)?;
    scope
        .pool
        .users
        .get_mut(&bearer.sub)
        .ok_or_else(Exception::user_not_found)
}
