//! Ending sessions at the service that have ended here, now or when there is a connection.

use std::rc::Rc;

use super::calls::Task;
use super::client::Client;
use crate::core::api::user_pool;
use crate::core::record::Content;
use crate::core::secret::RefreshToken;
use crate::core::tokens::Tokens;
use crate::core::user_state::Reason;
use crate::ports::{Env, StorageKind};

/// More than these are not remembered.
const LONGEST_LIST: usize = 10;

impl<E: Env> Client<E> {
    /// Remembers to revoke the tokens, and tries in the background.
    pub(super) fn revoke_later(&self, tokens: &Tokens) {
        self.remember_revocation(tokens);
        drop(self.revoke_in_background());
    }

    /// Revokes what is to be revoked, whether or not anybody waits for it.
    pub(super) fn revoke_in_background(&self) -> Task {
        let client = self.clone();
        self.share(async move {
            client.revoke_remembered().await;
            Ok(None)
        })
    }

    pub(super) fn remember_revocation(&self, tokens: &Tokens) {
        if tokens.is_revocable() {
            self.remember_revocations(vec![tokens.refresh.clone()]);
        }
    }

    pub(super) fn remember_revocations(&self, tokens: Vec<RefreshToken>) {
        let mut known = self.0.revocations.borrow_mut();
        for token in tokens {
            let is_new = known.iter().all(|other| other.reveal() != token.reveal());
            if is_new && known.len() < LONGEST_LIST {
                known.push(token);
            }
        }
    }

    /// Revokes what is to be revoked, until the service cannot be asked.
    pub(super) async fn revoke_remembered(&self) {
        let Ok(pool) = self.user_pool() else { return };
        if self.0.is_revoking.replace(true) {
            return;
        }
        let mut is_shorter = false;
        loop {
            let token = self.0.revocations.borrow().first().cloned();
            let Some(token) = token.filter(|_| self.0.env.is_online()) else {
                break;
            };
            let answer = self.ask(user_pool::revoke_token(&pool, &token)).await;
            if answer.is_err_and(|error| error.retryable) {
                break;
            }
            is_shorter = true;
            self.0.revocations.borrow_mut().retain(|other| other.reveal() != token.reveal());
        }
        self.0.is_revoking.set(false);
        if is_shorter && self.0.store.kind.get() == StorageKind::IndexedDb {
            self.forget_revoked().await;
        }
    }

    /// What may be stored: a refresh token of somebody who has signed out lies in no store that can be read.
    pub(super) fn storable_revocations(&self) -> Vec<RefreshToken> {
        if self.0.store.kind.get() == StorageKind::IndexedDb {
            self.0.revocations.borrow().clone()
        } else {
            Vec::new()
        }
    }

    async fn forget_revoked(&self) {
        let turn = self.0.turns.take().await;
        self.sync(&turn).await;
        let content = match self.live() {
            Some(live) => Content::Session(Rc::clone(&live.session)),
            None => Content::SignedOut(self.0.reason.get().unwrap_or(Reason::UserAction)),
        };
        let _ = self.put(&turn, content).await;
    }
}
