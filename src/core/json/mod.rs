//! JSON in and out. Reading names the path of what does not fit; writing makes text at once and keeps no tree,
//! so that a password in a request body lies in one buffer, which is wiped.

mod decimal;
mod parse;
mod read;
mod write;

pub use parse::{Value, parse};
pub use read::{Misfit, Reader, StringMap, has_twice, join, read};
pub use write::{ObjectWriter, write};
