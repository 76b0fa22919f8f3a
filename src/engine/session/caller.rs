//! Requests on behalf of the signed-in user.

use super::engine::SessionEngine;
use crate::core::api::http::Request;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::json::Value;
use crate::core::names::Username;
use crate::core::secret::AccessToken;
use crate::core::session::decide::{not_signed_in, superseded};
use crate::engine::options::GetTokensOptions;
use crate::ports::Env;

/// On whose behalf a call asks, from its beginning to its end.
pub(in crate::engine) struct Caller {
    pub(in crate::engine) username: Username,
    pub(in crate::engine) user_sub: String,
    /// Whether the call may wait for the user to sign in again; as `getTokens` has it.
    pub(in crate::engine) waits: Option<bool>,
    /// Whether the response counts also where another user has taken the caller's place.
    pub(in crate::engine) is_leaving: bool,
}

impl<E: Env> SessionEngine<E> {
    /// The user who is signed in now.
    pub(in crate::engine) async fn caller(&self) -> Result<Caller, AuthError> {
        self.look_if_stale().await;
        let Some(live) = self.live() else {
            self.check_store()?;
            return Err(not_signed_in("No user is signed in. Call signIn() first."));
        };
        let Some(login) = live.session.pool_login() else {
            return Err(not_signed_in(
                "The user is signed in without the user pool's API, which this call needs.",
            ));
        };
        Ok(Caller {
            username: login.username.clone(),
            user_sub: login.user_sub.clone(),
            waits: None,
            is_leaving: false,
        })
    }

    /// Asks with the caller's access token, and once more with a new one where the service refuses it.
    pub(in crate::engine) async fn ask_as(
        &self,
        caller: &Caller,
        request: &dyn Fn(&AccessToken) -> Request,
    ) -> Result<Value, AuthError> {
        let mut is_forced = false;
        loop {
            let token = self.tokens_of(caller, is_forced).await?;
            let reply = self.runtime.ask(request(&token)).await;
            if !self.is_signed_in(caller) && (reply.is_err() || !caller.is_leaving) {
                return Err(superseded());
            }
            match reply {
                Err(error) if !is_forced && refresh::is_refused_access_token(&error) => is_forced = true,
                reply => return reply.map(|reply| reply.document),
            }
        }
    }

    pub(in crate::engine) async fn tokens_of(
        &self,
        caller: &Caller,
        is_forced: bool,
    ) -> Result<AccessToken, AuthError> {
        let options = GetTokensOptions {
            force_refresh: is_forced,
            wait_for_sign_in: caller.waits,
            timeout: None,
        };
        let session = match self.get_tokens(options).await {
            // The caller was signed in when the call began.
            Err(error) if error.code == Code::NotSignedIn && self.live().is_none() => return Err(superseded()),
            session => session?,
        };
        if session.subject() != Some(&*caller.user_sub) {
            return Err(superseded());
        }
        session
            .access_token()
            .cloned()
            .ok_or_else(|| not_signed_in("No user is signed in. Call signIn() first."))
    }

    pub(in crate::engine) fn is_signed_in(&self, caller: &Caller) -> bool {
        self.live()
            .is_some_and(|live| live.session.subject() == Some(&*caller.user_sub))
    }
}
