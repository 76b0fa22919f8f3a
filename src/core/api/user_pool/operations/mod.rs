//! The operations that are one request and one answer, as a table: what a public method may be given, what the service
//! calls it, and what of the answer the app is told. One reader and one writer serve all of them, because a function
//! for each costs ten times the bytes of a row.

mod answer;
mod options;
mod table;

pub use options::attributes;
pub(super) use options::with_map;

use super::answers;
use crate::core::error::AuthError;
use crate::core::json::{ObjectWriter, Reader, Value};
use answer::Field;
use options::Member;
use table::OPERATIONS;

/// One row.
#[derive(Debug)]
pub struct Operation {
    /// The public method.
    pub call: &'static str,
    /// The service's name for it.
    pub name: &'static str,
    /// On whose behalf it is called.
    pub who: Who,
    /// The options, beside the user name.
    members: &'static [Member],
    /// What the app is told. Nothing at all without one.
    answer: &'static [Field],
    /// For an answer that comes in pages: the list in it, and the token of the next page.
    pub pages: Option<(&'static str, &'static str)>,
    /// What is done once the service has answered.
    pub after: After,
}

/// On whose behalf an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A user by name, `Username`, with `SecretHash` and `UserContextData`.
    User,
    /// Whoever is signed in, by `AccessToken`.
    Session,
}

/// What is done once the service has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing.
    Nothing,
    /// The session that came is for the confirmation.
    SignedUp,
    /// The session that came is for a sign-in.
    Confirmed,
    /// The tokens say what has changed, so they are renewed.
    RenewTokens,
    /// The app is told the URI for the authenticator app.
    TellSetupUri,
    /// `Status` says whether the code was right.
    CheckStatus,
    /// The device is forgotten here as well.
    ForgetDevice,
    /// The session has ended with the account.
    EndSession,
}

impl Operation {
    /// The row of a public method.
    pub fn of_call(call: &str) -> Option<&'static Operation> {
        OPERATIONS.iter().find(|operation| operation.call == call)
    }

    /// Every row.
    #[cfg(test)]
    pub fn all() -> &'static [Operation] {
        OPERATIONS
    }

    /// The names of its options.
    pub fn options(&self) -> Vec<&'static str> {
        let username = (self.who == Who::User).then_some("username");
        let members = self.members.iter().map(|member| member.option);
        username.into_iter().chain(members).collect()
    }

    /// Whether it may be about this device, and the options do not say which.
    pub fn lacks_device(&self, options: &Value) -> bool {
        self.members.iter().any(|member| member.option == "deviceKey")
            && !matches!(options.get("deviceKey"), Some(Value::Text(_)))
    }

    /// The body of the request with the options in it.
    pub fn write(&self, options: &Reader<'_>, body: ObjectWriter) -> ObjectWriter {
        self.members
            .iter()
            .fold(body, |body, member| member.write(options, body))
    }

    /// Whether the app is told nothing of the answer.
    pub fn is_silent(&self) -> bool {
        self.answer.is_empty()
    }

    /// What the app is told of the answer: the members of an object, or nothing.
    ///
    /// # Errors
    /// `unknown` when the answer lacks what it must have, or has a member of another type than the service says.
    pub fn tell(&self, answer: &Value, told: ObjectWriter) -> Result<ObjectWriter, AuthError> {
        answers::read(answer, |root| answer::tell(self.answer, root, told))
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
