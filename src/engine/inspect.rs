//! What the simulation sees of a client, and an app does not.

use std::rc::Rc;

use super::client::Client;
pub(crate) use super::store::CONFIGURATION_KEY;
use crate::core::session::Session;
use crate::core::user_state::UserState;
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// The session in memory, whether or not its tokens may be handed out.
    pub(crate) fn session_in_memory(&self) -> Option<Rc<Session>> {
        self.live().map(|live| live.session)
    }

    /// The state of the snapshot, without the rest of it.
    pub(crate) fn user_state(&self) -> UserState {
        self.0.state.get()
    }

    /// Whether the client has to look into the store before it hands out tokens.
    pub(crate) fn must_look_first(&self) -> bool {
        self.is_in_doubt()
    }
}
