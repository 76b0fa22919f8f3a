//! Valid tokens, from the cache or by one refresh that all callers share.

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use super::client::Client;
use super::session::{Elsewhere, superseded};
use crate::core::api::user_pool::{self, AuthAnswer, AuthenticationResult};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::session::Session;
use crate::core::tokens::Tokens;
use crate::core::user_state::Event;
use crate::ports::Env;

/// The refresh that is under way, for everybody who asks meanwhile.
pub(super) type RefreshFlight = Shared<LocalBoxFuture<'static, Result<Rc<Session>, AuthError>>>;

impl<E: Env> Client<E> {
    /// The session with tokens that are good for [`MARGIN`](crate::core::tokens::MARGIN) seconds more: from the cache,
    /// and then nothing is sent, or from a refresh that all callers share.
    ///
    /// # Errors
    /// `notSignedIn` without a session, or when the service refused for good to renew its tokens; `network` and the
    /// like when it could not be asked, and then the session stays as it is.
    pub async fn get_tokens(&self, force_refresh: bool) -> Result<Rc<Session>, AuthError> {
        let pool = self.user_pool()?;
        let (session, tokens) = self.current_tokens()?;
        if !force_refresh && tokens.usable_at(self.0.env.now()) {
            return Ok(session);
        }
        self.join_refresh(pool, session).await
    }

    fn current_tokens(&self) -> Result<(Rc<Session>, Tokens), AuthError> {
        let session = self.0.session.borrow().clone();
        let Some(session) = session else {
            return Err(AuthError::new(
                Code::NotSignedIn,
                "Nobody is signed in. Call signIn() first.",
            ));
        };
        match session.tokens.clone() {
            Some(tokens) => Ok((session, tokens)),
            None => Err(AuthError::new(
                Code::NotSignedIn,
                "The service no longer accepts this session's tokens. The user must sign in again.",
            )),
        }
    }

    fn join_refresh(&self, pool: Rc<UserPoolConfig>, session: Rc<Session>) -> RefreshFlight {
        if let Some(flight) = self.0.refresh_flight.borrow().as_ref() {
            return flight.clone();
        }
        let client = self.clone();
        let epoch = self.0.epoch.get();
        let flight = async move {
            let result = client.refresh(&pool, epoch, &session).await;
            // A flight of a later epoch has its own place here.
            if client.0.epoch.get() == epoch {
                client.0.refresh_flight.replace(None);
            }
            result
        }
        .boxed_local()
        .shared();
        self.0.refresh_flight.replace(Some(flight.clone()));
        flight
    }

    async fn refresh(&self, pool: &UserPoolConfig, epoch: u64, session: &Session) -> Result<Rc<Session>, AuthError> {
        let Some(old) = &session.tokens else {
            return Err(superseded());
        };
        let answer = self.ask_for_tokens(pool, session, old).await;
        let elsewhere = self.look_elsewhere(pool, old).await;
        if self.0.epoch.get() != epoch {
            // Tokens go on to `store_and_commit`, which revokes what came too late.
            if answer.is_err() {
                return Err(superseded());
            }
        } else {
            match elsewhere {
                Elsewhere::Nothing => {}
                Elsewhere::SignedOut => return Err(self.follow_sign_out(pool, answer.ok()).await),
                Elsewhere::Session(theirs) => return self.adopt(session, theirs),
            }
        }
        match answer {
            Ok(result) => {
                let tokens = self.receive(result, Some(&old.refresh))?;
                let renewed = Rc::new(Session {
                    tokens: Some(tokens),
                    ..session.clone()
                });
                // Tokens that cannot be stored are better than none: the old refresh token may be dead by now.
                self.commit_even_if_not_stored(pool, epoch, Rc::clone(&renewed), Event::TokensRefreshed)
                    .await?;
                Ok(renewed)
            }
            Err(mut error) if refresh::is_definite_refusal(&error) => {
                let refused = Rc::new(session.without_tokens());
                self.commit_even_if_not_stored(pool, epoch, refused, Event::RefreshRefused)
                    .await?;
                error.code = Code::NotSignedIn;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn commit_even_if_not_stored(
        &self,
        pool: &UserPoolConfig,
        epoch: u64,
        session: Rc<Session>,
        event: Event,
    ) -> Result<(), AuthError> {
        match self.store_and_commit(pool, epoch, Rc::clone(&session), event).await {
            Err(error) if error.code == Code::Storage => {
                self.commit(event, Some(session));
                Ok(())
            }
            stored => stored,
        }
    }

    /// Another tab has signed the user out while this one asked for tokens.
    async fn follow_sign_out(&self, pool: &UserPoolConfig, late: Option<AuthenticationResult>) -> AuthError {
        self.begin_epoch();
        self.commit(Event::SignedOut, None);
        if let Some(refresh) = late.and_then(|result| result.refresh) {
            let _ = self.ask(user_pool::revoke_token(pool, &refresh)).await;
        }
        AuthError::new(Code::NotSignedIn, "The user was signed out in another tab.")
    }

    /// Another tab has stored newer tokens, or another user's. They are the session from now on, whatever our own
    /// answer was; ours are not revoked, because that would end theirs too when they are of one family.
    fn adopt(&self, ours: &Session, theirs: Session) -> Result<Rc<Session>, AuthError> {
        let is_same_user = ours.user_sub == theirs.user_sub;
        let is_usable = theirs
            .tokens
            .as_ref()
            .is_some_and(|tokens| tokens.usable_at(self.0.env.now()));
        let theirs = Rc::new(theirs);
        let event = if is_same_user {
            Event::TokensRefreshed
        } else {
            Event::SignedIn
        };
        self.commit(event, Some(Rc::clone(&theirs)));
        if is_same_user && is_usable {
            Ok(theirs)
        } else {
            Err(superseded())
        }
    }

    async fn ask_for_tokens(
        &self,
        pool: &UserPoolConfig,
        session: &Session,
        tokens: &Tokens,
    ) -> Result<AuthenticationResult, AuthError> {
        let answer = self
            .ask(user_pool::get_tokens_from_refresh_token(pool, &tokens.refresh))
            .await;
        let document = match answer {
            Err(error) if refresh::must_use_refresh_token_auth(&error) => {
                self.ask(user_pool::refresh_token_auth(pool, &session.username, &tokens.refresh))
                    .await?
            }
            answer => answer?,
        };
        match user_pool::parse_auth(&document)? {
            AuthAnswer::Tokens(result) => Ok(result),
            AuthAnswer::Challenge(challenge) => Err(AuthError::new(
                Code::Unknown,
                format!("The service answered a refresh with the challenge {}.", challenge.name),
            )),
        }
    }
}
