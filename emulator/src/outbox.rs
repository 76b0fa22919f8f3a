//! The messages that real Cognito would send by email or SMS.

use std::collections::VecDeque;

use serde::Serialize;

use crate::clock::Millis;

/// Older messages are dropped beyond this many.
const KEPT: usize = 10_000;

/// Why a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Trigger {
    /// The code of a new sign-up.
    SignUp,
    /// Another code for the same sign-up.
    ResendConfirmationCode,
    /// An invitation with a temporary password.
    AdminCreateUser,
    /// A password recovery code.
    ForgotPassword,
    /// A recovery code because an administrator reset the password.
    AdminResetUserPassword,
    /// A code for an attribute that the user changed.
    UpdateUserAttributes,
    /// A code for an attribute that the user wants to verify.
    GetUserAttributeVerificationCode,
    /// A second factor by SMS.
    #[serde(rename = "SMS_MFA")]
    SmsMfa,
    /// A second factor by email.
    #[serde(rename = "EMAIL_MFA")]
    EmailMfa,
    /// A code to an address that is to become a second factor.
    #[serde(rename = "MFA_SETUP")]
    MfaSetup,
    /// A first factor by SMS.
    #[serde(rename = "SMS_OTP")]
    SmsOtp,
    /// A first factor by email.
    #[serde(rename = "EMAIL_OTP")]
    EmailOtp,
}

/// How it travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Medium {
    /// To the `email` attribute.
    Email,
    /// To the `phone_number` attribute.
    Sms,
}

impl Medium {
    /// The medium that reaches an attribute's address.
    pub fn of(attribute: &str) -> Self {
        if attribute == "phone_number" {
            Self::Sms
        } else {
            Self::Email
        }
    }
}

/// One message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Counts from 1.
    pub id: u64,
    /// The pool of the user.
    pub user_pool_id: String,
    /// The client that asked for it; an administrator asks without one.
    pub client_id: Option<String>,
    /// The user's immutable name.
    pub username: String,
    /// Why it was sent.
    pub trigger: Trigger,
    /// How it travels.
    pub medium: Medium,
    /// The address, in full.
    pub destination: String,
    /// The code in it.
    pub code: Option<String>,
    /// The temporary password in it.
    pub temporary_password: Option<String>,
    /// When, by the emulator's clock, in milliseconds.
    pub sent_at: Millis,
    /// The other names under which a test may ask for it.
    #[serde(skip)]
    pub also_known_as: Vec<String>,
}

impl Message {
    /// Whether the message went to the user of this name, sub or alias.
    pub fn is_for(&self, name: &str) -> bool {
        let same = |other: &str| other.to_lowercase() == name.to_lowercase();
        same(&self.username) || same(&self.destination) || self.also_known_as.iter().any(|other| same(other))
    }
}

/// The messages sent, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Outbox {
    messages: VecDeque<Message>,
    sent: u64,
}

impl Outbox {
    /// Sends a message; its id is given here.
    pub fn send(&mut self, message: Message) {
        self.sent += 1;
        if self.messages.len() == KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(Message {
            id: self.sent,
            ..message
        });
    }

    /// The messages, oldest first.
    pub fn messages(&self) -> &VecDeque<Message> {
        &self.messages
    }

    /// Throws them away. The ids go on counting.
    pub fn clear(&mut self) {
        self.messages.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_messages_are_dropped_and_the_ids_go_on() {
        let mut outbox = Outbox::default();
        let message = Message {
            id: 0,
            user_pool_id: String::new(),
            client_id: None,
            username: String::new(),
            trigger: Trigger::SignUp,
            medium: Medium::Email,
            destination: String::new(),
            code: None,
            temporary_password: None,
            sent_at: 0,
            also_known_as: Vec::new(),
        };
        for _ in 0..KEPT + 2 {
            outbox.send(message.clone());
        }
        assert_eq!(outbox.messages().len(), KEPT);
        let ids = [outbox.messages().front(), outbox.messages().back()].map(|message| message.unwrap().id);
        assert_eq!(ids, [3, KEPT as u64 + 2]);
    }
}
