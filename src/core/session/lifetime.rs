//! When something that expires arrived, and for how long it may be used.

use crate::core::limits::{CLOCK_TOLERANCE, RENEWAL_MARGIN};

/// Milliseconds since 1970 by the clock of this device.
pub type WallMillis = i64;

/// The life of tokens, by the clock of this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// When they arrived.
    pub received_at: WallMillis,
    /// When the first of them expires.
    pub expires_at: WallMillis,
}

impl Lifetime {
    /// Whether they may be handed out at `now`. Not when the clock shows a time before they arrived: the clock was set
    /// back, so it says nothing about their age.
    pub fn usable_at(self, now: WallMillis) -> bool {
        self.is_age_known_at(now) && now < self.usable_until()
    }

    /// Whether the service itself would still accept them at `now`. They are then handed out when they cannot be renewed.
    pub fn alive_at(self, now: WallMillis) -> bool {
        self.is_age_known_at(now) && now < self.expires_at
    }

    /// From when on they are renewed before they are handed out.
    pub fn usable_until(self) -> WallMillis {
        let life = self.expires_at.saturating_sub(self.received_at);
        self.expires_at.saturating_sub(RENEWAL_MARGIN.min(life / 2))
    }

    fn is_age_known_at(self, now: WallMillis) -> bool {
        now >= self.received_at.saturating_sub(CLOCK_TOLERANCE)
    }
}
