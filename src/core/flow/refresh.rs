//! Renewing tokens, and what a refusal to do so means.

use crate::core::error::{AuthError, Code};

/// Whether the service knows no `GetTokensFromRefreshToken`, so that `REFRESH_TOKEN_AUTH` must be asked instead.
/// That is safe to try: a pool with rotation answers the first and refuses the second.
pub fn must_use_refresh_token_auth(error: &AuthError) -> bool {
    [
        "UnknownOperationException",
        "UnsupportedOperationException",
        "FeatureUnavailableInTierException",
    ]
    .iter()
    .any(|name| error.is_exception(name))
}

/// Whether this answer to a refresh ends the session. Nothing else does: not the network, not a service that
/// fails or throttles, not an answer that cannot be read.
pub fn is_definite_refusal(error: &AuthError) -> bool {
    error.is_exception("RefreshTokenReuseException")
        || matches!(
            error.code,
            Code::NotAuthorized | Code::PasswordResetRequired | Code::UserNotConfirmed | Code::UserNotFound
        )
}

/// Whether this answer to a `RevokeToken` says that the token is worth nothing any more, or never was of this app client:
/// it is not revoked by asking again. Everything else leaves it to be revoked later: a firewall's `ForbiddenException`, a
/// request that is refused as such, an app client whose revocation is switched off.
pub fn is_over_for_good(error: &AuthError) -> bool {
    [
        "NotAuthorizedException",
        "UnauthorizedException",
        "UnsupportedTokenTypeException",
        "UserNotFoundException",
    ]
    .iter()
    .any(|name| error.is_exception(name))
}

/// Whether the service refuses this access token, and may take a newer one. A scope that it lacks, a newer one lacks, too.
pub fn is_refused_access_token(error: &AuthError) -> bool {
    error.code == Code::NotAuthorized && error.message.contains("ccess Token") && !error.message.contains("scope")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(
                is_over_for_good(&AuthError::from_service(exception, "")),
                is_over,
                "{exception}"
            );
        }
        assert!(!is_over_for_good(&AuthError::new(Code::Network, "")));
    }

    #[test]
    fn only_a_word_about_the_token_or_the_user_ends_a_session() {
        for (exception, definite) in [
            ("NotAuthorizedException", true),
            ("RefreshTokenReuseException", true),
            ("UserNotFoundException", true),
            ("TooManyRequestsException", false),
            ("LimitExceededException", false),
            ("InternalErrorException", false),
            ("ForbiddenException", false),
            ("InvalidParameterException", false),
            ("ResourceNotFoundException", false),
        ] {
            assert_eq!(
                is_definite_refusal(&AuthError::from_service(exception, "")),
                definite,
                "{exception}"
            );
        }
        assert!(!is_definite_refusal(&AuthError::new(Code::Network, "")));
        assert!(!is_definite_refusal(&AuthError::new(Code::Unknown, "")));
    }
}
