//! What a refused request is answered with.

use std::borrow::Cow;

/// An AWS service exception: its name goes into `__type` and `x-amzn-ErrorType`, its message beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The exception's name, such as `NotAuthorizedException`.
    pub name: Cow<'static, str>,
    /// The sentence AWS sends with it.
    pub message: Cow<'static, str>,
    /// The HTTP status; 400 for everything but an internal error.
    pub status: u16,
}

impl Exception {
    /// Any exception by name.
    pub fn new(name: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            message: message.into(),
            status: 400,
        }
    }

    /// `NotAuthorizedException`.
    pub fn not_authorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("NotAuthorizedException", message)
    }

    /// The one answer to a wrong password and, where existence is hidden, to an unknown user.
    pub fn wrong_password() -> Self {
        Self::not_authorized("Incorrect username or password.")
    }

    /// A `Session` that was never opened, that is spent, or that another user or client opened.
    pub fn invalid_session() -> Self {
        Self::not_authorized("Invalid session for the user.")
    }

    /// A challenge that was answered too late.
    pub fn expired_session() -> Self {
        Self::not_authorized("Invalid session for the user, session is expired.")
    }

    /// What a user whom an administrator shut out is told.
    pub fn disabled_user() -> Self {
        Self::not_authorized("User is disabled.")
    }

    /// `InvalidParameterException`.
    pub fn invalid_parameter(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    /// A key missing from `AuthParameters` or `ChallengeResponses`.
    pub fn missing_parameter(name: &str) -> Self {
        Self::invalid_parameter(format!("Missing required parameter {name}"))
    }

    /// `ResourceNotFoundException`.
    pub fn resource_not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("ResourceNotFoundException", message)
    }

    /// A pool that does not exist.
    pub fn no_pool(id: &str) -> Self {
        Self::resource_not_found(format!("User pool {id} does not exist."))
    }

    /// A client that does not exist.
    pub fn no_client(id: &str) -> Self {
        Self::resource_not_found(format!("User pool client {id} does not exist."))
    }

    /// A device that the user does not have. Clients look for this sentence.
    pub fn no_device() -> Self {
        Self::resource_not_found("Device does not exist.")
    }

    /// `UserNotFoundException` of sign-in and of the administrative operations.
    pub fn user_not_found() -> Self {
        Self::new("UserNotFoundException", "User does not exist.")
    }

    /// `UserNotFoundException` of sign-up confirmation and password recovery.
    pub fn client_user_not_found() -> Self {
        Self::new("UserNotFoundException", "Username/client id combination not found.")
    }

    /// A body, or a member of it, that is not of the type the operation takes.
    pub fn serialization(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new("SerializationException", message)
    }

    /// Too many tries in too short a time.
    pub fn attempt_limit() -> Self {
        Self::new(
            "LimitExceededException",
            "Attempt limit exceeded, please try after some time.",
        )
    }
}
