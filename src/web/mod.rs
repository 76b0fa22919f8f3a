//! The browser: one adapter for each port, and the class that the TypeScript facade drives. The only room that
//! knows JavaScript. Everything here works in a worker too: the global object is `globalThis`.

mod boundary;
mod browser;
mod cancel;
mod channel;
mod clock;
mod context_data;
mod convert;
mod core_client;
mod http;
mod lock;
mod passkeys;
mod promise;
mod random;
mod signals;
mod spawn;
mod storage;
mod timer;

pub use core_client::Core;

use wasm_bindgen::prelude::wasm_bindgen;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen(start)]
fn start() {
    boundary::tell_of_panics();
}

#[cfg(test)]
mod tests;
