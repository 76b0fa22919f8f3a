//! What a sign-in answers by itself, what becomes a question to the user, and what it refuses.
//!
//! The service names the challenge, and what answers for it may be a broken proxy or an attacker. So the secrets that
//! leave depend on what the app and the user have chosen, and never on what is asked for:
//!
//! - The password in clear leaves with `USER_PASSWORD_AUTH` and with the first factor `PASSWORD`, which is the app's
//!   choice or the user's at `SELECT_CHALLENGE`. In `USER_AUTH` with no first factor chosen, the challenge `PASSWORD` is a
//!   question to the user. Everywhere else it is refused.
//! - A password is proven once, and only where `SRP_A` was sent for it.
//! - A device is proven that the request before has named.
//!
//! Rejected: a question in place of a refusal. A user who is asked for the password types it, and it would be sent.

use super::Held;
use super::challenge_name::{ChallengeName, OpenChallenge, PasswordFactor};
use crate::core::config::AuthFlow;
use crate::core::error::{AuthError, Code};
use crate::core::secret::Password;
use crate::core::srp::Ephemeral;

/// How the user is to be recognised, as the app or the user has chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `USER_SRP_AUTH`.
    UserSrp,
    /// `USER_PASSWORD_AUTH`.
    UserPassword,
    /// `CUSTOM_AUTH`, with `SRP_A` first or without.
    Custom,
    /// `USER_AUTH`, no first factor being chosen.
    AnyFactor,
    /// `USER_AUTH` by the first factor `PASSWORD`.
    Password,
    /// `USER_AUTH` by the first factor `PASSWORD_SRP`.
    PasswordSrp,
    /// `USER_AUTH` by a first factor that is no password.
    OtherFactor,
}

/// What is done with a challenge. It holds the secrets that the answer may be made of, and no others.
#[derive(Debug)]
pub(super) enum Verdict {
    /// `PASSWORD_VERIFIER`: the proof of the password.
    ProvePassword(Password, Ephemeral),
    /// `PASSWORD_SRP`: a new `SRP_A`; the password is for the proof that follows.
    BeginProof(Password),
    /// `PASSWORD`: the password in clear.
    SendPassword(Password),
    /// `DEVICE_SRP_AUTH`: an `SRP_A` for the device that was named.
    BeginDeviceProof,
    /// `DEVICE_PASSWORD_VERIFIER`: the proof of the device.
    ProveDevice(Ephemeral),
    /// A question. The password is kept for a user who may choose it as the first factor.
    Ask(OpenChallenge, Option<Password>),
    /// It has no place in this sign-in, which ends. Nothing is sent in answer.
    Refuse,
}

/// What is done with a challenge in a sign-in by this method. `has_named_device` is whether the request that it answers
/// has named the device of the user whom the challenge is for.
pub(super) fn verdict(method: Method, held: Held, has_named_device: bool, challenge: ChallengeName) -> Verdict {
    use ChallengeName as C;
    use Method::{AnyFactor, OtherFactor, PasswordSrp};
    match (challenge, method, held) {
        (C::PasswordVerifier, _, Held::Proof(password, ephemeral)) => Verdict::ProvePassword(password, ephemeral),
        (C::DeviceSrpAuth, ..) if has_named_device => Verdict::BeginDeviceProof,
        (C::DevicePasswordVerifier, _, Held::DeviceProof(ephemeral)) if has_named_device => {
            Verdict::ProveDevice(ephemeral)
        }
        (C::PasswordSrp, AnyFactor | Method::Password | PasswordSrp, held) => match held.into_password() {
            Some(password) => Verdict::BeginProof(password),
            None => Verdict::Ask(OpenChallenge::Password(PasswordFactor::Srp), None),
        },
        (C::Password, Method::Password, Held::Password(password)) => Verdict::SendPassword(password),
        (C::Password, Method::Password | AnyFactor, _) => {
            Verdict::Ask(OpenChallenge::Password(PasswordFactor::Plain), None)
        }
        (C::SelectChallenge, AnyFactor | Method::Password | PasswordSrp | OtherFactor, held) => {
            Verdict::Ask(OpenChallenge::SelectChallenge(None), held.into_password())
        }
        (
            C::PasswordVerifier
            | C::DeviceSrpAuth
            | C::DevicePasswordVerifier
            | C::PasswordSrp
            | C::Password
            | C::SelectChallenge,
            ..,
        ) => Verdict::Refuse,
        (
            C::SmsMfa
            | C::SoftwareTokenMfa
            | C::EmailOtp
            | C::SmsOtp
            | C::SelectMfaType
            | C::MfaSetup
            | C::WebAuthn
            | C::NewPasswordRequired
            | C::Custom,
            ..,
        ) => OpenChallenge::of(challenge).map_or(Verdict::Refuse, |open| Verdict::Ask(open, None)),
    }
}

impl Method {
    const ALL: [Self; 7] = [
        Self::UserSrp,
        Self::UserPassword,
        Self::Custom,
        Self::AnyFactor,
        Self::Password,
        Self::PasswordSrp,
        Self::OtherFactor,
    ];

    /// That of a sign-in which begins with this flow, and in `USER_AUTH` perhaps with this first factor.
    pub fn of(flow: AuthFlow, preferred_challenge: Option<&str>) -> Self {
        match (flow, preferred_challenge) {
            (AuthFlow::UserSrp, _) => Self::UserSrp,
            (AuthFlow::UserPassword, _) => Self::UserPassword,
            (AuthFlow::Custom, _) => Self::Custom,
            (AuthFlow::UserAuth, None) => Self::AnyFactor,
            (AuthFlow::UserAuth, Some(factor)) => Self::by_factor(factor),
        }
    }

    /// That of a sign-in by this first factor.
    pub(super) fn by_factor(factor: &str) -> Self {
        match factor {
            "PASSWORD" => Self::Password,
            "PASSWORD_SRP" => Self::PasswordSrp,
            _ => Self::OtherFactor,
        }
    }

    /// As it is stored.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::UserSrp => "USER_SRP_AUTH",
            Self::UserPassword => "USER_PASSWORD_AUTH",
            Self::Custom => "CUSTOM_AUTH",
            Self::AnyFactor => "USER_AUTH",
            Self::Password => "USER_AUTH by PASSWORD",
            Self::PasswordSrp => "USER_AUTH by PASSWORD_SRP",
            Self::OtherFactor => "USER_AUTH by another factor",
        }
    }

    pub(super) fn stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// The error of a challenge that has no place in a sign-in by this method.
    pub(super) fn refuses(self, challenge: ChallengeName) -> AuthError {
        let (method, challenge) = (self.as_str(), challenge.as_str());
        AuthError::new(
            Code::UnexpectedChallenge,
            format!(
                "The sign-in was stopped, and {challenge} was not answered: the service asks for it where it has no place \
                 in a sign-in by {method}. If it is not the user pool's own doing, look at what stands between this app \
                 and the pool."
            ),
        )
    }
}
