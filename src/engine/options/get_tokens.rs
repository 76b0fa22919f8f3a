//! `getTokens`.

use super::read::{milliseconds, read};
use crate::core::error::AuthError;
use crate::ports::Millis;

/// Parameters of `getTokens`.
#[derive(Clone, Debug, Default)]
pub struct GetTokensOptions {
    /// `forceRefresh`.
    pub force_refresh: bool,
    /// `waitForSignIn`. Without it a call waits when there is a listener who can ask the user to sign in.
    pub wait_for_sign_in: Option<bool>,
    /// `timeout`, in milliseconds.
    pub timeout: Option<Millis>,
}

impl GetTokensOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        const KNOWN: &[&str] = &["forceRefresh", "waitForSignIn", "timeout"];
        read("getTokens", text, KNOWN, |options| Self {
            force_refresh: options.flag("forceRefresh").unwrap_or(false),
            wait_for_sign_in: options.flag("waitForSignIn"),
            timeout: milliseconds(options, "timeout"),
        })
    }
}
