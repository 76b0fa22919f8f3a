//! Request builders, one per operation, named as the service names them.

use crate::core::api::http::{Body, Request};
use crate::core::config::UserPoolConfig;
use crate::core::json::ObjectWriter;
use crate::core::names::Username;
use crate::core::secret::{AccessToken, RefreshToken};
use crate::core::srp;

/// Whom the requests go to, and what is sent along about who asks.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// The user pool.
    pub pool: &'a UserPoolConfig,
    /// `UserContextData.EncodedData`, for Cognito's threat protection, where the page has it.
    pub context_data: Option<&'a str>,
}

impl<'a> Service<'a> {
    /// Without context data.
    pub fn new(pool: &'a UserPoolConfig) -> Self {
        Self {
            pool,
            context_data: None,
        }
    }
}

/// What every request about a user by name begins with.
pub(super) fn about_user(service: Service<'_>, username: &Username) -> ObjectWriter {
    let body = about_client(service.pool)
        .text("Username", username.as_str())
        .maybe_text("SecretHash", secret_hash(service.pool, username).as_deref());
    with_context(body, service)
}

/// What every request on behalf of the signed-in user begins with.
pub(super) fn about_session(token: &AccessToken) -> ObjectWriter {
    ObjectWriter::new().text("AccessToken", token.reveal())
}

/// `GetTokensFromRefreshToken`. Tokens that are bound to a device are renewed for that device only.
pub fn get_tokens_from_refresh_token(pool: &UserPoolConfig, token: &RefreshToken, device_key: Option<&str>) -> Request {
    let body = about_client(pool)
        .text("RefreshToken", token.reveal())
        .maybe_text("DeviceKey", device_key)
        .maybe_text(
            "ClientSecret",
            pool.client_secret.as_ref().map(|secret| secret.reveal()),
        );
    request(pool, "GetTokensFromRefreshToken", body)
}

/// `RevokeToken`: ends the session that the refresh token stands for.
pub fn revoke_token(pool: &UserPoolConfig, token: &RefreshToken) -> Request {
    let body = about_client(pool).text("Token", token.reveal()).maybe_text(
        "ClientSecret",
        pool.client_secret.as_ref().map(|secret| secret.reveal()),
    );
    request(pool, "RevokeToken", body)
}

/// `GlobalSignOut`: ends every session of the user.
pub fn global_sign_out(pool: &UserPoolConfig, token: &AccessToken) -> Request {
    request(pool, "GlobalSignOut", about_session(token))
}

/// `StartWebAuthnRegistration`.
pub fn start_passkey_registration(pool: &UserPoolConfig, token: &AccessToken) -> Request {
    request(pool, "StartWebAuthnRegistration", about_session(token))
}

/// `CompleteWebAuthnRegistration`, with the browser's credential as JSON.
pub fn complete_passkey_registration(pool: &UserPoolConfig, token: &AccessToken, credential: &str) -> Request {
    let body = about_session(token).raw("Credential", credential);
    request(pool, "CompleteWebAuthnRegistration", body)
}

/// The request for an operation.
pub(super) fn request(pool: &UserPoolConfig, operation: &str, body: ObjectWriter) -> Request {
    Request {
        url: pool.endpoint.url().into(),
        body: Some(Body {
            target: format!("AWSCognitoIdentityProviderService.{operation}"),
            json: body.finish(),
        }),
    }
}

pub(super) fn about_client(pool: &UserPoolConfig) -> ObjectWriter {
    ObjectWriter::new().text("ClientId", pool.client_id.as_str())
}

pub(super) fn with_context(body: ObjectWriter, service: Service<'_>) -> ObjectWriter {
    match service.context_data {
        Some(data) => body.object("UserContextData", ObjectWriter::new().text("EncodedData", data)),
        None => body,
    }
}

pub(super) fn secret_hash(pool: &UserPoolConfig, username: &Username) -> Option<String> {
    let secret = pool.client_secret.as_ref()?;
    Some(srp::secret_hash(
        username.as_str(),
        pool.client_id.as_str(),
        secret.reveal(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::pool_config;
    use serde_json::{Value, json};

    fn body(request: &Request) -> Value {
        serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap()
    }

    #[test]
    fn a_client_with_a_secret_sends_the_hash_and_never_the_secret_beside_a_user() {
        let pool = pool_config(Some("hush"));
        let user = Username::new("alice");
        let hash = srp::secret_hash("alice", "client1", "hush");
        let request = request(&pool, "ForgotPassword", about_user(Service::new(&pool), &user));
        assert_eq!(body(&request)["SecretHash"], hash);
        assert!(!body(&request).to_string().contains("hush"));
        let token = RefreshToken::new("r");
        let refresh = get_tokens_from_refresh_token(&pool, &token, Some("device"));
        assert_eq!(body(&refresh)["ClientSecret"], "hush");
        assert_eq!(body(&refresh)["DeviceKey"], "device");
        assert_eq!(body(&revoke_token(&pool, &token))["ClientSecret"], "hush");
    }

    #[test]
    fn tokens_are_refreshed_revoked_and_ended_by_their_operations() {
        let pool = pool_config(None);
        let refresh = RefreshToken::new("r");
        assert_eq!(
            body(&get_tokens_from_refresh_token(&pool, &refresh, None)),
            json!({"ClientId": "client1", "RefreshToken": "r"})
        );
        assert_eq!(
            body(&revoke_token(&pool, &refresh)),
            json!({"ClientId": "client1", "Token": "r"})
        );
        assert_eq!(
            body(&global_sign_out(&pool, &AccessToken::new("a"))),
            json!({"AccessToken": "a"})
        );
    }
}
