//! `autoSignIn`.

use super::read::{read, storage};
use crate::core::error::AuthError;
use crate::ports::StorageKind;

/// Parameters of `autoSignIn`.
#[derive(Clone, Debug, Default)]
pub struct AutoSignInOptions {
    /// `storage`, as of `signIn`.
    pub storage: Option<StorageKind>,
}

impl AutoSignInOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        read("autoSignIn", text, &["storage"], |options| Self {
            storage: storage(options),
        })
    }
}
