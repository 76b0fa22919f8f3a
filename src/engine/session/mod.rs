//! The session engine: what keeps one true session per origin, whatever tabs, clocks, networks and stores do.

mod begin;
mod caller;
mod change;
mod devices;
mod engine;
mod get_tokens;
mod leftovers;
mod live;
mod refresh;
mod refresh_outcome;
mod revoke;
mod sign_out;
mod start;
mod state;
mod sync;
mod wait;
mod watch;

pub(in crate::engine) use begin::Place;
pub(in crate::engine) use caller::Caller;
pub(in crate::engine) use engine::SessionEngine;
pub(in crate::engine) use sign_out::End;
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) use start::CONFIGURATION_KEY;
