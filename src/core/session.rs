//! A user's session, and the reasons and plans that go with it.

use super::names::Username;
use super::tokens::{Tokens, WallMillis};
use super::user_state::Reason;
use crate::core::limits::{CLOCK_RESOLUTION, MAX_PAUSE, MAX_RENEWALS, MAX_RETRY_AFTER, RENEWAL_SPACING};

/// A user's session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Which session: drawn at its sign-in. Another sign-in begins another, also of the same user.
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
    /// Until when the renewals that were sent have used up the time they are allowed, each [`RENEWAL_SPACING`]; see
    /// [`renewal_pause`](Self::renewal_pause).
    pub booked_until: WallMillis,
}

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
            booked_until: 0,
        })
    }

    /// The name by which people know the user: where the pool made up the user name, the address that stands for it.
    pub fn familiar_name(&self) -> String {
        let username = self.username.as_str();
        let address = self.tokens.as_ref().filter(|_| username == self.user_sub);
        address.and_then(Tokens::address).unwrap_or_else(|| username.into())
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

    /// For how long the tokens are not to be renewed because they were renewed too often, whatever they and the clocks
    /// say. Each renewal is good for a minute, and up to sixty may be taken in advance. A clock that was set forward finds
    /// none booked, one that was set back half of them.
    pub fn renewal_pause(&self, now: WallMillis) -> i64 {
        let ahead = self.booked_ahead(now);
        ahead.saturating_sub((MAX_RENEWALS - 1) * RENEWAL_SPACING).max(0)
    }

    /// [`booked_until`](Self::booked_until) after one more renewal, sent at `now`.
    pub fn booked(&self, now: WallMillis) -> WallMillis {
        now.saturating_add(self.booked_ahead(now))
            .saturating_add(RENEWAL_SPACING)
    }

    fn booked_ahead(&self, now: WallMillis) -> i64 {
        let ahead = self.booked_until.saturating_sub(now).max(0);
        // So much cannot be booked, but for what a clock is corrected by all the time.
        let was_set_back = ahead > (MAX_RENEWALS + 1) * RENEWAL_SPACING;
        if was_set_back {
            MAX_RENEWALS / 2 * RENEWAL_SPACING
        } else {
            ahead
        }
    }

    /// The same session after the service refused to renew its tokens. They stay only while they are alive, which is not
    /// for the wall clock alone to say: it may have been set back, and then dead tokens would come and go between tabs.
    #[must_use]
    pub fn refused(&self, reason: Reason, are_alive: bool) -> Self {
        Self {
            tokens: self.tokens.clone().filter(|_| are_alive),
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
            sent_at: now,
            failures: 0,
            failed_at: 0,
            not_before: 0,
            asked_until: 0,
        }
    }

    /// The journal with one more attempt, sent at `now`. A failure that lies in the future was noted before the clock was
    /// set back, or by nobody; taken at its word it would end all pauses until the clock gets there.
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

    /// For how long nobody is to try again. News that came after the last failure, of a connection or of a user who is
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

    fn session() -> Session {
        Session {
            id: 1,
            username: Username::new("alice"),
            user_sub: "s".into(),
            device_key: None,
            tokens: None,
            refusal: None,
            journal: None,
            booked_until: 0,
        }
    }

    /// How many renewals are sent within this time, by whom asks every 100 ms.
    fn renewals(session: &mut Session, from: WallMillis, time: i64) -> i64 {
        let mut sent = 0;
        for now in (from..from + time).step_by(100) {
            if session.renewal_pause(now) == 0 {
                session.booked_until = session.booked(now);
                sent += 1;
            }
        }
        sent
    }

    #[test]
    fn renewals_are_sixty_in_a_row_and_then_one_a_minute() {
        let mut session = session();
        assert_eq!(renewals(&mut session, 1_000_000, 10_000), MAX_RENEWALS);
        assert_eq!(renewals(&mut session, 1_010_000, 3_590_000), 59);
        // After a quiet hour there are as many again.
        assert_eq!(renewals(&mut session, 9_000_000, 10_000), MAX_RENEWALS);
    }

    #[test]
    fn a_clock_that_is_set_back_is_worth_thirty_renewals_and_one_that_is_corrected_none() {
        let mut session = session();
        renewals(&mut session, 100_000_000, 10_000);
        assert_eq!(renewals(&mut session, 99_970_000, 10_000), 0);
        assert_eq!(renewals(&mut session, 10_000_000, 50_000), 30);
        let pause = session.renewal_pause(10_050_000);
        assert!((1..=RENEWAL_SPACING).contains(&pause), "{pause}");
    }

    #[test]
    fn renewals_at_the_edge_of_numbers_do_not_overflow() {
        for now in [i64::MIN, 0, i64::MAX] {
            for booked_until in [i64::MIN, 0, i64::MAX] {
                let session = Session {
                    booked_until,
                    ..session()
                };
                assert!((0..=2 * RENEWAL_SPACING).contains(&session.renewal_pause(now)));
                let _ = session.booked(now);
            }
        }
    }

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
