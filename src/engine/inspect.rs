//! What the simulation sees of a client, and an app does not.

use std::rc::Rc;

use super::client::Client;
pub(crate) use super::session::CONFIGURATION_KEY;
use crate::core::session::Session;
use crate::core::user_state::UserState;
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// The session in memory, whether or not its tokens may be handed out.
    pub(crate) fn session_in_memory(&self) -> Option<Rc<Session>> {
        self.session.session()
    }

    /// The state of the snapshot, without the rest of it.
    pub(crate) fn user_state(&self) -> UserState {
        self.session.user_state()
    }

    /// Whether the client has to look into the store before it hands out tokens.
    pub(crate) fn must_look_first(&self) -> bool {
        self.session.is_stale()
    }
}
