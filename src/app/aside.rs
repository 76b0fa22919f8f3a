//! What is stored beside the record, each a text of its own in the same store: the secrets of this device, a sign-in that
//! is half done, and a sign-up that is. Losing one of them ends nothing, so no failure of the store is told.
//!
//! All tabs share them. Of two half-done sign-ins the later one is stored: a page goes on with its own, which it has in
//! memory, and looks here only after a reload.

use zeroize::Zeroizing;

use super::bell::Turn;
use super::client::Client;
use crate::core::error::AuthError;
use crate::core::flow::sign_in::PendingChallenge;
use crate::ports::{Env, Millis, Stored};

/// How often a write is repeated when another tab has come first.
const ATTEMPTS: usize = 5;

/// What is there, and the number of what comes next, to the text of it.
type Change<'a> = &'a dyn Fn(Option<&str>, i64) -> Option<Zeroizing<String>>;

/// One of the texts beside the record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Aside {
    Devices,
    SignIn,
    SignUp,
}

impl Aside {
    pub(super) const ALL: [Self; 3] = [Self::Devices, Self::SignIn, Self::SignUp];

    const fn name(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::SignIn => "sign-in",
            Self::SignUp => "sign-up",
        }
    }

    /// Where it is stored, beside the record of this name.
    pub(super) fn place(self, key: &str) -> String {
        format!("{key}/{}", self.name())
    }
}

impl<E: Env> Client<E> {
    /// What is stored; `None` also where it cannot be read.
    pub(super) async fn read_aside(&self, aside: Aside) -> Option<Zeroizing<String>> {
        let place = aside.place(&self.storage_key()?);
        let _turn = self.0.asides.take().await;
        self.look_aside(&place).await.ok().flatten()?.text
    }

    /// Writes what `change` makes of what is there, under the number that it is given; `None` leaves it as it is.
    pub(super) async fn change_aside(&self, aside: Aside, change: Change<'_>) {
        self.change_in(self.0.asides.line_up(), aside, change).await;
    }

    async fn change_in(&self, turn: Turn, aside: Aside, change: Change<'_>) {
        let Some(key) = self.storage_key() else { return };
        let place = aside.place(&key);
        turn.comes().await;
        for _ in 0..ATTEMPTS {
            let Ok(stored) = self.look_aside(&place).await else {
                return;
            };
            let expected = stored.as_ref().map(|stored| stored.stamp.clone());
            let seen = expected.as_deref().and_then(|stamp| stamp.parse::<i64>().ok());
            let generation = self.next_generation(seen.unwrap_or_default());
            let found = stored.and_then(|stored| stored.text);
            let Some(text) = change(found.as_deref().map(String::as_str), generation) else {
                return;
            };
            let swap = self.0.env.swap(&place, expected.as_deref(), &text);
            if self.in_store_time(swap).await != Ok(false) {
                return;
            }
        }
    }

    /// Stores what is half done.
    pub(super) async fn keep_pending(&self, aside: Aside, pending: &PendingChallenge) {
        self.change_aside(aside, &|_, generation| Some(pending.encode(generation)))
            .await;
    }

    /// Nothing is half done any more, in any tab.
    pub(super) async fn forget_pending(&self, aside: Aside) {
        self.forget_asked_until(aside, Millis::MAX).await;
    }

    /// The same, but for what another tab has asked later.
    pub(super) async fn forget_asked_until(&self, aside: Aside, last: Millis) {
        self.forget_pending_in(self.0.asides.line_up(), aside, last).await;
    }

    /// The same, by whoever has lined up before.
    pub(super) async fn forget_pending_in(&self, turn: Turn, aside: Aside, last: Millis) {
        self.change_in(turn, aside, &|found, generation| {
            let is_meant = PendingChallenge::decode(found?)?.asked_at <= last;
            is_meant.then(|| PendingChallenge::nothing(generation))
        })
        .await;
    }

    /// The same, without anybody waiting for it.
    pub(super) fn forget_asked_in_background(&self, last: Millis) {
        let client = self.clone();
        self.spawn(async move { client.forget_asked_until(Aside::SignIn, last).await });
    }

    async fn look_aside(&self, place: &str) -> Result<Option<Stored>, AuthError> {
        self.in_store_time(self.0.env.read(place)).await
    }
}
