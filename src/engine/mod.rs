//! Puts the core to work: one client, its session, and the order in which things happen. Generic over
//! [`Env`](crate::ports::Env), so that the same code runs in a browser and, natively, over fakes.
//!
//! Every change of the session goes in one order: store, state, waiters, listeners, result.
//!
//! The rooms, each of which uses only those before it: `runtime`, `store`, `session`, `sign_in`, `operations`. [`Client`]
//! delegates to them; `options` and `notices` are what goes in and comes out.
#![forbid(unsafe_code)]

mod client;
mod notices;
mod operations;
pub mod options;
mod runtime;
mod session;
mod sign_in;
mod store;

pub use client::{Client, ConfigSource, other_option};
pub use notices::{ClientEvent, Host, Notice, Snapshot, UserStateInfo};
pub use runtime::Abort;
pub use sign_in::SignInResult;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod inspect;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
