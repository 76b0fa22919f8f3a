//! What a sign-up leaves for later: the challenge session that `SignUp` gives goes into `ConfirmSignUp`, and the one that
//! this gives into a sign-in.

use std::fmt;

use zeroize::Zeroizing;

use crate::core::envelope;
use crate::core::json::ObjectWriter;
use crate::core::limits::QUESTION_LIFE;
use crate::core::names::Username;
use crate::core::secret::ChallengeSession;

/// A sign-up that goes on. Only its step prints.
#[derive(Clone)]
pub struct SignUp {
    /// What was done.
    pub step: SignUpStep,
    /// Who signs up.
    pub username: Username,
    /// `Session`.
    pub session: ChallengeSession,
    /// When that was, in milliseconds.
    pub asked_at: i64,
}

/// What was done of a sign-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUpStep {
    /// `SignUp`.
    SignedUp,
    /// `ConfirmSignUp`.
    Confirmed,
}

impl fmt::Debug for SignUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignUp({:?}, [redacted])", self.step)
    }
}

impl SignUp {
    /// Whether every service has forgotten it by now. A clock that was set back makes it so.
    pub fn is_over_at(&self, now: i64) -> bool {
        !(0..QUESTION_LIFE).contains(&now.saturating_sub(self.asked_at))
    }

    /// As it is stored.
    pub fn encode(&self, generation: i64) -> Zeroizing<String> {
        let document = ObjectWriter::new()
            .text("step", self.step.as_str())
            .text("username", self.username.as_str())
            .text("session", self.session.reveal())
            .integer("askedAt", self.asked_at);
        envelope::seal(generation, document)
    }

    /// What was stored; `None` where no sign-up goes on, or it cannot be read.
    pub fn decode(text: &str) -> Option<Self> {
        let read = envelope::open(text, |root| {
            Some(Self {
                step: SignUpStep::named(root.text("step")?)?,
                username: Username::new(root.text("username")?),
                session: ChallengeSession::new(root.text("session")?),
                asked_at: root.integer("askedAt")?,
            })
        });
        read.ok().map(|(_, sign_up)| sign_up)
    }
}

impl SignUpStep {
    const fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "SignUp",
            Self::Confirmed => "ConfirmSignUp",
        }
    }

    fn named(text: &str) -> Option<Self> {
        [Self::SignedUp, Self::Confirmed]
            .into_iter()
            .find(|step| step.as_str() == text)
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::envelope::sealed;

    fn sign_up(step: SignUpStep) -> SignUp {
        SignUp {
            step,
            username: Username::new("alice"),
            session: ChallengeSession::new("session"),
            asked_at: 1_000,
        }
    }

    #[test]
    fn sign_up_reads_back_as_it_was_stored() {
        for step in [SignUpStep::SignedUp, SignUpStep::Confirmed] {
            let read = SignUp::decode(&sign_up(step).encode(7)).unwrap();
            assert_eq!((read.step, read.username.as_str()), (step, "alice"));
            assert_eq!((read.session.reveal(), read.asked_at), ("session", 1_000));
        }
    }

    #[test]
    fn sign_up_is_over_after_the_life_of_its_session_or_a_clock_set_back() {
        let sign_up = sign_up(SignUpStep::SignedUp);
        assert!(!sign_up.is_over_at(1_000) && !sign_up.is_over_at(QUESTION_LIFE + 999));
        assert!(sign_up.is_over_at(QUESTION_LIFE + 1_000) && sign_up.is_over_at(999));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>(), json in any::<String>()) {
            let _ = SignUp::decode(&text);
            let _ = SignUp::decode(&sealed("1", &json));
        }
    }
}
