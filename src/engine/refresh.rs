//! Renewing tokens: one refresh for all callers of a tab, and one tab at a time.
//!
//! Under the lock the store is read again, for another tab may have renewed the tokens meanwhile. Before the request
//! goes out the journal is stored with the session: if this tab dies, or the answer is lost, the next attempt knows that
//! the refresh token may be used up already, and that it is urgent.

use std::rc::Rc;

use super::aside::Aside;
use super::bell::Turn;
use super::calls::{Outcome, Task};
use super::client::Client;
use super::events::ClientEvent;
use super::session::Live;
use crate::core::api::user_pool::{self, AuthAnswer, Service};
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::flow::refresh;
use crate::core::flow::sign_in::is_unknown_device;
use crate::core::json::Value;
use crate::core::limits::{
    JOURNAL_DEADLINE, JOURNAL_POLL, LOCAL_STORAGE_DELAY, LOCK_DEADLINE, MAX_REFRESH_WRITE_ATTEMPTS,
    MAX_REFRESHES_PUT_OFF, MAX_RENEWALS, REFRESH_DEADLINE,
};
use crate::core::record::User;
use crate::core::refusal::Exception;
use crate::core::secret::RefreshToken;
use crate::core::session::decide::{not_signed_in, superseded};
use crate::core::session::{Change, Journal, Session, Tokens};
use crate::core::spent::Spent;
use crate::core::user_state::Reason;
use crate::ports::{Env, Millis, StorageKind};

impl<E: Env> Client<E> {
    /// The refresh that is under way, or a new one. With `wish` only tokens that are fresh enough do; without it, all that
    /// may be handed out.
    pub(super) fn join_refresh(&self, wish: Option<Wish>) -> Task {
        if let Some(flight) = self.0.refresh.flight.borrow().as_ref() {
            return flight.clone();
        }
        let client = self.clone();
        let epoch = self.0.epoch.get();
        let flight = self.share(async move {
            let result = client.refresh(epoch, wish).await;
            // A flight of a later epoch has its own place here.
            if client.0.epoch.get() == epoch {
                client.0.refresh.flight.replace(None);
            }
            result
        });
        self.0.refresh.flight.replace(Some(flight.clone()));
        flight
    }

    async fn refresh(&self, epoch: u64, wish: Option<Wish>) -> Outcome {
        let pool = self.user_pool()?;
        let key = self.storage_key().unwrap_or_default();
        if !self.0.env.is_online() {
            self.0.refresh.is_wanted.set(true);
            return Err(AuthError::new(
                Code::Network,
                "There is no connection. The user stays signed in; try again when there is one.",
            ));
        }
        let lock = self.lock(&format!("{key}/refresh")).await;
        self.settle_writes().await;
        let mut patience = if lock.is_some() { 0 } else { JOURNAL_DEADLINE };
        let (session, old) = loop {
            match self.begin_refresh(epoch, &wish, patience).await? {
                Begun::Sent(session, old) => break (session, old),
                Begun::NotNeeded(session) => return Ok(Some(session)),
                Begun::Spent(old) => {
                    let turn = self.0.turns.take().await;
                    return self.give_up(&turn, epoch, &old, spent_by_another_tab()).await;
                }
                Begun::Busy => {
                    self.0.env.sleep(JOURNAL_POLL).await;
                    patience -= JOURNAL_POLL;
                }
            }
        };
        let answer = self.ask_for_tokens(&pool, &session, &old);
        let answer = self.within(REFRESH_DEADLINE, "The refresh", answer).await;
        let turn = self.0.turns.take().await;
        if self.0.epoch.get() != epoch {
            let late = answer
                .ok()
                .map(|(tokens, device_key)| session.renewed(tokens, device_key));
            return Err(self.drop_late(late.as_ref()));
        }
        if let Some(theirs) = self.live().filter(|live| has_other_tokens(&live.session, &old)) {
            // Another tab had a newer answer. Ours is not revoked: the two are of one family.
            return Ok(Some(theirs.session));
        }
        match answer {
            Ok((tokens, device_key)) => {
                let known = self.this_device_key();
                // The device may have been forgotten here meanwhile.
                let device_key = device_key.filter(|key| known.as_ref() == Some(key));
                self.keep(&turn, epoch, &old, session.renewed(tokens, device_key)).await
            }
            Err(error) if refresh::is_definite_refusal(&error) => self.give_up(&turn, epoch, &old, error).await,
            Err(error) => Err(self.postpone(&turn, epoch, session, error).await),
        }
    }

    /// Waits until a store that is not coherent shows what other tabs have written.
    pub(super) async fn settle_writes(&self) {
        if matches!(self.kind(), StorageKind::LocalStorage | StorageKind::Custom) {
            self.0.env.sleep(LOCAL_STORAGE_DELAY).await;
        }
    }

    /// The lock, or `None` when it was not to be had: also from a browser that does not keep to the patience.
    async fn lock(&self, name: &str) -> Option<E::Guard> {
        let lock = async { Ok(self.0.env.lock(name, LOCK_DEADLINE).await) };
        let locked = self.within(LOCK_DEADLINE + 1000, "The lock", lock).await;
        locked.ok().flatten()
    }

    /// Decides under the lock whether anything is to be sent, and writes the journal.
    async fn begin_refresh(&self, epoch: u64, wish: &Option<Wish>, patience: Millis) -> Result<Begun, AuthError> {
        let turn = self.0.turns.take().await;
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            let is_read = self.sync(&turn).await;
            if self.0.epoch.get() != epoch {
                return Err(superseded());
            }
            let live = self.live().ok_or_else(superseded)?;
            let session = &live.session;
            let (Some(tokens), None) = (session.pool_tokens(), session.refusal) else {
                return Err(not_signed_in("The service has refused to renew this session's tokens."));
            };
            let is_fresh = wish.as_ref().is_none_or(|wish| wish.is_met_by(tokens));
            // A refresh that nobody ended is repeated while the service still answers it.
            if is_fresh && session.journal.is_none() && self.usable_for(&live) > 0 {
                return Ok(Begun::NotNeeded(live.session));
            }
            let now = self.0.env.now();
            let journal = session.journal.unwrap_or_else(|| Journal::begun(now));
            // Without the lock, another tab's attempt is left its time all the same.
            if patience > 0 && session.journal.is_some() && journal.is_under_way(now, JOURNAL_DEADLINE) {
                return Ok(Begun::Busy);
            }
            if journal.pause_at(now, self.0.refresh.news_at.get()) > 0 {
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
            let written = self.put(&turn, User::SignedIn(Rc::clone(&noted))).await;
            if let (Err(error), false) = (&written, is_read)
                && self.0.refresh.blind.replace(self.0.refresh.blind.get() + 1) < MAX_REFRESHES_PUT_OFF
            {
                // Nothing is known of other tabs, and they may have used this refresh token up.
                let mut error = error.clone();
                error.retryable = true;
                return Err(self.put_off(Some(error)));
            }
            // What cannot be stored is done all the same: tokens are worth more than the journal.
            if written != Ok(false) {
                if is_read {
                    self.0.refresh.blind.set(0);
                }
                if self.0.epoch.get() != epoch {
                    return Err(superseded());
                }
                self.replace_session(Rc::clone(&noted));
                return Ok(Begun::Sent(noted, old));
            }
        }
        Err(superseded())
    }

    /// Stores and commits new tokens.
    async fn keep(&self, turn: &Turn, epoch: u64, old: &Tokens, renewed: Session) -> Outcome {
        let renewed = Rc::new(renewed);
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            if self.is_ended_by_reuse(&renewed) {
                return Err(self.drop_late(Some(&renewed)));
            }
            // Tokens that cannot be stored are better than none: the old refresh token may be dead by now.
            let written = self.put(turn, User::SignedIn(Rc::clone(&renewed))).await;
            if self.0.epoch.get() != epoch {
                return Err(self.drop_late(Some(&renewed)));
            }
            if written == Ok(true) {
                self.note_spent(old, &renewed).await;
            }
            if written != Ok(false) {
                let session = Rc::clone(&renewed);
                self.commit(if self.0.state.get().needs_sign_in() {
                    // Another tab was refused while this one's answer was on its way.
                    Change::SignedIn {
                        session,
                        reason: Reason::OtherTab,
                        is_renewal: true,
                    }
                } else {
                    Change::Renewed(session)
                });
                return Ok(Some(renewed));
            }
            // Another tab came first although this one had the lock: it took this one for dead.
            self.sync(turn).await;
            if self.0.epoch.get() != epoch {
                return Err(self.drop_late(Some(&renewed)));
            }
            if let Some(theirs) = self.live().filter(|live| has_other_tokens(&live.session, old)) {
                return Ok(Some(theirs.session));
            }
        }
        // Other tabs come first again and again; what they have is older.
        self.commit(Change::Renewed(Rc::clone(&renewed)));
        Ok(Some(renewed))
    }

    /// Whether another tab has revoked the family of these tokens while they were on their way.
    fn is_ended_by_reuse(&self, renewed: &Session) -> bool {
        let is_ended = |live: Live| {
            let session = live.session;
            session.id == renewed.id && session.refusal == Some(Reason::Reuse) && session.needs_sign_in()
        };
        self.live().is_some_and(is_ended) && renewed.revocable_token().is_some()
    }

    /// The service will not renew these tokens any more, unless another tab has newer ones.
    async fn give_up(&self, turn: &Turn, epoch: u64, old: &Tokens, mut error: AuthError) -> Outcome {
        let reason = if error.is_refusal(Exception::RefreshTokenReuse) {
            Reason::Reuse
        } else if error.service_exception.is_none() {
            Reason::OtherTab
        } else {
            Reason::RefreshRefused
        };
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            self.sync(turn).await;
            if self.0.epoch.get() != epoch {
                return Err(superseded());
            }
            let live = self.live().ok_or_else(superseded)?;
            if has_other_tokens(&live.session, old) {
                return Ok(Some(live.session));
            }
            // Somebody else may have the tokens that the refresh token was spent for. So all of this sign-in's tokens are
            // ended at the service, the living access token too. Not those of the user's other sign-ins (`GlobalSignOut`):
            // a lost answer leads here as well, and RFC 9700, section 4.14.2, asks for no more.
            let is_ended = reason == Reason::Reuse && live.session.revocable_token().is_some();
            if is_ended {
                self.replace_soon(Some(&User::SignedIn(Rc::clone(&live.session))));
            }
            let is_alive = !is_ended && self.alive_for(&live) > 0;
            let refused = Rc::new(live.session.refused(reason, is_alive));
            let written = self.put(turn, User::SignedIn(Rc::clone(&refused))).await;
            let ended = self.0.replacing.take();
            if written == Ok(false) {
                continue;
            }
            if ended.is_some() {
                self.remember_revocations(ended.into_iter().collect(), true);
                drop(self.revoke_in_background());
            }
            if refused.needs_sign_in() {
                self.commit(Change::Invalid(refused, Some(error.clone())));
                error.code = Code::NotSignedIn;
            } else {
                self.commit(Change::Refused(refused, error.clone()));
            }
            return Err(error);
        }
        Err(superseded())
    }

    /// The service could not be asked. Notes when to try again, for all tabs.
    async fn postpone(&self, turn: &Turn, epoch: u64, session: Rc<Session>, error: AuthError) -> AuthError {
        let mut jitter = [0];
        // Without randomness the pause is the longest.
        let _ = self.0.env.fill(&mut jitter);
        let now = self.0.env.now();
        let journal = session.journal.unwrap_or_else(|| Journal::begun(now));
        let [jitter] = jitter;
        let failed = journal.failed(now, error.retry_after, jitter);
        let noted = |session: &Session| {
            Rc::new(Session {
                journal: Some(failed),
                ..session.clone()
            })
        };
        let mut failure = noted(&session);
        for _ in 0..MAX_REFRESH_WRITE_ATTEMPTS {
            if self.put(turn, User::SignedIn(Rc::clone(&failure))).await != Ok(false) {
                self.replace_session(failure);
                break;
            }
            self.sync(turn).await;
            if self.0.epoch.get() != epoch {
                return superseded();
            }
            // What another tab has written may be about something else. Then the pause is still to be told to all.
            let is_same = |live: &Live| live.session.id == session.id && live.session.journal == session.journal;
            let Some(live) = self.live().filter(is_same) else {
                break;
            };
            failure = noted(&live.session);
        }
        self.0.refresh.last_failure.replace(Some(error.clone()));
        self.0.refresh.is_wanted.set(true);
        self.emit(false, Some(ClientEvent::TokenRefreshFailed(error.clone())));
        self.recover_later();
        error
    }

    /// More renewals than the tokens' lives explain: they live for no time, or a clock makes them look so. A page tells of
    /// it once.
    fn too_many_renewals(&self, session: &Session, pause: Millis) -> AuthError {
        let seconds = (pause + 999) / 1000;
        let mut error = AuthError::new(
            Code::LimitExceeded,
            format!(
                "This session's tokens were renewed {MAX_RENEWALS} times in a short time. They are renewed once a minute at most now; the next renewal is possible in {seconds} s. Check the token lifetimes of the app client, calls of getTokens({{ forceRefresh: true }}), and this device's clock."
            ),
        );
        error.retryable = true;
        error.retry_after = Some(seconds);
        if self.0.refresh.told_limit_of.replace(Some(session.id)) != Some(session.id) {
            self.emit(false, Some(ClientEvent::TokenRefreshFailed(error.clone())));
        }
        error
    }

    /// Not now: another tab has tried a moment ago, or is trying, or nothing can be known. Goes on by itself.
    fn put_off(&self, error: Option<AuthError>) -> AuthError {
        self.0.refresh.is_wanted.set(true);
        self.recover_later();
        let error = error.or_else(|| self.0.refresh.last_failure.borrow().clone());
        error.unwrap_or_else(|| {
            AuthError::new(
                Code::Network,
                "The service could not be asked a moment ago; another tab has tried. It is asked again soon.",
            )
        })
    }

    /// Whether another tab has used this token up. Only a tab with a store of its own does not see that in its record: the
    /// browser gives a tab that it duplicates, or that another opens, a copy of sessionStorage.
    async fn is_spent(&self, token: &RefreshToken) -> bool {
        if self.kind() != StorageKind::SessionStorage {
            return false;
        }
        let stored = self.read_aside_in(StorageKind::LocalStorage, Aside::Spent).await;
        stored.is_some_and(|text| Spent::decode(&text).has(token))
    }

    /// Lets copies of this tab know that its old refresh token is used up, where the service has given another one. After
    /// the new one was stored: until then this tab itself may have to send the old one again.
    async fn note_spent(&self, old: &Tokens, renewed: &Session) {
        let new = renewed.refresh_token().map(RefreshToken::reveal);
        if self.kind() != StorageKind::SessionStorage || new == Some(old.refresh.reveal()) {
            return;
        }
        self.change_aside_in(StorageKind::LocalStorage, Aside::Spent, &|found, generation| {
            let mut spent = found.map(Spent::decode).unwrap_or_default();
            spent.add(&old.refresh);
            Some(spent.encode(generation))
        })
        .await;
    }

    /// Tokens that nobody will use are ended at the service.
    fn drop_late(&self, late: Option<&Session>) -> AuthError {
        if let Some(late) = late {
            self.revoke_later(late);
        }
        superseded()
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
        let document = match self.ask_with_device(pool, session, tokens, device_key.as_deref()).await {
            Err(error) if device_key.is_some() && is_unknown_device(&error) => {
                device_key
                    .take()
                    .into_iter()
                    .for_each(|key| self.drop_device_in_background(key));
                self.ask_with_device(pool, session, tokens, None).await?
            }
            answer => answer?,
        };
        match user_pool::parse_auth(&document)? {
            AuthAnswer::Tokens(result) => Ok((self.receive(result, Some(session), None)?, device_key)),
            AuthAnswer::Challenge(_) => Err(AuthError::new(
                Code::Unknown,
                "The service answered a refresh with a challenge.",
            )),
        }
    }

    async fn ask_with_device(
        &self,
        pool: &UserPoolConfig,
        session: &Session,
        tokens: &Tokens,
        device_key: Option<&str>,
    ) -> Result<Value, AuthError> {
        let request = user_pool::get_tokens_from_refresh_token(pool, &tokens.refresh, device_key);
        match self.ask(request).await {
            Err(error) if refresh::must_use_refresh_token_auth(&error) => {
                let Some(login) = session.pool_login() else {
                    return Err(error);
                };
                let context = self.context_data(pool, &login.username);
                let service = Service {
                    pool,
                    context_data: context.as_deref(),
                };
                let request = user_pool::refresh_token_auth(service, &login.username, &tokens.refresh, device_key);
                self.ask(request).await
            }
            answer => answer,
        }
    }
}

/// What a caller wants who does not want the tokens there are.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// Since when tokens are fresh enough.
    pub(super) since: Millis,
    /// Whose tokens are not wanted, however fresh.
    pub(super) unwanted: Rc<Session>,
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
fn has_other_tokens(session: &Session, old: &Tokens) -> bool {
    session.pool_tokens().is_some_and(|tokens| {
        tokens.life.received_at != old.life.received_at || tokens.refresh.reveal() != old.refresh.reveal()
    })
}
