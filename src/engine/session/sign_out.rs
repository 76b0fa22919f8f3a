//! Sign-out.

use super::engine::SessionEngine;
use crate::core::api::user_pool;
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::foreign::ForeignKeys;
use crate::core::limits::REVOCATION_DEADLINE;
use crate::core::record::User;
use crate::core::secret::AccessToken;
use crate::core::session::decide::superseded;
use crate::core::session::{Change, Session};
use crate::core::user_state::Reason;
use crate::engine::options::SignOutOptions;
use crate::engine::runtime::Superseded;
use crate::engine::store::Beside;
use crate::ports::{Env, Millis};

impl<E: Env> SessionEngine<E> {
    /// Forgets the session, in every tab, and ends it at the service too unless the options say otherwise.
    ///
    /// The local part comes first and needs no network; a revocation that cannot be delivered now is sent later. A
    /// global sign-out asks the service first, and changes nothing when it cannot be asked. Where there are no tokens that
    /// the service takes, it signs out here and says that it has done no more.
    ///
    /// # Errors
    /// `network` and the like from a global sign-out, and the user stays signed in; `notSignedIn` from one that ended no
    /// other session, after the user was signed out here; `aborted` from one in whose place came another sign-out or a
    /// sign-in; `storage` when the stored session cannot be removed, after everything else was done.
    pub(in crate::engine) async fn sign_out(&self, options: SignOutOptions) -> Result<(), AuthError> {
        let pool = if options.sign_out_globally {
            Some(self.runtime.user_pool()?)
        } else {
            self.runtime.setup()?;
            None
        };
        self.note_sign_out();
        let attempt = self.runtime.attempt();
        let invalidates = options.invalidate_tokens;
        let mut revokes = invalidates;
        let mut refusal = None;
        if let Some(pool) = pool {
            let outcome = match attempt.run(self.sign_out_everywhere(&pool)).await {
                Ok(outcome) => outcome,
                // The session that was meant has ended here meanwhile; a user who has signed in since is not signed out.
                Err(Superseded(outcome)) => return outcome.map_err(|_| superseded()),
            };
            match outcome {
                // A second end would be refused.
                Ok(()) => revokes = false,
                // That it no longer takes the tokens is no reason to stay signed in here.
                Err(error) if error.code == Code::NotSignedIn || refresh::is_definite_refusal(&error) => {
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let client = self.clone();
        let ended = self
            .runtime
            .share(async move {
                client
                    .end_session(End {
                        revokes,
                        revokes_others: invalidates,
                        ..End::default()
                    })
                    .await
            })
            .await;
        if revokes {
            let revoked = self.revoke_in_background();
            let _ = self
                .runtime
                .within(REVOCATION_DEADLINE, "The revocation", revoked)
                .await;
        }
        ended?;
        refusal.map_or(Ok(()), |refusal| Err(only_here(&refusal)))
    }

    /// Signs out here and forgets all that was ever stored for this configuration, the devices too.
    ///
    /// # Errors
    /// `storage` when a store cannot be written, after everything else was done.
    pub(in crate::engine) async fn clear_storage(&self) -> Result<(), AuthError> {
        self.runtime.setup()?;
        self.note_sign_out();
        let client = self.clone();
        let ended = self
            .runtime
            .share(async move {
                client
                    .end_session(End {
                        erases: true,
                        ..End::default()
                    })
                    .await
            })
            .await;
        let _ = self.revoke_in_background().await;
        ended
    }

    /// What was called before ends, and what is called later waits: see `begin_attempt`.
    fn note_sign_out(&self) {
        self.state.sign_outs.set(self.state.sign_outs.get().wrapping_add(1));
    }

    /// Ends the session in the store, in memory, and in that order.
    pub(in crate::engine) async fn end_session(&self, end: End) -> Result<(), AuthError> {
        self.runtime.supersede();
        let meant = self.live().map(|live| live.session.id);
        // No tokens are served while the store takes its time.
        let ending = Ending::of(self);
        self.emit(false, None);
        let turn = self.store.lock().await;
        let ours = self.live().map(|live| User::SignedIn(live.session));
        // No user is signed in afterwards, also where another tab has just signed one in.
        let signed_out = |theirs: Option<&User>| {
            if let Some(User::SignedIn(session)) = theirs.or(ours.as_ref()) {
                if end.spares(session) {
                    return None;
                }
                self.state.ended.note(session.id);
                // What another tab has begun meanwhile, a global sign-out has not ended.
                let is_meant = meant == Some(session.id);
                let revokes = if is_meant { end.revokes } else { end.revokes_others };
                if revokes {
                    self.remember_revocation(session);
                }
            }
            Some(User::SignedOut(end.reason))
        };
        let write = self.store.begin_write();
        let identity = self.state.identity.take();
        let mut written = self.write_over(&turn, &signed_out).await;
        if written.is_err() && ours.is_none() {
            // There may be a session that this tab has never seen. It is not to come back once it can be read.
            let ended_at = self.store.next_generation(0);
            self.state.ended.unread.set(Some((ended_at, end.revokes)));
        }
        if written == Ok(false) {
            // What was read for the write is to be taken over, and not for this tab's own.
            drop(write);
            self.state.identity.replace(identity);
            self.sync(&turn).await;
            return Ok(());
        }
        write.keep();
        if self.store.return_to_shared().await && end.erases {
            self.end_in(&turn, self.store.kind()).await;
        }
        if end.erases {
            let erased = self.erase(&turn, written.is_ok()).await;
            written = written.and(erased.map(|()| true));
        }
        // What began while this one waited for the store began too early.
        self.runtime.supersede();
        // In line before whatever listeners may begin, of which nothing is to be forgotten.
        let queued = [Beside::SignIn, Beside::SignUp].map(|beside| (beside, self.store.queue_beside()));
        self.forget_foreign();
        self.commit(Change::SignedOut(end.reason));
        // The removal of half-done conversations ends nothing, so the record does not wait for it.
        drop((turn, ending));
        let client = self.clone();
        let forgotten = async move {
            for (beside, turn) in queued {
                client.store.forget_pending_in(turn, beside, Millis::MAX).await;
            }
        };
        // A store that has hung once is not waited for again: what is left goes on by itself.
        if written.is_ok() {
            forgotten.await;
        } else {
            self.write_end_later();
            self.runtime.spawn(forgotten);
        }
        if end.revokes_others {
            // Also when the caller has gone.
            drop(self.revoke_in_background());
        }
        written.map(drop)
    }

    /// What was imported is not to be imported again.
    fn forget_foreign(&self) {
        let Ok(setup) = self.runtime.setup() else { return };
        if let (true, Some(pool)) = (setup.options.import_session, &setup.config.user_pool) {
            let get = |key: &str| self.runtime.env().foreign(key);
            for key in ForeignKeys::of(&pool.client_id).to_remove(get) {
                self.runtime.env().remove_foreign(&key);
            }
        }
    }

    /// Has the service end every session of the user.
    async fn sign_out_everywhere(&self, pool: &UserPoolConfig) -> Result<(), AuthError> {
        let mut caller = self.caller().await?;
        caller.waits = Some(false);
        caller.is_leaving = true;
        let request = |token: &AccessToken| user_pool::global_sign_out(pool, token);
        self.ask_as(&caller, &request).await.map(drop)
    }
}

/// What a global sign-out says that could be none.
fn only_here(refusal: &AuthError) -> AuthError {
    let mut error = AuthError::new(
        Code::NotSignedIn,
        "The user is signed out on this device only: the service accepts none of this session's tokens, so the other sessions were not ended. To end them, sign in and call signOut({ signOutGlobally: true }).",
    );
    error.service_exception.clone_from(&refusal.service_exception);
    error.caused_by(&*refusal.message)
}

/// How a session ends.
#[derive(Debug)]
pub(in crate::engine) struct End {
    /// What led to it.
    pub(in crate::engine) reason: Reason,
    /// This tab's session ends at the service, too.
    pub(in crate::engine) revokes: bool,
    /// So does one that another tab has stored since.
    pub(in crate::engine) revokes_others: bool,
    /// All that was ever stored goes with it.
    pub(in crate::engine) erases: bool,
    /// Only this user's, `sub`, where an account was deleted: not that of a user who has signed in since.
    pub(in crate::engine) deleted: Option<String>,
}

impl End {
    fn spares(&self, session: &Session) -> bool {
        self.deleted
            .as_deref()
            .is_some_and(|user| session.subject() != Some(user))
    }
}

impl Default for End {
    fn default() -> Self {
        Self {
            reason: Reason::UserAction,
            revokes: true,
            revokes_others: true,
            erases: false,
            deleted: None,
        }
    }
}

/// No tokens are served from the call of a sign-out until it is stored.
struct Ending<E: Env>(SessionEngine<E>);

impl<E: Env> Ending<E> {
    fn of(client: &SessionEngine<E>) -> Self {
        client.state.ending.set(client.state.ending.get() + 1);
        Self(client.clone())
    }
}

impl<E: Env> Drop for Ending<E> {
    fn drop(&mut self) {
        let ending = &self.0.state.ending;
        ending.set(ending.get().saturating_sub(1));
    }
}
