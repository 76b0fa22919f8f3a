//! Amazon Cognito user pools on localhost.
//!
//! The wire is `server`, the conversations are `ops`, what is remembered is `state`. An operation is a function of the
//! state, the time and a request, so that its tests need neither sockets nor a clock that runs.

mod adjust;
mod attributes;
mod clock;
mod codes;
pub mod config;
mod connection;
mod control;
mod cors;
mod delivery;
mod emulator;
mod error;
mod faults;
mod filter;
pub mod guard;
mod ids;
mod input;
mod jwt;
mod model;
mod ops;
mod outbox;
mod password_policy;
mod request_log;
pub mod server;
mod settings;
mod srp;
mod srp_timestamp;
mod stamp;
mod state;
pub mod static_files;
#[cfg(test)]
mod testing;
mod tokens;
mod trace;
mod webauthn;
mod wire;

pub use clock::Clock;
pub use emulator::Emulator;
pub use state::State;
