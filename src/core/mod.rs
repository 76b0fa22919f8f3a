//! What the client knows and decides. Nothing here does I/O, reads a clock, draws random bytes or has a global:
//! time and randomness are arguments, requests and answers are values.
#![forbid(unsafe_code)]

pub mod api;
pub mod config;
pub mod devices;
pub mod envelope;
pub mod error;
pub mod flow;
pub mod foreign;
pub mod generation;
pub mod identity;
pub mod json;
pub mod jwt;
pub mod limits;
pub mod modexp;
pub mod names;
pub mod record;
pub mod refusal;
pub mod secret;
pub mod session;
pub mod spent;
pub mod srp;
pub mod stores;
pub mod token_check;
pub mod totp;
pub mod user_state;
