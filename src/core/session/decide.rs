//! What `getTokens()` does next, as a value: serve the tokens, renew them, end them, wait for the user, or fail.
//!
//! The engine looks at the store, asks [`first`], does what it says, and after a refresh asks [`after_refresh`]. AWS
//! credentials are decided in the same shape.

use std::borrow::Cow;

use super::Session;
use super::lifetime::WallMillis;
use super::login::Login;
use super::tokens::Tokens;
use crate::core::error::{AuthError, Code};
use crate::core::user_state::Reason;

/// What a call of `getTokens()` knows at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The session in memory.
    pub session: Option<&'a Session>,
    /// Whether its tokens may be handed out without a renewal.
    pub is_usable: bool,
    /// Whether the service itself still accepts them.
    pub is_alive: bool,
    /// The session that the call found first. Tokens of another user are no answer to it.
    pub caller: Option<&'a Session>,
    /// Since when tokens must have arrived, where the call wants newer ones than those that it found.
    pub wanted_since: Option<WallMillis>,
    /// Whether the session has other tokens than when the call began.
    pub is_changed: bool,
    /// Whether this tab may have missed a change of the store.
    pub is_stale: bool,
    /// Whether a sign-out was called and is not stored yet.
    pub is_signing_out: bool,
    /// Whether the user state says that the user has to sign in again, and why.
    pub invalid: Option<Option<Reason>>,
    /// Whether the call may wait for the user to sign in.
    pub may_wait: bool,
}

/// What is done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The tokens of the session in memory are handed out.
    Serve,
    /// The refused tokens have expired: the user has to sign in again, and listeners are notified.
    EndTokens,
    /// New tokens are asked for.
    Refresh,
    /// The session has changed meanwhile: everything is looked at again.
    LookAgain,
    /// The call waits until the user has signed in.
    Wait,
    /// The call fails.
    Fail(AuthError),
}

/// What is done before a refresh.
pub fn first(known: Known<'_>) -> Step {
    let Some(session) = known.session else {
        return Step::Fail(if known.is_stale {
            store_unread()
        } else {
            not_signed_in("No user is signed in. Call signIn() first.")
        });
    };
    if known.caller.is_some_and(|caller| !caller.is_of_same_user(session)) {
        return Step::Fail(superseded());
    }
    if let Login::Federated(login) = &session.login {
        return Step::Fail(not_signed_in(format!(
            "The user is signed in with a token of {}, and has no user pool tokens.",
            login.provider
        )));
    }
    let is_fresh = known.is_wanted(session) && (known.wanted_since.is_none() || known.is_changed);
    if is_fresh && known.is_usable && !known.is_signing_out {
        return Step::Serve;
    }
    if !known.is_alive && session.refusal.is_some() && !session.needs_sign_in() {
        return Step::EndTokens;
    }
    match known.invalid {
        None => Step::Refresh,
        Some(_) if known.may_wait => Step::Wait,
        Some(reason) => Step::Fail(invalid(reason)),
    }
}

/// What is done after a refresh that gave this session, or failed. `known` is what is known by now.
pub fn after_refresh(known: Known<'_>, outcome: Result<Option<&Session>, AuthError>) -> Step {
    let error = match outcome {
        Ok(Some(renewed)) if known.may_serve(renewed) => return Step::Serve,
        Ok(Some(renewed)) if renewed.pool_tokens().is_some_and(Tokens::never_lived) => {
            return Step::Fail(AuthError::new(
                Code::Unknown,
                "The service's new tokens had expired when they were made. Check the token lifetimes of the app client.",
            ));
        }
        Ok(_) => return Step::LookAgain,
        Err(error) => error,
    };
    if error.code == Code::Aborted {
        // The user may be signed in again by now, or have tokens from another tab.
        return match known.session {
            Some(_) => Step::LookAgain,
            None => Step::Fail(error),
        };
    }
    let is_forced = known.wanted_since.is_some();
    if let (false, Some(session)) = (is_forced, known.session) {
        // A failed refresh is no reason to withhold tokens that the service still accepts.
        if known.is_alive && known.caller.is_some_and(|caller| caller.is_of_same_user(session)) {
            return Step::Serve;
        }
        // Another tab's refusal was found under the lock. The next look ends the tokens.
        if session.refusal.is_some() && !session.needs_sign_in() {
            return Step::LookAgain;
        }
    }
    if known.invalid.is_some() && known.may_wait {
        Step::Wait
    } else {
        Step::Fail(error)
    }
}

impl Known<'_> {
    fn is_wanted(&self, session: &Session) -> bool {
        let is_since = |since| session.received_at().is_some_and(|at| at >= since);
        self.wanted_since.is_none_or(is_since)
    }

    /// New tokens that are to be renewed at once, because they live so shortly, are better than none.
    fn may_serve(&self, renewed: &Session) -> bool {
        let is_current = |session: &Session| std::ptr::eq(session, renewed);
        !self.is_stale
            && !self.is_signing_out
            && self.is_alive
            && self.is_wanted(renewed)
            && self.session.is_some_and(is_current)
    }
}

/// What a call fails with that a later sign-in or a sign-out has superseded.
pub fn superseded() -> AuthError {
    AuthError::new(
        Code::Aborted,
        "A later sign-in or a sign-out took the place of this call.",
    )
}

/// What a call fails with that needs a user.
pub fn not_signed_in(message: impl Into<Cow<'static, str>>) -> AuthError {
    AuthError::new(Code::NotSignedIn, message)
}

/// What a call fails with while the store cannot be read, so that it is unknown who is signed in.
pub fn store_unread() -> AuthError {
    let mut error = AuthError::new(
        Code::Storage,
        "The session's storage could not be read, so it is not known who is signed in. Another tab may be using it. \
         Try again, or call signIn({ storage: \"memory\" }) to sign in for this page only.",
    );
    error.retryable = true;
    error
}

fn invalid(reason: Option<Reason>) -> AuthError {
    not_signed_in(match reason {
        Some(Reason::OtherTab) => {
            "This tab is a copy of another tab, which has used this session's refresh token. Call signIn() in this tab."
        }
        _ => "The service no longer accepts this session's tokens. The user must sign in again.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::names::Username;
    use crate::core::secret::{AccessToken, IdToken, ProviderToken, RefreshToken};
    use crate::core::session::{FederatedLogin, Lifetime, PoolLogin};

    fn session_of(user_sub: &str, received_at: Option<WallMillis>) -> Session {
        let tokens = received_at.map(|received_at| Tokens {
            access: AccessToken::new("a"),
            id: IdToken::new("i"),
            refresh: RefreshToken::new("r"),
            life: Lifetime {
                received_at,
                expires_at: 100,
            },
        });
        Session::begun_by(PoolLogin {
            username: Username::new("alice"),
            user_sub: user_sub.into(),
            device_key: None,
            tokens,
        })
    }

    fn refused(session: Session) -> Session {
        Session {
            refusal: Some(Reason::RefreshRefused),
            ..session
        }
    }

    /// A call that finds usable tokens and wants any.
    fn known(session: &Session) -> Known<'_> {
        Known {
            session: Some(session),
            is_usable: true,
            is_alive: true,
            caller: None,
            wanted_since: None,
            is_changed: false,
            is_stale: false,
            is_signing_out: false,
            invalid: None,
            may_wait: false,
        }
    }

    fn code(step: Step) -> Code {
        match step {
            Step::Fail(error) => error.code,
            other => panic!("{other:?} is no failure"),
        }
    }

    #[test]
    fn first_step_follows_from_session_demand_and_state() {
        let (alice, bob) = (session_of("a", Some(50)), session_of("b", Some(50)));
        let (refused, dead) = (refused(session_of("a", Some(50))), refused(session_of("a", None)));
        let usable = known(&alice);
        let expired = Known {
            is_usable: false,
            is_alive: false,
            ..usable
        };
        let forced = |since, is_changed| Known {
            wanted_since: Some(since),
            is_changed,
            ..usable
        };
        let invalid = |may_wait| Known {
            session: Some(&dead),
            invalid: Some(Some(Reason::RefreshRefused)),
            may_wait,
            ..expired
        };
        let rows = [
            (usable, Step::Serve),
            (
                Known {
                    caller: Some(&alice),
                    ..usable
                },
                Step::Serve,
            ),
            (expired, Step::Refresh),
            (
                Known {
                    is_usable: false,
                    ..usable
                },
                Step::Refresh,
            ),
            (
                Known {
                    is_signing_out: true,
                    ..usable
                },
                Step::Refresh,
            ),
            // Tokens that the call found, or that are older than it, are not what a forced call wants.
            (forced(50, false), Step::Refresh),
            (forced(51, true), Step::Refresh),
            (forced(50, true), Step::Serve),
            (
                Known {
                    session: Some(&refused),
                    ..usable
                },
                Step::Serve,
            ),
            (
                Known {
                    session: Some(&refused),
                    is_usable: false,
                    ..usable
                },
                Step::Refresh,
            ),
            (
                Known {
                    session: Some(&refused),
                    ..expired
                },
                Step::EndTokens,
            ),
            (invalid(true), Step::Wait),
        ];
        for (index, (known, step)) in rows.into_iter().enumerate() {
            assert_eq!(first(known), step, "row {index}");
        }
        assert_eq!(code(first(invalid(false))), Code::NotSignedIn);
        let signed_out = Known {
            session: None,
            ..usable
        };
        assert_eq!(code(first(signed_out)), Code::NotSignedIn);
        assert_eq!(
            code(first(Known {
                is_stale: true,
                ..signed_out
            })),
            Code::Storage
        );
        assert_eq!(
            code(first(Known {
                caller: Some(&bob),
                ..usable
            })),
            Code::Aborted
        );
    }

    #[test]
    fn user_of_another_provider_has_no_tokens_of_the_user_pool() {
        let federated = Session::begun_by(FederatedLogin {
            provider: "accounts.google.com".into(),
            subject: Some("s".into()),
            username: None,
            token: Some(ProviderToken::new("t")),
            expires_at: None,
        });
        let Step::Fail(error) = first(known(&federated)) else {
            panic!("it does not fail")
        };
        assert_eq!(error.code, Code::NotSignedIn);
        assert!(error.message.contains("accounts.google.com"), "{}", error.message);
    }

    #[test]
    fn step_after_a_refresh_follows_from_its_outcome_and_what_is_known_by_then() {
        let (alice, bob) = (session_of("a", Some(50)), session_of("b", Some(50)));
        let (refused, dead) = (refused(session_of("a", Some(50))), refused(session_of("a", None)));
        let alive = Known {
            caller: Some(&alice),
            ..known(&alice)
        };
        let expired = Known {
            is_usable: false,
            is_alive: false,
            ..alive
        };
        let offline = || Err(AuthError::new(Code::Network, "offline"));
        let superseded = || Err(AuthError::new(Code::Aborted, "superseded"));
        let invalid = |may_wait| Known {
            session: Some(&dead),
            invalid: Some(None),
            may_wait,
            ..expired
        };
        let rows = [
            (alive, Ok(Some(&alice)), Step::Serve),
            // Not the session in memory any more, or the store is to be looked at first.
            (alive, Ok(Some(&bob)), Step::LookAgain),
            (
                Known {
                    is_stale: true,
                    ..alive
                },
                Ok(Some(&alice)),
                Step::LookAgain,
            ),
            (
                Known {
                    is_signing_out: true,
                    ..alive
                },
                Ok(Some(&alice)),
                Step::LookAgain,
            ),
            (
                Known {
                    wanted_since: Some(51),
                    ..alive
                },
                Ok(Some(&alice)),
                Step::LookAgain,
            ),
            (alive, Ok(None), Step::LookAgain),
            (alive, superseded(), Step::LookAgain),
            (alive, offline(), Step::Serve),
            (
                Known {
                    caller: Some(&bob),
                    ..alive
                },
                offline(),
                Step::Fail(offline().unwrap_err()),
            ),
            (
                Known {
                    wanted_since: Some(50),
                    ..alive
                },
                offline(),
                Step::Fail(offline().unwrap_err()),
            ),
            (expired, offline(), Step::Fail(offline().unwrap_err())),
            (
                Known {
                    may_wait: true,
                    ..expired
                },
                offline(),
                Step::Fail(offline().unwrap_err()),
            ),
            (
                Known {
                    session: Some(&refused),
                    ..expired
                },
                offline(),
                Step::LookAgain,
            ),
            (invalid(true), offline(), Step::Wait),
            (invalid(false), offline(), Step::Fail(offline().unwrap_err())),
            (
                Known {
                    session: None,
                    ..expired
                },
                superseded(),
                Step::Fail(superseded().unwrap_err()),
            ),
        ];
        for (index, (known, outcome, step)) in rows.into_iter().enumerate() {
            assert_eq!(after_refresh(known, outcome), step, "row {index}");
        }
    }
}
