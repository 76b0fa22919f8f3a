//! What comes from outside: the connection, the page's life, the other tabs. And what goes on by itself.

use super::client::Client;
use super::events::ClientEvent;
use super::refresh::Wish;
use super::session::Live;
use crate::core::limits::{BACKGROUND_RENEWAL, JOURNAL_DEADLINE, MAX_RECOVERY_ATTEMPTS, MIN_PAUSE, STORE_LOOKS};
use crate::ports::{Env, Millis, Signal};

impl<E: Env> Client<E> {
    /// Takes a signal of the outside.
    pub fn signal(&self, signal: Signal) {
        if self.0.setup.borrow().is_none() || self.is_closed() {
            return;
        }
        match signal {
            Signal::Offline => self.emit(false, Some(ClientEvent::Offline)),
            Signal::Online => {
                self.has_news();
                self.emit(false, Some(ClientEvent::Online));
                self.look_again();
            }
            // Nothing runs any more when the page is put away; what it knows then is checked before it is used.
            Signal::Suspended => drop(self.doubt()),
            Signal::Resumed | Signal::Visible => {
                self.doubt();
                self.has_news();
                self.look_again();
            }
            Signal::Changed => self.follow(),
        }
    }

    /// After `initialize`: what an earlier page has left undone.
    pub(super) fn go_on_after_start(&self) {
        let has_journal = self.live().is_some_and(|live| live.session.journal.is_some());
        if has_journal || self.has_revocations() || self.0.doubts.are_open() {
            self.0.refresh.is_wanted.set(has_journal);
            self.look_again();
        }
        if self.0.doubts.are_open() {
            self.look_until_read();
        }
    }

    /// Looks into a store that could not be read at the start until it can be, or for some minutes: a user who is signed in
    /// is not to be taken for signed out until the next call.
    fn look_until_read(&self) {
        let client = self.clone();
        self.spawn(async move {
            for pause in STORE_LOOKS {
                client.0.env.sleep(pause).await;
                client.settle_doubt().await;
                if !client.0.doubts.are_open() {
                    break;
                }
            }
        });
    }

    /// Writes a sign-out that the store has not taken, once it does: another start would find the session there.
    pub(super) fn write_end_later(&self) {
        let client = self.clone();
        self.spawn(async move {
            for pause in STORE_LOOKS {
                client.0.env.sleep(pause).await;
                if !client.0.store.is_behind() {
                    break;
                }
                let turn = client.0.turns.take().await;
                client.sync(&turn).await;
            }
        });
    }

    /// Goes on with failed attempts by itself: until there are tokens, or nobody has wanted any for long.
    pub(super) fn recover_later(&self) {
        if self.0.refresh.is_recovering.replace(true) {
            return;
        }
        let client = self.clone();
        self.spawn(async move {
            for _ in 0..MAX_RECOVERY_ATTEMPTS {
                client.0.env.sleep(client.pause().max(MIN_PAUSE)).await;
                if !client.0.refresh.is_wanted.get() || !client.0.env.is_online() {
                    break;
                }
                let _ = client.join_refresh(None).await;
            }
            client.0.refresh.is_recovering.set(false);
        });
    }

    /// One tab renews the tokens some time before they expire, when the app wants that.
    pub(super) fn plan_early_refresh(&self) {
        let is_wanted = self.setup().is_ok_and(|setup| setup.options.background_refresh);
        let Some(live) = self.live().filter(|live| is_wanted && live.session.refusal.is_none()) else {
            return;
        };
        let Some(received_at) = live.session.received_at() else {
            return;
        };
        if self.0.refresh.planned.replace(Some(received_at)) == Some(received_at) {
            return;
        }
        let usable_for = self.usable_for(&live);
        let client = self.clone();
        self.spawn(async move {
            let early = usable_for - BACKGROUND_RENEWAL.min(usable_for / 2);
            client.0.env.sleep(early.max(MIN_PAUSE)).await;
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

    /// Keeps tokens back until the store was looked at.
    pub(super) fn doubt(&self) -> u32 {
        let doubt = self.0.doubts.raise();
        self.emit(false, None);
        doubt
    }

    /// There is reason to hope: the pause after failures is over.
    fn has_news(&self) {
        self.0.refresh.news_at.set(self.0.env.now());
    }

    /// Looks into the store, and goes on with what waits for a connection.
    fn look_again(&self) {
        let client = self.clone();
        self.spawn(async move {
            client.settle_doubt().await;
            drop(client.revoke_in_background());
            if client.0.refresh.is_wanted.get() {
                let _ = client.join_refresh(None).await;
            }
        });
    }

    /// Another tab has written. Signals that come while this one reads are one more reading.
    fn follow(&self) {
        let watch = &self.0.watch;
        watch.follows_again.set(true);
        if watch.is_following.replace(true) {
            return;
        }
        let client = self.clone();
        self.spawn(async move {
            while client.0.watch.follows_again.replace(false) {
                client.settle_writes().await;
                let turn = client.0.turns.take().await;
                client.sync(&turn).await;
            }
            client.0.watch.is_following.set(false);
            client.watch_journal();
        });
    }

    /// If another tab has begun a refresh and never ends it, this one does.
    fn watch_journal(&self) {
        let under_way = |client: &Self| {
            let journal = client.live().and_then(|live| live.session.journal);
            journal.filter(|journal| journal.is_under_way(client.0.env.now(), Millis::MAX))
        };
        if under_way(self).is_none() || self.0.watch.is_watching_journal.replace(true) {
            return;
        }
        let client = self.clone();
        self.spawn(async move {
            while let Some(journal) = under_way(&client) {
                client.0.env.sleep(JOURNAL_DEADLINE).await;
                let turn = client.0.turns.take().await;
                client.sync(&turn).await;
                drop(turn);
                if under_way(&client) == Some(journal) {
                    let _ = client.join_refresh(None).await;
                    break;
                }
            }
            client.0.watch.is_watching_journal.set(false);
        });
    }

    fn pause(&self) -> Millis {
        let Some(Live { session, .. }) = self.live() else {
            return 0;
        };
        let (now, news_at) = (self.0.env.now(), self.0.refresh.news_at.get());
        let pause = session.journal.map_or(0, |journal| journal.pause_at(now, news_at));
        pause.max(session.renewal_pause(now))
    }
}
