//! Proofs of a password, the user's or the device's, that do not give it away.

use super::{Parameters, parameter};
use crate::core::api::user_pool::Challenge;
use crate::core::error::{AuthError, Code};
use crate::core::srp::{self, Ephemeral, PasswordChallenge, SrpError};

/// Who proves to know which password.
pub(super) struct Claim<'a> {
    pub(super) ephemeral: &'a Ephemeral,
    /// The pool's name, or the device's group key.
    pub(super) group: &'a str,
    /// The user's name, or the device's key.
    pub(super) name: &'a str,
    pub(super) password: &'a str,
}

impl Claim<'_> {
    /// The answer to `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER`, at `now` in milliseconds.
    pub(super) fn answer(&self, challenge: &Challenge, now: i64) -> Result<Parameters, AuthError> {
        let secret_block = challenge.required("SECRET_BLOCK")?;
        let question = PasswordChallenge {
            pool_name: self.group,
            user_id: self.name,
            salt: challenge.required("SALT")?,
            srp_b: challenge.required("SRP_B")?,
            secret_block,
        };
        let timestamp = srp::timestamp(now.div_euclid(1000));
        let signature = self
            .ephemeral
            .prove(&question, self.password, &timestamp)
            .map_err(refuse)?;
        Ok(vec![
            parameter("PASSWORD_CLAIM_SECRET_BLOCK", secret_block),
            parameter("PASSWORD_CLAIM_SIGNATURE", &signature),
            parameter("TIMESTAMP", &timestamp),
        ])
    }
}

/// Numbers that break the protocol come from no honest service, so the sign-in ends.
pub fn refuse(error: SrpError) -> AuthError {
    let (code, message) = match error {
        SrpError::ZeroA => (Code::Internal, "The device's source of random bytes is broken."),
        SrpError::ZeroB | SrpError::ZeroU => (
            Code::NotAuthorized,
            "The sign-in was stopped: the service's answer breaks the SRP protocol.",
        ),
        _ => (
            Code::Unknown,
            "The sign-in was stopped: the service's challenge cannot be read.",
        ),
    };
    AuthError::new(code, message).caused_by(error.to_string())
}
