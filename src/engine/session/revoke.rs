//! Ending sessions at the service that have ended here, now or when there is a connection.

use super::engine::SessionEngine;
use super::state::PendingRevocation;
use crate::core::api::user_pool;
use crate::core::config::UserPoolConfig;
use crate::core::flow::refresh;
use crate::core::limits::MAX_REVOCATIONS;
use crate::core::record::{Revocation, User};
use crate::core::secret::RefreshToken;
use crate::core::session::Session;
use crate::engine::runtime::Task;
use crate::ports::{Env, StorageKind};

impl<E: Env> SessionEngine<E> {
    /// Remembers to revoke the session's tokens, and tries in the background.
    pub(in crate::engine) fn revoke_later(&self, session: &Session) {
        self.remember_revocation(session);
        drop(self.revoke_in_background());
    }

    pub(in crate::engine) fn remember_revocation(&self, session: &Session) {
        self.remember_revocations(self.revocation_of(session).into_iter().collect(), true);
    }

    /// What revokes a session that the configured user pool can revoke.
    fn revocation_of(&self, session: &Session) -> Option<Revocation> {
        self.revocation(session.revocable_token()?.clone())
    }

    /// What revokes a refresh token of the configured user pool.
    pub(in crate::engine) fn revocation(&self, token: RefreshToken) -> Option<Revocation> {
        let endpoint = self.runtime.user_pool().ok()?.endpoint.url().to_owned();
        Some(Revocation { endpoint, token })
    }

    /// Has the next write list this user's session among those to be revoked. Only once the write is made it is one.
    pub(in crate::engine) fn replace_soon(&self, user: Option<&User>) {
        let session = user.and_then(|user| match user {
            User::SignedIn(session) => Some(session),
            User::SignedOut(_) => None,
        });
        let revocation = session.and_then(|session| self.revocation_of(session));
        self.state.replacing.replace(revocation);
    }

    pub(in crate::engine) fn remember_revocations(&self, revocations: Vec<Revocation>, is_ours: bool) {
        let mut known = self.state.revocations.borrow_mut();
        for revocation in revocations {
            if let Some(other) = known.iter_mut().find(|other| other.is_of(&revocation.token)) {
                other.is_ours |= is_ours;
            } else {
                if known.len() >= MAX_REVOCATIONS {
                    known.remove(0);
                }
                known.push(PendingRevocation { revocation, is_ours });
            }
        }
    }

    /// Takes over the list of a record: what was in an earlier one and is missing there, another tab has revoked.
    pub(in crate::engine) fn replace_revocations(&self, revocations: Vec<Revocation>) {
        self.state
            .revocations
            .borrow_mut()
            .retain(|known| known.is_ours || revocations.iter().any(|revocation| known.is_of(&revocation.token)));
        self.remember_revocations(revocations, false);
    }

    pub(in crate::engine) fn has_revocations(&self) -> bool {
        !self.state.revocations.borrow().is_empty()
    }

    /// Revokes what is to be revoked, whether or not a call waits for it.
    pub(in crate::engine) fn revoke_in_background(&self) -> Task<()> {
        self.state.revoking.join(|| {
            let client = self.clone();
            self.runtime.share(async move {
                client.revoke_remembered().await;
                Ok(())
            })
        })
    }

    /// Waits until what is to be revoked was tried.
    pub(in crate::engine) async fn finish_revocations(&self) {
        if self.has_revocations() {
            let _ = self.revoke_in_background().await;
        }
    }

    /// Revokes one after the other, until the service cannot be asked. Only one that the service has revoked, or says to
    /// be worth nothing, is forgotten. Another that it refuses is kept for later, and does not hold up the next.
    async fn revoke_remembered(&self) {
        let Ok(pool) = self.runtime.user_pool() else { return };
        let mut is_shorter = false;
        let mut kept: Vec<RefreshToken> = Vec::new();
        while let Some(token) = self
            .next_revocation(&pool, &kept)
            .filter(|_| self.runtime.env().is_online())
        {
            match self.runtime.ask(user_pool::revoke_token(&pool, &token)).await {
                Err(error) if error.retryable => break,
                Err(error) if !refresh::is_over_for_good(&error) => kept.push(token),
                _ => {
                    is_shorter = true;
                    let mut known = self.state.revocations.borrow_mut();
                    known.retain(|other| !other.is_of(&token));
                }
            }
        }
        self.state.revoking.end();
        // A store that did not take the newest record takes this list with the next.
        let may_be_stored = self.store.kind() == StorageKind::IndexedDb && !self.store.is_behind();
        if is_shorter && may_be_stored {
            self.forget_revoked().await;
        }
    }

    /// The next one that this pool's endpoint has issued, and is not kept for later.
    fn next_revocation(&self, pool: &UserPoolConfig, kept: &[RefreshToken]) -> Option<RefreshToken> {
        let known = self.state.revocations.borrow();
        let mut due = known
            .iter()
            .filter(|known| known.revocation.endpoint == pool.endpoint.url())
            .filter(|known| !kept.iter().any(|kept| known.is_of(kept)));
        due.next().map(|known| known.revocation.token.clone())
    }

    /// What may be stored: the refresh token of a user who has signed out lies in no store that scripts can read.
    pub(in crate::engine) fn storable_revocations(&self) -> Vec<Revocation> {
        if self.store.kind() == StorageKind::IndexedDb {
            let known = self.state.revocations.borrow();
            let known = known.iter().map(|known| known.revocation.clone());
            known.chain(self.state.replacing.borrow().clone()).collect()
        } else {
            Vec::new()
        }
    }

    async fn forget_revoked(&self) {
        let turn = self.store.lock().await;
        if !self.sync(&turn).await || !self.store.is_readable() {
            return;
        }
        let user = match self.live() {
            Some(live) => User::SignedIn(live.session),
            None => User::SignedOut(self.store.signed_out()),
        };
        let write = self.store.begin_write();
        // If it fails, the list only stays longer than it need be.
        if self.write(&turn, user).await.is_ok() {
            write.keep();
        }
    }
}

impl PendingRevocation {
    fn is_of(&self, token: &RefreshToken) -> bool {
        self.revocation.token.reveal() == token.reveal()
    }
}
