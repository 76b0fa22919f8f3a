//! This device, as the pool tracks it: its registration with a sign-in, and what is known of it here.

use std::cell::RefCell;
use std::rc::Rc;

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

use super::aside::Aside;
use super::client::Client;
use crate::core::api::user_pool::{self, Service};
use crate::core::devices::{Device, Devices};
use crate::core::error::AuthError;
use crate::core::flow::sign_in::Outdated;
use crate::core::json::Value;
use crate::core::limits::{DEVICE_PAUSES, DEVICE_REGISTRATION_DEADLINE};
use crate::core::names::Username;
use crate::core::record::User;
use crate::core::refusal::Exception;
use crate::core::secret::{AccessToken, DevicePassword};
use crate::core::session::Session;
use crate::core::session::decide::superseded;
use crate::core::srp::{self, DeviceVerifier};
use crate::ports::{Env, StorageKind};

/// A device whose secrets are kept, and what the service has said to it.
pub(super) struct Registered {
    pub(super) key: String,
    verifier: DeviceVerifier,
    answer: Result<bool, AuthError>,
    /// The key of the same user's device here that it takes the place of.
    replaced: Option<String>,
}

impl<E: Env> Client<E> {
    /// The key of this device in the session that is live, where the pool tracks it: `DEVICE_KEY`.
    pub(super) fn this_device_key(&self) -> Option<String> {
        self.live()?.session.device_key().map(String::from)
    }

    /// Forgets the device of this key here: its secrets, and its key in the session. To be called once the service has
    /// forgotten it.
    pub(super) async fn forget_device_locally(&self, key: &str) {
        self.drop_device(key).await;
        let turn = self.0.turns.take().await;
        self.sync(&turn).await;
        let Some(without) = self.live().and_then(|live| live.session.without_device(key)) else {
            return;
        };
        let without = Rc::new(without);
        // What another tab has stored meanwhile still has the key, and a refresh will tell that tab.
        let _ = self.put(&turn, User::SignedIn(Rc::clone(&without))).await;
        self.replace_session(without);
    }

    /// The devices whose secrets are here.
    pub(super) async fn devices(&self) -> Devices {
        let stored = self.read_aside(Aside::Devices).await;
        stored.map(|text| Devices::decode(&text)).unwrap_or_default()
    }

    /// Those that a sign-in may name which asks for this store: its own, or else those of the store that is used.
    pub(super) async fn devices_for(&self, wish: Option<StorageKind>) -> Devices {
        let kind = self.store_for(wish).await;
        if kind != self.kind() {
            let stored = self.read_aside_in(kind, Aside::Devices).await;
            let devices = stored.map(|text| Devices::decode(&text)).unwrap_or_default();
            if !devices.is_empty() {
                return devices;
            }
        }
        self.devices().await
    }

    /// Forgets the secrets of a device.
    async fn drop_device(&self, key: &str) {
        self.drop_devices(&|device| device.key == key).await;
    }

    /// Forgets the secrets of these devices.
    pub(super) async fn drop_devices(&self, is_meant: &dyn Fn(&Device) -> bool) {
        self.change_aside(Aside::Devices, &|found, generation| {
            let mut devices = Devices::decode(found?);
            devices.remove(is_meant).then(|| devices.encode(generation))
        })
        .await;
    }

    pub(super) fn drop_device_in_background(&self, key: String) {
        let client = self.clone();
        self.spawn(async move { client.drop_device(&key).await });
    }

    /// Forgets what the service has said to be so no more.
    pub(super) fn forget_in_background(&self, outdated: Outdated) {
        match outdated {
            Outdated::Device(key) => self.drop_device_in_background(key),
            Outdated::Name(typed) => self.note_typed_in_background(typed, None),
        }
    }

    /// Notes whose device the next sign-in finds by the name that was typed: this user's, or none.
    pub(super) fn note_typed_in_background(&self, typed: Username, user: Option<Username>) {
        let client = self.clone();
        self.spawn(async move {
            client
                .change_aside(Aside::Devices, &|found, generation| {
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

    /// Registers the device that the service has given a session that is to begin: keeps its secrets, and tells the service
    /// how to know it again. `None` where none can be made, and for a session that is not going to begin.
    pub(super) async fn register_device(
        &self,
        epoch: u64,
        kind: StorageKind,
        session: &Session,
        typed: &Username,
        (key, group_key): (String, String),
    ) -> Option<Registered> {
        if self.0.epoch.get() != epoch {
            return None;
        }
        let login = session.pool_login()?;
        let access = &login.tokens.as_ref()?.access;
        let (password, salt) = self.draw_device_password().ok()?;
        let verifier = srp::device_verifier(&group_key, &key, password.reveal(), &salt);
        let device = Device {
            user: login.username.as_str().into(),
            typed: Vec::new(),
            key: key.clone(),
            group_key,
            password,
        };
        let replaced = RefCell::new(None);
        // Before the service is told, for its answer may be lost.
        self.change_aside_in(kind, Aside::Devices, &|found, generation| {
            let mut devices = found.map(Devices::decode).unwrap_or_default();
            let before = devices.of_user(&device.user).filter(|before| before.key != device.key);
            replaced.replace(before.map(|before| before.key.clone()));
            devices.keep(device.clone());
            devices.note(&device.user, typed.as_str());
            Some(devices.encode(generation))
        })
        .await;
        let answer = if self.0.epoch.get() == epoch {
            let confirmation = self.confirm_device(access, &key, &verifier);
            self.within(DEVICE_REGISTRATION_DEADLINE, "ConfirmDevice", confirmation)
                .await
        } else {
            Err(superseded())
        };
        Some(Registered {
            key,
            verifier,
            answer,
            replaced: replaced.into_inner(),
        })
    }

    /// The session of a registered device has begun. Whether the user is to be asked whether to remember it. Where the
    /// service could not be told, attempts go on in the background, and nothing fails.
    pub(super) fn keep_registered(&self, session: &Session, device: Registered) -> bool {
        let (client, id) = (self.clone(), session.id);
        let Registered {
            key,
            verifier,
            answer,
            replaced,
        } = device;
        let is_necessary = matches!(answer, Ok(true));
        let is_done = answer.is_ok() && replaced.is_none();
        if !is_done {
            self.spawn(async move {
                if let Err(error) = answer {
                    client.confirm_device_later(id, key, verifier, error).await;
                }
                if let Some(replaced) = replaced {
                    client.forget_replaced_device(id, &replaced).await;
                }
            });
        }
        is_necessary
    }

    async fn confirm_device_later(&self, id: i64, key: String, verifier: DeviceVerifier, mut error: AuthError) {
        for pause in DEVICE_PAUSES {
            if !error.retryable {
                break;
            }
            self.0.env.sleep(pause).await;
            let Some(access) = self.access_token_of(id) else { break };
            match self.confirm_device(&access, &key, &verifier).await {
                Ok(_) => return,
                Err(another) => error = another,
            }
        }
        // The service does not know it by these secrets, so they are of no use: the next sign-in begins with a new one.
        self.drop_device(&key).await;
    }

    /// Has the service forget the device that another has replaced here. A sign-in that sends the password with its first
    /// request cannot ask whose a new alias is, so it names no device, and the service begins another. This browser is one
    /// device all the same. Where it cannot be done, the device stays in the user's list, and nothing fails.
    async fn forget_replaced_device(&self, id: i64, key: &str) {
        for pause in std::iter::once(0).chain(DEVICE_PAUSES) {
            if pause > 0 {
                self.0.env.sleep(pause).await;
            }
            let (Some(access), Ok(pool)) = (self.access_token_of(id), self.user_pool()) else {
                return;
            };
            let request = user_pool::forget_device(Service::new(&pool), &access, key);
            if self.ask(request).await.err().is_none_or(|error| !error.retryable) {
                return;
            }
        }
    }

    /// That of this session, if it is the live one. Where it is over, so is what was to be done for it.
    fn access_token_of(&self, id: i64) -> Option<AccessToken> {
        let live = self.live().filter(|live| live.session.id == id)?;
        live.session.access_token().cloned()
    }

    /// Tells the service how to know the device again. Whether the user is to be asked.
    async fn confirm_device(
        &self,
        access: &AccessToken,
        key: &str,
        verifier: &DeviceVerifier,
    ) -> Result<bool, AuthError> {
        let pool = self.user_pool()?;
        let name = &self.setup()?.options.device_name;
        let request = user_pool::confirm_device(Service::new(&pool), access, key, name, verifier);
        let answer = match self.ask(request).await {
            // By an attempt whose answer was lost: the key is new, and nobody else has it.
            Err(error) if error.is_refusal(Exception::DeviceKeyExists) => return Ok(false),
            answer => answer?,
        };
        Ok(matches!(
            answer.get("UserConfirmationNecessary"),
            Some(Value::Flag(true))
        ))
    }

    fn draw_device_password(&self) -> Result<(DevicePassword, [u8; 16]), AuthError> {
        let mut password = Zeroizing::new([0; 40]);
        let mut salt = [0; 16];
        self.0.env.fill(&mut *password)?;
        self.0.env.fill(&mut salt)?;
        Ok((DevicePassword::new(Base64::encode_string(&*password)), salt))
    }
}
