//! cognito-wasm: `AWSMobileClient` for the web.
//!
//! The crate is read from the inside out: [`core`] decides and computes, and knows neither a browser nor a
//! clock; [`ports`] names what it needs from outside; [`engine`] puts the two to work; `web`, compiled for
//! WebAssembly only, is the browser's side of each port and the class that JavaScript sees.
//! ARCHITECTURE.md says where a line belongs.

pub mod core;
pub mod engine;
pub mod ports;
#[cfg(test)]
mod testing;
#[cfg(target_arch = "wasm32")]
pub mod web;
