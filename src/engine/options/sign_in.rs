//! `signIn`.

use super::read::{filled, read, storage, username, within};
use crate::core::config::AuthFlow;
use crate::core::error::AuthError;
use crate::core::json::{Reader, StringMap};
use crate::core::names::Username;
use crate::core::secret::Password;
use crate::ports::StorageKind;

/// Parameters of `signIn`.
#[derive(Clone, Debug)]
pub struct SignInOptions {
    /// `username`.
    pub username: Username,
    /// `password`.
    pub password: Option<Password>,
    /// `authFlow`; without it the configuration's.
    pub auth_flow: Option<AuthFlow>,
    /// `preferredChallenge`.
    pub preferred_challenge: Option<String>,
    /// `targetAcrValues`.
    pub target_acr_values: Vec<String>,
    /// `maxAge`, in seconds.
    pub max_age: Option<i64>,
    /// `storage`: the store that this session is kept in. Without it `initialize`'s.
    pub storage: Option<StorageKind>,
    /// `validationData`.
    pub validation_data: StringMap,
    /// `clientMetadata`.
    pub client_metadata: StringMap,
}

impl SignInOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        const KNOWN: &[&str] = &[
            "username",
            "password",
            "authFlow",
            "preferredChallenge",
            "targetAcrValues",
            "maxAge",
            "validationData",
            "clientMetadata",
            "storage",
        ];
        read("signIn", text, KNOWN, |options| Self {
            username: username(options),
            password: filled(options, "password").map(Password::new),
            auth_flow: auth_flow(options),
            preferred_challenge: options.filled_text("preferredChallenge").map(String::from),
            target_acr_values: options.texts("targetAcrValues"),
            max_age: within(options, "maxAge", "whole seconds from 0 to 2147483647"),
            validation_data: options.text_map("validationData"),
            client_metadata: options.text_map("clientMetadata"),
            storage: storage(options),
        })
    }
}

/// Some options are of `USER_AUTH` alone, and name it by being there.
fn auth_flow(options: &Reader<'_>) -> Option<AuthFlow> {
    let is_of_user_auth = |key: &&str| options.has(key);
    let of_user_auth = ["preferredChallenge", "targetAcrValues", "maxAge"]
        .iter()
        .any(is_of_user_auth);
    let named = options.text("authFlow").map(AuthFlow::named);
    match named {
        Some(None) => {
            let flows = "USER_SRP_AUTH, USER_PASSWORD_AUTH, CUSTOM_AUTH or USER_AUTH";
            options.refuse("authFlow", flows, "a different string");
            None
        }
        Some(Some(flow)) if of_user_auth && flow != AuthFlow::UserAuth => {
            options.refuse("authFlow", "USER_AUTH beside the options of that flow", "another flow");
            None
        }
        _ if of_user_auth => Some(AuthFlow::UserAuth),
        named => named.flatten(),
    }
}
