//! Renewing tokens, and what a refusal to do so means.

use crate::core::error::AuthError;
use crate::core::refusal::{Exception, Topic};

/// Whether the service knows no `GetTokensFromRefreshToken`, so that `REFRESH_TOKEN_AUTH` must be asked instead.
/// That is safe to try: a pool with rotation answers the first and refuses the second.
pub fn must_use_refresh_token_auth(error: &AuthError) -> bool {
    error.refusal.is_some_and(|refusal| {
        matches!(
            refusal.exception,
            Exception::UnknownOperation | Exception::UnsupportedOperation | Exception::FeatureUnavailableInTier
        )
    })
}

/// Whether this answer to a refresh ends the session. Nothing else does: not the network, not a service that
/// fails or throttles, not an answer that cannot be read, and no name of an exception at another status than 400.
pub fn is_definite_refusal(error: &AuthError) -> bool {
    error.refusal.is_some_and(|refusal| match refusal.exception {
        Exception::NotAuthorized
        | Exception::PasswordResetRequired
        | Exception::RefreshTokenReuse
        | Exception::UserNotConfirmed
        | Exception::UserNotFound => true,
        Exception::DeviceKeyExists
        | Exception::FeatureUnavailableInTier
        | Exception::InvalidParameter
        | Exception::ResourceNotFound
        | Exception::Unauthorized
        | Exception::UnknownOperation
        | Exception::UnsupportedOperation
        | Exception::UnsupportedTokenType => false,
    })
}

/// Whether this answer to a `RevokeToken` says that the token is worth nothing any more, or never was of this app client:
/// it is not revoked by asking again. Everything else leaves it to be revoked later: a firewall's `ForbiddenException`, a
/// request that is refused as such, an app client whose revocation is switched off.
pub fn is_over_for_good(error: &AuthError) -> bool {
    error.refusal.is_some_and(|refusal| {
        matches!(
            refusal.exception,
            Exception::NotAuthorized
                | Exception::Unauthorized
                | Exception::UnsupportedTokenType
                | Exception::UserNotFound
        )
    })
}

/// Whether the service refuses this access token, and may take a newer one. A scope that it lacks, a newer one lacks, too.
pub fn is_refused_access_token(error: &AuthError) -> bool {
    error.refusal.is_some_and(|refusal| {
        refusal.exception == Exception::NotAuthorized
            && refusal.is_about(Topic::AccessToken)
            && !refusal.is_about(Topic::Scope)
    })
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::api::fault;
    use crate::core::error::Code;
    use crate::testing;

    /// The names of the service, some that are similar, and some of others.
    const NAMES: [&str; 22] = [
        "NotAuthorizedException",
        "PasswordResetRequiredException",
        "RefreshTokenReuseException",
        "UserNotConfirmedException",
        "UserNotFoundException",
        "DeviceKeyExistsException",
        "FeatureUnavailableInTierException",
        "InvalidParameterException",
        "ResourceNotFoundException",
        "UnauthorizedException",
        "UnknownOperationException",
        "UnsupportedOperationException",
        "UnsupportedTokenTypeException",
        "TooManyRequestsException",
        "LimitExceededException",
        "InternalErrorException",
        "ForbiddenException",
        "notauthorizedexception",
        "notAuthorizedException",
        "NotAuthorized",
        "NOTAUTHORIZEDEXCEPTION",
        "UserNotFound",
    ];

    #[test]
    fn only_five_exact_names_with_the_status_400_end_a_session() {
        for status in [
            0, 200, 201, 204, 301, 302, 307, 400, 401, 402, 403, 404, 407, 408, 409, 410, 412, 413, 418, 422, 425, 429,
            431, 451, 499, 500, 501, 502, 503, 504, 511, 520, 599,
        ] {
            for (index, name) in NAMES.into_iter().enumerate() {
                let body = format!(r#"{{"__type":"{name}","message":"Access Token has been revoked"}}"#);
                for response in [
                    testing::answer(status, &body),
                    testing::refusal(status, &format!("{name}:"), ""),
                    testing::refusal(status, &format!("{name}:"), &body),
                ] {
                    let error = fault::document("RevokeToken", &response).unwrap_err();
                    let is_definite = status == 400 && index < 5;
                    assert_eq!(is_definite_refusal(&error), is_definite, "{status} {name}");
                    let is_token = status == 400 && index == 0 && !response.body.is_empty();
                    assert_eq!(is_refused_access_token(&error), is_token, "{status} {name}");
                    assert!(status == 400 || error.refusal.is_none(), "{status} {name}");
                }
            }
        }
    }

    #[test]
    fn a_revocation_is_dropped_only_where_the_service_says_that_the_token_is_worth_nothing() {
        for (exception, is_over) in [
            ("NotAuthorizedException", true),
            ("UnauthorizedException", true),
            ("UnsupportedTokenTypeException", true),
            ("UserNotFoundException", true),
            ("ForbiddenException", false),
            ("InvalidParameterException", false),
            ("UnsupportedOperationException", false),
            ("ResourceNotFoundException", false),
            ("TooManyRequestsException", false),
            ("InternalErrorException", false),
            ("notauthorized", false),
        ] {
            let error = AuthError::from_service(exception, "");
            assert_eq!(is_over_for_good(&error), is_over, "{exception}");
        }
        assert!(!is_over_for_good(&AuthError::new(Code::Network, "")));
    }

    #[test]
    fn a_refused_access_token_is_told_from_a_wrong_password() {
        let refusal =
            |message: &str| is_refused_access_token(&AuthError::from_service("NotAuthorizedException", message));
        for message in [
            "Access Token has been revoked",
            "Access Token has expired",
            "Invalid Access Token",
            "Could not verify signature for Access Token",
        ] {
            assert!(refusal(message), "{message}");
        }
        for message in [
            "Incorrect username or password.",
            "Access Token does not have required scopes",
            "Refresh Token has been revoked",
        ] {
            assert!(!refusal(message), "{message}");
        }
        let other = AuthError::from_service("InvalidParameterException", "Invalid Access Token");
        assert!(!is_refused_access_token(&other));
    }

    #[test]
    fn an_error_of_the_client_ends_no_session() {
        for code in Code::ALL {
            assert!(!is_definite_refusal(&AuthError::new(*code, "")), "{code:?}");
        }
    }
}
