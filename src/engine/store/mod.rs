//! Where the record of the session is kept, and what is stored beside it.

mod beside;
mod choice;
mod handle;

pub(in crate::engine) use beside::Beside;
pub(in crate::engine) use handle::{Store, Write};
