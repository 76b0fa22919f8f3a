//! A change of the session, as one value: what the state machine, the session in memory and the listeners make of it.

use std::rc::Rc;

use super::Session;
use super::login::Login;
use crate::core::error::AuthError;
use crate::core::user_state::{Event, Reason, Restored};

/// A change of the session.
#[derive(Clone, Debug)]
pub enum Change {
    /// `initialize` has looked into the store.
    Started(Found),
    /// A user has signed in, in this tab or another. `is_renewal` is whether listeners already know the session, and are
    /// notified of its newer tokens too.
    SignedIn {
        /// The session.
        session: Rc<Session>,
        /// Where that was.
        reason: Reason,
        /// Whether it is the known session with newer tokens.
        is_renewal: bool,
    },
    /// The session has newer tokens.
    Renewed(Rc<Session>),
    /// The service has refused to renew the tokens, which live on for a while.
    Refused(Rc<Session>, AuthError),
    /// The service has refused to renew the tokens, and there are none left: the user has to sign in again. The session says
    /// why; the error is that of the refresh, where this tab has made it.
    Invalid(Rc<Session>, Option<AuthError>),
    /// A caller begins to wait for the user to sign in again, whom listeners were notified of before.
    WaitBegun(Rc<Session>),
    /// The store has a guest's identity, and no user is signed in.
    GuestAdmitted,
    /// No user is signed in any more.
    SignedOut(Reason),
}

/// What `initialize` has found in the store.
#[derive(Clone, Debug)]
pub enum Found {
    /// No session; where there was one, why it ended.
    NoSession(Option<Reason>),
    /// A session that cannot be used any more.
    Lost(Reason),
    /// A guest's identity, and no session.
    Guest,
    /// A session.
    Session(Rc<Session>),
}

impl Change {
    /// What the state machine makes of it.
    pub fn event(&self) -> Event {
        match self {
            Self::Started(found) => Event::Restored(found.restored()),
            Self::SignedIn { .. } => Event::SignedIn,
            Self::Renewed(_) | Self::Refused(..) => Event::TokensRefreshed,
            Self::Invalid(session, _) => match session.login {
                Login::UserPool(_) | Login::Hosted(_) => Event::TokensInvalid,
                Login::Federated(_) => Event::FederatedTokenRefused,
            },
            Self::WaitBegun(_) => Event::WaitBegun,
            Self::GuestAdmitted => Event::GuestAdmitted,
            Self::SignedOut(_) => Event::SignedOut,
        }
    }

    /// The session afterwards.
    pub fn session(&self) -> Option<&Rc<Session>> {
        match self {
            Self::Started(Found::Session(session))
            | Self::SignedIn { session, .. }
            | Self::Renewed(session)
            | Self::Refused(session, _)
            | Self::Invalid(session, _)
            | Self::WaitBegun(session) => Some(session),
            Self::Started(_) | Self::GuestAdmitted | Self::SignedOut(_) => None,
        }
    }

    /// Why the state is what it is afterwards. `before` is the reason until then, which some changes leave as it was.
    pub fn reason(&self, before: Option<Reason>) -> Option<Reason> {
        match self {
            Self::Renewed(_) | Self::Refused(..) | Self::WaitBegun(_) => before,
            Self::Started(Found::NoSession(reason)) => *reason,
            Self::Started(Found::Lost(reason)) | Self::SignedIn { reason, .. } | Self::SignedOut(reason) => {
                Some(*reason)
            }
            Self::Started(Found::Session(session)) if !session.needs_sign_in() => None,
            Self::Started(Found::Session(session)) | Self::Invalid(session, _) => session.refusal,
            Self::Started(Found::Guest) | Self::GuestAdmitted => None,
        }
    }

    /// Whether the session has newer tokens, of which listeners are notified.
    pub fn has_newer_tokens(&self) -> bool {
        matches!(self, Self::Renewed(_) | Self::SignedIn { is_renewal: true, .. })
    }

    /// The failure that listeners are notified of.
    pub fn failure(&self) -> Option<&AuthError> {
        match self {
            Self::Refused(_, error) => Some(error),
            Self::Invalid(_, error) => error.as_ref(),
            _ => None,
        }
    }
}

impl Found {
    fn restored(&self) -> Restored {
        match self {
            Self::NoSession(_) => Restored::Nothing,
            Self::Lost(_) => Restored::Lost,
            Self::Guest => Restored::Guest,
            Self::Session(session) if !session.needs_sign_in() => Restored::Tokens,
            Self::Session(session) => match session.login {
                Login::UserPool(_) | Login::Hosted(_) => Restored::RefusedTokens,
                Login::Federated(_) => Restored::RefusedFederatedToken,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Code;
    use crate::core::names::Username;
    use crate::core::secret::{AccessToken, IdToken, ProviderToken, RefreshToken};
    use crate::core::session::{FederatedLogin, HostedLogin, Lifetime, PoolLogin, Tokens};

    fn pool(has_tokens: bool) -> Rc<Session> {
        let tokens = Tokens {
            access: AccessToken::new("a"),
            id: IdToken::new("i"),
            refresh: RefreshToken::new("r"),
            life: Lifetime {
                received_at: 0,
                expires_at: 1,
            },
        };
        let session = Session::begun_by(PoolLogin {
            username: Username::new("alice"),
            user_sub: "s".into(),
            device_key: None,
            tokens: Some(tokens),
        });
        Rc::new(if has_tokens {
            session
        } else {
            session.refused(Reason::Reuse, false)
        })
    }

    fn federated(has_token: bool) -> Rc<Session> {
        let session = Session::begun_by(FederatedLogin {
            provider: "p".into(),
            subject: None,
            username: None,
            token: Some(ProviderToken::new("t")),
            expires_at: None,
        });
        Rc::new(if has_token {
            session
        } else {
            session.refused(Reason::RefreshRefused, false)
        })
    }

    #[test]
    fn each_change_has_its_event_reason_and_notices() {
        let hosted = Rc::new(Session::begun_by(HostedLogin {
            subject: "s".into(),
            username: None,
            tokens: None,
        }));
        let error = || AuthError::new(Code::NotAuthorized, "");
        let signed_in = |is_renewal| Change::SignedIn {
            session: pool(true),
            reason: Reason::OtherTab,
            is_renewal,
        };
        let before = Some(Reason::KeyLost);
        let started = |found| Change::Started(found);
        #[rustfmt::skip]
        let rows = [
            (started(Found::NoSession(Some(Reason::UserAction))), Event::Restored(Restored::Nothing), Some(Reason::UserAction), false, false),
            (started(Found::NoSession(None)), Event::Restored(Restored::Nothing), None, false, false),
            (started(Found::Lost(Reason::KeyLost)), Event::Restored(Restored::Lost), Some(Reason::KeyLost), false, false),
            (started(Found::Guest), Event::Restored(Restored::Guest), None, false, false),
            (started(Found::Session(pool(true))), Event::Restored(Restored::Tokens), None, false, false),
            (started(Found::Session(federated(true))), Event::Restored(Restored::Tokens), None, false, false),
            (started(Found::Session(pool(false))), Event::Restored(Restored::RefusedTokens), Some(Reason::Reuse), false, false),
            (started(Found::Session(hosted)), Event::Restored(Restored::RefusedTokens), None, false, false),
            (started(Found::Session(federated(false))), Event::Restored(Restored::RefusedFederatedToken), Some(Reason::RefreshRefused), false, false),
            (signed_in(false), Event::SignedIn, Some(Reason::OtherTab), false, false),
            (signed_in(true), Event::SignedIn, Some(Reason::OtherTab), true, false),
            (Change::Renewed(pool(true)), Event::TokensRefreshed, before, true, false),
            (Change::Refused(pool(true), error()), Event::TokensRefreshed, before, false, true),
            (Change::Invalid(pool(false), Some(error())), Event::TokensInvalid, Some(Reason::Reuse), false, true),
            (Change::Invalid(pool(false), None), Event::TokensInvalid, Some(Reason::Reuse), false, false),
            (Change::Invalid(federated(false), None), Event::FederatedTokenRefused, Some(Reason::RefreshRefused), false, false),
            (Change::WaitBegun(pool(false)), Event::WaitBegun, before, false, false),
            (Change::GuestAdmitted, Event::GuestAdmitted, None, false, false),
            (Change::SignedOut(Reason::AccountDeleted), Event::SignedOut, Some(Reason::AccountDeleted), false, false),
        ];
        for (change, event, reason, has_newer_tokens, has_failure) in rows {
            assert_eq!(change.event(), event, "{change:?}");
            assert_eq!(change.reason(before), reason, "{change:?}");
            assert_eq!(change.has_newer_tokens(), has_newer_tokens, "{change:?}");
            assert_eq!(change.failure().is_some(), has_failure, "{change:?}");
            let has_session = !matches!(
                change,
                Change::GuestAdmitted
                    | Change::SignedOut(_)
                    | Change::Started(Found::NoSession(_) | Found::Lost(_) | Found::Guest)
            );
            assert_eq!(change.session().is_some(), has_session, "{change:?}");
        }
    }
}
