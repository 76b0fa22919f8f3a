//! The client: a handle that delegates to the rooms of the engine.

use std::fmt;

use zeroize::Zeroizing;

use super::notices::{Host, Snapshot};
use super::operations::OperationEngine;
use super::options::{
    AutoSignInOptions, ConfirmSignInOptions, GetTokensOptions, InitializeOptions, SignInOptions, SignOutOptions,
};
use super::runtime::{Abort, Runtime, Setup};
use super::session::SessionEngine;
use super::sign_in::{SignInEngine, SignInResult};
use super::store::Store;
use crate::core::api::user_pool::Operation;
use crate::core::config::{Config, fetched};
use crate::core::error::{AuthError, Code};
use crate::core::record;
use crate::core::session::Session;
use crate::core::user_state::UserState;
use crate::ports::{Env, Signal};
use std::future::Future;
use std::rc::Rc;

/// A client. Cloning gives another handle on the same one.
#[derive(Debug)]
pub struct Client<E> {
    runtime: Runtime<E>,
    store: Store<E>,
    pub(super) session: SessionEngine<E>,
    sign_in: SignInEngine<E>,
    operations: OperationEngine<E>,
}

impl<E> Clone for Client<E> {
    fn clone(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            store: self.store.clone(),
            session: self.session.clone(),
            sign_in: self.sign_in.clone(),
            operations: self.operations.clone(),
        }
    }
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
        let runtime = Runtime::new(env);
        let store = Store::new(runtime.clone());
        let session = SessionEngine::new(runtime.clone(), store.clone(), host);
        let sign_in = SignInEngine::new(runtime.clone(), store.clone(), session.clone());
        let operations = OperationEngine::new(runtime.clone(), session.clone(), sign_in.clone());
        Self {
            runtime,
            store,
            session,
            sign_in,
            operations,
        }
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
        let known = self.runtime.known_setup();
        let is_known = |url: &str, known: &Setup| url.is_empty() || known.url.as_deref() == Some(url);
        let (config, url) = match (source, known) {
            (ConfigSource::Url(url), Some(known)) if is_known(&url, &known) => {
                // Another call may still be reading the store.
                drop(self.store.lock().await);
                return check_options(&options, &known.options).map(|()| self.session.user_state());
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
        let turn = self.store.lock().await;
        if let Some(state) = self.initialized_before(&setup) {
            return state;
        }
        self.session.restore(&turn, setup).await;
        drop(turn);
        self.session.go_on_after_start();
        Ok(self.session.user_state())
    }

    /// Takes a signal of the outside.
    pub fn signal(&self, signal: Signal) {
        self.session.signal(signal);
    }

    /// Runs a call until it ends, is aborted, or the client is closed. A call may be dropped at any of its
    /// awaits: what must not stay half done runs as a task of its own.
    ///
    /// # Errors
    /// `aborted`; `invalidState` when the client was closed; the call's own.
    pub async fn guard<T>(
        &self,
        abort: &Abort,
        call: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        self.runtime.guard(abort, call).await
    }

    /// Ends everything: every call, wait and task. The session stays stored.
    pub fn close(&self) {
        self.runtime.close();
    }

    /// What [`Channel::announce`](crate::ports::Channel::announce) names, for the listener to other tabs.
    pub fn channel_key(&self) -> Option<String> {
        self.runtime.storage_key()
    }

    /// How things are.
    pub fn snapshot(&self) -> Snapshot {
        self.session.snapshot()
    }

    /// What an authenticator app shows beside the user's name.
    pub fn totp_issuer(&self) -> String {
        let setup = self.runtime.known_setup();
        setup.map(|setup| setup.options.totp_issuer.clone()).unwrap_or_default()
    }

    /// The session with tokens that may be handed out: from the cache, and then nothing is sent, or from a refresh.
    ///
    /// When the service has refused the refresh token for good and the last tokens have expired, the call waits until
    /// the user has signed in again, if there is a listener who can ask for that, or `wait_for_sign_in` says so.
    ///
    /// # Errors
    /// `notSignedIn` without a session, or when its tokens have ended and the call does not wait; `unableToSignIn` when the wait
    /// ended by a sign-out or [`release_sign_in_wait`](Self::release_sign_in_wait); `timeout`; `aborted` when another
    /// user has taken the place of the one who was signed in; `network` and the like when the service could not be
    /// asked, and then the session stays as it is.
    pub async fn get_tokens(&self, options: GetTokensOptions) -> Result<Rc<Session>, AuthError> {
        self.session.get_tokens(options).await
    }

    /// Ends every wait for a sign-in: the calls that wait fail with `unableToSignIn`. The state stays, and no
    /// listener is notified; a later call waits again.
    pub fn release_sign_in_wait(&self) {
        self.session.release_sign_in_wait();
    }

    /// Forgets the session, in every tab, and ends it at the service too unless the options say otherwise.
    ///
    /// The local part comes first and needs no network; a revocation that cannot be delivered now is sent later. A
    /// global sign-out asks the service first, and changes nothing when it cannot be asked. Where there are no tokens that
    /// the service takes, it signs out here and says that it has done no more.
    ///
    /// # Errors
    /// `network` and the like from a global sign-out, and the user stays signed in; `notSignedIn` from one that ended no
    /// other session, after the user was signed out here; `aborted` from one in whose place came another sign-out or a
    /// sign-in; `storage` when the stored session cannot be removed, after everything else was done.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<(), AuthError> {
        self.session.sign_out(options).await
    }

    /// Signs out here and forgets all that was ever stored for this configuration, the devices too.
    ///
    /// # Errors
    /// `storage` when a store cannot be written, after everything else was done.
    pub async fn clear_storage(&self) -> Result<(), AuthError> {
        self.session.clear_storage().await
    }

    /// Signs a user in. A sign-in or challenge that was under way ends: its call says `aborted`.
    ///
    /// # Errors
    /// `invalidState` while a user is signed in; `unexpectedChallenge` when the service asks for what this sign-in does not
    /// give; `notAuthorized`, `userNotFound`, `network`, ... as the service answers;
    /// `storage` when the session cannot be kept. No session begins then.
    pub async fn sign_in(&self, options: SignInOptions) -> Result<SignInResult, AuthError> {
        self.sign_in.sign_in(options).await
    }

    /// Signs in the user who has just confirmed a sign-up, in the session that the confirmation has given.
    ///
    /// # Errors
    /// `invalidState` when there is no such session, or it is too old; the others of [`sign_in`](Self::sign_in).
    pub async fn auto_sign_in(&self, options: AutoSignInOptions) -> Result<SignInResult, AuthError> {
        self.sign_in.auto_sign_in(options).await
    }

    /// Answers what [`sign_in`](Self::sign_in) asked. A wrong answer leaves the question open.
    ///
    /// # Errors
    /// `invalidState` when nothing is asked; `codeMismatch`, `invalidPassword`, `invalidParameter`, `notAuthorized` (the
    /// sign-in took too long: begin again), ... as the service answers; `passkeyCancelled` and its kin.
    pub async fn confirm_sign_in(&self, options: ConfirmSignInOptions) -> Result<SignInResult, AuthError> {
        self.sign_in.confirm_sign_in(options).await
    }

    /// The question of a sign-in that is half done, also after a reload; `None` where there is none, or the service has
    /// forgotten it by now.
    ///
    /// # Errors
    /// `invalidConfiguration` before `initialize`.
    pub async fn resume_sign_in(&self) -> Result<Option<SignInResult>, AuthError> {
        self.sign_in.resume_sign_in().await
    }

    /// Whose sign-in waits for an answer, by the name that the user typed.
    pub fn asked_username(&self) -> Option<String> {
        self.sign_in.asked_username()
    }

    /// Computes `A` of the next sign-in ahead, so that it does not stand between the user's click and the answer.
    ///
    /// # Errors
    /// `internal` when the device has no source of random bytes.
    pub fn prepare_sign_in(&self) -> Result<(), AuthError> {
        self.sign_in.prepare_sign_in()
    }

    /// Performs an operation. The result is the JSON text of what the app gets, `null` for nothing.
    ///
    /// An operation of the signed-in user takes its access token from [`get_tokens`](Self::get_tokens), and so may
    /// wait as that does; a token that the service refuses is renewed once. It is never performed for another user than
    /// the one who was signed in when it was called.
    ///
    /// # Errors
    /// `invalidParameter`, naming the option; `notSignedIn`; `deviceNotRemembered`; `aborted` when another user has
    /// taken the place of the one who called, or a sign-out; whatever the service answers.
    pub async fn operate(&self, operation: &'static Operation, text: &str) -> Result<Zeroizing<String>, AuthError> {
        self.operations.operate(operation, text).await
    }

    /// Makes a passkey for the signed-in user: `StartWebAuthnRegistration`, the browser's dialog,
    /// `CompleteWebAuthnRegistration`.
    ///
    /// # Errors
    /// `passkeyNotSupported`, `passkeyCancelled`, `passkeyAlreadyExists`, `passkeyRelyingPartyMismatch`; those of
    /// [`operate`](Self::operate).
    pub async fn register_passkey(&self) -> Result<(), AuthError> {
        self.operations.register_passkey().await
    }

    /// What `initialize` answers once it has succeeded.
    fn initialized_before(&self, setup: &Setup) -> Option<Result<UserState, AuthError>> {
        let known = self.runtime.known_setup()?;
        let is_same = match (&known.config.user_pool, &setup.config.user_pool) {
            (Some(known), Some(other)) => known.is_same_as(other),
            (known, other) => known.is_none() && other.is_none(),
        };
        Some(if is_same && known.key == setup.key {
            check_options(&setup.options, &known.options).map(|()| self.session.user_state())
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
        fetched::read(&place, &self.runtime.send(request).await?.0)
    }
}

/// An option must not be ignored: the app relies on it.
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

/// What another package has stored does not say which endpoint its tokens are of. They are taken for
/// AWS's, and are sent nowhere else; but for a test of the change-over, to a service on this device.
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
