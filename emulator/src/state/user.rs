//! One user: who they are, what is known of their password, and what they may do now.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::passkeys::Passkeys;
use super::{Devices, MfaPreference, PoolSettings, SoftwareToken};
use crate::clock::{MINUTE, Millis, SECOND, timestamp};
use crate::codes::{Attempts, Code};
use crate::error::Exception;
use crate::ids;
use crate::password_policy::PasswordPolicy;
use crate::srp::Verifier;

/// The longest password history that a policy can ask for, without the password that the user has.
const MOST_USED_PASSWORDS: usize = 23;

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStatus {
    /// Signed up, the code not entered yet.
    Unconfirmed,
    /// May sign in.
    Confirmed,
    /// Has a temporary password and must choose their own at the first sign-in.
    ForceChangePassword,
    /// An administrator reset the password; it must be recovered by code.
    ResetRequired,
}

impl UserStatus {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
            Self::ResetRequired => "RESET_REQUIRED",
        }
    }
}

/// What is kept of a password.
#[derive(Debug, Clone)]
pub struct Password {
    /// Checks it.
    pub verifier: Verifier,
    /// For a temporary password, when it stops working.
    pub temporary_until: Option<Millis>,
}

/// A user of a pool.
#[derive(Debug, Clone)]
pub struct User {
    /// The immutable id, and the key of the pool's directory.
    pub sub: String,
    /// The immutable name; equal to `sub` in pools whose users sign in with an attribute.
    pub username: String,
    /// Every attribute but `sub`, in the order of their names.
    pub attributes: BTreeMap<String, String>,
    /// Where the user stands.
    pub status: UserStatus,
    /// Whether an administrator lets the user in.
    pub enabled: bool,
    /// Nothing for a user made without one.
    pub password: Option<Password>,
    /// Those before, the latest first.
    used_passwords: VecDeque<Verifier>,
    /// When the user was made.
    pub created: Millis,
    /// When anything of the above last changed.
    pub modified: Millis,
    /// The code that confirms the sign-up.
    pub confirmation_code: Option<Code>,
    /// The code that recovers the password.
    pub reset_code: Option<Code>,
    /// The codes that verify a changed attribute, by its name.
    pub attribute_codes: BTreeMap<String, Code>,
    /// Addresses that take the place of those in `attributes` once they are verified.
    pub pending_attributes: BTreeMap<String, String>,
    /// The groups that the user is in, by name.
    pub groups: BTreeSet<String>,
    /// What the user signs in on.
    pub devices: Devices,
    /// What the user signs in with instead of a password.
    pub passkeys: Passkeys,
    /// The authenticator app, once it has shown a code.
    pub software_token: Option<SoftwareToken>,
    /// An authenticator app that has not shown a code yet.
    pub associated_token: Option<SoftwareToken>,
    /// The second factors switched on.
    pub mfa: MfaPreference,
    /// Failed sign-ins.
    pub lockout: Lockout,
    /// Wrong codes in a sign-in.
    pub code_lockout: Lockout,
    /// Tries at codes and requests for them.
    pub attempts: Attempts,
}

impl User {
    /// A new user of a pool. A user who signs in with an attribute has no name but the `sub`.
    pub fn register(
        settings: &PoolSettings,
        name: &str,
        naming_attribute: Option<&str>,
        status: UserStatus,
        now: Millis,
    ) -> Self {
        let sub = ids::random();
        let username = if naming_attribute.is_some() {
            sub.clone()
        } else {
            settings.fold(name)
        };
        Self::new(sub, username, status, now)
    }

    /// A user with nothing but a name.
    pub fn new(sub: String, username: String, status: UserStatus, now: Millis) -> Self {
        Self {
            sub,
            username,
            attributes: BTreeMap::new(),
            status,
            enabled: true,
            password: None,
            used_passwords: VecDeque::new(),
            created: now,
            modified: now,
            confirmation_code: None,
            reset_code: None,
            attribute_codes: BTreeMap::new(),
            pending_attributes: BTreeMap::new(),
            groups: BTreeSet::new(),
            devices: Devices::default(),
            passkeys: Passkeys::default(),
            software_token: None,
            associated_token: None,
            mfa: MfaPreference::default(),
            lockout: Lockout::default(),
            code_lockout: Lockout::default(),
            attempts: Attempts::default(),
        }
    }

    /// Gives the user a password in place of the one before.
    pub fn set_password(&mut self, password: Password) {
        if let Some(before) = self.password.replace(password) {
            self.used_passwords.push_front(before.verifier);
            self.used_passwords.truncate(MOST_USED_PASSWORDS);
        }
    }

    /// Refuses a password that the user has, or had not so long ago, where the policy asks for another.
    pub fn refuse_used_password(
        &self,
        policy: &PasswordPolicy,
        pool_name: &str,
        password: &str,
    ) -> Result<(), Exception> {
        let current = self.password.iter().map(|password| &password.verifier);
        let is_used = current
            .chain(&self.used_passwords)
            .take(policy.history_size())
            .any(|used| used.accepts(pool_name, &self.username, password));
        if !is_used {
            return Ok(());
        }
        Err(Exception::new(
            "PasswordHistoryPolicyViolationException",
            "Password has previously been used",
        ))
    }

    /// An attribute's value, `sub` included.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        if name == "sub" {
            Some(&self.sub)
        } else {
            self.attributes.get(name).map(String::as_str)
        }
    }

    /// Sets an attribute, or takes it away for an empty value. A changed address has yet to be verified.
    pub fn set_attribute(&mut self, name: &str, value: String) {
        let is_address = matches!(name, "email" | "phone_number");
        if is_address && self.attribute(name) != Some(value.as_str()) {
            self.set_verified(name, false);
            self.attribute_codes.remove(name);
        }
        self.pending_attributes.remove(name);
        if value.is_empty() {
            self.attributes.remove(name);
            if is_address {
                self.attributes.remove(&format!("{name}_verified"));
            }
        } else {
            self.attributes.insert(name.to_owned(), value);
        }
    }

    /// Whether the address in this attribute has been shown to be the user's.
    pub fn is_verified(&self, attribute: &str) -> bool {
        self.attribute(&format!("{attribute}_verified")) == Some("true")
    }

    /// Marks the address in this attribute as verified, or not.
    pub fn set_verified(&mut self, attribute: &str, verified: bool) {
        self.attributes
            .insert(format!("{attribute}_verified"), verified.to_string());
    }

    /// The attributes as a list of `Name` and `Value`, `sub` first, those the filter lets through.
    pub fn attribute_list(&self, readable: impl Fn(&str) -> bool) -> Value {
        let sub = [("sub", self.sub.as_str())];
        let others = self
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        sub.into_iter()
            .chain(others.filter(|(name, _)| readable(name)))
            .map(|(name, value)| json!({ "Name": name, "Value": value }))
            .collect()
    }

    /// The user as the administrative operations show it; the attributes' member differs between them.
    pub fn describe(&self, attributes_member: &str) -> Value {
        json!({
            "Username": self.username,
            attributes_member: self.attribute_list(|_| true),
            "UserCreateDate": timestamp(self.created),
            "UserLastModifiedDate": timestamp(self.modified),
            "Enabled": self.enabled,
            "UserStatus": self.status.as_str(),
        })
    }
}

/// Failed sign-ins and how long the next one must wait: after five failures one second, then twice as long each time, up
/// to about a quarter of an hour. Fifteen quiet minutes forgive everything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lockout {
    failures: u32,
    last_try: Millis,
    until: Millis,
}

const FREE_FAILURES: u32 = 5;
const QUIET: Millis = 15 * MINUTE;

impl Lockout {
    /// Whether a try now is refused whatever the password. Such a try does not count.
    pub fn is_locked(&self, now: Millis) -> bool {
        now < self.until
    }

    /// Counts a wrong password.
    pub fn failed(&mut self, now: Millis) {
        if now - self.last_try >= QUIET {
            self.failures = 0;
        }
        self.last_try = now;
        self.failures += 1;
        if let Some(beyond) = self.failures.checked_sub(FREE_FAILURES) {
            self.until = now + QUIET.min(SECOND << beyond.min(20));
        }
    }

    /// The right password.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_failure_locks_for_a_second_and_each_further_one_for_twice_as_long() {
        let mut lockout = Lockout::default();
        let mut now = 1_000_000_000;
        for _ in 0..4 {
            lockout.failed(now);
            assert!(!lockout.is_locked(now));
        }
        for seconds in [1, 2, 4, 8] {
            lockout.failed(now);
            assert!(lockout.is_locked(now + seconds * SECOND - 1));
            now += seconds * SECOND;
            assert!(!lockout.is_locked(now));
        }
    }

    #[test]
    fn a_lock_never_lasts_longer_than_a_quarter_of_an_hour() {
        let mut lockout = Lockout::default();
        for _ in 0..100 {
            lockout.failed(0);
        }
        assert!(!lockout.is_locked(QUIET));
    }

    #[test]
    fn fifteen_quiet_minutes_forgive_earlier_failures() {
        let mut lockout = Lockout::default();
        for _ in 0..4 {
            lockout.failed(0);
        }
        lockout.failed(QUIET);
        assert!(!lockout.is_locked(QUIET));
    }
}
