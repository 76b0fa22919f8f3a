//! What a sign-up leaves for later: the session that `SignUp` gives goes into `ConfirmSignUp`, and the one that this gives
//! into a sign-in. Both survive a reload.

use super::engine::SignInEngine;
use crate::core::api::user_pool::{self, After};
use crate::core::error::AuthError;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::json::Value;
use crate::core::names::Username;
use crate::core::refusal::{Exception, Topic};
use crate::core::secret::ChallengeSession;
use crate::engine::store::Beside;
use crate::ports::Env;

impl<E: Env> SignInEngine<E> {
    /// The session that an operation about this user goes on in.
    pub(in crate::engine) async fn session_for(&self, after: After, username: &Username) -> Option<ChallengeSession> {
        if after != After::Confirmed {
            return None;
        }
        let signed_up = self.signed_up(PendingChallenge::SIGNED_UP).await;
        signed_up.filter(|pending| pending.username == *username)?.session
    }

    /// Notes what a step of the sign-up leaves to do.
    pub(in crate::engine) async fn note_sign_up(
        &self,
        after: After,
        username: &Username,
        answer: &Value,
    ) -> Result<(), AuthError> {
        let step = match after {
            After::SignedUp => PendingChallenge::SIGNED_UP,
            After::Confirmed => PendingChallenge::CONFIRMED,
            _ => return Ok(()),
        };
        match user_pool::parse_session(answer)? {
            Some(session) => {
                let pending = PendingChallenge::of_sign_up(step, username, session, self.runtime.env().now());
                self.store.keep_pending(Beside::SignUp, &pending).await;
            }
            None => self.store.forget_pending(Beside::SignUp).await,
        }
        Ok(())
    }

    /// The confirmation that a sign-in may go on from.
    pub(in crate::engine) async fn confirmed_sign_up(&self) -> Option<PendingChallenge> {
        self.signed_up(PendingChallenge::CONFIRMED).await
    }

    async fn signed_up(&self, step: &str) -> Option<PendingChallenge> {
        let pending = PendingChallenge::decode(&self.store.read_beside(Beside::SignUp).await?)?;
        (pending.name == step && !pending.is_over_at(self.runtime.env().now())).then_some(pending)
    }
}

/// Whether the service refuses the session and not what came in it.
pub(in crate::engine) fn is_about_session(error: &AuthError) -> bool {
    error
        .refusal
        .is_some_and(|refusal| refusal.exception == Exception::NotAuthorized && refusal.is_about(Topic::Session))
}
