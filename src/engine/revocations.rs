//! Ending sessions at the service that have ended here, now or when there is a connection.

use std::rc::Rc;

use super::calls::Task;
use super::client::Client;
use crate::core::api::user_pool;
use crate::core::flow::refresh;
use crate::core::limits::MAX_REVOCATIONS;
use crate::core::record::Content;
use crate::core::secret::RefreshToken;
use crate::core::tokens::Tokens;
use crate::ports::{Env, StorageKind};

/// A refresh token whose session has ended here and not yet at the service.
#[derive(Clone, Debug)]
pub(super) struct Revocation {
    token: RefreshToken,
    /// Whether this tab has ended the session. Then it sees to its end at the service itself, whatever becomes of the
    /// record; a token that is revoked twice does no harm.
    is_ours: bool,
}

impl<E: Env> Client<E> {
    /// Remembers to revoke the tokens, and tries in the background.
    pub(super) fn revoke_later(&self, tokens: &Tokens) {
        self.remember_revocation(tokens);
        drop(self.revoke_in_background());
    }

    pub(super) fn remember_revocation(&self, tokens: &Tokens) {
        self.remember_revocations(revocable(tokens).into_iter().collect(), true);
    }

    /// Has the next write take the content's session for one to be revoked. Only once the write is made it is one.
    pub(super) fn replace_soon(&self, content: Option<&Content>) {
        let tokens = content.and_then(|content| match content {
            Content::Session(session) => session.tokens.as_ref(),
            Content::SignedOut(_) => None,
        });
        self.0.replacing.replace(tokens.and_then(revocable));
    }

    pub(super) fn remember_revocations(&self, tokens: Vec<RefreshToken>, is_ours: bool) {
        let mut known = self.0.revocations.borrow_mut();
        for token in tokens {
            if let Some(other) = known.iter_mut().find(|other| other.token.reveal() == token.reveal()) {
                other.is_ours |= is_ours;
            } else {
                if known.len() >= MAX_REVOCATIONS {
                    known.remove(0);
                }
                known.push(Revocation { token, is_ours });
            }
        }
    }

    /// Takes over the list of a record: what was in an earlier one and is missing there, another tab has revoked.
    pub(super) fn replace_revocations(&self, tokens: Vec<RefreshToken>) {
        self.0
            .revocations
            .borrow_mut()
            .retain(|known| known.is_ours || tokens.iter().any(|token| token.reveal() == known.token.reveal()));
        self.remember_revocations(tokens, false);
    }

    pub(super) fn has_revocations(&self) -> bool {
        !self.0.revocations.borrow().is_empty()
    }

    /// Revokes what is to be revoked, whether or not anybody waits for it.
    pub(super) fn revoke_in_background(&self) -> Task {
        if let Some(task) = self.0.revoking.borrow().as_ref() {
            return task.clone();
        }
        let client = self.clone();
        let task = self.share(async move {
            client.revoke_remembered().await;
            Ok(None)
        });
        self.0.revoking.replace(Some(task.clone()));
        task
    }

    /// Revokes one after the other, until the service cannot be asked. Only one that the service has revoked, or says to
    /// be worth nothing, is forgotten. Another that it refuses is kept for later, and does not hold up the next.
    async fn revoke_remembered(&self) {
        let Ok(pool) = self.user_pool() else { return };
        let mut is_shorter = false;
        let mut kept: Vec<RefreshToken> = Vec::new();
        while let Some(token) = self.next_revocation(&kept).filter(|_| self.0.env.is_online()) {
            match self.ask(user_pool::revoke_token(&pool, &token)).await {
                Err(error) if error.retryable => break,
                Err(error) if !refresh::is_over_for_good(&error) => kept.push(token),
                _ => {
                    is_shorter = true;
                    let mut known = self.0.revocations.borrow_mut();
                    known.retain(|other| other.token.reveal() != token.reveal());
                }
            }
        }
        self.0.revoking.replace(None);
        // A store that did not take the newest record takes this list with the next.
        let may_be_stored = self.kind() == StorageKind::IndexedDb && !self.0.store.is_behind();
        if is_shorter && may_be_stored {
            self.forget_revoked().await;
        }
    }

    fn next_revocation(&self, kept: &[RefreshToken]) -> Option<RefreshToken> {
        let known = self.0.revocations.borrow();
        let is_kept = |token: &RefreshToken| kept.iter().any(|kept| kept.reveal() == token.reveal());
        let mut tokens = known.iter().map(|known| &known.token);
        tokens.find(|token| !is_kept(token)).cloned()
    }

    /// What may be stored: a refresh token of somebody who has signed out lies in no store that can be read.
    pub(super) fn storable_revocations(&self) -> Vec<RefreshToken> {
        if self.kind() == StorageKind::IndexedDb {
            let known = self.0.revocations.borrow();
            let known = known.iter().map(|known| known.token.clone());
            known.chain(self.0.replacing.borrow().clone()).collect()
        } else {
            Vec::new()
        }
    }

    async fn forget_revoked(&self) {
        let turn = self.0.turns.take().await;
        if !self.sync(&turn).await || !self.0.store.is_readable() {
            return;
        }
        let content = match self.live() {
            Some(live) => Content::Session(Rc::clone(&live.session)),
            None => Content::SignedOut(self.0.store.signed_out()),
        };
        let view = self.0.store.view();
        if self.put(&turn, content).await.is_err() {
            // The list only stays longer than it need be.
            self.0.store.restore_view(view);
        }
    }
}

fn revocable(tokens: &Tokens) -> Option<RefreshToken> {
    tokens.is_revocable().then(|| tokens.refresh.clone())
}
