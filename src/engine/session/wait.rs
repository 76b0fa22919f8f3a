//! Waiting for the user to sign in again.

use super::engine::SessionEngine;
use crate::core::error::{AuthError, Code};
use crate::core::session::Change;
use crate::core::user_state::UserState;
use crate::ports::Env;

impl<E: Env> SessionEngine<E> {
    /// Ends every wait for a sign-in: the calls that wait fail with `unableToSignIn`. The state stays, and no listener is
    /// notified; a later call waits again.
    pub(in crate::engine) fn release_sign_in_wait(&self) {
        self.state.wait_over.notify();
    }

    /// Until a user has signed in. `was_notified`: listeners were notified that this call's tokens have expired for good.
    pub(in crate::engine) async fn wait_for_sign_in(&self, was_notified: bool) -> Result<(), AuthError> {
        let over = if was_notified {
            // Counted from then: a listener that was notified may have ended the wait already.
            self.state.wait_over.after(self.state.wait_count_at_expiry.get())
        } else {
            let over = self.state.wait_over.next();
            self.announce_wait();
            over
        };
        let bound = self.runtime.setup()?.options.sign_in_wait_timeout;
        let over = async {
            over.await;
            Ok(())
        };
        self.runtime
            .within(bound, "The wait for the user to sign in", over)
            .await?;
        if self.user_state() == UserState::SignedIn {
            Ok(())
        } else {
            Err(AuthError::new(
                Code::UnableToSignIn,
                "The wait for the user to sign in ended without a sign-in.",
            ))
        }
    }

    /// A call that begins to wait long after listeners were notified has them notified again, so that the app asks for a
    /// sign-in again. Calls that begin together are one reason to ask.
    fn announce_wait(&self) {
        if self.state.is_announcing_wait.replace(true) {
            return;
        }
        let client = self.clone();
        self.runtime.spawn(async move {
            client.runtime.env().sleep(0).await;
            client.state.is_announcing_wait.set(false);
            if let Some(live) = client.live() {
                client.commit(Change::WaitBegun(live.session));
            }
        });
    }

    /// How often waits for a sign-in were ended.
    #[cfg(all(test, not(target_arch = "wasm32")))]
    pub(in crate::engine) fn ended_waits(&self) -> u32 {
        self.state.wait_over.count()
    }
}
