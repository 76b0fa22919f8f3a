//! Registering this device with a sign-in, as the pool tracks it.

use std::cell::RefCell;

use base64ct::{Base64, Encoding as _};
use zeroize::Zeroizing;

use super::engine::SignInEngine;
use crate::core::api::user_pool::{self, Service};
use crate::core::devices::{Device, Devices};
use crate::core::error::AuthError;
use crate::core::limits::{DEVICE_PAUSES, DEVICE_REGISTRATION_DEADLINE};
use crate::core::names::Username;
use crate::core::refusal::Exception;
use crate::core::secret::{AccessToken, DevicePassword};
use crate::core::session::Session;
use crate::core::session::decide::superseded;
use crate::core::srp::{self, DeviceVerifier};
use crate::engine::runtime::Attempt;
use crate::engine::store::Beside;
use crate::ports::{Env, StorageKind};

/// A device whose secrets are kept, and what the service has said to it.
pub(in crate::engine) struct Registered {
    pub(in crate::engine) key: String,
    verifier: DeviceVerifier,
    answer: Result<bool, AuthError>,
    /// The key of the same user's device here that it takes the place of.
    replaced: Option<String>,
}

impl<E: Env> SignInEngine<E> {
    /// Registers the device that the service has given a session that is to begin: keeps its secrets, and tells the service
    /// how to know it again. `None` where none can be made, and for a session that is not going to begin.
    pub(in crate::engine) async fn register_device(
        &self,
        attempt: &Attempt,
        kind: StorageKind,
        session: &Session,
        typed: &Username,
        (key, group_key): (String, String),
    ) -> Option<Registered> {
        if attempt.is_superseded() {
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
        // Before the service knows it, for the response may be lost.
        self.store
            .change_beside_in(kind, Beside::Devices, &|found, generation| {
                let mut devices = found.map(Devices::decode).unwrap_or_default();
                let before = devices.of_user(&device.user).filter(|before| before.key != device.key);
                replaced.replace(before.map(|before| before.key.clone()));
                devices.keep(device.clone());
                devices.note(&device.user, typed.as_str());
                Some(devices.encode(generation))
            })
            .await;
        let answer = if !attempt.is_superseded() {
            let confirmation = self.confirm_device(access, &key, &verifier);
            self.runtime
                .within(DEVICE_REGISTRATION_DEADLINE, "ConfirmDevice", confirmation)
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
    /// service could not be reached, attempts go on in the background, and nothing fails.
    pub(in crate::engine) fn keep_registered(&self, session: &Session, device: Registered) -> bool {
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
            self.runtime.spawn(async move {
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
            self.runtime.env().sleep(pause).await;
            let Some(access) = self.session.access_token_of(id) else {
                break;
            };
            match self.confirm_device(&access, &key, &verifier).await {
                Ok(_) => return,
                Err(another) => error = another,
            }
        }
        // The service does not know it by these secrets, so they are of no use: the next sign-in begins with a new one.
        self.session.drop_device(&key).await;
    }

    /// Has the service forget the device that another has replaced here. A sign-in that sends the password with its first
    /// request cannot ask whose a new alias is, so it names no device, and the service begins another. This browser is one
    /// device all the same. Where it cannot be done, the device stays in the user's list, and nothing fails.
    async fn forget_replaced_device(&self, id: i64, key: &str) {
        for pause in std::iter::once(0).chain(DEVICE_PAUSES) {
            if pause > 0 {
                self.runtime.env().sleep(pause).await;
            }
            let (Some(access), Ok(pool)) = (self.session.access_token_of(id), self.runtime.user_pool()) else {
                return;
            };
            let request = user_pool::forget_device(Service::new(&pool), &access, key);
            if self
                .runtime
                .ask(request)
                .await
                .err()
                .is_none_or(|error| !error.retryable)
            {
                return;
            }
        }
    }

    /// Tells the service how to know the device again. Whether the user is to be asked.
    async fn confirm_device(
        &self,
        access: &AccessToken,
        key: &str,
        verifier: &DeviceVerifier,
    ) -> Result<bool, AuthError> {
        let pool = self.runtime.user_pool()?;
        let name = &self.runtime.setup()?.options.device_name;
        let request = user_pool::confirm_device(Service::new(&pool), access, key, name, verifier);
        let reply = match self.runtime.ask(request).await {
            // By an attempt whose response was lost: the key is new, and only this browser has it.
            Err(error) if error.is_refusal(Exception::DeviceKeyExists) => return Ok(false),
            reply => reply?,
        };
        Ok(user_pool::asks_to_remember(&reply.document))
    }

    fn draw_device_password(&self) -> Result<(DevicePassword, [u8; 16]), AuthError> {
        let mut password = Zeroizing::new([0; 40]);
        let mut salt = [0; 16];
        self.runtime.env().fill(&mut *password)?;
        self.runtime.env().fill(&mut salt)?;
        Ok((DevicePassword::new(Base64::encode_string(&*password)), salt))
    }
}
