//! The one error type of the client.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use super::refusal::{Exception, Refusal};

/// Why a call failed. A pointer, so that a result which is almost always good stays small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthError(Box<Failure>);

/// Why a call failed, as an app can act on it.
///
/// No field ever holds a password, token, code or session string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable name to branch on.
    pub code: Code,
    /// What happened and what to do, in English.
    pub message: Cow<'static, str>,
    /// The service's own exception name, such as `NotAuthorizedException`, where a service answered.
    pub service_exception: Option<String>,
    /// Whether the same call may succeed later without any change.
    pub retryable: bool,
    /// How many seconds the service asks to be left alone.
    pub retry_after: Option<i64>,
    /// The failure below this one, in the words of what reported it.
    pub cause: Option<String>,
    /// What the service has refused, where that decides something that lasts. The app does not get it.
    pub refusal: Option<Refusal>,
}

impl AuthError {
    /// An error that the client itself found.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Failure {
            code,
            message: message.into(),
            service_exception: None,
            retryable: matches!(code, Code::Network | Code::Timeout),
            retry_after: None,
            cause: None,
            refusal: None,
        }))
    }

    /// An error that the service answered with the status 400. `exception` is its bare name, without prefix or colon.
    pub fn from_service(exception: &str, message: &str) -> Self {
        let code = Code::of_exception(exception);
        Self(Box::new(Failure {
            code,
            message: String::from(message).into(),
            service_exception: Some(exception.into()),
            retryable: code.is_passing(),
            retry_after: None,
            cause: None,
            refusal: Refusal::of(exception, message),
        }))
    }

    /// The same error with the failure below it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Whether the service has refused with this exception.
    pub fn is_refusal(&self, exception: Exception) -> bool {
        self.refusal.is_some_and(|refusal| refusal.exception == exception)
    }
}

impl Deref for AuthError {
    type Target = Failure;

    fn deref(&self) -> &Failure {
        &self.0
    }
}

impl DerefMut for AuthError {
    fn deref_mut(&mut self) -> &mut Failure {
        &mut self.0
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for AuthError {}

macro_rules! codes {
    (
        service { $($(#[$service_doc:meta])* $service:ident $service_name:literal,)* }
        client { $($(#[$client_doc:meta])* $client:ident $client_name:literal,)* }
    ) => {
        /// The stable name of a failure: the case of iOS's `AWSMobileClientError`, or one of ours where it has none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$service_doc])* $service,)*
            $($(#[$client_doc])* $client,)*
        }

        impl Code {
            /// Every code, in the order of the public documentation.
            pub const ALL: &[Code] = &[$(Code::$service,)* $(Code::$client,)*];

            /// The codes that a service's exception can become.
            const OF_SERVICE: &[Code] = &[$(Code::$service,)*];

            /// The name that JavaScript sees.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$service => $service_name,)*
                    $(Code::$client => $client_name,)*
                }
            }
        }
    };
}

codes! {
    service {
        /// Another account already has this e-mail address or phone number.
        AliasExists "aliasExists",
        /// The confirmation code could not be sent.
        CodeDeliveryFailure "codeDeliveryFailure",
        /// The code is wrong.
        CodeMismatch "codeMismatch",
        /// The code is too old; ask for another.
        ExpiredCode "expiredCode",
        /// The user pool's feature plan does not have this.
        FeatureUnavailableInTier "featureUnavailableInTier",
        /// The service failed; try again.
        InternalError "internalError",
        /// A Lambda trigger answered something the service cannot use.
        InvalidLambdaResponse "invalidLambdaResponse",
        /// An argument is wrong; the message names it.
        InvalidParameter "invalidParameter",
        /// The password does not meet the pool's policy.
        InvalidPassword "invalidPassword",
        /// The user pool is not set up for this.
        InvalidUserPoolConfiguration "invalidUserPoolConfiguration",
        /// Too many attempts; try later.
        LimitExceeded "limitExceeded",
        /// No such MFA method.
        MfaMethodNotFound "mfaMethodNotFound",
        /// Refused: wrong user name or password, or a session or token that is no longer accepted.
        NotAuthorized "notAuthorized",
        /// The user has had this password before, and the pool wants another.
        PasswordHistoryPolicyViolation "passwordHistoryPolicyViolation",
        /// The user must set a new password through `forgotPassword` first.
        PasswordResetRequired "passwordResetRequired",
        /// The pool, client or other resource does not exist.
        ResourceNotFound "resourceNotFound",
        /// The user has no authenticator app registered.
        SoftwareTokenMfaNotFound "softwareTokenMFANotFound",
        /// Too many failed attempts; the user must ask for a new code.
        TooManyFailedAttempts "tooManyFailedAttempts",
        /// The service throttles; try again later.
        TooManyRequests "tooManyRequests",
        /// A Lambda trigger failed.
        UnexpectedLambda "unexpectedLambda",
        /// A Lambda trigger refused; the message is its own.
        UserLambdaValidation "userLambdaValidation",
        /// The user has not confirmed the sign-up yet.
        UserNotConfirmed "userNotConfirmed",
        /// No such user.
        UserNotFound "userNotFound",
        /// The user name is taken.
        UsernameExists "usernameExists",
    }
    client {
        /// The call was aborted, or a later call took its place.
        Aborted "aborted",
        /// This device is not remembered, so there is none to speak of.
        DeviceNotRemembered "deviceNotRemembered",
        /// A defect of this package; its message names a place in the source.
        Internal "internal",
        /// The client is not initialized, or its configuration is wrong; the message names the path.
        InvalidConfiguration "invalidConfiguration",
        /// The call does not fit the state the client is in.
        InvalidState "invalidState",
        /// The service could not be reached.
        Network "network",
        /// No user is signed in.
        NotSignedIn "notSignedIn",
        /// The authenticator has a passkey of this user already.
        PasskeyAlreadyExists "passkeyAlreadyExists",
        /// The user, or the browser after some time, ended the browser's passkey dialog.
        PasskeyCancelled "passkeyCancelled",
        /// The browser, or the authenticator, cannot do this with passkeys.
        PasskeyNotSupported "passkeyNotSupported",
        /// The pool's passkeys are of another domain than the page's.
        PasskeyRelyingPartyMismatch "passkeyRelyingPartyMismatch",
        /// The browser's storage refused.
        Storage "storage",
        /// It took longer than it may.
        Timeout "timeout",
        /// The tokens that arrived are not of this user, user pool or app client. They are not used.
        TokenMismatch "tokenMismatch",
        /// A wait for the user to sign in ended without a sign-in.
        UnableToSignIn "unableToSignIn",
        /// The service asks for what this sign-in does not give, such as the password in clear. It was not answered.
        UnexpectedChallenge "unexpectedChallenge",
        /// A service answered what this version has no name for; see `serviceException`.
        Unknown "unknown",
        /// The configuration has no user pool.
        UserPoolNotConfigured "userPoolNotConfigured",
    }
}

impl Code {
    /// Whether the service may answer otherwise a moment later.
    pub(super) fn is_passing(self) -> bool {
        matches!(self, Code::InternalError | Code::LimitExceeded | Code::TooManyRequests)
    }

    /// The code of a service exception; [`Code::Unknown`] for a name that has none. Names count letter for letter.
    pub(super) fn of_exception(exception: &str) -> Self {
        let Some(name) = exception.strip_suffix("Exception") else {
            return Code::Unknown;
        };
        match name {
            "Throttling" => Code::TooManyRequests,
            "MFAMethodNotFound" => Code::MfaMethodNotFound,
            // What `VerifySoftwareToken` says of a wrong code.
            "EnableSoftwareTokenMFA" => Code::CodeMismatch,
            "WebAuthnRelyingPartyMismatch" | "WebAuthnOriginNotAllowed" => Code::PasskeyRelyingPartyMismatch,
            "WebAuthnNotEnabled" | "WebAuthnConfigurationMissing" => Code::InvalidUserPoolConfiguration,
            "WebAuthnCredentialNotSupported" => Code::PasskeyNotSupported,
            _ => Self::OF_SERVICE
                .iter()
                .copied()
                .find(|code| is_capitalized(code.as_str(), name))
                .unwrap_or(Code::Unknown),
        }
    }
}

/// Whether `name` is `code` with a capital first letter.
fn is_capitalized(code: &str, name: &str) -> bool {
    let (Some((first, code)), Some((capital, name))) = (code.split_at_checked(1), name.split_at_checked(1)) else {
        return false;
    };
    code == name && capital == first.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_name_of_its_own() {
        for (index, code) in Code::ALL.iter().enumerate() {
            for other in &Code::ALL[..index] {
                assert_ne!(code.as_str(), other.as_str());
            }
        }
    }

    #[test]
    fn the_typescript_union_has_every_code() {
        let union = include_str!("../../ts/errors.ts");
        for code in Code::ALL {
            assert!(union.contains(&format!("  | \"{}\"", code.as_str())), "{code:?}");
        }
    }

    #[test]
    fn a_service_exception_becomes_the_case_of_the_same_name() {
        for (exception, code) in [
            ("NotAuthorizedException", Code::NotAuthorized),
            ("MFAMethodNotFoundException", Code::MfaMethodNotFound),
            ("SoftwareTokenMFANotFoundException", Code::SoftwareTokenMfaNotFound),
            ("InternalErrorException", Code::InternalError),
            ("UsernameExistsException", Code::UsernameExists),
            ("ThrottlingException", Code::TooManyRequests),
            ("EnableSoftwareTokenMFAException", Code::CodeMismatch),
            (
                "WebAuthnRelyingPartyMismatchException",
                Code::PasskeyRelyingPartyMismatch,
            ),
            ("WebAuthnOriginNotAllowedException", Code::PasskeyRelyingPartyMismatch),
            ("WebAuthnNotEnabledException", Code::InvalidUserPoolConfiguration),
            (
                "WebAuthnConfigurationMissingException",
                Code::InvalidUserPoolConfiguration,
            ),
            ("WebAuthnCredentialNotSupportedException", Code::PasskeyNotSupported),
            (
                "PasswordHistoryPolicyViolationException",
                Code::PasswordHistoryPolicyViolation,
            ),
            ("FeatureUnavailableInTierException", Code::FeatureUnavailableInTier),
            ("FeatureOfTomorrowException", Code::Unknown),
        ] {
            let error = AuthError::from_service(exception, "text");
            assert_eq!(error.code, code);
            assert_eq!(error.service_exception.as_deref(), Some(exception));
        }
    }

    #[test]
    fn a_name_that_is_only_similar_to_an_exception_s_has_no_code() {
        for similar in [
            "notAuthorizedException",
            "notauthorizedexception",
            "NOTAUTHORIZEDEXCEPTION",
            "NotAuthorized",
            "NotAuthorizedexception",
            "mfaMethodNotFoundException",
            "",
            "Exception",
            "\u{e4}Exception",
        ] {
            let error = AuthError::from_service(similar, "");
            assert_eq!((error.code, error.refusal), (Code::Unknown, None), "{similar}");
        }
    }

    #[test]
    fn a_service_cannot_answer_with_a_code_of_the_client() {
        for exception in ["NetworkException", "StorageException", "PasskeyCancelledException"] {
            assert_eq!(AuthError::from_service(exception, "").code, Code::Unknown);
        }
    }
}
