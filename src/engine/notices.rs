//! Telling the outside what changed.

use std::fmt;
use std::rc::Rc;

use zeroize::Zeroizing;

use crate::core::error::AuthError;
use crate::core::session::Session;
use crate::core::user_state::{Reason, UserState};
use crate::ports::{Millis, StorageKind};

/// What is notified: the page around the client.
pub trait Host {
    /// Takes one committed change. May call back into the client.
    fn notify(&self, notice: &Notice);

    /// Whether the app has a user state listener, which could ask the user to sign in.
    fn is_listening(&self) -> bool;
}

/// What is known without waiting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The state.
    pub user_state: UserState,
    /// Why it is the state.
    pub reason: Option<Reason>,
    /// Whose session, also when its tokens are no longer accepted.
    pub username: Option<String>,
    /// The user's `sub`.
    pub user_sub: Option<String>,
    /// `email` of the ID token.
    pub email: Option<String>,
    /// `name` of the ID token.
    pub name: Option<String>,
    /// The store in use, from `initialize` on.
    pub storage: Option<StorageKind>,
    /// Whether there may be a connection.
    pub is_online: bool,
}

/// What a listener gets beside the state.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserStateInfo {
    /// `signedIn`: the login's key.
    pub provider: Option<String>,
    /// `signedIn`: the ID token.
    pub token: Option<Zeroizing<String>>,
    /// `signedOutUserPoolsTokenInvalid`: whose tokens.
    pub username: Option<String>,
    /// Why.
    pub reason: Option<Reason>,
}

impl fmt::Debug for UserStateInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserStateInfo")
            .field("provider", &self.provider)
            .field("token", &self.token.as_ref().map(|_| "[redacted]"))
            .field("username", &self.username)
            .field("reason", &self.reason)
            .finish()
    }
}

/// What happened beside the state.
#[derive(Clone, Debug)]
pub enum ClientEvent {
    /// The session has newer tokens, from this tab or another.
    TokensRefreshed,
    /// A refresh failed.
    TokenRefreshFailed(AuthError),
    /// The connection is gone.
    Offline,
    /// There is one again.
    Online,
}

/// A committed change.
#[derive(Clone, Debug)]
pub struct Notice {
    /// How things are from now on.
    pub snapshot: Snapshot,
    /// The session from now on, while its tokens may be handed out without asking.
    pub session: Option<Rc<Session>>,
    /// For how long they may.
    pub usable_for: Millis,
    /// What belongs to the state of the snapshot.
    pub info: UserStateInfo,
    /// Whether user state listeners are notified. Otherwise the info is for one that is added later and asks for the
    /// present state.
    pub is_state_change: bool,
    /// Set when listeners of another event are notified.
    pub event: Option<ClientEvent>,
}

impl Notice {
    /// What user state listeners are notified of; `None` when they are not.
    pub fn state_change(&self) -> Option<&UserStateInfo> {
        self.is_state_change.then_some(&self.info)
    }
}
