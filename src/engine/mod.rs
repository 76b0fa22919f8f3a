//! Puts the core to work: one client, its session, and the order in which things happen. Generic over
//! [`Env`](crate::ports::Env), so that the same code runs in a browser and, natively, over fakes.
//!
//! Every change of the session goes in one order: store, state, listeners, result.
#![forbid(unsafe_code)]

mod aside;
mod begin;
mod bell;
mod calls;
mod client;
mod devices;
mod events;
mod operations;
pub mod options;
mod refresh;
mod revocations;
mod session;
mod sign_in;
mod sign_out;
mod sign_up;
mod signals;
mod store;
mod stores;
mod tokens;
mod wait;

pub use bell::Abort;
pub use client::{Client, ConfigSource, other_option};
pub use events::{ClientEvent, Host, Notice, Snapshot, UserStateInfo};
pub use sign_in::SignInResult;

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod inspect;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;
