//! The client itself: what it holds, how it starts, and what it knows without waiting.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::bell::{Bell, Turns};
use super::calls::Task;
use super::events::{Events, Host, Snapshot};
use super::options::InitializeOptions;
use super::revocations::PendingRevocation;
use super::session::Live;
use super::store::StoreFacts;
use crate::core::config::{Config, UserPoolConfig, fetched};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::identity::Identity;
use crate::core::record::{self, Revocation};
use crate::core::srp::Ephemeral;
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Env, Millis, StorageKind};

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
    pub(super) setup: RefCell<Option<Rc<Setup>>>,
    pub(super) state: Cell<UserState>,
    pub(super) reason: Cell<Option<Reason>>,
    pub(super) live: RefCell<Option<Live>>,
    /// The identity of the record.
    pub(super) identity: RefCell<Option<Identity>>,
    pub(super) store: StoreFacts,
    /// Whoever reads or writes the store does so in turn, so that what it finds is not what this tab is writing.
    pub(super) turns: Rc<Turns>,
    /// The same for what is stored beside the record, which nobody waits for who waits for the record.
    pub(super) asides: Rc<Turns>,
    pub(super) doubts: Doubts,
    /// `tokensRefreshed` is still to be told.
    pub(super) owes_refreshed: Cell<bool>,
    /// Sign-outs that were called and are not stored yet: nobody is served meanwhile.
    pub(super) ending: Cell<u32>,
    /// How many sign-outs were ever called.
    pub(super) sign_outs: Cell<u32>,
    /// What this tab does about the doings of others.
    pub(super) watch: WatchFacts,
    /// Raised whenever what was under way no longer counts: by a sign-in that begins, by a sign-out, and when another
    /// tab has begun or ended a session. Whoever comes back from an await with another number drops what it brings.
    pub(super) epoch: Cell<u64>,
    /// Rings with each epoch.
    pub(super) epoch_began: Rc<Bell>,
    pub(super) pending_challenge: RefCell<Option<Rc<PendingChallenge>>>,
    /// The store that the sign-in which is under way asks for.
    pub(super) asked_storage: Cell<Option<StorageKind>>,
    pub(super) refresh: RefreshFacts,
    /// Rings when a wait for the user is over.
    pub(super) wait_over: Rc<Bell>,
    /// How often it had rung when the tokens died.
    pub(super) rings_at_death: Cell<u32>,
    pub(super) is_retelling: Cell<bool>,
    pub(super) revocations: RefCell<Vec<PendingRevocation>>,
    /// Of the session that a sign-in is writing over: to be revoked as soon as it has.
    pub(super) replacing: RefCell<Option<Revocation>>,
    pub(super) revoking: RefCell<Option<Task>>,
    /// The answer that arrived last.
    pub(super) arrival: Cell<Arrival>,
    /// `a` and `A` of the next sign-in, computed while the page was idle.
    pub(super) prepared: RefCell<Option<Ephemeral>>,
    /// Rings once: the client was closed.
    pub(super) closed: Rc<Bell>,
}

/// Whether this tab may have missed something: the page slept, or was hidden. Counted, because a doubt that comes while
/// the store is being read is not settled by that reading.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    raised: Cell<u32>,
    settled: Cell<u32>,
}

impl Doubts {
    /// The number of this doubt, for [`settle`](Self::settle).
    pub(super) fn raise(&self) -> u32 {
        self.raised.set(self.raised.get().wrapping_add(1));
        self.raised.get()
    }

    pub(super) fn latest(&self) -> u32 {
        self.raised.get()
    }

    pub(super) fn settle(&self, number: u32) {
        self.settled.set(number);
    }

    pub(super) fn are_open(&self) -> bool {
        self.raised != self.settled
    }
}

/// What an answer says about its own age.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Arrival {
    /// `Date`, in seconds.
    pub(super) date: Option<i64>,
    /// How long it was on its way, or waited to be read by a page that was frozen or a device that slept.
    pub(super) age: Millis,
}

/// What is known of refreshes.
#[derive(Debug, Default)]
pub(super) struct RefreshFacts {
    /// The one that is under way, for everybody who asks meanwhile.
    pub(super) flight: RefCell<Option<Task>>,
    /// Somebody asked for tokens and could not have them.
    pub(super) is_wanted: Cell<bool>,
    /// Attempts go on by themselves.
    pub(super) is_recovering: Cell<bool>,
    pub(super) last_failure: RefCell<Option<AuthError>>,
    /// How often in a row the store could be neither read nor written.
    pub(super) blind: Cell<u32>,
    /// Of which session it was told that its tokens are renewed too often.
    pub(super) told_limit_of: Cell<Option<i64>>,
    /// Of which tokens the early renewal is planned: of those that arrived then.
    pub(super) planned: Cell<Option<Millis>>,
    /// When there was last reason to hope for a connection.
    pub(super) news_at: Cell<Millis>,
}

impl RefreshFacts {
    /// The session is another, or has new tokens: what an earlier refresh came to says nothing about it.
    pub(super) fn forget_failure(&self) {
        self.is_wanted.set(false);
        self.last_failure.replace(None);
    }
}

/// What is under way in looking at other tabs' doings.
#[derive(Debug, Default)]
pub(super) struct WatchFacts {
    /// The look into the store that all callers in doubt share.
    pub(super) look: RefCell<Option<Task>>,
    pub(super) is_following: Cell<bool>,
    /// Another tab has written while this one was reading.
    pub(super) follows_again: Cell<bool>,
    pub(super) is_watching_journal: Cell<bool>,
}

/// What `initialize` was given.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) config: Config,
    /// Where the record is stored.
    pub(super) key: Option<String>,
    pub(super) options: InitializeOptions,
    /// Where the configuration was fetched.
    url: Option<String>,
}

/// Where the configuration is if the app does not say.
const DEFAULT_URL: &str = "./awsconfiguration.json";

/// Where the configuration comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum ConfigSource {
    /// A document.
    Text(String),
    /// A document at a URL; at the usual one where it is empty.
    Url(String),
}

/// Neither prints: a document may hold a client secret, a URL a signature.
impl fmt::Debug for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfigSource([redacted])")
    }
}

impl<E: Env> Client<E> {
    /// A client that is not initialized yet. `host` gets every committed change, in order.
    pub fn new(env: E, host: impl Host + 'static) -> Self {
        Self(Rc::new(Inner {
            env,
            events: Events::new(host),
            setup: RefCell::default(),
            state: Cell::default(),
            reason: Cell::default(),
            live: RefCell::default(),
            identity: RefCell::default(),
            store: StoreFacts::default(),
            turns: Rc::default(),
            asides: Rc::default(),
            doubts: Doubts::default(),
            owes_refreshed: Cell::default(),
            ending: Cell::default(),
            sign_outs: Cell::default(),
            watch: WatchFacts::default(),
            epoch: Cell::default(),
            epoch_began: Rc::default(),
            pending_challenge: RefCell::default(),
            asked_storage: Cell::default(),
            refresh: RefreshFacts::default(),
            wait_over: Rc::default(),
            rings_at_death: Cell::default(),
            is_retelling: Cell::default(),
            revocations: RefCell::default(),
            replacing: RefCell::default(),
            revoking: RefCell::default(),
            arrival: Cell::default(),
            prepared: RefCell::default(),
            closed: Rc::default(),
        }))
    }

    /// Reads the configuration and the stored session. Sends nothing to Cognito, so it works offline; whether the
    /// tokens are still accepted shows when they are used. Neither a store that is blocked or broken nor a record that
    /// cannot be read makes it fail.
    ///
    /// Called again it answers with the state, and fetches nothing but a document at another URL, to compare it; called
    /// again after a failure it tries again.
    ///
    /// # Errors
    /// `invalidConfiguration` with the path of what is wrong; `invalidParameter` for `importSession` beside an endpoint
    /// that is neither the pool's own nor on this device; `network` when the document at the URL could not be
    /// fetched; `invalidState` when the client already has another configuration, or an option is
    /// another than it has.
    pub async fn initialize(&self, source: ConfigSource, options: InitializeOptions) -> Result<UserState, AuthError> {
        let known = self.0.setup.borrow().clone();
        let is_known = |url: &str, known: &Setup| url.is_empty() || known.url.as_deref() == Some(url);
        let (config, url) = match (source, known) {
            (ConfigSource::Url(url), Some(known)) if is_known(&url, &known) => {
                // Another call may still be reading the store.
                drop(self.0.turns.take().await);
                return check_options(&options, &known.options).map(|()| self.0.state.get());
            }
            (ConfigSource::Url(url), _) => {
                let url = if url.is_empty() { DEFAULT_URL.into() } else { url };
                (self.fetch_config(&url).await?, Some(url))
            }
            (ConfigSource::Text(text), _) => (Config::parse(&Zeroizing::new(text))?, None),
        };
        check_import(&config, &options)?;
        let key = record::storage_key(&config);
        let setup = Setup {
            key,
            config,
            options,
            url,
        };
        let turn = self.0.turns.take().await;
        if let Some(state) = self.initialized_before(&setup) {
            return state;
        }
        self.restore(&turn, setup).await;
        drop(turn);
        self.go_on_after_start();
        Ok(self.0.state.get())
    }

    /// What [`Channel::announce`](crate::ports::Channel::announce) names, for whoever hears the other tabs.
    pub fn channel_key(&self) -> Option<String> {
        self.storage_key()
    }

    /// How things are.
    pub fn snapshot(&self) -> Snapshot {
        let live = self.0.live.borrow();
        let session = live.as_ref().map(|live| &live.session);
        let profile = session.map(|session| session.profile()).unwrap_or_default();
        Snapshot {
            user_state: self.0.state.get(),
            reason: self.0.reason.get(),
            username: session.and_then(|session| session.username()).map(String::from),
            user_sub: session.and_then(|session| session.subject()).map(String::from),
            email: profile.email,
            name: profile.name,
            storage: self.0.setup.borrow().is_some().then(|| self.0.store.kind.get()),
            is_online: self.0.env.is_online(),
        }
    }

    /// What an authenticator app shows beside the user's name.
    pub fn totp_issuer(&self) -> String {
        let setup = self.0.setup.borrow();
        setup
            .as_ref()
            .map(|setup| setup.options.totp_issuer.clone())
            .unwrap_or_default()
    }

    /// What `initialize` was given.
    ///
    /// # Errors
    /// `invalidConfiguration` before that.
    pub(super) fn setup(&self) -> Result<Rc<Setup>, AuthError> {
        self.0.setup.borrow().clone().ok_or_else(|| {
            AuthError::new(
                Code::InvalidConfiguration,
                "The client is not initialized. Call `await client.initialize()` first.",
            )
        })
    }

    /// The configured user pool.
    pub(super) fn user_pool(&self) -> Result<Rc<UserPoolConfig>, AuthError> {
        self.setup()?.config.user_pool()
    }

    /// Makes everything that is under way stale, and gives the number of what begins now.
    pub(super) fn begin_epoch(&self) -> u64 {
        let epoch = self.0.epoch.get().wrapping_add(1);
        self.0.epoch.set(epoch);
        self.0.pending_challenge.replace(None);
        self.0.refresh.flight.replace(None);
        self.0.epoch_began.ring();
        epoch
    }

    /// Which store to ask for.
    pub(super) fn wished_storage(setup: &Setup) -> StorageKind {
        match &setup.config.user_pool {
            Some(pool) if !pool.is_persistent => StorageKind::Memory,
            _ => setup.options.storage,
        }
    }

    /// What `initialize` answers once it has succeeded.
    fn initialized_before(&self, setup: &Setup) -> Option<Result<UserState, AuthError>> {
        let known = self.0.setup.borrow();
        let known = known.as_ref()?;
        let is_same = match (&known.config.user_pool, &setup.config.user_pool) {
            (Some(known), Some(other)) => known.is_same_as(other),
            (known, other) => known.is_none() && other.is_none(),
        };
        Some(if is_same && known.key == setup.key {
            check_options(&setup.options, &known.options).map(|()| self.0.state.get())
        } else {
            Err(AuthError::new(
                Code::InvalidState,
                "This client already has another configuration. Make a new AWSMobileClient for a second one.",
            ))
        })
    }

    async fn fetch_config(&self, url: &str) -> Result<Config, AuthError> {
        let request = fetched::request(url)?;
        let place = request.subject().to_owned();
        fetched::read(&place, &self.send(request).await?)
    }
}

/// An option that is ignored would be one that somebody relies on.
fn check_options(options: &InitializeOptions, known: &InitializeOptions) -> Result<(), AuthError> {
    options
        .conflict_with(known)
        .map_or(Ok(()), |name| Err(other_option(name)))
}

/// What `initialize` answers to an option that is another than the client has.
pub fn other_option(name: &str) -> AuthError {
    AuthError::new(
        Code::InvalidState,
        format!(
            "initialize() was already called with a different `{name}`, or without it; it cannot be changed afterwards. Pass \
             the same value, leave it out, or make a new AWSMobileClient."
        ),
    )
}

/// What another package has stored does not say which endpoint its tokens are of. They are AWS's, as far as anybody
/// knows, and are sent nowhere else; but for a test of the change-over, to a service on this device.
fn check_import(config: &Config, options: &InitializeOptions) -> Result<(), AuthError> {
    let pool = config.user_pool.as_ref().filter(|_| options.import_session);
    match pool.and_then(|pool| pool.other_endpoint()) {
        Some(endpoint) if !endpoint.is_loopback() => Err(AuthError::new(
            Code::InvalidParameter,
            "initialize() takes `importSession` only where the configuration has no `Endpoint` of its own: the other \
             package's tokens would be sent there. Leave one of the two out.",
        )),
        _ => Ok(()),
    }
}
