//! The operations that are one request and one answer, as a table: what a public method may be given, what the service
//! calls it, and what of the response the app gets. One reader and one writer serve all of them, because a function
//! for each costs ten times the bytes of a row.

mod call;
mod options;
mod response;
mod table;

pub use call::{Call, check_code};
pub use options::attributes;
pub(super) use options::with_map;
pub use response::AppAccount;

use options::Member;
use response::Field;
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
    /// What the app gets of the response; `null` without a member.
    response: &'static [Field],
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
    /// The signed-in user, by `AccessToken`.
    Session,
    /// The same, whose sessions the service ends with it.
    LeavingSession,
}

/// What is done once the service has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing.
    Nothing,
    /// The challenge session that came is for the confirmation.
    SignedUp,
    /// The same, for a sign-in. The confirmation itself goes on in the session of the sign-up.
    Confirmed,
    /// The tokens say what has changed, so they are renewed.
    RenewTokens,
    /// `Status` says whether the code was right.
    CheckStatus,
    /// The device is forgotten here as well.
    ForgetDevice,
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
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
