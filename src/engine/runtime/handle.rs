//! The runtime of one client: the ports, what `initialize` was given, tasks, deadlines and the end of calls.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};

use super::attempt::{Attempt, Attempts};
use super::notify::{Abort, Notify};
use super::single_flight::Task;
use crate::core::config::{Config, UserPoolConfig};
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;
use crate::core::session::decide::superseded;
use crate::engine::options::InitializeOptions;
use crate::ports::{Env, Millis, StorageKind};

/// A handle on the runtime of one client.
#[derive(Debug)]
pub(in crate::engine) struct Runtime<E>(Rc<State<E>>);

impl<E> Clone for Runtime<E> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

#[derive(Debug)]
struct State<E> {
    env: E,
    /// `None` until `initialize` has succeeded.
    setup: RefCell<Option<Rc<Setup>>>,
    attempts: Rc<Attempts>,
    /// Notifies once: the client was closed.
    closed: Rc<Notify>,
}

/// What `initialize` was given.
#[derive(Debug)]
pub(in crate::engine) struct Setup {
    pub(in crate::engine) config: Config,
    /// Where the record is stored.
    pub(in crate::engine) key: Option<String>,
    pub(in crate::engine) options: InitializeOptions,
    /// Where the configuration was fetched.
    pub(in crate::engine) url: Option<String>,
}

impl Setup {
    /// The store that sessions are kept in unless a sign-in asks for another.
    pub(in crate::engine) fn wished_storage(&self) -> StorageKind {
        if self.is_persistent() {
            self.options.storage
        } else {
            StorageKind::Memory
        }
    }

    /// Whether the configuration lets a session outlive the page.
    pub(in crate::engine) fn is_persistent(&self) -> bool {
        self.config.user_pool.as_ref().is_none_or(|pool| pool.is_persistent)
    }
}

impl<E: Env> Runtime<E> {
    pub(in crate::engine) fn new(env: E) -> Self {
        Self(Rc::new(State {
            env,
            setup: RefCell::default(),
            attempts: Rc::default(),
            closed: Rc::default(),
        }))
    }

    pub(in crate::engine) fn env(&self) -> &E {
        &self.0.env
    }

    pub(in crate::engine) fn set_up(&self, setup: Setup) -> Rc<Setup> {
        let setup = Rc::new(setup);
        self.0.setup.replace(Some(Rc::clone(&setup)));
        setup
    }

    /// What `initialize` was given, once it has succeeded.
    pub(in crate::engine) fn known_setup(&self) -> Option<Rc<Setup>> {
        self.0.setup.borrow().clone()
    }

    /// The same, for a call that needs it.
    ///
    /// # Errors
    /// `invalidConfiguration` before that.
    pub(in crate::engine) fn setup(&self) -> Result<Rc<Setup>, AuthError> {
        self.known_setup().ok_or_else(|| {
            AuthError::new(
                Code::InvalidConfiguration,
                "The client is not initialized. Call `await client.initialize()` first.",
            )
        })
    }

    /// The configured user pool.
    ///
    /// # Errors
    /// `userPoolNotConfigured`; `invalidConfiguration` before `initialize`.
    pub(in crate::engine) fn user_pool(&self) -> Result<Rc<UserPoolConfig>, AuthError> {
        self.setup()?.config.user_pool()
    }

    pub(in crate::engine) fn storage_key(&self) -> Option<String> {
        self.known_setup()?.key.clone()
    }

    /// What counts from now on, until it is superseded.
    pub(in crate::engine) fn attempt(&self) -> Attempt {
        self.0.attempts.current()
    }

    /// Supersedes everything in flight, and gives what begins now.
    pub(in crate::engine) fn supersede(&self) -> Attempt {
        self.0.attempts.supersede()
    }

    /// Has this done whenever something is superseded.
    pub(in crate::engine) fn on_supersede(&self, cleanup: impl Fn() + 'static) {
        self.0.attempts.on_supersede(cleanup);
    }

    /// Runs a call until it ends, is aborted, or the client is closed. A call may be dropped at any of its
    /// awaits: what must not stay half done runs as a task of its own.
    ///
    /// # Errors
    /// `aborted`; `invalidState` when the client was closed; the call's own.
    pub(in crate::engine) async fn guard<T>(
        &self,
        abort: &Abort,
        call: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        if !self.is_closed() && !abort.0.has_notified() {
            let end = select(abort.0.first(), self.0.closed.first());
            // The end comes first: a call that goes on once more could begin a refresh, and keep its lock for ever.
            if let Either::Right((result, _)) = select(end, pin!(call)).await {
                return result;
            }
        }
        Err(if self.is_closed() {
            AuthError::new(
                Code::InvalidState,
                "This client was closed by close(). Use AWSMobileClient.sharedInstance() or a new AWSMobileClient.",
            )
        } else {
            AuthError::new(Code::Aborted, "The caller aborted the call.")
        })
    }

    /// Ends everything: every call, wait and task. The session stays stored.
    pub(in crate::engine) fn close(&self) {
        self.0.closed.notify();
        // With the refresh under way goes its lock.
        self.supersede();
    }

    pub(in crate::engine) fn is_closed(&self) -> bool {
        self.0.closed.has_notified()
    }

    /// Runs what no call waits for, until the client is closed.
    pub(in crate::engine) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let closed = self.0.closed.first();
        let task = async move {
            let _ = select(closed, pin!(future)).await;
        };
        self.env().spawn(task.boxed_local());
    }

    /// Runs work that any number of callers wait for.
    pub(in crate::engine) fn share<T: Clone + 'static>(
        &self,
        work: impl Future<Output = Result<T, AuthError>> + 'static,
    ) -> Task<T> {
        let task = work.boxed_local().shared();
        let running = task.clone();
        self.spawn(async move {
            let _ = running.await;
        });
        task
    }

    /// Gives a port or a call some time.
    ///
    /// # Errors
    /// `timeout`, naming what took too long; the future's own.
    pub(in crate::engine) async fn within<T>(
        &self,
        time: Millis,
        what: &str,
        future: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        match select(pin!(future), pin!(self.env().sleep(time))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(AuthError::new(
                Code::Timeout,
                format!("{what} took longer than {} seconds.", (time + 500) / 1000),
            )),
        }
    }

    /// Waits for what only the user ends, until a later sign-in or a sign-out has taken its place: a browser shows one
    /// passkey dialog at a time, and the user cannot close that of a form which is gone.
    ///
    /// # Errors
    /// `aborted`; the future's own.
    pub(in crate::engine) async fn unless_superseded<T>(
        &self,
        future: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        match select(pin!(future), self.0.attempts.superseded.next()).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(superseded()),
        }
    }

    /// What the page knows of the device, for a user who signs up or in under this name.
    pub(in crate::engine) fn context_data(&self, pool: &UserPoolConfig, username: &Username) -> Option<String> {
        let (pool_id, client_id) = (pool.pool_id.as_str(), pool.client_id.as_str());
        self.env().context_data(username.as_str(), pool_id, client_id)
    }
}
