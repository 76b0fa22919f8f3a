//! The three ways to be signed in, each with what it really has.

use super::lifetime::WallMillis;
use super::tokens::{HostedTokens, Tokens};
use crate::core::names::Username;
use crate::core::secret::ProviderToken;

/// How a user signed in.
#[derive(Clone, Debug)]
pub enum Login {
    /// At the user pool's API.
    UserPool(PoolLogin),
    /// At a hosted login: Cognito's own pages, or another OAuth 2.0 provider.
    Hosted(HostedLogin),
    /// With another provider's token, which the identity pool accepts.
    Federated(FederatedLogin),
}

/// A sign-in at the user pool's API.
#[derive(Clone, Debug)]
pub struct PoolLogin {
    /// The name that the service knows the user by.
    pub username: Username,
    /// The user's `sub`.
    pub user_sub: String,
    /// The device that the tokens are bound to, `DEVICE_KEY`.
    pub device_key: Option<String>,
    /// `None` once they have expired and the service has refused to renew them.
    pub tokens: Option<Tokens>,
}

/// A sign-in at a hosted login.
#[derive(Clone, Debug)]
pub struct HostedLogin {
    /// `sub` of the ID token, or of the userinfo endpoint.
    pub subject: String,
    /// The user's name, where a token has one.
    pub username: Option<Username>,
    /// `None` once they have expired and cannot be renewed.
    pub tokens: Option<HostedTokens>,
}

/// A sign-in with the token of another provider.
#[derive(Clone, Debug)]
pub struct FederatedLogin {
    /// The provider's key in the `Logins` of the identity pool.
    pub provider: String,
    /// `sub` of the token, where it is a JWT.
    pub subject: Option<String>,
    /// The user's name, where the token has one.
    pub username: Option<String>,
    /// `None` once the identity pool has refused it.
    pub token: Option<ProviderToken>,
    /// When the token expires, where that is known.
    pub expires_at: Option<WallMillis>,
}

impl PoolLogin {
    /// That of tokens which have just arrived. `None` when the access token does not say whose they are.
    pub fn of(tokens: Tokens, device_key: Option<String>) -> Option<Self> {
        Some(Self {
            username: tokens.username()?,
            user_sub: tokens.user_sub()?,
            device_key,
            tokens: Some(tokens),
        })
    }
}

impl From<PoolLogin> for Login {
    fn from(login: PoolLogin) -> Self {
        Self::UserPool(login)
    }
}

impl From<HostedLogin> for Login {
    fn from(login: HostedLogin) -> Self {
        Self::Hosted(login)
    }
}

impl From<FederatedLogin> for Login {
    fn from(login: FederatedLogin) -> Self {
        Self::Federated(login)
    }
}
