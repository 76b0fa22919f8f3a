//! The journal of a refresh: what is stored of one that was sent and whose response is not stored yet.

use super::lifetime::WallMillis;
use crate::core::limits::{CLOCK_RESOLUTION, MAX_PAUSE, MAX_RETRY_AFTER};

/// A refresh that was sent and whose answer is not stored. It may have used the refresh token up: the service answers
/// another attempt with the same token for a grace period, and then no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Journal {
    /// When the first attempt was sent.
    pub since: WallMillis,
    /// When the last one was.
    pub sent_at: WallMillis,
    /// How many attempts have failed.
    pub failures: u32,
    /// When the last of them did.
    pub failed_at: WallMillis,
    /// Before when no tab is to try again, unless there is news about the connection.
    pub not_before: WallMillis,
    /// Before when the service does not want to be asked, whatever the news (`Retry-After`).
    pub asked_until: WallMillis,
}

impl Journal {
    /// A first attempt that is sent at `now`.
    pub fn begun(now: WallMillis) -> Self {
        Self {
            since: now,
            sent_at: now,
            failures: 0,
            failed_at: 0,
            not_before: 0,
            asked_until: 0,
        }
    }

    /// The journal with one more attempt, sent at `now`. A failure that lies in the future was noted before the clock was
    /// set back, or is damage; taken at its word it would end all pauses until the clock gets there.
    #[must_use]
    pub fn sent(self, now: WallMillis) -> Self {
        let failed_at = self.failed_at.min(now);
        Self {
            // Of one millisecond, the failure came before.
            sent_at: now.max(failed_at.saturating_add(1)),
            failed_at,
            ..self
        }
    }

    /// Whether an attempt may still be answered at `now`, `patience` milliseconds being the longest that one lasts.
    pub fn is_under_way(&self, now: WallMillis, patience: i64) -> bool {
        let has_failed = self.failures > 0 && self.failed_at >= self.sent_at;
        !has_failed && (0..patience).contains(&now.saturating_sub(self.sent_at))
    }

    /// The journal after one more failure. After the first there is no pause; from then on pauses double from one second,
    /// and `jitter` (0 to 255) shortens them by up to a quarter, so that tabs and devices do not all come back at once.
    #[must_use]
    pub fn failed(self, now: WallMillis, retry_after: Option<i64>, jitter: u8) -> Self {
        let pause = match self.failures {
            0 => 0,
            failures => (500 << failures.min(10)).min(MAX_PAUSE),
        };
        let pause = pause - pause * i64::from(jitter) / 1024;
        let asked = retry_after.unwrap_or_default().clamp(0, MAX_RETRY_AFTER / 1000) * 1000;
        Self {
            failures: self.failures.saturating_add(1),
            sent_at: self.sent_at.min(now),
            failed_at: now,
            not_before: now.saturating_add(pause),
            asked_until: now.saturating_add(asked),
            ..self
        }
    }

    /// For how long no tab is to try again. News that came after the last failure, of a connection or of a user who is
    /// back, ends the pause, but not one that the service has asked for. A clock that was set ends both, for they are
    /// reckoned by it.
    pub fn pause_at(&self, now: WallMillis, news_at: WallMillis) -> i64 {
        let is_news = self.failed_at < news_at && news_at <= now;
        let until = if is_news {
            self.asked_until
        } else {
            self.not_before.max(self.asked_until)
        };
        let pause = until.saturating_sub(now).max(0);
        let is_sensible = self.failed_at <= now.saturating_add(CLOCK_RESOLUTION) && pause <= MAX_RETRY_AFTER;
        if is_sensible { pause } else { 0 }
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
        let asked = Journal::begun(0).failed(1000, Some(20), 0);
        assert_eq!(
            asked.pause_at(1000, 2000),
            20_000,
            "news does not end what the service asks for"
        );
    }

    #[test]
    fn news_and_a_clock_that_was_set_end_the_pause() {
        let journal = Journal::begun(0).failed(10_000, None, 0).failed(10_000, None, 0);
        assert_eq!(
            (journal.pause_at(10_100, 10_000), journal.pause_at(10_100, 10_001)),
            (900, 0)
        );
        assert_eq!((journal.pause_at(8_000, 0), journal.pause_at(99_000, 0)), (0, 0));
        assert_eq!(Journal::begun(0).failed(i64::MAX, None, 0).pause_at(i64::MAX, 0), 0);
    }

    #[test]
    fn a_journal_whose_times_lie_in_the_future_does_not_end_the_pauses() {
        let ahead = Journal::begun(9_000_000).failed(9_000_000, None, 0);
        let journal = ahead.sent(10_000).failed(10_100, None, 0);
        assert_eq!(journal.pause_at(10_100, 0), 1000);
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use super::*;
        use proptest::prelude::*;

        prop_compose! {
            fn journal()(times in prop::array::uniform5(any::<i64>()), failures in any::<u32>()) -> Journal {
                let [since, sent_at, failed_at, not_before, asked_until] = times;
                Journal { since, sent_at, failures, failed_at, not_before, asked_until }
            }
        }

        proptest! {
            #[test]
            fn no_stored_journal_makes_a_pause_longer_than_is_obeyed(journal in journal(), now in any::<i64>(), news in any::<i64>()) {
                prop_assert!((0..=MAX_RETRY_AFTER).contains(&journal.pause_at(now, news)));
            }

            #[test]
            fn whatever_was_stored_an_attempt_is_under_way_once_sent_and_paused_after_it_failed(
                stored in journal(), now in 0..i64::MAX / 2, jitter in any::<u8>(),
            ) {
                let sent = stored.sent(now);
                prop_assert!(sent.is_under_way(now.saturating_add(1), 12_000));
                let failed = sent.failed(now.saturating_add(1), None, jitter);
                prop_assert!(!failed.is_under_way(now.saturating_add(1), 12_000));
                prop_assert!(stored.failures == 0 || failed.pause_at(now.saturating_add(1), 0) >= 375);
            }
        }
    }
}
