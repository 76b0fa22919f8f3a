use futures_util::future::LocalBoxFuture;
use wasm_bindgen_futures::spawn_local;

use super::browser::Browser;
use crate::ports::Spawn;

impl Spawn for Browser {
    fn spawn(&self, future: LocalBoxFuture<'static, ()>) {
        spawn_local(future);
    }
}
