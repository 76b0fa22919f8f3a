//! Strings that must not be seen: wiped when dropped, `[redacted]` in print, and not comparable, so that no
//! comparison can be timed. [`reveal`](Password::reveal) marks every place where one is used.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the text over; the caller must not keep a copy.
            pub fn new(text: impl Into<String>) -> Self {
                Self(Zeroizing::new(text.into()))
            }

            /// The text itself, for the one place that sends, stores or hashes it.
            pub fn reveal(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    )*};
}

secrets! {
    /// A password as the user typed it. Never normalised, never stored.
    Password,
    /// The token that Cognito's own operations take.
    AccessToken,
    /// The token that says who the user is.
    IdToken,
    /// The token that buys new ones. It never leaves the client.
    RefreshToken,
    /// The token of another identity provider.
    ProviderToken,
    /// The string that ties the answers of one sign-in together.
    ChallengeSession,
    /// The password of a remembered device, which takes the place of a second factor.
    DevicePassword,
    /// What the user answers to a challenge: a code, a choice, a password, a passkey's credential.
    ChallengeAnswer,
    /// A code that was sent to the user.
    ConfirmationCode,
    /// The secret of an app client. A browser app should have none.
    ClientSecret,
}

impl ChallengeAnswer {
    /// The answer to a challenge that asks for the password.
    pub fn to_password(&self) -> Password {
        Password::new(self.reveal())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_its_kind_and_nothing_of_its_text() {
        let text = format!("{:?}", Some(Password::new("Correct-Horse7")));
        assert_eq!(text, "Some(Password([redacted]))");
    }
}
