//! The secrets of this device, and its key in the session.

use std::rc::Rc;

use super::engine::SessionEngine;
use crate::core::devices::{Device, Devices};
use crate::core::flow::sign_in::Outdated;
use crate::core::names::Username;
use crate::core::record::User;
use crate::core::secret::AccessToken;
use crate::engine::store::Beside;
use crate::ports::{Env, StorageKind};

impl<E: Env> SessionEngine<E> {
    /// The key of this device in the session that is live, where the pool tracks it: `DEVICE_KEY`.
    pub(in crate::engine) fn this_device_key(&self) -> Option<String> {
        self.live()?.session.device_key().map(String::from)
    }

    /// Forgets the device of this key here: its secrets, and its key in the session. To be called once the service has
    /// forgotten it.
    pub(in crate::engine) async fn forget_device_locally(&self, key: &str) {
        self.drop_device(key).await;
        let turn = self.store.lock().await;
        self.sync(&turn).await;
        let Some(without) = self.live().and_then(|live| live.session.without_device(key)) else {
            return;
        };
        let without = Rc::new(without);
        // What another tab has stored meanwhile still has the key, and a refresh will tell that tab.
        let _ = self.write(&turn, User::SignedIn(Rc::clone(&without))).await;
        self.replace_session(without);
    }

    /// The devices whose secrets are here.
    pub(in crate::engine) async fn devices(&self) -> Devices {
        let stored = self.store.read_beside(Beside::Devices).await;
        stored.map(|text| Devices::decode(&text)).unwrap_or_default()
    }

    /// Those that a sign-in may name which asks for this store: its own, or else those of the store that is used.
    pub(in crate::engine) async fn devices_for(&self, wish: Option<StorageKind>) -> Devices {
        let kind = self.store.for_sign_in(wish).await;
        if kind != self.store.kind() {
            let stored = self.store.read_beside_in(kind, Beside::Devices).await;
            let devices = stored.map(|text| Devices::decode(&text)).unwrap_or_default();
            if !devices.is_empty() {
                return devices;
            }
        }
        self.devices().await
    }

    /// Forgets the secrets of a device.
    pub(in crate::engine) async fn drop_device(&self, key: &str) {
        self.drop_devices(&|device| device.key == key).await;
    }

    /// Forgets the secrets of these devices.
    pub(in crate::engine) async fn drop_devices(&self, is_meant: &dyn Fn(&Device) -> bool) {
        self.store
            .change_beside(Beside::Devices, &|found, generation| {
                let mut devices = Devices::decode(found?);
                devices.remove(is_meant).then(|| devices.encode(generation))
            })
            .await;
    }

    pub(in crate::engine) fn drop_device_in_background(&self, key: String) {
        let client = self.clone();
        self.runtime.spawn(async move { client.drop_device(&key).await });
    }

    /// Forgets what the service has said to be outdated.
    pub(in crate::engine) fn forget_in_background(&self, outdated: Outdated) {
        match outdated {
            Outdated::Device(key) => self.drop_device_in_background(key),
            Outdated::Name(typed) => self.note_typed_in_background(typed, None),
        }
    }

    /// Notes whose device the next sign-in finds by the name that was typed: this user's, or none.
    pub(in crate::engine) fn note_typed_in_background(&self, typed: Username, user: Option<Username>) {
        let client = self.clone();
        self.runtime.spawn(async move {
            client
                .store
                .change_beside(Beside::Devices, &|found, generation| {
                    let mut devices = Devices::decode(found?);
                    let is_news = match &user {
                        Some(user) => devices.note(user.as_str(), typed.as_str()),
                        None => devices.forget_name(typed.as_str()),
                    };
                    is_news.then(|| devices.encode(generation))
                })
                .await;
        });
    }

    /// That of this session, if it is the live one. Where it is over, so is what was to be done for it.
    pub(in crate::engine) fn access_token_of(&self, id: i64) -> Option<AccessToken> {
        let live = self.live().filter(|live| live.session.id == id)?;
        live.session.access_token().cloned()
    }
}
