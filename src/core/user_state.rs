//! Which state the user is in, and who is told. One transition function; nothing else changes a state.

/// Who the user is to the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserState {
    /// Before `initialize`.
    #[default]
    Unknown,
    /// Nobody is signed in.
    SignedOut,
    /// A user is signed in.
    SignedIn,
    /// A user was signed in, and the service refuses to renew the tokens: the user must sign in again.
    SignedOutUserPoolsTokenInvalid,
}

impl UserState {
    /// Every state.
    pub const ALL: &[UserState] = &[
        Self::Unknown,
        Self::SignedOut,
        Self::SignedIn,
        Self::SignedOutUserPoolsTokenInvalid,
    ];

    /// The name that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::SignedOut => "signedOut",
            Self::SignedIn => "signedIn",
            Self::SignedOutUserPoolsTokenInvalid => "signedOutUserPoolsTokenInvalid",
        }
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
    /// The service refused for good to renew the tokens.
    RefreshRefused,
    /// The app signed the user out.
    SignedOut,
}

impl Event {
    /// Every event.
    pub const ALL: &[Event] = &[
        Self::Restored(Restored::Nothing),
        Self::Restored(Restored::Tokens),
        Self::Restored(Restored::RefusedTokens),
        Self::SignedIn,
        Self::TokensRefreshed,
        Self::RefreshRefused,
        Self::SignedOut,
    ];
}

/// What the store held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// No session.
    Nothing,
    /// A session with tokens.
    Tokens,
    /// A session whose tokens the service has refused.
    RefusedTokens,
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// The event means nothing in this state; a late answer after a sign-out is one such.
    Ignore,
    /// The new state, without a word to the listeners.
    Enter(UserState),
    /// The new state, and every listener is told.
    Tell(UserState),
}

/// The state machine.
pub const fn apply(state: UserState, event: Event) -> Transition {
    use Transition::{Enter, Ignore, Tell};
    use UserState::{SignedIn, SignedOut, SignedOutUserPoolsTokenInvalid, Unknown};
    match (state, event) {
        // `initialize` notifies nobody: it answers its caller.
        (Unknown, Event::Restored(Restored::Nothing)) => Enter(SignedOut),
        (Unknown, Event::Restored(Restored::Tokens)) => Enter(SignedIn),
        (Unknown, Event::Restored(Restored::RefusedTokens)) => Enter(SignedOutUserPoolsTokenInvalid),
        (Unknown, _) | (_, Event::Restored(_)) => Ignore,

        (SignedOut | SignedIn | SignedOutUserPoolsTokenInvalid, Event::SignedIn) => Tell(SignedIn),
        (SignedIn, Event::TokensRefreshed) => Enter(SignedIn),
        (SignedIn, Event::RefreshRefused) => Tell(SignedOutUserPoolsTokenInvalid),
        (SignedOut | SignedOutUserPoolsTokenInvalid, Event::TokensRefreshed | Event::RefreshRefused) => Ignore,

        // Also when nobody was signed in: an app that calls `signOut` waits for the word.
        (SignedOut | SignedIn | SignedOutUserPoolsTokenInvalid, Event::SignedOut) => Tell(SignedOut),
    }
}

#[cfg(test)]
mod tests {
    use super::Transition::{Enter, Ignore, Tell};
    use super::UserState::{SignedIn, SignedOut, SignedOutUserPoolsTokenInvalid as Invalid, Unknown};
    use super::*;

    #[test]
    fn every_state_and_event_has_the_transition_of_the_table() {
        // Rows: events as in Event::ALL. Columns: states as in UserState::ALL.
        let table = [
            /* Restored(Nothing)       */ [Enter(SignedOut), Ignore, Ignore, Ignore],
            /* Restored(Tokens)        */ [Enter(SignedIn), Ignore, Ignore, Ignore],
            /* Restored(RefusedTokens) */ [Enter(Invalid), Ignore, Ignore, Ignore],
            /* SignedIn                */ [Ignore, Tell(SignedIn), Tell(SignedIn), Tell(SignedIn)],
            /* TokensRefreshed         */ [Ignore, Ignore, Enter(SignedIn), Ignore],
            /* RefreshRefused          */ [Ignore, Ignore, Tell(Invalid), Ignore],
            /* SignedOut               */ [Ignore, Tell(SignedOut), Tell(SignedOut), Tell(SignedOut)],
        ];
        for (row, event) in table.iter().zip(Event::ALL) {
            for (expected, state) in row.iter().zip(UserState::ALL) {
                assert_eq!(apply(*state, *event), *expected, "{event:?} in {state:?}");
            }
        }
        assert_eq!((table.len(), table[0].len()), (Event::ALL.len(), UserState::ALL.len()));
        assert_eq!(UserState::ALL[0], Unknown);
    }
}
