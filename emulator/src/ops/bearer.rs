//! On whose behalf a request comes.

use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::{ClientScope, State};
use crate::tokens::{self, Bearer};

/// The bearer of the request's access token, with their pool and client.
pub(super) fn signed_in<'a>(
    state: &'a mut State,
    input: Input<'_>,
    now: Millis,
) -> Result<(ClientScope<'a>, Bearer), Exception> {
    let token = input.text("AccessToken")?;
    let bearer = tokens::authorize(state, token, now)?;
    Ok((state.client(&bearer.client_id)?, bearer))
}
