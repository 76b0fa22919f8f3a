//! Sign-up and its confirmation. Nothing of it touches the session.

use super::aside::Aside;
use super::client::Client;
use super::options::{ConfirmSignUpOptions, ResendSignUpCodeOptions, SignUpOptions};
use crate::core::api::user_pool::{self, CodeDelivery, Service};
use crate::core::error::{AuthError, Code};
use crate::core::flow::sign_in::PendingChallenge;
use crate::core::names::Username;
use crate::core::secret::ChallengeSession;
use crate::ports::Env;

/// Where a sign-up stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignUpResult {
    /// Whether the user may sign in.
    pub confirmed: bool,
    /// Where the confirmation code went.
    pub code_delivery: Option<CodeDelivery>,
    /// The user's `sub`.
    pub user_sub: Option<String>,
}

impl<E: Env> Client<E> {
    /// Creates a user (`SignUp`).
    ///
    /// # Errors
    /// `usernameExists`, `invalidPassword`, `invalidParameter`, `codeDeliveryFailure`, `userLambdaValidation`, ...
    pub async fn sign_up(&self, options: SignUpOptions) -> Result<SignUpResult, AuthError> {
        let pool = self.user_pool()?;
        let context = self.context_data(&pool, &options.username);
        let request = user_pool::sign_up(
            Service {
                pool: &pool,
                context_data: context.as_deref(),
            },
            &options.username,
            options.password.as_ref(),
            &options.user_attributes,
            &options.validation_data,
            &options.client_metadata,
        );
        let document = self.ask(request).await?;
        let answer = user_pool::parse_sign_up(&document)?;
        let session = answer.session.filter(|_| !answer.user_confirmed);
        self.note_sign_up(PendingChallenge::SIGNED_UP, &options.username, session)
            .await;
        Ok(SignUpResult {
            confirmed: answer.user_confirmed,
            code_delivery: answer.code_delivery,
            user_sub: answer.user_sub,
        })
    }

    /// Confirms a user with the code that was sent (`ConfirmSignUp`). [`auto_sign_in`](Self::auto_sign_in) may follow.
    ///
    /// # Errors
    /// `codeMismatch`, `expiredCode`, `aliasExists`, `tooManyFailedAttempts`, ...
    pub async fn confirm_sign_up(&self, options: ConfirmSignUpOptions) -> Result<SignUpResult, AuthError> {
        let pool = self.user_pool()?;
        let context = self.context_data(&pool, &options.username);
        let service = Service {
            pool: &pool,
            context_data: context.as_deref(),
        };
        let signed_up = self.signed_up(PendingChallenge::SIGNED_UP).await;
        let mut session = signed_up
            .filter(|pending| pending.username == options.username)
            .and_then(|pending| pending.session);
        let document = loop {
            let request = user_pool::confirm_sign_up(
                service,
                &options.username,
                &options.confirmation_code,
                options.force_alias_creation,
                session.as_ref(),
                &options.client_metadata,
            );
            match self.ask(request).await {
                // Without its session the confirmation works as well, and only no sign-in follows from it.
                Err(error) if session.is_some() && is_about_session(&error) => session = None,
                answer => break answer?,
            }
        };
        let session = user_pool::parse_session(&document)?;
        self.note_sign_up(PendingChallenge::CONFIRMED, &options.username, session)
            .await;
        Ok(SignUpResult {
            confirmed: true,
            ..SignUpResult::default()
        })
    }

    /// Sends another confirmation code (`ResendConfirmationCode`).
    ///
    /// # Errors
    /// `limitExceeded`, `codeDeliveryFailure`, `invalidParameter` for a user who is confirmed already, ...
    pub async fn resend_sign_up_code(&self, options: ResendSignUpCodeOptions) -> Result<SignUpResult, AuthError> {
        let pool = self.user_pool()?;
        let context = self.context_data(&pool, &options.username);
        let service = Service {
            pool: &pool,
            context_data: context.as_deref(),
        };
        let request = user_pool::resend_confirmation_code(service, &options.username, &options.client_metadata);
        let document = self.ask(request).await?;
        let code_delivery = user_pool::parse_code_delivery(&document)?;
        Ok(SignUpResult {
            code_delivery,
            ..SignUpResult::default()
        })
    }

    /// The confirmation that a sign-in may go on from.
    pub(super) async fn confirmed_sign_up(&self) -> Option<PendingChallenge> {
        self.signed_up(PendingChallenge::CONFIRMED).await
    }

    /// What a step of the sign-up has left to do, a moment ago and perhaps before a reload.
    async fn signed_up(&self, step: &str) -> Option<PendingChallenge> {
        let pending = PendingChallenge::decode(&*self.read_aside(Aside::SignUp).await?)?;
        (pending.name == step && !pending.is_over_at(self.0.env.now())).then_some(pending)
    }

    async fn note_sign_up(&self, step: &str, username: &Username, session: Option<ChallengeSession>) {
        match session {
            Some(session) => {
                let pending = PendingChallenge::of_sign_up(step, username, session, self.0.env.now());
                self.keep_pending(Aside::SignUp, &pending).await;
            }
            None => self.forget_pending(Aside::SignUp).await,
        }
    }
}

fn is_about_session(error: &AuthError) -> bool {
    error.code == Code::NotAuthorized && error.message.to_ascii_lowercase().contains("session")
}
