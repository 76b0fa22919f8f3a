//! How calls end: by an answer, by a deadline, by their caller, or with the client.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};

use super::bell::Abort;
use super::client::{Arrival, Client};
use crate::core::api::conceal::conceal;
use crate::core::api::fault;
use crate::core::api::http::{Request, Response};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::json::Value;
use crate::core::limits::{REQUEST_DEADLINE, USUAL_ANSWER_AGE};
use crate::core::names::Username;
use crate::core::session::Session;
use crate::core::session::decide::superseded;
use crate::ports::{Env, Millis};

/// Work that goes on whether or not anybody still waits for it.
pub(super) type Task = Shared<LocalBoxFuture<'static, Outcome>>;

/// What a [`Task`] comes to: the session after it, if there is one.
pub(super) type Outcome = Result<Option<Rc<Session>>, AuthError>;

impl<E: Env> Client<E> {
    /// Runs a call until it ends, is aborted, or the client is closed. Dropping a call at any of its awaits harms
    /// nobody: what must not stay half done runs as a task of its own.
    ///
    /// # Errors
    /// `aborted`; `invalidState` when the client was closed; the call's own.
    pub async fn guard<T>(
        &self,
        abort: &Abort,
        call: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        if !self.is_closed() && !abort.0.has_rung() {
            let end = select(abort.0.first(), self.0.closed.first());
            // The end comes first: a call that goes on once more could begin a refresh, with its lock, that nobody ends.
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
    pub fn close(&self) {
        self.0.closed.ring();
        // With the refresh under way goes its lock.
        self.begin_epoch();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.closed.has_rung()
    }

    /// Runs what nobody waits for, until the client is closed.
    pub(super) fn spawn(&self, future: impl Future<Output = ()> + 'static) {
        let closed = self.0.closed.first();
        let task = async move {
            let _ = select(closed, pin!(future)).await;
        };
        self.0.env.spawn(task.boxed_local());
    }

    /// Runs what any number of callers wait for.
    pub(super) fn share(&self, future: impl Future<Output = Outcome> + 'static) -> Task {
        let task = future.boxed_local().shared();
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
    pub(super) async fn within<T>(
        &self,
        time: Millis,
        what: &str,
        future: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        match select(pin!(future), pin!(self.0.env.sleep(time))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(AuthError::new(
                Code::Timeout,
                format!("{what} took longer than {} seconds.", (time + 500) / 1000),
            )),
        }
    }

    /// Waits for what only the user ends, until a later sign-in or a sign-out has taken its place: a browser shows one
    /// passkey dialog at a time, and nobody closes that of a form which is gone.
    ///
    /// # Errors
    /// `aborted`; the future's own.
    pub(super) async fn while_it_counts<T>(
        &self,
        future: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        match select(pin!(future), self.0.epoch_began.next()).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(superseded()),
        }
    }

    /// What the page knows of the device, for whoever signs up or in under this name.
    pub(super) fn context_data(&self, pool: &UserPoolConfig, username: &Username) -> Option<String> {
        let (pool_id, client_id) = (pool.pool_id.as_str(), pool.client_id.as_str());
        self.0.env.context_data(username.as_str(), pool_id, client_id)
    }

    /// Sends a request to a service and reads the document it answers.
    ///
    /// # Errors
    /// `network`, `timeout`, what the service refuses with; none of them quotes a secret of the request.
    pub(super) async fn ask(&self, request: Request) -> Result<Value, AuthError> {
        let sent = request.clone();
        let response = self.send(request).await;
        let document = response.and_then(|response| fault::document(sent.subject(), &response));
        document.map_err(|error| conceal(&sent, error))
    }

    /// Sends a request and remembers how old its answer is.
    pub(super) async fn send(&self, request: Request) -> Result<Response, AuthError> {
        let description = request.description();
        let is_of_service = request.body.is_some();
        let clocks = || (self.0.env.now(), self.0.env.monotonic());
        let sent = clocks();
        let response = self
            .within(REQUEST_DEADLINE, &description, self.0.env.send(request))
            .await?;
        let arrived = clocks();
        // Either clock may stand still or be set.
        let age = arrived.0.saturating_sub(sent.0).max(arrived.1.saturating_sub(sent.1));
        self.0.arrival.set(Arrival {
            // Whoever serves the configuration is not the service.
            date: response.date.filter(|_| is_of_service),
            age: if age > USUAL_ANSWER_AGE { age } else { 0 },
        });
        Ok(response)
    }
}
