//! Checking and keeping the password of a user.

use crate::clock::Millis;
use crate::error::Exception;
use crate::srp::Verifier;
use crate::state::{Password, User};

/// Keeps the verifier of a password of the user's own.
pub(super) fn set_password(user: &mut User, pool_name: &str, password: &str, now: Millis) {
    let verifier = Verifier::new(pool_name, &user.username, password);
    user.set_password(Password {
        verifier,
        temporary_until: None,
    });
    user.modified = now;
}

/// Counts wrong passwords; refuses even the right one while the user is locked out.
pub(super) fn check_password(user: &mut User, right: bool, now: Millis) -> Result<(), Exception> {
    if user.lockout.is_locked(now) {
        return Err(Exception::not_authorized("Password attempts exceeded"));
    }
    if !right {
        user.lockout.failed(now);
        return Err(Exception::wrong_password());
    }
    user.lockout.succeeded();
    Ok(())
}
