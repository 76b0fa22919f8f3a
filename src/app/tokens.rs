//! Valid tokens, from the cache or by one refresh that all callers share.

use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, Shared};

use super::client::Client;
use super::session::superseded;
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
    /// The session with tokens that are good for [`MARGIN`](crate::core::tokens::MARGIN) seconds more. They come from the cache, where
    /// nothing is sent, or from a refresh that all callers share.
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
        if self.0.epoch.get() != epoch && answer.is_err() {
            return Err(superseded());
        }
        match answer {
            Ok(result) => {
                let tokens = self.receive(result, Some(&old.refresh))?;
                let renewed = Rc::new(Session {
                    tokens: Some(tokens),
                    ..session.clone()
                });
                match self
                    .store_and_commit(pool, epoch, Rc::clone(&renewed), Event::TokensRefreshed)
                    .await
                {
                    // The old refresh token may be dead by now: better a session that ends with the page than none.
                    Err(error) if error.code == Code::Storage => {
                        self.commit(Event::TokensRefreshed, Some(Rc::clone(&renewed)));
                        Ok(renewed)
                    }
                    stored => stored.map(|()| renewed),
                }
            }
            Err(mut error) if refresh::is_definite_refusal(&error) => {
                let refused = Rc::new(session.without_tokens());
                self.store_and_commit(pool, epoch, refused, Event::RefreshRefused)
                    .await?;
                error.code = Code::NotSignedIn;
                Err(error)
            }
            Err(error) => Err(error),
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
