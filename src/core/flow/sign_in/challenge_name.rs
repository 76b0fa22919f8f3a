//! The challenges that this version knows, by name.

use std::fmt;

use zeroize::Zeroizing;

macro_rules! challenges {
    ($($name:ident => $text:literal,)*) => {
        /// `ChallengeName`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the service's own names, in its reference of RespondToAuthChallenge")]
        pub enum ChallengeName {
            $($name,)*
        }

        impl ChallengeName {
            /// The challenge of this name; `None` for one that this version does not know.
            pub fn named(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// The service's name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

challenges! {
    SmsMfa => "SMS_MFA",
    SmsOtp => "SMS_OTP",
    EmailOtp => "EMAIL_OTP",
    SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA",
    SelectMfaType => "SELECT_MFA_TYPE",
    MfaSetup => "MFA_SETUP",
    SelectChallenge => "SELECT_CHALLENGE",
    Password => "PASSWORD",
    PasswordSrp => "PASSWORD_SRP",
    PasswordVerifier => "PASSWORD_VERIFIER",
    DeviceSrpAuth => "DEVICE_SRP_AUTH",
    DevicePasswordVerifier => "DEVICE_PASSWORD_VERIFIER",
    WebAuthn => "WEB_AUTHN",
    NewPasswordRequired => "NEW_PASSWORD_REQUIRED",
    Custom => "CUSTOM_CHALLENGE",
}

impl ChallengeName {
    /// Whether it is answered with the secrets of a device. The service has then matched the device with its user.
    pub const fn is_of_device(self) -> bool {
        matches!(self, Self::DeviceSrpAuth | Self::DevicePasswordVerifier)
    }
}

/// A challenge that only the user can answer, and how far the user has come with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenChallenge {
    /// `SMS_MFA`.
    SmsMfa,
    /// `SMS_OTP`.
    SmsOtp,
    /// `EMAIL_OTP`.
    EmailOtp,
    /// `SOFTWARE_TOKEN_MFA`.
    SoftwareTokenMfa,
    /// `SELECT_MFA_TYPE`.
    SelectMfaType,
    /// `MFA_SETUP`.
    MfaSetup(MfaSetup),
    /// `SELECT_CHALLENGE`; with the factor that the user has chosen, where that asks for the password next.
    SelectChallenge(Option<PasswordFactor>),
    /// `PASSWORD` or `PASSWORD_SRP`.
    Password(PasswordFactor),
    /// `WEB_AUTHN`.
    WebAuthn,
    /// `NEW_PASSWORD_REQUIRED`.
    NewPasswordRequired,
    /// `CUSTOM_CHALLENGE`.
    Custom,
}

/// How far the user has come with setting up a second factor.
#[derive(Clone, PartialEq, Eq)]
pub enum MfaSetup {
    /// The user chooses which.
    Choice,
    /// An authenticator app with this secret: its first code is asked for.
    App(Zeroizing<String>),
    /// The app's first code was accepted, and the sign-in still has to be answered.
    AppVerified(Zeroizing<String>),
    /// An e-mail address.
    Email,
}

/// Only the step prints.
impl fmt::Debug for MfaSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str().unwrap_or("choice"))
    }
}

/// A first factor that the password answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFactor {
    /// `PASSWORD`: in plain text.
    Plain,
    /// `PASSWORD_SRP`: proven.
    Srp,
}

impl OpenChallenge {
    /// The service's name.
    pub const fn name(&self) -> ChallengeName {
        match self {
            Self::SmsMfa => ChallengeName::SmsMfa,
            Self::SmsOtp => ChallengeName::SmsOtp,
            Self::EmailOtp => ChallengeName::EmailOtp,
            Self::SoftwareTokenMfa => ChallengeName::SoftwareTokenMfa,
            Self::SelectMfaType => ChallengeName::SelectMfaType,
            Self::MfaSetup(_) => ChallengeName::MfaSetup,
            Self::SelectChallenge(_) => ChallengeName::SelectChallenge,
            Self::Password(PasswordFactor::Plain) => ChallengeName::Password,
            Self::Password(PasswordFactor::Srp) => ChallengeName::PasswordSrp,
            Self::WebAuthn => ChallengeName::WebAuthn,
            Self::NewPasswordRequired => ChallengeName::NewPasswordRequired,
            Self::Custom => ChallengeName::Custom,
        }
    }

    /// The challenge of this name before the user has done anything; `None` for one that the client answers by itself.
    pub fn of(name: ChallengeName) -> Option<Self> {
        Some(match name {
            ChallengeName::SmsMfa => Self::SmsMfa,
            ChallengeName::SmsOtp => Self::SmsOtp,
            ChallengeName::EmailOtp => Self::EmailOtp,
            ChallengeName::SoftwareTokenMfa => Self::SoftwareTokenMfa,
            ChallengeName::SelectMfaType => Self::SelectMfaType,
            ChallengeName::MfaSetup => Self::MfaSetup(MfaSetup::Choice),
            ChallengeName::SelectChallenge => Self::SelectChallenge(None),
            ChallengeName::Password => Self::Password(PasswordFactor::Plain),
            ChallengeName::PasswordSrp => Self::Password(PasswordFactor::Srp),
            ChallengeName::WebAuthn => Self::WebAuthn,
            ChallengeName::NewPasswordRequired => Self::NewPasswordRequired,
            ChallengeName::Custom => Self::Custom,
            ChallengeName::PasswordVerifier | ChallengeName::DeviceSrpAuth | ChallengeName::DevicePasswordVerifier => {
                return None;
            }
        })
    }

    /// How far the user has come, as it is stored: the step, and the secret of the app.
    pub(super) fn progress(&self) -> (Option<&'static str>, Option<&str>) {
        match self {
            Self::SelectChallenge(Some(factor)) => (Some(factor.as_str()), None),
            Self::MfaSetup(setup) => (
                setup.as_str(),
                match setup {
                    MfaSetup::App(secret) | MfaSetup::AppVerified(secret) => Some(secret),
                    MfaSetup::Choice | MfaSetup::Email => None,
                },
            ),
            _ => (None, None),
        }
    }

    /// What was stored; `None` where it does not fit together.
    pub(super) fn stored(name: ChallengeName, step: Option<&str>, secret: Option<&str>) -> Option<Self> {
        let secret = || secret.map(|secret| Zeroizing::new(secret.to_owned()));
        Some(match (Self::of(name)?, step) {
            (challenge, None) => challenge,
            (Self::SelectChallenge(_), Some(factor)) => Self::SelectChallenge(Some(PasswordFactor::named(factor)?)),
            (Self::MfaSetup(_), Some(APP)) => Self::MfaSetup(MfaSetup::App(secret()?)),
            (Self::MfaSetup(_), Some(VERIFIED)) => Self::MfaSetup(MfaSetup::AppVerified(secret()?)),
            (Self::MfaSetup(_), Some(EMAIL)) => Self::MfaSetup(MfaSetup::Email),
            (_, Some(_)) => return None,
        })
    }
}

/// The service's names of what can be set up, and of the step after it.
pub(super) const APP: &str = "SOFTWARE_TOKEN_MFA";
pub(super) const EMAIL: &str = "EMAIL_OTP";
const VERIFIED: &str = "VERIFIED";

impl MfaSetup {
    const fn as_str(&self) -> Option<&'static str> {
        match self {
            Self::Choice => None,
            Self::App(_) => Some(APP),
            Self::AppVerified(_) => Some(VERIFIED),
            Self::Email => Some(EMAIL),
        }
    }
}

impl PasswordFactor {
    /// The factor of this name; `None` for one that is answered by something else than the password.
    pub fn named(text: &str) -> Option<Self> {
        match text {
            "PASSWORD" => Some(Self::Plain),
            "PASSWORD_SRP" => Some(Self::Srp),
            _ => None,
        }
    }

    /// The service's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PASSWORD",
            Self::Srp => "PASSWORD_SRP",
        }
    }
}
