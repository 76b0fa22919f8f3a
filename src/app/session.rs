//! The session's three places: the store, the memory, and what listeners know.

use std::rc::Rc;

use zeroize::Zeroizing;

use super::client::Client;
use super::events::{Notice, UserStateInfo};
use crate::core::api::user_pool::{self, AuthenticationResult};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::secret::RefreshToken;
use crate::core::session::Session;
use crate::core::tokens::Tokens;
use crate::core::user_state::{self, Event, Transition, UserState};
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// The stored session. A record that cannot be read is the same as none: whoever signs in writes a new one.
    pub(super) async fn load_session(&self, pool: &UserPoolConfig) -> Option<Session> {
        Session::decode(&self.read_record(pool).await.ok()??)
    }

    /// Removes the stored session.
    pub(super) async fn forget_session(&self, pool: &UserPoolConfig) -> Result<(), AuthError> {
        if pool.is_persistent {
            self.0.env.remove(&Session::storage_key(pool)).await
        } else {
            Ok(())
        }
    }

    /// What stands in the store in the place of the session that this page knows by these tokens.
    pub(super) async fn look_elsewhere(&self, pool: &UserPoolConfig, known: &Tokens) -> Elsewhere {
        if !pool.is_persistent || self.0.store_is_behind.get() {
            return Elsewhere::Nothing;
        }
        let record = match self.read_record(pool).await {
            Err(_) => return Elsewhere::Nothing,
            Ok(None) => return Elsewhere::SignedOut,
            Ok(Some(record)) => record,
        };
        let stored = Session::decode(&record);
        match stored.as_ref().and_then(|session| session.tokens.as_ref()) {
            Some(tokens) if tokens.refresh.reveal() != known.refresh.reveal() => {
                stored.map_or(Elsewhere::Nothing, Elsewhere::Session)
            }
            _ => Elsewhere::Nothing,
        }
    }

    /// Stores the session and then commits the event. `epoch` is the caller's: when it is no longer the client's,
    /// nothing stays stored and the tokens are revoked, for nobody will use them.
    ///
    /// # Errors
    /// `aborted` when the epoch is over, `storage` when the store refused; the session is then as it was.
    pub(super) async fn store_and_commit(
        &self,
        pool: &UserPoolConfig,
        epoch: u64,
        session: Rc<Session>,
        event: Event,
    ) -> Result<(), AuthError> {
        if self.0.epoch.get() == epoch {
            let record = session.encode();
            let written = self.write_record(pool, &record).await;
            if self.0.epoch.get() == epoch {
                self.0.store_is_behind.set(written.is_err());
                written?;
                self.commit(event, Some(session));
                return Ok(());
            }
            // Taken back, unless somebody has written since.
            if self
                .read_record(pool)
                .await
                .is_ok_and(|stored| stored.as_deref() == Some(&record))
            {
                let _ = self.forget_session(pool).await;
            }
        }
        if let Some(tokens) = &session.tokens {
            self.revoke(pool, tokens).await;
        }
        Err(superseded())
    }

    /// Changes state and session in memory, then tells. The only place that does either.
    pub(super) fn commit(&self, event: Event, session: Option<Rc<Session>>) {
        let (state, tells) = match user_state::apply(self.0.state.get(), event) {
            Transition::Ignore => return,
            Transition::Enter(state) => (state, false),
            Transition::Tell(state) => (state, true),
        };
        self.0.state.set(state);
        self.0.session.replace(session.clone());
        let tell = tells.then(|| self.user_state_info(state));
        self.0.events.emit(Notice {
            snapshot: self.snapshot(),
            session,
            tell,
        });
    }

    /// Ends a session at the service, as far as it can be reached: there is nobody left to tell of a failure.
    pub(super) async fn revoke(&self, pool: &UserPoolConfig, tokens: &Tokens) {
        if tokens.is_revocable() {
            let _ = self.ask(user_pool::revoke_token(pool, &tokens.refresh)).await;
        }
    }

    /// The tokens of an answer that arrives now. `previous` is the refresh token that goes on where the answer has
    /// none.
    pub(super) fn receive(
        &self,
        result: AuthenticationResult,
        previous: Option<&RefreshToken>,
    ) -> Result<Tokens, AuthError> {
        let AuthenticationResult { access, id, refresh } = result;
        refresh
            .or_else(|| previous.cloned())
            .and_then(|refresh| Tokens::received(access, id, refresh, self.0.env.now()))
            .ok_or_else(|| {
                AuthError::new(
                    Code::Unknown,
                    "The service's answer does not have tokens that can be read.",
                )
            })
    }

    async fn read_record(&self, pool: &UserPoolConfig) -> Result<Option<Zeroizing<String>>, AuthError> {
        if !pool.is_persistent {
            return Ok(None);
        }
        Ok(self.0.env.get(&Session::storage_key(pool)).await?.map(Zeroizing::new))
    }

    async fn write_record(&self, pool: &UserPoolConfig, record: &str) -> Result<(), AuthError> {
        if pool.is_persistent {
            self.0.env.set(&Session::storage_key(pool), record).await
        } else {
            Ok(())
        }
    }

    fn user_state_info(&self, state: UserState) -> UserStateInfo {
        let session = self.0.session.borrow();
        let Some(session) = session.as_ref() else {
            return UserStateInfo::default();
        };
        match state {
            UserState::SignedIn => UserStateInfo {
                provider: self.user_pool().ok().map(|pool| pool.provider_name()),
                token: session.tokens.as_ref().map(|tokens| tokens.id.reveal().into()),
                username: None,
            },
            UserState::SignedOutUserPoolsTokenInvalid => UserStateInfo {
                username: Some(session.username.as_str().into()),
                ..UserStateInfo::default()
            },
            UserState::Unknown | UserState::SignedOut => UserStateInfo::default(),
        }
    }
}

/// What another tab has done to the stored session.
pub(super) enum Elsewhere {
    /// Nothing that matters here.
    Nothing,
    /// It signed the user out.
    SignedOut,
    /// It renewed the tokens, or signed another user in.
    Session(Session),
}

/// What a call says that was overtaken by a sign-out or another sign-in.
pub(super) fn superseded() -> AuthError {
    AuthError::new(
        Code::Aborted,
        "A later sign-in or a sign-out took the place of this call.",
    )
}
