//! `signOut`.

use super::read::read;
use crate::core::error::AuthError;

/// Parameters of `signOut`.
#[derive(Clone, Debug)]
pub struct SignOutOptions {
    /// `signOutGlobally`.
    pub sign_out_globally: bool,
    /// `invalidateTokens`.
    pub invalidate_tokens: bool,
}

impl SignOutOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        read("signOut", text, &["signOutGlobally", "invalidateTokens"], |options| {
            Self {
                sign_out_globally: options.flag("signOutGlobally").unwrap_or(false),
                invalidate_tokens: options.flag("invalidateTokens").unwrap_or(true),
            }
        })
    }
}
