//! Waiting for the user to sign in again.

use super::client::Client;
use crate::core::error::{AuthError, Code};
use crate::core::session::Change;
use crate::core::user_state::UserState;
use crate::ports::Env;

impl<E: Env> Client<E> {
    /// Ends every wait for a sign-in: the calls that wait fail with `unableToSignIn`. Changes no state and tells
    /// nobody; a call that comes later waits again.
    pub fn release_sign_in_wait(&self) {
        self.0.wait_over.ring();
    }

    /// Until somebody has signed in. `told`: this caller's listeners have just heard that the tokens are dead.
    pub(super) async fn wait_for_sign_in(&self, told: bool) -> Result<(), AuthError> {
        let over = if told {
            // Counted from the death: a listener who was told of it may have ended the wait already.
            self.0.wait_over.after(self.0.rings_at_death.get())
        } else {
            let over = self.0.wait_over.next();
            self.tell_again();
            over
        };
        let bound = self.setup()?.options.sign_in_wait_timeout;
        let over = async {
            over.await;
            Ok(())
        };
        self.within(bound, "The wait for the user to sign in", over).await?;
        if self.0.state.get() == UserState::SignedIn {
            Ok(())
        } else {
            Err(AuthError::new(
                Code::UnableToSignIn,
                "The wait for the user to sign in ended without a sign-in.",
            ))
        }
    }

    /// A caller that begins to wait when everybody was told long ago makes the app ask for a sign-in again. Callers
    /// that begin together are one reason to ask.
    fn tell_again(&self) {
        if self.0.is_retelling.replace(true) {
            return;
        }
        let client = self.clone();
        self.spawn(async move {
            client.0.env.sleep(0).await;
            client.0.is_retelling.set(false);
            if let Some(live) = client.live() {
                client.commit(Change::WaitBegun(live.session));
            }
        });
    }
}
