//! Renewing tokens: one refresh for all callers of a tab, and one tab at a time.
//!
//! Under the lock the store is read again, for another tab may have renewed the tokens meanwhile. Before the request
//! goes out the journal is stored with the session: if this tab is closed, or the response is lost, the next attempt knows that
//! the refresh token may be used up already, and that it is urgent.

use std::rc::Rc;

use super::engine::SessionEngine;
use crate::core::api::user_pool::{self, AuthAnswer, Service};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::flow::sign_in::is_unknown_device;
use crate::core::limits::{
    JOURNAL_DEADLINE, JOURNAL_POLL, LOCK_DEADLINE, MAX_REFRESH_WRITE_ATTEMPTS, MAX_REFRESHES_PUT_OFF, REFRESH_DEADLINE,
};
use crate::core::record::User;
use crate::core::secret::RefreshToken;
use crate::core::session::decide::{not_signed_in, superseded};
use crate::core::session::{Journal, Session, Tokens};
use crate::core::spent::Spent;
use crate::engine::runtime::{Attempt, Reply, Task};
use crate::engine::store::Beside;
use crate::ports::{Env, Millis, StorageKind};

/// What a refresh comes to: the session with its tokens.
pub(super) type Refreshed = Result<Option<Rc<Session>>, AuthError>;

impl<E: Env> SessionEngine<E> {
    /// The refresh in flight, or a new one. With `wish` only tokens that are fresh enough do; without it, all that may be
    /// handed out.
    pub(in crate::engine) fn join_refresh(&self, wish: Option<Wish>) -> Task<Option<Rc<Session>>> {
        self.state.refresh.flight.join(|| {
            let client = self.clone();
            let attempt = self.runtime.attempt();
            self.runtime.share(async move {
                let result = client.refresh(&attempt, wish).await;
                // One that was superseded is not in flight any more; another may be.
                if !attempt.is_superseded() {
                    client.state.refresh.flight.end();
                }
                result
            })
        })
    }

    async fn refresh(&self, attempt: &Attempt, wish: Option<Wish>) -> Refreshed {
        let pool = self.runtime.user_pool()?;
        let key = self.runtime.storage_key().unwrap_or_default();
        if !self.runtime.env().is_online() {
            self.state.refresh.is_wanted.set(true);
            return Err(AuthError::new(
                Code::Network,
                "There is no connection. The user stays signed in; try again when there is one.",
            ));
        }
        let lock = self.lock(&format!("{key}/refresh")).await;
        self.store.settle_writes().await;
        let mut patience = if lock.is_some() { 0 } else { JOURNAL_DEADLINE };
        let (session, old) = loop {
            match self.begin_refresh(attempt, &wish, patience).await? {
                Begun::Sent(session, old) => break (session, old),
                Begun::NotNeeded(session) => return Ok(Some(session)),
                Begun::Spent(old) => {
                    let turn = self.store.lock().await;
                    return self.give_up(&turn, attempt, &old, spent_by_another_tab()).await;
                }
                Begun::Busy => {
                    self.runtime.env().sleep(JOURNAL_POLL).await;
                    patience -= JOURNAL_POLL;
                }
            }
        };
        let response = self.ask_for_tokens(&pool, &session, &old);
        let response = self.runtime.within(REFRESH_DEADLINE, "The refresh", response).await;
        let Ok(turn) = attempt.run(self.store.lock()).await else {
            let late = response
                .ok()
                .map(|(tokens, device_key)| session.renewed(tokens, device_key));
            return Err(self.drop_late(late.as_ref()));
        };
        if let Some(theirs) = self.live().filter(|live| has_other_tokens(&live.session, &old)) {
            // Another tab had a newer response. Ours is not revoked: the two are of one family.
            return Ok(Some(theirs.session));
        }
        match response {
            Ok((tokens, device_key)) => {
                let known = self.this_device_key();
                // The device may have been forgotten here meanwhile.
                let device_key = device_key.filter(|key| known.as_ref() == Some(key));
                self.keep(&turn, attempt, &old, session.renewed(tokens, device_key))
                    .await
            }
            Err(error) if refresh::is_definite_refusal(&error) => self.give_up(&turn, attempt, &old, error).await,
            Err(error) => Err(self.postpone(&turn, attempt, session, error).await),
        }
    }

    /// The lock, or `None` when it was not to be had: also from a browser that does not keep to the patience.
    async fn lock(&self, name: &str) -> Option<E::Guard> {
        let lock = async { Ok(self.runtime.env().lock(name, LOCK_DEADLINE).await) };
        let locked = self.runtime.within(LOCK_DEADLINE + 1000, "The lock", lock).await;
        locked.ok().flatten()
    }

    /// Decides under the lock whether anything is to be sent, and writes the journal.
    async fn begin_refresh(
        &self,
        attempt: &Attempt,
        wish: &Option<Wish>,
        patience: Millis,
    ) -> Result<Begun, AuthError> {
        let turn = self.store.lock().await;
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            let is_read = attempt.run(self.sync(&turn)).await?;
            let live = self.live().ok_or_else(superseded)?;
            let session = &live.session;
            let (Some(tokens), None) = (session.pool_tokens(), session.refusal) else {
                return Err(not_signed_in("The service has refused to renew this session's tokens."));
            };
            let is_fresh = wish.as_ref().is_none_or(|wish| wish.is_met_by(tokens));
            // A refresh without an end is repeated while the service still accepts its token.
            if is_fresh && session.journal.is_none() && self.usable_for(&live) > 0 {
                return Ok(Begun::NotNeeded(live.session));
            }
            let now = self.runtime.env().now();
            let journal = session.journal.unwrap_or_else(|| Journal::begun(now));
            // Without the lock, another tab's attempt is left its time all the same.
            if patience > 0 && session.journal.is_some() && journal.is_under_way(now, JOURNAL_DEADLINE) {
                return Ok(Begun::Busy);
            }
            if journal.pause_at(now, self.state.refresh.news_at.get()) > 0 {
                return Err(self.put_off(None));
            }
            if self.is_spent(&tokens.refresh).await {
                return Ok(Begun::Spent(tokens.clone()));
            }
            let pause = session.renewal_pause(now);
            if pause > 0 {
                return Err(self.put_off(Some(self.too_many_renewals(session, pause))));
            }
            let noted = Rc::new(Session {
                journal: Some(journal.sent(now)),
                booked_until: session.booked(now),
                ..(**session).clone()
            });
            let old = tokens.clone();
            let written = self.write(&turn, User::SignedIn(Rc::clone(&noted))).await;
            if let (Err(error), false) = (&written, is_read)
                && self.state.refresh.blind.replace(self.state.refresh.blind.get() + 1) < MAX_REFRESHES_PUT_OFF
            {
                // Nothing is known of other tabs, and they may have used this refresh token up.
                let mut error = error.clone();
                error.retryable = true;
                return Err(self.put_off(Some(error)));
            }
            // What cannot be stored is done all the same: tokens are worth more than the journal.
            if written != Ok(false) {
                if is_read {
                    self.state.refresh.blind.set(0);
                }
                if attempt.is_superseded() {
                    return Err(superseded());
                }
                self.replace_session(Rc::clone(&noted));
                return Ok(Begun::Sent(noted, old));
            }
        }
        Err(superseded())
    }

    /// Whether another tab has used this token up. Only a tab with a store of its own does not see that in its record: the
    /// browser gives a tab that it duplicates, or that another opens, a copy of sessionStorage.
    async fn is_spent(&self, token: &RefreshToken) -> bool {
        if self.store.kind() != StorageKind::SessionStorage {
            return false;
        }
        let stored = self
            .store
            .read_beside_in(StorageKind::LocalStorage, Beside::Spent)
            .await;
        stored.is_some_and(|text| Spent::decode(&text).has(token))
    }

    /// New tokens, and the key of the device that they are bound to. One that the service has forgotten is forgotten
    /// here, too, and the session goes on without.
    async fn ask_for_tokens(
        &self,
        pool: &UserPoolConfig,
        session: &Session,
        tokens: &Tokens,
    ) -> Result<(Tokens, Option<String>), AuthError> {
        let mut device_key = session.device_key().map(String::from);
        let reply = match self.ask_with_device(pool, session, tokens, device_key.as_deref()).await {
            Err(error) if device_key.is_some() && is_unknown_device(&error) => {
                device_key
                    .take()
                    .into_iter()
                    .for_each(|key| self.drop_device_in_background(key));
                self.ask_with_device(pool, session, tokens, None).await?
            }
            reply => reply?,
        };
        match user_pool::parse_auth(&reply.document)? {
            AuthAnswer::Tokens(result) => Ok((self.receive(result, reply.age, Some(session), None)?, device_key)),
            AuthAnswer::Challenge(_) => Err(AuthError::new(
                Code::Unknown,
                "The service responded to a refresh with a challenge.",
            )),
        }
    }

    async fn ask_with_device(
        &self,
        pool: &UserPoolConfig,
        session: &Session,
        tokens: &Tokens,
        device_key: Option<&str>,
    ) -> Result<Reply, AuthError> {
        let request = user_pool::get_tokens_from_refresh_token(pool, &tokens.refresh, device_key);
        match self.runtime.ask(request).await {
            Err(error) if refresh::must_use_refresh_token_auth(&error) => {
                let Some(login) = session.pool_login() else {
                    return Err(error);
                };
                let context = self.runtime.context_data(pool, &login.username);
                let service = Service {
                    pool,
                    context_data: context.as_deref(),
                };
                let request = user_pool::refresh_token_auth(service, &login.username, &tokens.refresh, device_key);
                self.runtime.ask(request).await
            }
            reply => reply,
        }
    }
}

/// What a caller wants that does not want the present tokens.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Wish {
    /// Since when tokens are fresh enough.
    pub(in crate::engine) since: Millis,
    /// The session whose tokens are not wanted, however fresh.
    pub(in crate::engine) unwanted: Rc<Session>,
}

impl Wish {
    fn is_met_by(&self, tokens: &Tokens) -> bool {
        let unwanted = self.unwanted.access_token();
        let is_other = unwanted.is_none_or(|unwanted| unwanted.reveal() != tokens.access.reveal());
        is_other && tokens.life.received_at >= self.since
    }
}

/// What becomes of a refresh under the lock.
enum Begun {
    /// The journal is written; these tokens are to be renewed.
    Sent(Rc<Session>, Tokens),
    /// Another tab has done it, or an earlier call.
    NotNeeded(Rc<Session>),
    /// Another tab is doing it, as far as can be seen without the lock.
    Busy,
    /// A tab that this one is a copy of has used the refresh token up.
    Spent(Tokens),
}

fn spent_by_another_tab() -> AuthError {
    not_signed_in(
        "This tab is a copy of another, which has renewed the session's tokens since. The user must sign in again in this \
         one.",
    )
}

/// Whether the session has been renewed since it had these tokens.
pub(super) fn has_other_tokens(session: &Session, old: &Tokens) -> bool {
    session.pool_tokens().is_some_and(|tokens| {
        tokens.life.received_at != old.life.received_at || tokens.refresh.reveal() != old.refresh.reveal()
    })
}
