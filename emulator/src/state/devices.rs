//! The devices of a user: those that were offered a key, and those that took it.

use std::collections::HashMap;

use rand::distributions::{Alphanumeric, DistString};
use serde_json::{Value, json};

use crate::clock::{Millis, timestamp};
use crate::ids;
use crate::srp::Verifier;

/// `NewDeviceMetadata`: what a device that was never seen is given.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// `DeviceKey`.
    pub key: String,
    /// `DeviceGroupKey`, which stands for the pool's name in the device's own SRP.
    pub group: String,
}

impl NewDevice {
    /// A device in this region.
    pub fn of(region: &str) -> Self {
        Self {
            key: format!("{region}_{}", ids::random()),
            group: format!("-{}", Alphanumeric.sample_string(&mut rand::thread_rng(), 8)),
        }
    }

    /// As an `AuthenticationResult` shows it.
    pub fn metadata(&self) -> Value {
        json!({ "DeviceKey": self.key, "DeviceGroupKey": self.group })
    }
}

/// A device that is known.
#[derive(Debug, Clone)]
pub struct Device {
    /// `DeviceKey`.
    pub key: String,
    /// `DeviceGroupKey`.
    pub group: String,
    /// Checks the password that the device made up for itself.
    pub verifier: Verifier,
    /// What it calls itself.
    pub name: Option<String>,
    /// Whether the user wants it remembered. If not, it is as if it had never been used.
    pub remembered: bool,
    /// When the remembering last changed.
    pub modified: Millis,
    /// When a user last signed in with it.
    pub last_authenticated: Millis,
    created: Millis,
}

impl Device {
    /// `Device` of GetDevice. The emulator can be reached from this machine only.
    pub fn describe(&self) -> Value {
        let remembered = if self.remembered {
            "remembered"
        } else {
            "not_remembered"
        };
        let attributes = [
            ("device_status", Some("valid")),
            ("device_name", self.name.as_deref()),
            ("dev:device_remembered_status", Some(remembered)),
            ("last_ip_used", Some("127.0.0.1")),
        ];
        let attributes: Value = attributes
            .into_iter()
            .filter_map(|(name, value)| Some(json!({ "Name": name, "Value": value? })))
            .collect();
        json!({
            "DeviceKey": self.key,
            "DeviceAttributes": attributes,
            "DeviceCreateDate": timestamp(self.created),
            "DeviceLastModifiedDate": timestamp(self.modified),
            "DeviceLastAuthenticatedDate": timestamp(self.last_authenticated),
        })
    }
}

/// Every device of a user.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    /// Group keys by the keys of sign-ins whose device has not been confirmed.
    offered: HashMap<String, String>,
    /// In the order of their confirmation.
    confirmed: Vec<Device>,
}

impl Devices {
    /// Remembers what a sign-in was given.
    pub fn offer(&mut self, device: &NewDevice) {
        self.offered.insert(device.key.clone(), device.group.clone());
    }

    /// Makes an offered device known; nothing if it was not offered.
    pub fn confirm(
        &mut self,
        key: &str,
        name: Option<&str>,
        verifier: Verifier,
        remembered: bool,
        now: Millis,
    ) -> Option<&Device> {
        let group = self.offered.remove(key)?;
        self.confirmed.push(Device {
            key: key.to_owned(),
            group,
            verifier,
            name: name.map(str::to_owned),
            remembered,
            modified: now,
            last_authenticated: now,
            created: now,
        });
        self.confirmed.last()
    }

    /// Those that are known, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Device> {
        self.confirmed.iter()
    }

    /// A device that is known.
    pub fn get(&self, key: &str) -> Option<&Device> {
        self.confirmed.iter().find(|device| device.key == key)
    }

    /// A device that is known.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Device> {
        self.confirmed.iter_mut().find(|device| device.key == key)
    }

    /// Takes a device away; whether it was known.
    pub fn forget(&mut self, key: &str) -> bool {
        let before = self.confirmed.len();
        self.confirmed.retain(|device| device.key != key);
        self.confirmed.len() < before
    }
}
