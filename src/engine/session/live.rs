//! For how long the tokens in memory may be handed out.

use super::engine::SessionEngine;
use super::state::Live;
use crate::core::api::user_pool::AuthenticationResult;
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;
use crate::core::session::{Lifetime, Session, Tokens};
use crate::core::token_check::{self, Expected};
use crate::engine::runtime::Age;
use crate::ports::{Env, Millis};

impl<E: Env> SessionEngine<E> {
    /// For how long the tokens may be handed out: by the wall clock, which goes on while the device sleeps, and by the
    /// monotonic one, which no user sets.
    pub(in crate::engine) fn usable_for(&self, live: &Live) -> Millis {
        let Some(life) = live.session.life() else {
            return 0;
        };
        if live.session.refusal.is_some() {
            return self.alive_for(live);
        }
        let now = self.runtime.env().now();
        if life.usable_at(now) {
            self.left(live, life.usable_until(), life, now)
        } else {
            0
        }
    }

    /// For how long the service itself takes them.
    pub(in crate::engine) fn alive_for(&self, live: &Live) -> Millis {
        let now = self.runtime.env().now();
        match live.session.life() {
            Some(life) if life.alive_at(now) => self.left(live, life.expires_at, life, now),
            _ => 0,
        }
    }

    /// The tokens of a response of this age. `session` is the one that they renew, whose refresh token goes on where the
    /// response has none; `named` is who signs in, where the service has said so.
    ///
    /// # Errors
    /// `tokenMismatch` when they are not that user's, or not of this pool and client; `unknown` when they cannot be read.
    pub(in crate::engine) fn receive(
        &self,
        result: AuthenticationResult,
        age: Age,
        session: Option<&Session>,
        named: Option<&Username>,
    ) -> Result<Tokens, AuthError> {
        let AuthenticationResult {
            access, id, refresh, ..
        } = result;
        let pool = self.runtime.user_pool()?;
        let expected = Expected {
            pool: &pool,
            login: session.and_then(Session::pool_login),
            named,
        };
        token_check::check(&access, &id, expected)?;
        let previous = session.and_then(Session::pool_tokens);
        refresh
            .or_else(|| previous.map(|tokens| tokens.refresh.clone()))
            .and_then(|refresh| Tokens::received(access, id, refresh, self.runtime.env().now(), age.date, age.delay))
            .ok_or_else(|| AuthError::new(Code::Unknown, "The service's response has no tokens that can be read."))
    }

    fn left(&self, live: &Live, until: Millis, life: Lifetime, now: Millis) -> Millis {
        let age = self.runtime.env().monotonic().saturating_sub(live.received);
        let by_monotonic = until.saturating_sub(life.received_at).saturating_sub(age);
        until.saturating_sub(now).min(by_monotonic).max(0)
    }
}
