//! Which state the user is in, and whether listeners are notified. One transition function; nothing else changes a state.

/// Who the user is to the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserState {
    /// Before `initialize`.
    #[default]
    Unknown,
    /// No user is signed in.
    SignedOut,
    /// No user is signed in, and the app uses the identity pool as a guest.
    Guest,
    /// A user is signed in.
    SignedIn,
    /// A user was signed in, and the service refuses to renew the tokens: the user must sign in again.
    SignedOutUserPoolsTokenInvalid,
    /// A user was signed in by another provider, whose token the identity pool no longer accepts.
    SignedOutFederatedTokensInvalid,
}

impl UserState {
    /// Every state.
    pub const ALL: &[UserState] = &[
        Self::Unknown,
        Self::SignedOut,
        Self::Guest,
        Self::SignedIn,
        Self::SignedOutUserPoolsTokenInvalid,
        Self::SignedOutFederatedTokensInvalid,
    ];

    /// Whether a user was signed in who has to sign in again.
    pub const fn needs_sign_in(self) -> bool {
        matches!(
            self,
            Self::SignedOutUserPoolsTokenInvalid | Self::SignedOutFederatedTokensInvalid
        )
    }

    /// The name that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::SignedOut => "signedOut",
            Self::Guest => "guest",
            Self::SignedIn => "signedIn",
            Self::SignedOutUserPoolsTokenInvalid => "signedOutUserPoolsTokenInvalid",
            Self::SignedOutFederatedTokensInvalid => "signedOutFederatedTokensInvalid",
        }
    }
}

/// Why the state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The user signed in or out in this tab.
    UserAction,
    /// In another tab.
    OtherTab,
    /// The service refused to renew the tokens.
    RefreshRefused,
    /// It did so because the refresh token had been used before.
    Reuse,
    /// What was stored cannot be read.
    StorageLost,
    /// What was stored cannot be decrypted any more.
    KeyLost,
    /// The stored session belongs to another configuration.
    ConfigChanged,
    /// The user deleted the account.
    AccountDeleted,
}

impl Reason {
    /// Every reason.
    pub const ALL: &[Reason] = &[
        Self::UserAction,
        Self::OtherTab,
        Self::RefreshRefused,
        Self::Reuse,
        Self::StorageLost,
        Self::KeyLost,
        Self::ConfigChanged,
        Self::AccountDeleted,
    ];

    /// The name that JavaScript sees, and that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserAction => "userAction",
            Self::OtherTab => "otherTab",
            Self::RefreshRefused => "refreshRefused",
            Self::Reuse => "reuse",
            Self::StorageLost => "storageLost",
            Self::KeyLost => "keyLost",
            Self::ConfigChanged => "configChanged",
            Self::AccountDeleted => "accountDeleted",
        }
    }

    /// The reason of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == name)
    }
}

/// What happened to the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// `initialize` read the store.
    Restored(Restored),
    /// A sign-in is complete.
    SignedIn,
    /// The session has newer tokens.
    TokensRefreshed,
    /// The service refused for good to renew the tokens, and the last ones have expired.
    TokensInvalid,
    /// A caller begins to wait for the user, long after listeners were notified that the tokens have ended.
    WaitBegun,
    /// The identity pool gave credentials to a guest.
    GuestAdmitted,
    /// The identity pool refused the token of another provider.
    FederatedTokenRefused,
    /// The session is over.
    SignedOut,
}

impl Event {
    /// Every event.
    pub const ALL: &[Event] = &[
        Self::Restored(Restored::Nothing),
        Self::Restored(Restored::Lost),
        Self::Restored(Restored::Guest),
        Self::Restored(Restored::Tokens),
        Self::Restored(Restored::RefusedTokens),
        Self::Restored(Restored::RefusedFederatedToken),
        Self::SignedIn,
        Self::TokensRefreshed,
        Self::TokensInvalid,
        Self::WaitBegun,
        Self::GuestAdmitted,
        Self::FederatedTokenRefused,
        Self::SignedOut,
    ];
}

/// What the store held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// No session.
    Nothing,
    /// A session that was lost: no user and no service has ended it.
    Lost,
    /// An identity, and no signed-in user.
    Guest,
    /// A session with tokens.
    Tokens,
    /// A session whose tokens the service has refused.
    RefusedTokens,
    /// A session whose token of another provider the identity pool has refused.
    RefusedFederatedToken,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The event means nothing in this state; a late answer after a sign-out is one such.
    Ignore,
    /// The new state. Listeners are not notified.
    Enter(UserState),
    /// The new state, and every listener is notified.
    Notify(UserState),
}

/// The state machine.
pub const fn apply(state: UserState, event: Event) -> Transition {
    use Transition::{Enter, Ignore, Notify};
    use UserState::{
        Guest, SignedIn, SignedOut, SignedOutFederatedTokensInvalid, SignedOutUserPoolsTokenInvalid, Unknown,
    };
    match (state, event) {
        // `initialize` notifies no listener, for it answers its caller; but listeners learn of a lost session.
        (Unknown, Event::Restored(Restored::Nothing)) => Enter(SignedOut),
        (Unknown, Event::Restored(Restored::Lost)) => Notify(SignedOut),
        (Unknown, Event::Restored(Restored::Guest)) => Enter(Guest),
        (Unknown, Event::Restored(Restored::Tokens)) => Enter(SignedIn),
        (Unknown, Event::Restored(Restored::RefusedTokens)) => Enter(SignedOutUserPoolsTokenInvalid),
        (Unknown, Event::Restored(Restored::RefusedFederatedToken)) => Enter(SignedOutFederatedTokensInvalid),
        (Unknown, _) | (_, Event::Restored(_)) => Ignore,

        (_, Event::SignedIn) => Notify(SignedIn),
        (SignedIn, Event::TokensRefreshed) => Enter(SignedIn),
        (SignedIn, Event::TokensInvalid) => Notify(SignedOutUserPoolsTokenInvalid),
        (SignedIn, Event::FederatedTokenRefused) => Notify(SignedOutFederatedTokensInvalid),
        (SignedOutUserPoolsTokenInvalid | SignedOutFederatedTokensInvalid, Event::WaitBegun) => Notify(state),
        (SignedOut, Event::GuestAdmitted) => Notify(Guest),
        // Also when no user was signed in: an app that calls `signOut` waits for the notification.
        (_, Event::SignedOut) => Notify(SignedOut),
        (
            _,
            Event::TokensRefreshed
            | Event::TokensInvalid
            | Event::WaitBegun
            | Event::GuestAdmitted
            | Event::FederatedTokenRefused,
        ) => Ignore,
    }
}

#[cfg(test)]
mod tests {
    use super::Transition::{Enter, Ignore, Notify};
    use super::UserState::{
        Guest, SignedIn, SignedOut, SignedOutFederatedTokensInvalid as Federated,
        SignedOutUserPoolsTokenInvalid as Invalid, Unknown,
    };
    use super::*;

    #[test]
    fn every_state_and_event_has_the_transition_of_the_table() {
        const I: Transition = Ignore;
        // Rows: events as in Event::ALL. Columns: states as in UserState::ALL.
        let table = [
            /* Restored(Nothing)       */ [Enter(SignedOut), I, I, I, I, I],
            /* Restored(Lost)          */ [Notify(SignedOut), I, I, I, I, I],
            /* Restored(Guest)         */ [Enter(Guest), I, I, I, I, I],
            /* Restored(Tokens)        */ [Enter(SignedIn), I, I, I, I, I],
            /* Restored(RefusedTokens) */ [Enter(Invalid), I, I, I, I, I],
            /* Restored(RefusedFederatedToken) */ [Enter(Federated), I, I, I, I, I],
            /* SignedIn                */
            [
                I,
                Notify(SignedIn),
                Notify(SignedIn),
                Notify(SignedIn),
                Notify(SignedIn),
                Notify(SignedIn),
            ],
            /* TokensRefreshed         */ [I, I, I, Enter(SignedIn), I, I],
            /* TokensInvalid           */ [I, I, I, Notify(Invalid), I, I],
            /* WaitBegun               */ [I, I, I, I, Notify(Invalid), Notify(Federated)],
            /* GuestAdmitted           */ [I, Notify(Guest), I, I, I, I],
            /* FederatedTokenRefused   */ [I, I, I, Notify(Federated), I, I],
            /* SignedOut               */
            [
                I,
                Notify(SignedOut),
                Notify(SignedOut),
                Notify(SignedOut),
                Notify(SignedOut),
                Notify(SignedOut),
            ],
        ];
        for (row, event) in table.iter().zip(Event::ALL) {
            for (expected, state) in row.iter().zip(UserState::ALL) {
                assert_eq!(apply(*state, *event), *expected, "{event:?} in {state:?}");
            }
        }
        assert_eq!((table.len(), table[0].len()), (Event::ALL.len(), UserState::ALL.len()));
        assert_eq!(UserState::ALL[0], Unknown);
    }

    #[test]
    fn a_reason_is_found_by_its_name() {
        for reason in Reason::ALL {
            assert_eq!(Reason::named(reason.as_str()), Some(*reason));
        }
        assert_eq!(Reason::named("whim"), None);
    }
}
