//! A user's authenticator app: RFC 6238 with six digits every 30 seconds, each code once.

use rand::Rng;
use totp_rs::{Algorithm, TOTP, TotpUrlError};

use crate::clock::{Millis, seconds};
use crate::error::Exception;

const PERIOD: i64 = 30;

/// How far the clock of an app may be off, in periods.
const LENIENCE: i64 = 1;

/// The secret that an app and the pool share.
#[derive(Debug, Clone)]
pub struct SoftwareToken {
    totp: TOTP,
    /// What the user calls the app.
    pub friendly_device_name: Option<String>,
    /// The period of the last code that was accepted: that one and older ones are spent.
    last_used: Option<i64>,
}

/// What an app shows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The code.
    pub code: String,
    /// Whether it was accepted already.
    pub used: bool,
    /// When the next one comes.
    pub expires_in_seconds: i64,
}

/// Why a code is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It is none of the codes of about now.
    Wrong,
    /// It was accepted once already.
    Used,
}

impl SoftwareToken {
    /// A secret that is not known yet.
    pub fn random() -> Result<Self, Exception> {
        let secret: [u8; 32] = rand::thread_rng().r#gen();
        Self::of(secret.to_vec()).map_err(|error| Exception {
            status: 500,
            ..Exception::new("InternalErrorException", error.to_string())
        })
    }

    fn of(secret: Vec<u8>) -> Result<Self, TotpUrlError> {
        Ok(Self {
            totp: TOTP::new(Algorithm::SHA1, 6, 1, PERIOD.unsigned_abs(), secret)?,
            friendly_device_name: None,
            last_used: None,
        })
    }

    /// The `SecretCode`, in Base32.
    pub fn secret_code(&self) -> String {
        self.totp.get_secret_base32()
    }

    /// Accepts a code, once.
    pub fn accept(&mut self, entered: &str, now: Millis) -> Result<(), Refused> {
        let current = period(now);
        let period = (current - LENIENCE..=current + LENIENCE)
            .find(|period| self.code(*period) == entered)
            .ok_or(Refused::Wrong)?;
        if self.last_used.is_some_and(|last| period <= last) {
            return Err(Refused::Used);
        }
        self.last_used = Some(period);
        Ok(())
    }

    /// What the app shows now.
    pub fn shown(&self, now: Millis) -> Shown {
        let current = period(now);
        Shown {
            code: self.code(current),
            used: self.last_used.is_some_and(|last| current <= last),
            expires_in_seconds: (current + 1) * PERIOD - seconds(now),
        }
    }

    fn code(&self, period: i64) -> String {
        self.totp.generate((period * PERIOD).unsigned_abs())
    }
}

fn period(now: Millis) -> i64 {
    seconds(now).div_euclid(PERIOD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;

    fn rfc_6238() -> SoftwareToken {
        SoftwareToken::of(b"12345678901234567890".to_vec()).unwrap()
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(rfc_6238().shown(second * SECOND).code, code);
        }
    }

    #[test]
    fn a_code_is_accepted_once_and_one_period_early_or_late() {
        let now = 1_111_111_109 * SECOND;
        for (off, expected) in [
            (-2, Err(Refused::Wrong)),
            (-1, Ok(())),
            (0, Ok(())),
            (1, Ok(())),
            (2, Err(Refused::Wrong)),
        ] {
            let mut token = rfc_6238();
            assert_eq!(token.accept("081804", now + off * PERIOD * SECOND), expected, "{off}");
        }
        let mut token = rfc_6238();
        token.accept("081804", now).unwrap();
        assert_eq!(token.accept("081804", now), Err(Refused::Used));
        assert!(token.shown(now).used);
    }

    #[test]
    fn a_code_older_than_the_last_one_is_spent_with_it() {
        let mut token = rfc_6238();
        let (earlier, later) = (token.code(100), token.code(101));
        token.accept(&later, 101 * PERIOD * SECOND).unwrap();
        assert_eq!(token.accept(&earlier, 101 * PERIOD * SECOND), Err(Refused::Used));
    }

    #[test]
    fn the_secret_code_is_base32_without_padding() {
        let code = SoftwareToken::random().unwrap().secret_code();
        assert_eq!(code.len(), 52);
        assert!(
            code.bytes()
                .all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte))
        );
    }

    #[test]
    fn what_is_shown_says_how_long_it_lasts() {
        assert_eq!(rfc_6238().shown(59 * SECOND).expires_in_seconds, 1);
        assert_eq!(rfc_6238().shown(60 * SECOND).expires_in_seconds, 30);
    }
}
