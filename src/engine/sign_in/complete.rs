//! The end of a sign-in: its device is registered, and its session begins.

use std::cell::Cell;
use std::rc::Rc;

use super::engine::SignInEngine;
use crate::core::api::user_pool::AuthenticationResult;
use crate::core::devices::Device;
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::Done;
use crate::core::names::Username;
use crate::core::session::{PoolLogin, Session};
use crate::engine::runtime::{Age, Attempt, Runtime};
use crate::engine::session::Place;
use crate::ports::{Env, Millis};

impl<E: Env> SignInEngine<E> {
    /// Registers the device of a sign-in that is complete, and begins its session. In that order: the service renews no
    /// tokens on a device that it does not know, and a page may leave as soon as listeners know of the session. Whether
    /// the user is to be asked whether to remember the device.
    pub(super) async fn complete(&self, attempt: &Attempt, done: Done, age: Age) -> Result<bool, AuthError> {
        let has_ended = Rc::new(Cell::new(false));
        let _guard = SupersedeOnDrop {
            runtime: &self.runtime,
            attempt,
            has_ended: Rc::clone(&has_ended),
        };
        let Done {
            result,
            typed,
            named,
            device,
        } = done;
        let (client, attempt) = (self.clone(), attempt.clone());
        let refresh = result.refresh.clone();
        let new_device = result.new_device.clone();
        let session = self.session_of(result, age, named.as_ref(), device);
        // Tokens of another user are not revoked: that would end a session of a user who has done nothing.
        let is_ours = !matches!(&session, Err(error) if error.code == Code::TokenMismatch);
        let refresh = refresh.filter(|_| is_ours);
        let wish = self.state.asked_storage.get();
        // A task of its own, so that an abort leaves no session that is stored and not begun, and no device half registered.
        let completed = self.runtime.share(async move {
            let kind = client.store.for_sign_in(wish).await;
            let registered = match (&session, new_device) {
                (Ok(session), Some(device)) => client.register_device(&attempt, kind, session, &typed, device).await,
                _ => None,
            };
            let begun = client
                .session
                .begin(&attempt, Place { wish, kind }, session, refresh)
                .await;
            // The service has used up the challenge session, whether ours begins or not.
            if !attempt.is_superseded() {
                client.state.pending.replace(None);
                client.store.forget_asked_in_background(Millis::MAX);
            }
            if begun.is_err() {
                client.session.finish_revocations().await;
            }
            has_ended.set(true);
            let mut is_to_be_asked = false;
            match (&begun, registered) {
                (Ok(session), Some(device)) => is_to_be_asked = client.keep_registered(session, device),
                (Ok(session), None) => {
                    let login = session.pool_login().filter(|login| login.device_key.is_some());
                    let user = login.map(|login| login.username.clone());
                    client.session.note_typed_in_background(typed, user);
                }
                (Err(_), Some(device)) => client.session.drop_device_in_background(device.key),
                (Err(_), None) => {}
            }
            begun.map(|_| is_to_be_asked)
        });
        completed.await
    }

    /// On the device that the service has just given, or else the one that was named: if it is of this user, and not of
    /// another whose alias was typed.
    fn session_of(
        &self,
        result: AuthenticationResult,
        age: Age,
        named: Option<&Username>,
        device: Option<Device>,
    ) -> Result<Session, AuthError> {
        let new_key = result.new_device.as_ref().map(|(key, _)| key.clone());
        let tokens = self.session.receive(result, age, None, named)?;
        let mut login = PoolLogin::of(tokens, new_key)
            .ok_or_else(|| AuthError::new(Code::Unknown, "The service's access token does not say whose it is."))?;
        let own = device.filter(|device| device.user == login.username.as_str());
        login.device_key = login.device_key.or(own.map(|device| device.key));
        Ok(Session::begun_by(login))
    }
}

/// Supersedes a sign-in whose caller has gone before the session has begun. Afterwards it would supersede the session's own
/// calls.
struct SupersedeOnDrop<'a, E: Env> {
    runtime: &'a Runtime<E>,
    attempt: &'a Attempt,
    has_ended: Rc<Cell<bool>>,
}

impl<E: Env> Drop for SupersedeOnDrop<'_, E> {
    fn drop(&mut self) {
        if !self.has_ended.get() && !self.attempt.is_superseded() {
            self.runtime.supersede();
        }
    }
}
