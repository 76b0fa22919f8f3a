//! Sign-out.

use super::client::Client;
use super::options::SignOutOptions;
use crate::core::api::user_pool;
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::user_state::Event;
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// Forgets the session here and, unless told otherwise, ends it at the service too.
    ///
    /// The local part comes first and needs no network; a revocation that cannot be delivered is no error. A global
    /// sign-out asks the service first, and changes nothing when it cannot be asked.
    ///
    /// # Errors
    /// `network` and the like from a global sign-out; `storage` when the stored session cannot be removed, after
    /// everything else was done.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<(), AuthError> {
        let pool = self.user_pool()?;
        let epoch = self.0.epoch.get();
        let mut is_ended_there = false;
        if options.sign_out_globally {
            let outcome = self.sign_out_everywhere(&pool).await;
            if self.0.epoch.get() != epoch {
                // The session that was meant has ended here meanwhile; whoever signed in since is not.
                return Ok(());
            }
            is_ended_there = outcome?;
        }
        let session = self.0.session.borrow().clone();
        self.begin_epoch();
        let removed = self.forget_session(&pool).await;
        self.commit(Event::SignedOut, None);
        let tokens = session.as_ref().and_then(|session| session.tokens.as_ref());
        if let (Some(tokens), true, false) = (tokens, options.invalidate_tokens, is_ended_there) {
            self.revoke(&pool, tokens).await;
        }
        removed
    }

    /// Whether the service has ended every session. One that it refuses to end, because it no longer knows the
    /// tokens, is no reason to stay signed in here.
    async fn sign_out_everywhere(&self, pool: &UserPoolConfig) -> Result<bool, AuthError> {
        let session = match self.get_tokens(false).await {
            Ok(session) => session,
            Err(error) if error.code == Code::NotSignedIn => return Ok(false),
            Err(error) => return Err(error),
        };
        let Some(tokens) = &session.tokens else {
            return Ok(false);
        };
        match self.ask(user_pool::global_sign_out(pool, &tokens.access)).await {
            Ok(_) => Ok(true),
            Err(error) if refresh::is_definite_refusal(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
