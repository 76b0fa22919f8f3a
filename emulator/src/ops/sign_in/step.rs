//! What an answer comes to. A challenge says it as a value; [`flow`](super::flow) decides what comes next.

use serde_json::Value;

use crate::error::Exception;
use crate::state::{Candidate, Challenge};

/// What an answer comes to.
#[derive(Debug)]
pub(super) enum Step {
    /// The first factor is proven.
    FirstFactorProven(Candidate),
    /// So is a password of the user's own, or what stands for it.
    PasswordProven(Candidate),
    /// Every factor is proven.
    AllFactorsProven(Candidate),
    /// The device has proven itself, as the last step.
    DeviceProven(Candidate, String),
    /// The user is asked this, with these parameters.
    Ask(Candidate, Challenge, Value),
    /// An SRP exchange has begun. It has no session: its `SECRET_BLOCK` is the handle. This is the whole response.
    Exchange(Value),
    /// The answer is refused, and its session is used up all the same.
    Refuse(Exception),
}

/// What an answer comes to, or why it is refused. Its session then stays open for another answer.
pub(super) type Taken = Result<Step, Exception>;
