//! The requests of a sign-in: `InitiateAuth`, `RespondToAuthChallenge`, and what goes between the two.

use zeroize::Zeroizing;

use super::operations::with_map;
use super::requests::{Service, about_client, about_session, request, secret_hash, with_context};
use crate::core::api::http::Request;
use crate::core::json::{ObjectWriter, StringMap};
use crate::core::names::Username;
use crate::core::secret::{AccessToken, ChallengeSession, ConfirmationCode, RefreshToken};
use crate::core::srp::DeviceVerifier;

/// A user, and the key of this device where the pool tracks it for that user.
pub type UserAndDevice<'a> = (&'a Username, Option<&'a str>);

/// `InitiateAuth`.
pub fn initiate_auth(
    service: Service<'_>,
    flow: &str,
    user: UserAndDevice<'_>,
    parameters: &[(String, Zeroizing<String>)],
    session: Option<&ChallengeSession>,
    client_metadata: &StringMap,
) -> Request {
    let body = about_client(service.pool)
        .text("AuthFlow", flow)
        .maybe_text("Session", session.map(|session| session.reveal()))
        .object("AuthParameters", of_user(service, user, parameters));
    conversation(service, "InitiateAuth", body, client_metadata)
}

/// `RespondToAuthChallenge`.
pub fn respond_to_auth_challenge(
    service: Service<'_>,
    challenge: &str,
    user: UserAndDevice<'_>,
    parameters: &[(String, Zeroizing<String>)],
    session: Option<&ChallengeSession>,
    client_metadata: &StringMap,
) -> Request {
    let body = about_client(service.pool)
        .text("ChallengeName", challenge)
        .maybe_text("Session", session.map(|session| session.reveal()))
        .object("ChallengeResponses", of_user(service, user, parameters));
    conversation(service, "RespondToAuthChallenge", body, client_metadata)
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
    let body = about_client(service.pool)
        .text("AuthFlow", "REFRESH_TOKEN_AUTH")
        .object("AuthParameters", parameters);
    conversation(service, "InitiateAuth", body, &StringMap::new())
}

/// `AssociateSoftwareToken` in the middle of a sign-in.
pub fn associate_in_session(service: Service<'_>, session: Option<&ChallengeSession>) -> Request {
    let body = ObjectWriter::new().maybe_text("Session", session.map(|session| session.reveal()));
    request(service.pool, "AssociateSoftwareToken", body)
}

/// `VerifySoftwareToken` in the middle of a sign-in.
pub fn verify_in_session(
    service: Service<'_>,
    session: Option<&ChallengeSession>,
    code: &ConfirmationCode,
    device_name: Option<&str>,
) -> Request {
    let body = ObjectWriter::new()
        .maybe_text("Session", session.map(|session| session.reveal()))
        .text("UserCode", code.reveal())
        .maybe_text("FriendlyDeviceName", device_name);
    request(service.pool, "VerifySoftwareToken", body)
}

/// `ConfirmDevice`.
pub fn confirm_device(
    service: Service<'_>,
    token: &AccessToken,
    device_key: &str,
    device_name: &str,
    verifier: &DeviceVerifier,
) -> Request {
    let config = ObjectWriter::with_capacity(1024)
        .text("PasswordVerifier", &verifier.password_verifier)
        .text("Salt", &verifier.salt);
    let body = about_session(token)
        .text("DeviceKey", device_key)
        .text("DeviceName", device_name)
        .object("DeviceSecretVerifierConfig", config);
    request(service.pool, "ConfirmDevice", body)
}

/// `ForgetDevice`.
pub fn forget_device(service: Service<'_>, token: &AccessToken, device_key: &str) -> Request {
    request(
        service.pool,
        "ForgetDevice",
        about_session(token).text("DeviceKey", device_key),
    )
}

fn of_user(
    service: Service<'_>,
    (username, device_key): UserAndDevice<'_>,
    parameters: &[(String, Zeroizing<String>)],
) -> ObjectWriter {
    let user = ObjectWriter::new()
        .text("USERNAME", username.as_str())
        .maybe_text("SECRET_HASH", secret_hash(service.pool, username).as_deref())
        .maybe_text("DEVICE_KEY", device_key);
    parameters.iter().fold(user, |all, (name, value)| all.text(name, value))
}

fn conversation(service: Service<'_>, operation: &str, body: ObjectWriter, client_metadata: &StringMap) -> Request {
    let body = with_map(with_context(body, service), "ClientMetadata", client_metadata);
    request(service.pool, operation, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::srp;
    use crate::testing::{map, pool_config};
    use serde_json::{Value, json};

    fn body(request: &Request) -> Value {
        serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap()
    }

    fn parameters(pairs: &[(&str, &str)]) -> Vec<(String, Zeroizing<String>)> {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_flow_begins_with_the_user_the_device_and_its_own_parameters() {
        let pool = pool_config(None);
        let (alice, service) = (Username::new("alice"), Service::new(&pool));
        let request = initiate_auth(
            service,
            "USER_SRP_AUTH",
            (&alice, Some("device")),
            &parameters(&[("SRP_A", "ab")]),
            None,
            &map(&[("v", "1")]),
        );
        assert_eq!(
            body(&request),
            json!({"ClientId": "client1", "AuthFlow": "USER_SRP_AUTH", "ClientMetadata": {"v": "1"},
                "AuthParameters": {"USERNAME": "alice", "DEVICE_KEY": "device", "SRP_A": "ab"}})
        );
        let session = ChallengeSession::new("confirmed");
        let request = initiate_auth(service, "USER_AUTH", (&alice, None), &[], Some(&session), &map(&[]));
        assert_eq!(
            body(&request),
            json!({"ClientId": "client1", "AuthFlow": "USER_AUTH", "Session": "confirmed", "AuthParameters": {"USERNAME": "alice"}})
        );
    }

    #[test]
    fn a_response_names_its_challenge_and_carries_the_session() {
        let pool = pool_config(None);
        let (id, session) = (Username::new("id"), ChallengeSession::new("session"));
        let request = respond_to_auth_challenge(
            Service::new(&pool),
            "SMS_MFA",
            (&id, None),
            &parameters(&[("SMS_MFA_CODE", "123456")]),
            Some(&session),
            &map(&[]),
        );
        assert_eq!(
            body(&request),
            json!({"ClientId": "client1", "ChallengeName": "SMS_MFA", "Session": "session",
                "ChallengeResponses": {"USERNAME": "id", "SMS_MFA_CODE": "123456"}})
        );
    }

    #[test]
    fn a_client_with_a_secret_sends_the_hash_of_the_challenge_s_user_name() {
        let pool = pool_config(Some("hush"));
        let (id, service) = (Username::new("id"), Service::new(&pool));
        let hash = json!(srp::secret_hash("id", "client1", "hush"));
        let none = map(&[]);
        for (request, place) in [
            (
                initiate_auth(service, "CUSTOM_AUTH", (&id, None), &[], None, &none),
                "/AuthParameters/SECRET_HASH",
            ),
            (
                respond_to_auth_challenge(service, "SMS_MFA", (&id, None), &[], None, &none),
                "/ChallengeResponses/SECRET_HASH",
            ),
            (
                refresh_token_auth(service, &id, &RefreshToken::new("r"), Some("device")),
                "/AuthParameters/SECRET_HASH",
            ),
        ] {
            assert_eq!(body(&request).pointer(place), Some(&hash), "{place}");
            assert!(!body(&request).to_string().contains("hush"));
        }
    }

    #[test]
    fn the_page_s_context_data_goes_along_with_a_conversation() {
        let pool = pool_config(None);
        let service = Service {
            pool: &pool,
            context_data: Some("data"),
        };
        let (id, none) = (Username::new("id"), map(&[]));
        for request in [
            initiate_auth(service, "USER_AUTH", (&id, None), &[], None, &none),
            respond_to_auth_challenge(service, "SMS_MFA", (&id, None), &[], None, &none),
            refresh_token_auth(service, &id, &RefreshToken::new("r"), None),
        ] {
            assert_eq!(body(&request)["UserContextData"], json!({"EncodedData": "data"}));
        }
    }

    #[test]
    fn an_authenticator_app_is_set_up_in_the_session_and_without_a_token() {
        let pool = pool_config(None);
        let (service, session) = (Service::new(&pool), ChallengeSession::new("session"));
        assert_eq!(
            body(&associate_in_session(service, Some(&session))),
            json!({"Session": "session"})
        );
        let code = ConfirmationCode::new("123456");
        assert_eq!(
            body(&verify_in_session(service, Some(&session), &code, Some("phone"))),
            json!({"Session": "session", "UserCode": "123456", "FriendlyDeviceName": "phone"})
        );
    }

    #[test]
    fn a_device_is_confirmed_with_its_verifier() {
        let pool = pool_config(None);
        let verifier = srp::device_verifier("group", "device", "password", &[7; 16]);
        let request = confirm_device(
            Service::new(&pool),
            &AccessToken::new("a"),
            "device",
            "Browser",
            &verifier,
        );
        assert_eq!(
            body(&request),
            json!({"AccessToken": "a", "DeviceKey": "device", "DeviceName": "Browser", "DeviceSecretVerifierConfig": {
                "PasswordVerifier": verifier.password_verifier, "Salt": verifier.salt}})
        );
    }

    #[test]
    fn a_device_is_forgotten_by_its_key() {
        let request = forget_device(Service::new(&pool_config(None)), &AccessToken::new("a"), "device");
        assert_eq!(body(&request), json!({"AccessToken": "a", "DeviceKey": "device"}));
    }

    #[test]
    fn a_request_prints_its_operation_and_nothing_it_carries() {
        let request = initiate_auth(
            Service::new(&pool_config(None)),
            "USER_PASSWORD_AUTH",
            (&Username::new("alice"), None),
            &parameters(&[("PASSWORD", "Pa55!word")]),
            None,
            &map(&[]),
        );
        assert_eq!(
            format!("{request:?} {:?}", request.body),
            "Request(InitiateAuth) Some(Body(AWSCognitoIdentityProviderService.InitiateAuth, [redacted]))"
        );
    }
}
