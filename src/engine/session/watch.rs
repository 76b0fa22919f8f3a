//! What comes from outside: the connection, the page's life, the other tabs. And what goes on by itself.

use super::engine::SessionEngine;
use super::refresh::Wish;
use super::state::Live;
use crate::core::limits::{BACKGROUND_RENEWAL, JOURNAL_DEADLINE, MAX_RECOVERY_ATTEMPTS, MIN_PAUSE, STORE_LOOKS};
use crate::engine::notices::ClientEvent;
use crate::ports::{Env, Millis, Signal};

impl<E: Env> SessionEngine<E> {
    /// Takes a signal of the outside.
    pub(in crate::engine) fn signal(&self, signal: Signal) {
        if self.runtime.known_setup().is_none() || self.runtime.is_closed() {
            return;
        }
        match signal {
            Signal::Offline => self.emit(false, Some(ClientEvent::Offline)),
            Signal::Online => {
                self.has_news();
                self.emit(false, Some(ClientEvent::Online));
                self.look_again();
            }
            // A suspended page runs nothing; what it knows is checked before it is used again.
            Signal::Suspended => self.mark_stale(),
            Signal::Resumed | Signal::Visible => {
                self.mark_stale();
                self.has_news();
                self.look_again();
            }
            Signal::Changed => self.follow(),
        }
    }

    /// After `initialize`: what an earlier page has left undone.
    pub(in crate::engine) fn go_on_after_start(&self) {
        let has_journal = self.live().is_some_and(|live| live.session.journal.is_some());
        if has_journal || self.has_revocations() || self.state.staleness.is_open() {
            self.state.refresh.is_wanted.set(has_journal);
            self.look_again();
        }
        if self.state.staleness.is_open() {
            self.look_until_read();
        }
    }

    /// Looks into a store that could not be read at the start until it can be, or for some minutes: a user who is signed in
    /// is not to be taken for signed out until the next call.
    fn look_until_read(&self) {
        let client = self.clone();
        self.runtime.spawn(async move {
            for pause in STORE_LOOKS {
                client.runtime.env().sleep(pause).await;
                client.look_if_stale().await;
                if !client.state.staleness.is_open() {
                    break;
                }
            }
        });
    }

    /// Writes a sign-out that the store has not taken, once it does: another start would find the session there.
    pub(in crate::engine) fn write_end_later(&self) {
        let client = self.clone();
        self.runtime.spawn(async move {
            for pause in STORE_LOOKS {
                client.runtime.env().sleep(pause).await;
                if !client.store.is_behind() {
                    break;
                }
                let turn = client.store.lock().await;
                client.sync(&turn).await;
            }
        });
    }

    /// Goes on with failed attempts by itself: until there are tokens, or no call has wanted any for long.
    pub(in crate::engine) fn recover_later(&self) {
        if self.state.refresh.is_recovering.replace(true) {
            return;
        }
        let client = self.clone();
        self.runtime.spawn(async move {
            for _ in 0..MAX_RECOVERY_ATTEMPTS {
                client.runtime.env().sleep(client.pause().max(MIN_PAUSE)).await;
                if !client.state.refresh.is_wanted.get() || !client.runtime.env().is_online() {
                    break;
                }
                let _ = client.join_refresh(None).await;
            }
            client.state.refresh.is_recovering.set(false);
        });
    }

    /// One tab renews the tokens some time before they expire, when the app wants that.
    pub(in crate::engine) fn plan_early_refresh(&self) {
        let is_wanted = self.runtime.setup().is_ok_and(|setup| setup.options.background_refresh);
        let Some(live) = self.live().filter(|live| is_wanted && live.session.refusal.is_none()) else {
            return;
        };
        let Some(received_at) = live.session.received_at() else {
            return;
        };
        if self.state.refresh.planned.replace(Some(received_at)) == Some(received_at) {
            return;
        }
        let usable_for = self.usable_for(&live);
        let client = self.clone();
        self.runtime.spawn(async move {
            let early = usable_for - BACKGROUND_RENEWAL.min(usable_for / 2);
            client.runtime.env().sleep(early.max(MIN_PAUSE)).await;
            let now = client.live().and_then(|live| live.session.received_at());
            if now == Some(received_at) {
                let wish = Wish {
                    since: received_at,
                    unwanted: live.session,
                };
                let _ = client.join_refresh(Some(wish)).await;
            }
        });
    }

    /// Withholds tokens until the store was looked at.
    fn mark_stale(&self) {
        self.state.staleness.raise();
        self.emit(false, None);
    }

    /// There is reason to hope: the pause after failures is over.
    fn has_news(&self) {
        self.state.refresh.news_at.set(self.runtime.env().now());
    }

    /// Looks into the store, and goes on with what waits for a connection.
    fn look_again(&self) {
        let client = self.clone();
        self.runtime.spawn(async move {
            client.look_if_stale().await;
            drop(client.revoke_in_background());
            if client.state.refresh.is_wanted.get() {
                let _ = client.join_refresh(None).await;
            }
        });
    }

    /// Another tab has written. Signals that come while this one reads are one more reading.
    fn follow(&self) {
        let watch = &self.state.watch;
        watch.follows_again.set(true);
        if watch.is_following.replace(true) {
            return;
        }
        let client = self.clone();
        self.runtime.spawn(async move {
            while client.state.watch.follows_again.replace(false) {
                client.store.settle_writes().await;
                let turn = client.store.lock().await;
                client.sync(&turn).await;
            }
            client.state.watch.is_following.set(false);
            client.watch_journal();
        });
    }

    /// If another tab has begun a refresh and never ends it, this one does.
    fn watch_journal(&self) {
        let under_way = |client: &Self| {
            let journal = client.live().and_then(|live| live.session.journal);
            journal.filter(|journal| journal.is_under_way(client.runtime.env().now(), Millis::MAX))
        };
        if under_way(self).is_none() || self.state.watch.is_watching_journal.replace(true) {
            return;
        }
        let client = self.clone();
        self.runtime.spawn(async move {
            while let Some(journal) = under_way(&client) {
                client.runtime.env().sleep(JOURNAL_DEADLINE).await;
                let turn = client.store.lock().await;
                client.sync(&turn).await;
                drop(turn);
                if under_way(&client) == Some(journal) {
                    let _ = client.join_refresh(None).await;
                    break;
                }
            }
            client.state.watch.is_watching_journal.set(false);
        });
    }

    fn pause(&self) -> Millis {
        let Some(Live { session, .. }) = self.live() else {
            return 0;
        };
        let (now, news_at) = (self.runtime.env().now(), self.state.refresh.news_at.get());
        let pause = session.journal.map_or(0, |journal| journal.pause_at(now, news_at));
        pause.max(session.renewal_pause(now))
    }
}
