//! Request builders, one per operation, named as the service names them.

use crate::core::api::http::{Body, Request};
use crate::core::config::UserPoolConfig;
use crate::core::json::{ObjectWriter, StringMap};
use crate::core::names::Username;
use crate::core::secret::{AccessToken, ChallengeSession, ConfirmationCode, Password, RefreshToken};
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

/// `SignUp`.
pub fn sign_up(
    service: Service<'_>,
    username: &Username,
    password: Option<&Password>,
    user_attributes: &StringMap,
    validation_data: &StringMap,
    client_metadata: &StringMap,
) -> Request {
    let body = about_user(service, username)
        .maybe_text("Password", password.map(|password| password.reveal()))
        .when(!user_attributes.is_empty(), |body| {
            body.objects("UserAttributes", attributes(user_attributes))
        })
        .when(!validation_data.is_empty(), |body| {
            body.objects("ValidationData", attributes(validation_data))
        });
    request(service.pool, "SignUp", with_metadata(body, client_metadata))
}

/// `ConfirmSignUp`.
pub fn confirm_sign_up(
    service: Service<'_>,
    username: &Username,
    code: &ConfirmationCode,
    force_alias_creation: bool,
    session: Option<&ChallengeSession>,
    client_metadata: &StringMap,
) -> Request {
    let body = about_user(service, username)
        .text("ConfirmationCode", code.reveal())
        .when(force_alias_creation, |body| body.flag("ForceAliasCreation", true))
        .maybe_text("Session", session.map(|session| session.reveal()));
    request(service.pool, "ConfirmSignUp", with_metadata(body, client_metadata))
}

/// `ResendConfirmationCode`.
pub fn resend_confirmation_code(service: Service<'_>, username: &Username, client_metadata: &StringMap) -> Request {
    request(
        service.pool,
        "ResendConfirmationCode",
        with_metadata(about_user(service, username), client_metadata),
    )
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

/// `GetUser`: the user's attributes and MFA settings.
pub fn get_user(pool: &UserPoolConfig, token: &AccessToken) -> Request {
    request(pool, "GetUser", ObjectWriter::new().text("AccessToken", token.reveal()))
}

/// `GlobalSignOut`: ends every session of the user.
pub fn global_sign_out(pool: &UserPoolConfig, token: &AccessToken) -> Request {
    request(
        pool,
        "GlobalSignOut",
        ObjectWriter::new().text("AccessToken", token.reveal()),
    )
}

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

fn about_user(service: Service<'_>, username: &Username) -> ObjectWriter {
    let body = about_client(service.pool)
        .text("Username", username.as_str())
        .maybe_text("SecretHash", secret_hash(service.pool, username).as_deref());
    with_context(body, service)
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

/// The service refuses empty maps in some places, so an empty one is left out in all.
pub(super) fn with_metadata(body: ObjectWriter, client_metadata: &StringMap) -> ObjectWriter {
    body.when(!client_metadata.is_empty(), |body| {
        body.text_map(
            "ClientMetadata",
            client_metadata.iter().map(|(name, value)| (&**name, &**value)),
        )
    })
}

fn attributes(pairs: &StringMap) -> impl Iterator<Item = ObjectWriter> {
    pairs
        .iter()
        .map(|(name, value)| ObjectWriter::with_capacity(256).text("Name", name).text("Value", value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{map, pool_config};
    use serde_json::{Value, json};

    fn body(request: &Request) -> Value {
        serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap()
    }

    #[test]
    fn sign_up_sends_what_it_was_given_and_no_empty_list() {
        let pool = pool_config(None);
        let (user, password) = (Username::new("alice"), Password::new("Pa55!word"));
        let bare = sign_up(
            Service::new(&pool),
            &user,
            Some(&password),
            &map(&[]),
            &map(&[]),
            &map(&[]),
        );
        assert_eq!(bare.url, pool.endpoint.url());
        assert_eq!(
            bare.body.as_ref().unwrap().target,
            "AWSCognitoIdentityProviderService.SignUp"
        );
        assert_eq!(
            body(&bare),
            json!({"ClientId": "client1", "Username": "alice", "Password": "Pa55!word"})
        );
        let full = sign_up(
            Service::new(&pool),
            &user,
            Some(&password),
            &map(&[("email", "a@b.c")]),
            &map(&[("v", "1")]),
            &map(&[("m", "2")]),
        );
        assert_eq!(
            body(&full)["UserAttributes"],
            json!([{"Name": "email", "Value": "a@b.c"}])
        );
        assert_eq!(body(&full)["ValidationData"], json!([{"Name": "v", "Value": "1"}]));
        assert_eq!(body(&full)["ClientMetadata"], json!({"m": "2"}));
    }

    #[test]
    fn a_client_with_a_secret_sends_the_hash_and_never_the_secret_beside_a_user() {
        let pool = pool_config(Some("hush"));
        let user = Username::new("alice");
        let hash = srp::secret_hash("alice", "client1", "hush");
        let requests = [
            (
                confirm_sign_up(
                    Service::new(&pool),
                    &user,
                    &ConfirmationCode::new("1"),
                    false,
                    None,
                    &map(&[]),
                ),
                "/SecretHash",
            ),
            (
                resend_confirmation_code(Service::new(&pool), &user, &map(&[])),
                "/SecretHash",
            ),
        ];
        for (request, place) in requests {
            assert_eq!(body(&request).pointer(place), Some(&json!(hash)), "{place}");
            assert!(!body(&request).to_string().contains("hush"));
        }
        let refresh = get_tokens_from_refresh_token(&pool, &RefreshToken::new("r"), Some("device"));
        assert_eq!(body(&refresh)["ClientSecret"], "hush");
        assert_eq!(body(&refresh)["DeviceKey"], "device");
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
            body(&get_user(&pool, &AccessToken::new("a"))),
            json!({"AccessToken": "a"})
        );
        assert_eq!(
            body(&global_sign_out(&pool, &AccessToken::new("a"))),
            json!({"AccessToken": "a"})
        );
    }

    #[test]
    fn what_is_known_of_the_device_goes_with_whatever_is_about_a_user() {
        let pool = pool_config(None);
        let (user, none) = (Username::new("alice"), map(&[]));
        let service = Service {
            pool: &pool,
            context_data: Some("data"),
        };
        for request in [
            sign_up(service, &user, Some(&Password::new("p")), &none, &none, &none),
            confirm_sign_up(service, &user, &ConfirmationCode::new("1"), false, None, &none),
            resend_confirmation_code(service, &user, &none),
        ] {
            assert_eq!(
                body(&request)["UserContextData"],
                json!({"EncodedData": "data"}),
                "{request:?}"
            );
        }
    }
}
