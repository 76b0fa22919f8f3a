//! What the client needs from outside. A browser adapter and a fake stand behind each port. Where a port can be tried
//! without a service, one contract test holds both to it.

use std::future::Future;

use crate::core::api::http::{Request, Response};
use crate::core::error::AuthError;
use crate::core::tokens::UnixSeconds;

/// Sends requests.
pub trait Http {
    /// Sends one request, once, and waits for the whole answer, whatever its status.
    ///
    /// # Errors
    /// `network` when no answer came, `timeout` when it took longer than the adapter's deadline.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, AuthError>>;
}

/// Tells the time.
pub trait Clock {
    /// The time of this device.
    fn now(&self) -> UnixSeconds;
}

/// Keeps texts across reloads.
pub trait Storage {
    /// The text at `key`.
    ///
    /// # Errors
    /// `storage` when the store cannot be read.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<String>, AuthError>>;

    /// Puts a text at `key`: all of it, or nothing.
    ///
    /// # Errors
    /// `storage` when the store cannot be written, or is full.
    fn set(&self, key: &str, text: &str) -> impl Future<Output = Result<(), AuthError>>;

    /// Removes what is at `key`; nothing there is no error.
    ///
    /// # Errors
    /// `storage` when the store cannot be written.
    fn remove(&self, key: &str) -> impl Future<Output = Result<(), AuthError>>;
}

/// Draws random bytes.
pub trait Random {
    /// Fills the buffer with bytes that nobody can guess.
    ///
    /// # Errors
    /// `internal` when there is no source of them.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError>;
}

/// Everything outside.
pub trait Env: Http + Clock + Storage + Random + 'static {}

impl<T: Http + Clock + Storage + Random + 'static> Env for T {}
