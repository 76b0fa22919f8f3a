//! What the client needs from outside. A browser adapter and a fake stand behind each port. Where a port can be tried
//! without a service, one contract test holds both to it.
//!
//! Whatever a port waits for can be given up by dropping its future.

use std::fmt;
use std::future::Future;

use futures_util::future::LocalBoxFuture;
use zeroize::Zeroizing;

use crate::core::api::http::{Request, Response};
use crate::core::error::AuthError;
pub use crate::core::stores::{StorageKind, Trial};

/// Sends requests.
pub trait Http {
    /// Sends one request, once, and waits for the whole answer, whatever its status. Dropping the future aborts it.
    ///
    /// # Errors
    /// `network` when no answer came.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response, AuthError>>;
}

/// Tells the time.
pub trait Clock {
    /// Milliseconds since 1970 by this device, whose user may set them to anything at any moment.
    fn now(&self) -> Millis;

    /// Milliseconds since some moment. Never runs backwards, but may stand still while the device sleeps.
    fn monotonic(&self) -> Millis;
}

/// Milliseconds.
pub type Millis = i64;

/// Waits.
pub trait Timer {
    /// Resolves after this many milliseconds; later in a hidden or frozen page.
    fn sleep(&self, time: Millis) -> impl Future<Output = ()>;
}

/// Runs futures that no caller waits for.
pub trait Spawn {
    /// Runs the future to its end.
    fn spawn(&self, future: LocalBoxFuture<'static, ()>);
}

/// Keeps records across reloads, each in the store that is named.
///
/// A record is a text whose first word, up to the first space, is its stamp. The stamp is no secret.
pub trait Storage {
    /// Tries a store: whether a record can be written to it, read back and removed. Where none can be written, whether it
    /// holds one at `key`. One that is broken is made anew. Ends in time; memory always works.
    fn probe(&self, kind: StorageKind, key: &str) -> impl Future<Output = Trial>;

    /// The record at `key`.
    ///
    /// # Errors
    /// `storage` when the store cannot be read. That says nothing about what it holds. Retryable when it did not answer.
    fn read(&self, kind: StorageKind, key: &str) -> impl Future<Output = Result<Option<Stored>, AuthError>>;

    /// Puts a record at `key`, all of it or nothing, if what is there has the stamp `expected` (`None`: if nothing is
    /// there). Whether it did. No other tab can come between the comparison and the write.
    ///
    /// # Errors
    /// `storage` when the store cannot be written, or is full. Retryable when it did not answer.
    fn swap(
        &self,
        kind: StorageKind,
        key: &str,
        expected: Option<&str>,
        record: &str,
    ) -> impl Future<Output = Result<bool, AuthError>>;

    /// Removes the record at `key`, and the key it was encrypted with.
    ///
    /// # Errors
    /// `storage` when the store cannot be written.
    fn remove(&self, kind: StorageKind, key: &str) -> impl Future<Output = Result<(), AuthError>>;

    /// Removes everything that this package has ever stored under `key`, in every store, but for the
    /// [note](Self::note) and, where it `keeps_record`, for the record in the store `used`.
    ///
    /// # Errors
    /// `storage` when the store `used` cannot be written.
    fn clear(&self, used: StorageKind, key: &str, keeps_record: bool) -> impl Future<Output = Result<(), AuthError>>;

    /// Which store holds the record at `key`, as a sign-in has noted for this tab, or for all tabs of the origin.
    fn note(&self, place: Note, key: &str) -> Option<String>;

    /// Notes that, or that nothing is noted any more. Does nothing where it cannot.
    fn set_note(&self, place: Note, key: &str, note: Option<&str>);

    /// A text that another package keeps in localStorage.
    fn foreign(&self, key: &str) -> Option<Zeroizing<String>>;

    /// Removes such a text.
    fn remove_foreign(&self, key: &str);
}

/// Who sees a [note](Storage::note).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// This tab, also after a reload.
    Tab,
    /// All tabs of the origin.
    Shared,
}

/// A record that was found. Only its stamp prints.
#[derive(Clone)]
pub struct Stored {
    /// Its stamp.
    pub stamp: String,
    /// The whole record, stamp included. `None` when it is there and can no longer be decrypted.
    pub text: Option<Zeroizing<String>>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({}, [redacted])", self.stamp)
    }
}

/// Lets one tab at a time do something.
pub trait Lock {
    /// Holds the lock until dropped.
    type Guard: 'static;

    /// Waits for the lock, `patience` milliseconds at most, and then does without: `None`. A tab that is closed or
    /// crashes gives its lock up.
    fn lock(&self, name: &str, patience: Millis) -> impl Future<Output = Option<Self::Guard>>;
}

/// Tells the other tabs.
pub trait Channel {
    /// Says that the record at `key` has changed, and nothing else; every other tab gets [`Signal::Changed`].
    fn announce(&self, key: &str);
}

/// What comes from outside without being asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Another tab has changed the record.
    Changed,
    /// There is a connection again.
    Online,
    /// There is none any more.
    Offline,
    /// The page is looked at again.
    Visible,
    /// The page is about to be frozen, or put away for the back button: what it knows may be old when it wakes.
    Suspended,
    /// The page goes on after such a pause.
    Resumed,
}

/// Knows about the connection.
pub trait Navigator {
    /// `false` only when there is certainly no connection.
    fn is_online(&self) -> bool;
}

/// Draws random bytes.
pub trait Random {
    /// Fills the buffer with bytes that cannot be guessed.
    ///
    /// # Errors
    /// `internal` when there is no source of them.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), AuthError>;
}

/// Makes passkeys and signs with them (WebAuthn). Options and answers are the JSON texts of WebAuthn's own types.
/// Dropping the future ends the browser's dialog.
pub trait Passkeys {
    /// A new passkey: `PublicKeyCredentialCreationOptionsJSON` to `RegistrationResponseJSON`.
    ///
    /// # Errors
    /// `passkeyNotSupported`, `passkeyCancelled`, `passkeyAlreadyExists`, `passkeyRelyingPartyMismatch`.
    fn create(&self, options: &str) -> impl Future<Output = Result<Zeroizing<String>, AuthError>>;

    /// A signature: `PublicKeyCredentialRequestOptionsJSON` to `AuthenticationResponseJSON`. Conditional: offered where
    /// the user fills in a name, without a dialog.
    ///
    /// # Errors
    /// `passkeyNotSupported`, `passkeyCancelled`, `passkeyRelyingPartyMismatch`.
    fn get(&self, options: &str, is_conditional: bool) -> impl Future<Output = Result<Zeroizing<String>, AuthError>>;
}

/// Knows the device, for Cognito's threat protection.
pub trait ContextData {
    /// What Amazon's script says of it, `EncodedData` of `UserContextData`: nothing where the page has not loaded the
    /// script, or the script fails.
    fn context_data(&self, username: &str, pool_id: &str, client_id: &str) -> Option<String>;
}

/// Everything outside.
pub trait Env:
    Http + Clock + Timer + Spawn + Storage + Lock + Channel + Navigator + Random + Passkeys + ContextData + 'static
{
}

impl<T> Env for T where
    T: Http + Clock + Timer + Spawn + Storage + Lock + Channel + Navigator + Random + Passkeys + ContextData + 'static
{
}
