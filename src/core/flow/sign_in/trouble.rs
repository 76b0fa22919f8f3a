//! What a refusal means for a sign-in.

use std::rc::Rc;

use super::challenge_name::{OpenChallenge, PasswordFactor};
use super::{Asked, Draw, PendingChallenge, SignIn, start};
use crate::core::error::{AuthError, Code};
use crate::core::names::Username;
use crate::core::refusal::{Exception, Refusal, Topic};

/// What becomes of a sign-in whose request was refused.
#[derive(Debug)]
pub enum Failed {
    /// Retry without the device. The outdated entry is to be deleted.
    Retry(Box<SignIn>, Outdated),
    /// It has failed. An outdated entry is to be deleted.
    Over(Option<Outdated>),
}

/// What was stored of devices and is outdated.
#[derive(Debug)]
pub enum Outdated {
    /// The service does not know the device of this key.
    Device(String),
    /// The user who types this name is not the one of the device that it led to.
    Name(Username),
}

impl SignIn {
    /// Takes a refusal. A device that the service does not know is no reason to fail: the sign-in goes on without it, once
    /// without the device that the typed name led to, and once without the user's own.
    pub fn failed(mut self, error: &AuthError, draw: Draw<'_>) -> Failed {
        let is_asked_of_device = matches!(&self.asked, Asked::Respond(name, ..) if name.is_of_device());
        let is_about_device = is_unknown_device(error) || (is_asked_of_device && is_wrong_proof(error));
        let Some(device) = self.device.take().filter(|_| is_about_device) else {
            return Failed::Over(None);
        };
        // It was found by the typed name, which may be another user's by now. The device itself may still be known.
        if !is_asked_of_device && device.user != self.username.as_str() {
            let typed = self.typed.clone();
            return Failed::Retry(Box::new(self), Outdated::Name(typed));
        }
        // Not found again.
        self.devices = Rc::default();
        let outdated = Outdated::Device(device.key);
        if !is_asked_of_device {
            return Failed::Retry(Box::new(self), outdated);
        }
        let credentials = self.credentials.take();
        let again = credentials.and_then(|credentials| start(*credentials, self.devices, draw).ok());
        match again {
            Some(again) => Failed::Retry(Box::new(again), outdated),
            None => Failed::Over(Some(outdated)),
        }
    }
}

/// Whether the service says that it does not know the device, in any of its wordings.
pub fn is_unknown_device(error: &AuthError) -> bool {
    error.refusal.is_some_and(|refusal| {
        matches!(
            refusal.exception,
            Exception::ResourceNotFound | Exception::NotAuthorized | Exception::InvalidParameter
        ) && refusal.is_about(Topic::Device)
    })
}

/// Whether the service refuses what the device has answered. Its words for that are not documented, and a device that is
/// kept in vain would keep its user out; so everything is, but what it says of the sign-in or of the user.
fn is_wrong_proof(error: &AuthError) -> bool {
    let others = [Topic::Lockout, Topic::Session, Topic::Disabled];
    error.refusal.is_some_and(|refusal| {
        refusal.exception == Exception::NotAuthorized && !others.into_iter().any(|topic| refusal.is_about(topic))
    })
}

impl PendingChallenge {
    /// Whether this refusal of its answer ends the challenge. A password that was sent may be wrong, and so may a passkey;
    /// where a password is proven, the proof has used the challenge up.
    pub fn is_ended_by(&self, error: &AuthError) -> bool {
        let is_sent = matches!(
            self.challenge,
            OpenChallenge::Password(PasswordFactor::Plain)
                | OpenChallenge::SelectChallenge(Some(PasswordFactor::Plain))
                | OpenChallenge::WebAuthn
        );
        let is_wrong = |refusal: Refusal| is_sent && refusal.is_about(Topic::Incorrect);
        ends_challenge(error) && !error.refusal.is_some_and(is_wrong)
    }
}

/// Whether this refusal of an answer ends the challenge. A wrong code does not, nor does the network; nor does a lock-out,
/// after which the same session may be answered again. A challenge that the client refuses does.
pub fn ends_challenge(error: &AuthError) -> bool {
    // What the client itself has refused, it has refused for good.
    let is_ours = error.service_exception.is_none();
    if is_ours && matches!(error.code, Code::NotAuthorized | Code::UnexpectedChallenge) {
        return true;
    }
    error.refusal.is_some_and(|refusal| match refusal.exception {
        Exception::NotAuthorized => !refusal.is_about(Topic::Lockout),
        Exception::PasswordResetRequired | Exception::UserNotConfirmed | Exception::UserNotFound => true,
        _ => false,
    })
}
