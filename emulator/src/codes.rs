//! Confirmation codes: how long they live and how often they may be tried.

use std::collections::{BTreeMap, VecDeque};

use rand::Rng;

use crate::clock::{DAY, HOUR, Millis};
use crate::error::Exception;

/// How long a sign-up or attribute code can be used.
pub const SIGN_UP_CODE_LIFETIME: Millis = DAY;
/// How long a password recovery code can be used.
pub const RESET_CODE_LIFETIME: Millis = HOUR;

/// Six digits on their way to a user.
#[derive(Debug, Clone)]
pub struct Code {
    digits: String,
    expires: Millis,
    /// The attribute it was sent to, and which it verifies.
    pub attribute: &'static str,
}

impl Code {
    /// A fresh code.
    pub fn new(attribute: &'static str, now: Millis, lifetime: Millis) -> Self {
        let digits = format!("{:06}", rand::thread_rng().gen_range(0..1_000_000));
        Self {
            digits,
            expires: now + lifetime,
            attribute,
        }
    }

    /// What the message to the user says.
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

/// Checks what the user entered against the code that was sent, if one was.
pub fn check(sent: Option<&Code>, entered: &str, now: Millis) -> Result<&'static str, Exception> {
    match sent {
        Some(code) if now < code.expires => {
            if code.digits == entered {
                Ok(code.attribute)
            } else {
                Err(mismatch())
            }
        }
        _ => Err(expired()),
    }
}

/// `CodeMismatchException` of a sign-in.
pub fn mismatch_in_sign_in() -> Exception {
    Exception::new("CodeMismatchException", "Invalid code received for user")
}

/// `CodeMismatchException` everywhere else.
pub fn mismatch() -> Exception {
    Exception::new(
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
}

/// `ExpiredCodeException`.
pub fn expired() -> Exception {
    Exception::new(
        "ExpiredCodeException",
        "Invalid code provided, please request a code again.",
    )
}

/// What is limited for each user, with how often an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attempt {
    /// Wrong codes of ConfirmSignUp.
    ConfirmSignUp,
    /// ResendConfirmationCode.
    ResendCode,
    /// ForgotPassword.
    ForgotPassword,
    /// Wrong codes of ConfirmForgotPassword.
    ConfirmForgotPassword,
    /// Wrong old passwords of ChangePassword.
    ChangePassword,
    /// Codes for a changed attribute.
    AttributeCode,
    /// Wrong codes for a changed attribute.
    VerifyAttribute,
}

impl Attempt {
    fn an_hour(self) -> usize {
        match self {
            Self::ConfirmSignUp | Self::VerifyAttribute => 15,
            Self::ConfirmForgotPassword => 10,
            Self::ResendCode | Self::ForgotPassword | Self::ChangePassword | Self::AttributeCode => 5,
        }
    }
}

/// When a user last tried what.
#[derive(Debug, Clone, Default)]
pub struct Attempts(BTreeMap<Attempt, VecDeque<Millis>>);

impl Attempts {
    /// Refuses when this hour's tries are used up.
    pub fn allow(&mut self, what: Attempt, now: Millis) -> Result<(), Exception> {
        let times = self.0.entry(what).or_default();
        while times.front().is_some_and(|time| now - time >= HOUR) {
            times.pop_front();
        }
        if times.len() < what.an_hour() {
            Ok(())
        } else {
            Err(Exception::attempt_limit())
        }
    }

    /// Counts one try.
    pub fn count(&mut self, what: Attempt, now: Millis) {
        self.0.entry(what).or_default().push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_and_works_until_it_expires() {
        let code = Code::new("email", 0, HOUR);
        assert_eq!(code.digits().len(), 6);
        assert!(code.digits().bytes().all(|digit| digit.is_ascii_digit()));
        assert_eq!(check(Some(&code), code.digits(), HOUR - 1), Ok("email"));
        assert_eq!(check(Some(&code), code.digits(), HOUR), Err(expired()));
    }

    #[test]
    fn another_code_mismatches_and_no_code_has_expired() {
        let code = Code::new("email", 0, HOUR);
        assert_eq!(check(Some(&code), "abcdef", 0), Err(mismatch()));
        assert_eq!(check(None, "123456", 0), Err(expired()));
    }

    #[test]
    fn tries_are_refused_when_the_hour_is_used_up_and_allowed_again_an_hour_later() {
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            assert!(attempts.allow(Attempt::ResendCode, 0).is_ok());
            attempts.count(Attempt::ResendCode, 0);
        }
        assert_eq!(
            attempts.allow(Attempt::ResendCode, HOUR - 1),
            Err(Exception::attempt_limit())
        );
        assert!(attempts.allow(Attempt::ForgotPassword, 0).is_ok());
        assert!(attempts.allow(Attempt::ResendCode, HOUR).is_ok());
    }
}
