//! Sign-out.

use super::aside::Aside;
use super::calls::Outcome;
use super::client::Client;
use super::options::SignOutOptions;
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
use crate::ports::{Env, Millis};

impl<E: Env> Client<E> {
    /// Forgets the session, in every tab, and unless told otherwise ends it at the service too.
    ///
    /// The local part comes first and needs no network; a revocation that cannot be delivered now is sent later. A
    /// global sign-out asks the service first, and changes nothing when it cannot be asked. Where there are no tokens that
    /// the service takes, it signs out here and says that it has done no more.
    ///
    /// # Errors
    /// `network` and the like from a global sign-out, and the user stays signed in; `notSignedIn` from one that ended no
    /// other session, after the user was signed out here; `aborted` from one in whose place came another sign-out or a
    /// sign-in; `storage` when the stored session cannot be removed, after everything else was done.
    pub async fn sign_out(&self, options: SignOutOptions) -> Result<(), AuthError> {
        let pool = if options.sign_out_globally {
            Some(self.user_pool()?)
        } else {
            self.setup()?;
            None
        };
        self.note_sign_out();
        let epoch = self.0.epoch.get();
        let invalidates = options.invalidate_tokens;
        let mut revokes = invalidates;
        let mut refusal = None;
        if let Some(pool) = pool {
            let outcome = self.sign_out_everywhere(&pool).await;
            if self.0.epoch.get() != epoch {
                // The session that was meant has ended here meanwhile; whoever signed in since is not.
                return outcome.map_err(|_| superseded());
            }
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
            let _ = self.within(REVOCATION_DEADLINE, "The revocation", revoked).await;
        }
        ended?;
        refusal.map_or(Ok(()), |refusal| Err(only_here(&refusal)))
    }

    /// Signs out here and forgets all that was ever stored for this configuration, the devices too.
    ///
    /// # Errors
    /// `storage` when a store cannot be written, after everything else was done.
    pub async fn clear_storage(&self) -> Result<(), AuthError> {
        self.setup()?;
        self.note_sign_out();
        let client = self.clone();
        let ended = self
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
        ended.map(|_| ())
    }

    /// What was called before ends, and what is called later waits: see `begin_attempt`.
    fn note_sign_out(&self) {
        self.0.sign_outs.set(self.0.sign_outs.get().wrapping_add(1));
    }

    /// Ends the session in the store, in memory, and in that order.
    pub(super) async fn end_session(&self, end: End) -> Outcome {
        self.begin_epoch();
        let meant = self.live().map(|live| live.session.id);
        // Nobody is served while the store takes its time.
        let ending = Ending::of(self);
        self.emit(false, None);
        let turn = self.0.turns.take().await;
        let ours = self.live().map(|live| User::SignedIn(live.session));
        // Nobody is signed in afterwards, also when another tab has just signed somebody in.
        let signed_out = |theirs: Option<&User>| {
            if let Some(User::SignedIn(session)) = theirs.or(ours.as_ref()) {
                if end.spares(session) {
                    return None;
                }
                self.note_ended(session.id);
                // What another tab has begun meanwhile, a global sign-out has not ended.
                let is_meant = meant == Some(session.id);
                let revokes = if is_meant { end.revokes } else { end.revokes_others };
                if revokes {
                    self.remember_revocation(session);
                }
            }
            Some(User::SignedOut(end.reason))
        };
        let view = self.0.store.view();
        let identity = self.0.identity.take();
        let mut written = self.put_over(&turn, &signed_out).await;
        if written.is_err() && ours.is_none() {
            // There may be a session that this tab has never seen. It is not to come back once it can be read.
            let ended_at = self.next_generation(0);
            self.0.store.ended_unread.set(Some((ended_at, end.revokes)));
        }
        if written == Ok(false) {
            // What was read for the write is to be taken over, and not for this tab's own.
            self.0.store.restore_view(view);
            self.0.identity.replace(identity);
            self.sync(&turn).await;
            return Ok(None);
        }
        if self.return_to_shared().await && end.erases {
            self.end_in(&turn, self.kind()).await;
        }
        if end.erases {
            let erased = self.erase(&turn, written.is_ok()).await;
            written = written.and(erased.map(|()| true));
        }
        // What began while this one waited for the store began too early.
        self.begin_epoch();
        // In line before whatever listeners may begin, of which nothing is to be forgotten.
        let lined_up = [Aside::SignIn, Aside::SignUp].map(|aside| (aside, self.0.asides.line_up()));
        self.forget_foreign();
        self.commit(Change::SignedOut(end.reason));
        // What is half done ends nothing, so nobody waits for it with the record.
        drop((turn, ending));
        let client = self.clone();
        let forgotten = async move {
            for (aside, turn) in lined_up {
                client.forget_pending_in(turn, aside, Millis::MAX).await;
            }
        };
        // A store that has hung once is not waited for again: what is left goes on by itself.
        if written.is_ok() {
            forgotten.await;
        } else {
            self.write_end_later();
            self.spawn(forgotten);
        }
        if end.revokes_others {
            // Also when whoever called has gone.
            drop(self.revoke_in_background());
        }
        written.map(|_| None)
    }

    /// What was imported is not to be imported again.
    fn forget_foreign(&self) {
        let Ok(setup) = self.setup() else { return };
        if let (true, Some(pool)) = (setup.options.import_session, &setup.config.user_pool) {
            let get = |key: &str| self.0.env.foreign(key);
            for key in ForeignKeys::of(&pool.client_id).to_remove(get) {
                self.0.env.remove_foreign(&key);
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
pub(super) struct End {
    /// What led to it.
    pub(super) reason: Reason,
    /// This tab's session ends at the service, too.
    pub(super) revokes: bool,
    /// So does one that another tab has stored since.
    pub(super) revokes_others: bool,
    /// All that was ever stored goes with it.
    pub(super) erases: bool,
    /// Only this user's, `sub`, where an account was deleted: not that of somebody who has signed in since.
    pub(super) deleted: Option<String>,
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

/// Nobody is served from when a sign-out is called until it is stored.
struct Ending<E: Env>(Client<E>);

impl<E: Env> Ending<E> {
    fn of(client: &Client<E>) -> Self {
        client.0.ending.set(client.0.ending.get() + 1);
        Self(client.clone())
    }
}

impl<E: Env> Drop for Ending<E> {
    fn drop(&mut self) {
        self.0.0.ending.set(self.0.0.ending.get().saturating_sub(1));
    }
}
