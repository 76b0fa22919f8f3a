//! What a sign-up leaves for later: the session that `SignUp` gives goes into `ConfirmSignUp`, and the one that this gives
//! into a sign-in. Both survive a reload.

use super::engine::SignInEngine;
use crate::core::api::user_pool;
use crate::core::error::AuthError;
use crate::core::flow::sign_up::{SignUp, SignUpStep};
use crate::core::json::Value;
use crate::core::names::Username;
use crate::core::refusal::{Exception, Topic};
use crate::core::secret::ChallengeSession;
use crate::engine::store::Beside;
use crate::ports::Env;

impl<E: Env> SignInEngine<E> {
    /// The challenge session that the confirmation of this user's sign-up goes on in.
    pub(in crate::engine) async fn session_of_sign_up(&self, username: &Username) -> Option<ChallengeSession> {
        let signed_up = self.signed_up(SignUpStep::SignedUp).await;
        Some(signed_up.filter(|sign_up| sign_up.username == *username)?.session)
    }

    /// Notes what a step of the sign-up leaves to do.
    pub(in crate::engine) async fn note_sign_up(
        &self,
        step: SignUpStep,
        username: &Username,
        response: &Value,
    ) -> Result<(), AuthError> {
        match user_pool::parse_session(response)? {
            Some(session) => {
                let sign_up = SignUp {
                    step,
                    username: username.clone(),
                    session,
                    asked_at: self.runtime.env().now(),
                };
                self.store
                    .change_beside(Beside::SignUp, &|_, generation| Some(sign_up.encode(generation)))
                    .await;
            }
            None => self.store.forget_pending(Beside::SignUp).await,
        }
        Ok(())
    }

    /// The confirmation that a sign-in may go on from.
    pub(in crate::engine) async fn confirmed_sign_up(&self) -> Option<SignUp> {
        self.signed_up(SignUpStep::Confirmed).await
    }

    async fn signed_up(&self, step: SignUpStep) -> Option<SignUp> {
        let sign_up = SignUp::decode(&self.store.read_beside(Beside::SignUp).await?)?;
        (sign_up.step == step && !sign_up.is_over_at(self.runtime.env().now())).then_some(sign_up)
    }
}

/// Whether the service refuses the session and not what came in it.
pub(in crate::engine) fn is_about_session(error: &AuthError) -> bool {
    error
        .refusal
        .is_some_and(|refusal| refusal.exception == Exception::NotAuthorized && refusal.is_about(Topic::Session))
}
