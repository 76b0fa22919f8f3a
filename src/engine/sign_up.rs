//! What a sign-up leaves for later: the session that `SignUp` gives goes into `ConfirmSignUp`, and the one that this gives
//! into a sign-in. Both survive a reload.

use super::aside::Aside;
use super::client::Client;
use crate::core::api::user_pool::{self, After};
use crate::core::error::AuthError;
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::json::Value;
use crate::core::names::Username;
use crate::core::refusal::{Exception, Topic};
use crate::core::secret::ChallengeSession;
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// The session that an operation about this user goes on in.
    pub(super) async fn session_for(&self, after: After, username: &Username) -> Option<ChallengeSession> {
        if after != After::Confirmed {
            return None;
        }
        let signed_up = self.signed_up(PendingChallenge::SIGNED_UP).await;
        signed_up.filter(|pending| pending.username == *username)?.session
    }

    /// Notes what a step of the sign-up leaves to do.
    pub(super) async fn note_sign_up(
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
                let pending = PendingChallenge::of_sign_up(step, username, session, self.0.env.now());
                self.keep_pending(Aside::SignUp, &pending).await;
            }
            None => self.forget_pending(Aside::SignUp).await,
        }
        Ok(())
    }

    /// The confirmation that a sign-in may go on from.
    pub(super) async fn confirmed_sign_up(&self) -> Option<PendingChallenge> {
        self.signed_up(PendingChallenge::CONFIRMED).await
    }

    async fn signed_up(&self, step: &str) -> Option<PendingChallenge> {
        let pending = PendingChallenge::decode(&self.read_aside(Aside::SignUp).await?)?;
        (pending.name == step && !pending.is_over_at(self.0.env.now())).then_some(pending)
    }
}

/// Whether the service refuses the session and not what came in it.
pub(super) fn is_about_session(error: &AuthError) -> bool {
    error
        .refusal
        .is_some_and(|refusal| refusal.exception == Exception::NotAuthorized && refusal.is_about(Topic::Session))
}
