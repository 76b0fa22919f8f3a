//! Sign-up and its confirmation. Nothing of it touches the session.

use super::client::Client;
use super::options::{ConfirmSignUpOptions, ResendSignUpCodeOptions, SignUpOptions};
use crate::core::api::user_pool::{self, CodeDelivery, Service};
use crate::core::error::AuthError;
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
            &options.password,
            &options.user_attributes,
            &options.validation_data,
            &options.client_metadata,
        );
        let document = self.ask(request).await?;
        let answer = user_pool::parse_sign_up(&document)?;
        Ok(SignUpResult {
            confirmed: answer.user_confirmed,
            code_delivery: answer.code_delivery,
            user_sub: answer.user_sub,
        })
    }

    /// Confirms a user with the code that was sent (`ConfirmSignUp`).
    ///
    /// # Errors
    /// `codeMismatch`, `expiredCode`, `aliasExists`, `tooManyFailedAttempts`, ...
    pub async fn confirm_sign_up(&self, options: ConfirmSignUpOptions) -> Result<SignUpResult, AuthError> {
        let pool = self.user_pool()?;
        let context = self.context_data(&pool, &options.username);
        let request = user_pool::confirm_sign_up(
            Service {
                pool: &pool,
                context_data: context.as_deref(),
            },
            &options.username,
            &options.confirmation_code,
            &options.client_metadata,
        );
        self.ask(request).await?;
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
}
