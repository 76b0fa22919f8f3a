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
    password: &Password,
    user_attributes: &StringMap,
    validation_data: &StringMap,
    client_metadata: &StringMap,
) -> Request {
    let body = about_user(service, username)
        .text("Password", password.reveal())
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
    client_metadata: &StringMap,
) -> Request {
    let body = about_user(service, username).text("ConfirmationCode", code.reveal());
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

/// `InitiateAuth` with `USER_SRP_AUTH`.
pub fn user_srp_auth(service: Service<'_>, username: &Username, srp_a: &str, client_metadata: &StringMap) -> Request {
    let parameters = user_parameters(service.pool, username).text("SRP_A", srp_a);
    initiate_auth(service, "USER_SRP_AUTH", parameters, client_metadata)
}

/// `InitiateAuth` with `USER_PASSWORD_AUTH`.
pub fn user_password_auth(
    service: Service<'_>,
    username: &Username,
    password: &Password,
    client_metadata: &StringMap,
) -> Request {
    let parameters = user_parameters(service.pool, username).text("PASSWORD", password.reveal());
    initiate_auth(service, "USER_PASSWORD_AUTH", parameters, client_metadata)
}

/// `InitiateAuth` with `REFRESH_TOKEN_AUTH`, for services that have no `GetTokensFromRefreshToken`. The user name
/// is needed for `SECRET_HASH` only.
pub fn refresh_token_auth(
    service: Service<'_>,
    username: &Username,
    token: &RefreshToken,
    device_key: Option<&str>,
) -> Request {
    let parameters = ObjectWriter::new()
        .text("REFRESH_TOKEN", token.reveal())
        .maybe_text("DEVICE_KEY", device_key)
        .maybe_text("SECRET_HASH", secret_hash(service.pool, username).as_deref());
    initiate_auth(service, "REFRESH_TOKEN_AUTH", parameters, &StringMap::new())
}

/// The answer to `PASSWORD_VERIFIER`: that the password is known, without the password.
#[derive(Debug)]
pub struct PasswordClaim<'a> {
    /// `USER_ID_FOR_SRP`.
    pub username: &'a Username,
    /// `PASSWORD_CLAIM_SIGNATURE`.
    pub signature: &'a str,
    /// `PASSWORD_CLAIM_SECRET_BLOCK`, as it came.
    pub secret_block: &'a str,
    /// `TIMESTAMP`.
    pub timestamp: &'a str,
}

/// `RespondToAuthChallenge` with `PASSWORD_VERIFIER`.
pub fn password_verifier(
    service: Service<'_>,
    claim: &PasswordClaim<'_>,
    session: Option<&ChallengeSession>,
    client_metadata: &StringMap,
) -> Request {
    let responses = user_parameters(service.pool, claim.username)
        .text("PASSWORD_CLAIM_SECRET_BLOCK", claim.secret_block)
        .text("PASSWORD_CLAIM_SIGNATURE", claim.signature)
        .text("TIMESTAMP", claim.timestamp);
    respond_to_auth_challenge(service, "PASSWORD_VERIFIER", session, responses, client_metadata)
}

/// `RespondToAuthChallenge` with `NEW_PASSWORD_REQUIRED`. Attribute names come without the wire's prefix.
pub fn new_password(
    service: Service<'_>,
    username: &Username,
    session: Option<&ChallengeSession>,
    new_password: &Password,
    user_attributes: &StringMap,
    client_metadata: &StringMap,
) -> Request {
    let responses = user_attributes.iter().fold(
        user_parameters(service.pool, username).text("NEW_PASSWORD", new_password.reveal()),
        |responses, (name, value)| responses.text(&format!("userAttributes.{name}"), value),
    );
    respond_to_auth_challenge(service, "NEW_PASSWORD_REQUIRED", session, responses, client_metadata)
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

fn initiate_auth(
    service: Service<'_>,
    auth_flow: &str,
    auth_parameters: ObjectWriter,
    client_metadata: &StringMap,
) -> Request {
    let body = about_client(service.pool)
        .text("AuthFlow", auth_flow)
        .object("AuthParameters", auth_parameters);
    let body = with_context(body, service);
    request(service.pool, "InitiateAuth", with_metadata(body, client_metadata))
}

fn respond_to_auth_challenge(
    service: Service<'_>,
    challenge_name: &str,
    session: Option<&ChallengeSession>,
    challenge_responses: ObjectWriter,
    client_metadata: &StringMap,
) -> Request {
    let body = about_client(service.pool)
        .text("ChallengeName", challenge_name)
        .maybe_text("Session", session.map(|session| session.reveal()))
        .object("ChallengeResponses", challenge_responses);
    let body = with_context(body, service);
    request(
        service.pool,
        "RespondToAuthChallenge",
        with_metadata(body, client_metadata),
    )
}

fn request(pool: &UserPoolConfig, operation: &str, body: ObjectWriter) -> Request {
    Request {
        url: pool.endpoint.url().into(),
        body: Some(Body {
            target: format!("AWSCognitoIdentityProviderService.{operation}"),
            json: body.finish(),
        }),
    }
}

fn about_client(pool: &UserPoolConfig) -> ObjectWriter {
    ObjectWriter::new().text("ClientId", pool.client_id.as_str())
}

fn about_user(service: Service<'_>, username: &Username) -> ObjectWriter {
    let body = about_client(service.pool)
        .text("Username", username.as_str())
        .maybe_text("SecretHash", secret_hash(service.pool, username).as_deref());
    with_context(body, service)
}

fn with_context(body: ObjectWriter, service: Service<'_>) -> ObjectWriter {
    match service.context_data {
        Some(data) => body.object("UserContextData", ObjectWriter::new().text("EncodedData", data)),
        None => body,
    }
}

fn user_parameters(pool: &UserPoolConfig, username: &Username) -> ObjectWriter {
    ObjectWriter::new()
        .text("USERNAME", username.as_str())
        .maybe_text("SECRET_HASH", secret_hash(pool, username).as_deref())
}

fn secret_hash(pool: &UserPoolConfig, username: &Username) -> Option<String> {
    let secret = pool.client_secret.as_ref()?;
    Some(srp::secret_hash(
        username.as_str(),
        pool.client_id.as_str(),
        secret.reveal(),
    ))
}

/// The service refuses empty maps in some places, so an empty one is left out in all.
fn with_metadata(body: ObjectWriter, client_metadata: &StringMap) -> ObjectWriter {
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
        let bare = sign_up(Service::new(&pool), &user, &password, &map(&[]), &map(&[]), &map(&[]));
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
            &password,
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
                confirm_sign_up(Service::new(&pool), &user, &ConfirmationCode::new("1"), &map(&[])),
                "/SecretHash",
            ),
            (
                resend_confirmation_code(Service::new(&pool), &user, &map(&[])),
                "/SecretHash",
            ),
            (
                user_srp_auth(Service::new(&pool), &user, "ab", &map(&[])),
                "/AuthParameters/SECRET_HASH",
            ),
            (
                user_password_auth(Service::new(&pool), &user, &Password::new("p"), &map(&[])),
                "/AuthParameters/SECRET_HASH",
            ),
            (
                refresh_token_auth(Service::new(&pool), &user, &RefreshToken::new("r"), Some("device")),
                "/AuthParameters/SECRET_HASH",
            ),
            (
                new_password(
                    Service::new(&pool),
                    &user,
                    None,
                    &Password::new("p"),
                    &map(&[]),
                    &map(&[]),
                ),
                "/ChallengeResponses/SECRET_HASH",
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
    fn the_flows_of_initiate_auth_are_named() {
        let pool = pool_config(None);
        let user = Username::new("alice");
        assert_eq!(
            body(&user_srp_auth(Service::new(&pool), &user, "ab", &map(&[]))),
            json!({"ClientId": "client1", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "alice", "SRP_A": "ab"}})
        );
        assert_eq!(
            body(&user_password_auth(
                Service::new(&pool),
                &user,
                &Password::new("p"),
                &map(&[])
            )),
            json!({"ClientId": "client1", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "alice", "PASSWORD": "p"}})
        );
        assert_eq!(
            body(&refresh_token_auth(
                Service::new(&pool),
                &user,
                &RefreshToken::new("r"),
                Some("device")
            )),
            json!({"ClientId": "client1", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": "r", "DEVICE_KEY": "device"}})
        );
    }

    #[test]
    fn the_answers_to_challenges_carry_the_session() {
        let pool = pool_config(None);
        let user = Username::new("id");
        let claim = PasswordClaim {
            username: &user,
            signature: "sig",
            secret_block: "block",
            timestamp: "now",
        };
        assert_eq!(
            body(&password_verifier(
                Service::new(&pool),
                &claim,
                None,
                &map(&[("m", "1")])
            )),
            json!({"ClientId": "client1", "ChallengeName": "PASSWORD_VERIFIER", "ClientMetadata": {"m": "1"}, "ChallengeResponses": {
                "USERNAME": "id", "PASSWORD_CLAIM_SECRET_BLOCK": "block", "PASSWORD_CLAIM_SIGNATURE": "sig", "TIMESTAMP": "now"}})
        );
        let session = ChallengeSession::new("session");
        assert_eq!(
            body(&new_password(
                Service::new(&pool),
                &user,
                Some(&session),
                &Password::new("n"),
                &map(&[("given_name", "A")]),
                &map(&[])
            )),
            json!({"ClientId": "client1", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "session", "ChallengeResponses": {
                "USERNAME": "id", "NEW_PASSWORD": "n", "userAttributes.given_name": "A"}})
        );
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
            sign_up(service, &user, &Password::new("p"), &none, &none, &none),
            confirm_sign_up(service, &user, &ConfirmationCode::new("1"), &none),
            resend_confirmation_code(service, &user, &none),
            user_srp_auth(service, &user, "ab", &none),
            refresh_token_auth(service, &user, &RefreshToken::new("r"), None),
            new_password(service, &user, None, &Password::new("p"), &none, &none),
        ] {
            assert_eq!(
                body(&request)["UserContextData"],
                json!({"EncodedData": "data"}),
                "{request:?}"
            );
        }
    }

    #[test]
    fn a_request_prints_its_operation_and_nothing_it_carries() {
        let request = user_password_auth(
            Service::new(&pool_config(None)),
            &Username::new("alice"),
            &Password::new("Pa55!word"),
            &map(&[]),
        );
        assert_eq!(
            format!("{request:?} {:?}", request.body),
            "Request(InitiateAuth) Some(Body(AWSCognitoIdentityProviderService.InitiateAuth, [redacted]))"
        );
    }
}
