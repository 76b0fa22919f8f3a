//! Requests to a service, and the age of its responses.

use super::handle::Runtime;
use crate::core::api::conceal::conceal;
use crate::core::api::fault;
use crate::core::api::http::{Request, Response};
use crate::core::error::AuthError;
use crate::core::json::Value;
use crate::core::limits::{REQUEST_DEADLINE, USUAL_ANSWER_AGE};
use crate::ports::{Env, Millis};

/// What a service has answered.
#[derive(Debug)]
pub(in crate::engine) struct Reply {
    pub(in crate::engine) document: Value,
    pub(in crate::engine) age: Age,
}

/// How old a response is.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Age {
    /// `Date`, in seconds by the service's clock.
    pub(in crate::engine) date: Option<i64>,
    /// How long it was on its way, or waited to be read by a page that was frozen or a device that slept.
    pub(in crate::engine) delay: Millis,
}

impl<E: Env> Runtime<E> {
    /// Sends a request to a service and reads the document it answers.
    ///
    /// # Errors
    /// `network`, `timeout`, what the service refuses with; none of them quotes a secret of the request.
    pub(in crate::engine) async fn ask(&self, request: Request) -> Result<Reply, AuthError> {
        let sent = request.clone();
        let reply = self.send(request).await.and_then(|(response, delay)| {
            Ok(Reply {
                document: fault::document(sent.subject(), &response)?,
                age: Age {
                    date: response.date,
                    delay,
                },
            })
        });
        reply.map_err(|error| conceal(&sent, error))
    }

    /// Sends a request. The response comes with its delay, where that is more than usual.
    ///
    /// # Errors
    /// `network`, `timeout`.
    pub(in crate::engine) async fn send(&self, request: Request) -> Result<(Response, Millis), AuthError> {
        let description = request.description();
        let clocks = || (self.env().now(), self.env().monotonic());
        let sent = clocks();
        let response = self
            .within(REQUEST_DEADLINE, &description, self.env().send(request))
            .await?;
        let arrived = clocks();
        // Either clock may stand still or be set.
        let delay = arrived.0.saturating_sub(sent.0).max(arrived.1.saturating_sub(sent.1));
        Ok((response, if delay > USUAL_ANSWER_AGE { delay } else { 0 }))
    }
}
