//! What the service has refused, where its word decides something that lasts: whether a session ends, a question is
//! over, a device is forgotten, an access token is renewed.
//!
//! A refusal is read once, from the answer itself ([`fault`](crate::core::api::fault)), and only from one that can be
//! no other party's: the exact name of the exception, in the service's own form, with the status 400. What the app gets
//! of it, code and message, decides nothing.

/// An exception by which the service refuses, and what its message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its name.
    pub exception: Exception,
    /// One bit for each [`Topic`]. Kept in place of the message, which may quote a secret.
    topics: u8,
}

macro_rules! exceptions {
    ($($(#[$doc:meta])* $exception:ident,)*) => {
        /// The exceptions whose name decides something that lasts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Exception {
            $($(#[$doc])* $exception,)*
        }

        impl Exception {
            /// All of them, with the service's names.
            pub const ALL: &[(&'static str, Exception)] = &[
                $((concat!(stringify!($exception), "Exception"), Exception::$exception),)*
            ];
        }
    };
}

exceptions! {
    /// `ConfirmDevice`: the device was registered before.
    DeviceKeyExists,
    /// The user pool's feature plan does not have the operation.
    FeatureUnavailableInTier,
    /// An argument is wrong, which may be the device.
    InvalidParameter,
    /// A password, session or token is not accepted.
    NotAuthorized,
    /// An administrator wants the password set anew.
    PasswordResetRequired,
    /// Under rotation: the refresh token was used before, and for longer than the grace period allows.
    RefreshTokenReuse,
    /// The pool, the client or the device does not exist.
    ResourceNotFound,
    /// `RevokeToken`: the client must not revoke this token.
    Unauthorized,
    /// The service does not know the operation.
    UnknownOperation,
    /// The client is not set up for the operation: for `RevokeToken`, revocation is switched off.
    UnsupportedOperation,
    /// `RevokeToken`: this is no refresh token.
    UnsupportedTokenType,
    /// The user has not confirmed the sign-up.
    UserNotConfirmed,
    /// The user does not exist any more.
    UserNotFound,
}

/// What a message can be about. The service gives many refusals one name and tells them apart in words only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The access token.
    AccessToken,
    /// A scope that a token lacks.
    Scope,
    /// The device.
    Device,
    /// The session of a sign-in or sign-up.
    Session,
    /// A user who is disabled.
    Disabled,
    /// Too many attempts; another is allowed after some time.
    Lockout,
    /// A wrong name or password.
    Incorrect,
}

/// The words that show a topic, in lower case.
const TOPICS: [(Topic, &[&str]); 7] = [
    (Topic::AccessToken, &["access token"]),
    (Topic::Scope, &["scope"]),
    (Topic::Device, &["device"]),
    (Topic::Session, &["session"]),
    (Topic::Disabled, &["disabled"]),
    (Topic::Lockout, &["temporarily locked", "attempts exceeded"]),
    (Topic::Incorrect, &["incorrect"]),
];

impl Refusal {
    /// What the service says with this name, letter for letter, and this message. `None` for any other name.
    pub fn of(exception: &str, message: &str) -> Option<Self> {
        let named = Exception::ALL.iter().find(|(name, _)| *name == exception)?;
        let message = message.to_ascii_lowercase();
        let is_about = |words: &[&str]| words.iter().any(|words| message.contains(words));
        let about = TOPICS.iter().filter(|(_, words)| is_about(words));
        Some(Self {
            exception: named.1,
            topics: about.fold(0, |topics, (topic, _)| topics | topic.bit()),
        })
    }

    /// Whether the message is about this.
    pub fn is_about(self, topic: Topic) -> bool {
        self.topics & topic.bit() != 0
    }
}

impl Topic {
    fn bit(self) -> u8 {
        1 << self as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_name_of_an_exception_is_a_refusal() {
        for (name, exception) in Exception::ALL {
            assert_eq!(Refusal::of(name, "").map(|refusal| refusal.exception), Some(*exception));
            let without_suffix = name.strip_suffix("Exception").unwrap();
            for similar in [
                &*name.to_ascii_lowercase(),
                &*name.to_ascii_uppercase(),
                without_suffix,
                &format!("{name}s"),
                &format!(" {name}"),
            ] {
                assert_eq!(Refusal::of(similar, ""), None, "{similar}");
            }
        }
        assert_eq!(Refusal::of("TooManyRequestsException", ""), None);
    }

    #[test]
    fn a_message_is_about_what_its_words_say_in_any_case() {
        let about = |message: &str| {
            let refusal = Refusal::of("NotAuthorizedException", message).unwrap();
            let topics = TOPICS.iter().map(|(topic, _)| *topic);
            topics.filter(|topic| refusal.is_about(*topic)).collect::<Vec<_>>()
        };
        for (message, topics) in [
            ("Invalid Refresh Token.", &[][..]),
            ("Invalid Access Token", &[Topic::AccessToken]),
            (
                "Access Token does not have required scopes",
                &[Topic::AccessToken, Topic::Scope],
            ),
            ("DEVICE is not tracked", &[Topic::Device]),
            ("Invalid session for the user.", &[Topic::Session]),
            ("User is disabled.", &[Topic::Disabled]),
            ("Password attempts exceeded", &[Topic::Lockout]),
            ("Incorrect username or password.", &[Topic::Incorrect]),
        ] {
            assert_eq!(about(message), topics, "{message}");
        }
    }
}
