//! The client itself: what it holds, how it starts, and what it knows without waiting.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::events::{Events, Notice, Snapshot};
use super::tokens::RefreshFlight;
use crate::core::api::fault;
use crate::core::api::http::Request;
use crate::core::config::{Config, UserPoolConfig};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::json::Value;
use crate::core::session::Session;
use crate::core::srp::Ephemeral;
use crate::core::user_state::{Event, Restored, UserState};
use crate::ports::Env;

/// A client. Cloning gives another handle on the same one.
#[derive(Debug)]
pub struct Client<E: Env>(pub(super) Rc<Inner<E>>);

impl<E: Env> Clone for Client<E> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

/// Nothing in here stays borrowed over an await: a second call may run in between.
#[derive(Debug)]
pub(super) struct Inner<E> {
    pub(super) env: E,
    pub(super) events: Events,
    /// `None` until `initialize` has succeeded.
    user_pool: RefCell<Option<ConfiguredPool>>,
    pub(super) state: Cell<UserState>,
    pub(super) session: RefCell<Option<Rc<Session>>>,
    /// The store refused the newest tokens, so what it holds is older than what this page knows.
    pub(super) store_is_behind: Cell<bool>,
    /// Raised whenever what was under way no longer counts: by a sign-in that begins and by a sign-out. Whoever
    /// comes back from an await with another number drops what it brings.
    pub(super) epoch: Cell<u64>,
    pub(super) pending_challenge: RefCell<Option<Rc<PendingChallenge>>>,
    pub(super) refresh_flight: RefCell<Option<RefreshFlight>>,
    /// `a` and `A` of the next sign-in, computed while the page was idle.
    pub(super) prepared: RefCell<Option<Ephemeral>>,
}

/// The error is what a call that needs a user pool answers where there is none.
type ConfiguredPool = Result<Rc<UserPoolConfig>, AuthError>;

/// Where the configuration comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ConfigSource {
    /// A document.
    Text(String),
    /// A document at a URL.
    Url(String),
}

/// Neither prints: a document may hold a client secret, a URL a signature.
impl fmt::Debug for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigSource([redacted])")
    }
}

impl<E: Env> Client<E> {
    /// A client that is not initialized yet. `sink` gets every committed change, in order.
    pub fn new(env: E, sink: impl Fn(&Notice) + 'static) -> Self {
        Self(Rc::new(Inner {
            env,
            events: Events::new(sink),
            user_pool: RefCell::default(),
            state: Cell::default(),
            session: RefCell::default(),
            store_is_behind: Cell::default(),
            epoch: Cell::default(),
            pending_challenge: RefCell::default(),
            refresh_flight: RefCell::default(),
            prepared: RefCell::default(),
        }))
    }

    /// Reads the configuration and the stored session. Sends nothing to Cognito, so it works offline; whether the
    /// tokens are still accepted shows when they are used.
    ///
    /// Called again it answers with the state, and fetches nothing; called again after a failure it tries again.
    ///
    /// # Errors
    /// `invalidConfiguration` with the path of what is wrong; `network` when the document at the URL could not be
    /// fetched; `invalidState` when the client already has another configuration.
    pub async fn initialize(&self, source: ConfigSource) -> Result<UserState, AuthError> {
        let text = match source {
            ConfigSource::Url(_) if self.0.user_pool.borrow().is_some() => return Ok(self.0.state.get()),
            ConfigSource::Url(url) => self.fetch_config(&url).await?,
            ConfigSource::Text(text) => text,
        };
        let user_pool = Config::parse(&Zeroizing::new(text))?.into_user_pool().map(Rc::new);
        if let Some(state) = self.initialized_before(&user_pool) {
            return state;
        }
        let stored = match &user_pool {
            Ok(pool) => self.load_session(pool).await,
            Err(_) => None,
        };
        // Another call may have come first while this one waited.
        if let Some(state) = self.initialized_before(&user_pool) {
            return state;
        }
        self.0.user_pool.replace(Some(user_pool));
        let restored = match &stored {
            None => Restored::Nothing,
            Some(session) if session.tokens.is_some() => Restored::Tokens,
            Some(_) => Restored::RefusedTokens,
        };
        self.commit(Event::Restored(restored), stored.map(Rc::new));
        Ok(self.0.state.get())
    }

    /// How things are.
    pub fn snapshot(&self) -> Snapshot {
        let session = self.0.session.borrow();
        Snapshot {
            user_state: self.0.state.get(),
            username: session.as_ref().map(|session| session.username.as_str().into()),
            user_sub: session.as_ref().map(|session| session.user_sub.clone()),
        }
    }

    /// The configured user pool.
    pub(super) fn user_pool(&self) -> ConfiguredPool {
        self.0.user_pool.borrow().clone().unwrap_or_else(|| {
            Err(AuthError::new(
                Code::InvalidConfiguration,
                "The client is not initialized. Call `await client.initialize()` first.",
            ))
        })
    }

    /// Sends a request to a service and reads the document it answers.
    pub(super) async fn ask(&self, request: Request) -> Result<Value, AuthError> {
        fault::document(&self.0.env.send(request).await?)
    }

    /// Makes everything that is under way stale, and gives the number of what begins now.
    pub(super) fn begin_epoch(&self) -> u64 {
        let epoch = self.0.epoch.get().wrapping_add(1);
        self.0.epoch.set(epoch);
        self.0.pending_challenge.replace(None);
        self.0.refresh_flight.replace(None);
        epoch
    }

    /// What `initialize` answers once it has succeeded.
    fn initialized_before(&self, user_pool: &ConfiguredPool) -> Option<Result<UserState, AuthError>> {
        let known = self.0.user_pool.borrow();
        let is_same = match (known.as_ref()?, user_pool) {
            (Ok(known), Ok(other)) => known.is_same_as(other),
            (known, other) => known.is_err() && other.is_err(),
        };
        Some(if is_same {
            Ok(self.0.state.get())
        } else {
            Err(AuthError::new(
                Code::InvalidState,
                "This client already has another configuration. Make a new AWSMobileClient for a second one.",
            ))
        })
    }

    async fn fetch_config(&self, url: &str) -> Result<String, AuthError> {
        if url.trim_ascii_start().starts_with('{') {
            return Err(AuthError::new(
                Code::InvalidConfiguration,
                "initialize() takes the configuration as an object or as its URL, and not as text.",
            ));
        }
        let request = Request::get(url);
        let place = request.subject().to_owned();
        let answer = self.0.env.send(request).await?;
        if answer.status == 200 {
            return Ok(answer.body.to_string());
        }
        Err(AuthError::new(
            Code::InvalidConfiguration,
            format!(
                "There is no configuration at {place}: HTTP {}. Give initialize() the object or its URL.",
                answer.status
            ),
        ))
    }
}
