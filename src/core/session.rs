//! A user's session, and the reasons and plans that go with it.

use super::names::Username;
use super::tokens::{Tokens, WallMillis};
use super::user_state::Reason;

/// A user's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which session: the generation of the record that began it. A sign-in begins another, also of the same user.
    pub id: i64,
    /// Whose session.
    pub username: Username,
    /// The user's `sub`.
    pub user_sub: String,
    /// The device that the tokens are bound to, `DEVICE_KEY`.
    pub device_key: Option<String>,
    /// `None` once they have expired and the service has refused to renew them.
    pub tokens: Option<Tokens>,
    /// Why the service refused to renew the tokens. They are served as long as they live, and not renewed again.
    pub refusal: Option<Reason>,
    /// The refresh that is under way or has failed.
    pub journal: Option<Journal>,
}

/// A refresh that was sent and whose answer is not stored. It may have used the refresh token up: the service answers
/// another attempt with the same token for a grace period, and then no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// When the first attempt was sent.
    pub since: WallMillis,
    /// How many attempts have failed.
    pub failures: u32,
    /// When the last of them did.
    pub failed_at: WallMillis,
    /// Before when no tab is to try again.
    pub not_before: WallMillis,
}

/// The longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE: i64 = 256_000;

/// The longest `Retry-After` that is obeyed, in milliseconds.
const LONGEST_OBEYED: i64 = 300_000;

impl Session {
    /// A session of tokens that have just arrived. `None` when the access token does not say whose they are.
    pub fn begun_with(tokens: Tokens, device_key: Option<String>) -> Option<Self> {
        Some(Self {
            id: 0,
            username: tokens.username()?,
            user_sub: tokens.user_sub()?,
            device_key,
            tokens: Some(tokens),
            refusal: None,
            journal: None,
        })
    }

    /// The same session with newer tokens.
    #[must_use]
    pub fn renewed(&self, tokens: Tokens) -> Self {
        Self {
            tokens: Some(tokens),
            journal: None,
            ..self.clone()
        }
    }

    /// The same session after the service refused to renew its tokens. Those that are still alive at `now` stay.
    #[must_use]
    pub fn refused(&self, reason: Reason, now: WallMillis) -> Self {
        Self {
            tokens: self.tokens.clone().filter(|tokens| tokens.alive_at(now)),
            refusal: Some(reason),
            journal: None,
            ..self.clone()
        }
    }
}

impl Journal {
    /// A first attempt that is sent at `now`.
    pub fn begun(now: WallMillis) -> Self {
        Self {
            since: now,
            failures: 0,
            failed_at: 0,
            not_before: 0,
        }
    }

    /// The journal after one more failure. After the first there is no pause; from then on pauses double from one second,
    /// and `jitter` (0 to 255) shortens them by up to a quarter, so that tabs and devices do not all come back at once.
    #[must_use]
    pub fn failed(self, now: WallMillis, retry_after: Option<i64>, jitter: u8) -> Self {
        let pause = match self.failures {
            0 => 0,
            failures => (500 << failures.min(10)).min(LONGEST_PAUSE),
        };
        let pause = pause - pause * i64::from(jitter) / 1024;
        let asked = retry_after.unwrap_or_default().clamp(0, LONGEST_OBEYED / 1000) * 1000;
        Self {
            failures: self.failures.saturating_add(1),
            failed_at: now,
            not_before: now.saturating_add(pause.max(asked)),
            ..self
        }
    }

    /// For how long nobody is to try again. News about the connection that came after the last failure ends the pause;
    /// so does a clock that was set, for the pause is reckoned by it.
    pub fn pause_at(&self, now: WallMillis, news_at: WallMillis) -> i64 {
        let pause = self.not_before.saturating_sub(now);
        let is_sensible = self.failed_at <= now && pause <= LONGEST_OBEYED;
        if is_sensible && self.failed_at >= news_at { pause.max(0) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_four_minutes_and_ten_minutes_see_a_dozen_attempts() {
        for jitter in [0, 255] {
            let mut journal = Journal::begun(0);
            let (mut now, mut attempts) = (0, 0);
            while now < 600_000 {
                attempts += 1;
                journal = journal.failed(now, None, jitter);
                now += journal.pause_at(now, 0);
            }
            assert!((11..=12).contains(&attempts), "{attempts}");
        }
    }

    #[test]
    fn a_service_that_asks_for_a_pause_gets_it_within_reason() {
        let pause = |asked| Journal::begun(0).failed(1000, Some(asked), 0).pause_at(1000, 0);
        assert_eq!((pause(20), pause(i64::MAX), pause(-5)), (20_000, 300_000, 0));
    }

    #[test]
    fn news_and_a_clock_that_was_set_end_the_pause() {
        let journal = Journal::begun(0).failed(10_000, None, 0).failed(10_000, None, 0);
        assert_eq!((journal.pause_at(10_100, 10_000), journal.pause_at(10_100, 10_001)), (900, 0));
        assert_eq!((journal.pause_at(9_000, 0), journal.pause_at(99_000, 0)), (0, 0));
        assert_eq!(Journal::begun(0).failed(i64::MAX, None, 0).pause_at(i64::MAX, 0), 0);
    }
}
